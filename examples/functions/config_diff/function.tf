# What a change of a configuration means to Loki: here that retention is longer. 1h and 60m are the same.
output "changes" {
  value = [
    for it in provider::loki::config_diff(
      "ingester: {chunk_idle_period: 1h}\nlimits_config: {retention_period: 30d}",
      "limits_config: {retention_period: 90d}\ningester: {chunk_idle_period: 60m}",
    ) : "${it.path}: ${it.change}, ${it.before} -> ${it.after}"
  ]
}
