#!/usr/bin/env bash
# Does what CONTRIBUTING says of a new resource, in a copy: lays one out, compiles it, and holds it to the law of the rooms.
. "$(dirname "$0")/common.sh"
copy=$(mktemp -d)
trap 'rm -rf "$copy"' EXIT
git ls-files -z --cached --others --exclude-standard | xargs -0 cp --parents -t "$copy"
law=$(cargo test --quiet --release --test architecture --no-run --message-format=json 2> /dev/null |
  sed -n 's/.*"executable":"\([^"]*architecture[^"]*\)".*/\1/p' | tail -1)
cd "$copy"
scripts/new-resource.sh loki_dummy
# With a test, so that the dependencies are those that the lints have checked already.
cargo check --quiet --release --offline --test architecture
PROJECT_ROOT=$copy "$law" --quiet --skip everything_that_is_offered
