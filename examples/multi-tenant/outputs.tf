output "push_url" {
  description = "Where teams push logs to, with their user and password."
  value       = loki_stack.shared.push_url
}

output "query_url" {
  description = "What the Grafana data source of each team is given, with its user and password."
  value       = loki_stack.shared.query_url
}

output "status" {
  description = "Health of the stack when it was last read."
  value       = loki_stack.shared.status
}

output "agents" {
  description = "Health of each team's agents when they were last read."
  value       = { for team, agent in loki_log_agent.team : team => agent.status }
}
