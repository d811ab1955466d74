# One environment: bucket, role, stack, agents, and the check that each plan and each health assessment makes.
resource "loki_bucket_storage" "logs" {
  bucket        = var.name
  force_destroy = var.force_destroy
}

resource "loki_irsa_role" "loki" {
  name            = var.name
  eks_cluster     = var.eks_cluster
  namespace       = var.name
  service_account = "loki"
  buckets         = [loki_bucket_storage.logs.bucket]
}

resource "loki_stack" "main" {
  name             = "loki"
  namespace        = var.name
  create_namespace = true
  mode             = var.size == null ? "monolithic" : "distributed"
  size             = var.size

  storage = {
    s3 = {
      bucket       = loki_bucket_storage.logs.bucket
      region       = loki_bucket_storage.logs.region
      endpoint     = var.aws_endpoint
      sts_endpoint = var.aws_endpoint
    }
  }
  schema          = [{ from = "2024-04-01", version = "v13" }]
  retention       = var.retention
  service_account = { name = "loki", role_arn = loki_irsa_role.loki.arn }
  persistence     = { retain = !var.force_destroy }
}

resource "loki_log_agent" "nodes" {
  name             = "nodes"
  kind             = var.agent_kind
  namespace        = "${var.name}-agents"
  create_namespace = true
  push_url         = loki_stack.main.push_url
  namespaces       = concat(var.namespaces, [loki_stack.main.namespace]) # what Loki says of itself as well
  labels           = { cluster = var.eks_cluster }
  pod_logs_path    = var.pod_logs_path
}

check "loki" {
  data "loki_health" "main" {
    namespace  = loki_stack.main.namespace
    name       = loki_stack.main.name
    depends_on = [loki_stack.main]
  }

  assert {
    condition     = data.loki_health.main.healthy
    error_message = "Loki of ${var.name} is ${data.loki_health.main.state}: ${join("; ", data.loki_health.main.reasons)}"
  }
}
