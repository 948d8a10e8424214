#!/usr/bin/env python
"""Measures rundown beside DuckDB and Polars for Python, on the same files and for the same tables.

    pip install -r benches/compare/requirements.txt
    cargo build --release --locked --bins --examples
    python benches/compare/compare.py target/release/rundown --runs 10000 1000000

Each program is a process of its own, from its start to its end, and they take turns. After each round the figures that the
three share must agree, or nothing is printed but the differences. Needs Linux or macOS. docs/BENCHMARKS.md says what each
program computes and how to read the tables.
"""

import argparse
import hashlib
import importlib.metadata
import os
import pathlib
import platform
import re
import statistics
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
KINDS = ["csv", "ndjson", "parquet"]
# More scans than this make every program compute larger tables, and rundown a larger page.
SCANS = 5_000
RUNS_OF_A_SCAN = 10
BUILD = "cargo build --release --locked --bins --examples"
# Wall-clock seconds, processor seconds and bytes at the peak, of one process.
MEASURES = ["seconds", "processor", "peak"]


def positive(text):
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("is not above 0")
    return number


def arguments():
    parser = argparse.ArgumentParser(
        description="Measures rundown beside DuckDB and Polars for Python, on the same files and for the same tables.")
    parser.add_argument("rundown", type=pathlib.Path, help="the release binary")
    parser.add_argument("--runs", type=positive, nargs="+", default=[10_000, 1_000_000, 5_000_000])
    parser.add_argument("--kinds", choices=KINDS, nargs="+", default=KINDS)
    parser.add_argument("--repeat", type=positive, default=5, help="rounds, of which medians are taken (default: 5)")
    parser.add_argument("--dir", type=pathlib.Path, default=pathlib.Path(tempfile.gettempdir()) / "rundown-compare",
                        help="where inputs are kept and outputs go (default: %(default)s)")
    parser.add_argument("--examples", type=pathlib.Path,
                        help="where the examples generate and floors are (default: beside the binary)")
    args = parser.parse_args()
    args.rundown = args.rundown.resolve()
    args.dir = args.dir.resolve()
    args.examples = (args.examples or args.rundown.parent / "examples").resolve()
    for program in [args.rundown, args.examples / "generate", args.examples / "floors"]:
        if not os.access(program, os.X_OK) or program.is_dir():
            sys.exit(f"{program}: is not a program\n  build it with: {BUILD}")
    return args


def environment():
    """That of this process without rundown's options, and with this Python before any other."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("RUNDOWN_")}
    kept["PATH"] = os.pathsep.join([os.path.dirname(sys.executable), kept.get("PATH", os.defpath)])
    return kept


def script(name, *more):
    return ["/usr/bin/env", os.path.basename(sys.executable), str(HERE / name), *map(str, more)]


def measure(command, folder):
    """Runs a command to its end. Returns its measures and what it printed.

    Not with `resource.getrusage`, which knows only the greatest of all children. This process itself must stay small: a
    child's peak is never below the memory of the process that started it, so nothing large is read here.
    """
    with tempfile.TemporaryFile() as printed:
        start = time.perf_counter()
        child = subprocess.Popen(command, cwd=folder, env=environment(), stdin=subprocess.DEVNULL, stdout=printed,
                                 stderr=subprocess.STDOUT)
        _, status, usage = os.wait4(child.pid, 0)
        seconds = time.perf_counter() - start
        child.returncode = os.waitstatus_to_exitcode(status)
        printed.seek(0)
        text = printed.read().decode(errors="replace")
    if child.returncode != 0:
        sys.exit(f"{' '.join(map(str, command))}\n  ended with {child.returncode}:\n{text}")
    # Linux counts kibibytes, macOS bytes.
    unit = 1 if sys.platform == "darwin" else 1024
    return dict(zip(MEASURES, [seconds, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * unit])), text


def input_file(args, runs, kind):
    """The file with so many runs. Made under another name first, so that a file with this name is whole."""
    path = args.dir / f"runs-{runs}.{kind}"
    if not path.exists():
        scans = max(1, min(SCANS, runs // RUNS_OF_A_SCAN))
        part = path.with_name(f"{path.name}.part")
        print(f"making {path}", file=sys.stderr)
        subprocess.run([args.examples / "generate", "--shape", "native", "--format", kind, "--runs", str(runs),
                        "--scans", str(scans), "-o", part], check=True, stderr=subprocess.DEVNULL)
        part.rename(path)
    return path


def warm(path):
    """Reads a file, so that no program waits for the disk."""
    with open(path, "rb", buffering=0) as file:
        while file.read(1 << 20):
            pass


def compare(args, runs, kind):
    """Measures all programs on one file, and prints their table."""
    path = input_file(args, runs, kind)
    out = args.dir / "out"
    out.mkdir(exist_ok=True)
    outputs = [out / "report.json", out / "report.html", out / "duckdb.json", out / "polars.json"]
    programs = {
        "rundown": [str(args.rundown), "report", str(path), "-o", "report.json", "-o", "report.html", "--force",
                    "--no-config"],
        "DuckDB": script("duckdb_tables.py", kind, path, out / "duckdb.json"),
        "Polars": script("polars_tables.py", kind, path, out / "polars.json"),
        "floor": [str(args.examples / "floors"), kind, str(path)],
    }
    warm(path)
    measured = {name: [] for name in programs}
    agreed, least = "", 0
    for turn in range(args.repeat):
        # What an earlier round left must not pass for a result.
        for output in outputs:
            output.unlink(missing_ok=True)
        names = list(programs)
        shift = turn % len(names)
        records = None
        # What a process that does nothing seems to need is what this one needs.
        least = max(least, measure(["/usr/bin/env", "true"], out)[0]["peak"])
        for name in names[shift:] + names[:shift]:
            print(f"{runs} {kind}, round {turn + 1} of {args.repeat}: {name}", file=sys.stderr)
            figures, text = measure(programs[name], out)
            measured[name].append(figures)
            if name == "floor":
                records = re.fullmatch(r"records=(\d+) sum=\d+\n", text).group(1)
        # In a process of its own, since it needs memory.
        checked = subprocess.run(script("check.py", outputs[0], outputs[2], outputs[3], records), env=environment(),
                                 capture_output=True, text=True)
        if checked.returncode != 0:
            sys.exit(f"{path}: the figures differ\n{checked.stdout}{checked.stderr}")
        agreed = checked.stdout.strip()
    print_table(runs, kind, path, measured, least, agreed, outputs)


def print_table(runs, kind, path, measured, least, agreed, outputs):
    """Medians, and their ratios to those of DuckDB. A peak that cannot be told from this process's own has a `≤`."""
    median = {name: {measure: statistics.median(row[measure] for row in rows) for measure in MEASURES}
              for name, rows in measured.items()}
    base = median["DuckDB"]
    print(f"\n### {runs:,} runs, {kind}\n\n{path.stat().st_size / 1e6:,.1f} MB. {agreed}. The report: "
          f"{outputs[0].stat().st_size / 1e6:,.1f} MB JSON, {outputs[1].stat().st_size / 1e6:,.1f} MB HTML.\n")
    print("| program | time | from – to | ratio | processor | ratio | peak memory | ratio |")
    print("| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |")
    for name, row in median.items():
        seconds = [figures["seconds"] for figures in measured[name]]
        seen = "" if row["peak"] > 1.1 * least else "≤ "
        ratio = {measure: f"{row[measure] / base[measure]:.2f}" for measure in MEASURES}
        print(f"| {name} | {row['seconds']:.2f} s | {min(seconds):.2f} – {max(seconds):.2f} | {ratio['seconds']} "
              f"| {row['processor']:.2f} s | {ratio['processor']} "
              f"| {seen}{row['peak'] / 1e6:,.0f} MB | {seen}{ratio['peak']} |", flush=True)


def first_match(path, pattern):
    try:
        found = re.search(pattern, pathlib.Path(path).read_text(encoding="utf-8"), re.MULTILINE)
    except OSError:
        return None
    return found and found.group(1)


def print_machine(args):
    """What the figures depend on."""
    memory = first_match("/proc/meminfo", r"^MemTotal:\s+(\d+) kB")
    version = subprocess.run([args.rundown, "--version"], check=True, capture_output=True, text=True).stdout.strip()
    # Not `read_bytes`, which would make this process large; see `measure`.
    with open(args.rundown, "rb") as binary:
        sha256 = hashlib.file_digest(binary, "sha256").hexdigest()
    model = first_match("/proc/cpuinfo", r"^model name\s*:\s*(.*)$") or platform.processor()
    size = f"{int(memory) / 1024 ** 2:.0f} GiB" if memory else "memory not known"
    print(f"- {os.cpu_count()} cores, {model}, {size}, {platform.platform(terse=True)}")
    print(f"- {version} (SHA-256 {sha256[:12]}…), " + ", ".join(
        f"{name} {importlib.metadata.version(package)}" for name, package in [("DuckDB", "duckdb"), ("Polars", "polars")])
        + f", Python {platform.python_version()}")
    print(f"- medians of {args.repeat} rounds; load before: {os.getloadavg()[0]:.1f}", flush=True)


def main():
    args = arguments()
    for package in ["duckdb", "polars"]:
        try:
            importlib.metadata.version(package)
        except importlib.metadata.PackageNotFoundError:
            sys.exit(f"{package}: is not installed\n  install it with: pip install -r {HERE / 'requirements.txt'}")
    args.dir.mkdir(parents=True, exist_ok=True)
    print_machine(args)
    for runs in args.runs:
        for kind in args.kinds:
            compare(args, runs, kind)
    print(f"\nload after: {os.getloadavg()[0]:.1f}")


if __name__ == "__main__":
    main()
