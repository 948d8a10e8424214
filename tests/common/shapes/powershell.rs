//! What `Get-AzPurviewScanResultScanHistory` gives, as CSV and as JSON: one file for each scan, since a record
//! names neither its source nor its scan.

use csv::{QuoteStyle, Terminator, WriterBuilder};
use serde_json::{Map, Value, json};

use super::File;
use crate::common::scans::{End, ScanRun, TICKS, iso, utc};

const TYPE: &str =
    "#TYPE Microsoft.Azure.PowerShell.Cmdlets.Purview.Models.Api20211001Preview.ScanResult";

/// The properties of one run in the order of their names. Times are ticks, to be written as each form does.
fn properties(run: &ScanRun, time: fn(i64) -> String) -> Vec<(&'static str, Value)> {
    let (discovered, classified) = run.counts.unzip();
    let status = match run.end {
        End::Succeeded => "Succeeded",
        End::WithExceptions => "CompletedWithExceptions",
        End::Failed => "Failed",
        End::Cancelled => "Canceled",
        End::Running => "Running",
        End::Queued => "Queued",
    };
    vec![
        ("AssetsClassified", json!(classified)),
        ("AssetsDiscovered", json!(discovered)),
        ("Code", Value::Null),
        ("DataSourceType", json!(run.source_type)),
        ("Detail", Value::Null),
        ("DiagnosticExceptionCountMap", Value::Null),
        ("DiagnosticNotification", Value::Null),
        ("EndTime", json!(run.ended().map(time))),
        ("ErrorMessage", Value::Null),
        ("Id", json!(run.id)),
        ("Message", json!(run.error)),
        ("ParentId", Value::Null),
        ("PipelineStartTime", json!(run.discovery_start().map(time))),
        ("QueuedTime", json!(time(run.start))),
        ("ResourceId", json!(run.resource())),
        ("RunType", json!(run.trigger())),
        ("ScanLevelType", json!(run.run_type())),
        ("ScanRulesetType", json!("System")),
        ("ScanRulesetVersion", json!(5)),
        ("StartTime", json!(time(run.start))),
        ("Status", json!(status)),
        ("Target", Value::Null),
    ]
}

/// One file for each scan, below the folder of its source.
fn by_scan(runs: &[ScanRun], ending: &str, write: impl Fn(&[ScanRun]) -> Vec<u8>) -> Vec<File> {
    let mut groups: Vec<(String, Vec<ScanRun>)> = Vec::new();
    for run in runs {
        let path = format!("history/{}/{}.{ending}", run.source, run.scan);
        match groups.iter_mut().find(|(known, _)| *known == path) {
            Some((_, group)) => group.push(run.clone()),
            None => groups.push((path, vec![run.clone()])),
        }
    }
    groups
        .into_iter()
        .map(|(path, group)| (path, write(&group)))
        .collect()
}

/// `Export-Csv` of Windows PowerShell into UTF-16, with the type first and American times.
pub(crate) fn csv(runs: &[ScanRun]) -> Vec<File> {
    let american = |ticks: i64| utc(ticks).format("%-m/%-d/%Y %-I:%M:%S %p").to_string();
    by_scan(runs, "csv", |runs| {
        let mut writer = WriterBuilder::new()
            .quote_style(QuoteStyle::Always)
            .terminator(Terminator::CRLF)
            .from_writer(Vec::new());
        let names = properties(&runs[0], american).into_iter().map(|(n, _)| n);
        writer.write_record(names).unwrap();
        for run in runs {
            let cells = properties(run, american).into_iter().map(|(_, v)| match v {
                Value::Null => String::new(),
                Value::String(text) => text,
                other => other.to_string(),
            });
            writer.write_record(cells).unwrap();
        }
        let table = String::from_utf8(writer.into_inner().unwrap()).unwrap();
        utf_16(&format!("{TYPE}\r\n{table}"))
    })
}

/// Little-endian UTF-16 behind its byte order mark.
fn utf_16(text: &str) -> Vec<u8> {
    let marked = format!("\u{feff}{text}");
    marked.encode_utf16().flat_map(u16::to_le_bytes).collect()
}

fn json_of(runs: &[ScanRun], time: fn(i64) -> String) -> String {
    let objects: Vec<Value> = runs
        .iter()
        .map(|run| {
            let properties = properties(run, time).into_iter();
            let object: Map<String, Value> = properties.map(|(n, v)| (n.to_owned(), v)).collect();
            Value::Object(object)
        })
        .collect();
    serde_json::to_string_pretty(&objects).unwrap()
}

/// `ConvertTo-Json` of Windows PowerShell 5: milliseconds since 1970 inside `"\/Date(…)\/"`.
pub(crate) fn json_5(runs: &[ScanRun]) -> Vec<File> {
    by_scan(runs, "json", |runs| {
        let text = json_of(runs, |ticks| format!("/Date({})/", ticks / (TICKS / 1000)));
        let escaped = text
            .replace("\"/Date(", "\"\\/Date(")
            .replace(")/\"", ")\\/\"");
        escaped.into_bytes()
    })
}

/// `ConvertTo-Json` of PowerShell 7.
pub(crate) fn json_7(runs: &[ScanRun]) -> Vec<File> {
    by_scan(runs, "json", |runs| json_of(runs, iso).into_bytes())
}
