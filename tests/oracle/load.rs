//! From files to records: native CSV, JSON, NDJSON and Parquet, Purview API answers, and UVM tables.
//!
//! A file is told by what it holds. `file` gives `None` for a file of a kind that this oracle does not read.

use std::collections::BTreeMap;
use std::io::Read;
use std::path::Path;

use chrono::DateTime;
use parquet::file::reader::{FileReader, SerializedFileReader};
use parquet::record::Field;
use serde_json::{Map, Value};

use super::times::{self, DateOrder};
use super::{Loaded, Options, Rec, presets, words};

/// One record as the file has it: plain header or key, and its value. Nested JSON stays nested.
pub(crate) type Raw = BTreeMap<String, Value>;

/// The records of all the files, with `--set` applied.
pub(crate) fn files(paths: &[impl AsRef<Path>], options: &Options) -> Option<Loaded> {
    let mut all = Loaded::default();
    for path in paths {
        let loaded = file(path.as_ref(), options)?;
        all.read += loaded.read;
        all.rejected += loaded.rejected;
        all.records.extend(loaded.records);
    }
    Some(all)
}

/// The records of one file.
pub(crate) fn file(path: &Path, options: &Options) -> Option<Loaded> {
    let mut bytes = std::fs::read(path).unwrap();
    if bytes.starts_with(&[0x1f, 0x8b]) {
        let mut plain = Vec::new();
        flate2::read::MultiGzDecoder::new(&bytes[..])
            .read_to_end(&mut plain)
            .unwrap();
        bytes = plain;
    }
    let rows = if bytes.starts_with(b"PAR1") {
        parquet_rows(path)
    } else {
        let text = String::from_utf8(bytes).ok()?;
        let text = text.trim_start_matches('\u{feff}');
        match text.trim_start().chars().next()? {
            '{' | '[' => json_rows(text),
            _ => csv_rows(text)?,
        }
    };
    let mut loaded = Loaded {
        read: rows.len() as i64,
        ..Loaded::default()
    };
    let kind = presets::kind(&rows)?;
    let order = times::order_of(
        rows.iter()
            .flatten()
            .flat_map(|row| row.values())
            .filter_map(Value::as_str),
    );
    let order = order.unwrap_or(DateOrder::MonthFirst);
    let file_stem = stem(path);
    for row in rows {
        let rec = row
            .ok()
            .and_then(|row| presets::record(kind, &row, &file_stem, order, options).ok());
        match rec.filter(usable) {
            Some(rec) => loaded.records.push(rec),
            None => loaded.rejected += 1,
        }
    }
    Some(loaded)
}

/// A record without any of the three times that a bucket needs is set aside.
fn usable(rec: &Rec) -> bool {
    rec.time().is_some()
}

/// The file name without its ending; `.gz` is not counted as one.
fn stem(path: &Path) -> String {
    let name = path.file_name().unwrap().to_string_lossy().into_owned();
    let name = name.strip_suffix(".gz").unwrap_or(&name);
    name.rsplit_once('.')
        .map_or(name, |(stem, _)| stem)
        .to_owned()
}

/// The rows of a table; a row of another width than the header is an error.
fn csv_rows(text: &str) -> Option<Vec<Result<Raw, String>>> {
    let first = text.lines().next()?;
    let delimiter = [b',', b';', b'\t', b'|']
        .into_iter()
        .max_by_key(|d| first.bytes().filter(|b| b == d).count())?;
    let mut reader = csv::ReaderBuilder::new()
        .flexible(true)
        .delimiter(delimiter)
        .from_reader(text.as_bytes());
    let header: Vec<String> = reader.headers().ok()?.iter().map(words::plain).collect();
    let mut rows = Vec::new();
    for record in reader.records() {
        let record = record.ok()?;
        if record.len() == header.len() {
            let cells = record.iter().map(Value::from);
            rows.push(Ok(header.iter().cloned().zip(cells).collect()));
        } else {
            rows.push(Err(format!(
                "{} fields, header has {}",
                record.len(),
                header.len()
            )));
        }
    }
    Some(rows)
}

/// The rows of a flat Parquet file, by the slow but plain row reader.
fn parquet_rows(path: &Path) -> Vec<Result<Raw, String>> {
    let reader = SerializedFileReader::new(std::fs::File::open(path).unwrap()).unwrap();
    let mut rows = Vec::new();
    for row in reader.get_row_iter(None).unwrap() {
        let row = row.unwrap();
        let cells = row.get_column_iter().filter_map(|(name, field)| {
            let value = match field {
                Field::Null => return None,
                Field::Str(text) => Value::from(text.clone()),
                Field::Int(number) => Value::from(*number),
                Field::Long(number) => Value::from(*number),
                Field::TimestampMillis(millis) => Value::from(
                    DateTime::from_timestamp_millis(*millis)
                        .unwrap()
                        .to_rfc3339(),
                ),
                Field::TimestampMicros(micros) => Value::from(
                    DateTime::from_timestamp_micros(*micros)
                        .unwrap()
                        .to_rfc3339(),
                ),
                other => panic!(
                    "{}: a column of a type that the oracle does not read: {other}",
                    path.display()
                ),
            };
            Some((words::plain(name), value))
        });
        rows.push(Ok(cells.collect()));
    }
    rows
}

/// The records of a JSON array, an envelope, one object, or several of these one after the other.
fn json_rows(text: &str) -> Vec<Result<Raw, String>> {
    let mut rows = Vec::new();
    let mut whole = true;
    for document in serde_json::Deserializer::from_str(text).into_iter::<Value>() {
        match document {
            Ok(document) => rows.extend(unwrap(&document)),
            Err(_) => whole = false,
        }
    }
    if whole {
        return rows;
    }
    // A line that is no JSON: each line is a record of its own.
    let lines = text.lines().filter(|line| !line.trim().is_empty());
    lines
        .map(|line| {
            serde_json::from_str::<Map<String, Value>>(line)
                .map(|o| plain_keys(&o))
                .map_err(|e| e.to_string())
        })
        .collect()
}

fn plain_keys(object: &Map<String, Value>) -> Raw {
    object
        .iter()
        .map(|(key, value)| (words::plain(key), value.clone()))
        .collect()
}

/// The records inside a document, whichever envelope they came in.
fn unwrap(document: &Value) -> Vec<Result<Raw, String>> {
    match document {
        Value::Array(items) => items.iter().flat_map(unwrap).collect(),
        Value::Object(object) => {
            // The example files of the specification hold the answer under the HTTP code.
            if let Some(body) = document.pointer("/responses/200/body") {
                return unwrap(body);
            }
            // A community script collects all runs under this key.
            if let Some(runs) = document.pointer("/scanRuns/runs") {
                return unwrap(runs);
            }
            for key in ["value", "values", "records", "runs"] {
                if let Some(inner @ (Value::Array(_) | Value::Object(_))) = object.get(key) {
                    return unwrap(inner);
                }
            }
            vec![Ok(plain_keys(object))]
        }
        other => vec![Err(format!("not a record: {other}"))],
    }
}
