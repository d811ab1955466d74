# A warning in every plan while the shop logs no line, or too many errors.
check "shop_logs" {
  data "loki_query" "errors" {
    namespace = "logging"
    name      = "loki"
    query     = "sum(count_over_time({app=\"shop\"} |= \"error\" [15m])) or vector(0)"
  }

  assert {
    condition     = tonumber(data.loki_query.errors.results[0].values[0].value) < 100
    error_message = "The shop logs ${data.loki_query.errors.results[0].values[0].value} errors in 15 minutes."
  }
}
