//! The table of Log Analytics that holds the same events: exported as CSV in two ways, and as JSON.

use csv::{QuoteStyle, WriterBuilder};
use serde_json::{Map, Value};

use super::File;
use super::monitor::{Event, events, resource};
use crate::common::scans::{ScanRun, utc};

const COLUMNS: [&str; 19] = [
    "TenantId",
    "TimeGenerated",
    "Category",
    "CorrelationId",
    "DataSourceName",
    "DataSourceType",
    "ScanName",
    "ScanResultId",
    "OperationName",
    "ResultType",
    "RunType",
    "AssetsDiscovered",
    "AssetsClassified",
    "ScanQueueTimeInSeconds",
    "ScanTotalRunTimeInSeconds",
    "ErrorDetails",
    "LogLevel",
    "Type",
    "_ResourceId",
];

/// The cells of one event but for its time. There is no place for a description of the result.
fn cells(event: &Event, time: String) -> Vec<String> {
    let run = &event.run;
    let number = |number: Option<i64>| number.map(|n| n.to_string()).unwrap_or_default();
    let (discovered, classified) = event.counts.unzip();
    vec![
        "9c9c9c9c-0000-4000-8000-000000000009".to_owned(),
        time,
        "ScanStatusLogEvent".to_owned(),
        run.id.clone(),
        run.source.to_owned(),
        run.source_type.to_owned(),
        run.scan.to_owned(),
        run.id.to_uppercase(),
        "TriggeredScanRun".to_owned(),
        event.word.to_owned(),
        run.trigger().to_owned(),
        number(discovered),
        number(classified),
        number((event.word != "Queued").then_some(run.queue)),
        event.total.to_string(),
        event.error.unwrap_or("empty_value").to_owned(),
        "Informational".to_owned(),
        "PurviewScanStatusLogs".to_owned(),
        resource().to_lowercase(),
    ]
}

/// Every cell quoted, times like `2025-11-21 19:45:18.0766240`.
pub(crate) fn csv_quoted(runs: &[ScanRun]) -> Vec<File> {
    let mut writer = WriterBuilder::new()
        .quote_style(QuoteStyle::Always)
        .from_writer(Vec::new());
    writer.write_record(COLUMNS).unwrap();
    for event in events(runs) {
        let time = utc(event.time).format("%Y-%m-%d %H:%M:%S%.9f").to_string();
        let seven_digits = time[..time.len() - 2].to_owned();
        writer.write_record(cells(&event, seven_digits)).unwrap();
    }
    vec![("query_data.csv".to_owned(), writer.into_inner().unwrap())]
}

/// Quoted where it must be, times like `2/25/2025, 9:19:25.391 AM` under a header that names the zone.
pub(crate) fn csv_american(runs: &[ScanRun]) -> Vec<File> {
    let mut writer = WriterBuilder::new().from_writer(Vec::new());
    for event in events(runs) {
        let time = utc(event.time).format("%-m/%-d/%Y, %-I:%M:%S%.3f %p");
        writer
            .write_record(cells(&event, time.to_string()))
            .unwrap();
    }
    let rows = String::from_utf8(writer.into_inner().unwrap()).unwrap();
    // A header with a space is quoted.
    let header = COLUMNS
        .join(",")
        .replace("TimeGenerated", "\"TimeGenerated [UTC]\"");
    vec![(
        "query_data.csv".to_owned(),
        format!("{header}\n{rows}").into_bytes(),
    )]
}

/// As the command line of Azure prints it: one list, everything text.
pub(crate) fn json(runs: &[ScanRun]) -> Vec<File> {
    let rows: Vec<Value> = events(runs)
        .iter()
        .map(|event| {
            let time = utc(event.time).format("%Y-%m-%dT%H:%M:%S%.9fZ").to_string();
            let cells = cells(event, time).into_iter().map(Value::from);
            let names = COLUMNS.iter().map(|name| (*name).to_owned());
            Value::Object(names.zip(cells).collect::<Map<String, Value>>())
        })
        .collect();
    vec![(
        "query.json".to_owned(),
        serde_json::to_vec_pretty(&rows).unwrap(),
    )]
}
