//! Timestamps as the exports write them, and as the report writes them.

use chrono::{
    DateTime, Datelike, NaiveDate, NaiveDateTime, SecondsFormat, TimeZone, Timelike, Utc,
};
use serde_json::{Value, json};

use super::Time;

/// Which of two numbers of a date like 3/4/2024 is the month.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum DateOrder {
    MonthFirst,
    DayFirst,
}

/// Reads one timestamp. `Ok(None)` is blank text or one of the values that stand for no timestamp;
/// `Err` is text that is no timestamp at all. Without an offset the time is UTC.
pub(crate) fn parse(text: &str, order: DateOrder) -> Result<Option<Time>, String> {
    let text = text.trim();
    if text.is_empty() {
        return Ok(None);
    }
    let instant = if text.chars().all(|c| c.is_ascii_digit()) {
        epoch(text)
    } else {
        iso(text).or_else(|| slashed(text, order))
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
    let with_t = text.replacen(' ', "T", 1);
    if let Ok(time) = DateTime::parse_from_rfc3339(&with_t) {
        return Some(cut(time.with_timezone(&Utc)));
    }
    let naive: NaiveDateTime = with_t.parse().ok()?;
    Some(cut(naive.and_utc()))
}

/// `2/25/2025, 9:19:25.391 AM` and `25/02/2025 09:19:25`.
fn slashed(text: &str, order: DateOrder) -> Option<Time> {
    let (date, time) = text.split_once([' ', ','])?;
    let numbers: Vec<u32> = date
        .split('/')
        .map(|n| n.parse().ok())
        .collect::<Option<_>>()?;
    let [first, second, year] = numbers[..] else {
        return None;
    };
    let (month, day) = match order {
        DateOrder::MonthFirst => (first, second),
        DateOrder::DayFirst => (second, first),
    };
    let date = NaiveDate::from_ymd_opt(i32::try_from(year).ok()?, month, day)?;
    let time = time.trim_start_matches([' ', ',']).to_uppercase();
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

/// The day-month order that a column's values give away: AM or PM means the month comes first; else a
/// number above 12 tells which is the day. `None`: the values do not say.
pub(crate) fn order_of<'a>(values: impl Iterator<Item = &'a str>) -> Option<DateOrder> {
    let mut found = None;
    for value in values {
        let upper = value.trim().to_uppercase();
        let numbers: Vec<u32> = upper
            .split(['/', ' ', ','])
            .take(2)
            .filter_map(|n| n.parse().ok())
            .collect();
        if !upper.contains('/') || numbers.len() != 2 {
            continue;
        }
        if upper.ends_with("AM") || upper.ends_with("PM") || numbers[1] > 12 {
            return Some(DateOrder::MonthFirst);
        }
        if numbers[0] > 12 {
            found = Some(DateOrder::DayFirst);
        }
    }
    found
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
