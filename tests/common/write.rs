//! Writes the same rows as native CSV, JSON, NDJSON and Parquet.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::Path;
use std::sync::Arc;

use chrono::{DateTime, FixedOffset, SecondsFormat};
use flate2::Compression;
use flate2::write::GzEncoder;
use parquet::data_type::{ByteArray, ByteArrayType, Int64Type};
use parquet::file::properties::WriterProperties;
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::parser::parse_message_type;
use serde_json::{Map, Value, json};

/// A value of a row, with the type that its column has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Cell {
    Text(String),
    Count(i64),
    /// Microseconds since 1970.
    Time(i64),
}

/// One record: canonical field names and values; what is missing is null.
pub(crate) type Row = BTreeMap<&'static str, Cell>;

/// The canonical columns, each with `t` text, `n` count or `i` instant.
pub(crate) const COLUMNS: [(&str, char); 39] = [
    ("system", 't'),
    ("account", 't'),
    ("source", 't'),
    ("source_type", 't'),
    ("collection", 't'),
    ("scan", 't'),
    ("run_id", 't'),
    ("parent_id", 't'),
    ("run_type", 't'),
    ("trigger", 't'),
    ("category", 't'),
    ("status", 't'),
    ("discovery_status", 't'),
    ("ingestion_status", 't'),
    ("queued_at", 'i'),
    ("started_at", 'i'),
    ("ended_at", 'i'),
    ("discovery_started_at", 'i'),
    ("discovery_ended_at", 'i'),
    ("ingestion_started_at", 'i'),
    ("ingestion_ended_at", 'i'),
    ("duration_ms", 'n'),
    ("queue_ms", 'n'),
    ("assets_discovered", 'n'),
    ("assets_classified", 'n'),
    ("assets_failed", 'n'),
    ("assets_ingested", 'n'),
    ("assets_ingest_failed", 'n'),
    ("assets_pending", 'n'),
    ("relationships_ingested", 'n'),
    ("relationships_failed", 'n'),
    ("file_reader", 't'),
    ("file_count", 'n'),
    ("byte_count", 'n'),
    ("row_count", 'n'),
    ("error_code", 't'),
    ("error_message", 't'),
    ("error_phase", 't'),
    ("observed_at", 'i'),
];

/// How instants are written in text files.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TimeStyle {
    /// `2024-03-31T01:30:00.250Z`, with as many digits as it takes.
    Zulu,
    /// The same instant with the offset +05:30.
    Offset,
    /// Seven fraction digits; the last one is below a microsecond and must be cut.
    SevenDigits,
    /// `2024-03-31 01:30:00.250000`, which is UTC.
    Naive,
    /// Milliseconds or microseconds since 1970, as a number.
    Epoch,
}

fn time_text(micros: i64, style: TimeStyle) -> String {
    let utc = DateTime::from_timestamp_micros(micros).unwrap();
    match style {
        TimeStyle::Zulu => utc.to_rfc3339_opts(SecondsFormat::AutoSi, true),
        TimeStyle::Offset => {
            let offset = FixedOffset::east_opt(5 * 3600 + 1800).unwrap();
            utc.with_timezone(&offset)
                .to_rfc3339_opts(SecondsFormat::AutoSi, false)
        }
        TimeStyle::SevenDigits => format!("{}9Z", utc.format("%Y-%m-%dT%H:%M:%S%.6f")),
        TimeStyle::Naive => utc.format("%Y-%m-%d %H:%M:%S%.6f").to_string(),
        TimeStyle::Epoch => micros.to_string(),
    }
}

/// A CSV file with the given columns in the given order. Columns that no row has may be among them.
pub(crate) fn csv(path: &Path, rows: &[Row], columns: &[&str], style: TimeStyle) {
    std::fs::write(path, csv_bytes(rows, columns, style)).unwrap();
}

pub(crate) fn csv_bytes(rows: &[Row], columns: &[&str], style: TimeStyle) -> Vec<u8> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(columns).unwrap();
    for row in rows {
        let cells = columns.iter().map(|column| match row.get(column) {
            None => String::new(),
            Some(Cell::Text(text)) => text.clone(),
            Some(Cell::Count(count)) => count.to_string(),
            Some(Cell::Time(micros)) => time_text(*micros, style),
        });
        writer.write_record(cells).unwrap();
    }
    writer.into_inner().unwrap()
}

/// The names of all canonical columns, in schema order.
pub(crate) fn all_columns() -> Vec<&'static str> {
    COLUMNS.iter().map(|(name, _)| *name).collect()
}

pub(crate) fn json_object(row: &Row, style: TimeStyle) -> Value {
    let mut object = Map::new();
    for (name, cell) in row {
        let value = match cell {
            Cell::Text(text) => json!(text),
            Cell::Count(count) => json!(count),
            Cell::Time(micros) if style == TimeStyle::Epoch => json!(micros),
            Cell::Time(micros) => json!(time_text(*micros, style)),
        };
        object.insert((*name).to_owned(), value);
    }
    Value::Object(object)
}

/// One JSON array of objects.
pub(crate) fn json(path: &Path, rows: &[Row], style: TimeStyle) {
    let objects: Vec<Value> = rows.iter().map(|row| json_object(row, style)).collect();
    std::fs::write(path, serde_json::to_vec_pretty(&objects).unwrap()).unwrap();
}

/// One JSON object a line.
pub(crate) fn ndjson(path: &Path, rows: &[Row], style: TimeStyle) {
    std::fs::write(path, ndjson_bytes(rows, style)).unwrap();
}

pub(crate) fn ndjson_bytes(rows: &[Row], style: TimeStyle) -> Vec<u8> {
    let mut bytes = Vec::new();
    for row in rows {
        writeln!(bytes, "{}", json_object(row, style)).unwrap();
    }
    bytes
}

/// The bytes as a gzip file of two members, which together are the whole.
pub(crate) fn gzip(path: &Path, bytes: &[u8]) {
    let mut file = Vec::new();
    for half in [&bytes[..bytes.len() / 2], &bytes[bytes.len() / 2..]] {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
        encoder.write_all(half).unwrap();
        file.extend(encoder.finish().unwrap());
    }
    std::fs::write(path, file).unwrap();
}

/// A Parquet file of two row groups, with every canonical column optional.
pub(crate) fn parquet(path: &Path, rows: &[Row]) {
    let columns: Vec<String> = COLUMNS
        .iter()
        .map(|(name, kind)| match kind {
            't' => format!("optional binary {name} (UTF8);"),
            'n' => format!("optional int64 {name};"),
            _ => format!("optional int64 {name} (TIMESTAMP(MICROS,true));"),
        })
        .collect();
    let schema = parse_message_type(&format!("message runs {{ {} }}", columns.join(" "))).unwrap();
    let file = std::fs::File::create(path).unwrap();
    let properties = Arc::new(WriterProperties::builder().build());
    let mut writer = SerializedFileWriter::new(file, Arc::new(schema), properties).unwrap();
    for half in [&rows[..rows.len() / 2], &rows[rows.len() / 2..]] {
        let mut group = writer.next_row_group().unwrap();
        for (name, kind) in COLUMNS {
            let levels: Vec<i16> = half
                .iter()
                .map(|row| i16::from(row.contains_key(name)))
                .collect();
            let cells = half.iter().filter_map(|row| row.get(name));
            let mut column = group.next_column().unwrap().unwrap();
            if kind == 't' {
                let values: Vec<ByteArray> = cells
                    .map(|cell| match cell {
                        Cell::Text(text) => ByteArray::from(text.as_str()),
                        other => panic!("{name} holds {other:?}"),
                    })
                    .collect();
                column
                    .typed::<ByteArrayType>()
                    .write_batch(&values, Some(&levels), None)
                    .unwrap();
            } else {
                let values: Vec<i64> = cells
                    .map(|cell| match cell {
                        Cell::Count(n) | Cell::Time(n) => *n,
                        Cell::Text(text) => panic!("{name} holds {text:?}"),
                    })
                    .collect();
                column
                    .typed::<Int64Type>()
                    .write_batch(&values, Some(&levels), None)
                    .unwrap();
            }
            column.close().unwrap();
        }
        group.close().unwrap();
    }
    writer.close().unwrap();
}
