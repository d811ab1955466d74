# terraform query -generate-config-out=agents.tf
list "log_agent" "all" {
  provider         = loki
  include_resource = true
}
