//! The same runs under rundown's own column names.

use super::File;
use crate::common::scans::{ACCOUNT, End, ScanRun, TICKS};
use crate::common::write::{self, Cell, Row, TimeStyle};

pub(crate) fn csv(runs: &[ScanRun]) -> Vec<File> {
    let rows: Vec<Row> = runs.iter().map(row).collect();
    let bytes = write::csv_bytes(&rows, &write::all_columns(), TimeStyle::Zulu);
    vec![("runs.csv".to_owned(), bytes)]
}

fn row(run: &ScanRun) -> Row {
    let status = match run.end {
        End::Succeeded | End::WithExceptions => "completed",
        End::Failed => "failed",
        End::Cancelled => "cancelled",
        End::Running => "in_progress",
        End::Queued => "queued",
    };
    let mut row = Row::new();
    let mut text = |name, value: Option<&str>| {
        if let Some(value) = value {
            row.insert(name, Cell::Text(value.to_owned()));
        }
    };
    text("system", Some("purview"));
    text("account", Some(&ACCOUNT.to_lowercase()));
    text("source", Some(run.source));
    text("source_type", Some(run.source_type));
    text("scan", Some(run.scan));
    text("run_id", Some(&run.id));
    text("run_type", Some(run.run_type()));
    text("trigger", Some(run.trigger()));
    text("status", Some(status));
    let discovery = match run.end {
        End::WithExceptions => Some("partial"),
        End::Queued => None,
        _ => Some(status),
    };
    text("discovery_status", discovery);
    text(
        "ingestion_status",
        run.ingestion.as_ref().map(|ingestion| ingestion.status),
    );
    text("error_message", run.error);
    for (name, ticks) in [
        ("queued_at", Some(run.start)),
        ("started_at", Some(run.start)),
        ("ended_at", run.ended()),
        ("discovery_started_at", run.discovery_start()),
    ] {
        if let Some(ticks) = ticks {
            row.insert(name, Cell::Time(ticks.div_euclid(TICKS / 1_000_000)));
        }
    }
    let (discovered, classified) = run.counts.unzip();
    let ingestion = run.ingestion.as_ref();
    let done = run.ingestion.is_some();
    for (name, count) in [
        ("assets_discovered", discovered),
        ("assets_classified", classified),
        ("assets_failed", discovered.map(|_| 0)),
        ("assets_ingested", ingestion.map(|it| it.ingested)),
        ("assets_ingest_failed", ingestion.map(|it| it.failed)),
        ("assets_pending", done.then_some(0)),
        ("relationships_ingested", done.then_some(2)),
        ("relationships_failed", done.then_some(0)),
    ] {
        if let Some(count) = count {
            row.insert(name, Cell::Count(count));
        }
    }
    row
}
