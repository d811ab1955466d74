resource "loki_stack" "main" {
  name             = "loki"
  namespace        = "loki"
  create_namespace = true

  storage = {
    s3 = {
      bucket = loki_bucket_storage.logs.bucket
      region = loki_bucket_storage.logs.region
    }
  }
  schema = [
    { from = "2024-04-01", version = "v13" },
  ]
  retention = "90d"

  service_account = {
    role_arn = loki_irsa_role.loki.arn
  }

  # What no other attribute is for, merged over Loki's configuration file.
  config_overrides = {
    querier = { max_concurrent = 8 }
  }
}
