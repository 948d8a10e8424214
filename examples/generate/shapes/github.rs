//! Workflow runs of GitHub Actions, as the REST API gives them. The repository is the source, the workflow
//! is the scan; a partial success is `neutral`.
//!
//! Ids are numbers, and repeat for each attempt; a second attempt is the only one that the API still lists.
//! Times are whole seconds. There are no counts and no error texts: of an error, only the conclusion is
//! left. There is no export of a table.

use super::{Body, Form, Shape, States};
use crate::json::{Envelope, Json};
use crate::run::{Record, Run, Status};
use crate::time::{HOUR, TimeShape};

pub(super) static SHAPE: Shape = Shape {
    flat: None,
    json: Form {
        body: Body::Nested(record),
        states: States::Final,
        outcome: Run::overall,
    },
    envelope: Envelope {
        open: r#"{"total_count":{runs},"workflow_runs":["#,
        close: "]}",
    },
};

/// Status and conclusion.
fn words(run: &Run) -> (&'static str, &'static str) {
    match run.overall() {
        Status::Succeeded | Status::Absent => ("completed", "success"),
        Status::Partial => ("completed", "neutral"),
        Status::Failed => (
            "completed",
            run.fault
                .map_or("failure", |fault| fault.template().conclusion),
        ),
        Status::Cancelled => ("completed", "cancelled"),
        Status::InProgress => ("in_progress", ""),
        Status::Queued => ("queued", ""),
        Status::Delayed | Status::Throttled => ("waiting", ""),
    }
}

/// A number of its own for each run.
fn number(run: &Run) -> i64 {
    let offset = i64::try_from(run.id & 0x1f).expect("5 bits");
    18_000_000_000 + run.index * 32 + offset
}

fn record(record: &Record<'_>, json: &mut Json) {
    let Record { run, scan, .. } = record;
    let number = number(run);
    let repository = format!("example-data/{}", scan.source);
    let (status, conclusion) = words(run);
    let seconds = TimeShape::Iso(0);
    let first_attempt = run.started_at - (run.attempt - 1) * HOUR;
    json.record(|json| {
        json.int("id", number);
        json.text("name", scan.name);
        json.text("head_branch", "main");
        json.text("head_sha", &format!("{:032x}{:08x}", run.id, run.index));
        json.text("path", &format!(".github/workflows/{}.yml", scan.name));
        json.text("display_title", scan.name);
        json.int("run_number", run.round + 1);
        json.int("run_attempt", run.attempt);
        json.text(
            "event",
            if run.manual {
                "workflow_dispatch"
            } else {
                "schedule"
            },
        );
        json.text("status", status);
        json.text_or_null("conclusion", conclusion);
        json.text(
            "url",
            &format!("https://api.github.com/repos/{repository}/actions/runs/{number}"),
        );
        json.text(
            "html_url",
            &format!("https://github.com/{repository}/actions/runs/{number}"),
        );
        json.time("created_at", first_attempt, seconds);
        json.time("updated_at", run.observed_at, seconds);
        json.time("run_started_at", run.started_at, seconds);
        json.object("actor", |json| json.text("login", "example-bot"));
        json.object("repository", |json| json.text("full_name", &repository));
    });
}
