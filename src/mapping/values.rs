//! Words and numbers as logs write them.

use std::borrow::Cow;

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
    Json(&'a str),
}

impl Value<'_> {
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
            Value::Json(text) => Cow::Borrowed(*text),
        };
        (!text.is_empty()).then_some(text)
    }
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
    text.chars()
        .filter(|c| !c.is_whitespace() && !matches!(c, '_' | '-'))
        .flat_map(char::to_lowercase)
        .collect()
}

/// [`squash`] for a column header or a key: a trailing `[UTC]` does not count.
pub fn squash_key(text: &str) -> String {
    let text = text.trim();
    let bare = match text
        .len()
        .checked_sub(5)
        .and_then(|at| text.split_at_checked(at))
    {
        Some((bare, zone)) if zone.eq_ignore_ascii_case("[utc]") => bare,
        _ => text,
    };
    squash(bare)
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

/// Reads a whole number: `950`, `950.0`, `"950"`. `None` when it is something else.
pub fn whole(value: &Value<'_>) -> Option<i64> {
    match value {
        Value::Int(number) => Some(*number),
        Value::Float(number) => exact(*number),
        Value::Text(text) => {
            let text = text.trim();
            let (digits, zeros) = text.split_once('.').unwrap_or((text, ""));
            if zeros.bytes().all(|byte| byte == b'0') && !digits.starts_with('+') {
                digits.parse().ok()
            } else {
                None
            }
        }
        Value::Missing | Value::Bool(_) | Value::Time(_) | Value::Local(_) | Value::Json(_) => None,
    }
}

/// A float that is a whole number, as an integer.
#[expect(
    clippy::cast_possible_truncation,
    reason = "the range and the fraction are checked first"
)]
pub fn exact(number: f64) -> Option<i64> {
    (number.fract() == 0.0 && number.abs() < 9.2e18).then_some(number as i64)
}

/// Reads a number that may have a fraction.
pub fn number(value: &Value<'_>) -> Option<f64> {
    match value {
        Value::Int(number) => Some(*number as f64),
        Value::Float(number) => Some(*number),
        Value::Text(text) => text
            .trim()
            .parse()
            .ok()
            .filter(|number: &f64| number.is_finite()),
        Value::Missing | Value::Bool(_) | Value::Time(_) | Value::Local(_) | Value::Json(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
    fn whole_numbers_come_in_several_forms() {
        for value in [
            Value::Int(950),
            Value::Float(950.0),
            Value::Text("950".into()),
            Value::Text(" 950.0 ".into()),
        ] {
            assert_eq!(whole(&value), Some(950), "{value:?}");
        }
        for value in [
            Value::Float(1.5),
            Value::Text("1,000".into()),
            Value::Text("1e3".into()),
            Value::Bool(true),
            Value::Float(f64::NAN),
        ] {
            assert_eq!(whole(&value), None, "{value:?}");
        }
        assert_eq!(
            whole(&Value::Text("9223372036854775807".into())),
            Some(i64::MAX)
        );
        assert_eq!(whole(&Value::Text("9223372036854775808".into())), None);
    }

    #[test]
    fn keys_match_without_their_zone() {
        assert_eq!(squash_key("Start Time [UTC]"), "starttime");
        assert_eq!(squash_key(" START_TIME"), "starttime");
        assert_eq!(squash_key("start-time"), "starttime");
        assert_eq!(squash_key("[UTC]"), "");
    }
}
