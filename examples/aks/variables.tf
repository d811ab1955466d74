variable "cluster" {
  description = "How the cluster is reached: its address, the certificate of its authority (PEM), and a token."
  type = object({
    host           = string
    ca_certificate = string
    token          = string
  })
  sensitive = true
}

variable "storage_account" {
  type        = string
  description = "Name of the storage account."
}

variable "container" {
  type        = string
  description = "Name of the container for Loki's logs."
}

variable "client_id" {
  type        = string
  description = "Client ID of the managed identity that Loki's service account stands for."
}

variable "size" {
  type        = string
  description = "Size of the stack by its ingest."
  default     = "extra-small"
}
