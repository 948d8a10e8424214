//! The diagnostic log of Microsoft Purview, `ScanStatusLogEvent`: each record is one event, and a run has
//! two to four.
//!
//! It tells of discovery only: no ingestion, no partial success, not whether a run was full. JSON is what
//! Azure Monitor writes to storage; the table is `PurviewScanStatusLogs` of Log Analytics.

use std::borrow::Cow;
use std::sync::LazyLock;

use super::{Body, Form, Shape, States};
use crate::errors::{self, guid_text};
use crate::json::{Envelope, Json};
use crate::run::{Counts, Record, Run, Status, Words};
use crate::scan::{ACCOUNT, SUBSCRIPTION};
use crate::table::{Table, int, text, time};
use crate::time::{MINUTE, SECOND, Ticks, TimeShape};

const LOCATION: &str = "westeurope";
const CATEGORY: &str = "ScanStatusLogEvent";
/// What the log writes where it has nothing.
const NOTHING: &str = "empty_value";

/// The account, in upper case as the log has it.
pub(crate) static ACCOUNT_ID: LazyLock<String> = LazyLock::new(|| {
    format!(
        "/subscriptions/{SUBSCRIPTION}/resourceGroups/rg-governance/providers/Microsoft.Purview/accounts/{ACCOUNT}"
    )
    .to_ascii_uppercase()
});

/// The account, as Log Analytics has it.
static ACCOUNT_ID_LOWER: LazyLock<String> = LazyLock::new(|| ACCOUNT_ID.to_ascii_lowercase());

pub(super) static SHAPE: Shape = Shape {
    flat: Some(Form {
        body: Body::Table(&TABLE),
        states: STATES,
        outcome,
    }),
    json: Form {
        body: Body::Nested(record),
        states: STATES,
        outcome,
    },
    envelope: Envelope {
        open: r#"{"records":["#,
        close: "]}",
    },
};

const STATES: States = States::Each(events);

fn outcome(run: &Run) -> Status {
    run.discovery.without_partial()
}

/// Queued; delayed or throttled, of some; running, if it came so far; the end of discovery, if it did.
fn events(run: &Run) -> Vec<Run> {
    let mut events = vec![run.queued()];
    let mut random = run.random(0);
    let fraction = random.below(SECOND);
    match run.discovery {
        Status::Delayed | Status::Throttled => events.push(*run),
        _ if random.one_in(8) => events.extend(run.discovery_started_at.map(|until| Run {
            discovery: *random.pick(&[Status::Delayed, Status::Throttled]),
            observed_at: run.started_at + (until - run.started_at) / 2,
            ..run.queued()
        })),
        _ => {}
    }
    events.extend(run.discovering(10).map(|running| Run {
        observed_at: running.discovery_started_at.unwrap_or(running.observed_at) + fraction / 2,
        ..running
    }));
    if !run.discovery.is_active() {
        events.push(Run {
            // Discovery's end is a whole second; the event comes a little later.
            observed_at: run
                .discovery_ended_at
                .map_or(run.observed_at, |ended_at| ended_at + fraction),
            ..*run
        });
    }
    events
}

/// When Azure Monitor wrote an event to storage: some time later, so that events are out of order.
pub(crate) fn delivered_at(event: &Run) -> Ticks {
    event.observed_at + SECOND + event.random(event.observed_at).below(12 * MINUTE)
}

/// What an event says in numbers.
struct Figures {
    discovered: i64,
    classified: i64,
    queue_seconds: i64,
    run_seconds: i64,
}

fn figures(event: &Run) -> Figures {
    let Counts {
        discovered,
        classified,
        ..
    } = event.counts;
    let queued_until = event.discovery_started_at.unwrap_or(event.observed_at);
    let lasted = event.observed_at - event.started_at;
    Figures {
        discovered,
        classified,
        queue_seconds: (queued_until - event.started_at) / SECOND,
        run_seconds: if event.discovery.is_active() {
            0
        } else {
            lasted / SECOND
        },
    }
}

fn operation(event: &Run) -> &'static str {
    if event.manual {
        "AdhocScanRun"
    } else {
        "TriggeredScanRun"
    }
}

fn trigger(event: &Run) -> &'static str {
    if event.manual { "Manual" } else { "Scheduled" }
}

fn level(event: &Run) -> &'static str {
    if event.discovery == Status::Failed {
        "Error"
    } else {
        "Informational"
    }
}

/// Of failed discoveries only. Every other one is JSON inside the text.
fn error_details<'a>(record: &'a Record<'_>) -> Cow<'a, str> {
    let Some(error) = record.error.as_ref().filter(|_| is_failed(record)) else {
        return NOTHING.into();
    };
    if record.run.index % 2 == 0 {
        let mut json = Json::default();
        json.record(|json| {
            json.text("code", error.code);
            json.text("message", &error.message);
        });
        String::from_utf8(json.take()).expect("JSON is text").into()
    } else {
        (&error.message).into()
    }
}

fn is_failed(record: &Record<'_>) -> bool {
    record.run.discovery == Status::Failed
}

/// An id of its own for each run, which is not the run's id.
fn correlation_id(record: &Record<'_>) -> String {
    guid_text(errors::guid(&mut record.run.random(1)))
}

fn record(record: &Record<'_>, json: &mut Json) {
    let Record { run, scan, id, .. } = record;
    let figures = figures(run);
    json.record(|json| {
        json.time("time", run.observed_at, TimeShape::Iso(9));
        json.object("properties", |json| {
            json.text("dataSourceName", &scan.source);
            json.text("dataSourceType", scan.source_type);
            json.text("scanName", scan.name);
            json.text("assetsDiscovered", &figures.discovered.to_string());
            json.text("assetsClassified", &figures.classified.to_string());
            json.text("scanQueueTimeInSeconds", &figures.queue_seconds.to_string());
            json.text(
                "scanTotalRunTimeInSeconds",
                &figures.run_seconds.to_string(),
            );
            json.text("runType", trigger(run));
            json.text("errorDetails", &error_details(record));
            json.text("scanResultId", id);
        });
        json.text("resourceId", &ACCOUNT_ID);
        json.text("category", CATEGORY);
        json.text("operationName", operation(run));
        json.text("operationVersion", "1.0");
        json.text("resultType", run.discovery.word(Words::Monitor));
        json.text("resultSignature", NOTHING);
        json.text(
            "resultDescription",
            if is_failed(record) {
                "The scan failed."
            } else {
                NOTHING
            },
        );
        json.int("durationMs", 0);
        json.text("correlationId", &correlation_id(record));
        json.text("level", level(run));
        json.text("location", LOCATION);
    });
}

static TABLE: Table = Table {
    columns: &[
        text("TenantId", |_| SUBSCRIPTION.into()),
        time("TimeGenerated [UTC]", |r| Some(r.run.observed_at)),
        text("OperationName", |r| operation(r.run).into()),
        text("Category", |_| CATEGORY.into()),
        text("CorrelationId", |r| correlation_id(r).into()),
        text("LogLevel", |r| level(r.run).into()),
        text("ResultType", |r| {
            r.run.discovery.word(Words::Monitor).into()
        }),
        text("DataSourceName", |r| (&r.scan.source).into()),
        text("DataSourceType", |r| r.scan.source_type.into()),
        text("ScanName", |r| r.scan.name.into()),
        text("ScanResultId", |r| (&r.id).into()),
        text("RunType", |r| trigger(r.run).into()),
        int("AssetsDiscovered", |r| Some(figures(r.run).discovered)),
        int("AssetsClassified", |r| Some(figures(r.run).classified)),
        int("ScanQueueTimeInSeconds", |r| {
            Some(figures(r.run).queue_seconds)
        }),
        int("ScanTotalRunTimeInSeconds", |r| {
            Some(figures(r.run).run_seconds)
        }),
        text("ErrorDetails", error_details),
        text("SourceSystem", |_| "Azure".into()),
        text("Type", |_| "PurviewScanStatusLogs".into()),
        text("_ResourceId", |_| ACCOUNT_ID_LOWER.as_str().into()),
    ],
    times: TimeShape::Portal,
    powershell: false,
};
