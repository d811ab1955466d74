variable "region" {
  type        = string
  description = "AWS region of the bucket and of the EKS cluster."
  default     = "eu-west-1"
}

variable "eks_cluster" {
  type        = string
  description = "Name of the EKS cluster that Loki runs on."
}

variable "bucket" {
  type        = string
  description = "Name of the bucket; the role is named after it."
}

variable "namespace" {
  type        = string
  description = "Namespace that is made for Loki."
  default     = "loki"
}

variable "teams" {
  description = "Tenants by their names: whose pods' logs they get, how long they are kept, and how many MB a second they may send."
  type = map(object({
    namespaces        = list(string)
    retention         = optional(string, "30d")
    ingestion_rate_mb = optional(string, "4")
  }))
}

variable "passwords" {
  type        = map(string)
  description = "Each team's password at the gateway."
  sensitive   = true
  ephemeral   = true
}

variable "passwords_version" {
  type        = string
  description = "Any number that changes with the passwords."
  default     = "1"
}

variable "agent_kind" {
  type        = string
  description = "Which log agent runs on the nodes: alloy, otel_collector, vector or fluent_bit."
  default     = "alloy"
}

variable "pod_logs_path" {
  type        = string
  description = "Folder of the pods' log files on the nodes, where the kubelet has another one than usual."
  default     = null
}

variable "force_destroy" {
  type        = bool
  description = "Whether a destroy deletes the logs as well."
  default     = false
}

variable "aws_endpoint" {
  type        = string
  description = "URL of a test server in AWS' place; leave it out for AWS itself."
  default     = null
}
