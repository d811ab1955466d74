#!/usr/bin/env bash
# What the provider costs: its start by itself, and `terraform plan` with it in the lab. Figures, no verdict; they go into
# docs/benchmarks.md, its picture, and the table of the README.
. "$(dirname "$0")/common.sh"

if [ -z "${BENCH_LOG:-}" ]; then
  BENCH_LOG=$(mktemp); export BENCH_LOG
  "$0" 2>&1 | tee "$BENCH_LOG"
  python3 scripts/bench/report.py "$BENCH_LOG"
  rm "$BENCH_LOG"
  exit
fi

RUNS=${RUNS:-7}
scripts/setup.sh lab
# The provider as well: the benchmarks start it.
side_by_side "cargo bench --profile release --no-run" "$LAB build"
find_terraform
step "start, memory, size"
cargo bench --quiet --profile release --bench provider
step "values: 1,000 resources, 10,000 plans"
cargo bench --quiet --profile release --bench plan
step "Loki's judgement of configurations"
cargo bench --quiet --profile release --bench verify

step "plan, in the lab"
work=$(mktemp -d)
was_up=0
if $LAB status > /dev/null; then was_up=1; fi
trap 'code=$?; rm -rf "$work"; [ $was_up = 1 ] || $LAB down; exit $code' EXIT
$LAB up
step "buckets and roles, in the lab"
TF=$TF scripts/bench/aws.sh
step "many stacks, in the lab"
TF=$TF scripts/bench/stacks.sh
step "plan of a stack, in the lab"
mkdir -p "$work/three" "$work/none"
cp examples/quickstart/*.tf "$work/three"
echo 'resource "terraform_data" "none" {}' > "$work/none/main.tf"
scripts/mirror.sh "$CARGO_TARGET_DIR/release/terraform-provider-loki" "$work/mirror"
settings=(TF_CLI_CONFIG_FILE="$work/mirror/terraform.tfrc" AWS_ACCESS_KEY_ID=test AWS_SECRET_ACCESS_KEY=test TF_VAR_region="$LAB_AWS_REGION"
  TF_VAR_eks_cluster=lab TF_VAR_bucket=bench-loki TF_VAR_namespace=bench TF_VAR_aws_endpoint="$LAB_AWS_ENDPOINT")
inside() { $LAB exec "${settings[@]}" "$TF" -chdir="$work/$1" "${@:2}"; }
millis() { # folder: milliseconds of one plan
  local begun; begun=$(date +%s%N)
  inside "$1" plan -input=false > "$work/plan.log" || { cat "$work/plan.log" >&2; return 1; }
  echo $((($(date +%s%N) - begun) / 1000000))
}
for folder in three none; do inside $folder init -input=false > /dev/null; millis $folder > /dev/null; done
for _ in $(seq "$RUNS"); do millis three >> "$work/three.ms"; millis none >> "$work/none.ms"; done
median() { sort -n "$1" | sed -n "$((RUNS / 2 + 1))p"; }
three=$(median "$work/three.ms") none=$(median "$work/none.ms")
echo "medians of $RUNS runs, in turn"
echo "plan of bucket, role and stack     $three ms   ($(python3 -c "print(round($three / $none, 1))") x the plan below)"
echo "plan of terraform_data alone       $none ms"
