//! From the text of a record to the values of a preset's paths.

use std::collections::BTreeSet;
use std::io::{BufRead, Read as _};
use std::ops::Range;

use anyhow::Result;
use serde::de::{self, DeserializeSeed, Deserializer, IgnoredAny, MapAccess, Visitor};
use serde_json::value::RawValue;

use super::split::{Around, Documents, Item, each, offset, opens_with, reason};
use crate::input::limits::MAX_RECORD;
use crate::input::reject::{Code, Reject, Start};
use crate::mapping::crew::{self, Feed};
use crate::mapping::mapper::Mapper;
use crate::mapping::path::{Path, Step, value as from_json, walk};
use crate::mapping::plan::{is_other_zone, is_record_key};
use crate::mapping::values::{Value, bracketed, listed_key, squash_key};
use crate::threads;

/// How deep keys are looked at to recognise a kind of record.
const KEY_DEPTH: usize = 4;

/// Adds the paths that a record has, squashed and joined with dots.
pub fn add_paths(record: &str, present: &mut BTreeSet<String>) {
    fn walk(text: &str, prefix: &str, depth: usize, present: &mut BTreeSet<String>) {
        if depth == KEY_DEPTH || !opens_with(text, b'{') {
            return;
        }
        let _mistakes_are_named_when_the_record_is_read = each(text, |key, value| {
            let path = format!("{prefix}{}", listed_key(key.unwrap_or_default()));
            walk(value.get(), &format!("{path}."), depth + 1, present);
            present.insert(path);
        });
    }
    walk(record, "", 0, present);
}

/// Adds the paths that the objects around a record have, beginning with `^.`.
pub fn add_outer_paths(around: &str, present: &mut BTreeSet<String>) {
    let mut paths = BTreeSet::new();
    add_paths(around, &mut paths);
    present.extend(paths.into_iter().map(|path| format!("^.{path}")));
}

/// One level of the paths that a preset reads.
#[derive(Debug, Default)]
struct Node {
    /// Several paths may part only inside the value.
    slots: Vec<usize>,
    children: Vec<(String, Node)>,
    /// Raw keys met at this level and the child that each stands for. Records repeat the same few keys.
    known: Vec<(String, Option<usize>)>,
    /// Raw keys that name a zone other than UTC.
    zoned: Vec<String>,
}

impl Node {
    fn insert(&mut self, keys: &[String], slot: usize) {
        let Some((key, rest)) = keys.split_first() else {
            self.slots.push(slot);
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

    /// The slots below, with the steps that lead to them.
    fn leaves(&self, before: &[Step], leaves: &mut Vec<(Vec<Step>, usize)>) {
        for (key, child) in &self.children {
            let mut steps = before.to_vec();
            steps.push(Step::Key(key.clone()));
            child.leaves(&steps, leaves);
            leaves.extend(child.slots.iter().map(|&slot| (steps.clone(), slot)));
        }
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
        if child.is_some()
            && bracketed(key).is_some_and(|(_, zone)| is_other_zone(zone))
            && !self.zoned.iter().any(|known| known == key)
        {
            self.zoned.push(key.to_owned());
        }
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
    Zone(String),
    Syntax(serde_json::Error),
}

/// Reads the values of a preset's paths from the text of records.
#[derive(Debug)]
pub struct Extractor {
    record: Node,
    outer: Node,
    /// Slots of the key under which a record stands.
    keys: Vec<usize>,
    /// Slots of times whose zone nobody has said.
    zoneless: Vec<bool>,
    slots: usize,
}

impl Extractor {
    /// For these paths, one for each slot.
    pub fn new(slots: &[Path]) -> Extractor {
        let mut extractor = Extractor {
            record: Node::default(),
            outer: Node::default(),
            keys: Vec::new(),
            zoneless: vec![false; slots.len()],
            slots: slots.len(),
        };
        for (slot, path) in slots.iter().enumerate() {
            if is_record_key(path) {
                extractor.keys.push(slot);
            } else if path.outer {
                extractor.outer.insert(&path.keys, slot);
            } else {
                extractor.record.insert(&path.keys, slot);
            }
        }
        extractor
    }

    /// For the slots of a mapper.
    pub fn for_mapper(mapper: &Mapper) -> Extractor {
        Extractor {
            zoneless: mapper.zoneless(),
            ..Extractor::new(mapper.slots())
        }
    }

    /// Maps one record; a record that cannot be read is rejected.
    fn map<'a>(
        &mut self,
        text: &'a str,
        start: Start,
        outer: &[Value<'a>],
        values: &mut Vec<Value<'a>>,
        mapper: &mut Mapper,
    ) {
        values.clear();
        values.extend_from_slice(outer);
        let filled = fill(&mut self.record, &self.zoneless, text, values);
        if let Err(Broken::Syntax(_)) = &filled
            && let Some(several) = several(text)
        {
            for one in several {
                let byte = start.byte.map(|byte| byte + offset(text, one) as u64);
                self.map(one, Start { byte, ..start }, outer, values, mapper);
            }
            return;
        }
        match filled {
            Ok(()) => mapper.record(start, values),
            Err(broken) => mapper.reject(match broken {
                Broken::Type => Reject::new(start, None, Code::JsonType, text, mapper.masker()),
                Broken::DupKey(key) => {
                    Reject::new(start, Some(&key), Code::JsonDupKey, text, mapper.masker())
                }
                Broken::Zone(key) => {
                    Reject::new(start, Some(&key), Code::TimeZone, &key, mapper.masker())
                }
                Broken::Syntax(error) => {
                    Reject::new(start, None, Code::JsonSyntax, text, mapper.masker())
                        .hint(reason(&error))
                }
            }),
        }
    }

    /// The values that the objects around a record state; the nearest object wins.
    fn around<'a>(&mut self, objects: &[Around<'a>], nearest: Option<usize>) -> Vec<Value<'a>> {
        let mut values = vec![Value::Missing; self.slots];
        if self.outer.children.is_empty() {
            return values;
        }
        let mut chain = Vec::new();
        let mut at = nearest;
        while let Some(object) = at.and_then(|at| objects.get(at)) {
            chain.push(object.text);
            at = object.outer;
        }
        for text in chain.into_iter().rev() {
            // A mistake in here is a mistake in the document, which has been told.
            let _told = fill(&mut self.outer, &self.zoneless, text, &mut values);
        }
        values
    }

    /// Maps the records of documents.
    pub fn read(&mut self, found: &Documents<'_>, mapper: &mut Mapper) {
        let helpers = if found.items.len() > ITEMS {
            Extractor::helpers(mapper)
        } else {
            Vec::new()
        };
        crew::map_all(
            mapper,
            self,
            helpers,
            |mapper, extractor, items: &mut Range<usize>| {
                extractor.map_items(found, &found.items[items.clone()], mapper);
            },
            |feed| {
                for start in (0..found.items.len()).step_by(ITEMS) {
                    feed.feed(start..found.items.len().min(start + ITEMS));
                }
            },
        );
    }

    fn map_items(&mut self, found: &Documents<'_>, items: &[Item<'_>], mapper: &mut Mapper) {
        let mut values = Vec::new();
        let mut outer = self.around(&found.objects, None);
        let mut around = None;
        for item in items {
            // The objects around many records are read once.
            if around != item.around {
                around = item.around;
                outer = self.around(&found.objects, around);
            }
            for &slot in &self.keys {
                outer[slot] = match &item.key {
                    Some(key) => Value::Text(key.as_str().into()),
                    None => Value::Missing,
                };
            }
            self.map(item.text, item.start, &outer, &mut values, mapper);
        }
    }

    /// One extractor less than there are cores.
    fn helpers(mapper: &Mapper) -> Vec<Extractor> {
        (1..threads::count())
            .map(|_| Extractor::for_mapper(mapper))
            .collect()
    }

    /// Maps one object a line, without holding the file in memory. A line that is no JSON is rejected by itself. Lines that
    /// are not all at hand are read in one thread and mapped in others.
    pub fn read_lines(
        &mut self,
        from: impl BufRead + Send,
        at_hand: bool,
        mapper: &mut Mapper,
    ) -> Result<()> {
        let helpers = if at_hand {
            Vec::new()
        } else {
            Extractor::helpers(mapper)
        };
        crew::map_all(
            mapper,
            self,
            helpers,
            |mapper, extractor, lines: &mut Lines| extractor.map_lines(lines, mapper),
            |feed| read_lines(from, feed),
        )
    }

    fn map_lines(&mut self, lines: &Lines, mapper: &mut Mapper) {
        let outer = vec![Value::Missing; self.slots];
        let mut values = Vec::with_capacity(self.slots);
        for (begin, bytes, is_too_long) in lines.iter() {
            if is_too_long {
                let start = String::from_utf8_lossy(bytes);
                let masker = mapper.masker();
                mapper.reject(Reject::new(begin, None, Code::TooLong, &start, masker));
                continue;
            }
            match std::str::from_utf8(bytes) {
                Ok(text) if text.trim().is_empty() => mapper.tally.blank_lines += 1,
                Ok(text) => {
                    // Files that were put together may have a mark in their middle.
                    let record = text.trim().trim_start_matches('\u{feff}');
                    let before = offset(text, record) as u64;
                    let start = Start::new(begin.line, begin.byte.unwrap_or_default() + before);
                    self.map(record, start, &outer, &mut values, mapper);
                }
                Err(_) => mapper.reject(Reject::new(
                    begin,
                    None,
                    Code::Encoding,
                    &String::from_utf8_lossy(bytes),
                    mapper.masker(),
                )),
            }
        }
    }
}

/// Records of documents in a batch.
const ITEMS: usize = 512;

/// Bytes of lines in a batch: one line may be longer.
const LINES: usize = 1 << 18;

/// Whole lines in order, with the place of each.
#[derive(Default)]
struct Lines {
    text: Vec<u8>,
    /// Where a line begins in the file, where it ends in `text`, and whether it is too long to be one record.
    lines: Vec<(Start, usize, bool)>,
}

impl Lines {
    fn iter(&self) -> impl Iterator<Item = (Start, &[u8], bool)> {
        let starts = std::iter::once(0).chain(self.lines.iter().map(|(_, end, _)| *end));
        let lines = starts.zip(&self.lines);
        lines
            .map(|(from, (start, end, is_too_long))| (*start, &self.text[from..*end], *is_too_long))
    }
}

/// Reads lines to the end. Of one that is too long only the beginning is kept.
fn read_lines(mut from: impl BufRead, feed: &mut dyn Feed<Lines>) -> Result<()> {
    let mut batch = Lines::default();
    let (mut line, mut next) = (0, 0);
    let most = MAX_RECORD as u64 + 1;
    loop {
        let before = batch.text.len();
        let length = from
            .by_ref()
            .take(most)
            .read_until(b'\n', &mut batch.text)?;
        if length > 0 {
            line += 1;
            let begin = Start::new(line, next);
            next += length as u64;
            let is_too_long = length > MAX_RECORD && batch.text.last() != Some(&b'\n');
            if is_too_long {
                next += from.skip_until(b'\n')? as u64;
                batch.text.truncate(before + SHOWN);
            }
            batch.lines.push((begin, batch.text.len(), is_too_long));
        }
        if length == 0 || batch.text.len() >= LINES {
            batch = feed.feed(batch);
            batch.text.clear();
            batch.lines.clear();
        }
        if length == 0 {
            return Ok(());
        }
    }
}

/// Of a record that is too long so much is looked at, to be quoted.
const SHOWN: usize = 4_096;

/// The objects of a line that holds more than one.
fn several(text: &str) -> Option<Vec<&str>> {
    let found: Result<Vec<&RawValue>, _> = serde_json::Deserializer::from_str(text)
        .into_iter()
        .collect();
    let found = found.ok().filter(|found| found.len() > 1)?;
    Some(found.into_iter().map(RawValue::get).collect())
}

/// Fills the slots below a node from the text of an object.
fn fill<'a>(
    node: &mut Node,
    zoneless: &[bool],
    text: &'a str,
    values: &mut [Value<'a>],
) -> Result<(), Broken> {
    if !opens_with(text, b'{') {
        return match serde_json::from_str::<IgnoredAny>(text) {
            Ok(_) => Err(Broken::Type),
            Err(error) => Err(Broken::Syntax(error)),
        };
    }
    let mut wrong = None;
    let mut deserializer = serde_json::Deserializer::from_str(text);
    Object {
        node,
        values,
        zoneless,
        wrong: &mut wrong,
    }
    .deserialize(&mut deserializer)
    .map_err(Broken::Syntax)?;
    deserializer.end().map_err(Broken::Syntax)?;
    wrong.map_or(Ok(()), Err)
}

struct Object<'n, 'v, 'a> {
    node: &'n mut Node,
    values: &'v mut [Value<'a>],
    zoneless: &'v [bool],
    /// What is wrong with the record, though it is well formed.
    wrong: &'v mut Option<Broken>,
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
        // Children met in this object; a key may stand there once only, whatever its value.
        let mut met = 0_u128;
        while let Some(key) = map.next_key::<std::borrow::Cow<'a, str>>()? {
            let child = self.node.child(&key, at);
            at += 1;
            let Some(child) = child else {
                map.next_value::<IgnoredAny>()?;
                continue;
            };
            let bit = 1_u128
                .checked_shl(u32::try_from(child).unwrap_or(u32::MAX))
                .unwrap_or(0);
            if met & bit != 0 {
                *self.wrong = Some(Broken::DupKey(key.into_owned()));
                map.next_value::<IgnoredAny>()?;
                continue;
            }
            met |= bit;
            let zoned =
                !self.node.zoned.is_empty() && self.node.zoned.iter().any(|known| *known == key);
            let child = &mut self.node.children[child].1;
            let raw: &'a RawValue = map.next_value()?;
            let text = raw.get();
            if zoned && child.slots.iter().any(|&slot| self.zoneless[slot]) {
                *self.wrong = Some(Broken::Zone(key.clone().into_owned()));
            }
            if let Some((&last, others)) = child.slots.split_last() {
                let value = scalar(text).map_err(de::Error::custom)?;
                if value != Value::Missing {
                    for &slot in others {
                        self.values[slot] = value.clone();
                    }
                    if std::mem::replace(&mut self.values[last], value) != Value::Missing {
                        *self.wrong = Some(Broken::DupKey(key.clone().into_owned()));
                    }
                }
            }
            if !child.children.is_empty() && text.starts_with('"') {
                inside(child, text, self.values);
            } else if !child.children.is_empty() && opens_with(text, b'{') {
                let inner = Object {
                    node: child,
                    values: self.values,
                    zoneless: self.zoneless,
                    wrong: self.wrong,
                };
                inner
                    .deserialize(&mut serde_json::Deserializer::from_str(text))
                    .map_err(de::Error::custom)?;
            }
        }
        Ok(())
    }
}

/// Fills the slots below a node from text that holds JSON. Text that holds something else states nothing there.
fn inside(node: &Node, text: &str, values: &mut [Value<'_>]) {
    let Ok(json) = serde_json::from_str::<serde_json::Value>(text) else {
        return;
    };
    let mut leaves = Vec::new();
    node.leaves(&[], &mut leaves);
    for (steps, slot) in leaves {
        let mut found = Vec::new();
        walk(&json, &steps, &mut found);
        if let Some(value) = found.into_iter().next() {
            values[slot] = from_json(value);
        }
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
        Some(b'{' | b'[') => Value::Json(text.into()),
        Some(b't' | b'f') => Value::Bool(text == "true"),
        Some(b'n') | None => Value::Missing,
        Some(_) => match text
            .trim_end_matches('0')
            .strip_suffix('.')
            .unwrap_or(text)
            .parse()
        {
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
