# The connection of this provider's kubernetes block, for another provider: no token in state or plan.
ephemeral "loki_kubeconfig" "main" {}

provider "kubernetes" {
  host                   = ephemeral.loki_kubeconfig.main.host
  cluster_ca_certificate = ephemeral.loki_kubeconfig.main.cluster_ca_certificate
  token                  = ephemeral.loki_kubeconfig.main.token
}

# Another EKS cluster, seen through a role.
ephemeral "loki_kubeconfig" "other" {
  eks_cluster = "staging"
  region      = "eu-central-1"
  role_arn    = "arn:aws:iam::123456789012:role/deployer"
}
