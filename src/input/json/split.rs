//! From the text of a file to the texts of its records: arrays, envelopes, single objects, documents back to back.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

use super::scan;
use crate::input::reject::{Code, Reject, Rejects, Start, quoted, quoted_after};
use crate::mapping::values::squash_key;

/// One record in the text of its file.
#[derive(Clone, Debug)]
pub struct Item<'a> {
    /// The text of one JSON value.
    pub text: &'a str,
    /// The key under which it stands, where records stand in an object.
    pub key: Option<String>,
    /// The nearest object around it, an index into [`Documents::objects`].
    pub around: Option<usize>,
    /// Where it begins.
    pub start: Start,
}

/// An object around records.
#[derive(Clone, Copy, Debug)]
pub struct Around<'a> {
    /// Its text.
    pub text: &'a str,
    /// The object around it.
    pub outer: Option<usize>,
}

/// What a text holds.
#[derive(Debug, Default)]
pub struct Documents<'a> {
    /// The records in order.
    pub items: Vec<Item<'a>>,
    /// The objects around them.
    pub objects: Vec<Around<'a>>,
    /// Text that is not JSON.
    pub rejects: Rejects,
    /// Pages say that there is a further one, and none of them is the last.
    pub next_page: bool,
    /// A page says that it is the last one.
    pub last_page: bool,
}

/// A place where documents hold their records.
#[derive(Clone, Debug)]
pub struct RecordPath {
    keys: Vec<String>,
    /// One object there is a record, too, not only a list of them.
    one: bool,
}

/// Keys under which answers commonly hold their records. Other things have these names as well, so they must hold a
/// list; except `value`, which may hold one.
const ENVELOPES: [&str; 8] = [
    "value", "records", "runs", "values", "items", "data", "results", "rows",
];

impl RecordPath {
    /// Reads dotted keys; `*` stands for every value of an object. Lists on the way are walked through; `[]` at the end
    /// says that there must be a list.
    pub fn new(text: &str) -> RecordPath {
        RecordPath {
            keys: text
                .replace("[]", "")
                .split('.')
                .filter(|key| !key.is_empty())
                .map(squash_key)
                .collect(),
            one: !text.ends_with("[]"),
        }
    }

    /// The places where answers commonly hold their records.
    pub fn usual() -> impl Iterator<Item = RecordPath> {
        ENVELOPES.into_iter().map(|key| RecordPath {
            keys: vec![key.to_owned()],
            one: key == "value",
        })
    }
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
pub fn each<'a>(text: &'a str, mut visit: impl FnMut(Option<&str>, &'a str)) {
    let mut visited = 0;
    if each_quickly(text, 0, |key, value| {
        visited += 1;
        visit(key, value);
    })
    .is_some()
    {
        return;
    }
    let mut at = 0;
    let rest = Each(|key: Option<&str>, value: &'a RawValue| {
        at += 1;
        if at > visited {
            visit(key, value.get());
        }
    });
    let _ends_at_a_mistake = rest.deserialize(&mut serde_json::Deserializer::from_str(text));
}

/// Visits the elements or members of a value that begins here or behind white space, and returns where it ends. `None`
/// where it may not be JSON, or has a key with an escape; what comes before that has been visited.
fn each_quickly<'a>(
    text: &'a str,
    at: usize,
    mut visit: impl FnMut(Option<&'a str>, &'a str),
) -> Option<usize> {
    let bytes = text.as_bytes();
    scan::each(bytes, scan::space(bytes, at), |key, value| {
        let key = match key {
            Some(key) => Some(text.get(key).filter(|key| !key.contains('\\'))?),
            None => None,
        };
        visit(key, text.get(value)?);
        Some(())
    })
}

/// True when the first character that is no space is this one.
pub fn opens_with(text: &str, first: u8) -> bool {
    text.trim_start().as_bytes().first() == Some(&first)
}

/// Collects the records before a mistake in a document that is otherwise an envelope.
struct Whole<'w, 'a> {
    /// What is left of each path that leads here.
    paths: Vec<&'w [String]>,
    found: &'w mut Vec<&'a str>,
}

impl<'a> DeserializeSeed<'a> for Whole<'_, 'a> {
    type Value = ();

    fn deserialize<D: Deserializer<'a>>(self, deserializer: D) -> Result<(), D::Error> {
        if self.paths.is_empty() {
            return IgnoredAny::deserialize(deserializer).map(drop);
        }
        deserializer.deserialize_any(self)
    }
}

impl<'a> Visitor<'a> for Whole<'_, 'a> {
    type Value = ();

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a document")
    }

    fn visit_bool<E>(self, _: bool) -> Result<(), E> {
        Ok(())
    }

    fn visit_i64<E>(self, _: i64) -> Result<(), E> {
        Ok(())
    }

    fn visit_u64<E>(self, _: u64) -> Result<(), E> {
        Ok(())
    }

    fn visit_f64<E>(self, _: f64) -> Result<(), E> {
        Ok(())
    }

    fn visit_str<E>(self, _: &str) -> Result<(), E> {
        Ok(())
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'a>>(self, mut seq: A) -> Result<(), A::Error> {
        if self.paths.iter().any(|path| path.is_empty()) {
            while let Some(value) = seq.next_element::<&'a RawValue>()? {
                self.found.push(value.get());
            }
            return Ok(());
        }
        while seq
            .next_element_seed(Whole {
                paths: self.paths.clone(),
                found: self.found,
            })?
            .is_some()
        {}
        Ok(())
    }

    fn visit_map<A: MapAccess<'a>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(key) = map.next_key::<std::borrow::Cow<'a, str>>()? {
            let key = squash_key(&key);
            let paths = self
                .paths
                .iter()
                .filter_map(|path| match path.split_first() {
                    Some((first, rest)) if *first == key || first == "*" => Some(rest),
                    _ => None,
                })
                .collect();
            map.next_value_seed(Whole {
                paths,
                found: self.found,
            })?;
        }
        Ok(())
    }
}

/// Bytes of a text before a slice of it.
pub fn offset(text: &str, slice: &str) -> usize {
    (slice.as_ptr() as usize)
        .saturating_sub(text.as_ptr() as usize)
        .min(text.len())
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

    /// Where a slice of the text begins. Slices come in ascending order.
    fn of(&mut self, slice: &str) -> Start {
        let at = offset(self.text, slice).max(self.at);
        self.line += memchr::memchr_iter(b'\n', &self.text.as_bytes()[self.at..at]).count() as u64;
        self.at = at;
        Start::new(self.line, at as u64)
    }
}

/// Where a document is broken.
struct Mistake<'a> {
    /// Its line in the file, and where that begins.
    start: Start,
    /// The line, and some of the text before it.
    text: &'a str,
    before: &'a str,
    /// Bytes from the start of the document to the end of that line.
    behind: usize,
}

/// Bytes before a mistake that are looked at for what its line is.
const BEFORE: usize = 1_000;

impl<'a> Mistake<'a> {
    /// The place that an error names in a text, which begins at a line of the file; `rest` is the document's start.
    fn new(text: &'a str, rest: &str, first: Start, error: &serde_json::Error) -> Mistake<'a> {
        let at_line = error.line().max(1);
        let bytes = text.as_bytes();
        let mut ends = memchr::memchr_iter(b'\n', bytes);
        let start = match at_line {
            1 => 0,
            line => ends.nth(line - 2).map_or(text.len(), |end| end + 1),
        };
        let end = ends.next().unwrap_or(text.len());
        Mistake {
            start: Start {
                line: first.line + at_line as u64 - 1,
                byte: first.byte.map(|byte| byte + start as u64),
            },
            text: &text[start..end],
            before: text[text.ceil_char_boundary(start.saturating_sub(BEFORE))..start].trim_end(),
            behind: end.saturating_sub(text.len() - rest.len()),
        }
    }
}

/// Splits a text into records, which stand at the first of the paths that a document has, or are the documents.
/// Mistakes are added to `rejects`.
pub fn documents<'a>(text: &'a str, paths: &[RecordPath], rejects: Rejects) -> Documents<'a> {
    let mut splitter = Splitter {
        found: Documents {
            rejects,
            ..Documents::default()
        },
        lines: Lines::new(text),
        paths,
        read_again: text.len().saturating_mul(READ_AGAIN),
    };
    let mut rest = text;
    while let Some(next) = splitter.stream(rest) {
        rest = next;
    }
    splitter.found
}

/// The message of the JSON reader without its position, which the reject has.
pub fn reason(error: &serde_json::Error) -> String {
    let text = error.to_string();
    let what = text.split(" at line ").next().unwrap_or_default();
    if error.is_eof() {
        format!("{what}: the file may be cut; column {}", error.column())
    } else {
        format!("{what} at column {}", error.column())
    }
}

/// The elements of an array that has been found well formed.
fn elements(array: &str) -> Vec<&str> {
    let mut items = Vec::new();
    each(array, |_, value| items.push(value));
    items
}

/// The first element of an array, without reading the others.
fn first(array: &str) -> Option<&str> {
    struct First<'f, 'a>(&'f mut Option<&'a str>);

    impl<'a> Visitor<'a> for First<'_, 'a> {
        type Value = ();

        fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            f.write_str("an array")
        }

        fn visit_seq<A: SeqAccess<'a>>(self, mut seq: A) -> Result<(), A::Error> {
            *self.0 = seq.next_element::<&'a RawValue>()?.map(RawValue::get);
            Err(A::Error::custom("enough"))
        }
    }

    let mut found = None;
    let _ends_early = serde_json::Deserializer::from_str(array).deserialize_seq(First(&mut found));
    found
}

/// The squashed keys and the values of an object.
type Members<'a> = BTreeMap<String, &'a str>;

/// The members of an object; none for anything else.
fn members(object: &str) -> Members<'_> {
    let mut members = Members::new();
    if opens_with(object, b'{') {
        each(object, |key, value| {
            members.insert(squash_key(key.unwrap_or_default()), value);
        });
    }
    members
}

/// Records that were found at a path, in order of the text.
type Held<'a> = Vec<(&'a str, Option<String>, Option<usize>)>;

/// A text may be read so many times over in the search for whole records behind mistakes.
const READ_AGAIN: usize = 8;

struct Splitter<'a, 'p> {
    found: Documents<'a>,
    lines: Lines<'a>,
    paths: &'p [RecordPath],
    /// Bytes that may still be read again. Objects that are never closed are each read to the end of the file.
    read_again: usize,
}

impl<'a> Splitter<'a, '_> {
    /// Reads documents one after the other. After a mistake, returns where reading can go on.
    fn stream(&mut self, text: &'a str) -> Option<&'a str> {
        let first = self.lines.of(text);
        let mut taken = 0;
        let mut at = 0;
        while let Some(end) = self.next(text, at) {
            taken += 1;
            at = end;
        }
        if scan::space(text.as_bytes(), at) == text.len() {
            return None;
        }
        // From the start, since that is where the places of mistakes are counted from.
        let mut stream = serde_json::Deserializer::from_str(text).into_iter::<&'a RawValue>();
        for document in stream.by_ref().take(taken) {
            debug_assert!(document.is_ok(), "what is proven is JSON");
        }
        loop {
            let offset = stream.byte_offset();
            match stream.next()? {
                Ok(document) => {
                    let document = document.get();
                    if opens_with(document, b'[') {
                        self.list(elements(document));
                    } else {
                        self.document(document, &members(document), None);
                    }
                }
                Err(error) => {
                    let rest = text[offset..].trim_start();
                    // Files that were put together may have a mark in their middle.
                    if let Some(rest) = rest.strip_prefix('\u{feff}') {
                        return Some(rest);
                    }
                    let place = Mistake::new(text, rest, first, &error);
                    return self.broken(rest, &place, &error);
                }
            }
        }
    }

    /// Takes what comes before a mistake in a document, and names the mistake.
    fn broken(
        &mut self,
        rest: &'a str,
        place: &Mistake<'a>,
        error: &serde_json::Error,
    ) -> Option<&'a str> {
        let mut whole = Vec::new();
        let start = self.lines.of(rest);
        let mut paths: Vec<&[String]> =
            self.paths.iter().map(|path| path.keys.as_slice()).collect();
        if opens_with(rest, b'[') {
            paths = vec![&[]];
        }
        let _told_below = Whole {
            paths,
            found: &mut whole,
        }
        .deserialize(&mut serde_json::Deserializer::from_str(rest));
        let is_list = !whole.is_empty() || opens_with(rest, b'[');
        if !whole.is_empty() {
            self.found.objects.push(Around {
                text: rest,
                outer: None,
            });
            let around = Some(self.found.objects.len() - 1);
            for item in whole {
                self.document(item, &members(item), around);
            }
        }
        let spent = self.read_again.checked_sub(place.behind);
        self.read_again = spent.unwrap_or_default();
        // A record by itself that is broken is followed by others, each beginning a line. The rest of a list is not
        // read: a quotation mark that is not closed may have turned everything after it inside out.
        let first_line = memchr::memchr(b'\n', rest.as_bytes()).map_or(rest.len(), |end| end + 1);
        let next = rest[first_line..]
            .match_indices('{')
            .find(|&(at, _)| rest[..first_line + at].ends_with('\n'))
            .map(|(at, _)| &rest[first_line + at..])
            .filter(|_| !is_list && spent.is_some());
        let masker = &self.found.rejects.masker;
        let (start, shown) = if next.is_some() {
            (start, quoted(rest[..first_line].trim(), masker))
        } else {
            (place.start, quoted_after(place.before, place.text, masker))
        };
        let mut hint = reason(error);
        if next.is_none() && !error.is_eof() {
            hint.push_str("; the rest of the file is not read");
        }
        let reject = Reject::new(start, None, Code::JsonSyntax, &shown, masker).hint(hint);
        self.found.rejects.push(reject);
        next
    }

    /// Adds the records of a document that begins here or behind white space, and returns where it ends. `None` where none
    /// is proven to be one.
    fn next(&mut self, text: &'a str, at: usize) -> Option<usize> {
        let start = scan::space(text.as_bytes(), at);
        if text.as_bytes().get(start)? == &b'[' {
            let mut items = Vec::new();
            let end = each_quickly(text, start, |_, item| items.push(item))?;
            self.list(items);
            return Some(end);
        }
        let mut members = Members::new();
        let end = each_quickly(text, start, |key, value| {
            members.insert(squash_key(key.unwrap_or_default()), value);
        })?;
        self.document(text.get(start..end)?, &members, None);
        Some(end)
    }

    /// Adds the records of an outermost array. One of pages is looked into once, not deeper.
    fn list(&mut self, items: Vec<&'a str>) {
        let pages = items.first().is_some_and(|first| {
            opens_with(first, b'[') || {
                let objects = self.found.objects.len();
                let is_page = self.held(first, &members(first), None).is_some();
                self.found.objects.truncate(objects);
                is_page
            }
        });
        for item in items {
            if pages && opens_with(item, b'[') {
                for inner in elements(item) {
                    self.item(inner, None, None);
                }
            } else if pages {
                self.document(item, &members(item), None);
            } else {
                self.item(item, None, None);
            }
        }
    }

    /// Adds the records of a document, of which these are the members.
    fn document(&mut self, document: &'a str, top: &Members<'a>, around: Option<usize>) {
        match self.held(document, top, around) {
            Some(held) => {
                for (text, key, around) in held {
                    self.item(text, key, around);
                }
            }
            None => self.item(document, None, around),
        }
    }

    /// The records that a document holds at the first path that it has.
    fn held(
        &mut self,
        document: &'a str,
        top: &Members<'a>,
        around: Option<usize>,
    ) -> Option<Held<'a>> {
        let held = self.paths.iter().find_map(|path| {
            let objects = self.found.objects.len();
            let mut held = Vec::new();
            let found = resolve(
                document,
                Some(top),
                &path.keys,
                around,
                &mut self.found.objects,
                &mut held,
            );
            let is_list = held.first().is_none_or(|(text, _, _)| {
                // The last object on the way holds either a list or the record itself.
                path.one
                    || !top
                        .get(&path.keys[0])
                        .is_some_and(|value| std::ptr::eq(*value, *text))
            });
            if found.is_none() || !is_list {
                self.found.objects.truncate(objects);
                return None;
            }
            found.map(|()| held)
        })?;
        let link = top.get("nextlink").or_else(|| top.get("continuationtoken"));
        // Pages come in any order, so any of them may be the last one.
        self.found.last_page |= link.is_none_or(|link| !opens_with(link, b'"') || link.len() <= 2);
        self.found.next_page = !self.found.last_page;
        Some(held)
    }

    fn item(&mut self, text: &'a str, key: Option<String>, around: Option<usize>) {
        let start = self.lines.of(text);
        self.found.items.push(Item {
            text,
            key,
            around,
            start,
        });
    }
}

/// Follows a path; `None` when the value does not have it.
fn resolve<'a>(
    value: &'a str,
    known: Option<&Members<'a>>,
    path: &[String],
    around: Option<usize>,
    objects: &mut Vec<Around<'a>>,
    held: &mut Held<'a>,
) -> Option<()> {
    let Some((key, rest)) = path.split_first() else {
        if opens_with(value, b'[') {
            let items = elements(value);
            // `value` and `items` are also the names of plain fields, so what they hold must look like records.
            if items.first().is_some_and(|first| !opens_with(first, b'{')) {
                return None;
            }
            held.extend(items.into_iter().map(|item| (item, None, around)));
            return Some(());
        }
        if opens_with(value, b'{') {
            held.push((value, None, around));
            return Some(());
        }
        return (value.trim() == "null").then_some(());
    };
    if opens_with(value, b'[') {
        // The first element tells whether the others have it.
        let before = objects.len();
        resolve(first(value)?, None, path, around, objects, &mut Vec::new())?;
        objects.truncate(before);
        for item in elements(value) {
            let _an_element_without_it_has_no_record =
                resolve(item, None, path, around, objects, held);
        }
        return Some(());
    }
    let own;
    let members = match known {
        Some(members) => members,
        None => {
            own = members(value);
            &own
        }
    };
    objects.push(Around {
        text: value,
        outer: around,
    });
    let around = Some(objects.len() - 1);
    if key != "*" {
        return resolve(members.get(key)?, None, rest, around, objects, held);
    }
    let mut any = None;
    let mut broken = false;
    each(value, |key, inner| {
        broken |= !opens_with(inner, b'{');
        if rest.is_empty() {
            held.push((inner, key.map(str::to_owned), around));
            any = Some(());
        } else if let Some(()) = resolve(inner, None, rest, around, objects, held) {
            any = Some(());
        }
    });
    any.filter(|()| !broken)
}

#[cfg(test)]
mod tests {
    use super::super::spoilt::Numbers;
    use super::*;

    /// Documents of every shape, whose records are small.
    const TEXTS: [&str; 9] = [
        "[{\"id\":1},{\"id\":[2]} , {\"id\":\"3\"}]",
        "[[{\"id\":1}],[{\"id\":2},{\"id\":3}]]",
        "[{\"value\":[{\"id\":1}],\"nextLink\":\"x\"},{\"value\":[{\"id\":2}],\"nextLink\":null}]",
        "{\"count\":2,\"value\":[\n{\"id\":1},\n{\"id\":2}\n],\"nextLink\":null}",
        "{\"a\":{\"runs\":[{\"id\":1},{\"id\":\"\\u00e9\"}]}}\n{\"a\":{\"runs\":[]}}\n{\"a\":{\"runs\":[{\"id\":2}]}}",
        "{\"id\":1}{\"id\":2}\n{\"id\":3}\n\n{\n  \"id\": 4\n}\n",
        "{\"id\":1}\n7 \"x\" null\n{\"id\":2}\n[{\"id\":3}]\n",
        "{\"k\\u0061\":1,\"value\":[{\"id\":1}]} {\"jobs\":{\"a\":{\"id\":1},\"b\":{\"id\":2}}}",
        "{\"value\":{\"id\":1}}\n{\"value\":{\"id\":2}}\n\u{feff}{\"value\":{\"id\":3}}",
    ];

    fn paths() -> Vec<RecordPath> {
        let own = ["a.runs", "jobs.*"].map(RecordPath::new);
        own.into_iter().chain(RecordPath::usual()).collect()
    }

    #[test]
    fn what_is_visited_is_what_the_parser_visits() {
        let mut numbers = Numbers(11);
        let mut whole = 0;
        for text in TEXTS.iter().cycle().take(40_000) {
            let mut text = text.as_bytes().to_vec();
            numbers.spoil(&mut text);
            let Ok(text) = str::from_utf8(&text) else {
                continue;
            };
            let mut visited = Vec::new();
            each(text, |key, value| {
                visited.push((key.map(str::to_owned), value));
            });
            let mut expected = Vec::new();
            let end = Each(|key: Option<&str>, value: &RawValue| {
                expected.push((key.map(str::to_owned), value.get().to_owned()));
            })
            .deserialize(&mut serde_json::Deserializer::from_str(text));
            let same = visited.iter().zip(&expected);
            assert!(
                visited.len() == expected.len()
                    && same.into_iter().all(|(a, b)| a.0 == b.0 && a.1 == b.1),
                "{text:?}: {visited:?} {expected:?}"
            );
            whole += usize::from(end.is_ok());
        }
        assert!(whole > 4_000, "{whole}");
    }

    #[test]
    fn a_text_without_a_mistake_has_no_reject_and_one_with_any_has_some() {
        let mut numbers = Numbers(13);
        let mut sound = 0;
        let paths = paths();
        for text in TEXTS.iter().cycle().take(40_000) {
            let mut text = text.as_bytes().to_vec();
            numbers.spoil(&mut text);
            let Ok(text) = str::from_utf8(&text) else {
                continue;
            };
            // Byte order marks between documents are passed over.
            if text.contains('\u{feff}') {
                continue;
            }
            let mut parts = serde_json::Deserializer::from_str(text).into_iter::<&RawValue>();
            let is_sound = parts.all(|part| part.is_ok());
            let found = documents(text, &paths, Rejects::default());
            assert_eq!(is_sound, found.rejects.total == 0, "{text:?} {found:?}");
            sound += usize::from(is_sound);
            for item in &found.items {
                let known = serde_json::from_str::<IgnoredAny>(item.text);
                assert!(known.is_ok(), "{text:?}: {:?}", item.text);
                let before = &text.as_bytes()[..offset(text, item.text)];
                let line = memchr::memchr_iter(b'\n', before).count() as u64 + 1;
                assert_eq!(
                    item.start,
                    Start::new(line, before.len() as u64),
                    "{text:?}"
                );
            }
        }
        assert!(sound > 4_000, "{sound}");
    }
}
