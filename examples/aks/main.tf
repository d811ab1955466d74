# Loki on AKS with Azure Blob Storage, as a managed identity by Azure Workload Identity: no key anywhere.
#
# The storage account, the container and the identity come from the azurerm provider. What they need:
#
#   azurerm_kubernetes_cluster            oidc_issuer_enabled = true, workload_identity_enabled = true
#   azurerm_user_assigned_identity        its client_id is the variable client_id
#   azurerm_federated_identity_credential issuer  = azurerm_kubernetes_cluster.main.oidc_issuer_url
#                                         subject = "system:serviceaccount:loki:loki"
#                                         audience = ["api://AzureADTokenExchange"]
#   azurerm_role_assignment               role "Storage Blob Data Contributor" on the container, to the identity
provider "loki" {
  # azurerm_kubernetes_cluster.main.kube_config[0] has these three; exec with kubelogin works as well.
  kubernetes = {
    host                   = var.cluster.host
    cluster_ca_certificate = var.cluster.ca_certificate
    token                  = var.cluster.token
  }
}

resource "loki_stack" "main" {
  name             = "loki"
  namespace        = "loki"
  create_namespace = true
  mode             = "distributed"
  size             = var.size

  storage = {
    azure = {
      account   = var.storage_account
      container = var.container
      client_id = var.client_id
    }
  }
  schema          = [{ from = "2024-04-01", version = "v13" }]
  retention       = "30d"
  service_account = { name = "loki" }
}

resource "loki_log_agent" "nodes" {
  namespace        = "log-agents"
  create_namespace = true
  push_url         = loki_stack.main.push_url
}
