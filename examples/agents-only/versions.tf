terraform {
  required_version = ">= 1.6"
  required_providers {
    loki = {
      source  = "lokiops/loki"
      version = "~> 0.1"
    }
  }
}
