//! Runs that were due and did not begin: the cadence of a scan, from its own starts. The rules stand in
//! `docs/FINDINGS.md`. Instants are microseconds.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Datelike};
use chrono_tz::Tz;

use super::limits as limit;
use super::rules::median;
use crate::runs::calendar::{epoch_day, from_epoch_day, instant_of, local_date, local_time};
use crate::runs::schema::Outcome;
use crate::sections::history::{History, Run, RunType, Scan};

const DAY: i64 = limit::DAY * 1_000;

/// When a run is due.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Slot {
    /// The instant.
    pub(super) at: i64,
    /// Its local date, days since 1970-01-01.
    pub(super) date: i32,
    /// The cadence is one of days, so that a pause of the whole system shows.
    pub(super) by_days: bool,
    pub(super) missed: bool,
}

/// How often a scan runs, for a reader.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Cadence {
    /// Microseconds.
    Interval(i64),
    Daily,
    Weekdays([bool; 7]),
    EveryDays(i64),
}

/// The slots of one scan and run type on days of the period.
#[derive(Clone, Debug)]
pub(super) struct Rhythm {
    pub(super) cadence: Cadence,
    /// In order.
    pub(super) slots: Vec<Slot>,
    last_start: i64,
}

/// The days of a scan: where they begin, and when in them it starts.
#[derive(Clone, Copy, Debug)]
struct SlotDays {
    zone: Tz,
    /// Time of day at which a slot day begins.
    cut: i64,
    /// Usual time after that.
    expected: i64,
}

/// Local time as microseconds since 1970-01-01T00:00:00.
fn local(zone: Tz, at: i64) -> i64 {
    local_time(zone, at).and_utc().timestamp_micros()
}

impl SlotDays {
    /// `None` when the starts are spread over the day.
    fn of(zone: Tz, starts: &[&Run]) -> Option<SlotDays> {
        let mut times: Vec<i64> = starts
            .iter()
            .map(|run| local(zone, run.at).rem_euclid(DAY))
            .collect();
        times.sort_unstable();
        let after = times.iter().skip(1).copied();
        let around = times.first().map(|first| first + DAY);
        let (from, empty) = times
            .iter()
            .zip(after.chain(around))
            .map(|(&from, to)| (from, to - from))
            // Of equals the first.
            .reduce(|longest, next| if next.1 > longest.1 { next } else { longest })?;
        if empty < limit::NIGHT * 1_000 {
            return None;
        }
        let cut = (from + empty / 2) % DAY;
        let offsets = starts
            .iter()
            .map(|run| (local(zone, run.at) - cut).rem_euclid(DAY));
        Some(SlotDays {
            zone,
            cut,
            expected: median(offsets.collect())?,
        })
    }

    fn day(&self, at: i64) -> i64 {
        (local(self.zone, at) - self.cut).div_euclid(DAY)
    }

    fn slot(&self, day: i64) -> Slot {
        let local = DateTime::from_timestamp_micros(day * DAY + self.cut + self.expected);
        let at = instant_of(self.zone, local.unwrap_or_default().naive_utc());
        Slot {
            at,
            date: epoch_day(local_date(self.zone, at)),
            by_days: true,
            missed: false,
        }
    }
}

/// The cadence of slot days, which are in order.
fn cadence_of(days: &[i64]) -> Option<Cadence> {
    let (&first, &last) = (days.first()?, days.last()?);
    let length = usize::try_from(last - first + 1).ok()?;
    let enough = |part: usize, per_cent: usize, whole: usize| part * 100 >= per_cent * whole;
    if days.len() >= limit::DAILY && enough(days.len(), limit::DAILY_PER_CENT, length) {
        return Some(Cadence::Daily);
    }
    let mut weekdays = [false; 7];
    let mut explained = 0;
    for (at, is_due) in weekdays.iter_mut().enumerate() {
        let hit = days.iter().filter(|&&day| weekday(day) == at).count();
        let dates = (first..=last).filter(|&day| weekday(day) == at).count();
        *is_due = hit >= limit::WEEKDAY && enough(hit, limit::WEEKDAY_PER_CENT, dates);
        explained += if *is_due { hit } else { 0 };
    }
    if explained > 0 && enough(explained, limit::EXPLAINED_PER_CENT, days.len()) {
        return Some(Cadence::Weekdays(weekdays));
    }
    let gaps: Vec<i64> = days.windows(2).map(|pair| pair[1] - pair[0]).collect();
    let every = median(gaps.clone())?;
    let slack = if every >= limit::MONTH_DAYS { 3 } else { 1 };
    let alike = gaps.iter().filter(|&&gap| (gap - every).abs() <= slack);
    let regular = days.len() >= limit::EVERY
        && every >= 2
        && enough(alike.count(), limit::EVERY_PER_CENT, gaps.len());
    regular.then_some(Cadence::EveryDays(every))
}

/// 0 for Monday.
fn weekday(day: i64) -> usize {
    let date = from_epoch_day(i32::try_from(day).unwrap_or_default());
    date.weekday().num_days_from_monday() as usize
}

/// How many slots lie in a gap between two starts.
fn inside(gap: i64, every: i64) -> i64 {
    if gap.saturating_mul(4) < every.saturating_mul(7) {
        return 0;
    }
    (2 * gap + every) / (2 * every) - 1
}

impl Rhythm {
    /// Those of a scan, by run type; slots that are due by the horizon only.
    pub(super) fn of(history: &History<'_>, scan: &Scan) -> Vec<Rhythm> {
        let mut by_type: BTreeMap<Option<RunType>, Vec<&Run>> = BTreeMap::new();
        for run in scan.runs.iter().filter(|run| !run.manual) {
            by_type.entry(run.kind).or_default().push(run);
        }
        by_type
            .values()
            .filter_map(|starts| {
                let (cadence, mut slots) = slots(history, scan, starts)?;
                slots.retain(|slot| (history.first_day..=history.last_day).contains(&slot.date));
                slots.sort_unstable();
                Some(Rhythm {
                    cadence,
                    slots,
                    last_start: starts.last()?.at,
                })
            })
            .collect()
    }

    /// True when so many slots were missed in between others that the schedule was changed. A single row of missed slots is
    /// an outage.
    pub(super) fn was_changed(&self) -> bool {
        let missed = self.slots.iter().filter(|slot| slot.missed);
        let rows = self
            .slots
            .chunk_by(|a, b| a.missed == b.missed)
            .filter(|row| row[0].missed)
            .count();
        let went_on = self
            .missed()
            .next()
            .is_some_and(|first| self.last_start > first.at);
        went_on && rows > 1 && missed.count() * limit::CHANGED > self.slots.len()
    }

    /// The slots that were missed, in order.
    pub(super) fn missed(&self) -> impl Iterator<Item = &Slot> {
        self.slots.iter().filter(|slot| slot.missed)
    }
}

/// The slots of starts of one run type, in no order; those in the past of the horizon only.
fn slots(history: &History<'_>, scan: &Scan, starts: &[&Run]) -> Option<(Cadence, Vec<Slot>)> {
    let horizon = history.horizon(scan);
    let zone = history.zone;
    let under_way = |at: i64| {
        let begun = &scan.runs[..scan.runs.partition_point(|run| run.at <= at)];
        // An active run that another one followed is not under way any more.
        let newest = begun.last();
        newest.is_some_and(|run| run.outcome == Outcome::Active)
            || begun
                .iter()
                .any(|run| history.ended_at(run).is_some_and(|end| end > at))
    };
    let near = |at: i64, by: i64| scan.runs.iter().any(|run| (run.at - at).abs() <= by);
    let gaps: Vec<i64> = starts
        .windows(2)
        .map(|pair| pair[1].at - pair[0].at)
        .collect();
    let interval = median(gaps.clone())?;
    if interval <= limit::INTERVAL * 1_000 {
        let alike = gaps
            .iter()
            .filter(|&&gap| gap * 4 >= interval * 3 && gap * 4 <= interval * 5)
            .count();
        let regular = starts.len() >= limit::INTERVAL_STARTS
            && alike * 100 >= limit::REGULAR_INTERVALS * gaps.len();
        if !regular || interval <= 0 {
            return None;
        }
        let slot = |at: i64, missed: bool| Slot {
            at,
            date: epoch_day(local_date(zone, at)),
            by_days: false,
            missed,
        };
        let mut slots: Vec<_> = starts[1..].iter().map(|run| slot(run.at, false)).collect();
        let mut due = |at: i64| {
            slots.push(slot(at, !near(at, interval / 2) && !under_way(at)));
        };
        for (start, &gap) in starts.iter().zip(&gaps) {
            (1..=inside(gap, interval)).for_each(|nth| due(start.at + nth * interval));
        }
        let mut next = starts.last()?.at + interval;
        while next + interval <= horizon {
            due(next);
            next += interval;
        }
        return Some((Cadence::Interval(interval), slots));
    }

    let slot_days = SlotDays::of(zone, starts)?;
    let days: BTreeSet<i64> = starts.iter().map(|run| slot_days.day(run.at)).collect();
    let days: Vec<i64> = days.into_iter().collect();
    let cadence = cadence_of(&days)?;
    let (&first, &last) = (days.first()?, days.last()?);
    let mut slots = Vec::new();
    match cadence {
        Cadence::Interval(_) => {}
        Cadence::EveryDays(every) => {
            let slack = (every * DAY / 4).max(DAY);
            let kept = days[1..].iter().map(|&day| slot_days.slot(day));
            slots.extend(kept.filter(|slot| slot.at.saturating_add(slack) <= horizon));
            let mut due = |day: i64| -> bool {
                let mut slot = slot_days.slot(day);
                if slot.at.saturating_add(slack) > horizon {
                    return false;
                }
                slot.missed = !near(slot.at, slack) && !under_way(slot.at);
                slots.push(slot);
                true
            };
            for pair in days.windows(2) {
                for nth in 1..=inside(pair[1] - pair[0], every) {
                    due(pair[0] + nth * every);
                }
            }
            let mut next = last + every;
            while due(next) {
                next += every;
            }
        }
        Cadence::Daily | Cadence::Weekdays(_) => {
            let had: BTreeSet<i64> = scan.runs.iter().map(|run| slot_days.day(run.at)).collect();
            // Slots outside the period are left out later; a slot day may begin on the date before.
            let from = i64::from(history.first_day) - 2;
            for day in (first + 1).max(from).. {
                let mut slot = slot_days.slot(day);
                if slot.at.saturating_add(limit::GRACE * 1_000) > horizon {
                    break;
                }
                if let Cadence::Weekdays(due) = cadence
                    && !due[weekday(day)]
                {
                    continue;
                }
                slot.missed = !had.contains(&day) && !under_way(slot.at);
                slots.push(slot);
            }
        }
    }
    Some((cadence, slots))
}
