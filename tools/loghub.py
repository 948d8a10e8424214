"""Measures how well rundown groups messages, on the labelled logs of loghub-2.0.

    git clone https://github.com/logpai/loghub-2.0
    python3 tools/loghub.py loghub-2.0/2k_dataset target/release/rundown

The first argument is a folder with files *_2k.log_structured_corrected.csv, at any depth; the second is the program. Each
message becomes the error message of a failed run; `rundown convert` gives its signature.

GA is the share of messages whose group holds exactly the messages of one template. FGA is the harmonic mean of the share of
groups that do and the share of templates that have such a group.
"""

import collections
import csv
import json
import pathlib
import subprocess
import sys
import tempfile

# System logs, chosen before any rule was tuned.
EIGHT = ["HDFS", "Hadoop", "Spark", "Zookeeper", "BGL", "HPC", "Thunderbird", "OpenStack"]
ENDING = "_2k.log_structured_corrected.csv"


def signatures(program, messages):
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder, "runs.ndjson")
        with path.open("w", encoding="utf-8") as file:
            for number, message in enumerate(messages):
                run = {"run_id": f"r{number}", "scan": "s", "source": "x", "status": "failed"}
                run |= {"started_at": "2026-11-01T02:00:00Z", "error_message": message}
                file.write(json.dumps(run) + "\n")
        command = [program, "convert", path, "-o", "-", "--format", "ndjson"]
        lines = subprocess.run(command, capture_output=True, check=True).stdout.splitlines()
    runs = [json.loads(line) for line in lines]
    found = {run["run_id"]: run["error_signature"] for run in runs}
    return [found[f"r{number}"] for number in range(len(messages))]


def groups(names):
    members = collections.defaultdict(list)
    for number, name in enumerate(names):
        members[name].append(number)
    return {tuple(group) for group in members.values()}


def score(found, templates):
    found, true = groups(found), groups(templates)
    right = found & true
    ga = sum(map(len, right)) / len(templates)
    fga = 2 * len(right) / (len(found) + len(true))
    return ga, fga, len(found), len(true)


def main(folder, program):
    scores = {}
    print("| set | GA | FGA | groups | templates |\n| --- | --- | --- | --- | --- |")
    for path in sorted(pathlib.Path(folder).rglob("*" + ENDING)):
        with path.open(encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
        name = path.name.removesuffix(ENDING)
        found = signatures(program, [row["Content"] for row in rows])
        scores[name] = ga, fga, count, true = score(found, [row["EventTemplate"] for row in rows])
        print(f"| {name} | {ga:.3f} | {fga:.3f} | {count} | {true} |", flush=True)
    for title, names in (("mean of eight", EIGHT), ("mean of all", list(scores))):
        known = [scores[name] for name in names if name in scores]
        if known:
            means = [sum(values) / len(known) for values in list(zip(*known))[:2]]
            print(f"| {title} ({len(known)}) | {means[0]:.3f} | {means[1]:.3f} | | |")
    if not scores:
        sys.exit(f"{folder}: no file ends in {ENDING}")


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    main(*sys.argv[1:])
