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
  description = "Name of the bucket for Loki's logs; the role is named after it."
}

variable "namespace" {
  type        = string
  description = "Namespace that is made for Loki."
  default     = "loki"
}

variable "aws_endpoint" {
  type        = string
  description = "URL of a test server in AWS' place, as `make demo` has one; leave it out for AWS itself."
  default     = null
}
