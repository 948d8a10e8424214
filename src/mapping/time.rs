//! Timestamps as logs write them.

use std::fmt;

use chrono::{LocalResult, NaiveDate, NaiveDateTime, TimeZone};
use chrono_tz::Tz;

/// Which of the first two numbers of `3/4/2026` is the day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DateOrder {
    /// Day, month, year.
    Dmy,
    /// Month, day, year.
    Mdy,
}

/// How to read what a timestamp leaves open.
#[derive(Clone, Copy, Debug, Default)]
pub struct TimeRules {
    /// Zone of times that state none; UTC when absent.
    pub zone: Option<Tz>,
    /// Order of day and month where a value alone does not tell.
    pub order: Option<DateOrder>,
}

/// What a text turned out to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Time {
    /// Microseconds since 1970-01-01T00:00:00Z. Finer digits are cut.
    Instant(i64),
    /// The same of a time that states no zone, taken for UTC because nobody has said another one.
    Zoneless(i64),
    /// A local time that happened twice, read as the first.
    Folded(i64),
    /// A placeholder such as 0001-01-01: outside the years 2000 to 2100.
    Placeholder,
}

/// Why a text is no timestamp.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TimeError {
    /// None of the shapes fits, or there is no such date or time of day.
    Shape,
    /// Day and month could be either way round.
    Ambiguous,
    /// The local time was skipped when the clocks went forward.
    Gap,
    /// A number of days, as spreadsheets count them.
    Serial,
}

impl fmt::Display for TimeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            TimeError::Shape => "is not a timestamp",
            TimeError::Ambiguous => "may be day/month or month/day",
            TimeError::Serial => "is a day number of a spreadsheet",
            TimeError::Gap => "did not exist in this time zone: the clocks skipped it",
        })
    }
}

/// What the date of a time shows about the order of day and month in its column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Clue {
    /// The first number can only be the day.
    DayFirst,
    /// The second number can only be the day.
    MonthFirst,
    /// It has AM or PM, which goes with month first; nothing else shows it.
    HalfDay,
    /// Either is possible.
    Either,
}

const SECOND: i64 = 1_000_000;
/// 2000-01-01T00:00:00Z.
const EARLIEST: i64 = 946_684_800 * SECOND;
/// 2101-01-01T00:00:00Z, not included.
const LATEST: i64 = 4_133_980_800 * SECOND;

fn instant(micros: i64) -> Time {
    if (EARLIEST..LATEST).contains(&micros) {
        Time::Instant(micros)
    } else {
        Time::Placeholder
    }
}

/// An instant given in microseconds, as Parquet has it.
pub fn from_micros(micros: i64) -> Time {
    instant(micros)
}

/// A local time in microseconds, as Parquet has it.
pub fn from_local_micros(micros: i64, rules: TimeRules) -> Result<Time, TimeError> {
    place(0, micros, None, rules)
}

/// A number since 1970: seconds, milliseconds, microseconds or nanoseconds, told apart by magnitude.
pub fn from_epoch(number: f64) -> Result<Time, TimeError> {
    if !number.is_finite() {
        return Err(TimeError::Shape);
    }
    // The years 2000 to 2100 do not overlap between these units.
    for per_second in [1.0, 1e3, 1e6, 1e9] {
        let seconds = number / per_second;
        if (EARLIEST as f64 / 1e6..LATEST as f64 / 1e6).contains(&seconds) {
            let whole = seconds.floor();
            #[expect(
                clippy::cast_possible_truncation,
                reason = "both lie between 0 and 2^33"
            )]
            return Ok(instant(
                whole as i64 * SECOND
                    + ((number - whole * per_second) * (1e6 / per_second)).floor() as i64,
            ));
        }
    }
    // As seconds since 1970 these would lie on its first day.
    if SERIAL_DAYS.contains(&number) {
        return Err(TimeError::Serial);
    }
    Ok(Time::Placeholder)
}

/// Days since 1899-12-30 from 1954 to 2119: how Excel stores a time that is not formatted as one (ECMA-376, 18.17.4).
const SERIAL_DAYS: std::ops::Range<f64> = 20_000.0..80_000.0;

/// Reads bytes from the front of a text.
struct Cursor<'a>(&'a [u8]);

impl Cursor<'_> {
    fn digits(&mut self, least: usize, most: usize) -> Option<i64> {
        let count = self
            .0
            .iter()
            .take(most)
            .take_while(|byte| byte.is_ascii_digit())
            .count();
        if count < least {
            return None;
        }
        let (digits, rest) = self.0.split_at(count);
        self.0 = rest;
        Some(
            digits
                .iter()
                .fold(0, |value, digit| value * 10 + i64::from(digit - b'0')),
        )
    }

    fn eat(&mut self, wanted: u8) -> bool {
        match self.0.split_first() {
            Some((&first, rest)) if first == wanted => {
                self.0 = rest;
                true
            }
            _ => false,
        }
    }

    fn spaces(&mut self) {
        while self.eat(b' ')
            || self.0.starts_with(b"\xc2\xa0")
            || self.0.starts_with(b"\xe2\x80\xaf")
        {
            // Browsers put a narrow or a hard space before AM and PM.
            if self.0.starts_with(b"\xc2\xa0") {
                self.0 = &self.0[2..];
            } else if self.0.starts_with(b"\xe2\x80\xaf") {
                self.0 = &self.0[3..];
            }
        }
    }

    fn word(&mut self, word: &[u8]) -> bool {
        if self.0.len() >= word.len() && self.0[..word.len()].eq_ignore_ascii_case(word) {
            self.0 = &self.0[word.len()..];
            true
        } else {
            false
        }
    }

    fn done(&self) -> bool {
        self.0.is_empty()
    }

    /// `.5`, `.1234567`: microseconds, further digits cut.
    fn fraction(&mut self) -> Option<i64> {
        if !self.eat(b'.') && !self.eat(b',') {
            return Some(0);
        }
        let count = self
            .0
            .iter()
            .take_while(|byte| byte.is_ascii_digit())
            .count();
        if count == 0 || count > 12 {
            return None;
        }
        let mut micros = 0;
        for place in 0..6 {
            micros = micros * 10
                + if place < count {
                    i64::from(self.0[place] - b'0')
                } else {
                    0
                };
        }
        self.0 = &self.0[count..];
        Some(micros)
    }

    /// Hour, minute, optional second and fraction: microseconds of the day.
    fn clock(&mut self) -> Option<(i64, i64)> {
        let hour = self.digits(1, 2)?;
        let minute = if self.eat(b':') {
            self.digits(2, 2)?
        } else {
            return None;
        };
        let (second, micros) = if self.eat(b':') {
            (self.digits(2, 2)?, self.fraction()?)
        } else {
            (0, 0)
        };
        (hour < 24 && minute < 60 && second < 60)
            .then_some((hour, (minute * 60 + second) * SECOND + micros))
    }

    /// `Z`, `UTC`, `+05:30`, `+0530`, `+05`: seconds east of UTC. `Ok(None)` when none is written.
    fn offset(&mut self) -> Result<Option<i64>, TimeError> {
        self.spaces();
        if self.done() {
            return Ok(None);
        }
        if self.word(b"Z") || self.word(b"UTC") || self.word(b"GMT") {
            self.spaces();
            if self.done() {
                return Ok(Some(0));
            }
        }
        let sign = if self.eat(b'+') {
            1
        } else if self.eat(b'-') {
            -1
        } else {
            return Err(TimeError::Shape);
        };
        let parsed = (|| {
            let hours = self.digits(2, 2)?;
            self.eat(b':');
            let minutes = if self.done() { 0 } else { self.digits(2, 2)? };
            (self.done() && hours <= 18 && minutes < 60)
                .then_some(sign * (hours * 3600 + minutes * 60))
        })();
        parsed.map(Some).ok_or(TimeError::Shape)
    }
}

fn days(year: i64, month: i64, day: i64) -> Result<i64, TimeError> {
    let (Ok(year), Ok(month), Ok(day)) = (
        i32::try_from(year),
        u32::try_from(month),
        u32::try_from(day),
    ) else {
        return Err(TimeError::Shape);
    };
    let date = NaiveDate::from_ymd_opt(year, month, day).ok_or(TimeError::Shape)?;
    Ok(date.signed_duration_since(NaiveDate::default()).num_days())
}

/// Reads times as nearly all are written: `2026-01-31T08:15:00Z`, with a space for the `T` and up to 9 fraction digits, in
/// the years from 1970 to 9999. The date is remembered, since times that follow each other often share it.
#[derive(Clone, Copy, Debug)]
pub struct Usual {
    date: [u8; 10],
    /// Of the date, since 1970-01-01.
    days: i64,
}

impl Default for Usual {
    fn default() -> Usual {
        Usual {
            date: *b"1970-01-01",
            days: 0,
        }
    }
}

impl Usual {
    /// The time; `None` for every other text, which may still be one.
    #[inline]
    pub fn read(&mut self, text: &str) -> Option<Time> {
        self.micros(text.as_bytes()).map(instant)
    }

    /// Microseconds since 1970.
    #[inline]
    fn micros(&mut self, text: &[u8]) -> Option<i64> {
        let (head, rest) = text.split_first_chunk::<19>()?;
        let (date, of_day) = head.split_first_chunk::<10>()?;
        if *date != self.date {
            self.days = usual_date(date)?;
            self.date = *date;
        }
        let &[between, h0, h1, c0, m0, m1, c1, s0, s1] = of_day else {
            return None;
        };
        // A byte that is no digit makes a number above 9.
        let digit = |byte: u8| u32::from(byte.wrapping_sub(b'0'));
        let two = |a: u8, b: u8| {
            let (a, b) = (digit(a), digit(b));
            if a > 9 || b > 9 { u32::MAX } else { a * 10 + b }
        };
        let (hour, minute, second) = (two(h0, h1), two(m0, m1), two(s0, s1));
        let separated = matches!(between, b'T' | b' ') && [c0, c1] == *b"::";
        if !separated || hour > 23 || minute > 59 || second > 59 {
            return None;
        }
        let micros = match rest {
            b"Z" => 0,
            [b'.', digits @ .., b'Z'] if (1..=9).contains(&digits.len()) => {
                if !digits.iter().all(u8::is_ascii_digit) {
                    return None;
                }
                // Finer digits are cut.
                (0..6).fold(0, |micros, place| {
                    micros * 10 + digits.get(place).map_or(0, |&byte| digit(byte))
                })
            }
            _ => return None,
        };
        let seconds = self.days * 86_400 + i64::from((hour * 60 + minute) * 60 + second);
        Some(seconds * SECOND + i64::from(micros))
    }
}

/// Days since 1970-01-01 of `2026-01-31`, in the years from 1970 to 9999.
fn usual_date(date: &[u8; 10]) -> Option<i64> {
    const DAYS: [u8; 12] = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
    const BEFORE: [u16; 12] = [0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334];
    let digit = |at: usize| {
        let digit = date[at].wrapping_sub(b'0');
        (digit < 10).then_some(i64::from(digit))
    };
    let two = |at: usize| Some(digit(at)? * 10 + digit(at + 1)?);
    if [date[4], date[7]] != *b"--" {
        return None;
    }
    let (year, month, day) = (two(0)? * 100 + two(2)?, two(5)?, two(8)?);
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let at = usize::try_from(month - 1).ok().filter(|&at| at < 12)?;
    let last = i64::from(DAYS[at]) + i64::from(leap && month == 2);
    if year < 1970 || !(1..=last).contains(&day) {
        return None;
    }
    let years = year - 1;
    let leaps = years / 4 - years / 100 + years / 400;
    // 719,162 days lie between 0001-01-01 and 1970-01-01.
    let days = years * 365 + leaps - 719_162 + i64::from(BEFORE[at]);
    Some(days + i64::from(leap && month > 2) + day - 1)
}

/// Places a local time in UTC.
fn place(day: i64, of_day: i64, offset: Option<i64>, rules: TimeRules) -> Result<Time, TimeError> {
    let local = day * 86_400 * SECOND + of_day;
    if let Some(seconds) = offset {
        return Ok(instant(local - seconds * SECOND));
    }
    let Some(zone) = rules.zone else {
        return Ok(match instant(local) {
            Time::Instant(micros) => Time::Zoneless(micros),
            other => other,
        });
    };
    if instant(local) == Time::Placeholder {
        return Ok(Time::Placeholder);
    }
    let naive: NaiveDateTime = chrono::DateTime::from_timestamp_micros(local)
        .ok_or(TimeError::Shape)?
        .naive_utc();
    match zone.from_local_datetime(&naive) {
        LocalResult::Single(time) => Ok(instant(time.timestamp_micros())),
        LocalResult::Ambiguous(first, _) => Ok(match instant(first.timestamp_micros()) {
            Time::Instant(micros) => Time::Folded(micros),
            other => other,
        }),
        LocalResult::None => Err(TimeError::Gap),
    }
}

/// Reads a timestamp.
///
/// Known shapes: RFC 3339 with 0 to 12 fraction digits, ISO with a space, without seconds or without a zone;
/// a date alone (midnight); seconds, milliseconds, microseconds or nanoseconds since 1970, also as `/Date(…)/`, which
/// Windows PowerShell writes; `25.11.2026 05:30`; and the shapes of PowerShell, Log Analytics and spreadsheets such as
/// `2/15/2026 2:42:22 PM`, for which the order of day and month must be certain: a number above 12 is the day, else
/// [`TimeRules::order`] decides, else AM or PM means month first.
pub fn parse(text: &str, rules: TimeRules) -> Result<Time, TimeError> {
    parse_noting(text, rules, &mut None)
}

/// [`parse`], noting what the date shows about the order of day and month.
pub fn parse_noting(
    text: &str,
    rules: TimeRules,
    clue: &mut Option<Clue>,
) -> Result<Time, TimeError> {
    if let Some(time) = Usual::default().read(text) {
        return Ok(time);
    }
    let text = text.trim();
    let bytes = text.as_bytes();
    if bytes
        .iter()
        .all(|byte| byte.is_ascii_digit() || *byte == b'.')
        && memchr::memchr_iter(b'.', bytes).count() < 2
    {
        return text
            .parse::<f64>()
            .map_err(|_| TimeError::Shape)
            .and_then(from_epoch);
    }
    if let Some(millis) = text
        .strip_prefix("/Date(")
        .and_then(|rest| rest.strip_suffix(")/"))
    {
        // An offset after the number says how to show it, not which instant it is.
        let end = millis.rfind(['+', '-']).filter(|&at| at > 0);
        return millis[..end.unwrap_or(millis.len())]
            .parse::<i64>()
            .map(|millis| instant(millis.saturating_mul(1_000)))
            .map_err(|_| TimeError::Shape);
    }
    let mut rest = Cursor(bytes);
    let first = rest.digits(1, 4).ok_or(TimeError::Shape)?;
    let width = bytes.len() - rest.0.len();
    let separator = *rest.0.first().ok_or(TimeError::Shape)?;
    if !matches!(separator, b'-' | b'/' | b'.') {
        return Err(TimeError::Shape);
    }
    let mut next = |least, most| {
        if rest.eat(separator) {
            rest.digits(least, most).ok_or(TimeError::Shape)
        } else {
            Err(TimeError::Shape)
        }
    };
    if width == 4 && separator != b'.' {
        let day = days(first, next(1, 2)?, next(1, 2)?)?;
        if rest.done() {
            return place(day, 0, None, rules);
        }
        if !rest.eat(b'T') && !rest.eat(b't') && !rest.eat(b' ') {
            return Err(TimeError::Shape);
        }
        rest.spaces();
        let (hour, rest_of_hour) = rest.clock().ok_or(TimeError::Shape)?;
        let offset = rest.offset()?;
        return place(day, hour * 3600 * SECOND + rest_of_hour, offset, rules);
    }
    if width > 2 {
        return Err(TimeError::Shape);
    }
    let second = next(1, 2)?;
    let year = next(4, 4)?;
    rest.eat(b',');
    rest.spaces();
    let mut half = None;
    let (mut hour, mut rest_of_hour, mut offset) = (0, 0, None);
    if !rest.done() {
        (hour, rest_of_hour) = rest.clock().ok_or(TimeError::Shape)?;
        rest.spaces();
        if rest.word(b"AM") || rest.word(b"a.m.") {
            half = Some(0);
        } else if rest.word(b"PM") || rest.word(b"p.m.") {
            half = Some(12);
        }
        if let Some(half) = half {
            if !(1..=12).contains(&hour) {
                return Err(TimeError::Shape);
            }
            hour = hour % 12 + half;
        }
        offset = rest.offset()?;
    }
    let order = match (first > 12, second > 12) {
        // Nobody writes the month first with dots.
        _ if separator == b'.' => DateOrder::Dmy,
        (true, true) => return Err(TimeError::Shape),
        (true, false) => {
            *clue = Some(Clue::DayFirst);
            rules.order.unwrap_or(DateOrder::Dmy)
        }
        (false, true) => {
            *clue = Some(Clue::MonthFirst);
            rules.order.unwrap_or(DateOrder::Mdy)
        }
        (false, false) if first == second => DateOrder::Mdy,
        (false, false) => {
            *clue = Some(if half.is_some() {
                Clue::HalfDay
            } else {
                Clue::Either
            });
            match rules.order {
                Some(order) => order,
                None if half.is_some() => DateOrder::Mdy,
                None => return Err(TimeError::Ambiguous),
            }
        }
    };
    let (month, day) = match order {
        DateOrder::Dmy => (second, first),
        DateOrder::Mdy => (first, second),
    };
    place(
        days(year, month, day)?,
        hour * 3600 * SECOND + rest_of_hour,
        offset,
        rules,
    )
}

/// Reads a timestamp that is written in a stated way, in the notation of `strftime`. Without an offset in the
/// notation it is a local time of [`TimeRules::zone`].
pub fn parse_as(text: &str, format: &str, rules: TimeRules) -> Result<Time, TimeError> {
    let text = text.trim();
    if let Ok(time) = chrono::DateTime::parse_from_str(text, format) {
        return Ok(instant(time.timestamp_micros()));
    }
    let local = NaiveDateTime::parse_from_str(text, format)
        .or_else(|_| NaiveDate::parse_from_str(text, format).map(NaiveDateTime::from))
        .map_err(|_| TimeError::Shape)?;
    place(0, local.and_utc().timestamp_micros(), None, rules)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// With or without a zone.
    fn utc(text: &str) -> Result<Time, TimeError> {
        parse(text, TimeRules::default()).map(|time| match time {
            Time::Zoneless(micros) => Time::Instant(micros),
            other => other,
        })
    }

    /// Every day of the years that count and around them, each second text changed at one place: the quick way reads what
    /// chrono reads, and leaves everything else alone.
    #[test]
    fn the_usual_form_is_read_as_chrono_reads_it() {
        let mut state = 7_u64;
        let mut random = |below: u64| {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            (state >> 33) % below
        };
        let first = NaiveDate::from_ymd_opt(1969, 1, 1).unwrap();
        let (mut read, mut left) = (0, 0);
        let mut usual = Usual::default();
        for date in first
            .iter_days()
            .take_while(|date| *date < NaiveDate::from_ymd_opt(2102, 1, 1).unwrap())
        {
            for changed in [false, true] {
                let digits = usize::try_from(random(11)).unwrap();
                let fraction: String = (0..digits)
                    .map(|_| char::from(b'0' + u8::try_from(random(10)).unwrap()))
                    .collect();
                let dot = if digits > 0 { "." } else { "" };
                let between = ["T", " "][usize::try_from(random(2)).unwrap()];
                let (hour, minute, second) = (random(24), random(60), random(60));
                let mut text =
                    format!("{date}{between}{hour:02}:{minute:02}:{second:02}{dot}{fraction}Z");
                if changed {
                    let at = usize::try_from(random(text.len() as u64)).unwrap();
                    let with = ["", "0", "9", "3", "-", ":", ".", "x", " ", "+"]
                        [usize::try_from(random(10)).unwrap()];
                    text.replace_range(at..=at, with);
                }
                let known = chrono::DateTime::parse_from_rfc3339(&text)
                    .ok()
                    .filter(|_| text.ends_with('Z'));
                match usual.micros(text.as_bytes()) {
                    Some(micros) => {
                        read += 1;
                        assert_eq!(
                            Some(micros),
                            known.map(|time| time.timestamp_micros()),
                            "{text}"
                        );
                    }
                    None => {
                        left += 1;
                        // A leap second, ten digits and times before 1970 are left to the other way.
                        let early = known.is_none_or(|time| time.timestamp() < 0);
                        assert!(early || digits > 8 || text.contains(":60"), "{text}");
                    }
                }
            }
        }
        assert!(read > 50_000 && left > 10_000, "{read} {left}");
    }

    #[test]
    fn a_time_says_whether_it_states_a_zone() {
        let read = |text| parse(text, TimeRules::default()).unwrap();
        for text in [
            "2022-02-23T15:52:25",
            "2/23/2022 3:52:25 PM",
            "23.02.2022 15:52:25",
        ] {
            assert_eq!(read(text), Time::Zoneless(BASE), "{text}");
        }
        for text in [
            "2022-02-23T15:52:25Z",
            "2022-02-23 16:52:25 +01:00",
            "2/23/2022 3:52:25 PM UTC",
            "1645631545",
        ] {
            assert_eq!(read(text), Time::Instant(BASE), "{text}");
        }
        assert_eq!(
            from_local_micros(BASE, TimeRules::default()),
            Ok(Time::Zoneless(BASE))
        );
    }

    /// Microseconds of 2022-02-23T15:52:25Z: 19,046 days, 57,145 seconds.
    const BASE: i64 = (19_046 * 86_400 + 57_145) * SECOND;

    #[test]
    fn the_published_shapes_are_read() {
        for (text, micros) in [
            ("2022-02-23T15:52:25.4059244Z", 405_924),
            ("2022-02-23T15:52:25Z", 0),
            ("2022-02-23T15:52:25.0000000Z", 0),
            ("2022-02-23T15:52:25.022860553Z", 22_860),
            ("2022-02-23 15:52:25.0766240", 76_624),
            ("2022-02-23 15:52:25.405924+00:00", 405_924),
            ("2022-02-23T21:22:25.5+05:30", 500_000),
            ("2022-02-23T10:52:25-0500", 0),
            ("2/23/2022 3:52:25 PM", 0),
            ("2/23/2022, 3:52:25.391 PM", 391_000),
            ("2/23/2022, 3:52:25\u{202f}PM", 0),
            ("23/02/2022 15:52:25 UTC", 0),
            ("1645631545", 0),
            ("1645631545.375", 375_000),
            ("1645631545391", 391_000),
            ("1645631545391123", 391_123),
        ] {
            assert_eq!(utc(text), Ok(Time::Instant(BASE + micros)), "{text}");
        }
        // Without seconds, and with an hour of one digit.
        assert_eq!(
            utc("2022-02-23T15:52Z"),
            Ok(Time::Instant(BASE - 25 * SECOND))
        );
        assert_eq!(
            utc("2022-02-23 6:12:13"),
            Ok(Time::Instant(BASE - (9 * 3600 + 40 * 60 + 12) * SECOND))
        );
    }

    #[test]
    fn placeholders_are_no_timestamps() {
        for text in [
            "0001-01-01T00:00:00",
            "1970-01-01T00:00:00Z",
            "9999-12-31T23:59:59.9999999Z",
            "0",
            "1999-12-31T23:59:59Z",
        ] {
            assert_eq!(utc(text), Ok(Time::Placeholder), "{text}");
        }
        assert!(matches!(utc("2100-12-31T23:59:59Z"), Ok(Time::Instant(_))));
    }

    #[test]
    fn nonsense_is_refused() {
        for text in [
            "yesterday",
            "2026-02-30T00:00:00Z",
            "2026-01-01T24:00:00Z",
            "2026-01-01T10:61:00Z",
            "2026-01-01T10:00:00 PST",
            "13/13/2026 10:00",
            "2026-01-01T10:00:00Zjunk",
            "1/2/26 10:00",
            "",
            "2026-01-01T10:00:00.Z",
            "0/5/2026 1:00 PM",
            "3/4/2026 13:00 PM",
            "45321.5x",
        ] {
            assert_eq!(utc(text), Err(TimeError::Shape), "{text}");
        }
    }

    #[test]
    fn day_and_month_are_never_guessed() {
        assert_eq!(utc("3/4/2026 10:00"), Err(TimeError::Ambiguous));
        assert_eq!(utc("01-02-2026"), Err(TimeError::Ambiguous));
        let with = |order| {
            parse(
                "3/4/2026 10:00",
                TimeRules {
                    order: Some(order),
                    ..TimeRules::default()
                },
            )
        };
        let naive = |text| parse(text, TimeRules::default());
        assert_eq!(with(DateOrder::Mdy), naive("2026-03-04 10:00"));
        assert_eq!(with(DateOrder::Dmy), naive("2026-04-03 10:00"));
        // A number above 12 tells, and so does PM.
        assert_eq!(utc("25/11/2026 05:30:22 UTC"), utc("2026-11-25T05:30:22Z"));
        assert_eq!(utc("3/4/2026 1:00 PM"), utc("2026-03-04T13:00Z"));
        assert_eq!(utc("3/4/2026 12:30 AM"), utc("2026-03-04T00:30Z"));
    }

    #[test]
    fn a_stated_format_is_followed() {
        let rules = TimeRules {
            zone: "Europe/Berlin".parse().ok(),
            order: None,
        };
        assert_eq!(
            parse_as(" 23.02.2022 16:52 ", "%d.%m.%Y %H:%M", rules),
            utc("2022-02-23T15:52Z")
        );
        assert_eq!(
            parse_as("23.02.2022 16:52 +0300", "%d.%m.%Y %H:%M %z", rules),
            utc("2022-02-23T13:52Z")
        );
        assert_eq!(
            parse_as("20220223", "%Y%m%d", rules),
            utc("2022-02-22T23:00Z")
        );
        assert_eq!(
            parse_as("2022-02-23", "%d.%m.%Y", rules),
            Err(TimeError::Shape)
        );
    }

    #[test]
    fn naive_times_follow_the_zone() {
        let berlin = TimeRules {
            zone: "Europe/Berlin".parse().ok(),
            order: None,
        };
        assert_eq!(
            parse("2026-03-28 12:00:00", berlin),
            utc("2026-03-28T11:00:00Z")
        );
        // Clocks skipped 02:00 to 03:00 on 2026-03-29, and 02:30 happened twice on 2026-10-25.
        assert_eq!(parse("2026-03-29 02:30:00", berlin), Err(TimeError::Gap));
        let Ok(Time::Instant(first)) = utc("2026-10-25T00:30:00Z") else {
            panic!("a plain time")
        };
        assert_eq!(
            parse("2026-10-25 02:30:00", berlin),
            Ok(Time::Folded(first))
        );
        // A stated zone is not overruled.
        assert_eq!(
            parse("2026-03-29T02:30:00Z", berlin),
            utc("2026-03-29T02:30:00Z")
        );
    }

    #[test]
    fn more_shapes_of_programs_and_people_are_read() {
        for text in [
            "/Date(1645631545000)/",
            "/Date(1645631545000+0100)/",
            "23.02.2022 15:52:25",
            "2022/02/23 15:52:25",
            "23/02/2022 15:52:25 UTC",
            "23-02-2022 15:52:25",
            "2/23/2022 3:52:25 p.m.",
        ] {
            assert_eq!(utc(text), Ok(Time::Instant(BASE)), "{text}");
        }
        // Midnight is 15:52:25 before.
        assert_eq!(utc("23.2.2022"), Ok(Time::Instant(BASE - 57_145 * SECOND)));
        assert!(utc("/Date(x)/").is_err() && utc("1.2.3").is_err());
    }

    #[test]
    fn a_date_shows_what_it_can_about_its_column() {
        let clue = |text| {
            let mut clue = None;
            let _read = parse_noting(text, TimeRules::default(), &mut clue);
            clue
        };
        for (text, expected) in [
            ("25/11/2026 10:00", Some(Clue::DayFirst)),
            ("11/25/2026 10:00", Some(Clue::MonthFirst)),
            ("3/4/2026 10:00 AM", Some(Clue::HalfDay)),
            ("3/4/2026 10:00", Some(Clue::Either)),
            ("4/4/2026 10:00", None),
            ("3.4.2026 10:00", None),
            ("2026-11-25T10:00:00Z", None),
        ] {
            assert_eq!(clue(text), expected, "{text}");
        }
    }
}
