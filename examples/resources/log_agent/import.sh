terraform import log_agent.nodes logging/log-agent # namespace/name
