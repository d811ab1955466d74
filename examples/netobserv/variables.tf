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
  description = "Name of the bucket for the flows."
}

variable "namespace" {
  type        = string
  description = "Namespace that is made for Loki."
  default     = "netobserv"
}

variable "access_key" {
  type        = object({ id = string, secret = string })
  description = "Key of a user with rights on the bucket. It is kept in neither plan nor state."
  sensitive   = true
  ephemeral   = true
}

variable "access_key_version" {
  type        = string
  description = "Changes with the key."
  default     = "1"
}

variable "aws_endpoint" {
  type        = string
  description = "URL of a test server in AWS' place; leave it out for AWS itself."
  default     = null
}
