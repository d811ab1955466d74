# A warning in every plan, and in HCP Terraform's continuous validation, while Loki is ill.
check "loki" {
  data "loki_health" "main" {
    namespace = "loki"
    name      = "loki"
    deep      = true # writes one line and reads it back
  }

  assert {
    condition     = data.loki_health.main.healthy
    error_message = "Loki is ${data.loki_health.main.state}: ${join("; ", data.loki_health.main.reasons)}"
  }
}
