# A section for a configuration file that is put together here.
output "schema_config" {
  value = provider::loki::schema_config([
    { from = "2023-01-01", object_store = "s3", store = "boltdb-shipper", version = "v12" },
    { from = "2024-04-01", object_store = "s3" },
  ])
}
