//! Words and numbers as logs write them.

use std::borrow::Cow;

use crate::errors::mask;
use crate::runs::schema::Status;

/// A raw value as a reader found it.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Value<'a> {
    /// The record does not have the key, or the value is null.
    #[default]
    Missing,
    /// Yes or no.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// Any other number.
    Float(f64),
    /// Text.
    Text(Cow<'a, str>),
    /// An instant in microseconds, from a file that has such a type.
    Time(i64),
    /// A local time in microseconds since 1970-01-01T00:00:00, from a file that has such a type.
    Local(i64),
    /// The text of a JSON object or array.
    Json(Cow<'a, str>),
}

impl<'a> Value<'a> {
    /// The same value, its text borrowed from this one.
    pub fn borrowed(&self) -> Value<'_> {
        match self {
            Value::Missing => Value::Missing,
            Value::Bool(value) => Value::Bool(*value),
            Value::Int(number) => Value::Int(*number),
            Value::Float(number) => Value::Float(*number),
            Value::Text(text) => Value::Text(Cow::Borrowed(text)),
            Value::Time(micros) => Value::Time(*micros),
            Value::Local(micros) => Value::Local(*micros),
            Value::Json(text) => Value::Json(Cow::Borrowed(text)),
        }
    }

    /// The value; `None` when it states nothing: missing or blank.
    pub fn stated(self) -> Option<Value<'a>> {
        match &self {
            Value::Missing => None,
            Value::Text(text) if trimmed(text).is_empty() => None,
            _ => Some(self),
        }
    }

    /// The value as text; `None` for missing and for blank text.
    pub fn as_text(&self) -> Option<Cow<'_, str>> {
        let text = match self {
            Value::Missing => return None,
            Value::Bool(value) => Cow::Owned(value.to_string()),
            Value::Int(value) => Cow::Owned(value.to_string()),
            Value::Float(value) => Cow::Owned(value.to_string()),
            Value::Text(text) => Cow::Borrowed(trimmed(text)),
            Value::Time(micros) | Value::Local(micros) => Cow::Owned(
                chrono::DateTime::from_timestamp_micros(*micros)
                    .map_or_else(|| micros.to_string(), |time| time.to_rfc3339()),
            ),
            Value::Json(text) => Cow::Borrowed(text.as_ref()),
        };
        (!text.is_empty()).then_some(text)
    }
}

/// True for a word that stands for no value where a time or a number is expected.
pub fn is_no_value(text: &str) -> bool {
    let text = trimmed(text);
    // All are short, and most values are not.
    text.len() <= 4
        && (matches!(text, "-" | "\u{2013}" | "\u{2014}")
            || ["n/a", "null", "none", "nan"]
                .iter()
                .any(|word| text.eq_ignore_ascii_case(word)))
}

/// `trim`, quick where there is nothing to trim.
pub fn trimmed(text: &str) -> &str {
    let plain = |byte: Option<&u8>| byte.is_none_or(u8::is_ascii_graphic);
    if plain(text.as_bytes().first()) && plain(text.as_bytes().last()) {
        text
    } else {
        text.trim()
    }
}

/// Lower case, without spaces, `_` and `-`: the form in which words and keys are compared.
pub fn squash(text: &str) -> String {
    if text.is_ascii() {
        let mut squashed = String::with_capacity(text.len());
        squashed.extend(
            text.bytes()
                .filter(|byte| !matches!(byte, b' ' | b'\t'..=b'\r' | b'_' | b'-'))
                .map(|byte| char::from(byte.to_ascii_lowercase())),
        );
        return squashed;
    }
    text.chars()
        .filter(|c| !c.is_whitespace() && !matches!(c, '_' | '-'))
        .flat_map(char::to_lowercase)
        .collect()
}

/// [`squash`] for a column header or a key: a zone or unit in brackets at its end does not count, as in
/// `TimeGenerated [UTC]`. A `_` at its beginning does: Log Analytics has `ResourceId` beside `_ResourceId`.
pub fn squash_key(text: &str) -> String {
    let bare = bracketed(text).map_or(text, |(bare, _)| bare).trim();
    let squashed = squash(bare);
    if bare.starts_with('_') {
        format!("_{squashed}")
    } else {
        squashed
    }
}

/// [`squash_key`] for the list of the keys that a file has. A secret in a key is masked before: once squashed, nobody could
/// tell it from a name.
pub fn listed_key(text: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"_-. []".contains(&byte);
    // Nearly every key is short and plain.
    if text.len() < 20 && text.bytes().all(plain) {
        return squash_key(text);
    }
    squash_key(&mask(text))
}

/// A header and what stands in brackets at its end.
pub fn bracketed(text: &str) -> Option<(&str, &str)> {
    let (bare, inner) = text.trim_end().strip_suffix(']')?.rsplit_once('[')?;
    let is_note = bare.ends_with(char::is_whitespace) && !bare.trim().is_empty();
    (is_note && !inner.contains(['[', ']', '='])).then_some((bare.trim(), inner.trim()))
}

/// The word that is nearest to a misspelt one, if any is near.
pub fn nearest<'a>(word: &str, known: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let word = squash(word);
    known
        .map(|known| (strsim::jaro_winkler(&word, &squash(known)), known))
        .filter(|(likeness, _)| *likeness > 0.8)
        .max_by(|a, b| a.0.total_cmp(&b.0).then_with(|| b.1.cmp(a.1)))
        .map(|(_, known)| known)
}

/// The words that are nearest to a misspelt one, best first, at most so many.
pub fn near<'a>(word: &str, known: impl Iterator<Item = &'a str>, most: usize) -> Vec<&'a str> {
    let word = squash(word);
    let mut rated: Vec<_> = known
        .map(|known| (strsim::jaro_winkler(&word, &squash(known)), known))
        .filter(|(likeness, _)| *likeness > 0.75)
        .collect();
    rated.sort_by(|a, b| b.0.total_cmp(&a.0).then_with(|| a.1.cmp(b.1)));
    rated.dedup_by_key(|(_, known)| *known);
    rated
        .into_iter()
        .take(most)
        .map(|(_, known)| known)
        .collect()
}

/// Reads a status word; `None` when the word is not in the vocabulary.
pub fn status(text: &str) -> Option<Status> {
    Some(match squash(text).as_str() {
        "completed" | "succeeded" => Status::Completed,
        "partial"
        | "partialsucceeded"
        | "partiallycompleted"
        | "completedwithexceptions"
        | "completewithwarning" => Status::Partial,
        "failed" => Status::Failed,
        "cancelled" | "canceled" => Status::Cancelled,
        "inprogress" | "running" | "transientfailure" | "canceling" | "cancelling" => {
            Status::InProgress
        }
        "queued" | "accepted" | "delayed" | "notstarted" => Status::Queued,
        "throttled" => Status::Throttled,
        "unknown" => Status::Unknown,
        _ => return None,
    })
}

/// Words by which an ingestion says that there was none.
pub fn no_ingestion(text: &str) -> bool {
    matches!(squash(text).as_str(), "none" | "sourceunknown" | "n/a")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_that_stand_for_no_value() {
        for text in [
            "-",
            " \u{2013} ",
            "\u{2014}",
            "N/A",
            "n/a",
            "NULL",
            "None",
            "NaN",
        ] {
            assert!(is_no_value(text), "{text}");
        }
        for text in ["", "--", "-1", "0", "na", "nil", "n/a 2", "nonesuch"] {
            assert!(!is_no_value(text), "{text}");
        }
    }

    #[test]
    fn statuses_match_whatever_their_casing_and_spacing() {
        for (word, expected) in [
            ("Succeeded", Status::Completed),
            ("COMPLETED", Status::Completed),
            ("Completed with exceptions", Status::Partial),
            ("CompleteWithWarning", Status::Partial),
            ("Partially completed", Status::Partial),
            ("Canceled", Status::Cancelled),
            ("In progress", Status::InProgress),
            ("in_progress", Status::InProgress),
            ("TransientFailure", Status::InProgress),
            ("Not-Started", Status::Queued),
            ("Throttled", Status::Throttled),
        ] {
            assert_eq!(status(word), Some(expected), "{word}");
        }
        assert!(no_ingestion("SourceUnknown") && no_ingestion("N/A") && no_ingestion("None"));
        assert_eq!(status("Paused"), None);
        assert_eq!(status("N/A"), None);
    }

    #[test]
    fn keys_match_without_their_zone() {
        assert_eq!(squash_key("Start Time [UTC]"), "starttime");
        assert_eq!(squash_key(" START_TIME"), "starttime");
        assert_eq!(squash_key("start-time"), "starttime");
        assert_eq!(squash_key("_ResourceId"), "_resourceid");
        assert_eq!(squash_key("Start [Local Time]"), "start");
        assert_eq!(squash_key("[UTC]"), "[utc]");
        assert_eq!(
            bracketed("Start [Local Time]"),
            Some(("Start", "Local Time"))
        );
        assert_eq!(bracketed("list[0]"), None);
    }

    #[test]
    fn a_misspelt_word_has_a_nearest_one() {
        let known = || ["status", "started_at", "scan"].into_iter();
        assert_eq!(nearest("statuss", known()), Some("status"));
        assert_eq!(nearest("startedat", known()), Some("started_at"));
        assert_eq!(nearest("zebra", known()), None);
    }
}
