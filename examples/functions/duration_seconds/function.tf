# 7776000: Loki's durations as numbers, for arithmetic and for other providers.
output "retention_seconds" {
  value = provider::loki::duration_seconds("90d")
}
