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
  description = "Name of the bucket that Loki has its logs in."
}

variable "namespace" {
  type        = string
  description = "Namespace of the release."
}

variable "release" {
  type        = string
  description = "Name of the Helm release, as helm list has it."
}

variable "name" {
  type        = string
  description = "What the names of the release's objects begin with: the release's name, with -loki after it where it has no loki in it."
}

variable "aws_endpoint" {
  type        = string
  description = "URL of a test server in AWS' place; leave it out for AWS itself."
  default     = null
}
