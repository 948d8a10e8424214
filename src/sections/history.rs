//! The state of each scan: its runs up to the end of the period, in order, as plain values for rules.

use std::borrow::Cow;

use anyhow::Result;
use chrono_tz::Tz;
use polars::prelude::{
    AnyValue, DataFrame, DataType, Expr, NULL, NamedFrom, Series, coalesce, col, lit, when,
};

use super::Context;
use super::frames::{collect, counts, flags, ints, is, numbers, text_at, until};
use super::gaps;
use crate::report::Cell;
use crate::runs::calendar::{end_of_day, epoch_day};
use crate::runs::frame::column::{AT, DAY, OUTCOME, SCAN_KEY};
use crate::runs::schema::Outcome;

/// A run as rules see it. Times are microseconds, durations milliseconds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Run {
    /// Its place in the frame of runs.
    pub(super) position: u32,
    /// Started, else queued, else ended.
    pub(super) at: i64,
    /// Local date, days since 1970-01-01.
    pub(super) day: i32,
    pub(super) outcome: Outcome,
    /// Number of its run type; `None` when none is given.
    pub(super) kind: Option<u32>,
    pub(super) manual: bool,
    pub(super) ended_at: Option<i64>,
    pub(super) duration_ms: Option<i64>,
    pub(super) queue_ms: Option<i64>,
    /// Assets discovered, else rows.
    pub(super) measure: Option<i64>,
    /// The first of [`CONTRADICTIONS`] that it shows.
    pub(super) contradiction: Option<usize>,
    pub(super) gap: Option<Gap>,
}

/// What a comparable run left behind.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Gap {
    /// Place of its kind in [`gaps::KINDS`].
    pub(super) kind: i64,
    pub(super) full: bool,
    pub(super) discovered: i64,
    pub(super) missing: i64,
    /// Reported as failed.
    pub(super) ingest_failed: i64,
    /// Ingestion as a whole failed.
    pub(super) ingestion_failed: bool,
    pub(super) unaccounted: i64,
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
}

/// A scan and its state runs.
#[derive(Clone, Debug)]
pub(super) struct Scan {
    pub(super) key: i64,
    /// Number of its system and account in [`History::groups`].
    pub(super) group: usize,
    /// Its data source holds raw files, of which several may become one asset.
    pub(super) of_files: bool,
    /// In order of time, then run id. Never empty.
    pub(super) runs: Vec<Run>,
}

impl Scan {
    pub(super) fn newest(&self) -> &Run {
        &self.runs[self.runs.len() - 1]
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
pub(super) struct History {
    /// In order of key.
    pub(super) scans: Vec<Scan>,
    pub(super) groups: Vec<Group>,
    /// First and last day of the period, days since 1970-01-01.
    pub(super) first_day: i32,
    pub(super) last_day: i32,
    pub(super) zone: Tz,
    frame: DataFrame,
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

/// How a run may contradict itself, behind the number of such runs.
pub(super) const CONTRADICTIONS: [&str; 3] = [
    "with more assets classified than discovered",
    "that ended before the start",
    "completed without a category, which others of the system have",
];

/// The place in [`CONTRADICTIONS`] of the first that a run shows; null where it shows none.
fn contradiction(categorised: bool) -> Expr {
    let above = col("assets_classified").gt(col("assets_discovered"));
    let backwards = col("ended_at").lt(col("started_at"));
    let uncategorised = col("system")
        .eq(lit("zscaler-uvm"))
        .and(is(Outcome::Succeeded))
        .and(col("category").is_null())
        .and(lit(categorised));
    let none = lit(NULL).cast(DataType::Int64);
    let all = [(above, 0_i64), (backwards, 1), (uncategorised, 2)];
    all.into_iter()
        .rev()
        .fold(none, |otherwise, (condition, place)| {
            when(condition.fill_null(lit(false)))
                .then(lit(place))
                .otherwise(otherwise)
        })
}

impl History {
    /// Takes the runs up to the end of the period apart by scan.
    pub(super) fn new(context: &Context<'_>) -> Result<History> {
        let prepared = context.prepared;
        let span = prepared.window.span;
        let state = prepared
            .runs
            .lazy()
            .with_row_index("position", None)
            .filter(counts().and(until(span.last)));
        let categorised = collect(
            state
                .clone()
                .filter(
                    col("system")
                        .eq(lit("zscaler-uvm"))
                        .and(col("category").is_not_null()),
                )
                .select([col("position")])
                .limit(1),
        )?;
        let frame = collect(state.clone().select([
            col("position"),
            col(AT),
            col(DAY),
            col(SCAN_KEY),
            col(OUTCOME),
            col("run_type"),
            col("trigger").eq(lit("manual")).alias("manual"),
            col("ended_at"),
            col("duration_ms"),
            col("queue_ms"),
            coalesce(&[col("assets_discovered"), col("row_count")]).alias("measure"),
            contradiction(categorised.height() > 0).alias("contradiction"),
            col("queued_at"),
            col("started_at"),
            col("observed_at"),
        ]))?;
        let compared = gaps::compared(state).select(GAP.map(col));
        let mut gaps = gaps_of(&collect(compared)?)?.into_iter().peekable();
        let numbers = |name: &str| numbers(&frame, name);
        let positions = numbers("position")?;
        let (at, days) = (numbers(AT)?, numbers(DAY)?);
        let (keys, outcomes) = (numbers(SCAN_KEY)?, numbers(OUTCOME)?);
        let (types, manual) = (numbers("run_type")?, numbers("manual")?);
        let (ended, durations) = (numbers("ended_at")?, numbers("duration_ms")?);
        let (queues, measures) = (numbers("queue_ms")?, numbers("measure")?);
        let odd = numbers("contradiction")?;
        let (queued, started) = (numbers("queued_at")?, numbers("started_at")?);
        let observed = numbers("observed_at")?;

        // Most scans of a log of made-up names have one run: no more room than each needs.
        let mut sizes: Vec<usize> = Vec::new();
        for key in keys.iter().flatten() {
            let key = usize::try_from(key)?;
            sizes.resize(sizes.len().max(key + 1), 0);
            sizes[key] += 1;
        }
        let mut by_scan: Vec<Vec<Run>> =
            sizes.iter().map(|&size| Vec::with_capacity(size)).collect();
        let mut latest = vec![i64::MIN; sizes.len()];
        for row in 0..frame.height() {
            let (Some(position), Some(key), Some(at)) =
                (positions.get(row), keys.get(row), at.get(row))
            else {
                continue;
            };
            let key = usize::try_from(key)?;
            let known = [&queued, &started, &ended, &observed].map(|times| times.get(row));
            latest[key] = known.into_iter().flatten().fold(latest[key], i64::max);
            by_scan[key].push(Run {
                position: u32::try_from(position)?,
                at,
                day: i32::try_from(days.get(row).unwrap_or_default())?,
                outcome: outcomes
                    .get(row)
                    .and_then(|code| Outcome::ALL.get(usize::try_from(code).ok()?))
                    .copied()
                    .unwrap_or(Outcome::Unknown),
                kind: types.get(row).map(u32::try_from).transpose()?,
                manual: manual.get(row) == Some(1),
                ended_at: ended.get(row),
                duration_ms: durations.get(row),
                queue_ms: queues.get(row),
                measure: measures.get(row),
                contradiction: odd.get(row).map(usize::try_from).transpose()?,
                gap: gaps
                    .next_if(|(known, _)| *known == position)
                    .map(|(_, gap)| gap),
            });
        }
        let mut history = History {
            scans: Vec::new(),
            groups: Vec::new(),
            first_day: epoch_day(span.first),
            last_day: epoch_day(span.last),
            zone: prepared.zone,
            frame: prepared.runs.frame().clone(),
        };
        let end = end_of_day(prepared.zone, span.last);
        let mut known: Vec<[Option<String>; 2]> = Vec::new();
        for ((key, runs), latest) in by_scan.into_iter().enumerate().zip(latest) {
            let Some(last) = runs.last() else { continue };
            let name = ["system", "account"].map(|name| history.text(name, last.position));
            // Scans are in order of system and account, so only the group before may be the same.
            if known.last() != Some(&name) {
                history.groups.push(Group {
                    horizon: i64::MIN,
                    position: last.position,
                    first_day: i32::MAX,
                });
                known.push(name);
            }
            let group = history.groups.len() - 1;
            let horizon = &mut history.groups[group].horizon;
            *horizon = (*horizon).max(latest.min(end));
            let first_day = &mut history.groups[group].first_day;
            *first_day = (*first_day).min(runs[0].day);
            let of_files = runs
                .iter()
                .rev()
                .find_map(|run| history.text("source_type", run.position))
                .is_some_and(|kind| {
                    FILE_SOURCES.contains(&crate::mapping::values::squash(&kind).as_ref())
                });
            history.scans.push(Scan {
                key: i64::try_from(key)?,
                group,
                of_files,
                runs,
            });
        }
        Ok(history)
    }

    /// What was known last of a scan's system and account.
    pub(super) fn horizon(&self, scan: &Scan) -> i64 {
        self.groups[scan.group].horizon
    }

    /// True for a scan whose system and account have runs from before the period, so that it is known what is new.
    pub(super) fn reaches_back(&self, scan: &Scan) -> bool {
        self.groups[scan.group].first_day < self.first_day
    }

    /// Runs of such scans.
    pub(super) fn of_known_systems(&self) -> Expr {
        let known = self.scans.iter().filter(|scan| self.reaches_back(scan));
        let keys: Vec<i64> = known.map(|scan| scan.key).collect();
        let keys = lit(Series::new(SCAN_KEY.into(), keys)).implode(true);
        col(SCAN_KEY).cast(DataType::Int64).is_in(keys, false)
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

    /// The text of a run's field; null where there is none.
    pub(super) fn text(&self, name: &str, position: u32) -> Option<String> {
        text_at(&self.frame, name, position as usize).map(Cow::into_owned)
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

/// What is asked of comparable runs.
const GAP: [&str; 8] = [
    "position",
    "kind_rank",
    "full",
    "discovered",
    "missing",
    "ingest_failed",
    "ingestion_failed",
    "unaccounted",
];

/// The gap of each comparable run, by position.
fn gaps_of(frame: &DataFrame) -> Result<Vec<(i64, Gap)>> {
    let positions = ints(frame, "position")?;
    let (kinds, full) = (ints(frame, "kind_rank")?, flags(frame, "full")?);
    let (discovered, missing) = (ints(frame, "discovered")?, ints(frame, "missing")?);
    let unaccounted = ints(frame, "unaccounted")?;
    let (failed, whole) = (
        ints(frame, "ingest_failed")?,
        flags(frame, "ingestion_failed")?,
    );
    Ok((0..positions.len())
        .filter_map(|row| {
            let gap = Gap {
                kind: kinds[row]?,
                full: full[row],
                discovered: discovered[row]?,
                missing: missing[row]?,
                ingest_failed: failed[row]?,
                ingestion_failed: whole[row],
                unaccounted: unaccounted[row]?,
            };
            Some((positions[row]?, gap))
        })
        .collect())
}
