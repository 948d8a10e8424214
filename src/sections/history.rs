//! The state of each scan: its runs up to the end of the period, in order, as plain values for rules.

use std::num::NonZeroU32;
use std::ops::Range;

use anyhow::Result;
use chrono_tz::Tz;
use polars::prelude::{AnyValue, DataFrame};

use super::Context;
use super::columns::{Basics, Days, Numbers, Words};
use super::frames::{percentiles, text_at};
use super::gaps::{Compared, Gap, Kind};
use crate::report::Cell;
use crate::runs::calendar::end_of_day;
use crate::runs::schema::Outcome;

/// A run as rules see it. Times are microseconds, durations milliseconds. A log has millions of them, so what few rules ask
/// for stands in the frame.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Run {
    /// Started, else queued, else ended.
    pub(super) at: i64,
    duration_ms: Amount,
    queue_ms: Amount,
    measure: Amount,
    /// Its place in the frame of runs.
    pub(super) position: u32,
    /// Local date, days since 1970-01-01.
    pub(super) day: i32,
    /// Its run type; `None` when none is given.
    pub(super) kind: Option<RunType>,
    pub(super) outcome: Outcome,
    pub(super) manual: bool,
    /// The first that it shows.
    pub(super) contradiction: Option<Contradiction>,
    /// The kind of its gap; `None` for a run that cannot be compared.
    pub(super) gap: Option<Kind>,
}

/// A number that is 0 or more, or none, in the room of a number.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Amount(i64);

impl Amount {
    fn new(value: Option<i64>) -> Amount {
        Amount(value.unwrap_or(i64::MIN))
    }

    fn get(self) -> Option<i64> {
        (self.0 != i64::MIN).then_some(self.0)
    }
}

/// The number of a run type, from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct RunType(NonZeroU32);

impl RunType {
    fn new(code: u32) -> Option<RunType> {
        NonZeroU32::new(code.wrapping_add(1)).map(RunType)
    }
}

/// How a run may contradict itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Contradiction {
    Classified,
    Backwards,
    Uncategorised,
}

impl Contradiction {
    pub(super) const ALL: [Contradiction; 3] = [
        Contradiction::Classified,
        Contradiction::Backwards,
        Contradiction::Uncategorised,
    ];

    /// Stands behind the number of such runs.
    pub(super) fn words(self) -> &'static str {
        match self {
            Contradiction::Classified => "with more assets classified than discovered",
            Contradiction::Backwards => "that ended before the start",
            Contradiction::Uncategorised => {
                "completed without a category, which others of the system have"
            }
        }
    }
}

impl Run {
    pub(super) fn went_well(&self) -> bool {
        matches!(self.outcome, Outcome::Succeeded | Outcome::Partial)
    }

    pub(super) fn failed(&self) -> bool {
        self.outcome == Outcome::Failed
    }

    /// It went well or failed, so it says how its scan stands.
    pub(super) fn decides(&self) -> bool {
        self.went_well() || self.failed()
    }

    pub(super) fn finished(&self) -> bool {
        self.decides() || self.outcome == Outcome::Cancelled
    }

    pub(super) fn duration_ms(&self) -> Option<i64> {
        self.duration_ms.get()
    }

    pub(super) fn queue_ms(&self) -> Option<i64> {
        self.queue_ms.get()
    }

    /// Assets discovered, else rows.
    pub(super) fn measure(&self) -> Option<i64> {
        self.measure.get()
    }
}

/// A scan and its state runs.
#[derive(Clone, Debug)]
pub(super) struct Scan {
    pub(super) key: i64,
    /// Number of its system and account in [`History::groups`].
    pub(super) group: usize,
    /// Its newest type of source, by its code.
    pub(super) source_type: Option<u32>,
    /// Its data source holds raw files, of which several may become one asset.
    pub(super) of_files: bool,
    /// Its runs of the period by outcome.
    counts: [u32; Outcome::ALL.len()],
    /// Its runs of the period before.
    pub(super) before: i64,
    /// The middle and the 95th percentile of the durations of its runs of the period that went well.
    pub(super) durations: Option<[i64; 2]>,
    /// The newest time that a run states.
    latest: i64,
    /// In order of time, then run id. Never empty.
    pub(super) runs: Vec<Run>,
}

impl Scan {
    pub(super) fn newest(&self) -> &Run {
        &self.runs[self.runs.len() - 1]
    }

    /// Its runs of the period with this outcome.
    pub(super) fn count(&self, outcome: Outcome) -> i64 {
        i64::from(self.counts[outcome as usize])
    }

    /// Its runs of the period.
    pub(super) fn inside(&self) -> i64 {
        self.counts.iter().map(|&count| i64::from(count)).sum()
    }
}

/// A system and account.
#[derive(Clone, Copy, Debug)]
pub(super) struct Group {
    /// Nothing is known of what happened after this instant.
    pub(super) horizon: i64,
    /// A run of one of its scans, which names it.
    pub(super) position: u32,
    /// Day of its first run.
    pub(super) first_day: i32,
}

/// Every scan with a run up to the end of the period.
#[derive(Debug)]
pub(super) struct History<'a> {
    /// In order of key.
    pub(super) scans: Vec<Scan>,
    pub(super) groups: Vec<Group>,
    /// First and last day of the period, days since 1970-01-01.
    pub(super) first_day: i32,
    pub(super) last_day: i32,
    pub(super) zone: Tz,
    frame: &'a DataFrame,
    compared: Compared<'a>,
    ended: Numbers<'a>,
    full: Option<RunType>,
}

/// Source types, squashed, whose discovered assets are raw files.
const FILE_SOURCES: [&str; 11] = [
    "adlsgen1",
    "adlsgen2",
    "azurestorage",
    "azureblob",
    "azureblobstorage",
    "azurefileservice",
    "azurefiles",
    "amazons3",
    "hdfs",
    "googlecloudstorage",
    "gcs",
];

/// Fewer runs are taken apart before another thread has begun.
const RUNS_PER_THREAD: usize = 50_000;

/// The columns that a run is made of.
struct Reader<'a> {
    basics: Basics<'a>,
    compared: Compared<'a>,
    run_type: Words<'a>,
    trigger: Words<'a>,
    manual: Option<u32>,
    /// Runs of this system have categories.
    categorised: Option<u32>,
    system: Words<'a>,
    category: Words<'a>,
    source_type: Words<'a>,
    duration: Numbers<'a>,
    queue: Numbers<'a>,
    discovered: Numbers<'a>,
    classified: Numbers<'a>,
    row_count: Numbers<'a>,
    started: Numbers<'a>,
    ended: Numbers<'a>,
    queued: Numbers<'a>,
    observed: Numbers<'a>,
    inside: Days,
    before: Option<Days>,
}

impl<'a> Reader<'a> {
    fn new(context: &Context<'a>) -> Result<Reader<'a>> {
        let prepared = context.prepared;
        let frame = prepared.runs.frame();
        let numbers = |name| Numbers::new(frame, name);
        let words = |name| Words::new(frame, name);
        let trigger = words("trigger")?;
        let mut reader = Reader {
            basics: Basics::new(frame)?,
            compared: Compared::new(frame)?,
            run_type: words("run_type")?,
            manual: trigger.code("manual"),
            trigger,
            categorised: None,
            system: words("system")?,
            category: words("category")?,
            source_type: words("source_type")?,
            duration: numbers("duration_ms")?,
            queue: numbers("queue_ms")?,
            discovered: numbers("assets_discovered")?,
            classified: numbers("assets_classified")?,
            row_count: numbers("row_count")?,
            started: numbers("started_at")?,
            ended: numbers("ended_at")?,
            queued: numbers("queued_at")?,
            observed: numbers("observed_at")?,
            inside: Days::of(prepared.window.span),
            before: prepared.window.previous.map(Days::of),
        };
        let uvm = reader.system.code("zscaler-uvm");
        let has_category = |row| reader.system.is(row, uvm) && reader.category.get(row).is_some();
        reader.categorised = uvm.filter(|_| reader.rows().any(has_category));
        Ok(reader)
    }

    /// Runs that count, up to the end of the period.
    fn rows(&self) -> impl Iterator<Item = usize> {
        self.basics.rows(Days {
            first: i32::MIN,
            last: self.inside.last,
        })
    }

    fn contradiction(&self, row: usize, outcome: Outcome) -> Option<Contradiction> {
        let above = |one: Numbers<'_>, other: Numbers<'_>| {
            one.get(row) > other.get(row) && other.get(row).is_some()
        };
        if above(self.classified, self.discovered) {
            Some(Contradiction::Classified)
        } else if above(self.started, self.ended) {
            Some(Contradiction::Backwards)
        } else if outcome == Outcome::Succeeded
            && self.system.is(row, self.categorised)
            && self.category.get(row).is_none()
        {
            Some(Contradiction::Uncategorised)
        } else {
            None
        }
    }

    fn run(&self, row: usize) -> Result<Run> {
        let outcome = self.basics.outcome(row);
        Ok(Run {
            at: self.basics.at(row),
            duration_ms: Amount::new(self.duration.get(row)),
            queue_ms: Amount::new(self.queue.get(row)),
            measure: Amount::new(self.discovered.get(row).or_else(|| self.row_count.get(row))),
            position: u32::try_from(row)?,
            day: self.basics.day(row),
            kind: self.run_type.get(row).and_then(RunType::new),
            outcome,
            manual: self.trigger.is(row, self.manual),
            contradiction: self.contradiction(row, outcome),
            gap: self.compared.of(row).map(|gap| gap.kind),
        })
    }

    /// The scans whose numbers lie in a range, in order; `sizes` tells how many runs each has.
    fn scans(&self, keys: Range<usize>, sizes: &[u32]) -> Result<Vec<Scan>> {
        let empty = |key| -> Result<Scan> {
            Ok(Scan {
                key: i64::try_from(key)?,
                group: 0,
                source_type: None,
                of_files: false,
                counts: [0; Outcome::ALL.len()],
                before: 0,
                durations: None,
                latest: i64::MIN,
                runs: Vec::with_capacity(sizes[key] as usize),
            })
        };
        let mut scans: Vec<Scan> = keys.clone().map(empty).collect::<Result<_>>()?;
        for row in self.rows() {
            let key = self.basics.key(row) as usize;
            if !keys.contains(&key) {
                continue;
            }
            let scan = &mut scans[key - keys.start];
            let run = self.run(row)?;
            if self.inside.holds(run.day) {
                scan.counts[run.outcome as usize] += 1;
            } else if self.before.is_some_and(|before| before.holds(run.day)) {
                scan.before += 1;
            }
            let known = [self.queued, self.started, self.ended, self.observed];
            let known = known.into_iter().filter_map(|times| times.get(row));
            scan.latest = known.fold(scan.latest, i64::max);
            scan.source_type = self.source_type.get(row).or(scan.source_type);
            scan.runs.push(run);
        }
        scans.retain(|scan| !scan.runs.is_empty());
        let mut durations = Vec::new();
        for scan in &mut scans {
            let well = |run: &&Run| self.inside.holds(run.day) && run.went_well();
            durations.clear();
            durations.extend(scan.runs.iter().filter(well).filter_map(Run::duration_ms));
            scan.durations = percentiles(&mut durations);
        }
        Ok(scans)
    }
}

/// Cuts the numbers of scans into so many ranges with about as many runs each.
fn shares(sizes: &[u32], parts: usize) -> Vec<Range<usize>> {
    let all: usize = sizes.iter().map(|&size| size as usize).sum();
    let (mut ranges, mut from, mut runs) = (Vec::with_capacity(parts), 0, 0);
    for (key, &size) in sizes.iter().enumerate() {
        runs += size as usize;
        if runs * parts >= all * (ranges.len() + 1) {
            ranges.push(from..key + 1);
            from = key + 1;
        }
    }
    ranges.push(from..sizes.len());
    ranges
}

impl<'a> History<'a> {
    /// Takes the runs up to the end of the period apart by scan.
    pub(super) fn new(context: &Context<'a>) -> Result<History<'a>> {
        let prepared = context.prepared;
        let reader = Reader::new(context)?;
        // Most scans of a log of made-up names have one run: no more room than each needs.
        let mut sizes: Vec<u32> = vec![0; reader.basics.scans()];
        let mut runs = 0;
        for row in reader.rows() {
            sizes[reader.basics.key(row) as usize] += 1;
            runs += 1;
        }
        let threads = std::thread::available_parallelism().map_or(1, usize::from);
        let shares = shares(&sizes, threads.min(runs / RUNS_PER_THREAD + 1));
        let scans = std::thread::scope(|scope| {
            let taken = shares.into_iter().map(|keys| {
                let (reader, sizes) = (&reader, &sizes);
                scope.spawn(move || reader.scans(keys, sizes))
            });
            let taken: Vec<_> = taken.collect();
            let mut scans = Vec::new();
            for part in taken {
                let part = part.join();
                scans.extend(part.unwrap_or_else(|panic| std::panic::resume_unwind(panic))?);
            }
            Ok::<_, anyhow::Error>(scans)
        })?;
        let mut history = History {
            scans,
            groups: Vec::new(),
            first_day: reader.inside.first,
            last_day: reader.inside.last,
            zone: prepared.zone,
            frame: prepared.runs.frame(),
            compared: reader.compared,
            ended: reader.ended,
            full: reader.run_type.code("full").and_then(RunType::new),
        };
        history.group(
            &reader,
            end_of_day(prepared.zone, prepared.window.span.last),
        )?;
        Ok(history)
    }

    /// Finds the system and account of each scan, which know nothing after an instant.
    fn group(&mut self, reader: &Reader<'_>, end: i64) -> Result<()> {
        let account = Words::new(self.frame, "account")?;
        let mut known = None;
        for scan in &mut self.scans {
            let newest = scan.newest().position;
            let name = [reader.system, account].map(|words| words.get(newest as usize));
            // Scans are in order of system and account, so only the group before may be the same.
            if known != Some(name) {
                self.groups.push(Group {
                    horizon: i64::MIN,
                    position: newest,
                    first_day: i32::MAX,
                });
                known = Some(name);
            }
            scan.group = self.groups.len() - 1;
            let group = &mut self.groups[scan.group];
            group.horizon = group.horizon.max(scan.latest.min(end));
            group.first_day = group.first_day.min(scan.runs[0].day);
            let source_type = scan
                .source_type
                .and_then(|code| reader.source_type.word(code));
            scan.of_files = source_type.is_some_and(|kind| {
                FILE_SOURCES.contains(&crate::mapping::values::squash(kind).as_ref())
            });
        }
        Ok(())
    }

    /// What was known last of a scan's system and account.
    pub(super) fn horizon(&self, scan: &Scan) -> i64 {
        self.groups[scan.group].horizon
    }

    /// True for a scan whose system and account have runs from before the period, so that it is known what is new.
    pub(super) fn reaches_back(&self, scan: &Scan) -> bool {
        self.groups[scan.group].first_day < self.first_day
    }

    /// The scan with this key.
    pub(super) fn scan(&self, key: i64) -> Option<&Scan> {
        let at = self.scans.binary_search_by_key(&key, |scan| scan.key);
        Some(&self.scans[at.ok()?])
    }

    /// True for a run of the period.
    pub(super) fn is_inside(&self, run: &Run) -> bool {
        (self.first_day..=self.last_day).contains(&run.day)
    }

    /// What a comparable run left behind.
    pub(super) fn gap(&self, run: &Run) -> Option<Gap> {
        self.compared.of(run.position as usize)
    }

    /// True for a full run.
    pub(super) fn is_full(&self, run: &Run) -> bool {
        run.kind.is_some() && run.kind == self.full
    }

    pub(super) fn ended_at(&self, run: &Run) -> Option<i64> {
        self.ended.get(run.position as usize)
    }

    /// The text of a run's field; null where there is none.
    pub(super) fn text(&self, name: &str, position: u32) -> Option<String> {
        text_at(self.frame, name, position as usize).map(std::borrow::Cow::into_owned)
    }

    /// An instant or number of a run.
    pub(super) fn cell_time(&self, name: &str, position: u32) -> Option<i64> {
        let value = self.frame.column(name).ok()?.get(position as usize).ok()?;
        match value {
            AnyValue::Datetime(micros, _, _) => Some(micros),
            _ => None,
        }
    }

    /// A whole number of a run.
    pub(super) fn number(&self, name: &str, position: u32) -> Option<i64> {
        match self.frame.column(name).ok()?.get(position as usize).ok()? {
            AnyValue::Int64(number) => Some(number),
            _ => None,
        }
    }

    /// The same as a cell.
    pub(super) fn cell(&self, name: &str, position: u32) -> Cell {
        Cell::text(self.text(name, position))
    }
}
