# Loki's own judgement of a configuration, before anything is deployed: a plan fails with its words.
locals {
  loki = yamlencode({
    auth_enabled = false
    common = {
      path_prefix        = "$${DATA}"
      replication_factor = 1
      ring               = { kvstore = { store = "inmemory" } }
      storage            = { filesystem = { chunks_directory = "/var/loki/chunks", rules_directory = "/var/loki/rules" } }
    }
    schema_config = {
      configs = [{
        from         = "2024-04-01"
        store        = "tsdb"
        object_store = "filesystem"
        schema       = "v13"
        index        = { prefix = "index_", period = "24h" }
      }]
    }
  })
  judgement = provider::loki::verify_config(local.loki, "3.7.8", { DATA = "/var/loki" })
}

output "loki_config" {
  value = local.loki
  precondition {
    condition = local.judgement.valid
    error_message = join("\n", [
      for it in local.judgement.findings : "line ${it.line}, ${it.path}: ${it.text} ${it.hint}"
    ])
  }
}
