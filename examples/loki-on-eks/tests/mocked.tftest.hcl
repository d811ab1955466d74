# What the module makes of its inputs, without any account or cluster. Needs Terraform 1.7 or OpenTofu 1.8.
mock_provider "loki" {
  mock_data "loki_health" {
    defaults = { healthy = true }
  }
}

variables {
  name        = "acme-loki"
  eks_cluster = "prod"
  environments = {
    staging    = { retention = "7d", namespaces = ["shop-staging"] }
    production = { retention = "90d", namespaces = ["shop"], size = "small" }
  }
}

run "an_environment_has_all_of_its_own" {
  assert {
    condition     = module.loki["staging"].bucket == "acme-loki-staging"
    error_message = "The bucket of staging is ${module.loki["staging"].bucket}."
  }

  assert {
    condition     = length(distinct([for environment in module.loki : environment.bucket])) == 2
    error_message = "Two environments share a bucket."
  }
}

run "environments_come_and_go_one_by_one" {
  variables {
    environments = { production = { retention = "90d", namespaces = ["shop"], size = "small" } }
  }

  assert {
    condition     = keys(module.loki) == ["production"]
    error_message = "Another environment than production is left."
  }
}
