#!/usr/bin/env python3
"""Packs built binaries as the Terraform registry and filesystem mirrors take them. The same input makes the same bytes.

usage: pack.py FOLDER PLATFORM=BINARY… [-- FILE…]      PLATFORM as Terraform has it, such as linux_amd64

Into FOLDER go a zip for each platform, the registry's manifest, the FILEs (a bill of materials, say), SHA256SUMS of all of
it, and mirror/, which `terraform init` accepts as filesystem_mirror.
"""

import hashlib
import json
import os
import pathlib
import re
import shutil
import sys
import zipfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
NAME = "terraform-provider-loki"
SOURCE = "lokiops/loki"
# What a zip file can say at the earliest; a date of its own would make each zip another.
DATE = (1980, 1, 1, 0, 0, 0)
# Besides the binary: the licence asks for its text, and those of the libraries for theirs.
TEXTS = ["LICENSE", "THIRD_PARTY_LICENSES.txt"]


def version():
    return re.search(r'^version = "(.+)"', (ROOT / "Cargo.toml").read_text(), re.MULTILINE)[1]


def add(archive, name, data, mode):
    entry = zipfile.ZipInfo(name, DATE)
    entry.create_system = 3  # Unix: without it the mode is not read
    entry.external_attr = (0o100000 | mode) << 16
    entry.compress_type = zipfile.ZIP_DEFLATED
    archive.writestr(entry, data, compresslevel=9)


def zipped(path, binary, number):
    with zipfile.ZipFile(path, "w") as archive:
        add(archive, f"{NAME}_v{number}", binary.read_bytes(), 0o755)
        for text in TEXTS:
            if (ROOT / text).exists():
                add(archive, text, (ROOT / text).read_bytes(), 0o644)


def main(arguments):
    if len(arguments) < 2:
        sys.exit(__doc__)
    folder, rest = pathlib.Path(arguments[0]), arguments[1:]
    at = rest.index("--") if "--" in rest else len(rest)
    platforms, files = [it.split("=", 1) for it in rest[:at]], [pathlib.Path(it) for it in rest[at + 1 :]]
    number = version()
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    made = []
    for platform, binary in platforms:
        made.append(folder / f"{NAME}_{number}_{platform}.zip")
        zipped(made[-1], pathlib.Path(binary), number)
    manifest = folder / f"{NAME}_{number}_manifest.json"
    shutil.copyfile(ROOT / "terraform-registry-manifest.json", manifest)
    made.append(manifest)
    for file in files:
        made.append(folder / f"{NAME}_{number}_{file.name}")
        shutil.copyfile(file, made[-1])
    sums = [f"{hashlib.sha256(it.read_bytes()).hexdigest()}  {it.name}\n" for it in sorted(made)]
    (folder / f"{NAME}_{number}_SHA256SUMS").write_text("".join(sums))
    for host in ["registry.terraform.io", "registry.opentofu.org"]:
        place = folder / "mirror" / host / SOURCE
        place.mkdir(parents=True)
        for archive in (it for it in made if it.suffix == ".zip"):
            os.link(archive, place / archive.name)
    print(f"packed {len(platforms)} platform(s) of version {number} into {folder}")


main(sys.argv[1:])
