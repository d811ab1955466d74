terraform import loki_stack.main loki/loki # namespace/name
