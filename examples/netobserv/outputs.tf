output "ingester_url" {
  description = "For `spec.loki.manual.ingesterUrl` of the FlowCollector."
  value       = trimsuffix(loki_stack.flows.push_url, "loki/api/v1/push")
}

output "querier_url" {
  description = "For `spec.loki.manual.querierUrl` of the FlowCollector."
  value       = "${loki_stack.flows.query_url}/"
}

output "status" {
  description = "Health of the stack when it was last read."
  value       = loki_stack.flows.status
}
