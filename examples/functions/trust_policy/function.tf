# Who may assume the role: Loki's service account and its ruler's, by their tokens.
output "trust" {
  value = provider::loki::trust_policy(
    "arn:aws:iam::123456789012:oidc-provider/oidc.eks.eu-west-1.amazonaws.com/id/0123456789ABCDEF",
    "loki",
    ["loki", "loki-ruler"],
  )
}
