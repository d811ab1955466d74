#!/usr/bin/env bash
# Everything CI holds the project to. The acceptance tests come last: real terraform (TF, or the one in PATH, if there is
# one) and OpenTofu against the lab's cluster and AWS.
# usage: test.sh [opentofu]      the acceptance tests with OpenTofu alone
. "$(dirname "$0")/common.sh"

others=()
for file in tests/*.rs tests/*/main.rs; do
  name=$(basename "${file%.rs}"); [ "$name" != main ] || name=$(basename "$(dirname "$file")")
  [ ! -e "$file" ] || [ "$name" = acceptance ] || others+=(--test "$name")
done

clients=("$LAB_DIR/bin/tofu")
if [ "${1:-}" != opentofu ] && terraform=${TF:-$(command -v terraform)}; then clients=("$terraform" "${clients[@]}"); fi
programs="$LAB build && $LAB build older && $LAB build agents && $LAB build opentofu && $LAB build helm"
# The namespace that the tests run in leads nowhere: the Go modules of the judge that a test builds have to be there.
judge="(cd tests/support/cty && go build -o /dev/null .)"

step "packages"
scripts/setup.sh lab
if [ "${1:-}" = opentofu ]; then
  step "the lab's programs and the tests' programs"
  side_by_side "$programs" "cargo test --release --test acceptance --no-run"
else
  step "format"
  cargo fmt --all --check
  step "the lab's programs, lints, and the tests' programs"
  side_by_side "$judge && $programs" "
    set -e
    cargo clippy --quiet --release --workspace --all-targets -- -D warnings
    cargo test --release --workspace --no-run" # the provider too
fi
# Which diagnostics the tests have met; the one after the acceptance tests looks whether any was missed.
export LOKI_SAID=$CARGO_TARGET_DIR/said
rm -rf "$LOKI_SAID"; mkdir -p "$LOKI_SAID"
export LOKI_PROVIDER_BIN=$CARGO_TARGET_DIR/release/terraform-provider-loki

step "the lab"
if ! $LAB status > /dev/null; then trap 'code=$?; $LAB down > /dev/null; exit $code' EXIT; fi # one that was up stays up
$LAB up
if [ "${1:-}" != opentofu ]; then
  step "tests of the rooms"
  $LAB exec cargo test --release --offline --workspace --lib --bins "${others[@]}"
  $LAB exec cargo test --release --offline --workspace --doc
  step "what CONTRIBUTING says of a new resource"
  scripts/contributing.sh
fi
# Blows of kill -9 at random moments and seconds without Loki, which take minutes; the provider is the same with the other client.
blows=20 outage=120 tests=()
for client in "${clients[@]}"; do
  step "acceptance tests with $client"
  $LAB exec TF="$client" BLOWS=$blows OUTAGE=$outage cargo test --release --offline --test acceptance -- --test-threads=2 "${tests[@]}"
  if [ ${#tests[@]} = 0 ] && [ "${1:-}" != opentofu ]; then
    step "diagnostics that no test has met"
    cargo test --quiet --release --offline --test docs -- --ignored
  fi
  # What depends on the client: its protocol, its diagnostics, a life of each resource. What else there is happens between the
  # provider and the cluster, and was tested with the first client.
  blows=4 outage=5 tests=(answers:: attached:: beyond:: bucket_storage:: clients:: connections:: functions:: irsa_role:: keys::
    killed:: kubeconfig:: log_agent::both log_agent::what older_state:: quickstart:: refusals:: secrets:: stack:: timeouts::)
done
