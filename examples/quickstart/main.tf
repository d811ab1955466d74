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
  bucket = var.bucket
}

resource "loki_irsa_role" "loki" {
  name            = var.bucket
  eks_cluster     = var.eks_cluster
  namespace       = var.namespace
  service_account = "loki"
  buckets         = [loki_bucket_storage.logs.bucket]
}

resource "loki_stack" "main" {
  name             = "loki"
  namespace        = var.namespace
  create_namespace = true
  mode             = "monolithic"

  storage = {
    s3 = {
      bucket       = loki_bucket_storage.logs.bucket
      region       = loki_bucket_storage.logs.region
      endpoint     = var.aws_endpoint
      sts_endpoint = var.aws_endpoint
    }
  }
  schema    = [{ from = "2024-04-01", version = "v13" }]
  retention = "90d"

  service_account = {
    name     = "loki"
    role_arn = loki_irsa_role.loki.arn
  }
}
