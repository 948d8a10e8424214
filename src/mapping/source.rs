//! The value that a source delivers for one record.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use super::path::{Step, value as from_json, walk};
use super::rule::{Fold, Segment, Source};
use super::values::{Value, squash, status};
use crate::errors::mask;
use crate::runs::schema::Status;

/// What a preset says about words in any field.
#[derive(Clone, Debug, Default)]
pub struct Words {
    /// Squashed words that state nothing.
    pub missing: BTreeSet<String>,
    /// Squashed status words and what they say.
    pub status: BTreeMap<String, Option<Status>>,
}

/// What a status word says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Said {
    /// A status.
    Status(Status),
    /// There was no such phase.
    Nothing,
    /// Not in the vocabulary.
    Unknown,
}

impl Words {
    /// What a status word says: by the preset, else by the vocabulary.
    pub fn status(&self, word: &str) -> Said {
        if !self.status.is_empty()
            && let Some(said) = self.status.get(&squash(word))
        {
            return said.map_or(Said::Nothing, Said::Status);
        }
        status(word).map_or(Said::Unknown, Said::Status)
    }
}

/// What lies below a value that holds JSON, folded into one value.
pub fn below<'a>(
    value: &Value<'_>,
    steps: &[Step],
    fold: Option<Fold>,
    words: &Words,
) -> Option<Value<'a>> {
    let parsed = serde_json::from_str(&value.as_text()?).ok()?;
    let mut found = Vec::new();
    walk(&parsed, steps, &mut found);
    let mut values = found.into_iter().map(from_json);
    match fold {
        None | Some(Fold::First) => values.next(),
        Some(Fold::Last) => values.next_back(),
        Some(Fold::Count) => Some(Value::Int(i64::try_from(values.len()).unwrap_or(i64::MAX))),
        Some(Fold::Sum) => sum(values),
        Some(Fold::Worst) => worst(values, words),
    }
}

/// The sum of numbers, also of numbers written as text; a value that is no number is returned as it is, so that it
/// is refused.
fn sum<'a>(values: impl Iterator<Item = Value<'a>>) -> Option<Value<'a>> {
    let mut total: Option<i64> = None;
    let mut fraction = 0.0;
    for value in values {
        let number = match &value {
            Value::Int(number) => Some(*number),
            Value::Text(text) => text.trim().parse().ok(),
            Value::Float(number) => {
                fraction += number;
                Some(0)
            }
            _ => None,
        };
        let Some(sum) = number.and_then(|number| total.unwrap_or(0).checked_add(number)) else {
            return Some(value);
        };
        total = Some(sum);
    }
    let total = total?;
    Some(if fraction == 0.0 {
        Value::Int(total)
    } else {
        Value::Float(total as f64 + fraction)
    })
}

/// The word of the worst status; a word that is not known is unknown.
fn worst<'a>(values: impl Iterator<Item = Value<'a>>, words: &Words) -> Option<Value<'a>> {
    values
        .filter_map(|value| {
            let word = value.as_text()?.into_owned();
            let status = match words.status(&word) {
                Said::Status(status) => status,
                Said::Unknown => Status::Unknown,
                Said::Nothing => return None,
            };
            Some((status.outcome(), word))
        })
        .max_by(|a, b| a.0.cmp(&b.0).then_with(|| b.1.cmp(&a.1)))
        .map(|(_, word)| Value::Text(word.into()))
}

/// A text before it is divided: a part of a secret could not be told from a name. What holds nothing but the characters of
/// an ordinary path is left as it is, since nearly every text is one.
fn whole(text: &str) -> Cow<'_, str> {
    let ordinary = |byte: u8| byte.is_ascii_alphanumeric() || b"/.-_()".contains(&byte);
    if text.bytes().all(ordinary) {
        return Cow::Borrowed(text);
    }
    mask(text)
}

/// The wanted part of a text that is divided by `/`.
fn segment(text: &str, wanted: &Segment) -> Option<String> {
    let found = match wanted {
        Segment::Last => text.trim_end_matches('/').rsplit('/').next()?.to_owned(),
        Segment::After(name, until) => {
            let mut parts = text
                .split('/')
                .skip_while(|part| !part.eq_ignore_ascii_case(name));
            parts.next()?;
            match until {
                None => parts.next()?.to_owned(),
                Some(until) => {
                    let parts: Vec<_> = parts.collect();
                    let end = parts
                        .iter()
                        .position(|part| part.eq_ignore_ascii_case(until))?;
                    parts[..end].join("/")
                }
            }
        }
    };
    (!found.is_empty()).then_some(found)
}

/// True when a source compares the word at its place with others.
fn compares(source: &Source, words: &Words) -> bool {
    !(source.map.is_empty()
        && source.null.is_empty()
        && source.only.is_empty()
        && words.missing.is_empty())
}

/// True when [`shaped`] may make something else of a value.
pub fn shapes(source: &Source, words: &Words) -> bool {
    source.segment.is_some() || source.lower || compares(source, words)
}

/// What a source makes of the text at its place.
pub fn shaped<'a>(value: Value<'a>, source: &'a Source, words: &Words) -> Option<Value<'a>> {
    let mut value = value;
    if let Some(wanted) = &source.segment {
        value = Value::Text(segment(&whole(&value.as_text()?), wanted)?.into());
    }
    if source.lower {
        value = Value::Text(whole(&value.as_text()?).to_lowercase().into());
    }
    if !compares(source, words) {
        return Some(value);
    }
    let word = squash(&value.as_text()?);
    if words.missing.contains(&word)
        || source.null.contains(&word)
        || !(source.only.is_empty() || source.only.contains(&word))
    {
        return None;
    }
    Some(match source.map.get(&word) {
        Some(canonical) => Value::Text(Cow::Borrowed(canonical)),
        None => value,
    })
}

/// Walks `details` (or `innererror`) down to the innermost object and takes a key there; the nearest object
/// above it that has the key stands in. Text that is no JSON is the message itself.
pub fn deepest(value: &Value<'_>, key: &str) -> Option<String> {
    let text = value.as_text()?;
    let Ok(parsed) = serde_json::from_str::<serde_json::Value>(&text) else {
        return (key == "message").then(|| text.into_owned());
    };
    let mut level = &parsed;
    let mut found = None;
    // serde_json refuses to nest deeper than 128, so the walk ends.
    loop {
        let object = match level {
            serde_json::Value::Array(items) => match items.first() {
                Some(first) => {
                    level = first;
                    continue;
                }
                None => return found,
            },
            serde_json::Value::Object(object) => object,
            serde_json::Value::String(text) if key == "message" && found.is_none() => {
                return Some(text.clone());
            }
            // Digits alone are a message, too.
            serde_json::Value::Number(number) if key == "message" && found.is_none() => {
                return Some(number.to_string());
            }
            _ => return found,
        };
        let get = |wanted: &str| {
            object
                .iter()
                .find(|(name, _)| squash(name) == wanted)
                .map(|(_, value)| value)
        };
        match get(key) {
            Some(serde_json::Value::String(text)) if !text.trim().is_empty() => {
                found = Some(text.clone());
            }
            Some(serde_json::Value::Number(number)) => found = Some(number.to_string()),
            _ => {}
        }
        match get("details").or_else(|| get("innererror")) {
            Some(inner) if inner.is_array() || inner.is_object() => level = inner,
            _ => return found,
        }
    }
}

/// True when a map of counts has a value above 0.
pub fn has_exceptions(value: &Value<'_>) -> bool {
    let Value::Json(text) = value else {
        return false;
    };
    serde_json::from_str::<BTreeMap<String, serde_json::Value>>(text).is_ok_and(|map| {
        map.values()
            .any(|count| count.as_f64().is_some_and(|count| count > 0.0))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mapping::path::Path;

    fn fold(json: &str, path: &str, fold: Option<Fold>) -> Option<String> {
        let path = Path::new(path);
        let mut steps: Vec<_> = path.keys.into_iter().map(Step::Key).collect();
        steps.extend(path.steps);
        let value = Value::Json(json.into());
        below(&value, &steps, fold, &Words::default())
            .and_then(|value| value.as_text().map(Cow::into_owned))
    }

    #[test]
    fn lists_are_folded() {
        let json = r#"{"a":[{"n":1,"s":"Succeeded"},{"n":"2","s":"Canceled"},{"n":null,"s":"Queued"}],"e":[]}"#;
        for (path, how, expected) in [
            ("a[].n", Fold::Sum, Some("3")),
            ("a[].n", Fold::Count, Some("2")),
            ("a[].n", Fold::First, Some("1")),
            ("a[].n", Fold::Last, Some("2")),
            ("a[].s", Fold::Worst, Some("Canceled")),
            ("a[].s", Fold::Sum, Some("Succeeded")),
            ("e[].n", Fold::Sum, None),
            ("e[].n", Fold::Count, Some("0")),
        ] {
            assert_eq!(
                fold(json, path, Some(how)).as_deref(),
                expected,
                "{path} {how:?}"
            );
        }
    }

    #[test]
    fn the_deepest_message_and_its_code_are_taken() {
        let error = r#"{"code":"Wrapper","message":"outer","details":[{"code":"Middle","message":"middle","details":[{"message":"inner"}]}]}"#;
        assert_eq!(
            deepest(&Value::Json(error.into()), "message").as_deref(),
            Some("inner")
        );
        assert_eq!(
            deepest(&Value::Json(error.into()), "code").as_deref(),
            Some("Middle")
        );
        assert_eq!(
            deepest(&Value::Text("plain words".into()), "message").as_deref(),
            Some("plain words")
        );
        assert_eq!(deepest(&Value::Text("plain words".into()), "code"), None);
        assert_eq!(deepest(&Value::Json("{}".into()), "message"), None);
    }

    #[test]
    fn parts_of_resource_paths_are_found_whatever_their_case() {
        let id = "/SUBSCRIPTIONS/1/PROVIDERS/MICROSOFT.PURVIEW/ACCOUNTS/CONTOSO";
        let after = |name: &str, until: Option<&str>| {
            Segment::After(name.to_owned(), until.map(str::to_owned))
        };
        assert_eq!(
            segment(id, &after("accounts", None)).as_deref(),
            Some("CONTOSO")
        );
        assert_eq!(segment(id, &after("factories", None)), None);
        assert_eq!(segment("a/b/", &Segment::Last).as_deref(), Some("b"));
        let url = "https://github.com/octo/app/actions/runs/1";
        assert_eq!(
            segment(url, &after("github.com", Some("actions"))).as_deref(),
            Some("octo/app")
        );
    }
}
