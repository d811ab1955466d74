# terraform query -generate-config-out=buckets.tf
list "loki_bucket_storage" "logs" {
  provider = loki

  config {
    prefix = "acme-loki"
    tags   = { team = "platform" }
  }
}
