# Limits by tenant, refused at plan time where Loki would go on with the old ones and only log it.
locals {
  runtime = yamlencode({
    overrides = {
      payments = { ingestion_rate_mb = 20, retention_period = "90d" }
      sandbox  = { retention_period = "7d", max_streams_per_user = 500 }
    }
  })
  runtime_judgement = provider::loki::verify_runtime_config(local.runtime, "3.7.8")
}

output "runtime_config" {
  value = local.runtime
  precondition {
    condition = local.runtime_judgement.valid
    error_message = join("\n", [
      for it in local.runtime_judgement.findings : "line ${it.line}, ${it.path}: ${it.text} ${it.hint}"
    ])
  }
}
