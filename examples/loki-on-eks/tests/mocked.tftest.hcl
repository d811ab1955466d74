# What the module makes of its inputs, without any account or cluster. Needs Terraform 1.7 or OpenTofu 1.8.
mock_provider "loki" {
  # What is made up has to look real: addresses and ARNs are held to their form at plan.
  mock_resource "loki_irsa_role" {
    defaults = { arn = "arn:aws:iam::123456789012:role/mocked" }
  }
  mock_resource "loki_stack" {
    defaults = { push_url = "http://loki.loki.svc.cluster.local:3100/loki/api/v1/push" }
  }

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
