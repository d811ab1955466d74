#!/usr/bin/env bash
# Lays a provider binary out as a filesystem mirror, for terraform and tofu, with a CLI configuration that names it.
# usage: mirror.sh BINARY FOLDER      then: export TF_CLI_CONFIG_FILE=FOLDER/terraform.tfrc
set -euo pipefail
binary=$1 folder=$2
version=$(sed -n 's/^version = "\(.*\)"/\1/p' "$(dirname "$0")/../Cargo.toml" | head -1)
case $(uname -m) in x86_64) arch=amd64 ;; aarch64) arch=arm64 ;; *) arch=$(uname -m) ;; esac
rm -rf "$folder"
for host in registry.terraform.io registry.opentofu.org; do
  # A folder of its own: terraform takes the first file named terraform-provider-loki*, and cargo leaves such files about.
  place=$folder/$host/lokiops/loki/$version/$(uname -s | tr A-Z a-z)_$arch
  mkdir -p "$place"
  cp "$binary" "$place/terraform-provider-loki_v$version"
done
cat > "$folder/terraform.tfrc" <<HCL
disable_checkpoint = true
provider_installation {
  filesystem_mirror {
    path    = "$(cd "$folder" && pwd)"
    include = ["registry.terraform.io/lokiops/loki", "registry.opentofu.org/lokiops/loki"]
  }
}
HCL
