resource "loki_irsa_role" "loki" {
  name            = "acme-loki"
  eks_cluster     = "prod"
  namespace       = "loki"
  service_account = "loki"
  buckets         = [loki_bucket_storage.logs.bucket]
}

# The account's OIDC provider made where it is missing, several service accounts, a part of a bucket with a key of its own,
# and access tested at every read.
resource "loki_irsa_role" "audit" {
  name                 = "acme-loki-audit"
  path                 = "/teams/platform/"
  eks_cluster          = "prod"
  create_oidc_provider = true
  namespace            = "audit"
  service_accounts     = ["loki", "loki-ruler"]
  buckets              = [loki_bucket_storage.audit.bucket]
  prefix               = "teams/platform"
  kms_key_arns         = [loki_bucket_storage.audit.created_kms_key_arn]
  permissions_boundary = "arn:aws:iam::123456789012:policy/platform"
  verify_access        = true
}

# By EKS Pod Identity, without tokens and providers.
resource "loki_irsa_role" "dev" {
  name            = "acme-loki-dev"
  mode            = "pod_identity"
  eks_cluster     = "dev"
  namespace       = "loki"
  service_account = "loki"
  buckets         = ["acme-loki-dev"]
}
