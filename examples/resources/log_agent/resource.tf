# Terraform takes the provider's name from that of the type, so it is named here.
resource "log_agent" "nodes" {
  provider  = loki
  namespace = "logging"
  push_url  = "http://loki-gateway.loki.svc/loki/api/v1/push"
}

# To the other name of the type, and back in the same way.
moved {
  from = loki_log_agent.old
  to   = log_agent.nodes
}
