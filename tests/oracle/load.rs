//! From files to records: tables and JSON documents of every kind that `presets` knows.
//!
//! A file is told by what it holds. `file` gives `None` for a file of a kind that this oracle does not read.

use std::collections::BTreeMap;
use std::io::Read;
use std::path::Path;

use chrono::DateTime;
use parquet::file::reader::{FileReader, SerializedFileReader};
use parquet::record::Field;
use serde_json::{Map, Value};

use super::presets::{self, Kind};
use super::times::Orders;
use super::{Loaded, Options, Rec, words};

/// One record as the file has it: plain header or key, and its value. Nested JSON stays nested.
pub(crate) type Raw = BTreeMap<String, Value>;

/// A file taken apart. A row that is no record says why.
pub(crate) struct Table {
    pub(crate) kind: Kind,
    pub(crate) rows: Vec<Result<Raw, String>>,
    /// What the path says, because the options ask for it.
    pub(crate) from_path: BTreeMap<String, String>,
    /// The file name without its ending.
    pub(crate) stem: String,
}

/// The records of all the files, with `--set` and `--path-template` applied.
pub(crate) fn files(paths: &[impl AsRef<Path>], options: &Options) -> Option<Loaded> {
    let mut tables = Vec::new();
    let mut loaded = Loaded::default();
    let mut pages = Vec::new();
    for path in paths {
        let rows = rows(path.as_ref())?;
        let read = rows.len() as i64;
        pages.push((path.as_ref(), page(path.as_ref()), read));
        if let Some(kind) = presets::kind(&rows) {
            tables.push(table(path.as_ref(), kind, rows, options));
        } else if rows.iter().all(Result::is_err) {
            // Nothing of the file is a record, which is no kind and may be good.
            loaded.read += rows.len() as i64;
            loaded.rejected += rows.len() as i64;
        } else {
            return None;
        }
    }
    // Whether day or month comes first is asked of all the files together.
    let orders = Orders::of(&tables);
    for table in &tables {
        for row in &table.rows {
            loaded.read += 1;
            let rec = row.as_ref().ok().and_then(|raw| {
                let row = presets::Row::new(raw, table, &orders, options);
                let rec = presets::record(&row).ok()?;
                Some((rec, row.has_unmapped_status()))
            });
            match rec.filter(|(rec, _)| usable(rec)) {
                Some((rec, unmapped)) => {
                    loaded.records.push(rec);
                    loaded.unmapped += i64::from(unmapped);
                }
                None => loaded.rejected += 1,
            }
        }
    }
    for (path, own, read) in &pages {
        // The last page of a list may stand in a file whose path differs by its number only.
        let last_is_here = pages
            .iter()
            .any(|(other, page, _)| *page == Page::Last && list(other) == list(path));
        let round = [10_000, 30_000, 50_000, 500_000].contains(read);
        if round || (*own == Page::More && !last_is_here) {
            loaded.cut.push(*read);
        }
    }
    Some(loaded)
}

/// The records of one file.
pub(crate) fn file(path: &Path, options: &Options) -> Option<Loaded> {
    files(&[path], options)
}

/// Which page of a list a file holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Page {
    /// It is no answer in pages.
    No,
    /// It says that there is a further page.
    More,
    /// It holds the last one, perhaps with others.
    Last,
}

/// What the pages of one list have in common.
fn list(path: &Path) -> String {
    let path = path.to_string_lossy();
    path.chars().filter(|c| !c.is_ascii_digit()).collect()
}

/// Looks for the link to a further page in the answers that a file holds.
fn page(path: &Path) -> Page {
    let mut found = Page::No;
    for document in documents(path) {
        let answers = match document {
            Value::Array(items) => items,
            other => vec![other],
        };
        for answer in answers.iter().filter_map(Value::as_object) {
            if !ENVELOPES.iter().any(|key| answer.contains_key(*key)) {
                continue;
            }
            let plain = plain_keys(answer);
            let link = plain.get("nextlink").or(plain.get("continuationtoken"));
            let more = link
                .and_then(Value::as_str)
                .is_some_and(|link| !link.is_empty());
            if !more {
                found = Page::Last;
            } else if found == Page::No {
                found = Page::More;
            }
        }
    }
    found
}

/// The JSON documents of a file; nothing for a file of another format.
fn documents(path: &Path) -> Vec<Value> {
    let Some(text) = plain_bytes(path).and_then(decoded) else {
        return Vec::new();
    };
    if !text.trim_start().starts_with(['{', '[']) {
        return Vec::new();
    }
    serde_json::Deserializer::from_str(&text)
        .into_iter::<Value>()
        .map_while(Result::ok)
        .collect()
}

fn table(path: &Path, kind: Kind, mut rows: Vec<Result<Raw, String>>, options: &Options) -> Table {
    rows.retain(|row| !row.as_ref().is_ok_and(presets::is_scan_without_runs));
    Table {
        kind,
        rows,
        from_path: from_path(path, options),
        stem: stem(path),
    }
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

/// What the end of the path says by the template, such as `{source}/{scan}.json`; nothing where it does not fit.
fn from_path(path: &Path, options: &Options) -> BTreeMap<String, String> {
    let Some(template) = options.path_template else {
        return BTreeMap::new();
    };
    let parts: Vec<String> = path
        .iter()
        .map(|part| part.to_string_lossy().into_owned())
        .collect();
    let patterns: Vec<&str> = template.split('/').collect();
    let mut found = BTreeMap::new();
    for (pattern, part) in patterns.iter().rev().zip(parts.iter().rev()) {
        let value = match pattern.split_once('{') {
            None => (part == pattern).then_some(None),
            Some((before, rest)) => {
                let (name, after) = rest.split_once('}').unwrap();
                part.strip_prefix(before)
                    .and_then(|part| part.strip_suffix(after))
                    .map(|value| Some((name, value)))
            }
        };
        match value {
            None => return BTreeMap::new(),
            Some(None) => {}
            Some(Some((name, value))) => {
                found.insert(name.to_owned(), value.to_owned());
            }
        }
    }
    found
}

/// The rows of a file, whatever its format.
fn rows(path: &Path) -> Option<Vec<Result<Raw, String>>> {
    let Some(bytes) = plain_bytes(path) else {
        return Some(parquet_rows(path));
    };
    let text = decoded(bytes)?;
    match text.trim_start().chars().next()? {
        '{' | '[' => Some(json_rows(&text)),
        _ => csv_rows(&text),
    }
}

/// The bytes of a file, unpacked; nothing for Parquet.
fn plain_bytes(path: &Path) -> Option<Vec<u8>> {
    let mut bytes = std::fs::read(path).unwrap();
    if bytes.starts_with(&[0x1f, 0x8b]) {
        let mut plain = Vec::new();
        flate2::read::MultiGzDecoder::new(&bytes[..])
            .read_to_end(&mut plain)
            .unwrap();
        bytes = plain;
    }
    (!bytes.starts_with(b"PAR1")).then_some(bytes)
}

/// The text of a file in UTF-8, or in UTF-16 behind a byte order mark.
fn decoded(bytes: Vec<u8>) -> Option<String> {
    let text = if bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]) {
        let little = bytes[0] == 0xff;
        let units: Vec<u16> = bytes
            .chunks_exact(2)
            .map(|two| {
                let unit = u16::from_le_bytes([two[0], two[1]]);
                if little { unit } else { unit.swap_bytes() }
            })
            .collect();
        String::from_utf16(&units).ok()?
    } else {
        String::from_utf8(bytes).ok()?
    };
    Some(text.trim_start_matches('\u{feff}').to_owned())
}

/// The rows of a table; a row of another width than the header is an error.
fn csv_rows(text: &str) -> Option<Vec<Result<Raw, String>>> {
    // Windows PowerShell writes the type of its objects before the header.
    let text = match text.split_once('\n') {
        Some((first, rest)) if first.starts_with("#TYPE ") => rest,
        _ => text,
    };
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

/// Keys under which an answer holds its records.
#[rustfmt::skip]
const ENVELOPES: [&str; 12] = [
    "value", "values", "records", "runs", "items", "dag_runs", "task_instances", "workflow_runs",
    "workflow_run", "jobs", "workflow_job", "results",
];

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
            if object.contains_key("lastRunResult") {
                return last_run(document).into_iter().map(Ok).collect();
            }
            for key in ENVELOPES {
                if let Some(inner @ (Value::Array(_) | Value::Object(_))) = object.get(key) {
                    let mut rows = unwrap(inner);
                    // dbt says once for all its results which call they are of.
                    if let Some(metadata) = object.get("metadata") {
                        for row in rows.iter_mut().flatten() {
                            row.insert("metadata".to_owned(), metadata.clone());
                        }
                    }
                    return rows;
                }
            }
            vec![Ok(plain_keys(object))]
        }
        other => vec![Err(format!("not a record: {other}"))],
    }
}

/// The last run in a list of Purview scans, under the names of its scan.
fn last_run(scan: &Value) -> Option<Raw> {
    let mut row = plain_keys(scan["lastRunResult"].as_object()?);
    row.insert("scanname".to_owned(), scan["name"].clone());
    let source = words::segment_after(scan["id"].as_str()?, "datasources");
    row.insert("source".to_owned(), Value::from(source));
    Some(row)
}
