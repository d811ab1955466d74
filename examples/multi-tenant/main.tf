# One Loki for several teams: users of a gateway, each writing and reading as one tenant, with limits, alerts and agents of its
# own. Passwords are in neither plan nor state.
locals {
  test_endpoints = var.aws_endpoint == null ? null : {
    s3 = var.aws_endpoint, iam = var.aws_endpoint, sts = var.aws_endpoint, eks = var.aws_endpoint
  }
}

provider "loki" {
  aws = {
    region         = var.region
    endpoints      = local.test_endpoints
    use_path_style = var.aws_endpoint == null ? null : true
  }
  kubernetes = { eks_cluster = var.eks_cluster }
}

resource "loki_bucket_storage" "logs" {
  bucket        = var.bucket
  force_destroy = var.force_destroy
}

resource "loki_irsa_role" "loki" {
  name            = var.bucket
  eks_cluster     = var.eks_cluster
  namespace       = var.namespace
  service_account = "loki"
  buckets         = [loki_bucket_storage.logs.bucket]
}

resource "loki_stack" "shared" {
  name             = "loki"
  namespace        = var.namespace
  create_namespace = true
  auth_enabled     = true

  storage = {
    s3 = {
      bucket       = loki_bucket_storage.logs.bucket
      region       = loki_bucket_storage.logs.region
      endpoint     = var.aws_endpoint
      sts_endpoint = var.aws_endpoint
    }
  }
  schema          = [{ from = "2024-04-01", version = "v13" }]
  retention       = "90d"
  service_account = { name = "loki", role_arn = loki_irsa_role.loki.arn }
  persistence     = { retain = !var.force_destroy }

  gateway = {
    users         = { for team, of in var.teams : team => { tenant = team, password = var.passwords[team] } }
    users_version = var.passwords_version
  }

  # Each team's own limits, over those of all. They are changed without a restart.
  overrides = {
    for team, of in var.teams : team => {
      retention_period  = of.retention
      ingestion_rate_mb = of.ingestion_rate_mb
    }
  }
}

resource "loki_log_agent" "team" {
  for_each = var.teams

  name             = each.key
  kind             = var.agent_kind
  namespace        = "${var.namespace}-${each.key}-agents"
  create_namespace = true
  push_url         = loki_stack.shared.push_url
  namespaces       = each.value.namespaces
  pod_logs_path    = var.pod_logs_path
  basic_auth = {
    username            = each.key
    password_wo         = var.passwords[each.key]
    password_wo_version = tonumber(var.passwords_version)
  }
}
