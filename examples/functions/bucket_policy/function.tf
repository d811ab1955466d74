# What Loki may do with its bucket, for a role that is made elsewhere.
output "policy" {
  value = provider::loki::bucket_policy("acme-loki", {
    kms_key_arn = "arn:aws:kms:eu-west-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab"
    tls_only    = true
  })
}
