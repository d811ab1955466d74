terraform import loki_bucket_storage.logs acme-loki
