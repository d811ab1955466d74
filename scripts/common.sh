# What the demo and the tests have in common; sourced by both.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
. tests/lab/settings.sh
export CARGO_TARGET_DIR=${CARGO_TARGET_DIR:-$PWD/target}
LAB=tests/lab/lab.sh

step() { printf '\n== %s\n' "$*"; }

# Runs both commands side by side and fails when one of them does.
side_by_side() {
  local first second failed=0
  bash -c "$1" & first=$!
  bash -c "$2" & second=$!
  wait $first || failed=1
  wait $second || failed=1
  return $failed
}

# Sets TF to terraform where it is installed, else to an OpenTofu built from its Go module.
find_terraform() {
  if [ -z "${TF:-}" ] && ! TF=$(command -v terraform); then
    echo "terraform is not installed; OpenTofu takes its place"
    $LAB build opentofu
    TF=$LAB_DIR/bin/tofu
  fi
  export TF
}
