# The module for real, in the account and the cluster of the environment, for a team named shop (TF_VAR_teams).
variables {
  force_destroy = true
  passwords     = { shop = "a-password-of-the-test" }
}

run "deployed" {
  assert {
    condition     = loki_stack.shared.status.state == "healthy"
    error_message = "Loki is ${loki_stack.shared.status.state}."
  }

  assert {
    condition     = loki_log_agent.team["shop"].status.state == "healthy"
    error_message = "The shop's agents are ${loki_log_agent.team["shop"].status.state}."
  }
}
