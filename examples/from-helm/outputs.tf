output "push_url" {
  description = "Where agents push to, inside the cluster: as before."
  value       = loki_stack.main.push_url
}
