output "environments" {
  description = "By the environment's name: where to query, the bucket of the logs, and how the stack is."
  value       = module.loki
}
