# What the module makes of its inputs, without any account or cluster.
mock_provider "loki" {
  mock_resource "loki_stack" {
    defaults = { push_url = "http://loki.netobserv.svc.cluster.local:3100/loki/api/v1/push" }
  }
}

variables {
  eks_cluster = "prod"
  bucket      = "acme-flows"
  access_key  = { id = "AKIAEXAMPLE", secret = "a-secret-of-the-test" }
}

run "the_operator_gets_the_address_that_it_wants" {
  assert {
    condition     = output.ingester_url == "http://loki.netobserv.svc.cluster.local:3100/"
    error_message = "The operator would push to ${output.ingester_url}."
  }
}
