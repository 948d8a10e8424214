//! The dates of a report: its window, the buckets of the window, and the period before it.

use chrono::{Datelike, Days, Months, NaiveDate, Weekday};
use serde_json::{Value, json};

use super::reconcile::Run;
use super::{By, Options};

/// First and last date of a period, both inclusive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Period {
    pub(crate) first: NaiveDate,
    pub(crate) last: NaiveDate,
}

impl Period {
    pub(crate) fn holds(self, day: NaiveDate) -> bool {
        self.first <= day && day <= self.last
    }

    pub(crate) fn days(self) -> i64 {
        (self.last - self.first).num_days() + 1
    }

    fn dates(self) -> Vec<NaiveDate> {
        self.first
            .iter_days()
            .take_while(|day| *day <= self.last)
            .collect()
    }
}

/// Everything about dates that the tables need.
#[derive(Clone, Debug)]
pub(crate) struct Dates {
    pub(crate) data: Period,
    pub(crate) as_of: NaiveDate,
    pub(crate) window: Period,
    pub(crate) previous: Option<Period>,
    pub(crate) buckets: Vec<Period>,
    as_of_from_data: bool,
}

impl Dates {
    /// The dates for all loaded runs, before filters, children included. There must be a run.
    pub(crate) fn of(runs: &[Run], options: &Options) -> Self {
        let first = runs.iter().map(|run| run.day).min().unwrap();
        let mut newest = None;
        for run in runs {
            for time in [
                run.rec.queued_at,
                run.rec.started_at,
                run.rec.ended_at,
                run.rec.observed_at,
            ] {
                newest = newest.max(time);
            }
        }
        let last = newest.unwrap().with_timezone(&options.tz).date_naive();
        let data = Period { first, last };
        let as_of = options.as_of.unwrap_or(data.last);
        let window = window(options, as_of, data.first);
        let length = Days::new(window.days().unsigned_abs());
        let previous = Period {
            first: window.first - length,
            last: window.last - length,
        };
        Self {
            data,
            as_of,
            window,
            previous: (data.first <= previous.first).then_some(previous),
            buckets: buckets(window, options),
            as_of_from_data: options.as_of.is_none(),
        }
    }

    /// Whether the bucket cannot hold all the runs of its dates.
    pub(crate) fn partial(&self, bucket: Period) -> bool {
        bucket.dates().into_iter().any(|day| {
            !self.window.holds(day)
                || day < self.data.first
                || day > self.as_of
                || (self.as_of_from_data && day == self.as_of)
        })
    }

    /// Whether the data says nothing about any date of the bucket.
    pub(crate) fn no_data(&self, bucket: Period) -> bool {
        bucket.dates().into_iter().all(|day| !self.data.holds(day))
    }

    /// `as_of` and `window` as the report states them.
    pub(crate) fn json(&self) -> Value {
        let period = |p: Period| json!({"first": p.first.to_string(), "last": p.last.to_string()});
        json!({
            "as_of": self.as_of.to_string(),
            "window": {
                "first": self.window.first.to_string(),
                "last": self.window.last.to_string(),
                "days": self.window.days(),
                "previous": self.previous.map(period),
            },
        })
    }
}

/// The day that a week begins on.
fn week_start(options: &Options) -> Weekday {
    if options.sunday {
        Weekday::Sun
    } else {
        Weekday::Mon
    }
}

/// The window that the options ask for.
fn window(options: &Options, as_of: NaiveDate, data_first: NaiveDate) -> Period {
    let asked = options.last.unwrap_or("30d");
    let mut last = options.to.unwrap_or(as_of);
    if asked == "last-week" {
        // Step back to the newest date after which a week begins.
        while last.succ_opt().unwrap().weekday() != week_start(options) {
            last = last.pred_opt().unwrap();
        }
    }
    let first = if let Some(from) = options.from {
        from
    } else if asked == "last-week" {
        last - Days::new(6)
    } else if asked == "all" {
        data_first
    } else if let Some(months) = asked.strip_suffix("mo") {
        last.checked_sub_months(Months::new(months.parse().unwrap()))
            .unwrap()
            + Days::new(1)
    } else if let Some(weeks) = asked.strip_suffix('w') {
        last - Days::new(7 * weeks.parse::<u64>().unwrap() - 1)
    } else {
        last - Days::new(asked.strip_suffix('d').unwrap().parse::<u64>().unwrap() - 1)
    };
    Period { first, last }
}

/// The buckets of the window. A bucket keeps its own dates, also those outside the window.
fn buckets(window: Period, options: &Options) -> Vec<Period> {
    let by = match options.by {
        By::Auto if window.days() <= 31 => By::Day,
        By::Auto if window.days() <= 182 => By::Week,
        By::Auto => By::Month,
        asked => asked,
    };
    let mut buckets: Vec<Period> = Vec::new();
    for day in window.dates() {
        if buckets.last().is_some_and(|bucket| bucket.holds(day)) {
            continue;
        }
        let mut first = day;
        let mut last = day;
        match by {
            By::Day | By::Auto => {}
            By::Week => {
                while first.weekday() != week_start(options) {
                    first = first.pred_opt().unwrap();
                }
                last = first + Days::new(6);
            }
            By::Month => {
                first = day.with_day(1).unwrap();
                while last.succ_opt().unwrap().month() == day.month() {
                    last = last.succ_opt().unwrap();
                }
            }
        }
        buckets.push(Period { first, last });
    }
    buckets
}
