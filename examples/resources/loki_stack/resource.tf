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

# A component of Loki in pods of its own, for 500 GB a day.
resource "loki_stack" "distributed" {
  name      = "logs"
  namespace = "logs"
  mode      = "distributed"
  size      = "small"

  storage = {
    s3 = {
      bucket = loki_bucket_storage.logs.bucket
      region = loki_bucket_storage.logs.region
    }
  }
  schema = [
    { from = "2024-04-01", version = "v13" },
  ]
  retention       = "30d"
  service_account = { role_arn = loki_irsa_role.logs.arn }

  # What is said of one component goes before the size.
  components = {
    querier = {
      replicas      = 4
      node_selector = { pool = "queries" }
      tolerations   = [{ key = "pool", operator = "Equal", value = "queries", effect = "NoSchedule" }]
    }
    ingester = {
      persistence = { size = "200Gi", storage_class = "gp3" }
    }
    overrides_exporter = {}
  }
}
