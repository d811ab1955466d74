#!/usr/bin/env bash
# Buckets with their roles: plan, apply and plan without changes, in the lab's AWS, with the requests that AWS gets and the
# memory that the provider takes. With PEER_MIRROR, a filesystem mirror that has hashicorp/aws, the same by that provider.
# usage: aws.sh      needs the lab, TF and the built provider; bench.sh calls it
. "$(dirname "$0")/../common.sh"
find_terraform
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
scripts/mirror.sh "$CARGO_TARGET_DIR/release/terraform-provider-loki" "$work/mirror"
. scripts/bench/measure.sh

run() { # who template count program mirror
  local who=$1 template=$2 count=$3 program=$4 folder=$work/$1-$3
  mkdir -p "$folder"
  sed "s|ENDPOINT|$LAB_AWS_ENDPOINT|; s|ENDPOINT|$LAB_AWS_ENDPOINT|g; s|COUNT|$count|; s|NAME|bench-$who-$count|" "$template" > "$folder/main.tf"
  $LAB exec "${settings[@]}" "$TF" -chdir="$folder" init -input=false > /dev/null
  measure "$who, $count: plan" "$folder" "$program" plan -input=false
  measure "$who, $count: apply" "$folder" "$program" apply -auto-approve -input=false
  measure "$who, $count: plan without changes" "$folder" "$program" plan -input=false -detailed-exitcode
  measure "$who, $count: destroy" "$folder" "$program" destroy -auto-approve -input=false
}

settings=(TF_CLI_CONFIG_FILE="$work/mirror/terraform.tfrc" HOME="$work")
for count in ${COUNTS:-1 50 200}; do run ours benches/bucket_and_role/ours.tf.in "$count" terraform-provider-loki; done
if [ -n "${PEER_MIRROR:-}" ]; then
  printf 'provider_installation {\n  filesystem_mirror {\n    path = "%s"\n  }\n}\n' "$PEER_MIRROR" > "$work/peer.tfrc"
  settings=(TF_CLI_CONFIG_FILE="$work/peer.tfrc" HOME="$work")
  run peer benches/bucket_and_role/peer.tf.in 1 terraform-provider-aws
fi
