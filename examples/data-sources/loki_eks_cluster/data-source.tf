data "loki_eks_cluster" "prod" {
  name = "prod"
}

# Pod Identity where its agent is installed, tokens elsewhere.
resource "loki_irsa_role" "loki" {
  name            = "acme-loki"
  mode            = contains(keys(data.loki_eks_cluster.prod.addons), "eks-pod-identity-agent") ? "pod_identity" : "irsa"
  eks_cluster     = data.loki_eks_cluster.prod.name
  namespace       = "logging"
  service_account = "loki"
  buckets         = ["acme-loki"]
}
