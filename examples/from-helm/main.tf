# A monolithic release of the community Helm chart, gone on with as a stack: pods are replaced one by one, volumes and logs
# stay, and a role takes the place of the keys in the chart's values.
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

import {
  to = loki_stack.main
  id = "${var.namespace}/${var.name}"
}

resource "loki_irsa_role" "loki" {
  name            = var.bucket
  eks_cluster     = var.eks_cluster
  namespace       = var.namespace
  service_account = var.name
  buckets         = [var.bucket]
}

resource "loki_stack" "main" {
  name         = var.name
  namespace    = var.namespace
  helm_release = var.release
  storage = {
    s3 = {
      bucket       = var.bucket
      region       = var.region
      endpoint     = var.aws_endpoint
      sts_endpoint = var.aws_endpoint
    }
  }
  # As in the release's schemaConfig; the plan refuses what would hide the logs of before.
  schema          = [{ from = "2024-04-01", index_prefix = "loki_index_" }]
  service_account = { role_arn = loki_irsa_role.loki.arn }
  persistence     = { size = "1Gi" }
  caches          = { chunks = { memory = "64Mi" } }
}
