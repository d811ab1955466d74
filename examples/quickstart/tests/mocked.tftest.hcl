# What the module makes of its inputs, without any account or cluster. Needs Terraform 1.7 or OpenTofu 1.8.
mock_provider "loki" {
  # What is made up has to look real: addresses and ARNs are held to their form at plan.
  mock_resource "loki_irsa_role" {
    defaults = { arn = "arn:aws:iam::123456789012:role/mocked" }
  }
}

variables {
  eks_cluster = "prod"
  bucket      = "acme-loki"
}

run "the_role_is_that_of_loki_and_its_bucket" {
  assert {
    condition     = loki_irsa_role.loki.buckets == toset(["acme-loki"]) && loki_irsa_role.loki.namespace == loki_stack.main.namespace
    error_message = "The role is not that of the stack and its bucket."
  }
}
