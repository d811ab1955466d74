# The module for real, in the account and the cluster of the environment: applied, looked at, applied again, destroyed.
variables {
  force_destroy = true
  environments = {
    staging = { retention = "7d", namespaces = ["default"] }
  }
}

run "deployed" {
  assert {
    condition     = module.loki["staging"].status.state == "healthy"
    error_message = "Loki is ${module.loki["staging"].status.state}."
  }

  assert {
    condition     = module.loki["staging"].agents.state == "healthy"
    error_message = "The agents are ${module.loki["staging"].agents.state}."
  }
}

run "nothing_is_left_to_do" {
  command = plan

  assert {
    condition     = module.loki["staging"].bucket == "${var.name}-staging"
    error_message = "The bucket's name has changed."
  }
}
