# terraform query -generate-config-out=stacks.tf
list "loki_stack" "all" {
  provider         = loki
  include_resource = true
}
