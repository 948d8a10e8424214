//! A look at a file that nobody knows: where its records seem to be, and what their columns hold.

use std::collections::BTreeMap;
use std::io::Read;

use anyhow::{Context, Result, bail, ensure};
use serde_json::Value as Json;

use super::decode::{self, Compression, Encoding};
use super::discover::Found;
use super::layout::{fields, layout};
use super::limits;

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

/// Looks at the first records of a file, which [`limits::PROBED`] bytes of a text have to hold. `score` says how many fields
/// a run might get from records with these columns.
///
/// Fails when the file cannot be read so far, is empty, or begins with nothing that could be a record.
pub fn probe(
    found: &Found,
    encoding: Option<Encoding>,
    score: impl Fn(&Probe) -> usize,
) -> Result<Probe> {
    let unreadable = || format!("{}: cannot be read", found.shown());
    let file = std::io::BufReader::new(found.open()?);
    let (compression, mut bytes) =
        decode::decompress(file, found.length).with_context(unreadable)?;
    if bytes
        .fill_buf()
        .with_context(unreadable)?
        .starts_with(b"PAR1")
    {
        // The reader takes only the pages that it needs of a file.
        let rows = match compression {
            Compression::None => super::parquet::rows(found.open()?, RECORDS),
            _ => super::parquet::rows(unpacked(bytes).with_context(unreadable)?, RECORDS),
        };
        let rows = rows.with_context(unreadable)?;
        let mut probe = Probe::default();
        for row in rows {
            probe.add(row);
        }
        return Ok(probe.finish());
    }
    let text = match decode::text(bytes, encoding).with_context(unreadable)? {
        Ok(text) => text.from,
        Err(reason) => bail!("{}: {reason}", found.shown()),
    };
    let first = First::of(text, limits::PROBED).with_context(unreadable)?;
    first.probe(score).with_context(|| found.shown())
}

/// A Parquet file in a compressed one.
fn unpacked(from: impl Read) -> Result<bytes::Bytes> {
    let mut whole = Vec::new();
    from.take(limits::UNPACKED + 1).read_to_end(&mut whole)?;
    ensure!(
        whole.len() as u64 <= limits::UNPACKED,
        "a compressed Parquet file of more than {} MiB; unpack it first",
        limits::UNPACKED >> 20
    );
    Ok(whole.into())
}

/// The first bytes of a text.
struct First {
    bytes: Vec<u8>,
    /// There is more: the last record is not whole.
    is_cut: bool,
}

impl First {
    /// So many bytes at most. Nothing that is behind them is read.
    fn of(from: impl Read, most: u64) -> std::io::Result<First> {
        let mut bytes = Vec::new();
        from.take(most + 1).read_to_end(&mut bytes)?;
        let is_cut = bytes.len() as u64 > most;
        if is_cut {
            bytes.pop();
        }
        Ok(First { bytes, is_cut })
    }

    fn probe(&self, score: impl Fn(&Probe) -> usize) -> Result<Probe> {
        match self.bytes.trim_ascii_start().first() {
            None => bail!("the file is empty"),
            Some(b'{' | b'[') => self.json(&score),
            Some(_) => self.rows(),
        }
    }

    /// Delimited rows.
    fn rows(&self) -> Result<Probe> {
        let layout = layout(&self.bytes, |_| Ok(0))?;
        let rows = csv::ReaderBuilder::new()
            .flexible(true)
            .delimiter(layout.delimiter)
            .from_reader(&self.bytes[layout.skip..])
            .into_byte_records()
            .take(RECORDS);
        let mut rows: Vec<_> = rows.map_while(Result::ok).collect();
        if self.is_cut && rows.len() < RECORDS {
            rows.pop();
        }
        let mut probe = Probe::default();
        for row in rows.iter().filter(|row| row.len() == layout.names.len()) {
            let cells = row
                .iter()
                .map(|cell| String::from_utf8_lossy(cell).into_owned());
            probe.add(layout.names.iter().cloned().zip(cells).collect());
        }
        if probe.count == 0 {
            let names = fields(layout.names.join("\t").as_bytes(), b'\t');
            bail!("no row has as many fields as the header\n       found the header {names:?}");
        }
        Ok(probe.finish())
    }

    /// JSON documents. What is cut is closed behind the last value that is whole.
    fn json(&self, score: &impl Fn(&Probe) -> usize) -> Result<Probe> {
        let mut documents = documents(&self.bytes);
        let is_cut = self.is_cut && documents.len() < RECORDS;
        if is_cut {
            documents = self::documents(&closed(&self.bytes));
            ensure!(
                !documents.is_empty(),
                "its first {} MiB hold no whole value",
                limits::PROBED >> 20
            );
        }
        Ok(best(&documents, is_cut, score))
    }
}

/// The documents at the begin of a text.
fn documents(text: &[u8]) -> Vec<Json> {
    serde_json::Deserializer::from_slice(text)
        .into_iter()
        .map_while(Result::ok)
        .take(RECORDS)
        .collect()
}

/// A JSON text that is cut somewhere, until its last comma that parts two values, with everything closed that is open
/// there. Empty where there is no such comma.
fn closed(text: &[u8]) -> Vec<u8> {
    let Some(end) = commas(text, &mut Vec::new()) else {
        return Vec::new();
    };
    let mut open = Vec::new();
    let mut whole = text[..end].to_vec();
    commas(&whole, &mut open);
    whole.extend(open.into_iter().rev());
    whole
}

/// The place of the last comma outside texts. `open` gets the marks that close what is open at the end.
fn commas(text: &[u8], open: &mut Vec<u8>) -> Option<usize> {
    let mut last = None;
    let (mut in_text, mut escaped) = (false, false);
    for (at, &byte) in text.iter().enumerate() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if in_text => escaped = true,
            b'"' => in_text = !in_text,
            _ if in_text => {}
            b'{' => open.push(b'}'),
            b'[' => open.push(b']'),
            b'}' | b']' => drop(open.pop()),
            b',' => last = Some(at),
            _ => {}
        }
    }
    last
}

/// The place in JSON documents that gives a run most fields; of equals, the outermost. The last record of each is left out
/// where the text is cut, unless it is the only one.
fn best(documents: &[Json], is_cut: bool, score: &impl Fn(&Probe) -> usize) -> Probe {
    let mut places: BTreeMap<String, Vec<(Option<String>, &Json)>> = BTreeMap::new();
    for document in documents {
        find(document, "", &mut places, 0);
    }
    let mut best: Option<(usize, Probe)> = None;
    let mut ordered: Vec<_> = places.into_iter().collect();
    ordered.sort_by_key(|(place, _)| (place.matches('.').count(), place.clone()));
    for (place, mut records) in ordered {
        if is_cut && records.len() > 1 {
            records.pop();
        }
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::starter::score;

    /// A text that begins with `start` and goes on with `more` for ever.
    struct Endless {
        rest: Vec<u8>,
        more: &'static [u8],
        given: u64,
    }

    impl Read for Endless {
        fn read(&mut self, to: &mut [u8]) -> std::io::Result<usize> {
            if self.rest.is_empty() {
                self.rest = self.more.to_vec();
            }
            let count = self.rest.len().min(to.len());
            to[..count].copy_from_slice(&self.rest[..count]);
            self.rest.drain(..count);
            self.given += count as u64;
            Ok(count)
        }
    }

    #[test]
    fn of_a_text_without_end_the_first_records_are_looked_at() {
        let record = br#"{"job":"a,]\"","status":"ok","began":"2026-01-01"},"#;
        let texts: [(&[u8], &'static [u8]); 8] = [
            (b"[", record),
            (br#"{"value":["#, record),
            (
                b"",
                b"{\"job\":\"a\",\"status\":\"ok\",\"began\":\"2026-01-01\"}\n",
            ),
            (b"job,status,began\n", b"a,ok,2026-01-01\n"),
            // One record that is never whole.
            (
                br#"{"job":"a","status":"ok","began":"2026-01-01","log":""#,
                b"xyz",
            ),
            (
                br#"[{"job":"a","status":"ok","began":"2026-01-01","log":["#,
                b"[1],",
            ),
            (
                br#"[{"job":"a","status":"ok","began":"2026-01-01","log":"#,
                b"[",
            ),
            (b"job,status,began\na,ok,2026-01-01\nb,ok,", b"x"),
        ];
        for (start, more) in texts {
            let mut text = Endless {
                rest: start.to_vec(),
                more,
                given: 0,
            };
            let first = First::of(&mut text, 5_000).unwrap();
            // `Read::take` asks for no more than it may give.
            assert!(first.is_cut && text.given == 5_001, "{}", text.given);
            let probe = first.probe(score).unwrap();
            let shown = String::from_utf8_lossy(start);
            for name in ["job", "status", "began"] {
                let column = probe.columns.iter().find(|column| column.path == name);
                let column = column.unwrap_or_else(|| panic!("{shown}: no {name}"));
                assert!(column.values.iter().all(Option::is_some), "{shown}: {name}");
            }
        }
    }

    #[test]
    fn what_is_cut_is_closed_behind_its_last_whole_value() {
        for (text, whole) in [
            (r#"[{"a":1,"b":"x,]"},{"a":2"#, r#"[{"a":1,"b":"x,]"}]"#),
            (r#"{"v":[{"a":1,"b":[1,2"#, r#"{"v":[{"a":1,"b":[1]}]}"#),
            (r#"{"a":"\",","b":"c"#, r#"{"a":"\","}"#),
            (r#"{"a":"b"#, ""),
        ] {
            assert_eq!(String::from_utf8(closed(text.as_bytes())).unwrap(), whole);
        }
    }

    #[test]
    fn a_text_without_a_whole_value_is_refused() {
        for start in ["[\"", "{\"a\":", "["] {
            let text = start.as_bytes().chain(std::io::repeat(b'['));
            let first = First::of(text, 2_000).unwrap();
            assert!(first.probe(score).is_err(), "{start}");
        }
    }
}
