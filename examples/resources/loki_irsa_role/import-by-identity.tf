import {
  to = loki_irsa_role.loki
  identity = {
    name = "acme-loki"
  }
}
