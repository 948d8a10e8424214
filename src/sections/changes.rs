//! What changed against the period before?

use std::collections::BTreeSet;

use anyhow::Result;

use super::Context;
use super::bounds::{Bounded, Bounds};
use super::frames::{Values, column, filled, grouped, plural, scan_columns};
use super::history::{History, Run, Scan};
use super::{gaps, overview};
use crate::errors::signature_id;
use crate::report::{Block, Cell, Column, Figure, Place, Row, Section, Span, Table, Target, Unit};
use crate::runs::calendar::epoch_day;
use crate::runs::frame::NO_ERROR_TEXT;
use crate::runs::frame::column::{ERROR_CATEGORY, ERROR_SIGNATURE};

/// How the standing of a scan changed. Scans are listed in this order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Change {
    NewlyFailing,
    Silent,
    Recovered,
    New,
}

impl Change {
    fn key(self) -> &'static str {
        match self {
            Change::NewlyFailing => "newly_failing",
            Change::Silent => "silent",
            Change::Recovered => "recovered",
            Change::New => "new",
        }
    }
}

/// The changes with their labels and meanings.
pub(super) const CHANGE_TERMS: [(&str, &str, &str); 5] = [
    (
        "newly_failing",
        "Newly failing",
        "It stood well at the end of the period before, and its newest run that went well or failed has failed.",
    ),
    (
        "silent",
        "Stopped running",
        "It ran in the period before and not in this one.",
    ),
    (
        "recovered",
        "Recovered",
        "It had failed at the end of the period before, and went well since.",
    ),
    (
        "new",
        "New",
        "First seen in this period, while the data of its system and account begins before it.",
    ),
    (
        "gone",
        "Gone",
        "It was seen in the period before and not in this one.",
    ),
];

/// A scan that changed.
pub(super) struct Changed<'a> {
    pub(super) scan: &'a Scan,
    pub(super) change: Change,
    /// The run that shows it.
    pub(super) run: &'a Run,
    pub(super) runs: i64,
    pub(super) before: i64,
}

/// The newest run until a day that went well or failed.
fn standing(scan: &Scan, day: i32) -> Option<&Run> {
    scan.runs
        .iter()
        .rev()
        .find(|run| run.day <= day && run.decides())
}

/// How a scan changed.
fn changed<'a>(history: &History<'_>, scan: &'a Scan, before: Span) -> Option<Changed<'a>> {
    let last = epoch_day(before.last);
    let inside = || scan.runs.iter().filter(|run| history.is_inside(run));
    let (runs, earlier) = (scan.inside(), scan.before);
    let stood = standing(scan, last).map(Run::went_well);
    let stands = standing(scan, history.last_day).map(Run::went_well);
    let (change, run) = match (stood, stands) {
        (Some(true), Some(false)) => {
            let since = scan
                .runs
                .iter()
                .rposition(Run::went_well)
                .map_or(0, |at| at + 1);
            let failed = scan.runs[since..].iter().find(|run| run.failed())?;
            (Change::NewlyFailing, failed)
        }
        (Some(false), Some(true)) => (Change::Recovered, inside().find(|run| run.went_well())?),
        _ if earlier > 0 && runs == 0 => (Change::Silent, scan.newest()),
        _ if runs > 0 && scan.runs[0].day >= history.first_day && history.reaches_back(scan) => {
            (Change::New, &scan.runs[0])
        }
        _ => return None,
    };
    Some(Changed {
        scan,
        change,
        run,
        runs,
        before: earlier,
    })
}

/// Every scan that changed, in order; none without a period before.
pub(super) fn scans<'a>(context: &Context<'_>, history: &'a History<'_>) -> Vec<Changed<'a>> {
    let Some(before) = context.prepared.window.previous else {
        return Vec::new();
    };
    let mut all: Vec<_> = history
        .scans
        .iter()
        .filter_map(|scan| changed(history, scan, before))
        .collect();
    // Scans are in order of their key already.
    all.sort_by_key(|changed| changed.change);
    all
}

/// An error that is new or gone.
#[derive(Debug)]
pub(super) struct ChangedError {
    pub(super) signature: String,
    category: String,
    pub(super) new: bool,
    pub(super) runs: i64,
    before: i64,
}

/// Errors that are new or gone, in order; none without a period before.
pub(super) fn errors(context: &Context<'_>, history: &History<'_>) -> Result<Vec<ChangedError>> {
    if context.prepared.window.previous.is_none() {
        return Ok(Vec::new());
    }
    let mut all = Vec::new();
    for seen in context.errors_seen()? {
        let (runs, before, example) = (seen.runs, seen.before, seen.position);
        let new = runs > 0 && seen.is_new == Some(true);
        let gone = runs == 0 && before > 0;
        if new || gone {
            let text = |name| history.text(name, example).unwrap_or_default();
            let signature = text(ERROR_SIGNATURE);
            if signature == NO_ERROR_TEXT {
                continue;
            }
            all.push(ChangedError {
                signature,
                category: text(ERROR_CATEGORY),
                new,
                runs,
                before,
            });
        }
    }
    all.sort_by(|a, b| {
        (b.new, b.runs, b.before, &a.signature, &a.category).cmp(&(
            a.new,
            a.runs,
            a.before,
            &b.signature,
            &b.category,
        ))
    });
    Ok(all)
}

/// Figures now and before, those of one unit.
fn compared(pairs: &[(Figure, Cell)], unit: Unit) -> Vec<Row> {
    let of_unit = pairs.iter().filter(|(figure, _)| figure.unit == unit);
    of_unit
        .map(|(figure, before)| {
            let change = match (&figure.value, before) {
                (Cell::Int(now), Cell::Int(before)) => Cell::Int(now - before),
                (Cell::Float(now), Cell::Float(before)) => Cell::Float(now - before),
                _ => Cell::Null,
            };
            Row {
                cells: vec![
                    Cell::Text(figure.label.to_owned()),
                    figure.value.clone(),
                    before.clone(),
                    change,
                    Cell::Text(figure.key.to_owned()),
                ],
                ..Row::default()
            }
        })
        .collect()
}

fn figure_table(id: &'static str, title: &'static str, unit: Unit, rows: Vec<Row>) -> Table {
    Table::new(
        id,
        title,
        String::new(),
        vec![
            column("label", "Figure", Unit::Text, Place::Name)
                .means("A figure of the overview or of the gaps."),
            column("now", "This period", unit, Place::Column)
                .means("The figure of the same name, of this period."),
            column("before", "Period before", unit, Place::Column)
                .means("The same of the period before: as many days, just before this one."),
            column("change", "Change", Unit::Difference, Place::Column)
                .means("This period less the one before."),
            column("figure", "Key", Unit::Id, Place::Machine).means("Its key there."),
        ],
        rows,
    )
}

fn scan_table(bounds: Bounds, history: &History<'_>, all: &[Changed<'_>]) -> Bounded {
    let mut columns: Vec<Column> = scan_columns();
    columns.extend([
        column("change", "Change", Unit::Status, Place::Column)
            .means("Newly failing, stopped running, recovered or new, compared with the period before."),
        column("at", "Since", Unit::Time, Place::Column)
            .means("The run that shows it: first failure, first success, first run, or the newest one of a scan that stopped running."),
        column("runs", "Runs", Unit::Count, Place::Column).means("Runs of this period."),
        column("runs_before", "Runs before", Unit::Count, Place::Column)
            .means("Runs of the period before."),
    ]);
    let rows = all.iter().map(|changed| {
        let name = |field| history.cell(field, changed.scan.newest().position);
        Row {
            cells: vec![
                name("scan"),
                name("source"),
                name("system"),
                name("account"),
                Cell::Text(changed.change.key().to_owned()),
                Cell::Time(changed.run.at),
                Cell::Int(changed.runs),
                Cell::Int(changed.before),
            ],
            ..Row::default()
        }
    });
    let rows = rows.map(super::runs::to_scan);
    let note = if all.is_empty() {
        "No scan is newly failing, stopped running, recovered or is new.".to_owned()
    } else {
        String::new()
    };
    bounds.rows("scans", "Scans", note, columns, rows)
}

fn error_table(bounds: Bounds, all: &[ChangedError]) -> Bounded {
    let columns = vec![
        column("signature", "Error", Unit::Message, Place::Name).means(
            "The message with its variable parts replaced, so that the same error is one row.",
        ),
        column("category", "Category", Unit::Status, Place::Under)
            .means("The cause, by the first rule that fits code or message."),
        column("change", "Change", Unit::Status, Place::Column).means(
            "New: first seen in this period, while a system that has it has earlier data. Gone: seen in the one before and not in this one. Runs without an error text are left out.",
        ),
        column("runs", "Runs", Unit::Count, Place::Column).means("Runs of this period."),
        column("runs_before", "Runs before", Unit::Count, Place::Column)
            .means("Runs of the period before."),
        column("id", "Error id", Unit::Id, Place::Detail)
            .means("The same error has the same id in every report."),
    ];
    let rows = all.iter().map(|error| Row {
        cells: vec![
            Cell::Text(error.signature.clone()),
            Cell::Text(error.category.clone()),
            Cell::Text(if error.new { "new" } else { "gone" }.to_owned()),
            Cell::Int(error.runs),
            Cell::Int(error.before),
            Cell::Text(signature_id(&error.signature)),
        ],
        target: error.new.then(|| Target {
            column: "signature",
            anchor: super::errors::anchor(&signature_id(&error.signature)),
        }),
        ..Row::default()
    });
    let note = if all.is_empty() {
        "No error is new or gone.".to_owned()
    } else {
        String::new()
    };
    bounds.rows("errors", "Errors", note, columns, rows)
}

/// Figures with their values now and before.
fn pairs(known: fn() -> Vec<Figure>, now: &Values, before: &Values) -> Vec<(Figure, Cell)> {
    let before = filled(known(), before).into_iter();
    let now = filled(known(), now).into_iter();
    now.zip(before.map(|figure| figure.value)).collect()
}

/// How many scans changed in which way.
pub(super) fn sentence(scans: &[Changed<'_>]) -> String {
    let count = |change| {
        let of = scans.iter().filter(|changed| changed.change == change);
        i64::try_from(of.count()).unwrap_or(i64::MAX)
    };
    let mut counts: Vec<String> = [
        (Change::NewlyFailing, "newly failing"),
        (Change::Recovered, "recovered"),
        (Change::Silent, "stopped running"),
        (Change::New, "new"),
    ]
    .into_iter()
    .filter(|(change, _)| count(*change) > 0)
    .map(|(change, words)| format!("{} {words}", grouped(count(change))))
    .collect();
    if let Some(first) = counts.first_mut() {
        // The noun stands once.
        if let Some((number, words)) = first.split_once(' ') {
            let noun = if number == "1" { "scan" } else { "scans" };
            *first = format!("{number} {noun} {words}");
        }
        format!("Compared with the period before: {}.", counts.join(", "))
    } else {
        "Compared with the period before, no scan is newly failing, recovered, stopped running or is new."
            .to_owned()
    }
}

/// What is in the figures of this period only, since its system has no earlier data.
pub(super) fn without_earlier_data(history: &History<'_>) -> Option<String> {
    let (mut systems, mut scans, mut runs) = (BTreeSet::new(), 0, 0);
    for scan in &history.scans {
        let inside = scan.inside();
        if inside == 0 || history.reaches_back(scan) {
            continue;
        }
        let name = |field| history.text(field, scan.newest().position);
        let system = name("system").unwrap_or_default();
        systems.insert(match name("account") {
            Some(account) => format!("{system} / {account}"),
            None => system,
        });
        scans += 1;
        runs += inside;
    }
    if systems.is_empty() {
        return None;
    }
    let names: Vec<String> = systems.into_iter().collect();
    Some(format!(
        "Without data before this period: {} ({}, {}).",
        names.join(", "),
        plural(runs, "run", "runs"),
        plural(scans, "scan", "scans"),
    ))
}

pub(super) fn section(context: &Context<'_>) -> Result<Section> {
    let window = &context.prepared.window;
    let mut blocks = Vec::new();
    let history = context.history()?;
    let scans = scans(context, history);
    let errors = context.changed_errors()?;
    let mut both = Vec::new();
    let gaps = context.gaps()?;
    if let ((now, Some(before)), Some(gaps_before)) = (context.overview()?, &gaps.before) {
        both.extend(pairs(overview::known_figures, now, before));
        both.extend(pairs(gaps::known_figures, &gaps.now, gaps_before));
    }
    let lead = if window.previous.is_none() {
        "No earlier data: the exports do not reach back to the first day of the period before."
            .to_owned()
    } else {
        let earlier = without_earlier_data(history);
        [Some(sentence(&scans)), earlier]
            .into_iter()
            .flatten()
            .collect::<Vec<_>>()
            .join(" ")
    };
    let scans = scan_table(context.bounds, history, &scans);
    for Bounded { table, rest } in [scans, error_table(context.bounds, errors)] {
        blocks.push(Block::Table(table));
        blocks.extend(rest);
    }
    for (id, title, unit) in [
        ("rates", "Rates", Unit::Share),
        ("counts", "Counts", Unit::Count),
    ] {
        let table = figure_table(id, title, unit, compared(&both, unit));
        blocks.push(Block::Table(Table {
            aside: true,
            ..table
        }));
    }
    Ok(Section {
        id: "changes",
        title: "What changed",
        lead,
        blocks,
    })
}
