variable "push_url" {
  type        = string
  description = "Where Loki takes logs, such as https://logs-prod-eu-west-0.grafana.net/loki/api/v1/push."
}

variable "cluster" {
  type        = string
  description = "Name of this cluster, which becomes a label of its logs."
}

variable "agent_kind" {
  type        = string
  description = "Which log agent: alloy, otel_collector, vector or fluent_bit."
  default     = "alloy"
}

variable "namespace" {
  type        = string
  description = "Namespace that is made for the agents."
  default     = "log-agents"
}

variable "tenant" {
  type        = string
  description = "Tenant, where Loki is multi-tenant and the user does not tell it."
  default     = null
}

variable "username" {
  type        = string
  description = "User at Loki's gateway; without it none."
  default     = null
}

variable "password_secret" {
  type        = string
  description = "Name of the Secret in the namespace whose key `password` has the user's password."
  default     = "loki-password"
}
