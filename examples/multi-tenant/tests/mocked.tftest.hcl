# What the module makes of its inputs, without any account or cluster.
mock_provider "loki" {}

variables {
  eks_cluster = "prod"
  bucket      = "acme-loki"
  passwords   = { shop = "one-of-the-shop", billing = "one-of-billing" }
  teams = {
    shop    = { namespaces = ["shop"] }
    billing = { namespaces = ["billing"], retention = "365d" }
  }
}

run "each_team_has_its_limits_and_agents" {
  assert {
    condition     = loki_stack.shared.overrides["billing"]["retention_period"] == "365d"
    error_message = "Billing keeps its logs for ${loki_stack.shared.overrides["billing"]["retention_period"]}."
  }

  assert {
    condition     = loki_log_agent.team["shop"].namespaces == tolist(["shop"])
    error_message = "The shop's agents read other namespaces."
  }
}
