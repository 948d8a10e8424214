//! A look at a file that nobody knows: where its records seem to be, and what their columns hold.

use std::collections::BTreeMap;
use std::io::Read;

use anyhow::{Context, Result, bail};
use serde_json::Value as Json;

use super::decode::{self, Encoding};
use super::discover::Found;
use super::layout::{fields, layout};

/// Records that are looked at.
const RECORDS: usize = 500;
/// How deep objects are looked into.
const DEPTH: usize = 5;

/// What a file seems to hold.
#[derive(Clone, Debug, Default)]
pub struct Probe {
    /// Where the records are in a JSON document; `None` where they are the document, or rows.
    pub records: Option<String>,
    /// Records stand in an object, each under a key of its own.
    pub keyed: bool,
    /// Columns in order of the file, by path.
    pub columns: Vec<Column>,
    /// Records that were looked at.
    pub count: usize,
}

/// A column and its values, one for each record that was looked at; `None` where it has none.
#[derive(Clone, Debug, Default)]
pub struct Column {
    /// The name or path.
    pub path: String,
    /// The values as text.
    pub values: Vec<Option<String>>,
}

impl Probe {
    /// Adds a record.
    fn add(&mut self, record: Vec<(String, String)>) {
        let count = self.count;
        for (path, value) in record {
            let known = self.columns.iter().position(|column| column.path == path);
            let at = known.unwrap_or_else(|| {
                self.columns.push(Column {
                    path,
                    values: Vec::new(),
                });
                self.columns.len() - 1
            });
            let values = &mut self.columns[at].values;
            values.resize(count, None);
            let blank = value.trim().is_empty();
            values.push((!blank).then_some(value));
        }
        self.count += 1;
    }

    fn finish(mut self) -> Probe {
        for column in &mut self.columns {
            column.values.resize(self.count, None);
        }
        self
    }
}

/// Looks at a file. `score` says how many fields a run might get from records with these columns.
pub fn probe(
    found: &Found,
    encoding: Option<Encoding>,
    score: impl Fn(&Probe) -> usize,
) -> Result<Probe> {
    let unreadable = || format!("{}: cannot be read", found.shown());
    let file = std::io::BufReader::new(found.open()?);
    let (_, mut bytes) = decode::decompress(file, found.length).with_context(unreadable)?;
    if bytes
        .fill_buf()
        .with_context(unreadable)?
        .starts_with(b"PAR1")
    {
        let mut whole = Vec::new();
        bytes.read_to_end(&mut whole).with_context(unreadable)?;
        let rows = super::parquet::rows(whole.into(), RECORDS).with_context(unreadable)?;
        let mut probe = Probe::default();
        for row in rows {
            probe.add(row);
        }
        return Ok(probe.finish());
    }
    let mut text = match decode::text(bytes, encoding).with_context(unreadable)? {
        Ok(text) => text.from,
        Err(reason) => bail!("{}: {reason}", found.shown()),
    };
    let mut whole = Vec::new();
    text.read_to_end(&mut whole).with_context(unreadable)?;
    let start = whole.trim_ascii_start();
    if start.is_empty() {
        bail!("{}: the file is empty", found.shown());
    }
    if matches!(start.first(), Some(b'{' | b'[')) {
        return Ok(json(&whole, &score));
    }
    let layout = layout(&whole, |_| Ok(0))?;
    let mut probe = Probe::default();
    let mut rest = &whole[layout.skip..];
    let mut rows = csv::ReaderBuilder::new()
        .flexible(true)
        .delimiter(layout.delimiter)
        .from_reader(&mut rest);
    for row in rows.byte_records().take(RECORDS) {
        let Ok(row) = row else { break };
        if row.len() != layout.names.len() {
            continue;
        }
        let cells = row
            .iter()
            .map(|cell| String::from_utf8_lossy(cell).into_owned());
        probe.add(layout.names.iter().cloned().zip(cells).collect());
    }
    if probe.count == 0 {
        let names = fields(layout.names.join("\t").as_bytes(), b'\t');
        bail!(
            "{}: no row has as many fields as the header\n       found the header {names:?}",
            found.shown()
        );
    }
    Ok(probe.finish())
}

/// The place in JSON documents that gives a run most fields; of equals, the outermost.
fn json(text: &[u8], score: &impl Fn(&Probe) -> usize) -> Probe {
    let documents: Vec<Json> = serde_json::Deserializer::from_slice(text)
        .into_iter()
        .map_while(Result::ok)
        .take(RECORDS)
        .collect();
    let mut places: BTreeMap<String, Vec<(Option<String>, &Json)>> = BTreeMap::new();
    for document in &documents {
        find(document, "", &mut places, 0);
    }
    let mut best: Option<(usize, Probe)> = None;
    let mut ordered: Vec<_> = places.into_iter().collect();
    ordered.sort_by_key(|(place, _)| (place.matches('.').count(), place.clone()));
    for (place, records) in ordered {
        let mut probe = Probe {
            keyed: records.iter().any(|(key, _)| key.is_some()),
            records: (!place.is_empty()).then_some(place),
            ..Probe::default()
        };
        for (key, record) in records.into_iter().take(RECORDS) {
            let mut flat = Vec::new();
            flat.extend(key.map(|key| ("@key".to_owned(), key)));
            flatten(record, "", &mut flat, 0);
            probe.add(flat);
        }
        let probe = probe.finish();
        let score = score(&probe);
        if best.as_ref().is_none_or(|(known, _)| score > *known) {
            best = Some((score, probe));
        }
    }
    best.map(|(_, probe)| probe).unwrap_or_default()
}

/// Notes every place that holds records: objects in lists, and objects whose members are objects alike.
fn find<'a>(
    value: &'a Json,
    place: &str,
    places: &mut BTreeMap<String, Vec<(Option<String>, &'a Json)>>,
    depth: usize,
) {
    if depth > DEPTH {
        return;
    }
    let below = |key: &str| {
        if place.is_empty() {
            key.to_owned()
        } else {
            format!("{place}.{key}")
        }
    };
    match value {
        Json::Array(items) => {
            for item in items {
                find(item, place, places, depth);
            }
        }
        Json::Object(object) => {
            places
                .entry(place.to_owned())
                .or_default()
                .push((None, value));
            let alike = are_alike(object);
            for (key, inner) in object {
                if alike {
                    let every = below("*");
                    places
                        .entry(every.clone())
                        .or_default()
                        .push((Some(key.clone()), inner));
                    if let Json::Object(inner) = inner {
                        for (key, inner) in inner {
                            find(inner, &format!("{every}.{key}"), places, depth + 2);
                        }
                    }
                } else {
                    find(inner, &below(key), places, depth + 1);
                }
            }
        }
        _ => {}
    }
}

/// True for several objects that have a key in common: records under their ids.
fn are_alike(object: &serde_json::Map<String, Json>) -> bool {
    let mut members = object.values();
    let Some(Json::Object(first)) = members.next() else {
        return false;
    };
    let shares = |key: &String| {
        let mut others = object.values().skip(1);
        others.all(|other| {
            other
                .as_object()
                .is_some_and(|other| other.contains_key(key))
        })
    };
    object.len() > 1 && first.keys().any(shares)
}

/// The values of a record by path; lists are left out.
fn flatten(value: &Json, path: &str, flat: &mut Vec<(String, String)>, depth: usize) {
    match value {
        Json::Object(object) if depth < DEPTH => {
            for (key, value) in object {
                let key = if key.contains(['.', '[']) {
                    format!("[\"{key}\"]")
                } else {
                    key.clone()
                };
                let path = if path.is_empty() {
                    key
                } else {
                    format!("{path}.{key}")
                };
                flatten(value, &path, flat, depth + 1);
            }
        }
        Json::Object(_) | Json::Array(_) | Json::Null => {}
        Json::String(text) => match serde_json::from_str::<Json>(text) {
            Ok(inner @ Json::Object(_)) => flatten(&inner, path, flat, depth),
            _ => flat.push((path.to_owned(), text.clone())),
        },
        other => flat.push((path.to_owned(), other.to_string())),
    }
}
