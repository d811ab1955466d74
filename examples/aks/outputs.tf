output "push_url" {
  description = "Where agents push logs to, inside the cluster."
  value       = loki_stack.main.push_url
}

output "status" {
  description = "Health of the stack when it was last read."
  value       = loki_stack.main.status
}
