import {
  to = loki_bucket_storage.logs
  identity = {
    bucket = "acme-loki"
  }
}
