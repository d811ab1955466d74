variable "name" {
  type        = string
  description = "Name of the bucket, the role and the namespace."
}

variable "eks_cluster" {
  type        = string
  description = "Name of the EKS cluster."
}

variable "retention" {
  type        = string
  description = "How long logs are kept, such as 30d."
}

variable "size" {
  type        = string
  description = "Size of a distributed stack; without it Loki runs in one pod."
  default     = null
}

variable "namespaces" {
  type        = list(string)
  description = "Namespaces whose pods' logs are shipped."
}

variable "agent_kind" {
  type        = string
  description = "Which log agent."
  default     = "alloy"
}

variable "pod_logs_path" {
  type        = string
  description = "Folder of the pods' log files on the nodes, where it is not the usual one."
  default     = null
}

variable "force_destroy" {
  type        = bool
  description = "Whether a destroy deletes bucket and volumes with the logs in them."
  default     = false
}

variable "aws_endpoint" {
  type        = string
  description = "URL of a test server in AWS' place."
  default     = null
}
