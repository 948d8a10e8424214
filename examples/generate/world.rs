//! All runs, made one by one.
//!
//! Every scan and every run is made from the seed and its own number alone, so that neither the shape of
//! a file nor the other runs change it, and nothing but the scans need be kept.

use chrono::NaiveDate;

use super::course;
use super::errors;
use super::random::{Random, Series};
use super::run::{Counts, Run, Status};
use super::scan::{Habit, PERIOD, Scan};
use super::time::{self, DAY, HOUR, MINUTE, Ticks};

/// A run starts so much later than planned, at most.
const LATENESS: Ticks = 15 * MINUTE;
/// No run takes longer than this less the lateness, so that none ends after the last day.
const LAST_START: Ticks = 5 * HOUR;
/// All scans, and the plan of their runs.
#[derive(Debug)]
pub(crate) struct World {
    seed: u64,
    runs: i64,
    scans: Vec<Scan>,
    first: Ticks,
    /// From the first planned start to the last one.
    span: Ticks,
}

impl World {
    /// A world of `runs` runs on the `days` days up to and including `last_day`.
    pub(crate) fn new(seed: u64, runs: i64, scans: u32, days: u16, last_day: NaiveDate) -> World {
        let end = time::midnight(last_day) + DAY;
        let period = i64::from(days) * DAY;
        World {
            seed,
            runs,
            scans: (0..i64::from(scans))
                .map(|index| Scan::new(seed, index))
                .collect(),
            first: end - period,
            span: period - LAST_START,
        }
    }

    pub(crate) fn scan(&self, run: &Run) -> &Scan {
        &self.scans[run.scan]
    }

    /// The planned start of a run. Neither this run nor a later one starts earlier.
    pub(crate) fn planned(&self, index: i64) -> Ticks {
        let parts = i128::from((self.runs - 1).max(1));
        let done = i128::from(self.span) * i128::from(index) / parts;
        self.first + i64::try_from(done).expect("at most one part more than the period")
    }

    /// A run. The scans take turns, so that each has its regular times.
    pub(crate) fn run(&self, index: i64) -> Run {
        let mut random = Random::of(self.seed, Series::Run, index);
        let scans = i64::try_from(self.scans.len()).expect("at most 2^32");
        let at = usize::try_from(index % scans).expect("a position in a vector");
        let scan = &self.scans[at];
        let planned = self.planned(index);
        let position =
            i128::from(planned - self.first) * i128::from(PERIOD) / i128::from(self.span);
        let position = i64::try_from(position).expect("at most the period");
        let mut run = Run {
            index,
            round: index / scans,
            scan: at,
            id: errors::guid(&mut random),
            attempt: if random.one_in(40) { 2 } else { 1 },
            full: scan.habit != Habit::Incremental || index / scans % 7 == 0,
            manual: random.one_in(15),
            status: Status::Succeeded,
            discovery: Status::Succeeded,
            ingestion: Status::Succeeded,
            started_at: planned + random.below(LATENESS),
            ended_at: None,
            discovery_started_at: None,
            discovery_ended_at: None,
            ingestion_started_at: None,
            ingestion_ended_at: None,
            observed_at: 0,
            counts: Counts::default(),
            fault: None,
        };
        course::set_times(&mut run, scan, &mut random);
        run.counts = course::counts(run.full, scan, position, &mut random);
        course::end(&mut run, scan, position, &mut random);
        run
    }

    /// Whether a run is written twice, in so many of a million cases, and then how.
    pub(crate) fn repeat(&self, run: &Run, share: i64) -> Option<Repeat> {
        let mut random = Random::of(self.seed, Series::Repeat, run.index);
        if random.below(1_000_000) >= share {
            return None;
        }
        let before = random.percent(50);
        let lag = match random.below(10) {
            0..5 => 1,
            5..9 => random.between(2, 100),
            _ => random.between(100, 20_000),
        };
        let percent = random.between(5, 95);
        let earlier = match random.below(10) {
            0..3 => None,
            3..8 => run.discovering(percent),
            _ => run.ingesting(percent),
        };
        // An unfinished run may have been queued before, but nothing else.
        let earlier = earlier.filter(|_| !run.status.is_active());
        let other_end = (random.one_in(3) && !run.status.is_active())
            .then(|| course::other_end(run, percent, &mut random))
            .flatten();
        let state = other_end.or(earlier).unwrap_or_else(|| run.queued());
        (state.observed_at < run.observed_at).then_some(Repeat { state, before, lag })
    }
}

/// An earlier state of a run that is written too.
#[derive(Debug)]
pub(crate) struct Repeat {
    pub(crate) state: Run,
    /// Written before the final state, not after it.
    pub(crate) before: bool,
    /// So many runs lie between the two.
    pub(crate) lag: i64,
}
