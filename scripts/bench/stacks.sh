#!/usr/bin/env bash
# Plans of 1, 10 and 100 stacks with their objects' server-side dry runs, in the lab, beside as many of terraform's own
# resources: how time and memory grow.
# usage: stacks.sh      needs the lab, TF and the built provider; bench.sh calls it
. "$(dirname "$0")/../common.sh"
find_terraform
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
scripts/mirror.sh "$CARGO_TARGET_DIR/release/terraform-provider-loki" "$work/mirror"
settings=(TF_CLI_CONFIG_FILE="$work/mirror/terraform.tfrc" HOME="$work" AWS_ACCESS_KEY_ID=test AWS_SECRET_ACCESS_KEY=test)
. scripts/bench/measure.sh

for count in ${COUNTS:-1 10 100}; do
  for what in stacks nothing; do
    folder=$work/$what-$count
    mkdir -p "$folder"
    sed "s|ENDPOINT|$LAB_AWS_ENDPOINT|g; s|COUNT|$count|" "benches/stacks/$what.tf.in" > "$folder/main.tf"
    $LAB exec "${settings[@]}" "$TF" -chdir="$folder" init -input=false > /dev/null
    measure "$what, $count: plan" "$folder" terraform-provider-loki plan -input=false
  done
done
