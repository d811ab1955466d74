terraform {
  required_providers {
    loki = {
      source = "lokiops/loki"
    }
  }
}

provider "loki" {
  aws = {
    region              = "eu-west-1"
    allowed_account_ids = ["123456789012"]

    # The one role that the pipeline may assume: see the guide on permissions.
    assume_role = [{ role_arn = "arn:aws:iam::123456789012:role/terraform-loki" }]

    default_tags = {
      managed-by = "terraform"
    }
  }
  kubernetes = {
    eks_cluster = "prod"
  }
}
