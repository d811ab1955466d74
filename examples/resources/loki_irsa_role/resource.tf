resource "loki_irsa_role" "loki" {
  name            = "acme-loki"
  eks_cluster     = "prod"
  namespace       = "loki"
  service_account = "loki"
  buckets         = [loki_bucket_storage.logs.bucket]
}
