# terraform query -generate-config-out=agents.tf
list "loki_log_agent" "all" {
  provider         = loki
  include_resource = true
}
