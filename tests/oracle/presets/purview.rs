//! Runs of the Purview scanning API, of either generation, and what scripts and the portal make of them.

use serde_json::Value;

use super::{Row, trigger};
use crate::oracle::{Rec, words};

pub(super) fn record(row: &Row<'_>) -> Result<Rec, String> {
    let discovery = |rest: &str| format!("discoveryexecutiondetails/{rest}");
    let ingestion = |rest: &str| format!("ingestionexecutiondetails/{rest}");

    let mut status = row.status(&["status", "runstatus"]);
    if status == Some("completed") && any_exception(row) {
        status = Some("partial");
    }
    let (error_code, error_message) = error(row);
    let resource = row
        .text(&["resourceid"])
        .and_then(|id| id.rsplit('/').next().and_then(words::text));
    let named = row
        .text(&["source", "datasource", "datasourcename", "sourcename"])
        .or(row.given("source"));
    let given_duration = match row.text(&["duration"]) {
        Some(text) => python_duration(&text),
        None => row.millis("durationmin", 60_000.0)?,
    };
    Ok(Rec {
        system: "purview".to_owned(),
        account: row.given("account"),
        source: named.or(resource),
        source_type: row.text(&["datasourcetype"]),
        collection: row.text(&["collection"]),
        scan: row.text(&["scanname", "scan"]).or(row.given("scan")),
        run_id: row.run_id(&["id", "runid"]),
        parent_id: row.run_id(&["parentid"]),
        run_type: run_type(row),
        trigger: set_off(row),
        status,
        discovery_status: row.status(&[&discovery("status")]),
        ingestion_status: row.ingestion(&[&ingestion("status"), "ingestionstatus"]),
        queued_at: row.time(&["queuedtime"])?,
        started_at: row.time(&["starttime", "runstart"])?,
        ended_at: row.time(&["endtime", "runend"])?,
        discovery_started_at: row.time(&[&discovery("discoverystarttime"), "pipelinestarttime"])?,
        discovery_ended_at: row.time(&[&discovery("discoveryendtime")])?,
        ingestion_started_at: row.time(&[&ingestion("ingestionstarttime")])?,
        ingestion_ended_at: row.time(&[&ingestion("ingestionendtime")])?,
        duration_ms: given_duration,
        assets_discovered: row.count(&[
            &discovery("statistics/assets/discovered"),
            "assetsdiscovered",
        ])?,
        assets_classified: row.count(&[
            &discovery("statistics/assets/classified"),
            "assetsclassified",
        ])?,
        assets_failed: row.count(&[&discovery("statistics/assets/failed")])?,
        assets_ingested: row
            .count(&[&ingestion("statistics/assets/succeeded"), "assetsingested"])?,
        assets_ingest_failed: row.count(&[&ingestion("statistics/assets/failed")])?,
        assets_pending: row.count(&[&ingestion("statistics/assets/processing")])?,
        relationships_ingested: row.count(&[&ingestion("statistics/relationships/succeeded")])?,
        relationships_failed: row.count(&[&ingestion("statistics/relationships/failed")])?,
        error_code,
        error_message,
        ..Rec::default()
    })
}

/// Full or incremental, from whichever of the columns says it: the API and the portal swap their names.
fn run_type(row: &Row<'_>) -> Option<String> {
    ["scanleveltype", "scanlevel", "runtype", "scantype"]
        .iter()
        .find_map(|key| whole_or_part(&row.text(&[key])?))
        .map(str::to_owned)
}

fn whole_or_part(word: &str) -> Option<&'static str> {
    match words::plain(word).as_str() {
        "full" | "fullscan" => Some("full"),
        "incremental" | "incrementalscan" => Some("incremental"),
        _ => None,
    }
}

/// What set the run off, from whichever of the columns says something else than full or incremental.
fn set_off(row: &Row<'_>) -> Option<String> {
    let word = ["runtype", "scantype", "triggeredby"]
        .iter()
        .find_map(|key| {
            row.text(&[key])
                .filter(|word| words::plain(word) != "unknown" && whole_or_part(word).is_none())
        });
    trigger(word, &[])
}

fn any_exception(row: &Row<'_>) -> bool {
    [
        "diagnostics/exceptioncountmap",
        "diagnosticexceptioncountmap",
    ]
    .iter()
    .filter_map(|path| row.value(path))
    .any(|map| {
        map.as_object()
            .is_some_and(|map| map.values().any(|n| n.as_f64() > Some(0.0)))
    })
}

/// Code and message: those of the deepest error, else those of PowerShell's flat form, else the plain message.
fn error(row: &Row<'_>) -> (Option<String>, Option<String>) {
    let nested = row.value("error");
    if let Some(found) = nested.as_ref().and_then(|e| words::deepest_error(e, None)) {
        return (found.0, Some(found.1));
    }
    // A script writes the text itself under this name.
    let text = nested
        .as_ref()
        .and_then(Value::as_str)
        .and_then(words::text);
    (
        row.text(&["code"]),
        text.or(row.text(&["message", "errormessage"])),
    )
}

/// `0:06:27.842940` or `1 day, 2:03:04` to the nearest millisecond; nothing for `N/A`.
fn python_duration(text: &str) -> Option<i64> {
    let (days, clock) = match text.split_once(" day") {
        Some((days, rest)) => (days.parse().ok()?, rest.trim_start_matches(['s', ',', ' '])),
        None => (0, text),
    };
    let parts: Vec<&str> = clock.split(':').collect();
    let [hours, minutes, seconds] = parts[..] else {
        return None;
    };
    let whole: i64 = hours.parse::<i64>().ok()? * 60 + minutes.parse::<i64>().ok()? + days * 1440;
    let (seconds, fraction) = seconds.split_once('.').unwrap_or((seconds, "0"));
    let micros: String = fraction.chars().chain("000000".chars()).take(6).collect();
    let whole = (whole * 60 + seconds.parse::<i64>().ok()?) * 1000;
    Some(whole + (micros.parse::<i64>().ok()? + 500) / 1000)
}
