//! JSON: arrays, envelopes, single objects, documents back to back, and one object a line.

use std::collections::{BTreeMap, BTreeSet};
use std::io::BufRead;

use anyhow::Result;
use serde::de::{self, DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

use super::reject::{Code, Reject};
use crate::mapping::mapper::Mapper;
use crate::mapping::preset::Path;
use crate::mapping::values::{Value, squash_key};

/// Keys under which answers hold their records, by preference. The specification's own example files hold the
/// answer under `responses`.
const ENVELOPES: [&[&str]; 8] = [
    &["value"],
    &["records"],
    &["runs"],
    &["values"],
    &["items"],
    &["scanRuns", "runs"],
    &["responses", "200", "body", "value"],
    &["responses", "200", "body"],
];

/// How deep keys are looked at to recognise a kind of record.
const KEY_DEPTH: usize = 4;
/// How many records are looked at to recognise their kind.
pub const LOOKED_AT: usize = 200;

/// One record in the text of its file.
#[derive(Clone, Copy, Debug)]
pub struct Item<'a> {
    /// The text of one JSON value.
    pub text: &'a str,
    /// The document around it; the same text where there is none.
    pub document: &'a str,
    /// Line at which it begins.
    pub line: u64,
}

/// What a text holds.
#[derive(Debug, Default)]
pub struct Documents<'a> {
    /// The records in order.
    pub items: Vec<Item<'a>>,
    /// Text that is not JSON.
    pub rejects: Vec<Reject>,
    /// A `nextLink` was given: there is a further page.
    pub next_page: bool,
}

/// Calls a function with each element of an array, or each key and value of an object.
struct Each<F>(F);

impl<'de, F: FnMut(Option<&str>, &'de RawValue)> DeserializeSeed<'de> for Each<F> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de, F: FnMut(Option<&str>, &'de RawValue)> Visitor<'de> for Each<F> {
    type Value = ();

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("an array or an object")
    }

    fn visit_seq<A: SeqAccess<'de>>(mut self, mut seq: A) -> Result<(), A::Error> {
        while let Some(value) = seq.next_element()? {
            self.0(None, value);
        }
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(mut self, mut map: A) -> Result<(), A::Error> {
        while let Some(key) = map.next_key::<std::borrow::Cow<'de, str>>()? {
            self.0(Some(&key), map.next_value()?);
        }
        Ok(())
    }
}

/// Visits the elements or members of a value; stops at the first mistake, after what comes before it.
fn each<'a>(
    text: &'a str,
    visit: impl FnMut(Option<&str>, &'a RawValue),
) -> serde_json::Result<()> {
    Each(visit).deserialize(&mut serde_json::Deserializer::from_str(text))
}

fn opens_with(text: &str, first: u8) -> bool {
    text.trim_start().as_bytes().first() == Some(&first)
}

/// Counts lines forwards through a text.
struct Lines<'a> {
    text: &'a str,
    at: usize,
    line: u64,
}

impl<'a> Lines<'a> {
    fn new(text: &'a str) -> Lines<'a> {
        Lines {
            text,
            at: 0,
            line: 1,
        }
    }

    /// Line of a slice of the text. Slices come in ascending order.
    fn of(&mut self, slice: &str) -> u64 {
        let at = (slice.as_ptr() as usize)
            .saturating_sub(self.text.as_ptr() as usize)
            .min(self.text.len())
            .max(self.at);
        self.line += memchr::memchr_iter(b'\n', &self.text.as_bytes()[self.at..at]).count() as u64;
        self.at = at;
        self.line
    }
}

/// Splits a text into records.
pub fn documents(text: &str) -> Documents<'_> {
    let mut found = Documents::default();
    let mut lines = Lines::new(text);
    let mut stream = serde_json::Deserializer::from_str(text).into_iter::<&RawValue>();
    loop {
        let offset = stream.byte_offset();
        match stream.next() {
            None => break,
            Some(Ok(document)) => found.document(document.get(), true, &mut lines),
            Some(Err(error)) => {
                let rest = &text[offset..];
                if opens_with(rest, b'[') {
                    // What comes before the mistake is whole.
                    let mut before = Vec::new();
                    let _mistake = each(rest, |_, value| before.push(value.get()));
                    for item in before {
                        found.item(item, rest, &mut lines);
                    }
                }
                let line = error.line().max(1) as u64;
                let shown = text
                    .lines()
                    .nth(error.line().saturating_sub(1))
                    .unwrap_or_default()
                    .trim();
                found
                    .rejects
                    .push(Reject::new(line, None, Code::JsonSyntax, shown).hint(reason(&error)));
                break;
            }
        }
    }
    found
}

/// The message of the JSON reader without its position, which the reject has.
fn reason(error: &serde_json::Error) -> String {
    let text = error.to_string();
    let what = text.split(" at line ").next().unwrap_or_default();
    if error.is_eof() {
        format!("{what}: the file may be cut; column {}", error.column())
    } else {
        format!(
            "{what} at column {}; the rest of the file is not read",
            error.column()
        )
    }
}

impl<'a> Documents<'a> {
    /// Adds the records of a document. An array of pages is looked into once, not deeper.
    fn document(&mut self, document: &'a str, outermost: bool, lines: &mut Lines<'a>) {
        if opens_with(document, b'[') {
            let items = elements(document);
            let pages = outermost
                && items
                    .first()
                    .is_some_and(|item| opens_with(item, b'[') || Envelope::of(item).is_some());
            for item in items {
                if pages {
                    self.document(item, false, lines);
                } else {
                    self.item(item, item, lines);
                }
            }
        } else if let Some(envelope) = Envelope::of(document) {
            self.next_page |= envelope.next_page;
            if opens_with(envelope.records, b'[') {
                for item in elements(envelope.records) {
                    self.item(item, document, lines);
                }
            } else {
                self.item(envelope.records, document, lines);
            }
        } else {
            self.item(document, document, lines);
        }
    }

    fn item(&mut self, text: &'a str, document: &'a str, lines: &mut Lines<'a>) {
        self.items.push(Item {
            text,
            document,
            line: lines.of(text),
        });
    }
}

/// The elements of an array that has been found well formed.
fn elements(array: &str) -> Vec<&str> {
    let mut items = Vec::new();
    let _well_formed = each(array, |_, value| items.push(value.get()));
    items
}

/// The keys and values of an object; none for anything else.
fn members(object: &str) -> BTreeMap<String, &str> {
    let mut members = BTreeMap::new();
    if opens_with(object, b'{') {
        let _mistakes_are_named_when_it_is_read = each(object, |key, value| {
            members.insert(key.unwrap_or_default().to_owned(), value.get());
        });
    }
    members
}

/// A document around records.
struct Envelope<'a> {
    /// An array of records, or one.
    records: &'a str,
    /// A `nextLink` is given.
    next_page: bool,
}

impl<'a> Envelope<'a> {
    /// The envelope that a document is, if it is one.
    fn of(document: &'a str) -> Option<Envelope<'a>> {
        let top = members(document);
        let records = ENVELOPES.iter().find_map(|keys| {
            let (first, rest) = keys.split_first()?;
            let mut value = *top.get(*first)?;
            for key in rest {
                value = members(value).get(*key).copied()?;
            }
            // `value` and `items` are also the names of plain fields, so what they hold must look like records.
            (opens_with(value, b'[') && !holds_scalars(value) || opens_with(value, b'{'))
                .then_some(value)
        })?;
        let next_page = top
            .get("nextLink")
            .is_some_and(|link| opens_with(link, b'"') && link.len() > 2);
        Some(Envelope { records, next_page })
    }
}

fn holds_scalars(array: &str) -> bool {
    let inside = array
        .trim_start()
        .strip_prefix('[')
        .unwrap_or(array)
        .trim_start();
    !matches!(inside.as_bytes().first(), Some(b'{' | b']') | None)
}

/// Adds the paths that a record has, squashed and joined with dots.
pub fn add_paths(record: &str, present: &mut BTreeSet<String>) {
    fn walk(text: &str, prefix: &str, depth: usize, present: &mut BTreeSet<String>) {
        if depth == KEY_DEPTH || !opens_with(text, b'{') {
            return;
        }
        let _mistakes_are_named_when_the_record_is_read = each(text, |key, value| {
            let path = format!("{prefix}{}", squash_key(key.unwrap_or_default()));
            walk(value.get(), &format!("{path}."), depth + 1, present);
            present.insert(path);
        });
    }
    walk(record, "", 0, present);
}

/// One level of the paths that a preset reads.
#[derive(Debug, Default)]
struct Node {
    slot: Option<usize>,
    children: Vec<(String, Node)>,
    /// Raw keys met at this level and the child that each stands for. Records repeat the same few keys.
    known: Vec<(String, Option<usize>)>,
}

impl Node {
    fn insert(&mut self, keys: &[String], slot: usize) {
        let Some((key, rest)) = keys.split_first() else {
            self.slot = Some(slot);
            return;
        };
        let at = self
            .children
            .iter()
            .position(|(known, _)| known == key)
            .unwrap_or_else(|| {
                self.children.push((key.clone(), Node::default()));
                self.children.len() - 1
            });
        self.children[at].1.insert(rest, slot);
    }

    /// The child for a raw key. `guess` is where the key was found in the record before.
    fn child(&mut self, key: &str, guess: usize) -> Option<usize> {
        if let Some((known, child)) = self.known.get(guess)
            && known == key
        {
            return *child;
        }
        if let Some((_, child)) = self.known.iter().find(|(known, _)| known == key) {
            return *child;
        }
        let squashed = squash_key(key);
        let child = self
            .children
            .iter()
            .position(|(known, _)| *known == squashed);
        // A file with ever new keys must not fill the memory.
        if self.known.len() < 256 {
            self.known.push((key.to_owned(), child));
        }
        child
    }
}

/// Why a record could not be read.
enum Broken {
    Type,
    DupKey(String),
    Syntax(serde_json::Error),
}

/// Reads the values of a preset's paths from the text of records.
#[derive(Debug)]
pub struct Extractor {
    record: Node,
    outer: Node,
    slots: usize,
}

impl Extractor {
    /// For these paths, one for each slot.
    pub fn new(slots: &[Path]) -> Extractor {
        let mut extractor = Extractor {
            record: Node::default(),
            outer: Node::default(),
            slots: slots.len(),
        };
        for (slot, path) in slots.iter().enumerate() {
            if path.outer {
                &mut extractor.outer
            } else {
                &mut extractor.record
            }
            .insert(&path.keys, slot);
        }
        extractor
    }

    /// Maps one record; a record that cannot be read is rejected.
    fn map<'a>(
        &mut self,
        text: &'a str,
        line: u64,
        outer: &[Value<'a>],
        values: &mut Vec<Value<'a>>,
        mapper: &mut Mapper,
    ) {
        values.clear();
        values.extend_from_slice(outer);
        match fill(&mut self.record, text, values) {
            Ok(()) => mapper.record(line, values),
            Err(broken) => mapper.reject(match broken {
                Broken::Type => Reject::new(line, None, Code::JsonType, text),
                Broken::DupKey(key) => Reject::new(line, Some(&key), Code::JsonDupKey, text),
                Broken::Syntax(error) => {
                    Reject::new(line, None, Code::JsonSyntax, text).hint(reason(&error))
                }
            }),
        }
    }

    /// Maps the records of documents.
    pub fn read(&mut self, items: &[Item<'_>], mapper: &mut Mapper) {
        let mut values = Vec::new();
        let mut outer = vec![Value::Missing; self.slots];
        let mut around = None;
        for item in items {
            // The document around many records is read once.
            if around != Some(item.document.as_ptr()) {
                around = Some(item.document.as_ptr());
                outer = vec![Value::Missing; self.slots];
                if !self.outer.children.is_empty() {
                    // A mistake in here is a mistake in the document, which is well formed.
                    let _well_formed = fill(&mut self.outer, item.document, &mut outer);
                }
            }
            self.map(item.text, item.line, &outer, &mut values, mapper);
        }
    }

    /// Maps one object a line, without holding the file in memory. A line that is no JSON is rejected by itself.
    pub fn read_lines(&mut self, mut from: impl BufRead, mapper: &mut Mapper) -> Result<()> {
        let outer = vec![Value::Missing; self.slots];
        let mut bytes = Vec::new();
        let mut line = 0;
        loop {
            bytes.clear();
            if from.read_until(b'\n', &mut bytes)? == 0 {
                return Ok(());
            }
            line += 1;
            match std::str::from_utf8(&bytes) {
                Ok(text) if text.trim().is_empty() => {}
                Ok(text) => self.map(
                    text.trim(),
                    line,
                    &outer,
                    &mut Vec::with_capacity(self.slots),
                    mapper,
                ),
                Err(_) => mapper.reject(Reject::new(
                    line,
                    None,
                    Code::Encoding,
                    &String::from_utf8_lossy(&bytes),
                )),
            }
        }
    }
}

/// Fills the slots below a node from the text of an object.
fn fill<'a>(node: &mut Node, text: &'a str, values: &mut [Value<'a>]) -> Result<(), Broken> {
    if !opens_with(text, b'{') {
        return match serde_json::from_str::<IgnoredAny>(text) {
            Ok(_) => Err(Broken::Type),
            Err(error) => Err(Broken::Syntax(error)),
        };
    }
    let mut twice = None;
    let mut deserializer = serde_json::Deserializer::from_str(text);
    Object {
        node,
        values,
        twice: &mut twice,
    }
    .deserialize(&mut deserializer)
    .map_err(Broken::Syntax)?;
    deserializer.end().map_err(Broken::Syntax)?;
    match twice {
        Some(key) => Err(Broken::DupKey(key)),
        None => Ok(()),
    }
}

struct Object<'n, 'v, 'a> {
    node: &'n mut Node,
    values: &'v mut [Value<'a>],
    twice: &'v mut Option<String>,
}

impl<'a> DeserializeSeed<'a> for Object<'_, '_, 'a> {
    type Value = ();

    fn deserialize<D: Deserializer<'a>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'a> Visitor<'a> for Object<'_, '_, 'a> {
    type Value = ();

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'a>>(self, mut map: A) -> Result<(), A::Error> {
        let mut at = 0;
        while let Some(key) = map.next_key::<std::borrow::Cow<'a, str>>()? {
            let child = self.node.child(&key, at);
            at += 1;
            let Some(child) = child.map(|child| &mut self.node.children[child].1) else {
                map.next_value::<IgnoredAny>()?;
                continue;
            };
            let raw: &'a RawValue = map.next_value()?;
            let text = raw.get();
            if let Some(slot) = child.slot {
                let value = scalar(text).map_err(de::Error::custom)?;
                if value != Value::Missing
                    && std::mem::replace(&mut self.values[slot], value) != Value::Missing
                {
                    *self.twice = Some(key.into_owned());
                }
            }
            if !child.children.is_empty() && opens_with(text, b'{') {
                let inner = Object {
                    node: child,
                    values: self.values,
                    twice: self.twice,
                };
                inner
                    .deserialize(&mut serde_json::Deserializer::from_str(text))
                    .map_err(de::Error::custom)?;
            }
        }
        Ok(())
    }
}

/// A value from its text.
fn scalar(text: &str) -> serde_json::Result<Value<'_>> {
    Ok(match text.as_bytes().first() {
        Some(b'"') => {
            let inner = &text[1..text.len().saturating_sub(1).max(1)];
            if inner.contains('\\') {
                Value::Text(serde_json::from_str::<String>(text)?.into())
            } else {
                Value::Text(inner.into())
            }
        }
        Some(b'{' | b'[') => Value::Json(text),
        Some(b't' | b'f') => Value::Bool(text == "true"),
        Some(b'n') | None => Value::Missing,
        Some(_) => match text.parse() {
            Ok(number) => Value::Int(number),
            // A whole number that does not fit is kept as written: it may be an id.
            Err(_) if !text.contains(['.', 'e', 'E']) => Value::Text(text.into()),
            Err(_) => text.parse().map_or(Value::Text(text.into()), Value::Float),
        },
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mapping::mapper::Supplied;
    use crate::mapping::preset::built_in;
    use crate::runs::schema::Field;

    fn mapper() -> Mapper {
        let preset = built_in()
            .unwrap()
            .iter()
            .find(|preset| preset.name == "purview")
            .unwrap();
        Mapper::new(preset, &Supplied::default(), "x.json", "x")
    }

    fn load(text: &str) -> (Mapper, Vec<Reject>) {
        let mut mapper = mapper();
        let found = documents(text);
        Extractor::new(&mapper.slots).read(&found.items, &mut mapper);
        (mapper, found.rejects)
    }

    const RUN: &str =
        r#"{"id":"1","status":"Succeeded","startTime":"2026-11-01T00:00:00Z","scanName":"s"}"#;

    #[test]
    fn every_envelope_holds_the_same_run() {
        for (text, line) in [
            (RUN.to_owned(), 1),
            (format!("[\n{RUN}]"), 2),
            (format!("{{\"value\":[{RUN}],\n\"nextLink\":null}}"), 1),
            (format!("{{\"value\":\n{RUN}}}"), 2),
            (format!("{{\"count\":1,\n\n\"value\":[\n{RUN}]}}"), 4),
            (format!("{{\"records\":[{RUN}]}}"), 1),
            (
                format!("{{\"scanRuns\":{{\"totalCount\":1,\"runs\":[{RUN}]}}}}"),
                1,
            ),
            (
                format!(
                    "{{\"parameters\":{{}},\"responses\":{{\"200\":{{\"body\":{{\"value\":[{RUN}]}}}}}}}}"
                ),
                1,
            ),
            (
                format!("{{\"parameters\":{{}},\"responses\":{{\"200\":{{\"body\":{RUN}}}}}}}"),
                1,
            ),
            (format!("[{{\"value\":[{RUN}]}}]"), 1),
        ] {
            let (mapper, rejects) = load(&text);
            assert_eq!((mapper.records.len(), rejects.len()), (1, 0), "{text}");
            assert_eq!(mapper.records.text(Field::RunId, 0), Some("1"), "{text}");
            assert_eq!(mapper.records.line(0), line, "{text}");
        }
    }

    #[test]
    fn names_may_stand_in_the_document_around() {
        let text = format!(
            r#"{{"parameters":{{"dataSourceName":"DS","scanName":"outer"}},"responses":{{"200":{{"body":{{"value":[{RUN}]}}}}}}}}"#
        );
        let (mapper, _) = load(&text);
        assert_eq!(mapper.records.text(Field::Source, 0), Some("DS"));
        assert_eq!(mapper.records.text(Field::Scan, 0), Some("s"));
    }

    #[test]
    fn an_empty_list_is_a_good_file() {
        for text in ["[]", r#"{"value":[],"nextLink":null}"#, ""] {
            let found = documents(text);
            assert!(found.items.is_empty() && found.rejects.is_empty(), "{text}");
        }
        assert!(documents(r#"{"value":[],"nextLink":"https://x"}"#).next_page);
    }

    #[test]
    fn a_cut_array_keeps_its_whole_elements() {
        let text = format!("[\n{RUN},\n{RUN},\n{}", &RUN[..30]);
        let (mapper, rejects) = load(&text);
        assert_eq!(mapper.records.len(), 2);
        assert_eq!((rejects[0].line, rejects[0].code), (4, Code::JsonSyntax));
        assert!(
            rejects[0].hint.contains("may be cut"),
            "{}",
            rejects[0].hint
        );
    }

    #[test]
    fn broken_records_are_named_by_line() {
        let twice = RUN.replace(
            r#""scanName":"s""#,
            r#""scanName":"s","scan_name":"t","scanName":"u""#,
        );
        let (mapper, _) = load(&format!("[\n{RUN},\n7,\n{twice}]"));
        let rejects: Vec<_> = mapper
            .rejects
            .kept
            .iter()
            .map(|r| (r.line, r.code, r.column.as_deref()))
            .collect();
        assert_eq!(
            rejects,
            [
                (3, Code::JsonType, None),
                (4, Code::JsonDupKey, Some("scanName"))
            ]
        );
    }

    #[test]
    fn a_broken_line_costs_one_record() {
        let mut mapper = mapper();
        let text = format!("{RUN}\n{{\"id\":\n\n{RUN}\n{RUN} x\n");
        Extractor::new(&mapper.slots.clone())
            .read_lines(text.as_bytes(), &mut mapper)
            .unwrap();
        let rejects: Vec<_> = mapper
            .rejects
            .kept
            .iter()
            .map(|r| (r.line, r.code))
            .collect();
        assert_eq!(rejects, [(2, Code::JsonSyntax), (5, Code::JsonSyntax)]);
        assert_eq!([0, 1].map(|row| mapper.records.line(row)), [1, 4]);
    }

    #[test]
    fn values_keep_their_kind() {
        assert_eq!(scalar("950").unwrap(), Value::Int(950));
        assert_eq!(scalar("950.5").unwrap(), Value::Float(950.5));
        assert_eq!(
            scalar("12345678901234567890").unwrap(),
            Value::Text("12345678901234567890".into())
        );
        assert_eq!(scalar(r#""a\nb""#).unwrap(), Value::Text("a\nb".into()));
        assert_eq!(scalar(r#""""#).unwrap(), Value::Text("".into()));
        assert!(scalar(r#""\ud800""#).is_err());
        assert_eq!(scalar("null").unwrap(), Value::Missing);
    }
}
