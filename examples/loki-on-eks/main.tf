# Loki for each environment of an EKS cluster: a bucket, a role, a stack and log agents of its own, from one module.
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
    default_tags   = { managed-by = "terraform" }
  }
  kubernetes = { eks_cluster = var.eks_cluster }
}

module "loki" {
  source   = "./environment"
  for_each = var.environments

  name          = "${var.name}-${each.key}"
  eks_cluster   = var.eks_cluster
  retention     = each.value.retention
  size          = each.value.size
  namespaces    = each.value.namespaces
  agent_kind    = var.agent_kind
  pod_logs_path = var.pod_logs_path
  force_destroy = var.force_destroy
  aws_endpoint  = var.aws_endpoint
}
