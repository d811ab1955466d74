# terraform query -generate-config-out=roles.tf
list "loki_irsa_role" "logging" {
  provider = loki

  config {
    path_prefix = "/teams/logging/"
  }
}
