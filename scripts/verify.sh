#!/usr/bin/env bash
# What the real Loki knows of its configuration, for the engine in src/loki/config_file: from the Go modules of its releases.
# usage: verify.sh model          every key of every version -> src/loki/config_file/model.txt
#        verify.sh corpus         each version's verdicts on tests/verify/corpus
#        verify.sh fuzz [COUNT]   COUNT mutants (2000), put to the real Loki of each of VERSIONS and to the engine
# The first time it builds Loki once for each version, about 10 minutes on 2 cores for the first and 2 to 5 for the others;
# what is built is kept in $LAB_CACHE. A new release of Loki is one more word below.
. "$(dirname "$0")/common.sh"
ALL="3.0.0 3.1.2 3.2.2 3.3.4 3.4.6 3.5.7 3.6.4 3.7.8"
VERSIONS=${VERSIONS:-$ALL}
sources=tests/lab/verify

programs() { echo "$LAB_CACHE/verify-$1-$(cat $sources/*.go "$sources/module.sh" | sha256sum | cut -c1-12)"; }
build() {
  local folder; folder=$(programs "$1")
  [ ! -f "$folder/.whole" ] || return 0
  step "Loki $1 and its judge (kept in $folder)"
  rm -rf "$folder"; mkdir -p "$folder"
  $sources/module.sh "$1" "$folder"
  cp $sources/*.go "$folder"
  (cd "$folder"
    export CGO_ENABLED=0 GOFLAGS=-mod=mod
    go build -buildvcs=false -ldflags "-s -w" -o loki github.com/grafana/loki/v3/cmd/loki
    go build -buildvcs=false -ldflags "-s -w" -o verify .)
  touch "$folder/.whole"
}

case ${1:-} in
  model)
    models=()
    for version in $ALL; do build "$version"; "$(programs "$version")/verify" model > "$(programs "$version")/model.json"; models+=("$(programs "$version")/model.json"); done
    python3 $sources/merge.py "${models[@]}" > src/loki/config_file/model.txt
    step "src/loki/config_file/model.txt has $(grep -vc '^#' src/loki/config_file/model.txt) keys" ;;
  corpus)
    judges=()
    for version in $ALL; do build "$version"; judges+=("$version=$(programs "$version")"); done
    step "the corpus, put to each version's judge and to the real Loki"
    python3 $sources/corpus.py tests/verify/corpus "${judges[@]}" ;;
  fuzz)
    count=${2:-2000} seed=${SEED:-$(date +%s)} work=$(mktemp -d)
    trap 'rm -rf "$work"' EXIT
    step "the engine"
    cargo test --release --test verify --no-run
    failed=0
    for version in $VERSIONS; do
      build "$version"
      folder=$(programs "$version")
      [ -f "$folder/model.json" ] || "$folder/verify" model > "$folder/model.json"
      python3 $sources/mutate.py "$folder/model.json" <(python3 $sources/seeds.py tests/verify/corpus "${version#3.}") "$count" "$seed" > "$work/mutants"
      step "$count mutants (SEED=$seed), Loki $version"
      minor=${version#3.}
      VERIFY_MINOR=${minor%%.*} VERIFY_JUDGE=$folder/verify VERIFY_MUTANTS=$work/mutants \
        cargo test --quiet --release --test verify mutants_are_judged_alike -- --ignored --nocapture || failed=1
    done
    exit $failed ;;
  *) sed -n '2,7s/^# //p' "$0"; exit 2 ;;
esac
