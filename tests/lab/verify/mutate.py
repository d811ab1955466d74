"""Mutants of Loki configurations: plausible mistakes in plausible files, made at random from a seed.

usage: mutate.py MODEL.json SEEDS.jsonl COUNT SEED      prints {"config": …, "env": null, "name": …, "line": …} lines
`line` is where the first mutation was made, 0 where that does not say anything.
"""
import json
import random
import re
import sys

VALUES = {
    "bool": ["true", "false", "yes", "off", "1", '"true"', "maybe", "", "[]", "TRUE", "y"],
    "int": ["0", "1", "-1", "3", "128", "9095", "65536", "1.5", "1e3", "0x10", "010", '"5"', "abc", "", "9999999999999999999", "1_000", "[1]", "{}"],
    "float": ["0", "0.5", "-1", "2", "1e-3", ".5", ".inf", "abc", '"0.5"', "", "1.5.2"],
    "duration": ["1h", "30s", "1d", "24h", "90d", "1h30m", "5", "0", "0s", "-1h", "1.5h", "1y", "1w2d", "100ms", '"5m"', "5 m", "m", "", "1h1h", "[]", "forever", "1H", "168h", "744h"],
    "size": ["4MB", "4mb", "1GiB", "10", "0", "-1", "1.5MB", "4 MB", "64K", "1e6", "huge", "", '"8MB"', "2Gi", "100KB", "{}"],
    "string": ["abc", '""', "''", "s3", "memberlist", "consul", "v12", "v13", "snappy", "gzip", "http://a:b/c", "https://x.example/p", "123", "true", "null", "~", "[a]", "{a: b}", "localhost:9095", "/tmp/x", "a b", '"a: b"', "*", "&a b", "'it''s'", "|", "!!str 5", "filter-and-delete", "2024-01-01", "index_", "tsdb", "boltdb-shipper", "filesystem", "AzureGlobal", "protobuf", "v4"],
    "list": ["[]", "[a]", "[a, b]", "a", "a,b", "", "{}", "[[a]]", "[1, 2]", "- a"],
    "map": ["{}", "[]", "{a: b}", "{a: {}}", "", "abc", "{a: 1, a: 2}", "{1: 2}"],
    "url": ["http://x", "https://user:pw@host:9000/b", "s3://key:secret@region/bucket", "://x", "http://[::1", "%zz", "", "http://a b", "s3://eu-west-1"],
}


def kind(node):
    if node["kind"] == "struct":
        return "map"
    if node["kind"] in ("list", "map"):
        return node["kind"]
    name = node["type"]
    if "Duration" in name or name == "flagext.Time":
        return "duration"
    if "Bytes" in name or "ByteSize" in name:
        return "size"
    if "URL" in name:
        return "url"
    if name == "bool":
        return "bool"
    if name.startswith(("int", "uint")):
        return "int"
    if name.startswith("float"):
        return "float"
    return "string"


def children(node):
    if node["kind"] == "struct":
        return {child["key"]: child for child in node.get("children", [])}
    return {}


def at(model, path):
    node = model
    for key in path:
        while node["kind"] in ("pointer", "list", "map") and node.get("children"):
            if node["kind"] == "map":
                node = node["children"][0]
                key = None
                break
            node = node["children"][0]
        if key is not None:
            node = children(node).get(key)
        if node is None:
            return None
    while node and node["kind"] in ("pointer", "list") and node.get("children"):
        node = node["children"][0]
    return node


KEY = re.compile(r"^(\s*(?:- )*)([A-Za-z_][\w.-]*):(\s.*|)$")


def places(lines):
    """(line number, indent, key, path of keys) of each line that is a key."""
    stack, found = [], []
    for number, line in enumerate(lines):
        match = KEY.match(line)
        if not match or line.lstrip().startswith("#"):
            continue
        indent = len(match.group(1))
        while stack and stack[-1][0] >= indent:
            stack.pop()
        stack.append((indent, match.group(2)))
        found.append((number, indent, match.group(2), [key for _, key in stack]))
    return found


def block_end(lines, number, indent):
    end = number + 1
    while end < len(lines) and (not lines[end].strip() or len(lines[end]) - len(lines[end].lstrip()) > indent or (lines[end].lstrip().startswith("- ") and len(lines[end]) - len(lines[end].lstrip()) >= indent)):
        end += 1
    return end


def typo(rng, word):
    i = rng.randrange(len(word))
    return rng.choice([word[:i] + word[i + 1:], word[:i] + word[i] + word[i:], word[:i] + rng.choice("abcdexyz_-") + word[i + 1:], word.replace("_", "-", 1), word.upper(), word + "s", word.rstrip("s"), word.replace("_", "")]) or "x"


def random_setting(rng, model):
    """A key of the model with a value, as lines of a whole section."""
    node, path = model, []
    while True:
        options = list(children(node).values())
        if not options:
            break
        node = rng.choice(options)
        path.append(node["key"])
        if node["kind"] != "struct" or rng.random() < 0.02:
            break
    value = rng.choice(VALUES[kind(node)])
    if rng.random() < 0.5 and node.get("default") is not None:
        value = json.dumps(node["default"])
    return ["  " * depth + key + ":" for depth, key in enumerate(path[:-1])] + ["  " * (len(path) - 1) + f"{path[-1]}: {value}"], path


def insert_setting(rng, model, lines):
    new, path = random_setting(rng, model)
    known = places(lines)
    # As deep below what is there as it goes.
    for depth in range(len(path) - 1, 0, -1):
        for number, indent, key, keys in known:
            if keys == path[:depth] and not re.search(r":\s*[^\s#]", lines[number]):
                following = number + 1
                inner = next((len(line) - len(line.lstrip()) for line in lines[following:following + 1] if line.strip()), indent + 2)
                inner = inner if inner > indent else indent + 2
                rest = [" " * (inner + 2 * i) + line.strip() for i, line in enumerate(new[depth:])]
                lines[following:following] = rest
                return following + len(rest)
    if any(keys == path[:1] for _, _, _, keys in known):
        return 0
    lines.extend(new)
    return len(lines)


def mutate(rng, model, text, others):
    lines = text.split("\n")
    known = places(lines)
    if not known:
        return text + "\n" + rng.choice(VALUES["string"]), 0
    number, indent, key, path = rng.choice(known)
    node = at(model, path)
    how = rng.randrange(18)
    prefix = KEY.match(lines[number]).group(1)
    if how == 0:  # typo
        lines[number] = lines[number].replace(key, typo(rng, key), 1)
    elif how in (1, 2, 3, 4):  # another value
        values = VALUES[kind(node)] if node else VALUES["string"]
        if rng.random() < 0.15:
            values = VALUES[rng.choice(list(VALUES))]
        lines[number:block_end(lines, number, indent)] = [f"{prefix}{key}: {rng.choice(values)}"]
    elif how == 5:  # drop
        del lines[number:block_end(lines, number, indent)]
        return "\n".join(lines), 0
    elif how == 6:  # duplicate
        end = block_end(lines, number, indent)
        copy = lines[number:end]
        copy[0] = copy[0].replace("- ", "  ")
        lines[end:end] = copy
        number = end
    elif how == 7:  # move the block elsewhere
        end = block_end(lines, number, indent)
        block = lines[number:end]
        del lines[number:end]
        if not lines:
            return "", 0
        to = rng.randrange(len(lines))
        lines[to:to] = block
        return "\n".join(lines), 0
    elif how == 8:  # indentation
        lines[number] = rng.choice([" " + lines[number], lines[number][1:] if lines[number].startswith(" ") else "  " + lines[number], "\t" + lines[number], lines[number].replace("  ", "\t", 1)])
    elif how == 9:  # null or empty section
        lines[number:block_end(lines, number, indent)] = [f"{prefix}{key}:" + rng.choice(["", " {}", " []", " null", " ~"])]
    elif how in (10, 11, 12, 13):
        number = insert_setting(rng, model, lines) - 1
    elif how == 14:  # a section of another file
        other = rng.choice(others).split("\n")
        tops = [place for place in places(other) if place[1] == 0]
        if tops:
            start, _, _, _ = rng.choice(tops)
            lines.extend(other[start:block_end(other, start, 0)])
        return "\n".join(lines), 0
    elif how == 15:  # damage of a character
        line = lines[number]
        i = rng.randrange(len(line) + 1)
        lines[number] = line[:i] + rng.choice(["", ":", "'", '"', "{", "]", "#", " ", "%", "@", "&", "*", "|", "-", ","]) + line[min(i + 1, len(line)):]
    elif how == 16:  # a word becomes text, or a text loses its quotes
        lines[number] = re.sub(r': *"?([^"#]+?)"? *$', lambda m: rng.choice([f': "{m.group(1)}"', f": '{m.group(1)}'", f": {m.group(1)}"]), lines[number])
    else:  # anchors
        lines[number] = lines[number] + rng.choice([" &a", " *a", " *b", " !!int", " !!str"]) if not re.search(r":\s*\S", lines[number]) else re.sub(r":\s*", rng.choice([": &x ", ": !!str ", ": !!int ", ": *x "]), lines[number], count=1)
    return "\n".join(lines), number + 1


def main():
    model = json.load(open(sys.argv[1]))
    seeds = [json.loads(line)["config"] for line in open(sys.argv[2])]
    rng = random.Random(int(sys.argv[4]))
    for index in range(int(sys.argv[3])):
        text, line = mutate(rng, model, rng.choice(seeds), seeds)
        for _ in range(rng.choice([0, 0, 0, 1, 2])):
            text, _ = mutate(rng, model, text, seeds)
        print(json.dumps({"config": text, "env": None, "name": f"mutant {sys.argv[4]}.{index}", "line": line}))


if __name__ == "__main__":
    main()
