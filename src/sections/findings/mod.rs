//! What needs attention: rules over the state of each scan, each with its evidence and what to do.
//!
//! The rules and their reasons stand in `docs/FINDINGS.md`, their thresholds in [`limits`].

mod cadence;
mod limits;
mod rules;

use std::collections::{BTreeMap, BTreeSet};

use anyhow::Result;

use super::Context;
use super::bounds::Bounded;
use super::frames::{column, plural, scan_columns, scan_name};
use super::history::{Contradiction, History, Scan};
use super::runs::{anchor, to_scan};
use crate::errors::{Category, action, signature_id};
use crate::input::Incomplete;
use crate::render::format;
use crate::report::{Block, Cell, Column, Place, Row, Section, Table, Unit};
use crate::runs::calendar::from_epoch_day;
use crate::runs::frame::column::{AT, ERROR_CATEGORY, ERROR_SIGNATURE};
use crate::runs::schema::Field;
use cadence::{Cadence, Rhythm, Slot};
pub(super) use rules::streak;

/// How soon somebody should act.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Severity {
    High,
    Medium,
    Low,
}

impl Severity {
    fn key(self) -> &'static str {
        match self {
            Severity::High => "high",
            Severity::Medium => "medium",
            Severity::Low => "low",
        }
    }
}

/// The severities with their labels and meanings.
pub(super) const SEVERITY_TERMS: [(&str, &str, &str); 3] = [
    (
        "high",
        "High",
        "A scan does not work, or data is missing: act now.",
    ),
    (
        "medium",
        "Medium",
        "Something is not as it should be: look at it this week.",
    ),
    (
        "low",
        "Low",
        "Worth knowing: look at it when there is time.",
    ),
];

macro_rules! kinds {
    ($($(#[$doc:meta])* $kind:ident $key:literal $severity:ident $label:literal $meaning:literal $action:literal),* $(,)?) => {
        /// What was found. Findings of one severity are listed in this order.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        enum Kind { $($(#[$doc])* $kind),* }

        impl Kind {
            fn key(self) -> &'static str {
                match self { $(Kind::$kind => $key),* }
            }

            fn severity(self) -> Severity {
                match self { $(Kind::$kind => Severity::$severity),* }
            }

            /// What to do when the error of a run does not say.
            fn action(self) -> &'static str {
                match self { $(Kind::$kind => $action),* }
            }
        }

        /// The kinds with their labels and meanings.
        pub(super) const KIND_TERMS: &[(&str, &str, &str)] = &[$(($key, $label, $meaning)),*];
    };
}

kinds! {
    StoppedSucceeding "stopped_succeeding" High "Stopped succeeding"
        "The scan went well before, and its newest runs failed: 3 in a row, or 2 a day apart."
        "Read the error message of the first failed run, and what changed between it and the last success.",
    NeverSucceeded "never_succeeded" High "Never succeeded"
        "At least 3 runs ended, and none of them went well."
        "Test the connection and the credential of the scan before its next run.",
    IngestionLoss "ingestion_loss" High "Assets lost in ingestion"
        "The newest runs discovered assets and failed to ingest them: 2 in a row, or at least 100 assets and 5%."
        "Open the ingestion error of the newest run, correct its cause, and run the scan again.",
    UnexplainedGap "unexplained_gap" Medium "Unexplained gap"
        "The newest full run ingested less than it discovered, by at least 10 assets and 1%, and reported no failure."
        "Compare the scan's assets in the catalogue with the source; open a support case with the run id if they are missing.",
    NothingDiscovered "nothing_discovered" Medium "Nothing found"
        "The newest run of a run type went well and found nothing, where the 3 of its type before it found something."
        "Check that the scope of the scan still exists and that its identity may still list it.",
    Stuck "stuck" Medium "Stuck"
        "A run is active for a day or more, and for 3 times longer than any run of its scan took."
        "Look at the run in the portal; cancel it if it does not move, and check the integration runtime.",
    MissedRuns "missed_runs" Medium "Missed runs"
        "By its own rhythm the scan should have run, and it did not."
        "Check that the schedule is still on, and that the scheduler or integration runtime was up; if the portal shows the runs, the export is incomplete.",
    VolumeDrop "volume_drop" Medium "Volume dropped"
        "The newest run of a run type found less than half of what is usual for its type, far outside the usual spread."
        "Check the scope, the permissions and the source: part of it may no longer be visible to the scan.",
    NewError "new_error" Medium "New error"
        "An error that was not seen before the period, in at least 2 runs."
        "Read the message and what changed when it was first seen.",
    ExportMayBeCut "export_may_be_cut" Medium "Export may be cut"
        "A file has a page of a list without the last one, or exactly as many records as exports are cut at."
        "Export again with all pages, or in smaller periods.",
    Flapping "flapping" Low "Flapping"
        "Of the newest runs, 10 at most, 3 or more failed, between others that went well."
        "Look for what the failed runs share: hour, runtime, size of the source, other scans at the same time.",
    Slower "slower" Low "Slower"
        "The newest 3 runs of a run type took more than twice as long as is usual for their type, and more than 10 minutes longer."
        "Compare the volume and the queue of these runs with those before.",
    QueuePressure "queue_pressure" Low "Waits long"
        "Runs of the scan usually wait 15 minutes or more, and at least half as long as they run."
        "Spread the schedules, or add integration runtime nodes.",
    SilentScan "silent_scan" Low "Silent"
        "The scan ran before and not in the period, and for more than twice the longest pause between its newest 10 runs."
        "If it was switched off on purpose, leave it out of the export; else check its trigger.",
    InconsistentRecord "inconsistent_record" Low "Contradicts itself"
        "Records of runs that cannot be right: more classified than discovered, an end before the start, or no category where there should be one."
        "Do not rely on the figures of these runs; look them up in the portal.",
    ConflictingRecords "conflicting_records" Low "Records disagree"
        "Two final records of one run state different things. The better one was used."
        "See Conflicts under Inputs; if the wrong record was kept, export that run again.",
    UnmappedStatus "unmapped_status" Low "Unknown status"
        "Status words that no preset knows. Their runs are counted as unknown."
        "Add the words to a mapping (rundown presets NAME prints one to start from).",
}

/// What a run has to do with a finding.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Role {
    /// It is one of those found.
    Found,
    /// It was the last that went well.
    LastGood,
    /// It was the last before the missed slot, or the first after it.
    Before,
    After,
}

impl Role {
    fn key(self) -> &'static str {
        match self {
            Role::Found => "found",
            Role::LastGood => "last_success",
            Role::Before => "before",
            Role::After => "after",
        }
    }
}

/// The roles with their labels and meanings.
pub(super) const ROLE_TERMS: [(&str, &str, &str); 4] = [
    ("found", "Found", "One of the runs the finding is about."),
    (
        "last_success",
        "Last success",
        "The newest run before that went well.",
    ),
    (
        "before",
        "Run before",
        "The last run before the missed one.",
    ),
    ("after", "Run after", "The first run after the missed one."),
];

/// What a rule found.
#[derive(Clone, Debug)]
struct Hit {
    kind: Kind,
    since: Option<i64>,
    runs: i64,
    /// Positions of the runs behind it, in order, not all of them.
    behind: Vec<(u32, Role)>,
    /// What the evidence tells, by kind.
    numbers: Vec<i64>,
}

impl Hit {
    /// A finding of runs in order: the first and the newest of them are listed.
    fn new(kind: Kind, runs: &[&super::history::Run]) -> Hit {
        let listed = first_and_newest(runs);
        Hit {
            kind,
            since: runs.first().map(|run| run.at),
            runs: size(runs.len()),
            behind: listed.map(|run| (run.position, Role::Found)).collect(),
            numbers: Vec::new(),
        }
    }
}

/// A finding for a reader.
#[derive(Clone, Debug)]
pub(super) struct Finding {
    kind: Kind,
    /// Scan, source, system and account.
    names: [Cell; 4],
    since: Option<i64>,
    runs: i64,
    evidence: String,
    action: &'static str,
    behind: Vec<(u32, Role)>,
}

/// Stands before the message of the newest run that failed, at the end of what shows a finding.
const NEWEST_ERROR: &str = " The newest error: ";

/// Puts findings together.
struct Findings<'a, 'b> {
    context: &'a Context<'b>,
    history: &'a History<'b>,
    all: Vec<Finding>,
}

impl Finding {
    /// Worst first; then by kind, by system, account, source and scan, missing names first, and by time.
    fn order(&self) -> impl Ord {
        let name = |at: usize| match &self.names[at] {
            Cell::Text(name) => Some(name.as_str()),
            _ => None,
        };
        let names = [2, 3, 1, 0].map(name);
        let kind = (self.kind.severity(), self.kind);
        (kind, names, self.since, self.evidence.as_str())
    }

    /// True when somebody should act now.
    pub(super) fn is_high(&self) -> bool {
        self.kind.severity() == Severity::High
    }

    /// True when it is about the scan with these names: scan, source, system and account.
    pub(super) fn is_about(&self, names: &[Cell; 4]) -> bool {
        self.names == *names
    }

    /// What is wrong, what shows it, and what to do, without the ids of its runs: they stand in a table beside it. The
    /// newest error is left out where another one is in question, which it would be taken for.
    pub(super) fn sentence(&self, history: &History<'_>, with_error: bool) -> String {
        let mut evidence = self.evidence.clone();
        if let Some(at) = evidence.find(NEWEST_ERROR).filter(|_| !with_error) {
            evidence.truncate(at);
        }
        for &(position, _) in &self.behind {
            evidence = evidence.replacen(&named_run(history, position), "", 1);
        }
        let end = if evidence.ends_with(['.', '!', '?']) {
            ""
        } else {
            "."
        };
        format!(
            "{}: {evidence}{end} What to do: {}",
            self.label(),
            self.action
        )
    }

    fn label(&self) -> &'static str {
        KIND_TERMS
            .iter()
            .find(|(key, _, _)| *key == self.kind.key())
            .map_or("", |(_, label, _)| *label)
    }

    /// What is wrong with which scan: `Stopped succeeding: sales / daily`.
    pub(super) fn title(&self) -> String {
        let label = self.label();
        let of_system = || match &self.names[2] {
            Cell::Text(system) => Some(system.clone()),
            _ => None,
        };
        match scan_name(&self.names[0], &self.names[1]).or_else(of_system) {
            Some(name) => format!("{label}: {name}"),
            None => label.to_owned(),
        }
    }
}

impl Findings<'_, '_> {
    fn time(&self, micros: i64) -> String {
        format::time(micros, self.history.zone)
    }

    fn run_id(&self, position: u32) -> String {
        named_run(self.history, position)
    }

    /// The error of a run: its code and message.
    fn error(&self, position: u32) -> Option<String> {
        let text = |name| self.history.text(name, position);
        match (text("error_code"), text("error_message")) {
            (None, None) => None,
            (Some(one), None) | (None, Some(one)) => Some(one),
            (Some(code), Some(message)) if message.contains(&code) => Some(message),
            (Some(code), Some(message)) => Some(format!("{code}: {message}")),
        }
    }

    /// What to do about the error of a run, where there is one.
    fn error_action(&self, position: u32) -> Option<&'static str> {
        let category = self.history.text(ERROR_CATEGORY, position)?;
        let category = Category::ALL
            .into_iter()
            .find(|known| known.key() == category)?;
        let system = self.history.text("system", position)?;
        Some(action(&system, category))
    }

    /// Tells what was found in words. Every number in them is in a table.
    fn evidence(&self, hit: &Hit) -> String {
        let runs = plural(hit.runs, "run", "runs");
        let number = |at: usize| hit.numbers.get(at).copied().unwrap_or_default();
        let since = hit.since.map(|since| self.time(since)).unwrap_or_default();
        let found = |nth: Option<&(u32, Role)>| {
            nth.map(|(position, _)| self.run_id(*position))
                .unwrap_or_default()
        };
        let last_found = hit.behind.iter().rfind(|(_, role)| *role == Role::Found);
        let rows = last_found.is_some_and(|(position, _)| {
            let discovered = self.history.number("assets_discovered", *position);
            discovered.is_none()
        });
        let things = if rows { "rows" } else { "assets" };
        let error = last_found
            .and_then(|(position, _)| self.error(*position))
            .map(|error| format!("{NEWEST_ERROR}{error}"))
            .unwrap_or_default();
        match hit.kind {
            Kind::StoppedSucceeding => {
                let good = hit.behind.iter().find(|(_, role)| *role == Role::LastGood);
                let good = good.map_or(String::new(), |(position, _)| {
                    let at = match self.history.cell_time(AT, *position) {
                        Some(at) => self.time(at),
                        None => String::new(),
                    };
                    format!(" The last success was {at}{}.", self.run_id(*position))
                });
                format!(
                    "{} in a row since {since}{}.{good}{error}",
                    plural(hit.runs, "failure", "failures"),
                    found(hit.behind.first()),
                )
            }
            Kind::NeverSucceeded => {
                format!("{runs} ended since {since}, and none went well.{error}")
            }
            Kind::IngestionLoss if number(0) == 0 => format!(
                "Ingestion failed in the newest {} since {since}; it counted none of the {} discovered as not ingested.{error}",
                plural(hit.runs, "comparable run", "comparable runs"),
                plural(number(1), "asset", "assets"),
            ),
            Kind::IngestionLoss => format!(
                "{} of {} discovered were not ingested, in the newest {} since {since}.{error}",
                plural(number(0), "asset", "assets"),
                format::count(number(1)),
                plural(hit.runs, "comparable run", "comparable runs"),
            ),
            Kind::UnexplainedGap => format!(
                "The newest full run{} left {} of {} discovered unaccounted for, and reported none as failed; {} like it since {since}.",
                found(last_found),
                plural(number(0), "asset", "assets"),
                format::count(number(1)),
                plural(hit.runs, "full run", "full runs"),
            ),
            Kind::NothingDiscovered => format!(
                "The newest {}{}, {}{since}, succeeded and found 0 {things}; the one before found {}.",
                match hit.runs {
                    1 => "run",
                    _ => runs.as_str(),
                },
                self.of_type(last_found),
                if hit.runs == 1 { "of " } else { "since " },
                format::count(number(0)),
            ),
            Kind::Stuck => {
                let usual = match number(1) {
                    0 => String::new(),
                    longest => format!(
                        "; the longest that went well took {}",
                        format::duration(longest)
                    ),
                };
                format!(
                    "{runs} without an end, since {since}{}: {} up to the newest time in the export{usual}.",
                    found(hit.behind.first()),
                    format::duration(number(0)),
                )
            }
            Kind::VolumeDrop => format!(
                "The newest run{}{} found {} {things}, where {} is usual.",
                self.of_type(last_found),
                found(last_found),
                format::count(number(0)),
                format::count(number(1)),
            ),
            Kind::Flapping => format!(
                "{} of the newest {} failed, between others that went well.{error}",
                hit.runs,
                plural(number(0), "run", "runs"),
            ),
            Kind::Slower => format!(
                "The newest {runs}{} took {} (median), where {} is usual.",
                self.of_type(last_found),
                format::duration(number(0)),
                format::duration(number(1)),
            ),
            Kind::QueuePressure => {
                let time = |name| self.history.cell_time(name, last_found?.0);
                let is_before = time("queued_at") < time("started_at");
                let (queue, duration) = (format::duration(number(0)), format::duration(number(1)));
                let medians = match time("queued_at") {
                    Some(_) if is_before => format!("Runs wait {queue}, then take {duration}"),
                    _ => format!("Runs take {duration}, of which they wait {queue}"),
                };
                format!("{medians} (medians); {runs} waited 15 minutes or more.")
            }
            Kind::SilentScan => format!(
                "No run for {}; the longest pause between its last {} was {}.",
                format::duration(number(0)),
                plural(number(2), "run", "runs"),
                format::duration(number(1)),
            ),
            Kind::InconsistentRecord => self.contradictions(hit),
            Kind::MissedRuns
            | Kind::NewError
            | Kind::ExportMayBeCut
            | Kind::ConflictingRecords
            | Kind::UnmappedStatus => String::new(),
        }
    }

    /// The run type of a run, behind what it is of: ` of type full`.
    fn of_type(&self, run: Option<&(u32, Role)>) -> String {
        run.and_then(|(position, _)| self.history.text("run_type", *position))
            .map_or_else(String::new, |run_type| format!(" of type {run_type}"))
    }

    /// How the runs of a finding contradict themselves, each with the first that does.
    fn contradictions(&self, hit: &Hit) -> String {
        let told = hit.numbers.chunks_exact(2).zip(Contradiction::ALL);
        let told = told.filter(|(found, _)| found[0] > 0).map(|(found, how)| {
            let position = u32::try_from(found[1]).unwrap_or_default();
            let at = self.history.cell_time(AT, position).unwrap_or_default();
            format!(
                "{} {}: {}{}{}",
                plural(found[0], "run", "runs"),
                how.words(),
                if found[0] == 1 { "" } else { "the first " },
                self.time(at),
                self.run_id(position)
            )
        });
        format!("{}.", told.collect::<Vec<_>>().join("; "))
    }

    fn names(&self, position: u32) -> [Cell; 4] {
        ["scan", "source", "system", "account"].map(|name| self.history.cell(name, position))
    }

    /// Takes up what a rule found about a scan.
    fn add(&mut self, scan: &Scan, hit: Hit, evidence: Option<String>) {
        let evidence = evidence.unwrap_or_else(|| self.evidence(&hit));
        let newest = hit.behind.iter().rfind(|(_, role)| *role == Role::Found);
        let of_error = matches!(
            hit.kind,
            Kind::StoppedSucceeding | Kind::NeverSucceeded | Kind::Flapping | Kind::IngestionLoss
        );
        let advice = newest
            .filter(|_| of_error)
            .and_then(|(position, _)| self.error_action(*position));
        let mut behind = hit.behind;
        behind.sort_unstable();
        behind.reverse();
        let finding = Finding {
            kind: hit.kind,
            names: self.names(scan.newest().position),
            since: hit.since,
            runs: hit.runs,
            evidence,
            action: advice.unwrap_or_else(|| self.action(hit.kind, scan)),
            behind,
        };
        self.all.push(finding);
    }

    /// What to do about a scan when the error of its run does not say.
    fn action(&self, kind: Kind, scan: &Scan) -> &'static str {
        let is_incremental = |run: &super::history::Run| {
            self.history.text("run_type", run.position).as_deref() == Some("incremental")
        };
        if kind == Kind::IngestionLoss && scan.runs.iter().any(is_incremental) {
            return "Open the ingestion error of the newest run, correct its cause, then run a full scan: an incremental one does not bring unchanged assets again.";
        }
        kind.action()
    }

    /// Takes up what is not about one scan.
    fn add_general(
        &mut self,
        kind: Kind,
        names: [Cell; 4],
        since: Option<i64>,
        runs: i64,
        evidence: String,
    ) {
        let finding = Finding {
            kind,
            names,
            since,
            runs,
            evidence,
            action: kind.action(),
            behind: Vec::new(),
        };
        self.all.push(finding);
    }

    /// Missed runs of every scan, and pauses of whole systems. Returns the scans that missed some.
    fn missed(&mut self) -> BTreeSet<i64> {
        let history = self.history;
        let mut rhythms: Vec<Vec<Rhythm>> = history
            .scans
            .iter()
            .map(|scan| Rhythm::of(history, scan))
            .collect();
        // By system and account, and date: the scans that had a slot, and those that missed one.
        let mut due: BTreeMap<(usize, i32), [BTreeSet<i64>; 2]> = BTreeMap::new();
        for (scan, rhythms) in history.scans.iter().zip(&rhythms) {
            let slots = rhythms.iter().flat_map(|rhythm| &rhythm.slots);
            for slot in slots.filter(|slot| slot.by_days) {
                let [all, missed] = due.entry((scan.group, slot.date)).or_default();
                all.insert(scan.key);
                if slot.missed {
                    missed.insert(scan.key);
                }
            }
        }
        due.retain(|_, [all, missed]| all.len() >= limits::PAUSE && missed.len() * 2 > all.len());
        let mut paused: BTreeMap<usize, Vec<Slot>> = BTreeMap::new();
        for (scan, rhythms) in history.scans.iter().zip(&mut rhythms) {
            let is_paused = |slot: &Slot| {
                slot.missed && slot.by_days && due.contains_key(&(scan.group, slot.date))
            };
            let paused = paused.entry(scan.group).or_default();
            for rhythm in &mut *rhythms {
                paused.extend(rhythm.slots.iter().filter(|slot| is_paused(slot)));
                rhythm.slots.retain(|slot| !is_paused(slot));
            }
            rhythms.retain(|rhythm| !rhythm.was_changed());
        }
        for (group, mut slots) in paused {
            slots.sort_unstable();
            let Some(first) = slots.first() else { continue };
            let dates: BTreeSet<i32> = slots.iter().map(|slot| slot.date).collect();
            let most = due
                .iter()
                .filter(|((of, date), _)| *of == group && dates.contains(date))
                .map(|((_, date), [all, missed])| (missed.len(), all.len(), *date))
                .max_by_key(|&(missed, _, date)| (missed, std::cmp::Reverse(date)));
            let position = history.groups[group].position;
            let [_, _, system, account] = self.names(position);
            let name = [&system, &account].map(|name| match name {
                Cell::Text(name) => Some(name.as_str()),
                _ => None,
            });
            let name: Vec<&str> = name.into_iter().flatten().collect();
            let evidence = format!(
                "{}: {} on {} did not take place{}: a pause of the whole system, such as a holiday or maintenance, or a hole in the export.",
                name.join(" / "),
                plural(size(slots.len()), "run that was due", "runs that were due"),
                listed(dates.iter().map(|&date| format::date(from_epoch_day(date)))),
                most.map_or(String::new(), |(missed, all, date)| match dates.len() {
                    1 => format!(" ({missed} of the {all} scans due that day)"),
                    _ => format!(
                        " (on {} {missed} of the {all} scans due that day)",
                        format::date(from_epoch_day(date))
                    ),
                }),
            );
            let (since, count) = (first.at, size(slots.len()));
            let names = [Cell::Null, Cell::Null, system, account];
            self.add_general(Kind::MissedRuns, names, Some(since), count, evidence);
        }
        let mut found = BTreeSet::new();
        for (scan, rhythms) in history.scans.iter().zip(&rhythms) {
            let mut missed: Vec<Slot> = rhythms.iter().flat_map(Rhythm::missed).copied().collect();
            missed.sort_unstable();
            let Some(first) = missed.first() else {
                continue;
            };
            let rhythm = rhythms
                .iter()
                .find(|rhythm| rhythm.missed().next() == Some(first));
            let after = scan.runs.iter().find(|run| run.at > first.at);
            let before = scan.runs.iter().rfind(|run| run.at <= first.at);
            let bounds = [(before, Role::Before), (after, Role::After)];
            let count = missed.len();
            let hit = Hit {
                kind: Kind::MissedRuns,
                since: Some(first.at),
                runs: size(count),
                behind: bounds
                    .into_iter()
                    .filter_map(|(run, role)| Some((run?.position, role)))
                    .collect(),
                numbers: Vec::new(),
            };
            let bound = |run: Option<&super::history::Run>| {
                run.map(|run| format!("{}{}", self.time(run.at), self.run_id(run.position)))
            };
            let between = match (bound(before), bound(after)) {
                (Some(before), Some(after)) => format!("between the runs of {before} and {after}"),
                (Some(before), None) => format!("after its newest run, of {before}"),
                (None, Some(after)) => format!("before the run of {after}"),
                (None, None) => String::new(),
            };
            let others = match count {
                1 => String::new(),
                _ => format!(
                    " In this period {count} were missed: {}.",
                    listed(missed.iter().map(|slot| self.time(slot.at)))
                ),
            };
            let evidence = format!(
                "It runs {}; no run began at {}, {between}.{others}",
                rhythm.map_or_else(String::new, rhythm_words),
                self.time(first.at),
            );
            self.add(scan, hit, Some(evidence));
            found.insert(scan.key);
        }
        found
    }

    /// Errors that were not seen before the period.
    fn new_errors(&mut self) -> Result<()> {
        let mut errors: BTreeMap<_, Occurrences> = BTreeMap::new();
        for seen in self.context.errors_seen()? {
            if seen.is_new == Some(true) && seen.runs >= limits::NEW_ERROR_RUNS {
                errors.insert(seen.error, (seen.first, Vec::new()));
            }
        }
        for run in self
            .context
            .error_runs()?
            .iter()
            .filter(|run| run.is_inside)
        {
            if let Some((_, runs)) = errors.get_mut(&run.error) {
                runs.push((run.position, i64::from(run.scan)));
            }
        }
        for (first, runs) in errors.into_values() {
            let Some(&(newest, _)) = runs.last() else {
                continue;
            };
            let count = size(runs.len());
            let scans: BTreeSet<i64> = runs.iter().map(|(_, scan)| *scan).collect();
            let signature = self
                .history
                .text(ERROR_SIGNATURE, newest)
                .unwrap_or_default();
            let known = scans.iter().filter_map(|&key| self.history.scan(key));
            let earliest = known
                .map(|scan| self.history.groups[scan.group].first_day)
                .min();
            let days = self.history.first_day - earliest.unwrap_or(self.history.first_day);
            let evidence = format!(
                "{} in {} since {}, and none in the {} of data before this period: {signature} (error {})",
                plural(count, "run", "runs"),
                plural(size(scans.len()), "scan", "scans"),
                self.time(first),
                plural(i64::from(days), "day", "days"),
                signature_id(&signature)
            );
            let finding = Finding {
                kind: Kind::NewError,
                names: if scans.len() == 1 {
                    self.names(newest)
                } else {
                    NOBODY
                },
                since: Some(first),
                runs: count,
                evidence,
                action: self.error_action(newest).unwrap_or(Kind::NewError.action()),
                behind: first_and_newest(&runs)
                    .map(|(run, _)| (*run, Role::Found))
                    .rev()
                    .collect(),
            };
            self.all.push(finding);
        }
        Ok(())
    }

    /// What the files and the merging of records showed.
    fn records(&mut self) {
        for file in self.context.files {
            let read = file.tally.read;
            let evidence = if file.incomplete.contains(&Incomplete::MissesPages) {
                format!(
                    "{}: the answer has a nextLink, and its last page is not here.",
                    file.path
                )
            } else if limits::CUTS.contains(&read) {
                format!("{}: exactly {} records.", file.path, format::count(read))
            } else {
                continue;
            };
            self.add_general(Kind::ExportMayBeCut, NOBODY, None, read, evidence);
        }
        let prepared = self.context.prepared;
        if prepared.conflicting_runs > 0 {
            let mut fields: BTreeMap<&str, i64> = BTreeMap::new();
            for conflict in &prepared.conflicts {
                let field = Field::ALL
                    .iter()
                    .find(|field| field.key() == conflict.field);
                let label = field.map_or(conflict.field, |field| field.label());
                *fields.entry(label).or_insert(0) += 1;
            }
            let evidence = format!(
                "{} with records that disagree, about {}.",
                plural(prepared.conflicting_runs, "run", "runs"),
                listed(
                    fields
                        .iter()
                        .map(|(field, count)| format!("{field} ({count})"))
                )
            );
            let count = prepared.conflicting_runs;
            self.add_general(Kind::ConflictingRecords, NOBODY, None, count, evidence);
        }
        let mut words: BTreeMap<&str, i64> = BTreeMap::new();
        for file in self.context.files {
            for ((_, word), count) in &file.tally.unknown_statuses {
                *words.entry(word).or_insert(0) += count;
            }
        }
        let files = self.context.files.iter();
        let count: i64 = files.map(|file| file.tally.unknown_status_records).sum();
        if count > 0 {
            let mut words: Vec<_> = words.into_iter().collect();
            words.sort_by_key(|&(word, count)| (std::cmp::Reverse(count), word));
            let evidence = format!(
                "{} a status that rundown does not know: {}.",
                plural(count, "record has", "records have"),
                listed(
                    words
                        .iter()
                        .map(|(word, count)| format!("{word} ({count})"))
                )
            );
            self.add_general(Kind::UnmappedStatus, NOBODY, None, count, evidence);
        }
    }
}

/// The names of a finding that is about no system.
const NOBODY: [Cell; 4] = [Cell::Null, Cell::Null, Cell::Null, Cell::Null];

/// When an error was first seen, and its runs of the period with their scans.
type Occurrences = (i64, Vec<(u32, i64)>);

fn size(count: usize) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

/// The first and the newest of some runs, in order: as many as are listed.
fn first_and_newest<T>(runs: &[T]) -> impl DoubleEndedIterator<Item = &T> {
    let newest = runs.len().saturating_sub(limits::LISTED - 1).max(1);
    runs.iter().take(1).chain(runs.iter().skip(newest))
}

/// The id of a run behind its time in a sentence; nothing where it has none.
fn named_run(history: &History<'_>, position: u32) -> String {
    match history.text("run_id", position) {
        Some(id) => format!(" (run {id})"),
        None => String::new(),
    }
}

/// Up to five things, and how many more there are.
fn listed(all: impl Iterator<Item = String>) -> String {
    let all: Vec<String> = all.collect();
    let more = all.len().saturating_sub(5);
    let shown = all[..all.len() - more].join(", ");
    match more {
        0 => shown,
        more => format!("{shown} and {more} more"),
    }
}

/// How often a scan runs, in words.
fn rhythm_words(rhythm: &Rhythm) -> String {
    match rhythm.cadence {
        Cadence::Interval(micros) => format!("every {}", format::duration(micros / 1_000)),
        Cadence::Daily => "daily".to_owned(),
        Cadence::EveryDays(7) => "weekly".to_owned(),
        Cadence::EveryDays(days) => format!("every {days} days"),
        // A slot day may begin on the date before, so the weekdays are those of the slots.
        Cadence::Weekdays(_) => {
            let mut names = [
                "Monday",
                "Tuesday",
                "Wednesday",
                "Thursday",
                "Friday",
                "Saturday",
                "Sunday",
            ]
            .map(|name| (name, false));
            for slot in &rhythm.slots {
                let weekday = chrono::Datelike::weekday(&from_epoch_day(slot.date));
                names[weekday.num_days_from_monday() as usize].1 = true;
            }
            let due: Vec<_> = names
                .iter()
                .filter(|(_, due)| *due)
                .map(|(name, _)| *name)
                .collect();
            match due.as_slice() {
                ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday"] => {
                    "from Monday to Friday".to_owned()
                }
                due => format!("on {}", due.join(", ")),
            }
        }
    }
}

/// Every finding, worst first.
pub(super) fn find(context: &Context<'_>) -> Result<Vec<Finding>> {
    let history = context.history()?;
    let mut findings = Findings {
        context,
        history,
        all: Vec::new(),
    };
    let missed = findings.missed();
    for scan in &history.scans {
        for hit in rules::hits(history, scan) {
            if hit.kind != Kind::SilentScan || !missed.contains(&scan.key) {
                findings.add(scan, hit, None);
            }
        }
    }
    findings.new_errors()?;
    findings.records();
    let mut all = findings.all;
    all.sort_by(|a, b| a.order().cmp(&b.order()));
    Ok(all)
}

fn run_columns() -> Vec<Column> {
    vec![
        column(AT, "Run", Unit::Time, Place::Name).means("Its start, else queue time, else end."),
        column("role", "What it is", Unit::Status, Place::Column)
            .means("What the run has to do with the finding."),
        column("outcome", "Outcome", Unit::Status, Place::Column)
            .means("The worst of the run's statuses."),
        column("run_id", "Run id", Unit::Id, Place::Column),
    ]
}

/// A run behind a finding, as the cells of [`run_columns`].
fn run_cells(history: &History<'_>, (position, role): (u32, Role)) -> [Cell; 4] {
    [
        Cell::time(history.cell_time(AT, position)),
        Cell::Text(role.key().to_owned()),
        history.cell("outcome", position),
        history.cell("run_id", position),
    ]
}

/// The id of each finding.
fn ids(findings: &[Finding]) -> Vec<String> {
    let text = |cell: &Cell| match cell {
        Cell::Text(text) => text.clone(),
        _ => "\u{0}".to_owned(),
    };
    let mut known = BTreeSet::new();
    let id = |finding: &Finding| {
        let names: Vec<_> = finding.names.iter().map(text).collect();
        let mut name = names.join("\u{1f}");
        // Two findings of one kind about one scan are told apart by what they say.
        if !known.insert((finding.kind, name.clone())) {
            name = format!("{name}\u{1f}{}", finding.evidence);
        }
        anchor(&finding.kind.key().replace('_', "-"), &name)
    };
    findings.iter().map(id).collect()
}

/// A finding, with the runs behind it under it.
fn finding_row(history: &History<'_>, finding: &Finding, id: &str) -> Row {
    let mut cells = finding.names.to_vec();
    cells.extend([
        Cell::Text(finding.kind.key().to_owned()),
        Cell::Text(finding.kind.severity().key().to_owned()),
        Cell::time(finding.since),
        Cell::Int(finding.runs),
        Cell::Text(finding.evidence.clone()),
        Cell::Text(finding.action.to_owned()),
        Cell::Text(id.to_owned()),
    ]);
    let nested: Vec<Row> = finding
        .behind
        .iter()
        .map(|&behind| Row {
            cells: run_cells(history, behind).to_vec(),
            ..Row::default()
        })
        .collect();
    // Missed runs are no runs: what is listed stands before and after them.
    let found = match finding.kind {
        Kind::MissedRuns => 0,
        _ => usize::try_from(finding.runs).unwrap_or(usize::MAX),
    };
    let is_beside = |(_, role): &&(u32, Role)| *role != Role::Found;
    let beside = finding.behind.iter().filter(is_beside).count();
    let detail = (!nested.is_empty()).then(|| {
        let title = match finding.kind {
            Kind::MissedRuns => "Runs around it",
            _ => "Runs",
        };
        Block::Table(Table {
            total: found.saturating_add(beside),
            ..Table::new("runs", title, String::new(), run_columns(), nested)
        })
    });
    to_scan(Row {
        cells,
        anchor: Some(id.to_owned()),
        detail: detail.into_iter().collect(),
        target: None,
    })
}

pub(super) fn section(context: &Context<'_>) -> Result<Section> {
    let history = context.history()?;
    let findings = context.findings()?;
    let mut columns: Vec<Column> = scan_columns()
        .into_iter()
        .map(|column| Column {
            // A finding is named by its kind, since some are about no scan.
            place: if column.place == Place::Name {
                Place::Under
            } else {
                column.place
            },
            ..column
        })
        .collect();
    columns.extend([
        column("kind", "Finding", Unit::Status, Place::Name)
            .means("What is wrong; each word is explained at the end of the report."),
        column("severity", "Severity", Unit::Status, Place::Column)
            .means("High: act now. Medium: look at it this week. Low: worth knowing."),
    ]);
    columns.extend([
        column("since", "Since", Unit::Time, Place::Column)
            .means("The time of the first run that the finding is about, or of the first missed one."),
        column("runs", "Count", Unit::Count, Place::Column)
            .means("Runs behind the finding; for missed runs, how many were missed; for findings about files, records."),
        column("evidence", "Evidence", Unit::Message, Place::Column)
            .means("What the finding rests on. Every number in it is in a table of this report."),
        column("action", "What to do", Unit::Message, Place::Column)
            .means("By the cause of the newest error where it is known, else by the kind of finding."),
        column("id", "Finding id", Unit::Id, Place::Machine)
            .means("The same finding about the same scan has the same id in every report."),
    ]);
    let ids = ids(findings);
    let note = if findings.is_empty() {
        "No rule found anything.".to_owned()
    } else {
        String::new()
    };
    let rows = findings.iter().zip(&ids);
    let rows = rows.map(|(finding, id)| finding_row(history, finding, id));
    let all = (context.bounds).rows("findings", "", note, columns, rows);
    let behind = findings.iter().zip(&ids).flat_map(|(finding, id)| {
        let rows = finding.behind.iter();
        rows.map(|&behind| {
            let mut cells = vec![Cell::Text(id.clone())];
            cells.extend(run_cells(history, behind));
            Row {
                cells,
                ..Row::default()
            }
        })
    });
    let mut behind_columns = vec![
        column("finding", "Finding id", Unit::Id, Place::Name)
            .means("The id of the finding that the run belongs to."),
    ];
    behind_columns.extend(run_columns().into_iter().map(|column| Column {
        place: Place::Column,
        ..column
    }));
    let count = |severity: Severity| {
        let of = findings
            .iter()
            .filter(|finding| finding.kind.severity() == severity);
        of.count()
    };
    let scans = size(history.scans.len());
    let (high, medium, low) = (
        count(Severity::High),
        count(Severity::Medium),
        count(Severity::Low),
    );
    let lead = if findings.is_empty() {
        format!("No finding; {} looked at.", plural(scans, "scan", "scans"))
    } else {
        let counts = [(high, "high"), (medium, "medium"), (low, "low")];
        let counts = counts.into_iter().filter(|(count, _)| *count > 0);
        let counts: Vec<String> = counts
            .map(|(count, label)| format!("{count} {label}"))
            .collect();
        format!(
            "{} {}; {} looked at.",
            counts.join(", "),
            if findings.len() == 1 {
                "finding"
            } else {
                "findings"
            },
            plural(scans, "scan", "scans")
        )
    };
    let note = format!(
        "Of each finding the first run and the newest, {} in all at most, and those before and after it that tell more.",
        limits::LISTED
    );
    let title = "Runs behind the findings";
    let mut runs = (context.bounds).rows("runs", title, note, behind_columns, behind);
    runs.table.nested_in = Some("findings");
    let mut blocks = Vec::new();
    for Bounded { table, rest } in [all, runs] {
        blocks.push(Block::Table(table));
        blocks.extend(rest);
    }
    Ok(Section {
        id: "findings",
        title: "What needs attention",
        lead,
        blocks,
    })
}
