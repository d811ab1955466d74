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

# What can be around Loki: users of a gateway, caches, a canary, rules, network policies, alerts and a dashboard.
variable "team_a_password" {
  type      = string
  sensitive = true
  ephemeral = true
}

resource "loki_stack" "shared" {
  name         = "shared"
  namespace    = "shared-logs"
  mode         = "distributed"
  size         = "small"
  auth_enabled = true

  storage         = { s3 = { bucket = loki_bucket_storage.logs.bucket, region = loki_bucket_storage.logs.region } }
  schema          = [{ from = "2024-04-01", version = "v13" }]
  service_account = { role_arn = loki_irsa_role.logs.arn }

  gateway = {
    users         = { team-a = { tenant = "team-a", password = var.team_a_password } }
    users_version = "1"
    ingress       = { host = "logs.example.com", tls_secret = "logs-tls" }
  }
  caches = { chunks = {}, results = {} }
  canary = {}
  ruler = {
    alertmanager_urls = ["http://alertmanager.monitoring:9093"]
    groups = [{
      tenant = "team-a"
      name   = "shop"
      rules = [{
        alert = "ShopErrors"
        expr  = "sum(rate({app=\"shop\"} |= \"error\" [5m])) > 1"
        for   = "10m"
      }]
    }]
  }
  network_policies = { client_namespaces = ["shop"], metrics_namespaces = ["monitoring"] }
  monitoring = {
    pod_monitor = { labels = { release = "kube-prometheus-stack" } }
    alerts      = { labels = { release = "kube-prometheus-stack" } }
    grafana     = { datasource = { tenant = "team-a" } }
  }

  components = {
    ingester = { replicas = 6, zones = ["eu-west-1a", "eu-west-1b", "eu-west-1c"] }
    querier  = { autoscaling = { min_replicas = 4, max_replicas = 20, cpu_percent = 70 } }
  }
}
