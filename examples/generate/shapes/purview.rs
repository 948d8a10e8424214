//! Scan runs of Microsoft Purview.
//!
//! JSON is the API's record of 2023-09-01, with `source` and `scanName` as collecting scripts add them.
//!
//! The table is what `Get-AzPurviewScanResultScanHistory | Export-Csv` makes of the API before that, with
//! the names of source and scan added. It has no phases and nothing of ingestion, and prints a type name
//! where values are nested: what failed in ingestion only is told as the run's own status tells it, and a
//! partial success as a success. Its times are whole seconds.

use super::{Body, Form, Shape, States};
use crate::json::{Envelope, Json};
use crate::run::{Record, Run, Status, Words};
use crate::table::{Table, int, text, time};
use crate::time::TimeShape;

/// Version of every rule set.
const RULE_SET: i64 = 6;
/// What PowerShell prints for the objects inside a record.
const NOTIFICATIONS: &str = "Microsoft.Azure.PowerShell.Cmdlets.Purview.Models.IScanNotification[]";
const EXCEPTIONS: &str =
    "Microsoft.Azure.PowerShell.Cmdlets.Purview.Models.ScanDiagnosticsExceptionCountMap";

pub(super) static SHAPE: Shape = Shape {
    flat: Some(Form {
        body: Body::Table(&TABLE),
        states: States::Final,
        outcome: |run| run.status.without_partial(),
    }),
    json: Form {
        body: Body::Nested(record),
        states: States::Final,
        outcome: Run::overall,
    },
    envelope: Envelope {
        open: r#"{"value":["#,
        close: r#"],"count":{records},"nextLink":null}"#,
    },
};

fn level(run: &Run) -> &'static str {
    if run.full { "Full" } else { "Incremental" }
}

fn trigger(run: &Run) -> &'static str {
    if run.manual { "Manual" } else { "Scheduled" }
}

fn record(record: &Record<'_>, json: &mut Json) {
    let Record { run, scan, id, .. } = record;
    let ticks = TimeShape::Iso(7);
    json.record(|json| {
        json.null("parentId");
        json.text("id", id);
        json.text("ingestionJobId", id);
        json.text_or_null("resourceId", &scan.resource_id);
        json.text("status", run.status.word(Words::Run));
        json.null("webScanResults");
        json.object("diagnostics", |json| {
            json.list("notifications", None::<fn(&mut Json)>);
            json.object("exceptionCountMap", |json| exceptions(run, json));
        });
        json.time("startTime", run.started_at, ticks);
        json.time("endTime", run.ended_at, ticks);
        json.int("scanRulesetVersion", RULE_SET);
        json.text("scanRulesetType", "System");
        json.text("scanLevelType", level(run));
        error(record, json);
        json.text("runType", trigger(run));
        json.text("dataSourceType", scan.source_type);
        json.object("discoveryExecutionDetails", |json| discovery(run, json));
        json.object("ingestionExecutionDetails", |json| ingestion(run, json));
        json.text("source", &scan.source);
        json.text("scanName", scan.name);
    });
}

fn exceptions(run: &Run, json: &mut Json) {
    if run.counts.failed > 0 {
        json.int("SchemaExtractionException", run.counts.failed);
    }
    if run.status == Status::Partial {
        json.int("ClassificationException", 1 + run.counts.discovered / 100);
    }
}

/// The message that helps lies inside one that does not.
fn error(record: &Record<'_>, json: &mut Json) {
    const WRAPPER: &str = "The scan run failed. See details for more information.";
    let Some(error) = &record.error else {
        json.null("errorMessage");
        json.null("error");
        return;
    };
    json.text("errorMessage", WRAPPER);
    json.object("error", |json| {
        json.text("code", "ScanFailed");
        json.text("message", WRAPPER);
        json.null("target");
        let inner = |json: &mut Json| {
            json.text("code", error.code);
            json.text("message", &error.message);
            json.text("target", &record.scan.source);
            json.list("details", None::<fn(&mut Json)>);
        };
        json.list("details", Some(inner));
    });
}

fn discovery(run: &Run, json: &mut Json) {
    let seconds = TimeShape::Iso(0);
    json.time("discoveryStartTime", run.discovery_started_at, seconds);
    json.time("discoveryEndTime", run.discovery_ended_at, seconds);
    json.text("status", run.discovery.word(Words::Discovery));
    json.object("statistics", |json| {
        json.object("assets", |json| {
            json.int("discovered", run.counts.discovered);
            json.int("classified", run.counts.classified);
            json.int("failed", run.counts.failed);
        });
        json.flag("isErrorLogAvailable", run.counts.failed > 0);
    });
}

fn ingestion(run: &Run, json: &mut Json) {
    let ticks = TimeShape::Iso(7);
    let counts = run.counts;
    json.time("ingestionStartTime", run.ingestion_started_at, ticks);
    json.time("ingestionEndTime", run.ingestion_ended_at, ticks);
    json.text("status", run.ingestion.word(Words::Ingestion));
    json.object("statistics", |json| {
        json.object("assets", |json| {
            json.int("succeeded", counts.ingested);
            json.int("failed", counts.ingest_failed);
            json.int("processing", counts.pending);
        });
        json.object("relationships", |json| {
            json.int("succeeded", counts.relationships);
            json.int("failed", counts.relationships_failed);
            json.int("processing", 0);
        });
    });
    json.int("estimatedTimeRemainingInSeconds", counts.pending / 10);
    json.flag("isErrorLogAvailable", counts.ingest_failed > 0);
}

static TABLE: Table = Table {
    columns: &[
        int("AssetsClassified", |r| Some(r.run.counts.classified)),
        int("AssetsDiscovered", |r| Some(r.run.counts.discovered)),
        text("Code", |r| r.error_code().into()),
        text("DataSourceType", |r| r.scan.source_type.into()),
        text("Detail", |_| "".into()),
        text("DiagnosticExceptionCountMap", |_| EXCEPTIONS.into()),
        text("DiagnosticNotification", |_| NOTIFICATIONS.into()),
        time("EndTime", |r| r.run.ended_at),
        text("ErrorMessage", |_| "".into()),
        text("Id", |r| (&r.id).into()),
        text("Message", |r| r.error_message().into()),
        text("ParentId", |_| "".into()),
        time("PipelineStartTime", |r| r.run.discovery_started_at),
        time("QueuedTime", |r| Some(r.run.started_at)),
        text("ResourceId", |r| (&r.scan.resource_id).into()),
        text("RunType", |r| trigger(r.run).into()),
        text("ScanLevelType", |r| level(r.run).into()),
        text("ScanRulesetType", |_| "System".into()),
        int("ScanRulesetVersion", |_| Some(RULE_SET)),
        time("StartTime", |r| Some(r.run.started_at)),
        text("Status", |r| r.run.status.word(Words::Run).into()),
        text("Target", |_| "".into()),
        text("DataSourceName", |r| (&r.scan.source).into()),
        text("ScanName", |r| r.scan.name.into()),
    ],
    times: TimeShape::PowerShell,
    powershell: true,
};
