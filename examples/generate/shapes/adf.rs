//! Pipeline runs of Azure Data Factory. The factory is the source, the pipeline is the scan.
//!
//! Pipeline runs have no counts, no phases and no partial success, which is told as a success. JSON is the
//! answer of the REST API; half of the cancelled runs in it have no end but `lastUpdated`. The table is
//! `ADFPipelineRun` of Log Analytics, with a row for each state of a run.

use super::{Body, Form, Shape, States};
use crate::json::{Envelope, Json};
use crate::run::{Record, Run, Status, Words};
use crate::scan::SUBSCRIPTION;
use crate::table::{Table, text, time};
use crate::time::TimeShape;

pub(super) static SHAPE: Shape = Shape {
    flat: Some(Form {
        body: Body::Table(&TABLE),
        states: States::Each(states),
        outcome,
    }),
    json: Form {
        body: Body::Nested(record),
        states: States::Final,
        outcome,
    },
    envelope: Envelope {
        open: r#"{"value":["#,
        close: r#"],"continuationToken":null}"#,
    },
};

fn outcome(run: &Run) -> Status {
    run.overall().without_partial()
}

/// Queued, in progress, ended: as far as the run has come.
fn states(run: &Run) -> Vec<Run> {
    let mut states = vec![run.queued()];
    states.extend(run.discovering(0));
    if run.ended_at.is_some() {
        states.push(*run);
    }
    states
}

fn factory_id(record: &Record<'_>) -> String {
    format!(
        "/subscriptions/{SUBSCRIPTION}/resourceGroups/rg-integration/providers/Microsoft.DataFactory/factories/{}",
        record.scan.source
    )
}

fn trigger(record: &Record<'_>) -> &'static str {
    match (record.run.manual, record.run.scan % 4) {
        (true, _) => "Manual",
        (false, 0) => "TumblingWindowTrigger",
        (false, _) => "ScheduleTrigger",
    }
}

fn is_failed(record: &Record<'_>) -> bool {
    record.run.overall() == Status::Failed
}

fn message<'a>(record: &'a Record<'_>) -> &'a str {
    if is_failed(record) {
        record.error_message()
    } else {
        ""
    }
}

fn record(record: &Record<'_>, json: &mut Json) {
    let Record { run, scan, id, .. } = record;
    let has_no_end = run.overall() == Status::Cancelled && run.index % 2 == 0;
    let shape = TimeShape::IsoTrimmed;
    json.record(|json| {
        json.text("id", &format!("{}/pipelineruns/{id}", factory_id(record)));
        json.text("runId", id);
        json.text("runGroupId", id);
        json.flag("isLatest", true);
        json.text("pipelineName", scan.name);
        json.object("parameters", |_| {});
        json.object("runDimensions", |_| {});
        json.object("invokedBy", |json| {
            let by = if run.manual { "Manual" } else { scan.name };
            json.text("name", by);
            json.text("id", by);
            json.text("invokedByType", trigger(record));
        });
        json.time("lastUpdated", run.observed_at, shape);
        json.time("runStart", run.started_at, shape);
        json.time("runEnd", run.ended_at.filter(|_| !has_no_end), shape);
        json.int("durationInMs", run.duration_ms().filter(|_| !has_no_end));
        json.text("status", run.overall().word(Words::DataFactory));
        json.text("message", message(record));
        json.list("annotations", None::<fn(&mut Json)>);
    });
}

static TABLE: Table = Table {
    columns: &[
        text("TenantId", |_| SUBSCRIPTION.into()),
        time("TimeGenerated [UTC]", |r| Some(r.run.observed_at)),
        text("ResourceId", |r| factory_id(r).to_ascii_uppercase().into()),
        text("OperationName", |r| {
            format!(
                "{} - {}",
                r.scan.name,
                r.run.overall().word(Words::DataFactory)
            )
            .into()
        }),
        text("Category", |_| "PipelineRuns".into()),
        text("CorrelationId", |r| (&r.id).into()),
        text("Level", |r| {
            if is_failed(r) {
                "Error"
            } else {
                "Informational"
            }
            .into()
        }),
        text("Location", |_| "westeurope".into()),
        text("Status", |r| {
            r.run.overall().word(Words::DataFactory).into()
        }),
        time("Start [UTC]", |r| Some(r.run.started_at)),
        time("End [UTC]", |r| r.run.ended_at),
        text("PipelineName", |r| r.scan.name.into()),
        text("RunId", |r| (&r.id).into()),
        text("Parameters", |_| "{}".into()),
        text("Predecessors", |r| {
            format!(
                r#"[{{"Name":"{}","InvokedByType":"{}"}}]"#,
                r.scan.name,
                trigger(r)
            )
            .into()
        }),
        text("Annotations", |_| "[]".into()),
        text("FailureType", |r| {
            if is_failed(r) { "UserError" } else { "" }.into()
        }),
        text("ErrorCode", |r| {
            if is_failed(r) { r.error_code() } else { "" }.into()
        }),
        text("ErrorMessage", |r| message(r).into()),
        text("Type", |_| "ADFPipelineRun".into()),
        text("_ResourceId", |r| factory_id(r).to_ascii_lowercase().into()),
    ],
    times: TimeShape::Portal,
    powershell: false,
};
