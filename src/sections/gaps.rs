//! What was discovered and not ingested, and which of it is a loss?

use anyhow::Result;
use polars::prelude::{DataFrame, DataType, Expr, JoinArgs, JoinType, LazyFrame, col, lit, when};

use super::Context;
use super::bounds::Bounded;
use super::frames::{
    collect, column, counts, during, figure, figures, first_int, grouped, ints, is, number_of,
    numbers, plural, rows, scan_columns, scan_names, sorted, until, went_well,
};
use super::runs::to_scan;
use crate::report::{Block, Cell, Drawing, Figure, Place, Row, Section, Table, Unit};
use crate::runs::frame::column::SCAN_KEY;
use crate::runs::schema::Outcome;

/// The kinds of a gap, from harmless to bad. The place in the list is the rank.
pub(super) const KINDS: [&str; 6] = [
    "complete",
    "expected",
    "surplus",
    "unclear",
    "unexplained",
    "loss",
];

pub(super) fn rank(kind: &str) -> i64 {
    KINDS
        .iter()
        .position(|known| *known == kind)
        .and_then(|at| i64::try_from(at).ok())
        .unwrap_or_default()
}

/// True where a status, or another one in its place where it is missing, is one of these words.
fn status_in(status: &str, instead: Expr, words: &[&str]) -> Expr {
    let among = |name: &str| {
        words
            .iter()
            .map(|&word| col(name).eq(lit(word)))
            .fold(lit(false), Expr::or)
    };
    when(col(status).is_not_null())
        .then(among(status))
        .otherwise(instead.and(among("status")))
        .fill_null(lit(false))
}

/// Discovery's status is its own, else the run's.
fn discovery_in(words: &[&str]) -> Expr {
    status_in("discovery_status", lit(true), words)
}

/// Ingestion's status is its own, else the run's when an ingested count is given.
fn ingestion_in(words: &[&str]) -> Expr {
    status_in(
        "ingestion_status",
        col("assets_ingested").is_not_null(),
        words,
    )
}

/// Runs whose two phases ended and both have a count.
fn comparable() -> Expr {
    discovery_in(&["completed", "partial"])
        .and(ingestion_in(&["completed", "partial", "failed"]))
        .and(col("assets_discovered").is_not_null())
        .and(col("assets_ingested").is_not_null())
}

/// The comparable runs with their gap. Missing failed and pending counts are 0.
pub(super) fn compared(runs: LazyFrame) -> LazyFrame {
    let zero = || lit(0i64);
    let full = || col("run_type").eq(lit("full")).fill_null(lit(false));
    let incremental = col("run_type").eq(lit("incremental")).fill_null(lit(false));
    let unaccounted = || col("unaccounted");
    let kind = when(col("ingest_failed").gt(zero()).or(col("ingestion_failed")))
        .then(lit(rank("loss")))
        .when(unaccounted().lt(zero()))
        .then(lit(rank("surplus")))
        .when(unaccounted().eq(zero()))
        .then(lit(rank("complete")))
        .when(incremental)
        .then(lit(rank("expected")))
        .when(full())
        .then(lit(rank("unexplained")))
        .otherwise(lit(rank("unclear")));
    let lost = when(
        unaccounted()
            .gt(zero())
            .and(full().or(col("ingestion_failed"))),
    )
    .then(unaccounted())
    .otherwise(zero());
    runs.filter(comparable())
        .with_columns([
            col("assets_discovered").alias("discovered"),
            col("assets_ingested").alias("ingested"),
            col("assets_ingest_failed")
                .fill_null(zero())
                .alias("ingest_failed"),
            col("assets_pending").fill_null(zero()).alias("pending"),
            ingestion_in(&["failed"]).alias("ingestion_failed"),
        ])
        .with_column(
            (col("discovered") - (col("ingested") + col("ingest_failed") + col("pending")))
                .alias("unaccounted"),
        )
        .with_columns([
            (col("ingest_failed") + lost.clone()).alias("missing"),
            when(unaccounted().lt(zero()))
                .then(zero() - unaccounted())
                .otherwise(zero())
                .alias("surplus"),
            when(unaccounted().gt(zero()))
                .then(unaccounted() - lost)
                .otherwise(zero())
                .alias("not_again"),
            col("assets_classified")
                .fill_null(zero())
                .alias("classified"),
            kind.alias("kind_rank"),
            full().alias("full"),
        ])
}

fn positive(name: &str) -> Expr {
    when(col(name).gt(lit(0i64)))
        .then(col(name))
        .otherwise(lit(0i64))
}

fn sums(names: &[&str]) -> Vec<Expr> {
    names
        .iter()
        .map(|name| col(*name).sum().cast(DataType::Int64))
        .collect()
}

pub(super) fn totals(runs: &LazyFrame) -> Result<DataFrame> {
    let mut measures = vec![rows().alias("runs_compared")];
    measures.extend(sums(&[
        "discovered",
        "classified",
        "ingested",
        "ingest_failed",
        "missing",
        "pending",
        "not_again",
        "surplus",
        "relationships_ingested",
        "relationships_failed",
    ]));
    measures.push(number_of(col("missing").gt(lit(0i64))).alias("missing_runs"));
    measures.push(number_of(col("surplus").gt(lit(0i64))).alias("surplus_runs"));
    let mut row = collect(compared(runs.clone()).select(measures))?;
    let pending = is(Outcome::Active).or(col("assets_pending").gt(lit(0i64)).fill_null(lit(false)));
    let unknown_ingestion = col("ingestion_status")
        .is_null()
        .and(col("assets_ingested").is_null());
    let not_available = discovery_in(&["completed", "partial"])
        .and(is(Outcome::Active).not())
        .and(unknown_ingestion);
    let others = collect(runs.clone().select([
        number_of(pending).alias("pending_runs"),
        number_of(not_available).alias("not_available_runs"),
    ]))?;
    row.hstack_mut(others.columns())
        .map_err(|error| anyhow::anyhow!("{error}"))?;
    Ok(row)
}

fn by_scan(runs: &LazyFrame) -> Result<DataFrame> {
    let compared = compared(runs.clone());
    let mut measures = vec![rows().alias("runs_compared"), col("kind_rank").max()];
    measures.extend(sums(&[
        "discovered",
        "ingested",
        "ingest_failed",
        "missing",
        "surplus",
    ]));
    measures.push(
        positive("unaccounted")
            .sum()
            .cast(DataType::Int64)
            .alias("unaccounted"),
    );
    let kind = KINDS.iter().fold(lit(KINDS[0]), |otherwise, kind| {
        when(col("kind_rank").eq(lit(rank(kind))))
            .then(lit(*kind))
            .otherwise(otherwise)
    });
    let scans = compared
        .clone()
        .group_by([col(SCAN_KEY)])
        .agg(measures)
        .join(
            scan_names(compared),
            [col(SCAN_KEY)],
            [col(SCAN_KEY)],
            JoinArgs::new(JoinType::Left),
        )
        .with_column(kind.alias("kind"));
    collect(sorted(
        scans,
        &[("kind_rank", true), ("missing", true), (SCAN_KEY, false)],
    ))
}

/// The figures without their values.
pub(super) fn known_figures() -> Vec<Figure> {
    let main = |figure: Figure| Figure {
        main: true,
        ..figure
    };
    vec![
        figure(
            "runs_compared",
            "Runs compared",
            Unit::Count,
            "Runs whose discovery and ingestion both ended and state both counts.",
        ),
        main(figure(
            "discovered",
            "Assets discovered",
            Unit::Count,
            "Sum over the compared runs: work done, not an inventory.",
        )),
        figure(
            "classified",
            "Assets classified",
            Unit::Count,
            "Sum over the compared runs of what was classified; 0 where a run states nothing.",
        ),
        main(figure(
            "ingested",
            "Assets ingested",
            Unit::Count,
            "Sum over the compared runs. File sources count raw files before they become resource sets.",
        )),
        figure(
            "ingest_failed",
            "Assets reported as failed",
            Unit::Count,
            "Sum over the compared runs of what ingestion itself reports as failed; 0 where it reports nothing. Part of the missing assets.",
        ),
        main(figure(
            "missing",
            "Assets missing",
            Unit::Count,
            "Reported as failed, or discovered by a full run or a run whose ingestion failed and neither ingested nor pending.",
        )),
        figure(
            "pending",
            "Assets pending",
            Unit::Count,
            "Sum over the compared runs of the assets still to be ingested; 0 where a run states nothing.",
        ),
        figure(
            "not_again",
            "Assets not ingested again",
            Unit::Count,
            "Discovered, and neither ingested, failed nor pending, by runs that need not ingest everything: incremental runs leave unchanged assets alone, and of some runs the type is not known.",
        ),
        figure(
            "missing_runs",
            "Runs with missing assets",
            Unit::Count,
            "Compared runs with at least one missing asset.",
        ),
        figure(
            "surplus",
            "Assets ingested beyond those discovered",
            Unit::Count,
            "Lineage extraction ingests more than it discovers. Never set off against missing assets.",
        ),
        figure(
            "surplus_runs",
            "Runs that ingested more than they discovered",
            Unit::Count,
            "Compared runs that ingested more than they discovered.",
        ),
        figure(
            "pending_runs",
            "Runs still pending",
            Unit::Count,
            "Active runs, and runs with assets still processing.",
        ),
        figure(
            "not_available_runs",
            "Runs without ingestion figures",
            Unit::Count,
            "Discovery ended, but the export states neither an ingestion status nor a count. Not available is not 0.",
        ),
        figure(
            "relationships_ingested",
            "Relationships ingested",
            Unit::Count,
            "Sum over the compared runs. Relationships, such as lineage, are not assets and count in no other figure.",
        ),
        figure(
            "relationships_failed",
            "Relationships failed",
            Unit::Count,
            "Sum over the compared runs of the relationships that ingestion reports as failed.",
        ),
    ]
}

pub(super) fn section(context: &Context<'_>) -> Result<Section> {
    let runs = context
        .prepared
        .runs
        .lazy()
        .filter(counts().and(during(context.prepared.window.span)));
    let (row, _) = context.gaps()?;
    let known = known_figures();
    let mut columns = scan_columns();
    columns.extend([
        column("kind", "Kind", Unit::Status, Place::Column)
            .means("The worst kind among the compared runs: loss, unexplained, unclear, surplus, expected, complete."),
        column("missing", "Missing", Unit::Count, Place::Column)
            .means("Failed, and what a full run or a failed ingestion left unaccounted."),
        column("discovered", "Discovered", Unit::Count, Place::Column)
            .means("Sum over the compared runs of the period: work done, not an inventory."),
        column("ingested", "Ingested", Unit::Count, Place::Column)
            .means("Sum over the compared runs of the period."),
        column("ingest_failed", "Failed", Unit::Count, Place::Column)
            .means("Assets that ingestion itself reports as failed."),
        column("unaccounted", "Unaccounted", Unit::Count, Place::Column)
            .means("Discovered, and neither ingested, failed nor pending. Positive values only."),
        column("surplus", "Surplus", Unit::Count, Place::Column)
            .means("Ingested beyond those discovered, run by run. Never set off against missing assets."),
        column("runs_compared", "Runs compared", Unit::Count, Place::Column)
            .means("Runs of the period whose discovery and ingestion both ended and state both counts."),
    ]);
    let frame = by_scan(&runs)?;
    let none = "No run of this period states both what was discovered and what was ingested.";
    let compared = frame.height();
    let note = match compared {
        0 => none.to_owned(),
        _ => "Scans with a compared run, worst kind first.".to_owned(),
    };
    let mut scans = (context.bounds).table("scans", "By scan", note, columns, &frame)?;
    scans.table.rows = scans.table.rows.into_iter().map(to_scan).collect();
    scans.table.drawing = Some(Drawing::Parts {
        whole: "discovered",
        parts: vec!["ingested", "missing"],
        rest: "Not ingested again, or pending",
    });
    let losses = numbers(&frame, "missing")?;
    let bad = losses.iter().flatten().filter(|&lost| lost > 0).count();
    let missing = first_int(row, "missing")?;
    let lead = match (missing, bad) {
        (0, _) if compared == 0 => none.to_owned(),
        (0, _) => "No asset that should have been ingested is missing.".to_owned(),
        (missing, bad) => {
            let sets = match of_files(context, &frame)? {
                0 => String::new(),
                files => format!(
                    " {} of them are raw files, which may have formed resource sets.",
                    grouped(files)
                ),
            };
            format!(
                "{} missing after ingestion, in {}.{sets} Incremental runs ingest only what changed, so discovered and ingested need not agree.",
                plural(missing, "asset is", "assets are"),
                plural(i64::try_from(bad).unwrap_or(i64::MAX), "scan", "scans")
            )
        }
    };
    let mut blocks = vec![figures("figures", "", known, row)?];
    // The outline, which has no input, has every table.
    if compared > 0 || context.prepared.books.is_empty() {
        blocks.push(Block::Table(funnel(row)?));
    }
    for Bounded { table, rest } in [scans, source_table(context)?] {
        blocks.push(Block::Table(table));
        blocks.extend(rest);
    }
    Ok(Section {
        id: "gaps",
        title: "Discovered but not ingested",
        lead,
        blocks,
    })
}

/// What became of the assets that the compared runs discovered, step by step. `row` has the figures.
fn funnel(row: &DataFrame) -> Result<Table> {
    let discovered = first_int(row, "discovered")?;
    let mut rows = Vec::new();
    for key in [
        "discovered",
        "classified",
        "ingested",
        "missing",
        "pending",
        "not_again",
        "surplus",
    ] {
        let known = known_figures();
        let Some(figure) = known.iter().find(|figure| figure.key == key) else {
            continue;
        };
        let assets = first_int(row, key)?;
        let share = (discovered > 0).then(|| assets as f64 / discovered as f64);
        rows.push(Row {
            cells: vec![
                Cell::Text(figure.label.to_owned()),
                Cell::Int(assets),
                Cell::float(share),
                Cell::Text(key.to_owned()),
            ],
            ..Row::default()
        });
    }
    let columns = vec![
        column("label", "Step", Unit::Text, Place::Name).means("What became of the assets."),
        column("assets", "Assets", Unit::Count, Place::Column)
            .means("The figure of the same name. Discovered = ingested + missing + pending + not ingested again - ingested beyond."),
        column("share", "Of discovered", Unit::Share, Place::Column)
            .means("As a share of the assets discovered."),
        column("figure", "Key", Unit::Id, Place::Machine).means("Its key among the figures."),
    ];
    let note = "The compared runs of the period added up: work done, not an inventory.".to_owned();
    Ok(Table {
        drawing: Some(Drawing::Share { key: "share" }),
        ..Table::new("funnel", "From discovery to ingestion", note, columns, rows)
    })
}

/// Missing assets of file sources that ingestion did not report as failed.
fn of_files(context: &Context<'_>, scans: &DataFrame) -> Result<i64> {
    let history = context.history()?;
    let (missing, failed) = (ints(scans, "missing")?, ints(scans, "ingest_failed")?);
    let keys = ints(scans, SCAN_KEY)?.into_iter();
    Ok(keys
        .enumerate()
        .filter(|(_, key)| {
            key.and_then(|key| history.scan(key))
                .is_some_and(|scan| scan.of_files)
        })
        .map(|(row, _)| missing[row].unwrap_or(0) - failed[row].unwrap_or(0))
        .sum())
}

/// What stands in for a gap where nothing is discovered: rows against those of the run before, and runs whose rows were
/// not unified. One row for each source and retrieval type of UVM with a run in the period.
fn sources(context: &Context<'_>) -> Result<DataFrame> {
    let span = context.prepared.window.span;
    let key = ["system", "account", "source", "run_type"];
    let with_rows = || went_well().and(col("row_count").is_not_null());
    let rows_of = || col("row_count").filter(with_rows());
    let not_unified = during(span)
        .and(went_well())
        .and(col("category").eq(lit("map")).fill_null(lit(false)));
    let grouped = context
        .prepared
        .runs
        .lazy()
        .filter(counts().and(until(span.last)))
        .filter(col("system").eq(lit("zscaler-uvm")))
        .group_by(key.map(col))
        .agg([
            number_of(during(span)).alias("runs"),
            rows_of().last().alias("last_rows"),
            rows_of().shift(lit(1i64)).last().alias("previous_rows"),
            number_of(not_unified).alias("not_unified_runs"),
        ]);
    let number = |name: &str| col(name).cast(DataType::Float64);
    let change = when(col("previous_rows").gt(lit(0i64)))
        .then((number("last_rows") - number("previous_rows")) / number("previous_rows"))
        .otherwise(lit(polars::prelude::NULL).cast(DataType::Float64));
    let frame = grouped
        .filter(col("runs").gt(lit(0i64)))
        .with_column(change.alias("change"));
    let by = key.map(|name| col(name).cast(DataType::String));
    collect(frame.sort_by_exprs(by, polars::prelude::SortMultipleOptions::default()))
}

fn source_table(context: &Context<'_>) -> Result<Bounded> {
    let columns = vec![
        column("source", "Source", Unit::Text, Place::Name),
        column("run_type", "Run type", Unit::Text, Place::Under).means("The data retrieval type."),
        column("system", "System", Unit::Text, Place::Machine),
        column("account", "Account", Unit::Text, Place::Machine),
        column("last_rows", "Rows", Unit::Count, Place::Column)
            .means("Of the newest run that went well and states its rows."),
        column("previous_rows", "Rows before", Unit::Count, Place::Column)
            .means("Of the run of the same retrieval type before it."),
        column("change", "Change", Unit::Share, Place::Column)
            .means("Rows against those before, as a share of those before."),
        column(
            "not_unified_runs",
            "Not unified",
            Unit::Count,
            Place::Column,
        )
        .means(
            "Runs of the period that went well with the category Map: ingested, not yet unified.",
        ),
        column("runs", "Runs", Unit::Count, Place::Column).means("Runs of the period."),
    ];
    let frame = sources(context)?;
    let note = match frame.height() {
        0 => "No UVM source ran in this period.",
        _ => {
            "Zscaler UVM reports no discovered count; compared are the rows of a run with those of the run before it."
        }
    };
    let title = "Zscaler UVM: rows by source";
    (context.bounds).table("sources", title, note.to_owned(), columns, &frame)
}

/// The kinds with their labels and meanings.
pub(super) const KIND_TERMS: [(&str, &str, &str); 6] = [
    (
        "loss",
        "Loss",
        "Ingestion failed, or reported assets as failed.",
    ),
    (
        "unexplained",
        "Unexplained",
        "A full run ingested less than it discovered, and nothing was reported as failed.",
    ),
    (
        "unclear",
        "Unclear",
        "Less was ingested than discovered, and the export does not say whether the run was full or incremental.",
    ),
    (
        "surplus",
        "Surplus",
        "More was ingested than discovered, as lineage extraction does.",
    ),
    (
        "expected",
        "Expected",
        "An incremental run: unchanged assets are not ingested again.",
    ),
    (
        "complete",
        "Complete",
        "Everything discovered was ingested or is accounted for.",
    ),
];
