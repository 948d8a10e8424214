//! From the text of a record to the values of a preset's paths.

use std::collections::BTreeSet;
use std::io::{BufRead, Read as _};
use std::ops::Range;

use anyhow::Result;
use serde_json::value::RawValue;

use super::split::{Around, Documents, Item, each, offset, opens_with, reason};
use super::tree::{Broken, Node};
use crate::errors::Masker;
use crate::input::limits::MAX_RECORD;
use crate::input::reject::{Code, Reject, Start};
use crate::mapping::crew::{self, Feed};
use crate::mapping::mapper::Mapper;
use crate::mapping::plan::is_record_key;
use crate::mapping::rows::{Cells, Rows};
use crate::mapping::values::{Value, listed_key};
use crate::threads;

/// How deep keys are looked at to recognise a kind of record.
const KEY_DEPTH: usize = 4;

/// Adds the paths that a record has, squashed and joined with dots.
pub fn add_paths(record: &str, present: &mut BTreeSet<String>) {
    fn walk(text: &str, prefix: &str, depth: usize, present: &mut BTreeSet<String>) {
        if depth == KEY_DEPTH || !opens_with(text, b'{') {
            return;
        }
        // Mistakes are named when the record is read.
        each(text, |key, value| {
            let path = format!("{prefix}{}", listed_key(key.unwrap_or_default()));
            walk(value, &format!("{path}."), depth + 1, present);
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

/// Reads the values of a preset's paths from the text of records.
#[derive(Debug)]
pub struct Extractor {
    record: Node,
    outer: Node,
    /// Slots of the key under which a record stands.
    keys: Vec<usize>,
    slots: usize,
}

impl Extractor {
    /// For the slots of a mapper.
    pub fn for_mapper(mapper: &Mapper) -> Extractor {
        let mut extractor = Extractor {
            record: Node::default(),
            outer: Node::default(),
            keys: Vec::new(),
            slots: mapper.slots().len(),
        };
        let zoneless = mapper.zoneless();
        for (slot, path) in mapper.slots().iter().enumerate() {
            if is_record_key(path) {
                extractor.keys.push(slot);
            } else if path.outer {
                extractor.outer.insert(&path.keys, slot, zoneless[slot]);
            } else {
                extractor.record.insert(&path.keys, slot, zoneless[slot]);
            }
        }
        extractor
    }

    /// Adds one record to a batch; a record that cannot be read is rejected.
    fn add<'a>(
        &mut self,
        text: &'a str,
        start: Start,
        outer: &[Value<'a>],
        batch: &mut Batch<'a>,
        masker: &Masker,
    ) {
        if self.record.fill_common(text, batch.begin(outer)).is_some() {
            batch.starts.push(start);
            return;
        }
        let filled = self.record.fill(text, batch.begin(outer));
        if let Err(Broken::Syntax(_)) = &filled
            && let Some(several) = several(text)
        {
            for one in several {
                let byte = start.byte.map(|byte| byte + offset(text, one) as u64);
                self.add(one, Start { byte, ..start }, outer, batch, masker);
            }
            return;
        }
        match filled {
            Ok(()) => batch.starts.push(start),
            Err(broken) => batch.reject(match broken {
                Broken::Type => Reject::new(start, None, Code::JsonType, text, masker),
                Broken::DupKey(key) => {
                    Reject::new(start, Some(&key), Code::JsonDupKey, text, masker)
                }
                Broken::Zone(key) => Reject::new(start, Some(&key), Code::TimeZone, &key, masker),
                Broken::Syntax(error) => {
                    Reject::new(start, None, Code::JsonSyntax, text, masker).hint(reason(&error))
                }
            }),
        }
    }

    /// The values that the objects around a record state; the nearest object wins.
    fn around<'a>(&mut self, objects: &[Around<'a>], nearest: Option<usize>) -> Vec<Value<'a>> {
        let mut values = vec![Value::Missing; self.slots];
        if self.outer.is_empty() {
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
            let _told = self.outer.fill(text, &mut values);
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
        let masker = mapper.masker().clone();
        let mut batch = Batch::new(self.slots);
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
            self.add(item.text, item.start, &outer, &mut batch, &masker);
        }
        batch.map(mapper);
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
        let text = &lines.text[..];
        if lines.is_too_long {
            let text = String::from_utf8_lossy(text);
            let masker = mapper.masker();
            mapper.reject(Reject::new(lines.start, None, Code::TooLong, &text, masker));
            return;
        }
        let masker = mapper.masker().clone();
        let mut batch = Batch::new(self.slots);
        // Nearly always all of it is text.
        let all = std::str::from_utf8(text).ok();
        let first = lines.start.byte.unwrap_or_default();
        let ends = memchr::memchr_iter(b'\n', text).map(|end| end + 1);
        let last = text.last().is_some_and(|&byte| byte != b'\n');
        let mut begin = 0;
        for (line, end) in (lines.start.line..).zip(ends.chain(last.then_some(text.len()))) {
            let start = Start::new(line, first + begin as u64);
            let bytes = &text[begin..end];
            let line = match all {
                Some(all) => Ok(&all[begin..end]),
                None => std::str::from_utf8(bytes),
            };
            begin = end;
            let Ok(line) = line else {
                let line = String::from_utf8_lossy(bytes);
                batch.reject(Reject::new(start, None, Code::Encoding, &line, &masker));
                continue;
            };
            let record = line.trim();
            if record.is_empty() {
                mapper.tally.blank_lines += 1;
                continue;
            }
            // Files that were put together may have a mark in their middle.
            let record = record.trim_start_matches('\u{feff}');
            let before = offset(line, record) as u64;
            let start = Start {
                byte: start.byte.map(|byte| byte + before),
                ..start
            };
            self.add(record, start, &[], &mut batch, &masker);
        }
        batch.map(mapper);
    }
}

/// Records of which the values are found, and the rejects that stand before one.
struct Batch<'a> {
    starts: Vec<Start>,
    /// A value for each slot, record by record; behind them may stand those of a record that came to nothing.
    values: Vec<Value<'a>>,
    rejects: Vec<(usize, Reject)>,
    width: usize,
}

impl<'a> Batch<'a> {
    /// For so many slots.
    fn new(width: usize) -> Batch<'a> {
        Batch {
            starts: Vec::new(),
            values: Vec::new(),
            rejects: Vec::new(),
            width,
        }
    }

    /// The values of the next record: so far those that are stated around it, which may be none.
    fn begin(&mut self, outer: &[Value<'a>]) -> &mut [Value<'a>] {
        let from = self.starts.len() * self.width;
        self.values.truncate(from);
        self.values.extend_from_slice(outer);
        self.values.resize_with(from + self.width, Value::default);
        &mut self.values[from..]
    }

    fn reject(&mut self, reject: Reject) {
        self.rejects.push((self.starts.len(), reject));
    }

    fn map(self, mapper: &mut Mapper) {
        let width = self.width;
        let column = |column| Cells::Values {
            values: &self.values,
            column,
            width,
        };
        let cells: Vec<_> = (0..width).map(column).collect();
        let rows = Rows {
            starts: &self.starts,
            cells: &cells,
        };
        mapper.rows(rows, self.rejects);
    }
}

/// Records of documents in a batch.
const ITEMS: usize = 128;

/// Bytes of lines in a batch, where none is longer.
const LINES: usize = 1 << 17;

/// Whole lines in order.
#[derive(Default)]
struct Lines {
    text: Vec<u8>,
    /// Where the first one begins in the file.
    start: Start,
    /// This is the beginning of one line, which is too long to be one record.
    is_too_long: bool,
}

/// Reads lines to the end. Of one that is too long only the beginning is kept.
fn read_lines(mut from: impl BufRead, feed: &mut dyn Feed<Lines>) -> Result<()> {
    let mut batch = Lines::default();
    let mut next = Start::new(1, 0);
    // The beginning of the line that the batch before did not hold whole.
    let mut rest = Vec::new();
    loop {
        batch.text.clear();
        batch.text.append(&mut rest);
        batch.start = next;
        let end = whole_lines(&mut from, &mut batch.text)?;
        batch.is_too_long = end.is_none();
        let (lines, bytes) = match end {
            Some(end) => {
                rest.extend_from_slice(&batch.text[end..]);
                batch.text.truncate(end);
                let lines = memchr::memchr_iter(b'\n', &batch.text).count();
                (lines as u64, end as u64)
            }
            None => {
                let bytes = batch.text.len() + from.skip_until(b'\n')?;
                batch.text.truncate(SHOWN);
                (1, bytes as u64)
            }
        };
        if bytes == 0 {
            return Ok(());
        }
        next = Start {
            line: next.line + lines,
            byte: next.byte.map(|byte| byte + bytes),
        };
        batch = feed.feed(batch);
    }
}

/// Adds to the beginning of a line what follows, and returns where the last whole line ends; nothing for a line that is too
/// long. The last line of a file is whole without a line feed.
fn whole_lines(from: &mut impl BufRead, text: &mut Vec<u8>) -> std::io::Result<Option<usize>> {
    loop {
        let before = text.len();
        // A line that is not too long ends within these, if only with its line feed.
        let most = LINES.min(MAX_RECORD + 1 - before) as u64;
        let read = from.by_ref().take(most).read_to_end(text)?;
        if let Some(end) = memchr::memrchr(b'\n', &text[before..]) {
            return Ok(Some(before + end + 1));
        }
        if text.len() > MAX_RECORD {
            return Ok(None);
        }
        if (read as u64) < most {
            return Ok(Some(text.len()));
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

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Default)]
    struct Batches(Vec<(Start, Vec<u8>, bool)>);

    impl Feed<Lines> for Batches {
        fn feed(&mut self, batch: Lines) -> Lines {
            self.0.push((batch.start, batch.text, batch.is_too_long));
            Lines {
                text: b"from before".to_vec(),
                ..Lines::default()
            }
        }
    }

    #[test]
    fn batches_are_whole_lines_wherever_they_end() {
        let line = |length: usize| format!("{}\n", "x".repeat(length));
        let lines = |lengths: &[usize]| lengths.iter().map(|&length| line(length)).collect();
        let texts: [String; 9] = [
            String::new(),
            "a".to_owned(),
            "\n".to_owned(),
            "a\r\n\n\nb".to_owned(),
            lines(&[LINES - 1, 0, 5]),
            lines(&[LINES, LINES - 2, 1]),
            lines(&[3 * LINES + 7, 1, LINES, 2]),
            lines(&[999; 1_000]),
            format!("{}last", lines(&[300; 1_500])),
        ];
        for text in texts {
            for buffer in [1 << 18, 1_000] {
                let mut batches = Batches::default();
                let from = std::io::BufReader::with_capacity(buffer, text.as_bytes());
                read_lines(from, &mut batches).unwrap();
                let (mut line, mut read) = (1, Vec::new());
                for (start, batch, is_too_long) in batches.0 {
                    assert_eq!(start, Start::new(line, read.len() as u64));
                    assert!(!is_too_long && !batch.is_empty());
                    let is_last = read.len() + batch.len() == text.len();
                    assert!(batch.ends_with(b"\n") || is_last);
                    line += memchr::memchr_iter(b'\n', &batch).count() as u64;
                    read.extend(batch);
                }
                assert!(read == text.as_bytes(), "{} bytes", text.len());
            }
        }
    }

    #[test]
    fn of_a_line_that_is_too_long_the_beginning_is_kept() {
        let long = |length: usize| "x".repeat(length);
        for behind in ["\nb\n", "\n", ""] {
            let text = format!("a\n{}{behind}", long(MAX_RECORD));
            let mut batches = Batches::default();
            read_lines(text.as_bytes(), &mut batches).unwrap();
            assert!(batches.0.iter().all(|(_, _, is_too_long)| !is_too_long));

            let text = format!("a\n{}{behind}", long(MAX_RECORD + 1));
            let mut batches = Batches::default();
            read_lines(text.as_bytes(), &mut batches).unwrap();
            let mut expected = vec![
                (Start::new(1, 0), b"a\n".to_vec(), false),
                (Start::new(2, 2), long(SHOWN).into_bytes(), true),
            ];
            if behind.len() > 1 {
                let start = Start::new(3, MAX_RECORD as u64 + 4);
                expected.push((start, b"b\n".to_vec(), false));
            }
            assert!(batches.0 == expected);
        }
    }
}
