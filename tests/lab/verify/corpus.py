"""The corpus of configurations and what the real Loki says of each, in every version.

usage: corpus.py FOLDER VERSION=PROGRAMS...      writes FOLDER/verdicts.tsv; PROGRAMS has `verify` and `loki`

Each case is put to `verify judge`, and its verdict is compared with that of the real `loki -verify-config`: a difference
ends the run. A line of the verdicts is: family/case, minor versions (`0-7`), and `ok` or Loki's words as JSON.
"""
import concurrent.futures
import glob
import json
import os
import subprocess
import sys
import tempfile

LONGEST = 600  # of Loki's words; it may repeat the whole of a bad value


def cases(folder):
    """(name, configuration, variables or None) of every case."""
    for path in sorted(glob.glob(f"{folder}/*.txt")):
        family = os.path.basename(path)[:-4]
        header, lines = None, []
        for line in split(open(path, newline="").read()):
            if line.startswith("#=== "):
                if header:
                    yield finish(family, header, lines)
                header, lines = line[5:].rstrip("\n"), []
            else:
                lines.append(line)
        if header:
            yield finish(family, header, lines)


def split(text):
    """Lines with their \\n, and no other line ends."""
    parts = text.split("\n")
    return [part + "\n" for part in parts[:-1]] + ([parts[-1]] if parts[-1] else [])


def finish(family, header, lines):
    name, *settings = header.split("\t")
    variables = next((json.loads(it[4:]) for it in settings if it.startswith("env=")), None)
    return f"{family}/{name}", "".join(lines), variables


def ask_judge(programs, all_cases):
    questions = "".join(json.dumps({"config": text, "env": env}) + "\n" for _, text, env in all_cases)
    answers = subprocess.run([f"{programs}/verify", "judge"], input=questions, capture_output=True, text=True, check=True)
    return [json.loads(line) for line in answers.stdout.splitlines()]


def ask_loki(programs, text, env):
    with tempfile.NamedTemporaryFile("w", suffix=".yaml", newline="") as file:
        file.write(text)
        file.flush()
        command = [f"{programs}/loki", "-verify-config", f"-config.file={file.name}"]
        if env is not None:
            command.append("-config.expand-env=true")
        return subprocess.run(command, env={**(env or {}), "PATH": os.environ["PATH"]}, capture_output=True).returncode == 0


def ranges(minors):
    spans = []
    for minor in minors:
        if spans and spans[-1][1] == minor - 1:
            spans[-1][1] = minor
        else:
            spans.append([minor, minor])
    return ",".join(str(a) if a == b else f"{a}-{b}" for a, b in spans)


def main():
    folder, versions = sys.argv[1], [it.split("=", 1) for it in sys.argv[2:]]
    all_cases = list(cases(folder))
    said = [{} for _ in all_cases]
    judgements = {version: ask_judge(programs, all_cases) for version, programs in versions}
    for version, programs in versions:
        minor = int(version.split(".")[1])
        for words, verdict in zip(said, judgements[version]):
            text = "ok" if verdict["valid"] else json.dumps(verdict["text"][:LONGEST], ensure_ascii=False)
            words.setdefault(text, []).append(minor)
    with open(f"{folder}/verdicts.tsv", "w", newline="") as out:
        for (name, _, _), words in zip(all_cases, said):
            for text, minors in words.items():
                out.write(f"{name}\t{ranges(minors)}\t{text}\n")
    for version, programs in versions:
        with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
            real = list(pool.map(lambda case: ask_loki(programs, case[1], case[2]), all_cases))
        for (name, _, _), verdict, valid in zip(all_cases, judgements[version], real):
            if verdict["valid"] != valid:
                sys.exit(f"{version}: the judge and the real Loki differ on {name}: {verdict}, {valid}")
        print(f"{version}: {sum(real)} of {len(real)} configurations are valid, says the real Loki as well", flush=True)


if __name__ == "__main__":
    main()
