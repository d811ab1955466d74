terraform import loki_log_agent.nodes loki/log-agent # namespace/name
