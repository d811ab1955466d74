resource "loki_bucket_storage" "logs" {
  bucket = "acme-loki"

  # What Loki's retention deletes lives on as a version for this long.
  noncurrent_expiration_days = 14

  tags = {
    team = "platform"
  }
}

# A key of its own, reached through one VPC endpoint alone, locked for a week, copied elsewhere, access logged.
resource "loki_bucket_storage" "audit" {
  bucket           = "acme-loki-audit"
  create_kms_key   = true
  vpc_endpoint_ids = ["vpce-0123456789abcdef0"]
  object_lock      = { mode = "GOVERNANCE", days = 7 }
  logging          = { target_bucket = "acme-access-logs", target_prefix = "loki-audit/" }

  transitions = [
    { days = 30, storage_class = "STANDARD_IA" },
    { days = 180, storage_class = "GLACIER_IR" },
  ]

  # A net below Loki's own retention, never shorter than it.
  retention_period = "365d"
  expiration_days  = 400

  replication = {
    role_arn    = "arn:aws:iam::123456789012:role/loki-audit-replication"
    bucket_arn  = "arn:aws:s3:::acme-loki-audit-copy"
    kms_key_arn = "arn:aws:kms:eu-central-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab"
  }
}
