#!/usr/bin/env bash
# Installs the Debian packages that are missing; says so, and installs nothing when none is.
# usage: setup.sh build | package | lab      to build the provider; to package it; or to boot the lab as well
set -euo pipefail
packages="protobuf-compiler libprotobuf-dev lld cmake clang ca-certificates"
[ "${1:-}" != package ] || packages+=" python3-venv git"
[ "${1:-}" != lab ] || packages+=" containerd runc containernetworking-plugins iptables iproute2 openssl curl python3-venv busybox-static"

missing=
for package in $packages; do
  [ "$(dpkg-query -W -f '${db:Status-Status}' "$package" 2> /dev/null)" = installed ] || missing+=" $package"
done
if [ -n "$missing" ]; then
  if [ "$(id -u)" != 0 ] || ! command -v apt-get > /dev/null; then
    echo "setup: these packages are missing:$missing; install them (Debian: apt-get install$missing)" >&2; exit 1
  fi
  echo "setup: installing$missing"
  apt-get update -qq
  DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends $missing > /dev/null
fi
command -v cargo > /dev/null || { echo "setup: cargo is missing; install Rust from https://rustup.rs" >&2; exit 1; }
[ "${1:-}" != lab ] || command -v go > /dev/null || { echo "setup: go is missing; install it from https://go.dev/dl" >&2; exit 1; }
