//! rundown's own columns. They carry everything, with times cut to microseconds.

use super::{Body, Form, LIST, Shape, States};
use crate::run::{Record, Run, Status, Words};
use crate::scan::ACCOUNT;
use crate::table::{Table, int, text, time};
use crate::time::TimeShape;

pub(super) static SHAPE: Shape = Shape {
    flat: Some(FORM),
    json: FORM,
    envelope: LIST,
};

const FORM: Form = Form {
    body: Body::Table(&TABLE),
    states: States::Final,
    outcome: Run::overall,
};

static TABLE: Table = Table {
    columns: &[
        text("system", |_| "purview".into()),
        text("account", |_| ACCOUNT.into()),
        text("source", |r| (&r.scan.source).into()),
        text("source_type", |r| r.scan.source_type.into()),
        text("collection", |r| r.scan.collection.into()),
        text("scan", |r| r.scan.name.into()),
        text("run_id", |r| (&r.id).into()),
        text("run_type", |r| {
            if r.run.full { "full" } else { "incremental" }.into()
        }),
        text("trigger", |r| {
            if r.run.manual { "manual" } else { "scheduled" }.into()
        }),
        text("status", |r| r.run.status.word(Words::Native).into()),
        text("discovery_status", |r| {
            r.run.discovery.word(Words::Native).into()
        }),
        text("ingestion_status", |r| {
            r.run.ingestion.word(Words::Native).into()
        }),
        time("queued_at", |r| Some(r.run.started_at)),
        time("started_at", |r| Some(r.run.started_at)),
        time("ended_at", |r| r.run.ended_at),
        time("discovery_started_at", |r| r.run.discovery_started_at),
        time("discovery_ended_at", |r| r.run.discovery_ended_at),
        time("ingestion_started_at", |r| r.run.ingestion_started_at),
        time("ingestion_ended_at", |r| r.run.ingestion_ended_at),
        int("assets_discovered", |r| Some(r.run.counts.discovered)),
        int("assets_classified", |r| Some(r.run.counts.classified)),
        int("assets_failed", |r| Some(r.run.counts.failed)),
        int("assets_ingested", |r| Some(r.run.counts.ingested)),
        int("assets_ingest_failed", |r| Some(r.run.counts.ingest_failed)),
        int("assets_pending", |r| Some(r.run.counts.pending)),
        int("relationships_ingested", |r| {
            Some(r.run.counts.relationships)
        }),
        int("relationships_failed", |r| {
            Some(r.run.counts.relationships_failed)
        }),
        text("error_code", |r| r.error_code().into()),
        text("error_message", |r| r.error_message().into()),
        text("error_phase", |r| error_phase(r).into()),
        time("observed_at", |r| Some(r.run.observed_at)),
    ],
    times: TimeShape::Iso(6),
    powershell: false,
};

/// The phase that failed, of a run that failed or has an error.
fn error_phase(record: &Record<'_>) -> &'static str {
    let run = record.run;
    if record.error.is_none() && run.overall() != Status::Failed {
        ""
    } else if run.discovery == Status::Failed {
        "discovery"
    } else if matches!(run.ingestion, Status::Failed | Status::Partial) {
        "ingestion"
    } else {
        ""
    }
}
