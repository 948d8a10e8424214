//! Local calendar dates and the window of a report.
//!
//! A run belongs to a calendar date of the report's time zone. Dates are computed from instants here and
//! never by truncating instants, because in some zones a day has no midnight.

use anyhow::{Result, bail};
use chrono::{
    DateTime, Datelike, Days, Months, NaiveDate, NaiveDateTime, NaiveTime, Offset, TimeDelta,
    TimeZone, Weekday,
};
use chrono_tz::Tz;

use crate::report::Span;

/// Length of a bucket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum By {
    /// Calendar day.
    Day,
    /// Seven days from the first weekday.
    Week,
    /// Calendar month.
    Month,
}

impl By {
    /// `day`, `week` or `month`.
    pub fn key(self) -> &'static str {
        match self {
            By::Day => "day",
            By::Week => "week",
            By::Month => "month",
        }
    }

    /// Day up to 31 dates, week up to 26 weeks, else month.
    pub fn auto(span: Span) -> By {
        match days(span) {
            ..=31 => By::Day,
            32..=182 => By::Week,
            _ => By::Month,
        }
    }
}

/// First weekday of a week.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum WeekStart {
    /// As in ISO 8601.
    #[default]
    Monday,
    /// As in the Purview portal.
    Sunday,
}

impl WeekStart {
    /// `monday` or `sunday`.
    pub fn key(self) -> &'static str {
        match self {
            WeekStart::Monday => "monday",
            WeekStart::Sunday => "sunday",
        }
    }

    /// First date of the week that holds `date`.
    pub fn week_of(self, date: NaiveDate) -> NaiveDate {
        let first = match self {
            WeekStart::Monday => Weekday::Mon,
            WeekStart::Sunday => Weekday::Sun,
        };
        date.week(first).first_day()
    }
}

/// How long before the last day a window begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Last {
    /// This many dates.
    Days(u32),
    /// From the day after the same date this many months earlier.
    Months(u32),
    /// From the first day of the data.
    All,
    /// The newest whole week.
    LastWeek,
}

impl std::str::FromStr for Last {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let number = |digits: &str| {
            digits
                .parse::<u32>()
                .ok()
                .filter(|&n| (1..=36_600).contains(&n))
        };
        let parsed = match text {
            "all" => Some(Last::All),
            "last-week" => Some(Last::LastWeek),
            _ => [("mo", 'm'), ("w", 'w'), ("d", 'd')]
                .into_iter()
                .find_map(|(ending, unit)| {
                    let n = number(text.strip_suffix(ending)?)?;
                    match unit {
                        'm' => Some(Last::Months(n)),
                        'w' => Some(Last::Days(n.checked_mul(7)?)),
                        _ => Some(Last::Days(n)),
                    }
                }),
        };
        parsed.ok_or_else(|| {
            format!(
                "expected a length such as 30d, 4w or 3mo, or all, or last-week; found {text:?}"
            )
        })
    }
}

/// Number of dates in a span.
pub fn days(span: Span) -> i64 {
    (span.last - span.first).num_days() + 1
}

/// Local date of an instant given in microseconds.
pub fn local_date(zone: Tz, micros: i64) -> NaiveDate {
    let utc = DateTime::from_timestamp_micros(micros).unwrap_or_default();
    utc.with_timezone(&zone).date_naive()
}

/// The instant of a local date and time: of two, the first; in a gap, as if the clock had not been put forward (RFC 5545,
/// section 3.3.5).
pub fn instant_of(zone: Tz, local: NaiveDateTime) -> i64 {
    // No gap is longer than a day.
    (0..=25)
        .find_map(|hours| {
            let before = zone.from_local_datetime(&(local - TimeDelta::hours(hours)));
            let instant = if hours == 0 {
                before.earliest()
            } else {
                before.latest()
            };
            Some(instant? + TimeDelta::hours(hours))
        })
        .map_or(i64::MAX, |instant| instant.timestamp_micros())
}

/// The instant at which a local date ends, in microseconds.
pub fn end_of_day(zone: Tz, date: NaiveDate) -> i64 {
    date.succ_opt().map_or(i64::MAX, |next| {
        instant_of(zone, next.and_time(NaiveTime::MIN))
    })
}

/// Local date and time of an instant.
pub fn local_time(zone: Tz, micros: i64) -> NaiveDateTime {
    let utc = DateTime::from_timestamp_micros(micros).unwrap_or_default();
    utc.with_timezone(&zone).naive_local()
}

/// Turns instants into local dates. Looks up the offset of a zone once for each quarter of an hour, since
/// offsets change only at such instants.
#[derive(Debug)]
pub struct LocalDates {
    zone: Tz,
    offsets: std::collections::BTreeMap<i64, i64>,
    last: Option<(i64, i64)>,
}

const QUARTER: i64 = 900_000_000;
const DAY: i64 = 86_400_000_000;

impl LocalDates {
    /// Dates in this zone.
    pub fn new(zone: Tz) -> LocalDates {
        LocalDates {
            zone,
            offsets: std::collections::BTreeMap::new(),
            last: None,
        }
    }

    /// Days since 1970-01-01 of the local date of an instant.
    pub fn day(&mut self, micros: i64) -> i32 {
        let quarter = micros.div_euclid(QUARTER);
        let offset = match self.last {
            Some((known, offset)) if known == quarter => offset,
            _ => {
                let zone = self.zone;
                let offset = *self.offsets.entry(quarter).or_insert_with(|| {
                    let utc = DateTime::from_timestamp_micros(quarter * QUARTER)
                        .unwrap_or_default()
                        .naive_utc();
                    i64::from(zone.offset_from_utc_datetime(&utc).fix().local_minus_utc())
                        * 1_000_000
                });
                self.last = Some((quarter, offset));
                offset
            }
        };
        // Instants lie between the years 2000 and 2100, so the day number is small.
        i32::try_from((micros + offset).div_euclid(DAY)).unwrap_or_default()
    }
}

/// A date as days since 1970-01-01.
pub fn epoch_day(date: NaiveDate) -> i32 {
    date.num_days_from_ce() - 719_163
}

/// The date of a number of days since 1970-01-01.
pub fn from_epoch_day(day: i32) -> NaiveDate {
    NaiveDate::from_num_days_from_ce_opt(day.saturating_add(719_163)).unwrap_or_default()
}

/// What the user asked for.
#[derive(Clone, Debug, Default)]
pub struct WindowOptions {
    /// `--from`.
    pub from: Option<NaiveDate>,
    /// `--to`.
    pub to: Option<NaiveDate>,
    /// `--last`; 30 days when neither it nor `--from` is given.
    pub last: Option<Last>,
    /// `--as-of`.
    pub as_of: Option<NaiveDate>,
    /// `--by`; chosen by the length of the window when absent.
    pub by: Option<By>,
    /// `--week-start`.
    pub week_start: WeekStart,
}

/// The dates that matter to a report.
#[derive(Clone, Copy, Debug)]
pub struct Window {
    /// The dates that the report covers.
    pub span: Span,
    /// As many days just before, when the data reaches back that far.
    pub previous: Option<Span>,
    /// The dates of the data.
    pub data: Span,
    /// The date the report speaks of.
    pub as_of: NaiveDate,
    /// True when `as_of` is the last date of the data, so that day may be unfinished.
    pub as_of_from_data: bool,
    /// Length of a bucket.
    pub by: By,
    /// First weekday of a week.
    pub week_start: WeekStart,
}

/// One bar of the report.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bucket {
    /// Its calendar dates, not clipped to the window.
    pub span: Span,
    /// Some of its dates are outside the window, before the data, or may be unfinished.
    pub partial_period: bool,
    /// None of its dates has data.
    pub no_data: bool,
}

fn minus_days(date: NaiveDate, days: u32) -> NaiveDate {
    date.checked_sub_days(Days::new(u64::from(days)))
        .unwrap_or(NaiveDate::MIN)
}

impl Window {
    /// Settles the window from what was asked and which dates the data has.
    pub fn new(options: &WindowOptions, data: Span) -> Result<Window> {
        let as_of = options.as_of.unwrap_or(data.last);
        let last_week = options.last == Some(Last::LastWeek);
        let last = match options.to {
            Some(to) => to,
            None if last_week => {
                // The week that ends on or before as_of.
                let this_week = options.week_start.week_of(as_of);
                let ends_today = this_week + Days::new(6) == as_of;
                if ends_today {
                    as_of
                } else {
                    minus_days(this_week, 1)
                }
            }
            None => as_of,
        };
        let first = match (options.from, options.last.unwrap_or(Last::Days(30))) {
            (Some(from), _) => from,
            (None, Last::Days(n)) => minus_days(last, n - 1),
            (None, Last::LastWeek) => minus_days(last, 6),
            (None, Last::Months(n)) => last
                .checked_sub_months(Months::new(n))
                .and_then(|date| date.succ_opt())
                .unwrap_or(NaiveDate::MIN),
            (None, Last::All) => data.first.min(last),
        };
        if first > last {
            bail!(
                "the window ends on {last}, before it begins on {first}\n       check --from, --to and --as-of"
            );
        }
        let span = Span { first, last };
        let length = days(span);
        if length > 36_600 {
            bail!(
                "the window has {length} days, from {first} to {last}; a hundred years is the most\n       check --from and --to"
            );
        }
        let before = Span {
            first: minus_days(first, u32::try_from(length).unwrap_or(u32::MAX)),
            last: minus_days(first, 1),
        };
        Ok(Window {
            span,
            previous: (data.first <= before.first).then_some(before),
            data,
            as_of,
            as_of_from_data: options.as_of.is_none(),
            by: options.by.unwrap_or_else(|| By::auto(span)),
            week_start: options.week_start,
        })
    }

    /// First date of the bucket that holds `date`.
    pub fn bucket_start(&self, date: NaiveDate) -> NaiveDate {
        match self.by {
            By::Day => date,
            By::Week => self.week_start.week_of(date),
            By::Month => date.with_day(1).unwrap_or(date),
        }
    }

    fn bucket(&self, start: NaiveDate) -> Bucket {
        let last = match self.by {
            By::Day => start,
            By::Week => start + Days::new(6),
            By::Month => start
                .checked_add_months(Months::new(1))
                .and_then(|next| next.pred_opt())
                .unwrap_or(start),
        };
        let unfinished_from = if self.as_of_from_data {
            Some(self.as_of)
        } else {
            self.as_of.succ_opt()
        };
        Bucket {
            span: Span { first: start, last },
            partial_period: start < self.span.first
                || last > self.span.last
                || start < self.data.first
                || unfinished_from.is_some_and(|from| last >= from),
            no_data: last < self.data.first || start > self.data.last,
        }
    }

    /// Every bucket that holds a date of the window, in order.
    pub fn buckets(&self) -> Vec<Bucket> {
        let mut buckets = Vec::new();
        let mut start = self.bucket_start(self.span.first);
        while start <= self.span.last {
            let bucket = self.bucket(start);
            buckets.push(bucket);
            match bucket.span.last.succ_opt() {
                Some(next) => start = next,
                None => break,
            }
        }
        buckets
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn date(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn span(first: &str, last: &str) -> Span {
        Span {
            first: date(first),
            last: date(last),
        }
    }

    fn window(options: &WindowOptions) -> Window {
        Window::new(options, span("2026-09-21", "2026-11-19")).unwrap()
    }

    #[test]
    fn the_default_window_is_thirty_dates_up_to_the_newest() {
        let window = window(&WindowOptions::default());
        assert_eq!(window.span, span("2026-10-21", "2026-11-19"));
        // 30 days before 2026-10-21 is 2026-09-21, the first day of the data, so there is a previous period.
        assert_eq!(window.previous, Some(span("2026-09-21", "2026-10-20")));
        assert_eq!(window.by, By::Day);
        assert_eq!(window.buckets().len(), 30);
        // as_of comes from the data, so its day may be unfinished.
        assert_eq!(
            window.buckets().iter().filter(|b| b.partial_period).count(),
            1
        );
    }

    #[test]
    fn months_begin_the_day_after_the_same_date() {
        let options = WindowOptions {
            last: Some(Last::Months(1)),
            ..WindowOptions::default()
        };
        assert_eq!(window(&options).span, span("2026-10-20", "2026-11-19"));
        // 31 May less one month is 30 April.
        let end_of_may = WindowOptions {
            to: Some(date("2026-05-31")),
            ..options
        };
        assert_eq!(window(&end_of_may).span.first, date("2026-05-01"));
    }

    #[test]
    fn last_week_is_the_newest_whole_week() {
        // 2026-11-19 is a Thursday.
        let options = WindowOptions {
            last: Some(Last::LastWeek),
            ..WindowOptions::default()
        };
        assert_eq!(window(&options).span, span("2026-11-09", "2026-11-15"));
        let sunday = WindowOptions {
            week_start: WeekStart::Sunday,
            ..options
        };
        assert_eq!(window(&sunday).span, span("2026-11-08", "2026-11-14"));
        let on_its_last_day = WindowOptions {
            as_of: Some(date("2026-11-15")),
            ..options
        };
        assert_eq!(
            window(&on_its_last_day).span,
            span("2026-11-09", "2026-11-15")
        );
    }

    #[test]
    fn weeks_are_not_clipped_and_say_when_they_are_cut() {
        let options = WindowOptions {
            from: Some(date("2026-11-04")),
            to: Some(date("2026-11-15")),
            by: Some(By::Week),
            ..WindowOptions::default()
        };
        let buckets = window(&options).buckets();
        let spans: Vec<_> = buckets.iter().map(|b| (b.span, b.partial_period)).collect();
        assert_eq!(
            spans,
            [
                (span("2026-11-02", "2026-11-08"), true),
                (span("2026-11-09", "2026-11-15"), false)
            ]
        );
    }

    #[test]
    fn a_bucket_without_a_day_of_data_is_absent() {
        let options = WindowOptions {
            from: Some(date("2026-08-01")),
            to: Some(date("2026-10-31")),
            by: Some(By::Month),
            ..WindowOptions::default()
        };
        let buckets = window(&options).buckets();
        assert_eq!(
            buckets.iter().map(|b| b.no_data).collect::<Vec<_>>(),
            [true, false, false]
        );
        assert_eq!(
            buckets.iter().map(|b| b.partial_period).collect::<Vec<_>>(),
            [true, true, false]
        );
    }

    #[test]
    fn days_are_local_dates_even_where_midnight_does_not_exist() {
        // Sao Paulo, 2018-11-04: clocks went from 23:59:59 to 01:00.
        let zone: Tz = "America/Sao_Paulo".parse().unwrap();
        let instant = |text: &str| {
            DateTime::parse_from_rfc3339(text)
                .unwrap()
                .timestamp_micros()
        };
        let mut dates = LocalDates::new(zone);
        for (at, day) in [
            ("2018-11-04T02:59:59Z", "2018-11-03"),
            ("2018-11-04T03:00:00Z", "2018-11-04"),
            ("2018-11-05T01:59:59Z", "2018-11-04"),
            ("2018-11-05T02:00:00Z", "2018-11-05"),
        ] {
            assert_eq!(from_epoch_day(dates.day(instant(at))), date(day), "{at}");
            assert_eq!(local_date(zone, instant(at)), date(day), "{at}");
        }
    }
}
