//! Why did runs fail, how often, in which scans, and what is to be done?

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use anyhow::Result;

use super::Context;
use super::bounds::Bounded;
use super::columns::{Basics, Days, Words};
use super::frames::{column, grouped, plural};
use crate::errors::{Category, action, signature_id};
use crate::report::{Block, Cell, Drawing, Place, Row, Section, Table, Unit};
use crate::runs::frame::NO_ERROR_TEXT;
use crate::runs::frame::column::{ERROR_CATEGORY, ERROR_SIGNATURE};

const RUNS: &str =
    "Failed runs of the period, and partial runs that carry an error. Child runs are left out.";
const SCANS: &str = "Scans with such a run in the period.";

/// A run with an error: a failed one, or a partial one that carries one.
#[derive(Clone, Copy, Debug)]
pub(super) struct ErrorRun {
    /// Its place in the frame of runs.
    pub(super) position: u32,
    pub(super) scan: u32,
    /// Codes of its signature and category.
    pub(super) error: (u32, u32),
    at: i64,
    day: i32,
    /// It is of the period.
    pub(super) is_inside: bool,
}

/// All loaded runs with an error, in order. Failed runs without text are of the category `unknown`.
pub(super) fn runs(context: &Context<'_>) -> Result<Vec<ErrorRun>> {
    let frame = context.prepared.runs.frame();
    let basics = Basics::new(frame)?;
    let categories = Words::new(frame, ERROR_CATEGORY)?;
    let signatures = Words::new(frame, ERROR_SIGNATURE)?;
    let inside = Days::of(context.prepared.window.span);
    let mut runs = Vec::new();
    for row in 0..basics.height {
        let Some(category) = categories.get(row).filter(|_| !basics.is_child(row)) else {
            continue;
        };
        let day = basics.day(row);
        runs.push(ErrorRun {
            position: u32::try_from(row)?,
            scan: basics.key(row),
            error: (signatures.get(row).unwrap_or(u32::MAX), category),
            at: basics.at(row),
            day,
            is_inside: inside.holds(day),
        });
    }
    Ok(runs)
}

/// Those of the period.
fn inside<'a>(context: &'a Context<'_>) -> Result<impl DoubleEndedIterator<Item = &'a ErrorRun>> {
    Ok(context.error_runs()?.iter().filter(|run| run.is_inside))
}

/// Runs of the period with a cause.
#[derive(Default)]
struct Cause {
    runs: i64,
    scans: BTreeSet<u32>,
    systems: BTreeSet<u32>,
}

/// By category, the most runs first.
fn categories(context: &Context<'_>) -> Result<Vec<(&'static Category, Cause)>> {
    let systems = Words::new(context.prepared.runs.frame(), "system")?;
    let mut causes: BTreeMap<u32, Cause> = BTreeMap::new();
    for run in inside(context)? {
        let cause = causes.entry(run.error.1).or_default();
        cause.runs += 1;
        cause.scans.insert(run.scan);
        cause.systems.extend(systems.get(run.position as usize));
    }
    // In order of categories so far.
    let mut causes: Vec<_> = causes.into_iter().collect();
    causes.sort_by_key(|(_, cause)| Reverse(cause.runs));
    let category = |code: u32| Category::ALL.get(code as usize);
    let known = causes.into_iter();
    Ok(known
        .filter_map(|(code, cause)| Some((category(code)?, cause)))
        .collect())
}

/// Which cause is the most common, in words without an end; nothing where no run has an error.
pub(super) fn cause(context: &Context<'_>) -> Result<Option<String>> {
    let (mut unknown, mut known) = (0, Vec::new());
    for (category, cause) in categories(context)? {
        if *category == Category::Unknown {
            unknown = cause.runs;
        } else {
            known.push((category.label().to_lowercase(), cause.runs));
        }
    }
    let most = known.iter().map(|(_, runs)| *runs).max().unwrap_or(0);
    let all = unknown + known.iter().map(|(_, runs)| runs).sum::<i64>();
    let common: Vec<&str> = known
        .iter()
        .filter(|(_, runs)| *runs == most)
        .map(|(label, _)| label.as_str())
        .collect();
    let (all_runs, runs) = (plural(all, "run", "runs"), plural(most, "run", "runs"));
    Ok(match common.as_slice() {
        _ if all == 0 => None,
        _ if unknown > most => Some(format!(
            "For {} of {all_runs} with an error no cause is known",
            grouped(unknown)
        )),
        [only] if most == all => Some(format!("The cause of {all_runs} with an error is {only}")),
        [first] => Some(format!(
            "The most common cause is {first}, with {} of {all_runs}",
            grouped(most)
        )),
        several => Some(format!(
            "The most common causes are {}, with {runs} each",
            several.join(" and ")
        )),
    })
}

/// What to do about a category in these systems. Systems with the same advice share it.
fn advice<'a>(category: Category, systems: impl Iterator<Item = &'a str>) -> String {
    let mut by_text: Vec<(&str, Vec<&str>)> = Vec::new();
    for system in systems {
        let text = action(system, category);
        match by_text.iter_mut().find(|(known, _)| *known == text) {
            Some((_, names)) => names.push(system),
            None => by_text.push((text, vec![system])),
        }
    }
    match by_text.as_slice() {
        [(text, _)] => (*text).to_owned(),
        _ => by_text
            .iter()
            .map(|(text, names)| format!("{}: {text}", names.join(", ")))
            .collect::<Vec<_>>()
            .join("\n"),
    }
}

/// An error of the loaded runs.
#[derive(Clone, Copy, Debug)]
pub(super) struct Seen {
    /// Codes of its signature and category.
    pub(super) error: (u32, u32),
    /// When it was first and last seen.
    pub(super) first: i64,
    last: i64,
    first_day: i32,
    /// Its runs of the period, and of the one before.
    pub(super) runs: i64,
    pub(super) before: i64,
    /// The position of its first run.
    pub(super) position: u32,
    /// It was first seen in the period. `None` without a text, and where no system and account that has the error in the
    /// period has runs from before it.
    pub(super) is_new: Option<bool>,
}

/// Every error of the loaded runs.
pub(super) fn seen(context: &Context<'_>) -> Result<Vec<Seen>> {
    let window = &context.prepared.window;
    let (inside, before) = (Days::of(window.span), window.previous.map(Days::of));
    let signatures = Words::new(context.prepared.runs.frame(), ERROR_SIGNATURE)?;
    let without_text = signatures.code(NO_ERROR_TEXT);
    let history = context.history()?;
    let mut errors: BTreeMap<(u32, u32), (Seen, bool)> = BTreeMap::new();
    for run in context.error_runs()? {
        let (seen, is_known) = errors.entry(run.error).or_insert_with(|| {
            let seen = Seen {
                error: run.error,
                first: run.at,
                last: run.at,
                first_day: run.day,
                runs: 0,
                before: 0,
                position: run.position,
                is_new: None,
            };
            (seen, false)
        });
        seen.first = seen.first.min(run.at);
        seen.last = seen.last.max(run.at);
        seen.first_day = seen.first_day.min(run.day);
        seen.before += i64::from(before.is_some_and(|before| before.holds(run.day)));
        if run.is_inside {
            seen.runs += 1;
            *is_known = *is_known || {
                let scan = history.scan(i64::from(run.scan));
                scan.is_some_and(|scan| history.reaches_back(scan))
            };
        }
    }
    let told = errors.into_values().map(|(seen, is_known)| Seen {
        is_new: (is_known && Some(seen.error.0) != without_text)
            .then_some(seen.first_day >= inside.first),
        ..seen
    });
    Ok(told.collect())
}

/// An error of the period. First and last seen look at all loaded runs.
struct Occurring<'a> {
    seen: Seen,
    scans: BTreeSet<u32>,
    example: Option<&'a str>,
}

/// Every error with a run in the window, the most runs first.
fn signatures<'a>(context: &Context<'a>) -> Result<Vec<Occurring<'a>>> {
    let messages = Words::new(context.prepared.runs.frame(), "error_message")?;
    let mut scans: BTreeMap<(u32, u32), (BTreeSet<u32>, Option<u32>)> = BTreeMap::new();
    for run in inside(context)? {
        let (scans, example) = scans.entry(run.error).or_default();
        scans.insert(run.scan);
        *example = messages.get(run.position as usize).or(*example);
    }
    // In order of signatures and categories, as the codes are.
    let seen = context.errors_seen()?.iter();
    let mut errors: Vec<_> = seen
        .filter_map(|seen| {
            let (scans, example) = scans.remove(&seen.error)?;
            Some(Occurring {
                seen: *seen,
                scans,
                example: example.and_then(|code| messages.word(code)),
            })
        })
        .collect();
    errors.sort_by_key(|error| Reverse(error.seen.runs));
    Ok(errors)
}

/// Code and message of the newest run of the period with this signature and category; of one with a message, if there
/// is one. `None` for what the run does not state.
pub(crate) fn newest(
    context: &Context<'_>,
    signature: &Cell,
    category: &Cell,
) -> Result<[Option<String>; 2]> {
    let frame = context.prepared.runs.frame();
    let code = |name, cell: &Cell| {
        let words = Words::new(frame, name)?;
        Ok::<_, anyhow::Error>(match cell {
            Cell::Text(word) => words.code(word),
            _ => None,
        })
    };
    let error = (
        code(ERROR_SIGNATURE, signature)?,
        code(ERROR_CATEGORY, category)?,
    );
    let (codes, messages) = (
        Words::new(frame, "error_code")?,
        Words::new(frame, "error_message")?,
    );
    let same = inside(context)?.filter(|run| (Some(run.error.0), Some(run.error.1)) == error);
    let mut rows = same.rev().map(|run| run.position as usize);
    let first = rows.next();
    let told = first
        .into_iter()
        .chain(rows)
        .find(|&row| messages.get(row).is_some())
        .or(first);
    let text = |words: Words<'_>| words.text(told?).map(str::to_owned);
    Ok([text(codes), text(messages)])
}

fn signature_table(context: &Context<'_>) -> Result<Bounded> {
    let columns = vec![
        column("signature", "Error", Unit::Message, Place::Name).means(
            "The message with its variable parts replaced, so that the same error is one row.",
        ),
        column("category", "Category", Unit::Status, Place::Under)
            .means("The kind of cause, by the first rule that fits the error's code or its innermost message."),
        column("runs", "Runs", Unit::Count, Place::Column).means(RUNS),
        column("scans", "Scans", Unit::Count, Place::Column).means(SCANS),
        column("first_seen", "First seen", Unit::Time, Place::Column)
            .means("Over all loaded runs."),
        column("last_seen", "Last seen", Unit::Time, Place::Column)
            .means("Over all loaded runs, also those after the period."),
        column("example", "Newest message", Unit::Message, Place::Detail)
            .means("The message of the newest run of the period with this error; secrets are masked."),
        column("new", "New", Unit::Flag, Place::Column).means(
            "First seen in this period. A dash: it has no text, or no system that has it has data from before.",
        ),
    ];
    let words = Words::new(context.prepared.runs.frame(), ERROR_SIGNATURE)?;
    let rows = signatures(context)?.into_iter().map(|error| {
        let (signature, category) = error.seen.error;
        let category = Category::ALL.get(category as usize);
        Row {
            cells: vec![
                Cell::text(words.word(signature)),
                Cell::text(category.map(|category| category.key())),
                Cell::Int(error.seen.runs),
                Cell::Int(i64::try_from(error.scans.len()).unwrap_or(i64::MAX)),
                Cell::Time(error.seen.first),
                Cell::Time(error.seen.last),
                Cell::text(error.example),
                error.seen.is_new.map_or(Cell::Null, Cell::Bool),
            ],
            ..Row::default()
        }
    });
    let (note, bounds) = (String::new(), context.bounds);
    let Bounded { mut table, rest } = bounds.rows("signatures", "Errors", note, columns, rows);
    table.columns.push(
        column("id", "Error id", Unit::Id, Place::Detail)
            .means("The same error has the same id in every report."),
    );
    for row in &mut table.rows {
        let id = match &row.cells[0] {
            Cell::Text(signature) => signature_id(signature),
            _ => String::new(),
        };
        row.anchor = Some(anchor(&id));
        row.cells.push(Cell::Text(id));
    }
    Ok(Bounded { table, rest })
}

/// The fragment of an error.
pub(super) fn anchor(id: &str) -> String {
    format!("error-{id}")
}

pub(super) fn section(context: &Context<'_>) -> Result<Section> {
    let columns = vec![
        column("category", "Category", Unit::Status, Place::Name)
            .means("The kind of cause, by the first rule that fits the error's code or its innermost message."),
        column("runs", "Runs", Unit::Count, Place::Column).means(RUNS),
        column("scans", "Scans", Unit::Count, Place::Column).means(SCANS),
        column("share", "Share", Unit::Share, Place::Column)
            .means("Of the failed runs, and the partial runs that carry an error."),
        column("action", "What to do", Unit::Message, Place::Column)
            .means("What usually helps with this cause."),
    ];
    let systems = Words::new(context.prepared.runs.frame(), "system")?;
    let causes = categories(context)?;
    let all: i64 = causes.iter().map(|(_, cause)| cause.runs).sum();
    let of_all = 1.0 / all as f64;
    let rows = causes.iter().map(|(category, cause)| {
        // Codes are in order of names.
        let systems = cause.systems.iter().filter_map(|&code| systems.word(code));
        Row {
            cells: vec![
                Cell::Text(category.key().to_owned()),
                Cell::Int(cause.runs),
                Cell::Int(i64::try_from(cause.scans.len()).unwrap_or(i64::MAX)),
                Cell::Float(cause.runs as f64 * of_all),
                Cell::Text(advice(**category, systems)),
            ],
            ..Row::default()
        }
    });
    let mut categories = Table::new(
        "categories",
        "Causes",
        String::new(),
        columns,
        rows.collect(),
    );
    categories.drawing = Some(Drawing::Share { key: "share" });
    let signatures = signature_table(context)?;
    let (kinds, messages) = (categories.rows.len(), signatures.table.total);
    let lead = match cause(context)? {
        Some(cause) => format!("{cause}."),
        None => "No run failed in this period.".to_owned(),
    };
    if kinds == 0 {
        categories.note =
            "No run failed in this period, and no partial run carries an error.".to_owned();
    }
    let mut blocks = vec![Block::Table(categories)];
    if messages > 0 || kinds == 0 {
        blocks.push(Block::Table(signatures.table));
        blocks.extend(signatures.rest);
    }
    Ok(Section {
        id: "errors",
        title: "Why runs failed",
        lead,
        blocks,
    })
}
