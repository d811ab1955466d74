resource "loki_bucket_storage" "logs" {
  bucket = "acme-loki"

  tags = {
    team = "platform"
  }
}
