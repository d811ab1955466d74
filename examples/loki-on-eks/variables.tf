variable "name" {
  type        = string
  description = "Beginning of the names of buckets, roles and namespaces; the environment's name follows."
}

variable "region" {
  type        = string
  description = "AWS region of the buckets and of the EKS cluster."
  default     = "eu-west-1"
}

variable "eks_cluster" {
  type        = string
  description = "Name of the EKS cluster that Loki runs on."
}

variable "environments" {
  description = "What each environment keeps, by its name: for how long, of which namespaces, and in which size (without it one pod)."
  type = map(object({
    retention  = string
    namespaces = list(string)
    size       = optional(string)
  }))
}

variable "agent_kind" {
  type        = string
  description = "Which log agent runs on the nodes: alloy, otel_collector, vector or fluent_bit."
  default     = "alloy"
}

variable "force_destroy" {
  type        = bool
  description = "Whether a destroy deletes the logs as well."
  default     = false
}

variable "pod_logs_path" {
  type        = string
  description = "Folder of the pods' log files on the nodes, where the kubelet has another one than usual."
  default     = null
}

variable "aws_endpoint" {
  type        = string
  description = "URL of a test server in AWS' place; leave it out for AWS itself."
  default     = null
}
