import {
  to = loki_log_agent.nodes
  identity = {
    namespace = "loki"
    name      = "log-agent"
  }
}
