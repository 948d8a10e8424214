#!/usr/bin/env python
"""The tables of a report, computed by Polars for Python: polars_tables.py KIND FILE OUTPUT."""

import datetime
import sys

import polars as pl

import common

col = pl.col


def source(kind, path):
    """The records, with the types of the columns given, so that none has to be guessed, and times in microseconds."""
    if kind == "parquet":
        frame = pl.scan_parquet(path).select(common.NEEDED)
        return frame.with_columns(col(common.TIMES_NEEDED).dt.timestamp("us"))
    types = {name: pl.String for name in common.COLUMNS}
    # Dictionaries take a third of the memory off and no time.
    types |= {name: pl.Categorical for name in common.REPEATING}
    types |= {name: pl.Int64 for name in common.COUNTS}
    if kind == "csv":
        frame = pl.scan_csv(path, schema={name: types[name] for name in common.COLUMNS})
    else:
        frame = pl.scan_ndjson(path, schema={name: types[name] for name in common.NEEDED})
    times = col(common.TIMES_NEEDED).str.to_datetime("%Y-%m-%dT%H:%M:%S%.fZ", time_unit="us")
    return frame.select(common.NEEDED).with_columns(times.dt.timestamp("us"))


def any_of(values):
    return pl.any_horizontal(col(name).is_in(values).fill_null(False) for name in common.STATUSES)


def outcome():
    """The worst of the statuses; null is no status."""
    strange = pl.any_horizontal((~col(name).is_in(common.KNOWN)).fill_null(False) for name in common.STATUSES)
    return (
        pl.when(any_of(["failed"])).then(pl.lit("failed"))
        .when(any_of(["cancelled"])).then(pl.lit("cancelled"))
        .when(any_of(common.ACTIVE)).then(pl.lit("active"))
        .when(strange).then(pl.lit("unknown"))
        .when(any_of(["partial"])).then(pl.lit("partial"))
        .when(any_of(["completed"])).then(pl.lit("succeeded"))
        .otherwise(pl.lit("unknown"))
    )


def reconciled(records):
    """The best record of each run. Most runs have one record, and only the others are sorted."""
    key = ["system", "run_id"]
    repeated = pl.struct(key).is_duplicated()
    finality = col("outcome").replace_strict({"active": 2, "unknown": 1}, default=0, return_dtype=pl.Int8)
    worse = col("outcome").replace_strict(
        {name: place for place, name in enumerate(reversed(common.OUTCOMES))}, return_dtype=pl.Int8)
    order = [finality, col("observed_at"), col("ended_at"), worse]
    marked = records.with_columns(repeated.alias("repeated"))
    best = (
        marked.filter("repeated")
        .sort(order, descending=[False, True, True, False], nulls_last=True, maintain_order=True)
        .unique(key, keep="first", maintain_order=True)
    )
    return pl.concat([marked.filter(~col("repeated")), best]).drop("repeated")


def signature():
    text = col("error_message").fill_null(common.NO_TEXT)
    for pattern, replacement in common.SIGNATURE_RULES:
        text = text.str.replace_all(pattern, replacement)
    return text.alias("signature")


def nearest_rank(percent):
    """The value at rank ⌈percent · n / 100⌉ of the durations of runs that went well."""
    values = col("duration_ms").filter(col("outcome").is_in(["succeeded", "partial"])).drop_nulls().sort()
    return values.get((values.len().cast(pl.Int64) * percent + 99) // 100 - 1, null_on_oob=True)


def main():
    kind, path, output = sys.argv[1:]
    records = source(kind, path).with_columns(outcome().alias("outcome")).collect()
    ended, started = col("ended_at"), col("started_at")
    runs = reconciled(records).with_columns(
        (pl.coalesce("started_at", "queued_at", "ended_at") // common.DAY_MICROS).alias("day"),
        pl.when(ended >= started).then((ended - started) // 1000).alias("duration_ms"),
    )
    last = runs.select(pl.max_horizontal(col(common.TIMES_NEEDED).max())).item() // common.DAY_MICROS
    loaded = runs.lazy().filter(col("day") > last - common.WINDOW_DAYS, col("day") <= last)

    counts = [pl.len().cast(pl.Int64).alias("runs")]
    counts += [(col("outcome") == name).sum().cast(pl.Int64).alias(name) for name in common.OUTCOMES]
    ingestion = col("ingestion_status").fill_null(col("status"))
    discovery = col("discovery_status").fill_null(col("status"))
    compared = (
        loaded.filter(
            discovery.is_in(["completed", "partial"]),
            ingestion.is_in(["completed", "partial", "failed"]),
            col("assets_discovered").is_not_null(),
            col("assets_ingested").is_not_null(),
        )
        .select(
            *common.SCAN,
            col("assets_discovered").alias("discovered"),
            col("assets_ingested").alias("ingested"),
            col("assets_ingest_failed").fill_null(0).alias("ingest_failed"),
            col("assets_pending").fill_null(0).alias("pending"),
            col("run_type").eq_missing(pl.lit("full")).alias("complete_scan"),
            (ingestion == "failed").alias("ingestion_failed"),
        )
        .with_columns(
            (col("discovered") - (col("ingested") + col("ingest_failed") + col("pending"))).alias("unaccounted"))
    )
    positive = col("unaccounted").clip(lower_bound=0)
    gaps = [
        pl.len().cast(pl.Int64).alias("runs_compared"),
        *(col(name).sum() for name in ("discovered", "ingested", "ingest_failed")),
        positive.sum().alias("unaccounted"),
        (col("ingest_failed")
         + pl.when(col("complete_scan") | col("ingestion_failed")).then(positive).otherwise(0)).sum().alias("missing"),
        (-col("unaccounted")).clip(lower_bound=0).sum().alias("surplus"),
    ]
    failed = (col("outcome") == "failed") | ((col("outcome") == "partial") & col("error_message").is_not_null())
    percentiles = [nearest_rank(50).alias("duration_p50_ms"), nearest_rank(95).alias("duration_p95_ms")]
    queries = {
        "figures": loaded.select(counts),
        "by_day": loaded.group_by("day").agg(counts).sort("day"),
        "scans": loaded.group_by(common.SCAN).agg(*counts, *percentiles).sort(common.SCAN),
        "gap_figures": compared.select(gaps),
        "gap_scans": compared.group_by(common.SCAN).agg(gaps).sort(common.SCAN),
        "signatures": loaded.filter(failed).group_by(signature()).agg(pl.len().cast(pl.Int64).alias("runs"))
        .sort("signature"),
    }
    # Together, so that what the queries share is computed once.
    frames = pl.collect_all(list(queries.values()))
    tables = {name: frame.to_dicts() for name, frame in zip(queries, frames)}
    for row in tables["by_day"]:
        row["start"] = (datetime.date(1970, 1, 1) + datetime.timedelta(days=row.pop("day"))).isoformat()
    common.write_tables(output, tables)


if __name__ == "__main__":
    main()
