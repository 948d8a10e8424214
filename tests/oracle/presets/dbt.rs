//! dbt: one record for each node in the results of a call.

use super::{Row, joined};
use crate::oracle::Rec;

/// dbt's words that mean something else here, or nothing.
const WORDS: [(&str, &str); 11] = [
    ("success", "completed"),
    ("pass", "completed"),
    ("warn", "partial"),
    ("partial success", "partial"),
    ("error", "failed"),
    ("fail", "failed"),
    ("runtime error", "failed"),
    ("skipped", "cancelled"),
    ("no-op", "cancelled"),
    ("reused", "cancelled"),
    ("partial", "partial"),
];

pub(super) fn record(row: &Row<'_>) -> Result<Rec, String> {
    let status = row
        .text(&["status"])
        .and_then(|word| row.own_status(&word, &WORDS));
    let node = row.text(&["uniqueid"]);
    // The step that did the work; a node that was only looked at has another.
    let execute = (0..10)
        .find(|at| row.text(&[&format!("timing/{at}/name")]).as_deref() == Some("execute"))
        .unwrap_or(0);
    let timing = |name: &str| format!("timing/{execute}/{name}");
    let generated = row.time(&["metadata/generatedat"])?;
    let rows = row.count(&["adapterresponse/rowsaffected"])?;
    Ok(Rec {
        system: "dbt".to_owned(),
        account: row.given("account"),
        source: row.given("source"),
        scan: node.clone(),
        run_id: joined(&[row.text(&["metadata/invocationid"]), node], "#"),
        status,
        started_at: row.time(&[&timing("startedat")])?,
        ended_at: row.time(&[&timing("completedat")])?.or(generated),
        duration_ms: row.millis("executiontime", 1000.0)?,
        row_count: rows.filter(|count| *count != -1),
        error_message: row
            .text(&["message"])
            .filter(|_| matches!(status, Some("failed" | "partial"))),
        observed_at: generated,
        ..Rec::default()
    })
}
