# On demand: terraform apply -invoke action.loki_stack_test.main
action "loki_stack_test" "main" {
  config {
    namespace = loki_stack.main.namespace
    name      = loki_stack.main.name
  }
}

# Or after every change of something that Loki depends on.
resource "terraform_data" "network_policies" {
  input = filesha256("${path.module}/network-policies.yaml")

  lifecycle {
    action_trigger {
      events  = [after_create, after_update]
      actions = [action.loki_stack_test.main]
    }
  }
}
