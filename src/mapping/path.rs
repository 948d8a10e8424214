//! Paths into records.
//!
//! `a.b` is the key `b` of the object at the key `a`. `^.a` looks for `a` in the objects around the record, the nearest
//! first. `[0]`, `[-1]` pick from a list, `[name=Sink]` picks the first object of a list whose `name` is `Sink`, `[]`
//! means every element, and `["a.b"]` is a key with a dot in it. `@key` is the key under which the record itself
//! stands in an object. Text that holds JSON is looked into like the JSON it holds. Keys match as by [`squash_key`].

use serde_json::Value as Json;

use super::values::{Value, squash, squash_key};

/// The path that stands for the key of a record in an object of records.
pub const RECORD_KEY: &str = "@key";

/// A step below the plain keys of a path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// A squashed key of an object.
    Key(String),
    /// An element of a list; negative from the end.
    Index(i64),
    /// The first object of a list with this squashed key and word.
    Where(String, String),
    /// Every element of a list.
    Each,
}

/// A place in a record, or in the objects around it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Path {
    /// Begins at the objects around the record.
    pub outer: bool,
    /// Squashed keys, the plain part.
    pub keys: Vec<String>,
    /// What follows from the first bracket on.
    pub steps: Vec<Step>,
    /// The path as it was written.
    pub text: String,
}

impl Path {
    /// Reads a path. Brackets of no known meaning belong to the name, as in `Duration [h]`.
    pub fn new(text: &str) -> Path {
        let (outer, rest) = match text.strip_prefix("^.") {
            Some(rest) => (true, rest),
            None => (false, text),
        };
        let mut steps = steps(rest).unwrap_or_else(|| {
            rest.split('.')
                .map(|key| Step::Key(squash_key(key)))
                .collect()
        });
        let plain = steps
            .iter()
            .take_while(|step| matches!(step, Step::Key(_)))
            .count();
        let below = steps.split_off(plain);
        Path {
            outer,
            keys: steps
                .into_iter()
                .filter_map(|step| match step {
                    Step::Key(key) => Some(key),
                    Step::Index(_) | Step::Where(..) | Step::Each => None,
                })
                .collect(),
            steps: below,
            text: text.to_owned(),
        }
    }

    /// The plain keys joined with dots, as in a set of the paths that are present.
    pub fn joined(&self) -> String {
        let keys = self.keys.join(".");
        if self.outer {
            format!("^.{keys}")
        } else {
            keys
        }
    }

    /// True when the path can lead to more than one value.
    pub fn is_many(&self) -> bool {
        self.steps.contains(&Step::Each)
    }
}

/// Splits at dots outside brackets; `None` when a bracket has no known meaning.
fn steps(text: &str) -> Option<Vec<Step>> {
    let mut steps = Vec::new();
    let mut rest = text;
    loop {
        let end = rest.find(['.', '[']).unwrap_or(rest.len());
        let (name, after) = rest.split_at(end);
        if !name.is_empty() {
            steps.push(Step::Key(squash_key(name)));
        }
        rest = after;
        while let Some(inner) = rest.strip_prefix('[') {
            let (inner, after) = match inner.strip_prefix('"') {
                Some(quoted) => {
                    let (key, after) = quoted.split_once("\"]")?;
                    steps.push(Step::Key(squash_key(key)));
                    rest = after;
                    continue;
                }
                None => inner.split_once(']')?,
            };
            steps.push(if inner.is_empty() {
                Step::Each
            } else if let Ok(index) = inner.parse() {
                Step::Index(index)
            } else {
                let (key, word) = inner.split_once('=')?;
                Step::Where(squash_key(key), squash(word.trim_matches('"')))
            });
            rest = after;
        }
        rest = match rest.strip_prefix('.') {
            Some(rest) => rest,
            None if rest.is_empty() => return Some(steps),
            None => return None,
        };
    }
}

/// The member of an object whose key matches.
fn member<'a>(object: &'a serde_json::Map<String, Json>, wanted: &str) -> Option<&'a Json> {
    object
        .iter()
        .find(|(key, _)| squash_key(key) == wanted)
        .map(|(_, value)| value)
}

/// JSON that stands in a text, also when it was written as text twice.
fn inside(text: &str) -> Option<Json> {
    match serde_json::from_str(text).ok()? {
        Json::String(again) => serde_json::from_str(&again).ok(),
        value => Some(value),
    }
}

/// Adds the values at the end of these steps; nulls are no values.
pub fn walk(value: &Json, steps: &[Step], found: &mut Vec<Json>) {
    let Some((step, rest)) = steps.split_first() else {
        if !value.is_null() {
            found.push(value.clone());
        }
        return;
    };
    match (step, value) {
        (_, Json::String(text)) => {
            if let Some(value) = inside(text).filter(|value| !value.is_string()) {
                walk(&value, steps, found);
            }
        }
        (Step::Key(key), Json::Object(object)) => {
            if let Some(value) = member(object, key) {
                walk(value, rest, found);
            }
        }
        (Step::Index(index), Json::Array(items)) => {
            let at = if *index < 0 {
                usize::try_from(index.unsigned_abs())
                    .ok()
                    .and_then(|back| items.len().checked_sub(back))
            } else {
                usize::try_from(*index).ok()
            };
            if let Some(item) = at.and_then(|at| items.get(at)) {
                walk(item, rest, found);
            }
        }
        (Step::Where(key, word), Json::Array(items)) => {
            let fits = |item: &&Json| {
                item.as_object()
                    .and_then(|object| member(object, key))
                    .is_some_and(|value| match value {
                        Json::String(text) => squash(text) == *word,
                        other => squash(&other.to_string()) == *word,
                    })
            };
            if let Some(item) = items.iter().find(fits) {
                walk(item, rest, found);
            }
        }
        (Step::Each, Json::Array(items)) => {
            for item in items {
                walk(item, rest, found);
            }
        }
        _ => {}
    }
}

/// A parsed value as a reader would deliver it.
pub fn value(json: Json) -> Value<'static> {
    match json {
        Json::Null => Value::Missing,
        Json::Bool(yes) => Value::Bool(yes),
        Json::Number(number) => match (number.as_i64(), number.as_f64()) {
            (Some(whole), _) => Value::Int(whole),
            (None, _) if number.is_u64() => Value::Text(number.to_string().into()),
            (None, Some(float)) => Value::Float(float),
            (None, None) => Value::Text(number.to_string().into()),
        },
        Json::String(text) => Value::Text(text.into()),
        Json::Array(_) | Json::Object(_) => Value::Json(json.to_string().into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn at(json: &Json, path: &str) -> Vec<Json> {
        let path = Path::new(path);
        let mut steps: Vec<_> = path.keys.into_iter().map(Step::Key).collect();
        steps.extend(path.steps);
        let mut found = Vec::new();
        walk(json, &steps, &mut found);
        found
    }

    #[test]
    fn each_kind_of_step_leads_somewhere() {
        let record = json!({
            "a": {"B_c": 1},
            "list": [{"name": "Source", "n": 2}, {"name": "Sink", "n": 3}, {"name": "Sink", "n": null}],
            "with.dot": 4,
            "text": "{\"n\": 5}",
            "twice": "\"{\\\"n\\\": 6}\"",
        });
        for (path, expected) in [
            ("a.bC", json!([1])),
            ("list[0].n", json!([2])),
            ("list[-2].n", json!([3])),
            ("list[-4].n", json!([])),
            ("list[name=sink].n", json!([3])),
            ("list[].n", json!([2, 3])),
            ("[\"with.dot\"]", json!([4])),
            ("text.n", json!([5])),
            ("twice.n", json!([6])),
            ("a[0]", json!([])),
            ("nothing.n", json!([])),
        ] {
            assert_eq!(Json::Array(at(&record, path)), expected, "{path}");
        }
    }

    #[test]
    fn brackets_without_a_meaning_belong_to_the_name() {
        assert_eq!(Path::new("File Size (MB)").keys, ["filesize(mb)"]);
        assert_eq!(Path::new("Length [km]").keys, ["length"]);
        let outer = Path::new("^.metadata.id");
        assert!(outer.outer && outer.keys == ["metadata", "id"]);
        assert_eq!(outer.joined(), "^.metadata.id");
    }
}
