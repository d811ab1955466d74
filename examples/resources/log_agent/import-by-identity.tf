import {
  to = log_agent.nodes
  identity = {
    namespace = "logging"
    name      = "log-agent"
  }
}
