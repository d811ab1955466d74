# Grafana Alloy on every node, which ships the logs of all pods to the stack.
resource "loki_log_agent" "nodes" {
  namespace        = "log-agents"
  create_namespace = true
  push_url         = loki_stack.main.push_url
  labels           = { cluster = "prod" }
}

# Lines of a shop through a gateway with users: levels become labels, trace ids structured metadata, probes are left out.
variable "shipper_password" {
  type      = string
  sensitive = true
  ephemeral = true
}

resource "loki_log_agent" "shop" {
  name      = "shop"
  kind      = "vector"
  namespace = "logging"
  push_url  = "https://logs.example.com/loki/api/v1/push"
  tenant_id = "shop"
  basic_auth = {
    username            = "shipper"
    password_wo         = var.shipper_password
    password_wo_version = 1
  }

  namespaces = ["shop", "cart"]
  kubernetes_labels = {
    namespace = "namespace"
    app       = "label:app.kubernetes.io/name"
    node      = "node"
  }
  structured_metadata = { pod = "pod" }

  multiline = { first_line = "^\\d{4}-\\d{2}-\\d{2}" }
  stages = [
    { json = { expressions = { level = "level", trace = "trace_id", time = "ts" } } },
    { timestamp = { source = "time", format = "RFC3339Nano" } },
    { labels = { level = "level" } },
    { structured_metadata = { trace_id = "trace" } },
    { drop = { expression = "GET /(live|ready)z" } },
  ]

  buffer            = "1Gi"
  kubernetes_events = null # vector reads none; alloy, otel_collector and fluent_bit do

  resources = {
    requests = { cpu = "100m", memory = "128Mi" }
    limits   = { memory = "512Mi" }
  }
  priority_class_name = "system-node-critical"
  update_strategy     = { max_unavailable = "10%" }
}
