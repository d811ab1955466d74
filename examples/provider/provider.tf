terraform {
  required_providers {
    loki = {
      source = "lokiops/loki"
    }
  }
}

provider "loki" {
  aws = {
    region = "eu-west-1"
  }
  kubernetes = {
    eks_cluster = "prod"
  }
}
