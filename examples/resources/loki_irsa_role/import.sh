terraform import loki_irsa_role.loki acme-loki
