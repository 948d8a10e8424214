#!/usr/bin/env python
"""The tables of a report, computed by DuckDB: duckdb_tables.py KIND FILE OUTPUT."""

import sys

import duckdb

import common


def words(values):
    return "(" + ", ".join(f"'{value}'" for value in values) + ")"


def source(kind, path):
    """The records, with the types of the columns given, so that none has to be guessed."""
    types = {name: "VARCHAR" for name in common.TEXTS}
    types |= {name: "TIMESTAMP" for name in common.TIMES}
    types |= {name: "BIGINT" for name in common.COUNTS}
    path = "'" + path.replace("'", "''") + "'"
    if kind == "parquet":
        return f"read_parquet({path})"
    if kind == "csv":
        columns = ", ".join(f"'{name}': '{types[name]}'" for name in common.COLUMNS)
        return f"""read_csv({path}, header = true, delim = ',', quote = '"', escape = '"', columns = {{{columns}}})"""
    columns = ", ".join(f"'{name}': '{types[name]}'" for name in common.NEEDED)
    return f"read_json({path}, format = 'newline_delimited', columns = {{{columns}}})"


def any_of(values):
    return "(" + " OR ".join(f"{column} IN {words(values)}" for column in common.STATUSES) + ")"


def outcome():
    """The worst of the statuses; NULL is no status."""
    strange = " OR ".join(f"{column} NOT IN {words(common.KNOWN)}" for column in common.STATUSES)
    return f"""CASE WHEN {any_of(['failed'])} THEN 'failed'
        WHEN {any_of(['cancelled'])} THEN 'cancelled'
        WHEN {any_of(common.ACTIVE)} THEN 'active'
        WHEN {strange} THEN 'unknown'
        WHEN {any_of(['partial'])} THEN 'partial'
        WHEN {any_of(['completed'])} THEN 'succeeded'
        ELSE 'unknown' END"""


def signature():
    text = f"coalesce(error_message, '{common.NO_TEXT}')"
    for pattern, replacement in common.SIGNATURE_RULES:
        pattern = pattern.replace("'", "''")
        text = f"regexp_replace({text}, '{pattern}', '{replacement}', 'g')"
    return text


def main():
    kind, path, output = sys.argv[1:]
    db = duckdb.connect()
    scan = ", ".join(common.SCAN)
    plain = [name for name in common.NEEDED if name not in common.TIMES]
    times = [name for name in common.NEEDED if name in common.TIMES]
    columns = ", ".join(plain + [f"epoch_us({name}) AS {name}" for name in times])
    db.execute(f"CREATE TEMP TABLE records AS SELECT {columns}, {outcome()} AS outcome FROM {source(kind, path)}")

    # Most runs have one record, and only the others are ranked: a window over all of them takes longer.
    db.execute(f"""
        CREATE TEMP TABLE superseded AS
        WITH repeated AS (
            SELECT system, run_id FROM records GROUP BY ALL HAVING count(*) > 1
        ), ranked AS (
            SELECT records.rowid AS record, row_number() OVER (
                PARTITION BY system, run_id
                ORDER BY CASE outcome WHEN 'active' THEN 2 WHEN 'unknown' THEN 1 ELSE 0 END,
                    observed_at DESC NULLS LAST, ended_at DESC NULLS LAST,
                    list_position({list(reversed(common.OUTCOMES))}, outcome), records.rowid
            ) AS place
            FROM records SEMI JOIN repeated USING (system, run_id)
        )
        SELECT record FROM ranked WHERE place > 1""")
    db.execute(f"""
        CREATE TEMP VIEW runs AS
        SELECT *, coalesce(started_at, queued_at, ended_at) // {common.DAY_MICROS} AS day,
            CASE WHEN ended_at >= started_at THEN (ended_at - started_at) // 1000 END AS duration_ms
        FROM records WHERE rowid NOT IN (SELECT record FROM superseded)""")
    last = db.execute(f"""
        SELECT max(greatest(started_at, queued_at, ended_at, observed_at)) // {common.DAY_MICROS} FROM runs""").fetchone()[0]
    db.execute(f"""
        CREATE TEMP TABLE loaded AS
        SELECT * FROM runs WHERE day > {last - common.WINDOW_DAYS} AND day <= {last}""")

    counts = "count(*) AS runs, " + ", ".join(
        f"count(*) FILTER (WHERE outcome = '{name}') AS {name}" for name in common.OUTCOMES)
    timed = "FILTER (WHERE outcome IN ('succeeded', 'partial'))"
    db.execute(f"""
        CREATE TEMP TABLE compared AS
        SELECT *, discovered - (ingested + ingest_failed + pending) AS unaccounted
        FROM (
            SELECT {scan}, assets_discovered AS discovered, assets_ingested AS ingested,
                coalesce(assets_ingest_failed, 0) AS ingest_failed, coalesce(assets_pending, 0) AS pending,
                run_type IS NOT DISTINCT FROM 'full' AS complete_scan,
                coalesce(ingestion_status, status) = 'failed' AS ingestion_failed
            FROM loaded
            WHERE coalesce(discovery_status, status) IN ('completed', 'partial')
                AND coalesce(ingestion_status, status) IN ('completed', 'partial', 'failed')
                AND assets_discovered IS NOT NULL AND assets_ingested IS NOT NULL
        )""")
    gaps = """count(*) AS runs_compared, sum(discovered)::BIGINT AS discovered, sum(ingested)::BIGINT AS ingested,
        sum(ingest_failed)::BIGINT AS ingest_failed, sum(greatest(unaccounted, 0))::BIGINT AS unaccounted,
        sum(ingest_failed + CASE WHEN unaccounted > 0 AND (complete_scan OR ingestion_failed)
            THEN unaccounted ELSE 0 END)::BIGINT AS missing,
        sum(greatest(-unaccounted, 0))::BIGINT AS surplus"""

    queries = {
        "figures": f"SELECT {counts} FROM loaded",
        "by_day": f"SELECT strftime(DATE '1970-01-01' + day::INTEGER, '%Y-%m-%d') AS start, {counts} FROM loaded GROUP BY day ORDER BY day",
        "scans": f"""
            SELECT {scan}, {counts}, quantile_disc(duration_ms, 0.5) {timed} AS duration_p50_ms,
                quantile_disc(duration_ms, 0.95) {timed} AS duration_p95_ms
            FROM loaded GROUP BY {scan} ORDER BY {scan}""",
        "gap_figures": f"SELECT {gaps} FROM compared",
        "gap_scans": f"SELECT {scan}, {gaps} FROM compared GROUP BY {scan} ORDER BY {scan}",
        "signatures": f"""
            SELECT {signature()} AS signature, count(*) AS runs FROM loaded
            WHERE outcome = 'failed' OR (outcome = 'partial' AND error_message IS NOT NULL)
            GROUP BY ALL ORDER BY ALL""",
    }
    tables = {}
    for name, query in queries.items():
        result = db.execute(query)
        keys = [column[0] for column in result.description]
        tables[name] = [dict(zip(keys, row)) for row in result.fetchall()]
    common.write_tables(output, tables)


if __name__ == "__main__":
    main()
