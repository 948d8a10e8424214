//! What the columns and keys of each kind of file mean.

use serde_json::Value;

use super::load::Raw;
use super::times::{self, DateOrder};
use super::{Options, Rec, Time, words};

/// The kinds of file that this oracle reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Native,
    Purview,
    Uvm,
}

/// The kind of a file by the keys of its records; `None` for any other.
pub(crate) fn kind(rows: &[Result<Raw, String>]) -> Option<Kind> {
    let has = |key: &str| rows.iter().flatten().any(|row| row.contains_key(key));
    if has("dataretrievaltype") && has("status") {
        Some(Kind::Uvm)
    } else if has("status")
        && has("starttime")
        && has("id")
        && (has("scanleveltype") || has("runtype"))
    {
        Some(Kind::Purview)
    } else if (has("startedat") || has("queuedat") || has("endedat"))
        && (has("status") || has("discoverystatus") || has("outcome"))
    {
        Some(Kind::Native)
    } else {
        None
    }
}

/// One row and how to read its values.
struct Row<'a> {
    raw: &'a Raw,
    order: DateOrder,
    options: &'a Options,
}

impl Row<'_> {
    /// The first of the keys that holds something, as text.
    fn text(&self, keys: &[&str]) -> Option<String> {
        keys.iter().find_map(|key| match self.raw.get(*key)? {
            Value::String(text) => words::text(text),
            Value::Number(number) => Some(number.to_string()),
            _ => None,
        })
    }

    fn count(&self, key: &str) -> Result<Option<i64>, String> {
        let Some(text) = self.text(&[key]) else {
            return Ok(None);
        };
        count(&text).map(Some)
    }

    fn time(&self, keys: &[&str]) -> Result<Option<Time>, String> {
        let Some(text) = self.text(keys) else {
            return Ok(None);
        };
        times::parse(&text, self.order)
    }

    fn status(&self, keys: &[&str], ingestion: bool) -> Option<&'static str> {
        words::status(&self.text(keys)?, ingestion)
    }

    /// The value of `--set FIELD=…`.
    fn set(&self, field: &str) -> Option<String> {
        let (_, value) = self.options.set.iter().find(|(name, _)| name == field)?;
        Some(value.clone())
    }
}

/// A count: 950, and 950.0 as well.
fn count(text: &str) -> Result<i64, String> {
    let whole = text
        .trim()
        .trim_end_matches('0')
        .strip_suffix('.')
        .unwrap_or(text.trim());
    whole.parse().map_err(|_| format!("not a count: {text}"))
}

/// Makes a record of a row. An unreadable time or count makes the record unusable.
pub(crate) fn record(
    kind: Kind,
    raw: &Raw,
    stem: &str,
    order: DateOrder,
    options: &Options,
) -> Result<Rec, String> {
    let row = Row {
        raw,
        order,
        options,
    };
    match kind {
        Kind::Native => native(&row),
        Kind::Purview => purview(&row),
        Kind::Uvm => uvm(&row, stem),
    }
}

fn native(row: &Row<'_>) -> Result<Rec, String> {
    let lower = |key: &str| row.text(&[key]).map(|text| text.to_lowercase());
    let id = |key: &str| row.text(&[key]).and_then(|id| words::run_id(&id));
    Ok(Rec {
        system: row
            .text(&["system"])
            .or(row.set("system"))
            .unwrap_or("other".to_owned()),
        account: row.text(&["account"]).or(row.set("account")),
        source: row.text(&["source"]).or(row.set("source")),
        source_type: row.text(&["sourcetype"]),
        collection: row.text(&["collection"]),
        scan: row.text(&["scan"]).or(row.set("scan")),
        run_id: id("runid"),
        parent_id: id("parentid"),
        run_type: lower("runtype"),
        trigger: lower("trigger"),
        category: lower("category"),
        status: row.status(&["status", "outcome"], false),
        discovery_status: row.status(&["discoverystatus"], false),
        ingestion_status: row.status(&["ingestionstatus"], true),
        queued_at: row.time(&["queuedat"])?,
        started_at: row.time(&["startedat"])?,
        ended_at: row.time(&["endedat"])?,
        discovery_started_at: row.time(&["discoverystartedat"])?,
        discovery_ended_at: row.time(&["discoveryendedat"])?,
        ingestion_started_at: row.time(&["ingestionstartedat"])?,
        ingestion_ended_at: row.time(&["ingestionendedat"])?,
        duration_ms: row.count("durationms")?,
        queue_ms: row.count("queuems")?,
        assets_discovered: row.count("assetsdiscovered")?,
        assets_classified: row.count("assetsclassified")?,
        assets_failed: row.count("assetsfailed")?,
        assets_ingested: row.count("assetsingested")?,
        assets_ingest_failed: row.count("assetsingestfailed")?,
        assets_pending: row.count("assetspending")?,
        relationships_ingested: row.count("relationshipsingested")?,
        relationships_failed: row.count("relationshipsfailed")?,
        file_reader: row.text(&["filereader"]),
        file_count: row.count("filecount")?,
        byte_count: row.count("bytecount")?,
        row_count: row.count("rowcount")?,
        error_code: row.text(&["errorcode"]),
        error_message: row.text(&["errormessage"]),
        error_phase: row.text(&["errorphase"]),
        observed_at: row.time(&["observedat"])?,
    })
}

/// A run of the Purview scanning API, of either generation.
fn purview(row: &Row<'_>) -> Result<Rec, String> {
    let whole = Value::Object(row.raw.clone().into_iter().collect());
    let inner = |path: &str| whole.pointer(path).cloned().unwrap_or(Value::Null);
    let number = |path: &str| inner(path).as_f64().map(|n| n as i64);
    let word = |path: &str| inner(path).as_str().map(str::to_owned);
    let time = |path: &str| times::parse(&word(path).unwrap_or_default(), row.order);
    let discovery = "/discoveryexecutiondetails";
    let ingestion = "/ingestionexecutiondetails";

    let mut status = row.status(&["status"], false);
    let exceptions = inner("/diagnostics/exceptionCountMap");
    let any_exception = exceptions
        .as_object()
        .is_some_and(|map| map.values().any(|n| n.as_f64() > Some(0.0)));
    if status == Some("completed") && any_exception {
        status = Some("partial");
    }
    let deepest = row
        .raw
        .get("error")
        .and_then(|error| deepest_error(error, None));
    let (error_code, error_message) = match deepest {
        Some((code, message)) => (code, Some(message)),
        None => (None, row.text(&["errormessage"])),
    };
    let resource = row
        .text(&["resourceid"])
        .and_then(|id| id.rsplit('/').next().and_then(words::text));
    let named = row
        .text(&["source", "datasource", "datasourcename", "sourcename"])
        .or(row.set("source"));
    let lower = |key: &str| row.text(&[key]).map(|text| text.to_lowercase());
    Ok(Rec {
        system: "purview".to_owned(),
        account: row.set("account"),
        source: named.or(resource),
        source_type: row.text(&["datasourcetype"]),
        scan: row.text(&["scanname", "scan"]).or(row.set("scan")),
        run_id: row.text(&["id"]).and_then(|id| words::run_id(&id)),
        parent_id: row.text(&["parentid"]).and_then(|id| words::run_id(&id)),
        run_type: lower("scanleveltype"),
        trigger: lower("runtype"),
        status,
        discovery_status: word(&format!("{discovery}/status"))
            .and_then(|s| words::status(&s, false)),
        ingestion_status: word(&format!("{ingestion}/status"))
            .and_then(|s| words::status(&s, true)),
        queued_at: row.time(&["queuedtime"])?,
        started_at: row.time(&["starttime"])?,
        ended_at: row.time(&["endtime"])?,
        discovery_started_at: match time(&format!("{discovery}/discoveryStartTime"))? {
            Some(time) => Some(time),
            None => row.time(&["pipelinestarttime"])?,
        },
        discovery_ended_at: time(&format!("{discovery}/discoveryEndTime"))?,
        ingestion_started_at: time(&format!("{ingestion}/ingestionStartTime"))?,
        ingestion_ended_at: time(&format!("{ingestion}/ingestionEndTime"))?,
        assets_discovered: number(&format!("{discovery}/statistics/assets/discovered"))
            .or(row.count("assetsdiscovered")?),
        assets_classified: number(&format!("{discovery}/statistics/assets/classified"))
            .or(row.count("assetsclassified")?),
        assets_failed: number(&format!("{discovery}/statistics/assets/failed")),
        assets_ingested: number(&format!("{ingestion}/statistics/assets/succeeded")),
        assets_ingest_failed: number(&format!("{ingestion}/statistics/assets/failed")),
        assets_pending: number(&format!("{ingestion}/statistics/assets/processing")),
        relationships_ingested: number(&format!("{ingestion}/statistics/relationships/succeeded")),
        relationships_failed: number(&format!("{ingestion}/statistics/relationships/failed")),
        error_code,
        error_message,
        ..Rec::default()
    })
}

/// The deepest message of an error and its code, or the code of the nearest error around it.
fn deepest_error(error: &Value, outer_code: Option<&str>) -> Option<(Option<String>, String)> {
    let code = error["code"]
        .as_str()
        .filter(|code| !code.trim().is_empty())
        .or(outer_code);
    for detail in error["details"].as_array().into_iter().flatten() {
        if let Some(found) = deepest_error(detail, code) {
            return Some(found);
        }
    }
    let message = error["message"].as_str().and_then(words::text)?;
    Some((code.map(str::to_owned), message))
}

/// A row of the UVM page of source runs. The page names no source: the file does.
fn uvm(row: &Row<'_>, stem: &str) -> Result<Rec, String> {
    let source = row.set("source").unwrap_or(stem.to_owned());
    let category = row
        .text(&["category"])
        .and_then(|word| match words::plain(&word).as_str() {
            "mapandaggregate" => Some("map_and_aggregate".to_owned()),
            "map" => Some("map".to_owned()),
            _ => None,
        });
    let size = row.raw.iter().find(|(key, _)| key.starts_with("filesize"));
    let byte_count = match size {
        Some((key, value)) => {
            let unit = match key.trim_start_matches("filesize") {
                "(bytes)" | "(b)" | "bytes" => 1.0,
                "(kb)" => 1e3,
                "(gb)" => 1e9,
                _ => 1e6,
            };
            let text = value
                .as_str()
                .map(str::to_owned)
                .unwrap_or(value.to_string());
            text.trim()
                .parse::<f64>()
                .ok()
                .map(|size| (size * unit).round() as i64)
        }
        None => None,
    };
    Ok(Rec {
        system: "zscaler-uvm".to_owned(),
        account: row.text(&["account"]).or(row.set("account")),
        source: Some(source.clone()),
        scan: Some(source),
        run_id: row.text(&["id"]).and_then(|id| words::run_id(&id)),
        run_type: row
            .text(&["dataretrievaltype"])
            .map(|text| text.to_lowercase()),
        category,
        status: row.status(&["status"], false),
        started_at: row.time(&["starttime"])?,
        ended_at: row.time(&["endtime"])?,
        file_reader: row.text(&["filereader"]),
        file_count: row.count("numberoffiles")?,
        byte_count,
        row_count: row.count("totalnumberofrows")?,
        error_code: row.text(&["errortitle", "errortype", "errorclass"]),
        error_message: row.text(&["error", "errormessage", "errordescription", "description"]),
        ..Rec::default()
    })
}
