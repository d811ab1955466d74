# The objects of a stack as YAML in a folder that Argo CD or Flux watches, instead of deploying them.
data "loki_manifests" "main" {
  name      = "loki"
  namespace = "logging"
  mode      = "distributed"
  size      = "small"

  storage         = { s3 = { bucket = "acme-loki", region = "eu-west-1" } }
  schema          = [{ from = "2024-04-01", version = "v13" }]
  service_account = { role_arn = "arn:aws:iam::123456789012:role/acme-loki" }
}

resource "terraform_data" "manifests" {
  for_each = data.loki_manifests.main.objects
  input    = each.value
}

output "loki_yaml" {
  value = data.loki_manifests.main.yaml
}
