//! Azure Monitor's events on Purview scans: one record for each change of a scan's state.

use chrono::TimeDelta;
use serde_json::Value;

use super::{Row, trigger};
use crate::oracle::{Rec, words};

pub(super) fn record(row: &Row<'_>) -> Result<Rec, String> {
    // The storage form has these under `properties`, the table has them as columns.
    let text = |name: &str| row.text(&[&format!("properties/{name}"), name]);
    let count = |name: &str| row.count(&[&format!("properties/{name}"), name]);

    let status = row.status(&["resulttype"]);
    let finished = words::is_finished(status);
    let time = row.time(&["time", "timegenerated"])?;
    let total = count("scantotalruntimeinseconds")?.filter(|seconds| finished && *seconds > 0);
    let word = text("runtype");
    let lower = word.as_ref().map(|word| word.to_lowercase());
    let run_type = lower.filter(|word| ["full", "incremental"].contains(&word.as_str()));
    let (error_code, message) = text("errordetails")
        .and_then(|details| error(&details))
        .map_or((None, None), |(code, message)| (code, Some(message)));
    Ok(Rec {
        system: "purview".to_owned(),
        account: row
            .text(&["resourceid"])
            .and_then(|id| words::segment_after(&id, "accounts"))
            .map(|name| name.to_lowercase())
            .or(row.given("account")),
        source: text("datasourcename").or(row.given("source")),
        source_type: text("datasourcetype"),
        scan: text("scanname").or(row.given("scan")),
        run_id: text("scanresultid").and_then(|id| words::run_id(&id)),
        trigger: trigger(word.filter(|_| run_type.is_none()), &[]),
        run_type,
        discovery_status: status,
        started_at: time.filter(|_| !finished),
        ended_at: time.filter(|_| finished),
        queue_ms: count("scanqueuetimeinseconds")?
            .filter(|_| finished)
            .map(|seconds| seconds * 1000),
        assets_discovered: count("assetsdiscovered")?,
        assets_classified: count("assetsclassified")?,
        error_code,
        error_message: message.or(row.text(&["resultdescription"])),
        observed_at: time,
        estimated_start: match (time, total) {
            (Some(end), Some(seconds)) => Some(end - TimeDelta::seconds(seconds)),
            _ => None,
        },
        ..Rec::default()
    })
}

/// Code and message of an error: the text itself, or the deepest message where the text is JSON.
fn error(details: &str) -> Option<(Option<String>, String)> {
    match serde_json::from_str::<Value>(details) {
        Ok(error @ Value::Object(_)) => words::deepest_error(&error, None),
        Ok(Value::Null) => None,
        _ => Some((None, details.to_owned())),
    }
}
