# A warning in every plan while older versions cost more than what Loki keeps.
check "loki_bucket" {
  data "loki_bucket_usage" "logs" {
    bucket = "acme-loki"
  }

  assert {
    condition     = data.loki_bucket_usage.logs.noncurrent_bytes <= data.loki_bucket_usage.logs.bytes
    error_message = "Older versions take ${data.loki_bucket_usage.logs.noncurrent_bytes} bytes: set noncurrent_expiration_days."
  }
}
