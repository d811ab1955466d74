# What 400 GB of logs a day need: 3 ingesters with 2.5 CPUs each, for example.
locals {
  size = provider::loki::size(400)
}

output "ingesters" {
  value = "${local.size.components.ingester.replicas} x ${local.size.components.ingester.cpu}"
}
