//! The paths that a preset reads, as a tree of keys, and the values that a record has at them.

use std::borrow::Cow;

use serde::de::{self, DeserializeSeed, Deserializer, IgnoredAny, MapAccess, Visitor};
use serde_json::value::RawValue;

use super::scan;
use super::split::opens_with;
use crate::mapping::path::{Step, value as from_json, walk};
use crate::mapping::plan::is_other_zone;
use crate::mapping::values::{Value, bracketed, squash_key};

/// One level of the paths that a preset reads.
#[derive(Debug, Default)]
pub(super) struct Node {
    /// Several paths may part only inside the value.
    slots: Vec<usize>,
    /// One of the slots takes times whose zone nobody has said.
    zoneless: bool,
    children: Vec<(String, Node)>,
    /// Keys met at this level. Records repeat the same few, mostly in the same order.
    known: Vec<Known>,
}

/// A key as records write it.
#[derive(Debug)]
struct Known {
    /// With the quotation mark behind it. There is no escape in it.
    text: String,
    key: Key,
}

/// What a key stands for.
#[derive(Clone, Copy, Debug)]
struct Key {
    /// Index of the child.
    child: Option<usize>,
    /// It names a zone other than UTC, for times whose zone nobody has said.
    zoned: bool,
}

/// Most keys that are known of a level: a file with ever new ones must not fill the memory.
const KNOWN: usize = 256;

/// Why a record could not be read.
#[derive(Debug)]
pub(super) enum Broken {
    /// It is no object.
    Type,
    /// This key stands in it twice.
    DupKey(String),
    /// This key names a zone other than UTC, and nobody has said which that is.
    Zone(String),
    /// It is not JSON.
    Syntax(serde_json::Error),
}

impl Node {
    /// Adds a path of squashed keys and its slot. `zoneless`: it takes times whose zone nobody has said.
    pub(super) fn insert(&mut self, keys: &[String], slot: usize, zoneless: bool) {
        let Some((key, rest)) = keys.split_first() else {
            self.slots.push(slot);
            self.zoneless |= zoneless;
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
        self.children[at].1.insert(rest, slot, zoneless);
    }

    /// True when there is no path.
    pub(super) fn is_empty(&self) -> bool {
        self.children.is_empty()
    }

    /// Fills the slots from the text of an object, if that is of a common kind: JSON, without escapes in keys, and nothing
    /// wrong with it. Otherwise `None`, with some of the slots filled: then [`Node::fill`] tells.
    pub(super) fn fill_common<'a>(
        &mut self,
        text: &'a str,
        values: &mut [Value<'a>],
    ) -> Option<()> {
        let start = scan::mark(text.as_bytes(), 0, b'{')?;
        let end = self.object(text, start, scan::DEPTH, values)?;
        (scan::space(text.as_bytes(), end) == text.len()).then_some(())
    }

    /// The end of an object that begins behind its bracket.
    fn object<'a>(
        &mut self,
        text: &'a str,
        start: usize,
        depth: usize,
        values: &mut [Value<'a>],
    ) -> Option<usize> {
        let bytes = text.as_bytes();
        if let Some(end) = scan::mark(bytes, start, b'}') {
            return Some(end);
        }
        let mut at = start;
        let mut next = 0;
        let mut met = 0_u128;
        loop {
            at = scan::mark(bytes, at, b'"')?;
            let key = match self.known.get(next) {
                Some(known) if begins(&bytes[at..], known.text.as_bytes()) => {
                    at += known.text.len();
                    next += 1;
                    known.key
                }
                _ => {
                    let (end, escaped) = scan::string(bytes, at)?;
                    let written = text.get(at..end).filter(|_| !escaped)?;
                    at = scan::mark(bytes, end + 1, b':')?;
                    let (key, place) = self.key(written, next);
                    next = place.map_or(next, |place| place + 1);
                    key
                }
            };
            at = scan::space(bytes, at);
            at = match key.child {
                None => scan::value(bytes, at, depth)?,
                Some(child) => {
                    let bit = 1_u128.checked_shl(u32::try_from(child).ok()?)?;
                    if met & bit != 0 || key.zoned {
                        return None;
                    }
                    met |= bit;
                    self.children[child].1.value(text, at, depth, values)?
                }
            };
            at = scan::space(bytes, at);
            match bytes.get(at)? {
                b',' => at += 1,
                b'}' => return Some(at + 1),
                _ => return None,
            }
        }
    }

    /// The end of a value that begins here, and which the slots take.
    fn value<'a>(
        &mut self,
        text: &'a str,
        start: usize,
        depth: usize,
        values: &mut [Value<'a>],
    ) -> Option<usize> {
        let bytes = text.as_bytes();
        // What is built in its place is not copied there in pieces.
        let mut stated = self.slots.last().map(|&slot| &mut values[slot]);
        let end = match bytes.get(start)? {
            b'"' => {
                let (end, escaped) = scan::string(bytes, start + 1)?;
                if let Some(stated) = &mut stated {
                    if escaped {
                        **stated = scalar(text.get(start..=end)?).ok()?;
                    } else {
                        **stated = Value::Text(Cow::Borrowed(text.get(start + 1..end)?));
                    }
                }
                if !self.children.is_empty() {
                    inside(self, text.get(start..=end)?, values);
                }
                end + 1
            }
            b'-' | b'0'..=b'9' => {
                let (end, whole) = scan::number(bytes, start)?;
                if let Some(stated) = &mut stated {
                    match whole {
                        Some(whole) => **stated = Value::Int(whole),
                        None => **stated = scalar(text.get(start..end)?).ok()?,
                    }
                }
                end
            }
            b'n' => scan::word(bytes, start, b"null")?,
            b'{' if !self.children.is_empty() => {
                let end = self.object(text, start + 1, depth.checked_sub(1)?, values)?;
                if let Some(&slot) = self.slots.last() {
                    values[slot] = Value::Json(text.get(start..end)?.into());
                }
                end
            }
            _ => {
                let end = scan::value(bytes, start, depth)?;
                if let Some(stated) = &mut stated {
                    **stated = scalar(text.get(start..end)?).ok()?;
                }
                end
            }
        };
        if let Some((&last, others)) = self.slots.split_last() {
            for &slot in others {
                values[slot] = values[last].clone();
            }
        }
        Some(end)
    }

    /// Fills the slots from the text of an object.
    pub(super) fn fill<'a>(
        &mut self,
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
            node: self,
            values,
            wrong: &mut wrong,
        }
        .deserialize(&mut deserializer)
        .map_err(Broken::Syntax)?;
        deserializer.end().map_err(Broken::Syntax)?;
        wrong.map_or(Ok(()), Err)
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

    /// What a key stands for, and its place among those known. `guess` is where it may be.
    fn key(&mut self, key: &str, guess: usize) -> (Key, Option<usize>) {
        let is = |known: &Known| known.text.strip_suffix("\":") == Some(key);
        let (before, behind) = self.known.split_at(guess.min(self.known.len()));
        let place = behind
            .iter()
            .position(is)
            .map(|place| before.len() + place)
            .or_else(|| before.iter().position(is));
        if let Some(place) = place {
            return (self.known[place].key, Some(place));
        }
        let squashed = squash_key(key);
        let child = self
            .children
            .iter()
            .position(|(known, _)| *known == squashed);
        let key_of = Key {
            child,
            zoned: child.is_some_and(|child| self.children[child].1.zoneless)
                && bracketed(key).is_some_and(|(_, zone)| is_other_zone(zone)),
        };
        // One that is written with escapes could be taken for another.
        let is_plain = !key.contains(|c: char| matches!(c, '"' | '\\' | ..='\u{1f}'));
        if self.known.len() == KNOWN || !is_plain {
            return (key_of, None);
        }
        self.known.push(Known {
            text: format!("{key}\":"),
            key: key_of,
        });
        (key_of, Some(self.known.len() - 1))
    }
}

struct Object<'n, 'v, 'a> {
    node: &'n mut Node,
    values: &'v mut [Value<'a>],
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
        while let Some(key) = map.next_key::<Cow<'a, str>>()? {
            let (Key { child, zoned }, _) = self.node.key(&key, at);
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
            let child = &mut self.node.children[child].1;
            let raw: &'a RawValue = map.next_value()?;
            let text = raw.get();
            if zoned {
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

/// `starts_with` without a call for what is short.
#[inline]
fn begins(text: &[u8], with: &[u8]) -> bool {
    let Some(text) = text.get(..with.len()) else {
        return false;
    };
    let (Some(&last), Some(&other)) = (text.last_chunk(), with.last_chunk()) else {
        return text == with;
    };
    u64::from_ne_bytes(last) == u64::from_ne_bytes(other)
        && text
            .as_chunks()
            .0
            .iter()
            .zip(with.as_chunks().0)
            .all(|(&a, &b)| u64::from_ne_bytes(a) == u64::from_ne_bytes(b))
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
    use super::super::split::{RecordPath, documents};
    use super::super::spoilt::Numbers;
    use super::*;
    use crate::input::reject::Rejects;

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

    /// A tree of paths, once for each way to fill its slots: what one has met must not change what the other says.
    struct Both {
        common: Node,
        any: Node,
        slots: usize,
    }

    impl Both {
        /// Every path has a slot, the first one has two, and every other one takes times without a zone.
        fn new(paths: &[Vec<String>]) -> Both {
            let tree = || {
                let mut node = Node::default();
                for (slot, path) in paths.iter().chain(paths.first()).enumerate() {
                    node.insert(path, slot, slot % 2 == 0);
                }
                node
            };
            Both {
                common: tree(),
                any: tree(),
                slots: paths.len() + 1,
            }
        }

        fn of(paths: &[&str]) -> Both {
            let keys = |path: &&str| path.split('.').map(str::to_owned).collect();
            Both::new(&paths.iter().map(keys).collect::<Vec<_>>())
        }

        /// The values, where the quick way takes the record. Then the other one has taken it, and found the same.
        fn quick<'a>(&mut self, text: &'a str) -> Option<Vec<Value<'a>>> {
            let mut values = vec![Value::Missing; self.slots];
            self.common.fill_common(text, &mut values)?;
            let mut expected = vec![Value::Missing; self.slots];
            let filled = self.any.fill(text, &mut expected);
            assert!(filled.is_ok(), "{text:?}: {filled:?}");
            assert_eq!(values, expected, "{text:?}");
            Some(values)
        }
    }

    /// Values as they may stand in a record, in the manner of <https://github.com/nst/JSONTestSuite>.
    const VALUES: [&str; 60] = [
        "null",
        "true",
        "false",
        "0",
        "-0",
        "-1",
        "1",
        "10",
        "100",
        "950.0",
        "950.50",
        "0.1",
        "-0.0",
        "1e3",
        "1E+3",
        "1e-3",
        "1.5e300",
        "1e999",
        "-1e999",
        "1e-999",
        "123456789012345678",
        "999999999999999999",
        "1000000000000000000",
        "9223372036854775807",
        "9223372036854775808",
        "-9223372036854775808",
        "-9223372036854775809",
        "18446744073709551616",
        "100000000000000000000",
        "0e1",
        "0.0e-0",
        r#""""#,
        r#"" ""#,
        r#""a""#,
        r#""1234567""#,
        r#""12345678""#,
        r#""123456789""#,
        "\"\u{7f}\"",
        "\"\u{e9}\u{20ac}\u{1f600}\"",
        "\"\u{2028}\"",
        r#""\"""#,
        r#""\\""#,
        r#""\/\b\f\n\r\t""#,
        r#""\u0041""#,
        r#""\uD834\uDD1E""#,
        r#""\u0000""#,
        r#""{\"n\": 5}""#,
        r#""{\"n\": ""#,
        r#""[1]""#,
        "[]",
        "[ ]",
        "[1,2]",
        "[ 1 , \"a\" , null ]",
        "{}",
        "{ }",
        r#"{"n":1}"#,
        r#"{ "n" : { "n" : [ ] } , "m" : "x" }"#,
        r#"[{"a":[{"b":[[[]]]}]}]"#,
        "[\"\\u00e9\"]",
        r#"{"":0}"#,
    ];

    /// What is no value, or not one that the quick way may take.
    const NO_VALUES: [&str; 75] = [
        "",
        "nul",
        "nulll",
        "Null",
        "tru",
        "truee",
        "True",
        "fals",
        "NaN",
        "Infinity",
        "-Infinity",
        "inf",
        "undefined",
        "-",
        "+1",
        "--1",
        "-a",
        "01",
        "-01",
        "00",
        "1.",
        "1.e1",
        ".5",
        "-.5",
        "1e",
        "1e+",
        "1E-",
        "1.5e",
        "0x10",
        "1_000",
        "1 000",
        "1,",
        "1a",
        "1\u{ff11}",
        "\u{ff11}",
        "2.",
        "0.",
        "0.e1",
        "1.2.3",
        "1e1.5",
        "'a'",
        "a",
        "\"",
        "\"a",
        "a\"",
        r#""a"b"#,
        r#""a""b""#,
        "\"\t\"",
        "\"\n\"",
        "\"12345678\u{1f}\"",
        "\"\u{0}\"",
        r#""\x""#,
        r#""\""#,
        r#""\u12""#,
        r#""\u12G4""#,
        r#""\U0041""#,
        r#""\ud800""#,
        r#""\ud800\u0041""#,
        "\"\\\u{e9}\"",
        "[",
        "]",
        "[1",
        "[1,",
        "[1,]",
        "[,1]",
        "[1 2]",
        "[1,,2]",
        "[}",
        "{",
        "{1:2}",
        r#"{"a"}"#,
        r#"{"a":}"#,
        r#"{"a":1,}"#,
        r#"{"a":1 "b":2}"#,
        r"{a:1}",
    ];

    #[test]
    fn a_record_is_taken_quickly_when_it_is_sound() {
        let mut both = Both::of(&["wanted", "nested.n", "nested.m", "last", "deep", "deep.n.n"]);
        for value in VALUES {
            for text in [
                format!(r#"{{"wanted":{value}}}"#),
                format!(r#"{{"other":{value},"last":1}}"#),
                format!(r#"{{"nested":{value}}}"#),
                format!(r#"{{"deep":{value}}}"#),
                format!(r#"{{"nested":{{"n":{value},"x":{value},"m":{value}}}}}"#),
                format!("{{ \"wanted\" :\t{value} ,\r\n\"other\":[{value} , {value}]\n}} "),
            ] {
                let quick = both.quick(&text);
                assert!(quick.is_some(), "{text}");
                for end in (0..text.trim_end().len()).filter(|&end| text.is_char_boundary(end)) {
                    assert!(both.quick(&text[..end]).is_none(), "{}", &text[..end]);
                }
            }
        }
        assert_eq!(
            both.quick(r#"{"last":-7,"WANTED":"x","deep":"{\"n\":{\"n\":2.5}}"}"#),
            Some(vec![
                Value::Text("x".into()),
                Value::Missing,
                Value::Missing,
                Value::Int(-7),
                Value::Text(r#"{"n":{"n":2.5}}"#.into()),
                Value::Float(2.5),
                Value::Text("x".into()),
            ])
        );
    }

    #[test]
    fn a_record_is_not_taken_quickly_when_anything_is_wrong() {
        let mut both = Both::of(&["wanted", "nested.n", "last"]);
        for value in NO_VALUES {
            for text in [
                format!(r#"{{"wanted":{value}}}"#),
                format!(r#"{{"nested":{{"n":{value}}}}}"#),
                format!(r#"{{"wanted":[{value}],"last":1}}"#),
            ] {
                // An array may be empty, and a half of a pair may stand in what nobody reads.
                let harmless = text.contains("[]") || text.contains("[\"\\ud800");
                assert!(harmless || both.quick(&text).is_none(), "{text}");
            }
        }
        for text in [
            "",
            " ",
            "{",
            "}",
            "{}}",
            "{},",
            "{}{}",
            "{} x",
            "{}\u{a0}",
            "\u{feff}{}",
            "\u{a0}{}",
            "[]",
            "7",
            "\"\"",
            "null",
            "{,}",
            "{:}",
            r#"{"wanted"}"#,
            r#"{"wanted":1,}"#,
            r#"{,"wanted":1}"#,
            r#"{"wanted":1"last":2}"#,
            r#"{"wanted"1}"#,
            r#"{"wanted"::1}"#,
            r#"{"wanted":1;}"#,
            r"{wanted:1}",
            r"{'wanted':1}",
            r#"{"wanted:1}"#,
            r#"{"wanted":1}x"#,
            r#"{"wanted":1}{"wanted":1}"#,
            "{\"wan\nted\":1}",
            // A key twice, also written in two ways or stating nothing.
            r#"{"wanted":1,"wanted":2}"#,
            r#"{"wanted":null,"Wan_ted":2}"#,
            r#"{"nested":{"n":1,"N":1}}"#,
            // Escapes in keys, and a zone in one.
            r#"{"w\u0061nted":1}"#,
            r#"{"oth\"er":1}"#,
            r#"{"wanted [Local Time]":"2026-11-01"}"#,
        ] {
            assert!(both.quick(text).is_none(), "{text}");
        }
        assert!(
            both.quick(r#"{"wanted [UTC]":"2026-11-01","other":1,"other":2}"#)
                .is_some()
        );
    }

    #[test]
    fn a_key_with_an_escape_is_not_taken_for_another() {
        let mut both = Both::of(&["a"]);
        // Both trees have met `a":1,"b`, which is one key.
        for node in [&mut both.common, &mut both.any] {
            let mut values = vec![Value::Missing; 2];
            assert!(node.fill(r#"{"a\":1,\"b":2}"#, &mut values).is_ok());
        }
        assert_eq!(
            both.quick(r#"{"a":1,"b":2}"#),
            Some(vec![Value::Int(1), Value::Int(1)])
        );
    }

    #[test]
    fn deep_nests_are_left_to_the_parser() {
        let nest = |depth: usize| format!(r#"{{"a":{}{}}}"#, "[".repeat(depth), "]".repeat(depth));
        let mut both = Both::of(&["a.b"]);
        assert!(both.quick(&nest(scan::DEPTH)).is_some());
        assert!(both.quick(&nest(scan::DEPTH + 1)).is_none());
        let mut path = "b".to_owned();
        let mut value = "1".to_owned();
        for _ in 0..scan::DEPTH + 2 {
            path.insert_str(0, "a.");
            value = format!(r#"{{"a":{value}}}"#);
        }
        assert!(Both::of(&[&path]).quick(&value).is_none());
        assert!(both.quick(&"[".repeat(1_000_000)).is_none());
        assert!(both.quick(&r#"{"a":"#.repeat(1_000_000)).is_none());
    }

    #[test]
    fn an_object_with_more_paths_than_are_watched_is_left_to_the_parser() {
        let paths: Vec<_> = (0..130).map(|at| format!("k{at}")).collect();
        let mut both = Both::of(&paths.iter().map(String::as_str).collect::<Vec<_>>());
        assert!(both.quick(r#"{"k0":1,"k127":2}"#).is_some());
        assert!(both.quick(r#"{"k0":1,"k128":2}"#).is_none());
    }

    #[test]
    fn ever_new_keys_are_read_and_forgotten() {
        let mut both = Both::of(&["a"]);
        for at in 0..1_000 {
            let text = format!(r#"{{"new {at}":0,"_a_":1,"a":{at}}}"#);
            assert_eq!(
                both.quick(&text).map(|mut values| values.swap_remove(0)),
                Some(Value::Int(at)),
                "{text}"
            );
        }
        assert_eq!(both.common.known.len(), KNOWN);
    }

    /// The paths of a record down to the third level, of which every fourth is left out.
    fn paths(record: &str) -> Vec<Vec<String>> {
        fn add(value: &serde_json::Value, before: &[String], paths: &mut Vec<Vec<String>>) {
            for (key, value) in value.as_object().into_iter().flatten() {
                let mut path = before.to_vec();
                path.push(squash_key(key));
                if path.len() < 3 {
                    add(value, &path, paths);
                }
                if key.len() % 4 != 3 {
                    paths.push(path);
                }
            }
        }
        let mut paths = Vec::new();
        add(&serde_json::from_str(record).unwrap(), &[], &mut paths);
        paths.sort();
        paths.dedup();
        paths.truncate(100);
        paths
    }

    /// Records of the sample data as they are written, and two that were made up.
    fn records() -> Vec<String> {
        let mut records = vec![
            r#"{"a":1,"b":-2.50,"c":"x","d":null,"e":true,"f":[1,{"g":"\u00e9\n"}],"h":{"i":{"j":"k"},"l":"{\"m\":1}"},"n [UTC]":"","o":12345678901234567890}"#.to_owned(),
            "{ \"A b\" : 1e5 ,\n\t\"c_d\" : \"\u{e9}\u{1f600}\" , \"e\" : { } , \"f\" : [ ] ,\r\n \"g\" : false }".to_owned(),
        ];
        let samples = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("sample_data");
        for name in [
            "adf-pipeline-runs.json",
            "airflow-dag-runs.json",
            "dbt/run_results-2026-11-17.json",
            "github-runs.json",
            "purview-2022-07-01-preview.json",
            "purview-runs-page-1.json",
            "azure-monitor/contoso-purview/y=2026/m=11/d=17/h=04/m=00/PT1H.json",
        ] {
            let text = std::fs::read_to_string(samples.join(name)).unwrap();
            let usual: Vec<_> = RecordPath::usual().collect();
            let found = documents(&text, &usual, Rejects::default());
            assert!(!found.items.is_empty(), "{name}");
            let few = found.items.iter().take(5);
            records.extend(few.map(|item| item.text.to_owned()));
        }
        records
    }

    #[test]
    fn what_is_taken_quickly_of_spoilt_records_is_what_the_parser_reads() {
        let mut numbers = Numbers(7);
        let (mut sound, mut quick) = (0, 0);
        for record in records() {
            let mut both = Both::new(&paths(&record));
            assert!(both.quick(&record).is_some(), "{record}");
            for _ in 0..CASES {
                let mut text = record.clone().into_bytes();
                numbers.spoil(&mut text);
                let Ok(text) = str::from_utf8(&text) else {
                    continue;
                };
                let is_quick = both.quick(text).is_some();
                let is_sound = serde_json::from_str::<IgnoredAny>(text).is_ok();
                quick += usize::from(is_quick);
                sound += usize::from(is_sound);
                // The same of a text that need not be an object.
                let start = scan::space(text.as_bytes(), 0);
                if let Some(end) = scan::value(text.as_bytes(), start, scan::DEPTH) {
                    let one: &str = &text[start..end];
                    assert!(serde_json::from_str::<IgnoredAny>(one).is_ok(), "{text:?}");
                    let all = scan::space(text.as_bytes(), end) == text.len();
                    assert_eq!(all, is_sound, "{text:?}");
                } else {
                    assert!(!is_sound, "{text:?}");
                }
            }
        }
        // Otherwise little was compared.
        assert!(sound > 2 * CASES && quick > sound / 2, "{quick} of {sound}");
    }

    /// Spoilt texts of each record.
    const CASES: usize = 3_000;
}
