#!/usr/bin/env bash
# Everything CI holds the project to. The acceptance tests come last: real terraform against the lab's cluster and AWS.
. "$(dirname "$0")/common.sh"

others=()
for file in tests/*.rs tests/*/main.rs; do
  name=$(basename "${file%.rs}"); [ "$name" != main ] || name=$(basename "$(dirname "$file")")
  [ ! -e "$file" ] || [ "$name" = acceptance ] || others+=(--test "$name")
done

step "packages"
scripts/setup.sh lab
step "format"
cargo fmt --all --check
step "the lab's programs, lints, and the tests' programs"
side_by_side "$LAB build" "
  set -e
  cargo clippy --quiet --release --workspace --all-targets -- -D warnings
  cargo test --release --workspace --no-run" # builds the provider too
find_terraform
export LOKI_PROVIDER_BIN=$CARGO_TARGET_DIR/release/terraform-provider-loki

step "the lab"
if ! $LAB status > /dev/null; then trap 'code=$?; $LAB down > /dev/null; exit $code' EXIT; fi # one that was up stays up
$LAB up
step "tests of the rooms"
$LAB exec cargo test --release --offline --workspace --lib --bins "${others[@]}"
$LAB exec cargo test --release --offline --workspace --doc
step "acceptance tests with $TF"
$LAB exec cargo test --release --offline --test acceptance -- --test-threads=2
