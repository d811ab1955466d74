#!/usr/bin/env bash
# Release packages for Linux, into dist/: static binaries, zips, checksums, licences, a bill of materials, and a mirror for
# `terraform init`. With GPG_FINGERPRINT set, the checksums are signed with that key, as the registry asks for.
# usage: package.sh               build and pack
#        package.sh reproduce     build a second time, from a copy of the sources in another folder, and compare the bytes
#        package.sh audit         licences, sources and known flaws of the dependencies (deny.toml)
. "$(dirname "$0")/common.sh"

TARGETS=${TARGETS:-x86_64-unknown-linux-musl aarch64-unknown-linux-musl}
DIST=${DIST:-$PWD/dist}
TOOLS=$CARGO_TARGET_DIR/package-tools
PROFILE=dist

platform() { case $1 in x86_64-*) echo linux_amd64 ;; aarch64-*) echo linux_arm64 ;; esac; }

# A tool of cargo's, in the version named here, kept beside the build.
tool() { # name version [features]
  [ -x "$TOOLS/bin/$1" ] && grep -q "\"$1 $2 " "$TOOLS/.crates.toml" && return
  step "$1 $2"
  CARGO_TARGET_DIR=$TOOLS/target cargo install --quiet --locked --root "$TOOLS" --features "${3:-}" "$1@$2"
}

# zig links for any Linux, with musl; the C parts of the TLS library are compiled by it as well.
zig() {
  [ -x "$TOOLS/zig/bin/cargo-zigbuild" ] && return
  step "zig"
  python3 -m venv "$TOOLS/zig"
  "$TOOLS/zig/bin/pip" --quiet install cargo-zigbuild==0.24.1 ziglang==0.15.2
}

# Builds the sources in $1 into $2. No path of this machine gets into the binary, so that another machine builds the same.
build() { # sources target-folder
  local cargo=${CARGO_HOME:-$HOME/.cargo} rust target; rust=$(rustc --print sysroot)
  local to="--remap-path-prefix=$1=/loki --remap-path-prefix=$2=/target --remap-path-prefix=$cargo=/cargo --remap-path-prefix=$rust=/rust"
  local c="-ffile-prefix-map=$1=/loki -ffile-prefix-map=$2=/target -ffile-prefix-map=$cargo=/cargo -g0"
  for target in $TARGETS; do
    step "$target"
    rustup target add "$target" 2> /dev/null || { echo "package: rustup cannot add $target" >&2; return 1; }
    (cd "$1" && PATH=$TOOLS/zig/bin:$PATH CARGO_TARGET_DIR=$2 RUSTFLAGS=$to CFLAGS=$c \
      cargo zigbuild --profile $PROFILE --locked --bin terraform-provider-loki --target "$target")
  done
}
built() { echo "$1/$2/$PROFILE/terraform-provider-loki"; } # target-folder target

licences() {
  tool cargo-about 0.9.3 cli
  "$TOOLS/bin/cargo-about" generate --locked --offline --fail --config scripts/package/about.toml scripts/package/about.hbs
}

pack() {
  tool cargo-cyclonedx 0.5.9
  step "the bill of materials"
  # The date of the last commit, for the same bytes each time.
  SOURCE_DATE_EPOCH=$(git log -1 --format=%ct) "$TOOLS/bin/cargo-cyclonedx" cyclonedx --quiet --format json --target "${TARGETS%% *}" \
    --spec-version 1.5 --override-filename sbom.cdx
  sed "s|file://$PWD|file:///loki|g" sbom.cdx.json > "$CARGO_TARGET_DIR/sbom.cdx.json"
  rm sbom.cdx.json
  rm -f macros/sbom.cdx.json
  local binaries=() target
  for target in $TARGETS; do binaries+=("$(platform "$target")=$(built "$CARGO_TARGET_DIR" "$target")"); done
  step "zips, checksums and mirror"
  python3 scripts/package/pack.py "$DIST" "${binaries[@]}" -- "$CARGO_TARGET_DIR/sbom.cdx.json"
  local sums; sums=$(echo "$DIST"/*_SHA256SUMS)
  if [ -n "${GPG_FINGERPRINT:-}" ]; then
    gpg --batch --local-user "$GPG_FINGERPRINT" --output "$sums.sig" --detach-sign "$sums"
    gpg --batch --verify "$sums.sig" "$sums"
  else
    echo "not signed: set GPG_FINGERPRINT for a signature, which the registry asks for"
  fi
  (cd "$DIST" && sha256sum --check --quiet "$(basename "$sums")" && ls -l ./*.zip)
}

scripts/setup.sh package
zig
case ${1:-} in
"") licences > THIRD_PARTY_LICENSES.txt; build "$PWD" "$CARGO_TARGET_DIR"; pack ;;
reproduce)
  other=$(mktemp -d); trap 'rm -rf "$other"' EXIT
  git archive HEAD | (mkdir "$other/sources" && tar -x -C "$other/sources")
  build "$other/sources" "$other/target"
  for target in $TARGETS; do
    cmp "$(built "$CARGO_TARGET_DIR" "$target")" "$(built "$other/target" "$target")" && echo "$target: two builds, the same bytes"
  done ;;
audit)
  tool cargo-deny 0.20.2
  "$TOOLS/bin/cargo-deny" --locked check bans licenses sources
  if git ls-remote --exit-code https://github.com/RustSec/advisory-db main > /dev/null 2>&1; then
    "$TOOLS/bin/cargo-deny" --locked check advisories
  else
    echo "audit: known flaws were not looked for: RustSec's advisories cannot be reached"
  fi ;;
*) sed -n '4,6p' "$0" >&2; exit 2 ;;
esac
