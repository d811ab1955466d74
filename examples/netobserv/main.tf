# Loki for the flows of the network observability operator: ingesters and queriers with volumes and two replicas, and a key
# of a user in a Secret that Loki's environment is made of.
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

resource "loki_bucket_storage" "flows" {
  bucket = var.bucket
}

resource "loki_stack" "flows" {
  name             = "loki"
  namespace        = var.namespace
  create_namespace = true
  mode             = "distributed"

  replicas           = 2
  replication_factor = 1
  storage = {
    s3 = {
      bucket   = loki_bucket_storage.flows.bucket
      region   = loki_bucket_storage.flows.region
      endpoint = var.aws_endpoint
      credentials = {
        access_key_id     = var.access_key.id
        secret_access_key = var.access_key.secret
        version           = var.access_key_version
      }
    }
  }
  schema    = [{ from = "2024-04-01", version = "v13" }]
  retention = "24h"

  # What the operator's own Loki allows.
  limits = {
    ingestion_rate_mb           = "4"
    ingestion_burst_size_mb     = "6"
    max_global_streams_per_user = "0"
    reject_old_samples          = "false"
    split_queries_by_interval   = "2h"
    max_entries_limit_per_query = "10000"
    query_timeout               = "1m"
  }

  persistence = { size = "10Gi" }
  components = {
    distributor     = { replicas = 2 }
    querier         = { replicas = 2, persistence = { size = "10Gi" } }
    query_frontend  = { replicas = 2 }
    query_scheduler = { replicas = 1 }
    index_gateway   = { replicas = 1 }
  }
}
