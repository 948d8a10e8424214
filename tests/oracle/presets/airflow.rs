//! Airflow: runs of DAGs and their task instances, from the API, the command line and the metadata database.

use super::{Row, joined, trigger};
use crate::oracle::Rec;

/// Airflow's words that mean something else here, or nothing.
const STATES: [(&str, &str); 12] = [
    ("success", "completed"),
    ("removed", "cancelled"),
    ("skipped", "cancelled"),
    ("shutdown", "cancelled"),
    ("upstream_failed", "failed"),
    ("scheduled", "queued"),
    ("up_for_reschedule", "queued"),
    ("restarting", "in_progress"),
    ("up_for_retry", "in_progress"),
    ("deferred", "in_progress"),
    ("awaiting_input", "in_progress"),
    ("sensing", "in_progress"),
];

pub(super) fn record(row: &Row<'_>) -> Result<Rec, String> {
    let dag = row.text(&["dagid"]);
    let run = joined(&[dag.clone(), row.text(&["dagrunid", "runid"])], "#");
    let state = row.text(&["state"]);
    let common = Rec {
        system: "airflow".to_owned(),
        account: row.given("account"),
        // What has no state yet waits for one.
        status: state.map_or(Some("queued"), |word| row.own_status(&word, &STATES)),
        started_at: row.time(&["startdate"])?,
        ended_at: row.time(&["enddate"])?,
        duration_ms: row.millis("duration", 1000.0)?,
        error_message: row.text(&["note"]),
        observed_at: row.time(&["updatedat"])?,
        ..Rec::default()
    };
    let Some(task) = row.text(&["taskid"]) else {
        return Ok(Rec {
            source: row.given("source"),
            scan: dag,
            run_id: run,
            trigger: set_off(row),
            queued_at: row.time(&["queuedat", "runafter"])?,
            ..common
        });
    };
    let mut parts = vec![run.clone(), Some(task.clone())];
    if let Some(index) = row.text(&["mapindex"]) {
        parts.push(Some(index));
    }
    Ok(Rec {
        source: dag,
        scan: Some(task),
        run_id: joined(&parts, "#"),
        parent_id: run,
        queued_at: row.time(&["queuedwhen", "queueddttm"])?,
        ..common
    })
}

fn set_off(row: &Row<'_>) -> Option<String> {
    let external = row.lower(&["externaltrigger"]);
    trigger(row.text(&["runtype"]), &[]).or(external.map(|word| {
        let manual = ["true", "t", "1"].contains(&word.as_str());
        (if manual { "manual" } else { "scheduled" }).to_owned()
    }))
}
