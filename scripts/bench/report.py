#!/usr/bin/env python3
"""Writes docs/benchmarks.md, docs/images/benchmarks.svg and the table of the README from what bench.sh has printed.

usage: report.py LOG
"""

import datetime
import os
import pathlib
import platform
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
RAW = "https://raw.githubusercontent.com/lokiops/terraform-provider-loki/main/docs/images/benchmarks.svg"
PAGE = """---
page_title: "Benchmarks"
subcategory: ""
description: |-
  What the provider costs: start, memory, size, plans of many resources, each beside something to compare it with.
---

# Benchmarks

Written by `make bench` on {date}, version {version}. Figures of different machines are compared by their ratios: each stands
beside something that was measured in the same run.

| machine | |
|---|---|
{machine}

## How plans grow with the number of stacks

A plan of new stacks, with Loki's rules over each configuration and a server-side dry run of each object, beside a plan of as
many of Terraform's own resources (`terraform_data`).

![Milliseconds and memory of plans of 1, 10 and 100 stacks]({raw})

{curve}

{sections}

## What is not measured

A peer, unless its provider is in a filesystem mirror: `PEER_MIRROR=…` adds hashicorp/aws to the plans of buckets and roles. An
apply of 100 stacks: a test cluster has one node. AWS and Kubernetes are on the same machine, so times of the network are not
part of it.
"""


def first(pattern, text, default="unknown"):
    found = re.search(pattern, text, re.MULTILINE)
    return found[1].strip() if found else default


def machine():
    memory = int(first(r"^MemTotal:\s+(\d+)", pathlib.Path("/proc/meminfo").read_text(), "0"))
    # Not -v: terraform lists the providers of the folder that it is called in.
    client = subprocess.run([os.environ.get("TF") or "terraform", "version"], capture_output=True, text=True, cwd="/")
    system = first(r'^PRETTY_NAME="(.*)"', pathlib.Path("/etc/os-release").read_text())
    processor = first(r"^model name.*?: (.*)", pathlib.Path("/proc/cpuinfo").read_text())
    rows = {
        "processor": f"{processor}, {os.cpu_count()} cores",
        "memory": f"{memory / 2**20:.0f} GiB",
        "system": f"{system}, Linux {platform.release().split('-')[0]}",
        "client": first(r"^(.+)$", client.stdout),
        "compiler": subprocess.run(["rustc", "--version"], capture_output=True, text=True).stdout.split(" (")[0],
    }
    return "\n".join(f"| {name} | {value} |" for name, value in rows.items())


def sections(log):
    """The parts of the log that hold figures, by their titles."""
    parts = re.split(r"^== (.*)$", log, flags=re.MULTILINE)
    found = {}
    for title, body in zip(parts[1::2], parts[2::2]):
        lines = [line.rstrip() for line in body.splitlines()]
        figures = [line for line in lines if re.search(r"\d (ms|MiB|MB|us|s)\b", line) or re.search(r"\d (runs|lines|objects)|corpus", line)]
        if any(re.search(r"\d (ms|MiB|MB|us)\b", line) for line in figures) and not title.startswith("many stacks"):
            found[title] = "\n".join(figures)
    return found


def curve(log):
    """Rows of (number, milliseconds of stacks, megabytes, milliseconds of nothing)."""
    of = lambda what: {int(n): (int(ms), int(mb)) for n, ms, mb in
                       re.findall(rf"^{what}, (\d+): plan\s+(\d+) ms.*?(\d+) MB", log, re.MULTILINE)}
    stacks, nothing = of("stacks"), of("nothing")
    return [(number, *stacks[number], nothing[number][0]) for number in sorted(stacks)]


def plot(rows):
    """Milliseconds over the number of stacks, both in steps of ten times; memory beside the points."""
    import math

    width, height, left, bottom = 720, 360, 70, 310
    x = lambda number: left + 40 + 280 * math.log10(number)
    top = max(row[1] for row in rows)
    decades = (2, math.ceil(math.log10(max(top, 1000))))
    y = lambda ms: bottom - (bottom - 65) * (math.log10(max(ms, 100)) - decades[0]) / (decades[1] - decades[0])
    out = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" '
        'font-family="Helvetica, Arial, sans-serif" font-size="13">',
        f'<rect width="{width}" height="{height}" fill="#f6f8fa"/>',
    ]
    for decade in range(decades[0], decades[1] + 1):
        at = y(10**decade)
        label = f"{10**decade} ms" if decade < 3 else f"{10**(decade - 3)} s"
        out.append(f'<path d="M{left} {at:.0f} H{width - 20}" stroke="#d0d7de"/>')
        out.append(f'<text x="{left - 8}" y="{at + 4:.0f}" text-anchor="end">{label}</text>')
    for number, *_ in rows:
        out.append(f'<text x="{x(number):.0f}" y="{bottom + 20}" text-anchor="middle">{number}</text>')
    out.append(f'<text x="{width / 2}" y="{height - 8}" text-anchor="middle">stacks in one plan</text>')
    for index, colour, name in [(1, "#1d6fb8", "loki_stack"), (3, "#888888", "terraform_data")]:
        points = " ".join(f"{x(row[0]):.0f},{y(row[index]):.0f}" for row in rows)
        out.append(f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="2.5"/>')
        for row in rows:
            memory = f", {row[2]} MB" if index == 1 else ""
            place = y(row[index])
            out.append(f'<circle cx="{x(row[0]):.0f}" cy="{place:.0f}" r="4" fill="{colour}"/>')
            side = 'text-anchor="end"' if row is rows[-1] else 'text-anchor="middle"'
            out.append(f'<text x="{x(row[0]):.0f}" y="{place - 12:.0f}" fill="{colour}" {side}>{row[index]} ms{memory}</text>')
        out.append(f'<text x="{left + 10}" y="{25 if index == 1 else 42}" fill="{colour}" font-weight="bold">{name}</text>')
    return "\n".join([*out, "</svg>", ""])


def readme(log, rows):
    start = first(r"^process start to schema\s+([\d.]+ ms)", log)
    ratio = first(r"^process start to schema.*?\(([\d.]+) x", log)
    memory, size = first(r"^resident memory after it\s+([\d.]+ MiB)", log), first(r"^binary size\s+([\d.]+ MB)", log)
    judged = first(r"^each further one, median\s+([\d.]+ ms)", log)
    lines = [
        "| what | costs | beside |", "|---|---|---|",
        f"| start of the provider, until its schema is read | {start} | {ratio} × the start of `true` |",
        f"| memory after it, size of the binary | {memory}, {size} | |",
        f"| judging a configuration of Loki of 400 lines | {judged} | |",
    ]
    lines += [f"| plan of {n} new stack{'s' * (n > 1)}, each object by a dry run | {ms / 1000:.1f} s, {mb} MB | {ms / none:.1f} × a plan of as many `terraform_data` |"
              for n, ms, mb, none in rows]
    path = ROOT / "README.md"
    mark = re.compile(r"(<!-- benchmarks -->\n).*?(<!-- /benchmarks -->)", re.DOTALL)
    path.write_text(mark.sub(lambda it: it[1] + "\n".join(lines) + "\n" + it[2], path.read_text()))


def main(log):
    rows = curve(log)
    table = "| stacks | plan | the provider's memory | plan of nothing |\n|---|---|---|---|\n" + "\n".join(
        f"| {n} | {ms} ms | {mb} MB | {none} ms |" for n, ms, mb, none in rows)
    version = first(r'^version = "(.+)"', (ROOT / "Cargo.toml").read_text())
    text = "\n\n".join(f"## {title[0].upper()}{title[1:]}\n\n```text\n{figures}\n```" for title, figures in sections(log).items())
    page = PAGE.format(date=datetime.date.today(), version=version, machine=machine(), raw=RAW, curve=table, sections=text)
    (ROOT / "docs/benchmarks.md").write_text(page)
    (ROOT / "docs/images").mkdir(exist_ok=True)
    (ROOT / "docs/images/benchmarks.svg").write_text(plot(rows))
    readme(log, rows)
    print("written: docs/benchmarks.md, docs/images/benchmarks.svg, README.md")


main(pathlib.Path(sys.argv[1]).read_text())
