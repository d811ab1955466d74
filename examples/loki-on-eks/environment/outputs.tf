output "push_url" {
  description = "Where agents push logs to, inside the cluster."
  value       = loki_stack.main.push_url
}

output "query_url" {
  description = "What a Grafana data source is given, inside the cluster."
  value       = loki_stack.main.query_url
}

output "bucket" {
  description = "Name of the bucket."
  value       = loki_bucket_storage.logs.bucket
}

output "status" {
  description = "Health of the stack when it was last read."
  value       = loki_stack.main.status
}

output "agents" {
  description = "Health of the log agents when they were last read."
  value       = loki_log_agent.nodes.status
}
