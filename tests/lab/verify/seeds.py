"""The corpus' valid configurations of a minor version, as the mutator reads them.

usage: seeds.py FOLDER MINOR[.PATCH]
"""
import json
import sys

from corpus import cases

folder, minor = sys.argv[1], int(sys.argv[2].split(".")[0])
valid = set()
for line in open(f"{folder}/verdicts.tsv"):
    name, minors, said = line.rstrip("\n").split("\t", 2)
    for span in minors.split(","):
        first, _, last = span.partition("-")
        if said == "ok" and int(first) <= minor <= int(last or first):
            valid.add(name)
for name, text, variables in cases(folder):
    if name in valid and variables is None and not name.startswith("yaml/"):
        print(json.dumps({"config": text}))
