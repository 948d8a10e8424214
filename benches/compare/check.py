#!/usr/bin/env python
"""Compares the figures that rundown's report and the tables of both engines share.

    check.py report.json duckdb.json polars.json [records]

Every difference is printed, and the exit code is 1 if there is one. With the number of records in the file, rundown must have
read as many. Of signatures only the number of runs is shared with
rundown, whose own rules group messages more finely; the two engines use the same rules and must agree on each.
"""

import json
import pathlib
import sys

import common

COUNTS = ["runs", *common.OUTCOMES]
DURATIONS = ["duration_p50_ms", "duration_p95_ms"]
GAPS = ["runs_compared", "discovered", "ingested", "ingest_failed", "missing", "surplus"]
# Differences of one table that are printed.
SHOWN = 5


def keyed(rows, key, values):
    """The values of rows by their key, which no two rows share."""
    table = {}
    for row in rows:
        name = tuple(row[column] for column in key)
        if name in table:
            sys.exit(f"two rows of {name}")
        table[name] = {column: row[column] for column in values}
    return table


def of_report(path):
    """The shared tables of a report of rundown, and the number of records that it read.

    The report also has days and scans without a run in the window.
    """
    report = json.loads(pathlib.Path(path).read_text(encoding="utf-8"))
    sections = report["sections"]
    days = [row for row in sections["outcomes"]["by_period"] if row["runs"]]
    scans = [row for row in sections["scans"]["scans"] if row["runs"]]
    shared = {
        "figures": keyed([sections["overview"]["figures"]], [], COUNTS),
        "by_day": keyed(days, ["start"], COUNTS),
        "scans": keyed(scans, common.SCAN, COUNTS + DURATIONS),
        "gap_figures": keyed([sections["gaps"]["figures"]], [], GAPS),
        "gap_scans": keyed(sections["gaps"]["scans"], common.SCAN, [*GAPS, "unaccounted"]),
        "errors": keyed([{"runs": sum(row["runs"] for row in sections["errors"]["signatures"])}], [], ["runs"]),
    }
    return shared, sections["inputs"]["reconciliation"]["read"]


def of_engine(path):
    """The shared tables of an engine, and its signatures."""
    tables = json.loads(pathlib.Path(path).read_text(encoding="utf-8"))
    shared = {
        "figures": keyed(tables["figures"], [], COUNTS),
        "by_day": keyed(tables["by_day"], ["start"], COUNTS),
        "scans": keyed(tables["scans"], common.SCAN, COUNTS + DURATIONS),
        "gap_figures": keyed(tables["gap_figures"], [], GAPS),
        "gap_scans": keyed(tables["gap_scans"], common.SCAN, [*GAPS, "unaccounted"]),
        "errors": keyed([{"runs": sum(row["runs"] for row in tables["signatures"])}], [], ["runs"]),
    }
    return shared, keyed(tables["signatures"], ["signature"], ["runs"])


def differences(name, left, right):
    """What two writings of one table say differently, as lines."""
    lines = []
    for key in sorted(left.keys() | right.keys(), key=str):
        if left.get(key) != right.get(key):
            lines.append(f"{name} {'/'.join(map(str, key))}: {left.get(key)} and {right.get(key)}")
    return lines[:SHOWN] + ([f"{name}: {len(lines)} rows differ"] if len(lines) > SHOWN else [])


def main():
    report, records = of_report(sys.argv[1])
    engines = {name: of_engine(path) for name, path in zip(["DuckDB", "Polars"], sys.argv[2:4], strict=True)}
    wrong = []
    if len(sys.argv) > 4 and int(sys.argv[4]) != records:
        wrong.append(f"rundown read {records} records of {sys.argv[4]}")
    for engine, (tables, _) in engines.items():
        for name, table in report.items():
            wrong += [f"rundown and {engine}: {line}" for line in differences(name, table, tables[name])]
    signatures = [signatures for _, signatures in engines.values()]
    wrong += [f"DuckDB and Polars: {line}" for line in differences("signatures", *signatures)]
    if wrong:
        sys.exit("\n".join(wrong))
    figures = report["figures"][()]
    cells = sum(len(row) for table in report.values() for row in table.values())
    print(f"{cells} figures agree; {figures['runs']} runs in the window of {len(report['scans'])} scans, "
          f"{report['errors'][()]['runs']} with an error in {len(signatures[0])} signatures")


if __name__ == "__main__":
    main()
