//! When the runs of a scan were due, and which of them did not come.

use chrono::{Datelike, Days, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, TimeZone};
use chrono_tz::Tz;

use super::Time;
use super::reconcile::Run;
use super::state::median;
use super::tables::distinct;
use super::window::Period;

const HOUR: i64 = 3_600_000_000;
const DAY: i64 = 24 * HOUR;

/// A time at which a run of a scan was due.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Slot {
    pub(crate) at: Time,
    /// The local date of the instant.
    pub(crate) date: NaiveDate,
    /// It comes from a schedule in days, not from a short interval.
    pub(crate) by_days: bool,
    pub(crate) missed: bool,
}

/// The instant of a local time: the first where the clock is put back over it. Where the clock jumps over it, the
/// instant that the clock would show it at without the jump.
pub(crate) fn instant(local: NaiveDateTime, tz: Tz) -> Time {
    match tz.from_local_datetime(&local).earliest() {
        Some(time) => time.to_utc(),
        None => {
            let before = local - TimeDelta::hours(3);
            tz.from_local_datetime(&before).unwrap().to_utc() + TimeDelta::hours(3)
        }
    }
}

fn micros(time: Time) -> i64 {
    time.timestamp_micros()
}

fn from_micros(micros: i64) -> Time {
    Time::from_timestamp_micros(micros).unwrap()
}

/// Microseconds from 00:00 to this time of day.
fn time_of_day(time: NaiveTime) -> i64 {
    (time - NaiveTime::MIN).num_microseconds().unwrap()
}

/// The slots of one run type of a scan, on days of the period, in order.
pub(crate) struct Series {
    pub(crate) slots: Vec<Slot>,
    newest_start: Time,
}

impl Series {
    /// More than a quarter missed, here and there, and a start after the first of them: nobody expected them any more.
    pub(crate) fn is_given_up(&self) -> bool {
        let mut missed = 0;
        let mut rows = 0;
        let mut first = None;
        for (index, slot) in self.slots.iter().enumerate() {
            if slot.missed {
                missed += 1;
                first = first.or(Some(slot.at));
                if index == 0 || !self.slots[index - 1].missed {
                    rows += 1;
                }
            }
        }
        let went_on = first.is_some_and(|first| self.newest_start > first);
        4 * missed > self.slots.len() && rows >= 2 && went_on
    }
}

/// All slots of a scan on days of the period, by run type. `history` are its state runs.
pub(crate) fn series(history: &[&Run], horizon: Time, period: Period, tz: Tz) -> Vec<Series> {
    let mut all = Vec::new();
    for run_type in distinct(history.iter().map(|run| &run.rec.run_type)) {
        let starts: Vec<Time> = history
            .iter()
            .filter(|run| run.rec.run_type == *run_type)
            .filter(|run| run.rec.trigger.as_deref() != Some("manual"))
            .map(|run| run.time)
            .collect();
        let mut slots = of_one_type(&starts, history, horizon, tz);
        slots.retain(|slot| period.holds(slot.date));
        slots.sort_by_key(|slot| (slot.at, slot.missed));
        if let Some(newest_start) = starts.last().copied() {
            all.push(Series {
                slots,
                newest_start,
            });
        }
    }
    all
}

/// The slots of the cadence that these starts show; none without a cadence.
fn of_one_type(starts: &[Time], history: &[&Run], horizon: Time, tz: Tz) -> Vec<Slot> {
    let mut gaps = Vec::new();
    for two in starts.windows(2) {
        gaps.push(micros(two[1]) - micros(two[0]));
    }
    match median(&gaps) {
        None => Vec::new(),
        Some(m) if m <= 12 * HOUR => short_interval(starts, &gaps, m, history, horizon, tz),
        Some(_) => by_days(starts, history, horizon, tz),
    }
}

/// Whether a run was under way at an instant: not yet ended, or active with no other run begun since.
fn under_way(history: &[&Run], at: Time) -> bool {
    let mut under_way = false;
    for (index, run) in history.iter().enumerate() {
        if run.time > at {
            continue;
        }
        let followed = history[index + 1..].iter().any(|next| next.time <= at);
        under_way |= run.rec.ended_at.is_some_and(|end| end > at);
        under_way |= run.outcome == "active" && !followed;
    }
    under_way
}

fn slot(at: Time, by_days: bool, missed: bool, tz: Tz) -> Slot {
    Slot {
        at,
        date: at.with_timezone(&tz).date_naive(),
        by_days,
        missed,
    }
}

fn short_interval(
    starts: &[Time],
    gaps: &[i64],
    m: i64,
    history: &[&Run],
    horizon: Time,
    tz: Tz,
) -> Vec<Slot> {
    let regular = gaps
        .iter()
        .filter(|gap| 4 * **gap >= 3 * m && 4 * **gap <= 5 * m)
        .count();
    if m == 0 || starts.len() < 12 || 5 * regular < 4 * gaps.len() {
        return Vec::new();
    }
    let mut instants = Vec::new();
    for two in starts.windows(2) {
        let gap = micros(two[1]) - micros(two[0]);
        if 4 * gap >= 7 * m {
            let inside = (2 * gap + m) / (2 * m) - 1;
            for k in 1..=inside {
                instants.push(micros(two[0]) + k * m);
            }
        }
    }
    let newest = micros(*starts.last().unwrap());
    let mut k = 1;
    while newest + (k + 1) * m <= micros(horizon) {
        instants.push(newest + k * m);
        k += 1;
    }
    // A start is a slot that was kept.
    let mut slots: Vec<Slot> = starts[1..]
        .iter()
        .map(|start| slot(*start, false, false, tz))
        .collect();
    for at in instants {
        let near = history
            .iter()
            .any(|run| 2 * (micros(run.time) - at).abs() <= m);
        let missed = !near && !under_way(history, from_micros(at));
        slots.push(slot(from_micros(at), false, missed, tz));
    }
    slots
}

/// Where the slot day begins, in the middle of the largest stretch of the day without a start; `None` when it is
/// shorter than six hours.
fn beginning(starts: &[Time], tz: Tz) -> Option<i64> {
    let times = distinct(
        starts
            .iter()
            .map(|start| time_of_day(start.with_timezone(&tz).time())),
    );
    let mut best: Option<(i64, i64)> = None;
    for (index, from) in times.iter().enumerate() {
        let to = match times.get(index + 1) {
            Some(next) => *next,
            None => times[0] + DAY,
        };
        let length = to - from;
        if best.is_none_or(|(_, longest)| length > longest) {
            best = Some((*from, length));
        }
    }
    let (from, length) = best?;
    (length >= 6 * HOUR).then_some((from + length / 2) % DAY)
}

/// The slot day of an instant, and the time from its beginning by the clock.
fn slot_day(time: Time, beginning: i64, tz: Tz) -> (NaiveDate, i64) {
    let local = time.with_timezone(&tz).naive_local() - TimeDelta::microseconds(beginning);
    (local.date(), time_of_day(local.time()))
}

fn by_days(starts: &[Time], history: &[&Run], horizon: Time, tz: Tz) -> Vec<Slot> {
    let Some(beginning) = beginning(starts, tz) else {
        return Vec::new();
    };
    let days = distinct(starts.iter().map(|start| slot_day(*start, beginning, tz).0));
    let offsets: Vec<i64> = starts
        .iter()
        .map(|start| slot_day(*start, beginning, tz).1)
        .collect();
    let offset = median(&offsets).unwrap();
    let expected = |day: NaiveDate| {
        let local = day.and_time(NaiveTime::MIN) + TimeDelta::microseconds(beginning + offset);
        instant(local, tz)
    };
    let (first, last) = (days[0], *days.last().unwrap());
    let span = (last - first).num_days() + 1;

    let weekdays = if days.len() >= 7 && 10 * days.len() as i64 >= 9 * span {
        Some((0..7).collect())
    } else {
        weekdays(&days)
    };
    if let Some(weekdays) = weekdays {
        let mut slots = Vec::new();
        let mut day = first + Days::new(1);
        while expected(day) + TimeDelta::hours(12) <= horizon {
            if weekdays.contains(&day.weekday().num_days_from_monday()) {
                let at = expected(day);
                let run_on_it = history
                    .iter()
                    .any(|run| slot_day(run.time, beginning, tz).0 == day);
                let missed = !run_on_it && !under_way(history, at);
                slots.push(slot(at, true, missed, tz));
            }
            day = day + Days::new(1);
        }
        return slots;
    }

    let gaps: Vec<i64> = days
        .windows(2)
        .map(|two| (two[1] - two[0]).num_days())
        .collect();
    let g = median(&gaps).unwrap_or(0);
    let slack = if g >= 28 { 3 } else { 1 };
    let regular = gaps.iter().filter(|gap| (**gap - g).abs() <= slack).count();
    if days.len() < 4 || g < 2 || 4 * regular < 3 * gaps.len() {
        return Vec::new();
    }
    let tolerance = (g * DAY / 4).max(DAY);
    let due = |at: Time| micros(at) + tolerance <= micros(horizon);
    // A day with a start is a slot that was kept.
    let mut slots: Vec<Slot> = days[1..]
        .iter()
        .filter(|day| due(expected(**day)))
        .map(|day| slot(expected(*day), true, false, tz))
        .collect();
    let mut open = Vec::new();
    for two in days.windows(2) {
        let gap = (two[1] - two[0]).num_days();
        if 4 * gap >= 7 * g {
            for k in 1..(2 * gap + g) / (2 * g) {
                open.push(two[0] + TimeDelta::days(k * g));
            }
        }
    }
    let mut day = last + TimeDelta::days(g);
    while due(expected(day)) {
        open.push(day);
        day += TimeDelta::days(g);
    }
    for day in open.into_iter().filter(|day| due(expected(*day))) {
        let at = expected(day);
        let near = history
            .iter()
            .any(|run| (micros(run.time) - micros(at)).abs() <= tolerance);
        let missed = !near && !under_way(history, at);
        slots.push(slot(at, true, missed, tz));
    }
    slots
}

/// The weekdays that the starts keep to, from Monday as 0; `None` when these do not explain most of them.
fn weekdays(days: &[NaiveDate]) -> Option<Vec<u32>> {
    let (first, last) = (*days.first()?, *days.last()?);
    let mut kept = Vec::new();
    let mut explained = 0;
    for weekday in 0..7 {
        let is_it = |day: &NaiveDate| day.weekday().num_days_from_monday() == weekday;
        let with_start = days.iter().filter(|day| is_it(day)).count();
        let dates = first
            .iter_days()
            .take_while(|day| *day <= last)
            .filter(is_it)
            .count();
        if with_start >= 3 && 4 * with_start >= 3 * dates {
            kept.push(weekday);
            explained += with_start;
        }
    }
    (5 * explained >= 4 * days.len()).then_some(kept)
}
