#!/usr/bin/env bash
# Makes FOLDER a Go module that has Loki VERSION with the very dependencies of its release.
# usage: module.sh VERSION FOLDER
set -euo pipefail
version=$1 folder=$2
export GOFLAGS=-mod=mod
source=$(go mod download -json "github.com/grafana/loki/v3@v$version" | sed -n 's/^\t"Dir": "\(.*\)",$/\1/p')
[ -n "$source" ] || { echo "Loki $version is not to be had as a Go module" >&2; exit 1; }
# A release's own go.mod stands for its main module: another name, and no replacement by a folder that only it has.
sed -E -e 's|^module .*|module loki-lab/verify|' -e '/^(toolchain|tool) /d' -e '/=> \.\//d' "$source/go.mod" > "$folder/go.mod"
cp "$source/go.sum" "$folder/go.sum"
chmod u+w "$folder"/go.*
cd "$folder"
go mod edit -require "github.com/grafana/loki/v3@v$version"
# The profiler of old releases links names of Go's runtime that newer Go versions refuse.
profiler=github.com/grafana/pyroscope-go/godeltaprof least=v0.1.9
has=$(go list -m -f '{{.Version}}' $profiler)
[ "$(printf '%s\n' $least "$has" | sort -V | head -1)" = $least ] || go mod edit -require "$profiler@$least"
