output "status" {
  description = "Health of the agents when they were last read, and of each node whether its lines arrive."
  value       = loki_log_agent.nodes.status
}
