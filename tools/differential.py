#!/usr/bin/env python3
"""Reads made-up logs with planted mistakes by rundown and by DuckDB, and compares what each of them makes of them.

    pip install duckdb==2.0.0
    cargo build && python3 tools/differential.py target/debug/rundown [sets] [first seed]

For each of the sets (200 unless told) one log is written as CSV, as NDJSON and as a JSON array. Compared are

* the rows that are used, as a multiset with all their values;
* the lines that are set aside, where they begin, and why (CSV: DuckDB's `store_rejects`; NDJSON: the lines that it cannot parse);
* fifteen aggregates of the report, which are computed in SQL over the rows that DuckDB accepted.

Where the two differ on purpose the kind of mistake is in REVIEWED, with the reason. Ends with 1 when anything else differs.
"""

import collections
import json
import pathlib
import random
import subprocess
import sys
import tempfile

import duckdb

COLUMNS = ["scan", "run_id", "status", "started_at", "ended_at", "assets_discovered", "error_message"]
STATUSES = ["Completed", "Failed", "Canceled", "InProgress", "Partially completed"]
TYPES = {
    "MISSING COLUMNS": "E-CSV-WIDTH",
    "TOO MANY COLUMNS": "E-CSV-WIDTH",
    "UNQUOTED VALUE": "E-CSV-QUOTE",
    "INVALID ENCODING": "E-ENCODING",
}
# A mistake that the two see differently, why rundown sets its row aside, and the reason.
REVIEWED = {
    "two mistakes": ("E-CSV-QUOTE", "a row is set aside once, for its first mistake; DuckDB names each mistake"),
    "comma": ("E-JSON-SYNTAX", "a comma before a closing brace is no JSON (RFC 8259); DuckDB reads the row"),
}
TEXTS = ["", "timed out", 'said "no"', "a, b", "line one\nline two", "grün ✓", "tab\there", "'single'", "semi;colon"]


def quote(value):
    """A CSV field, quoted where it must be."""
    return '"' + value.replace('"', '""') + '"' if any(c in value for c in '",\n\r') else value


def make_rows(rng, count):
    rows = []
    for n in range(count):
        start = f"2026-{rng.randint(1, 3):02}-{rng.randint(1, 27):02}T{rng.randint(0, 23):02}:{rng.randint(0, 59):02}:00Z"
        status = rng.choice(STATUSES)
        minutes = rng.randint(1, 600)
        end = ""
        if status != "InProgress":
            day, hour, minute = int(start[8:10]), int(start[11:13]), int(start[14:16])
            total = (hour * 60 + minute + minutes)
            end = f"{start[:8]}{day + total // 1440:02}T{total % 1440 // 60:02}:{total % 60:02}:00Z"
        rows.append([
            f"scan-{rng.randint(1, 6)}", f"run-{n:04}", status, start, end,
            rng.choice(["", str(rng.randint(0, 10**6))]),
            rng.choice(TEXTS) if status == "Failed" else "",
        ])
    return rows


def spoil(rng, fields):
    """The bytes of a row with a mistake, and the name of the mistake."""
    kind = rng.choice(["few", "many", "text behind", "stray quote", "not utf-8", "two mistakes"])
    texts = [quote(field) for field in fields]
    if kind == "few":
        texts = texts[: rng.randint(2, len(texts) - 1)]
    elif kind == "many":
        texts += ["more"] * rng.randint(1, 3)
    elif kind == "text behind":
        texts[-1] = '"quoted" tail'
    elif kind == "stray quote":
        texts[-1] = 'an "inner" quote'
    elif kind == "two mistakes":
        texts[0] = '"quoted" tail'
        texts += ["more"]
    line = ",".join(texts).encode()
    if kind == "not utf-8":
        line = line.replace(fields[1].encode(), fields[1].encode() + b"\xff", 1)
    return line, kind


def write_csv(rng, rows, path):
    """Writes the rows, some of them spoilt. Returns the mistakes by line and the end of lines."""
    end = rng.choice([b"\n", b"\r\n"])
    out = bytearray(",".join(COLUMNS).encode() + end)
    line, mistakes = 2, {}
    for fields in rows:
        if rng.random() < 0.12:
            text, kind = spoil(rng, fields)
            mistakes[line] = kind
        else:
            text = ",".join(map(quote, fields)).encode()
        out += text + end
        line += 1 + text.count(b"\n")
    path.write_bytes(bytes(out))
    return mistakes


def write_json(rng, rows, lines_path, array_path):
    """Writes the rows as NDJSON with mistakes, and those without mistakes as an array. Returns the lines with mistakes."""
    lines, good, mistakes = [], [], {}
    for fields in rows:
        record = {name: value for name, value in zip(COLUMNS, fields) if value or rng.random() < 0.5}
        if "assets_discovered" in record and record["assets_discovered"]:
            record["assets_discovered"] = int(record["assets_discovered"])
        text = json.dumps(record, ensure_ascii=rng.random() < 0.5)
        if rng.random() < 0.12:
            kind = rng.choice(["cut", "comma", "bare word", "two values"])
            text = {
                "cut": text[: rng.randint(1, len(text) - 1)],
                "comma": text[:-1] + ",}",
                "bare word": text[:-1] + ', "x": yes}',
                "two values": text[:-1] + ' "y"}',
            }[kind]
            mistakes[len(lines) + 1] = kind
        else:
            good.append(record)
        lines.append(text)
    lines_path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    array_path.write_text(json.dumps(good, indent=1), encoding="utf-8")
    return mistakes


def rundown(program, folder, name):
    """The rows that rundown uses, its rejects by line and the places of their lines in bytes, and its report."""
    def call(*args):
        done = subprocess.run([program, *args], cwd=folder, capture_output=True, text=True)
        if done.returncode not in (0, 3):
            sys.exit(f"{args}: {done.returncode}\n{done.stderr}")
    more = ["--max-rejects", "100%", "--rejects", "rejects.ndjson", "--force"]
    call("convert", name, "-o", "used.ndjson", *more)
    call("report", name, "-o", "report.json", "--last", "all", "--by", "day", *more[:2], "--force")
    used = collections.Counter()
    for line in (folder / "used.ndjson").read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        used[tuple(str(row[key]) if row.get(key) is not None else "" for key in COLUMNS)] += 1
    rejects, places = collections.defaultdict(list), {}
    for line in (folder / "rejects.ndjson").read_text(encoding="utf-8").splitlines():
        reject = json.loads(line)
        rejects[reject["line"]].append(reject["rejected"])
        places[reject["line"]] = reject["byte"]
    return used, dict(rejects), places, json.loads((folder / "report.json").read_text(encoding="utf-8"))


CANONICAL = dict(zip(STATUSES, ["completed", "failed", "cancelled", "in_progress", "partial"]))


def canonical(row):
    """A row of DuckDB with the words that rundown uses for its status."""
    return tuple(CANONICAL[value] if name == "status" else str(value or "") for name, value in zip(COLUMNS, row))


AGGREGATES = {
    "runs": "select count(*) from t",
    "succeeded": "select count(*) from t where status = 'Completed'",
    "partial": "select count(*) from t where status = 'Partially completed'",
    "failed": "select count(*) from t where status = 'Failed'",
    "cancelled": "select count(*) from t where status = 'Canceled'",
    "active": "select count(*) from t where status = 'InProgress'",
    "success_rate": "select count(*) filter (status = 'Completed') / nullif(count(*) filter (status in ('Completed', 'Partially completed', 'Failed')), 0) from t",
    "scans": "select count(distinct scan) from t",
    "by_month": "select month(started_at::timestamp), count(*), count(*) filter (status = 'Failed') from t group by 1 order by 1",
    "by_scan": "select scan, count(*), count(*) filter (status = 'Failed'), count(*) filter (status = 'Completed') from t group by 1 order by 1",
    "last_run": "select scan, max(started_at) from t group by 1 order by 1",
    "durations": """select scan, quantile_disc(d, 0.5), quantile_disc(d, 0.95), max(d), count(*) from (
        select scan, (epoch_ms(ended_at::timestamp) - epoch_ms(started_at::timestamp)) d from t
        where status in ('Completed', 'Partially completed') and ended_at <> '') group by 1 order by 1""",
    "errors": "select count(*) from t where status = 'Failed' or status like 'Partial%' and error_message <> ''",
    "messages": "select count(*) from t where (status = 'Failed' or status like 'Partial%') and error_message <> ''",
    "days": "select count(distinct started_at[:10]) from t",
}


def ours(report):
    """The same aggregates from a report."""
    s = report["sections"]
    figures = s["overview"]["figures"]
    value = {key: figures[key] for key in ["runs", "succeeded", "partial", "failed", "cancelled", "active", "success_rate", "scans"]}
    months = collections.defaultdict(lambda: [0, 0])
    for bucket in s["outcomes"]["by_period"]:
        if bucket["runs"]:
            month = months[int(bucket["start"][5:7])]
            month[0] += bucket["runs"]
            month[1] += bucket["failed"]
    value["by_month"] = [(month, *counts) for month, counts in sorted(months.items())]
    scans = sorted((row for row in s["scans"]["scans"] if row["runs"]), key=lambda row: row["scan"])
    value["by_scan"] = [(row["scan"], row["runs"], row["failed"], row["succeeded"]) for row in scans]
    value["last_run"] = [(row["scan"], row["last_run_at"].replace("+00:00", "Z")) for row in scans]
    durations = sorted(s["durations"]["scans"], key=lambda row: row["scan"])
    value["durations"] = [(row["scan"], row["p50_ms"], row["p95_ms"], row["max_ms"], row["runs"]) for row in durations if row["max_ms"] is not None]
    value["errors"] = sum(row["runs"] for row in s["errors"]["categories"])
    value["messages"] = sum(row["runs"] for row in s["errors"]["signatures"] if row["signature"] != "(no error text)")
    value["days"] = sum(1 for bucket in s["outcomes"]["by_period"] if bucket["runs"])
    return value


def check(what, one, other, differences):
    if one != other:
        differences.append(f"{what}:\n  rundown {one}\n  DuckDB  {other}")


def check_report(what, report, counts, differences):
    """Compares the aggregates of a report with those of the table `t`."""
    mine = ours(report)
    for name, sql in AGGREGATES.items():
        found = duckdb.sql(sql).fetchall()
        theirs = found if isinstance(mine[name], list) else found[0][0]
        check(f"{what}: {name}", mine[name], theirs, differences)
        counts["aggregates compared"] += 1


def check_csv(program, folder, rng, rows, what, counts, differences):
    mistakes = write_csv(rng, rows, folder / "runs.csv")
    used, rejects, places, report = rundown(program, folder, "runs.csv")
    for table in ("reject_errors", "reject_scans", "t"):
        duckdb.sql(f"drop table if exists {table}")
    columns = {name: "VARCHAR" for name in COLUMNS}
    duckdb.sql(f"""create table t as select * from read_csv('{folder}/runs.csv', auto_detect=false, columns={columns},
        header=true, delim=',', quote='"', escape='"', strict_mode=true, store_rejects=true)""")
    theirs = collections.defaultdict(list)
    raw = (folder / "runs.csv").read_bytes()
    sql = "select distinct line_byte_position, error_type from reject_errors order by all"
    for place, kind in duckdb.sql(sql).fetchall():
        # Its `line` counts records. Its place, from 1, is that of the record, or of the line feed before it.
        place -= 1
        place += raw[place : place + 1] == b"\n"
        line = 1 + raw[:place].count(b"\n")
        theirs[line].append(TYPES[kind])
        check(f"{what}: byte of line {line}", places.get(line), place, differences)
        counts["CSV: places in bytes compared"] += 1
    for line, kind in mistakes.items():
        counts[f"CSV: {kind}"] += 1
        if kind in REVIEWED:
            check(f"{what}: line {line}, {kind}", rejects.pop(line, None), [REVIEWED[kind][0]], differences)
            check(f"{what}: line {line}, {kind}", REVIEWED[kind][0] in theirs.pop(line, []), True, differences)
    check(f"{what}: lines set aside", rejects, dict(theirs), differences)
    accepted = collections.Counter(canonical(row) for row in duckdb.sql("select * from t").fetchall())
    check(f"{what}: rows used", sorted((used - accepted).items()), sorted((accepted - used).items()), differences)
    counts["CSV: rows used by both"] += sum((used & accepted).values())
    counts["CSV: rows set aside by both"] += len(theirs)
    check_report(what, report, counts, differences)


def check_json(program, folder, rng, rows, what, counts, differences):
    mistakes = write_json(rng, rows, folder / "runs.ndjson", folder / "runs.json")
    lines = (folder / "runs.ndjson").read_text(encoding="utf-8").split("\n")
    columns = {name: "VARCHAR" for name in COLUMNS}
    for name, layout in (("runs.ndjson", "newline_delimited"), ("runs.json", "array")):
        used, rejects, _places, report = rundown(program, folder, name)
        duckdb.sql("drop table if exists t")
        # A line that cannot be parsed becomes a row of nulls.
        duckdb.sql(f"""create table t as select coalesce(columns(*), '') from read_json('{folder}/{name}', format='{layout}',
            columns={columns}, ignore_errors={str(layout == "newline_delimited").lower()}) where scan is not null""")
        for line, kind in mistakes.items() if layout == "newline_delimited" else ():
            if kind in REVIEWED:
                run_id = json.loads(lines[line - 1][:-2] + "}")["run_id"]
                check(f"{what}: line {line}, {kind}", rejects.get(line), [REVIEWED[kind][0]], differences)
                duckdb.execute("delete from t where run_id = ?", [run_id])
        accepted = collections.Counter(canonical(row) for row in duckdb.sql("select * from t").fetchall())
        check(f"{what}: {name}: rows used", sorted((used - accepted).items()), sorted((accepted - used).items()), differences)
        wanted = {line: ["E-JSON-SYNTAX"] for line in mistakes} if layout == "newline_delimited" else {}
        check(f"{what}: {name}: lines set aside", rejects, wanted, differences)
        counts[f"{name[5:]}: rows used by both"] += sum((used & accepted).values())
        counts[f"{name[5:]}: rows set aside by both"] += len(wanted)
        check_report(f"{what}: {name}", report, counts, differences)
    for kind in mistakes.values():
        counts[f"ndjson: {kind}"] += 1


def compare(program, folder, seed, counts, differences):
    rng = random.Random(seed)
    rows = make_rows(rng, rng.randint(30, 120))
    check_csv(program, folder, rng, rows, f"set {seed}, CSV", counts, differences)
    check_json(program, folder, rng, rows, f"set {seed}, JSON", counts, differences)


def main():
    program = str(pathlib.Path(sys.argv[1]).resolve())
    sets = int(sys.argv[2]) if len(sys.argv) > 2 else 200
    first = int(sys.argv[3]) if len(sys.argv) > 3 else 1
    counts, differences = collections.Counter(), []
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        for seed in range(first, first + sets):
            compare(program, folder, seed, counts, differences)
    for what, number in sorted(counts.items()):
        print(f"{number:>9,}  {what}")
    for difference in differences[:20]:
        print(difference)
    print(f"{len(differences)} differences that are not on the reviewed list, in {sets} sets")
    return 1 if differences else 0


if __name__ == "__main__":
    sys.exit(main())
