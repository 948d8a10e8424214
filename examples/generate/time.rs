//! Instants, and the ways in which vendors write them.

use chrono::{Datelike, NaiveDate};

/// Tenths of a microsecond since 1970, as Azure counts.
pub(crate) type Ticks = i64;

pub(crate) const MICROSECOND: Ticks = 10;
pub(crate) const MILLISECOND: Ticks = 1_000 * MICROSECOND;
pub(crate) const SECOND: Ticks = 1_000 * MILLISECOND;
pub(crate) const MINUTE: Ticks = 60 * SECOND;
pub(crate) const HOUR: Ticks = 60 * MINUTE;
pub(crate) const DAY: Ticks = 24 * HOUR;

/// How an instant is written. Finer digits are cut.
#[derive(Clone, Copy, Debug)]
pub(crate) enum TimeShape {
    /// `2026-11-19T02:00:15.1234560Z` with so many digits of the second, up to 9.
    Iso(usize),
    /// `2026-11-19T02:00:15.123456Z`: up to 7 digits of the second, zeros at the end cut.
    IsoTrimmed,
    /// `2026-11-19 02:00:15`.
    Plain,
    /// `11/19/2026 2:00:15 AM`: .NET in the culture en-US.
    PowerShell,
    /// `11/19/2026, 2:00:15.123 AM`: the portal's export of Log Analytics.
    Portal,
}

/// Midnight at the start of a date.
pub(crate) fn midnight(date: NaiveDate) -> Ticks {
    i64::from(date.to_epoch_days()) * DAY
}

/// The date of an instant, in UTC.
pub(crate) fn date(time: Ticks) -> NaiveDate {
    i32::try_from(time.div_euclid(DAY))
        .ok()
        .and_then(NaiveDate::from_epoch_days)
        .expect("instants lie near the dates that were asked for")
}

/// Whole seconds of an instant.
pub(crate) fn whole_second(time: Ticks) -> Ticks {
    time - time.rem_euclid(SECOND)
}

/// Appends an instant to a text.
pub(crate) fn write(out: &mut Vec<u8>, time: Ticks, shape: TimeShape) {
    let (date, clock) = (date(time), time.rem_euclid(DAY));
    match shape {
        TimeShape::Iso(width) => {
            iso(out, date, clock, b'T');
            fraction(out, clock, width);
            out.push(b'Z');
        }
        TimeShape::IsoTrimmed => {
            iso(out, date, clock, b'T');
            fraction(out, clock, 7);
            while out.ends_with(b"0") {
                out.pop();
            }
            if out.ends_with(b".") {
                out.pop();
            }
            out.push(b'Z');
        }
        TimeShape::Plain => iso(out, date, clock, b' '),
        TimeShape::PowerShell => {
            american(out, date, b" ");
            twelve_hours(out, clock, 0);
        }
        TimeShape::Portal => {
            american(out, date, b", ");
            twelve_hours(out, clock, 3);
        }
    }
}

fn iso(out: &mut Vec<u8>, date: NaiveDate, clock: Ticks, between: u8) {
    let mut text = *b"0000-00-00T00:00:00";
    put(&mut text[..4], date.year().into());
    put(&mut text[5..7], date.month().into());
    put(&mut text[8..10], date.day().into());
    text[10] = between;
    put(&mut text[11..13], clock / HOUR);
    put(&mut text[14..16], clock / MINUTE % 60);
    put(&mut text[17..], clock / SECOND % 60);
    out.extend_from_slice(&text);
}

fn american(out: &mut Vec<u8>, date: NaiveDate, after: &[u8]) {
    number(out, date.month().into());
    out.push(b'/');
    number(out, date.day().into());
    out.push(b'/');
    number(out, date.year().into());
    out.extend_from_slice(after);
}

fn twelve_hours(out: &mut Vec<u8>, clock: Ticks, width: usize) {
    let hour = clock / HOUR;
    number(out, if hour % 12 == 0 { 12 } else { hour % 12 });
    let mut text = *b":00:00";
    put(&mut text[1..3], clock / MINUTE % 60);
    put(&mut text[4..], clock / SECOND % 60);
    out.extend_from_slice(&text);
    fraction(out, clock, width);
    out.extend_from_slice(if hour < 12 { b" AM" } else { b" PM" });
}

/// A point and digits of the second. Those finer than a tick are made up, from the instant.
fn fraction(out: &mut Vec<u8>, clock: Ticks, width: usize) {
    if width > 0 {
        let mut text = *b".000000000";
        put(&mut text[1..8], clock % SECOND);
        put(&mut text[8..], clock % 97);
        out.extend_from_slice(&text[..=width]);
    }
}

/// Appends a number of 0 or more.
pub(crate) fn number(out: &mut Vec<u8>, number: i64) {
    let width = number.checked_ilog10().unwrap_or(0) + 1;
    let mut text = [0; 19];
    let text = &mut text[..width as usize];
    put(text, number);
    out.extend_from_slice(text);
}

/// Fills a place with the last digits of a number of 0 or more.
fn put(place: &mut [u8], mut number: i64) {
    for digit in place.iter_mut().rev() {
        *digit = b'0' + (number % 10).to_le_bytes()[0];
        number /= 10;
    }
}
