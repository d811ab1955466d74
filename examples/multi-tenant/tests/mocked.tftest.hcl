# What the module makes of its inputs, without any account or cluster.
mock_provider "loki" {
  # What is made up has to look real: addresses and ARNs are held to their form at plan.
  mock_resource "loki_irsa_role" {
    defaults = { arn = "arn:aws:iam::123456789012:role/mocked" }
  }
  mock_resource "loki_stack" {
    defaults = { push_url = "http://loki.loki.svc.cluster.local:3100/loki/api/v1/push" }
  }
}

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
