# Log agents alone, for a Loki that is there already: in Grafana Cloud, in another cluster, or made by something else.
provider "loki" {
  # Without the block kubernetes: the cluster of KUBECONFIG. Without the block aws: no AWS.
}

resource "loki_log_agent" "nodes" {
  name             = "nodes"
  kind             = var.agent_kind
  namespace        = var.namespace
  create_namespace = true

  push_url  = var.push_url
  tenant_id = var.tenant
  basic_auth = var.username == null ? null : {
    username = var.username
    # A Secret that something else keeps, such as the External Secrets operator.
    password_secret = { name = var.password_secret, key = "password" }
  }
  labels = { cluster = var.cluster }

  # Kubernetes' own are of less use than their number.
  exclude_namespaces  = ["kube-node-lease"]
  kubernetes_labels   = { namespace = "namespace", container = "container", app = "label:app.kubernetes.io/name" }
  structured_metadata = { pod = "pod", node = "node" }
  stages = [
    { json = { expressions = { level = "level" } } },
    { labels = { level = "level" } },
    { drop = { expression = "GET /(live|ready)z" } },
  ]
}
