//! Rows of the UVM page of source runs. The page names no source: the file does.

use serde_json::Value;

use super::Row;
use crate::oracle::{Rec, words};

pub(super) fn record(row: &Row<'_>) -> Result<Rec, String> {
    let source = row.given("source").unwrap_or(row.stem());
    let category = row
        .text(&["category"])
        .and_then(|word| match words::plain(&word).as_str() {
            "mapandaggregate" => Some("map_and_aggregate".to_owned()),
            "map" => Some("map".to_owned()),
            _ => None,
        });
    let size = row
        .cells()
        .iter()
        .find(|(key, _)| key.starts_with("filesize"));
    Ok(Rec {
        system: "zscaler-uvm".to_owned(),
        account: row.text(&["account"]).or(row.given("account")),
        source: Some(source.clone()),
        scan: Some(source),
        run_id: row.run_id(&["id"]),
        run_type: row.lower(&["dataretrievaltype"]),
        category,
        status: row.status(&["status"]),
        started_at: row.time(&["starttime"])?,
        ended_at: row.time(&["endtime"])?,
        file_reader: row.text(&["filereader"]),
        file_count: row.count(&["numberoffiles"])?,
        byte_count: size.and_then(|(key, value)| bytes(key, value)),
        row_count: row.count(&["totalnumberofrows"])?,
        error_code: row.text(&["errortitle", "errortype", "errorclass"]),
        error_message: row.text(&["error", "errormessage", "errordescription", "description"]),
        ..Rec::default()
    })
}

/// The size of the files in bytes. The header says the unit, or means megabytes.
fn bytes(header: &str, size: &Value) -> Option<i64> {
    let unit = match header.trim_start_matches("filesize") {
        "(bytes)" | "(b)" | "bytes" => 1.0,
        "(kb)" => 1e3,
        "(gb)" => 1e9,
        _ => 1e6,
    };
    let text = size.as_str().map(str::to_owned).unwrap_or(size.to_string());
    let size: f64 = text.trim().parse().ok()?;
    Some((size * unit).round() as i64)
}
