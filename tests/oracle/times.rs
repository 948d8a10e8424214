//! Timestamps as the exports write them, and as the report writes them.

use std::collections::BTreeMap;

use chrono::{
    DateTime, Datelike, NaiveDate, NaiveDateTime, SecondsFormat, TimeZone, Timelike, Utc,
};
use serde_json::{Value, json};

use super::Time;
use super::load::Table;
use super::presets::Kind;

/// Which of two numbers of a date like 3/4/2024 is the month.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum DateOrder {
    MonthFirst,
    DayFirst,
}

/// Reads one timestamp. `Ok(None)` is blank text or one of the values that stand for no timestamp;
/// `Err` is text that is no timestamp, or whose day and month could be either way round.
/// Without an offset the time is UTC.
pub(crate) fn parse(text: &str, order: Option<DateOrder>) -> Result<Option<Time>, String> {
    let text = text.trim();
    if text.is_empty() {
        return Ok(None);
    }
    let instant = if text.chars().all(|c| c.is_ascii_digit()) {
        epoch(text)
    } else {
        iso(text)
            .or_else(|| dot_net(text))
            .or_else(|| slashed(text, order))
    };
    let Some(instant) = instant else {
        return Err(format!("not a time: {text}"));
    };
    Ok(if (2000..=2100).contains(&instant.year()) {
        Some(instant)
    } else {
        None
    })
}

/// Cuts (never rounds) to microseconds.
fn cut(instant: DateTime<Utc>) -> Time {
    instant
        .with_nanosecond(instant.nanosecond() / 1000 * 1000)
        .unwrap()
}

/// Seconds, milliseconds or microseconds since 1970, told apart by their number of digits.
fn epoch(text: &str) -> Option<Time> {
    let number: i64 = text.parse().ok()?;
    match text.len() {
        1..=11 => Utc.timestamp_opt(number, 0).single(),
        12..=14 => Utc.timestamp_millis_opt(number).single(),
        15..=17 => Utc.timestamp_micros(number).single(),
        _ => None,
    }
}

/// RFC 3339, with `T` or a space, with or without an offset.
fn iso(text: &str) -> Option<Time> {
    let with_t = text.replacen(' ', "T", 1).replace(" +", "+");
    if let Ok(time) = DateTime::parse_from_rfc3339(&with_t) {
        return Some(cut(time.with_timezone(&Utc)));
    }
    let naive: NaiveDateTime = with_t.parse().ok()?;
    Some(cut(naive.and_utc()))
}

/// `/Date(1645000000000)/`: milliseconds since 1970, as Windows PowerShell writes a time into JSON.
fn dot_net(text: &str) -> Option<Time> {
    let millis = text.strip_prefix("/Date(")?.strip_suffix(")/")?;
    Utc.timestamp_millis_opt(millis.parse().ok()?).single()
}

/// The three numbers of a date like 3/4/2024, and the text behind it.
fn slashed_date(text: &str) -> Option<([u32; 3], &str)> {
    let (date, rest) = text.split_once([' ', ','])?;
    let numbers: Vec<u32> = date
        .split('/')
        .map(|n| n.parse().ok())
        .collect::<Option<_>>()?;
    Some((numbers.try_into().ok()?, rest))
}

/// `2/25/2025, 9:19:25.391 AM` and `25/02/2025 09:19:25 UTC`.
fn slashed(text: &str, order: Option<DateOrder>) -> Option<Time> {
    let ([first, second, year], time) = slashed_date(text)?;
    let only = if first > 12 {
        DateOrder::DayFirst
    } else if second > 12 || first == second {
        DateOrder::MonthFirst
    } else {
        order?
    };
    let (month, day) = match only {
        DateOrder::MonthFirst => (first, second),
        DateOrder::DayFirst => (second, first),
    };
    let date = NaiveDate::from_ymd_opt(i32::try_from(year).ok()?, month, day)?;
    let time = time.trim_start_matches([' ', ',']).to_uppercase();
    let time = time.trim_end_matches("UTC").trim_end();
    let (clock, half) = match time.strip_suffix("AM").or(time.strip_suffix("PM")) {
        Some(clock) => (clock.trim(), Some(time.ends_with("PM"))),
        None => (time.trim(), None),
    };
    let mut parts = clock.split(':');
    let mut hour: u32 = parts.next()?.parse().ok()?;
    let minute: u32 = parts.next()?.parse().ok()?;
    let seconds = parts.next().unwrap_or("0");
    let (second, fraction) = seconds.split_once('.').unwrap_or((seconds, "0"));
    let digits: String = fraction.chars().chain("000000".chars()).take(6).collect();
    if let Some(afternoon) = half {
        hour = hour % 12 + if afternoon { 12 } else { 0 };
    }
    let time = date.and_hms_micro_opt(hour, minute, second.parse().ok()?, digits.parse().ok()?)?;
    Some(time.and_utc())
}

/// What the values of one column say about their dates.
#[derive(Clone, Copy, Debug, Default)]
struct Evidence {
    /// A first number above 12.
    day_first: bool,
    /// A second number above 12.
    month_first: bool,
    /// AM or PM, or a header that only an American form has.
    american: bool,
}

impl Evidence {
    fn order(self) -> Option<DateOrder> {
        match (self.day_first, self.month_first) {
            (true, true) => None,
            (true, false) => Some(DateOrder::DayFirst),
            (false, true) => Some(DateOrder::MonthFirst),
            (false, false) => self.american.then_some(DateOrder::MonthFirst),
        }
    }
}

/// The day-month order of each column of a call. A column is one header in one kind of file.
pub(crate) struct Orders(BTreeMap<(Kind, String), Evidence>);

impl Orders {
    pub(crate) fn of(tables: &[Table]) -> Self {
        let mut columns: BTreeMap<(Kind, String), Evidence> = BTreeMap::new();
        for table in tables {
            for (header, value) in table.rows.iter().flatten().flatten() {
                let Some(text) = value.as_str() else { continue };
                let Some(([first, second, _], rest)) = slashed_date(text.trim()) else {
                    continue;
                };
                let half = rest.trim_end().to_uppercase();
                let seen = columns.entry((table.kind, header.clone())).or_default();
                seen.day_first |= first > 12;
                seen.month_first |= second > 12;
                seen.american |=
                    half.ends_with("AM") || half.ends_with("PM") || header == "timegenerated";
            }
        }
        Self(columns)
    }

    /// The order of a column; `None`: nothing tells it, or its values contradict each other.
    pub(crate) fn order(&self, kind: Kind, header: &str) -> Option<DateOrder> {
        self.0.get(&(kind, header.to_owned()))?.order()
    }
}

/// An instant as the JSON report writes it: UTC with `Z`, and 0, 3 or 6 fraction digits, the fewest that hold it.
pub(crate) fn json_time(time: Option<Time>) -> Value {
    let Some(time) = time else { return Value::Null };
    let micros = time.timestamp_subsec_micros();
    let digits = if micros == 0 {
        SecondsFormat::Secs
    } else if micros % 1000 == 0 {
        SecondsFormat::Millis
    } else {
        SecondsFormat::Micros
    };
    json!(time.to_rfc3339_opts(digits, true))
}
