#!/usr/bin/env bash
# Buckets with their roles: plan, apply and plan without changes, in the lab's AWS, with the requests that AWS gets and the
# memory that the provider takes. With PEER_MIRROR, a filesystem mirror that has hashicorp/aws, the same by that provider.
# usage: bench-aws.sh      needs the lab, TF and the built provider; bench.sh calls it
. "$(dirname "$0")/common.sh"
find_terraform
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
scripts/mirror.sh "$CARGO_TARGET_DIR/release/terraform-provider-loki" "$work/mirror"
requests() { grep -c . "$LAB_DIR/aws-requests.jsonl"; }

# Runs terraform; says milliseconds, requests, and the most memory that a provider of that name had.
measure() { # what folder program arguments...
  local what=$1 folder=$2 program=$3 peak=0 now before begun pid; shift 3
  before=$(requests); begun=$(date +%s%N)
  $LAB exec "${settings[@]}" "$TF" -chdir="$folder" "$@" > "$work/out.log" 2>&1 &
  pid=$!
  while kill -0 $pid 2> /dev/null; do
    for provider in $(pgrep -f "$program" || true); do
      now=$(sed -n 's/^VmHWM:[^0-9]*\([0-9]*\).*/\1/p' "/proc/$provider/status" 2> /dev/null || true)
      [ "${now:-0}" -le "$peak" ] || peak=$now
    done
    sleep 0.05 # a sample, not a wait
  done
  wait $pid || { cat "$work/out.log" >&2; return 1; }
  printf '%-44s %6d ms %6d requests %6d MB\n' "$what" $((($(date +%s%N) - begun) / 1000000)) $(($(requests) - before)) $((peak / 1024))
}

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
