import {
  to = loki_stack.main
  identity = {
    namespace = "loki"
    name      = "loki"
  }
}
