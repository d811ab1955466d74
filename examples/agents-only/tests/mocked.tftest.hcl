# What the module makes of its inputs, without any cluster.
mock_provider "loki" {}

variables {
  push_url = "https://logs.example.com/loki/api/v1/push"
  cluster  = "prod"
}

run "without_a_user_nothing_signs_in" {
  assert {
    condition     = loki_log_agent.nodes.basic_auth == null && loki_log_agent.nodes.labels["cluster"] == "prod"
    error_message = "The agents sign in, or do not name their cluster."
  }
}

run "a_user_has_its_password_in_a_secret" {
  variables {
    username = "shipper"
  }

  assert {
    condition     = loki_log_agent.nodes.basic_auth.password_secret.name == "loki-password"
    error_message = "The password comes from elsewhere."
  }
}
