# What the module makes of its inputs, without any subscription or cluster.
mock_provider "loki" {
  # What is made up has to look real: addresses and ARNs are held to their form at plan.
  mock_resource "loki_stack" {
    defaults = { push_url = "http://loki.loki.svc.cluster.local:3100/loki/api/v1/push" }
  }
}

variables {
  cluster         = { host = "https://aks.example.com", ca_certificate = "none", token = "none" }
  storage_account = "acmeloki"
  container       = "logs"
  client_id       = "11111111-2222-3333-4444-555555555555"
}

run "loki_is_the_identity_and_has_no_key" {
  assert {
    condition     = loki_stack.main.storage.azure.client_id == var.client_id && loki_stack.main.storage.azure.credentials == null
    error_message = "Loki signs in by something else than the managed identity."
  }
}
