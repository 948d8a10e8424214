//! One scan, or one run, for a ticket: what happened, since when, and what to do, for readers without the portal.

use std::collections::BTreeSet;
use std::fmt;

use anyhow::{Result, anyhow};
use polars::prelude::{DataFrame, IdxCa};

use super::columns::{Basics, Words, cells_at};
use super::frames::{column, figure, plural, scan_name};
use super::history::{History, Scan};
use super::runs::table_at;
use super::{Context, SECTIONS};
use crate::errors::{Category, action, signature_id};
use crate::mapping::values::squash;
use crate::render::format;
use crate::report::{
    Block, Cell, Column, Figure, Figures, Note, Notes, Place, Row, Section, Table, Tone, Unit,
};
use crate::runs::calendar::local_date;
use crate::runs::frame::column::{AT, ERROR_CATEGORY, ERROR_SIGNATURE, OUTCOME};
use crate::runs::frame::{Prepared, Runs, cells};
use crate::runs::schema::{Field, Outcome};
use crate::threads;

/// What a report is about.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum About {
    /// All runs.
    #[default]
    Everything,
    /// The scan with this name, or the only one whose name begins like this.
    Scan(String),
    /// The run with this id, or the only one whose id begins like this.
    Run(String),
}

/// A name that stands for no scan or run, or for several.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotOne(String);

impl fmt::Display for NotOne {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for NotOne {}

/// Fields that may stand in the address of a run, in braces.
pub const LINK_FIELDS: [&str; 5] = ["system", "account", "source", "scan", "run_id"];

/// Candidates that are listed.
const CANDIDATES: usize = 10;
/// Runs listed before the one in question, which show what is usual.
const BEFORE: usize = 5;
/// Runs listed after it, which show whether it mended itself.
const AFTER: usize = 2;

/// A name from a log for a line of a message.
fn one_line(text: &str) -> String {
    format::text(text).replace(['\n', '\t'], " ")
}

/// The only one of these names that is meant: the one that is equal, else the one that begins like it, else the one
/// that contains it. Case does not matter. Each thing may have several names.
fn only(what: &str, wanted: &str, named: &[(Vec<String>, String)]) -> Result<usize> {
    let wanted_low = wanted.to_lowercase();
    let fitting = |fits: &dyn Fn(&str) -> bool| -> Vec<usize> {
        let all = named.iter().enumerate();
        all.filter(|(_, (names, _))| names.iter().any(|name| fits(&name.to_lowercase())))
            .map(|(at, _)| at)
            .collect()
    };
    let steps: [&dyn Fn(&str) -> bool; 3] = [
        &|name| name == wanted_low,
        &|name| name.starts_with(&wanted_low),
        &|name| name.contains(&wanted_low),
    ];
    for fits in steps {
        let found = fitting(fits);
        match found.as_slice() {
            [] => {}
            [one] => return Ok(*one),
            several => {
                let mut lines: Vec<_> = several
                    .iter()
                    .take(CANDIDATES)
                    .map(|&at| one_line(&named[at].1))
                    .collect();
                let is_whole =
                    |at: &usize| named[*at].0.iter().any(|n| n.to_lowercase() == wanted_low);
                let hint = match (several.iter().all(is_whole), what) {
                    (false, _) => "write more of the name",
                    (true, "scan") => "write SOURCE/NAME, or narrow it with --system or --source",
                    (true, _) => "narrow it with --system, --source or --scan",
                };
                if several.len() > lines.len() {
                    lines.push(format!("and {} more", several.len() - lines.len()));
                }
                return Err(anyhow!(NotOne(format!(
                    "{wanted:?} may be any of {} {what}s\n       {}\n       {hint}",
                    several.len(),
                    lines.join("\n       ")
                ))));
            }
        }
    }
    let mut near: Vec<(f64, &str)> = named
        .iter()
        .flat_map(|(names, _)| names)
        .map(|name| {
            (
                strsim::jaro_winkler(&name.to_lowercase(), &wanted_low),
                name.as_str(),
            )
        })
        .filter(|(alike, _)| *alike > 0.7)
        .collect();
    near.sort_by(|a, b| b.0.total_cmp(&a.0).then_with(|| a.1.cmp(b.1)));
    near.dedup_by(|a, b| a.1 == b.1);
    let near = match near
        .iter()
        .take(3)
        .map(|(_, name)| *name)
        .collect::<Vec<_>>()
    {
        names if names.is_empty() => String::new(),
        names => format!("\n       did you mean {}?", one_line(&names.join(" or "))),
    };
    Err(anyhow!(NotOne(format!(
        "no {what} {wanted:?} in these files{near}"
    ))))
}

/// The scan that is meant.
fn find_scan<'a>(history: &'a History<'_>, wanted: &str) -> Result<&'a Scan> {
    let names: Vec<_> = history
        .scans
        .iter()
        .map(|scan| {
            let [name, source, system, account] = ["scan", "source", "system", "account"]
                .map(|field| history.text(field, scan.newest().position));
            let name = name.unwrap_or_else(|| format::NOT_NAMED.to_owned());
            let place: Vec<String> = [system, account].into_iter().flatten().collect();
            let place = place.join(", ");
            match source.filter(|source| *source != name) {
                Some(source) => {
                    let whole = format!("{source}/{name}");
                    let shown = format!("{whole}  ({place})");
                    // As it is typed, and as reports write it.
                    let spaced = format!("{source} / {name}");
                    (vec![name, whole, spaced, source], shown)
                }
                None => (vec![name.clone()], format!("{name}  ({place})")),
            }
        })
        .collect();
    only("scan", wanted.trim(), &names).map(|at| &history.scans[at])
}

/// The position of the run that is meant.
fn find_run(context: &Context<'_>, wanted: &str) -> Result<u32> {
    let ids = cells(context.prepared.runs.frame(), "run_id")?;
    let wanted = wanted.trim().trim_matches(['{', '}']);
    let low = wanted.to_lowercase();
    let begins = |cell: &Cell| matches!(cell, Cell::Text(id) if id.get(..wanted.len()).is_some_and(|start| start.to_lowercase() == low));
    // Most ids are looked at once only; the rest of the search is for those that may be meant.
    let likely: Vec<usize> = (0..ids.len()).filter(|&at| begins(&ids[at])).collect();
    let candidates = if likely.is_empty() {
        (0..ids.len()).collect()
    } else {
        likely
    };
    let history = context.history()?;
    let names: Vec<_> = candidates
        .iter()
        .map(|&at| {
            let id = match &ids[at] {
                Cell::Text(id) => id.clone(),
                _ => String::new(),
            };
            let position = u32::try_from(at).unwrap_or(u32::MAX);
            let name = |field| history.cell(field, position);
            let scan = scan_name(&name("scan"), &name("source")).unwrap_or_default();
            (vec![id.clone()], format!("{id}  ({scan})"))
        })
        .collect();
    let at = only("run", wanted, &names)?;
    Ok(u32::try_from(candidates[at])?)
}

/// The places of the runs of one scan, child runs included.
fn rows_of(frame: &DataFrame, key: i64) -> Result<Vec<u32>> {
    let basics = Basics::new(frame)?;
    let of_scan = |row: &usize| i64::from(basics.key(*row)) == key;
    let rows = (0..basics.height).filter(of_scan).map(u32::try_from);
    Ok(rows.collect::<Result<_, _>>()?)
}

/// The runs of one scan, with everything else as it is.
fn of_scan(prepared: &Prepared, key: i64) -> Result<Prepared> {
    let frame = prepared.runs.frame();
    let rows = IdxCa::from_vec("position".into(), rows_of(frame, key)?);
    let frame = frame.take(&rows).map_err(|error| anyhow!("{error}"))?;
    Ok(Prepared {
        runs: Runs::of(frame),
        window: prepared.window,
        zone: prepared.zone,
        books: prepared.books.clone(),
        conflicting_runs: prepared.conflicting_runs,
        conflicts: prepared.conflicts.clone(),
        hidden: prepared.hidden.clone(),
    })
}

/// A figure with its value.
fn value(key: &'static str, label: &'static str, unit: Unit, value: Cell) -> Figure {
    Figure {
        value,
        ..figure(key, label, unit, "")
    }
}

fn block(id: &'static str, title: &'static str, items: Vec<Figure>) -> Block {
    Block::Figures(Figures {
        id,
        title,
        aside: false,
        items: Ok(items
            .into_iter()
            .filter(|figure| figure.value != Cell::Null)
            .collect()),
    })
}

/// The findings about a scan.
fn findings_of(
    context: &Context<'_>,
    history: &History<'_>,
    scan: &Scan,
    with_error: bool,
) -> Result<Vec<Block>> {
    let names = ["scan", "source", "system", "account"]
        .map(|field| history.cell(field, scan.newest().position));
    let findings = context.findings()?.iter();
    let mut findings = findings.filter(|finding| finding.is_about(&names));
    // A scan may have a new error in every second run.
    let listed = findings.by_ref().take(context.bounds.of("findings"));
    let mut items: Vec<Note> = listed
        .map(|finding| Note {
            tone: if finding.is_high() {
                Tone::Urgent
            } else {
                Tone::Warning
            },
            text: finding.sentence(history, with_error),
        })
        .collect();
    let others = i64::try_from(findings.count()).unwrap_or(i64::MAX);
    if others > 0 {
        items.push(Note {
            tone: Tone::Warning,
            text: format!(
                "{} not listed.",
                plural(others, "more finding is", "more findings are")
            ),
        });
    }
    Ok(if items.is_empty() {
        Vec::new()
    } else {
        vec![Block::Notes(Notes {
            id: "findings",
            items,
        })]
    })
}

/// How a scan stands, in a sentence.
fn standing(history: &History<'_>, scan: &Scan) -> String {
    let time = |at: i64| format::time(at, history.zone);
    let (failed, good) = super::findings::streak(scan);
    let newest = scan.newest();
    match (failed.first(), good) {
        (Some(first), good) => {
            let good = match good {
                Some(good) => format!("The last success was {}.", time(good.at)),
                None => "No loaded run went well.".to_owned(),
            };
            if failed.len() == 1 {
                return format!(
                    "The newest run that went well or failed is of {}, and failed. {good}",
                    time(first.at)
                );
            }
            let count = i64::try_from(failed.len()).unwrap_or(i64::MAX);
            format!(
                "{} in a row since {}. {good}",
                plural(count, "failure", "failures"),
                time(first.at)
            )
        }
        (None, Some(good)) if good.position == newest.position => {
            format!("The newest run, of {}, went well.", time(newest.at))
        }
        (None, Some(good)) => format!(
            "The newest run, of {}, is {}; the last success was {}.",
            time(newest.at),
            newest.outcome.label().to_lowercase(),
            time(good.at)
        ),
        (None, None) => format!(
            "No loaded run went well or failed; the newest, of {}, is {}.",
            time(newest.at),
            newest.outcome.label().to_lowercase()
        ),
    }
}

/// The figures that say how a scan stands.
fn scan_figures(history: &History<'_>, scan: &Scan) -> Block {
    let (failed, good) = super::findings::streak(scan);
    let name = |field| history.cell(field, scan.newest().position);
    let decided = |outcome: Outcome| {
        let runs = scan.runs.iter().filter(|run| run.outcome == outcome);
        i64::try_from(runs.count()).unwrap_or(i64::MAX)
    };
    let (succeeded, ended) = (
        decided(Outcome::Succeeded),
        decided(Outcome::Succeeded) + decided(Outcome::Partial) + decided(Outcome::Failed),
    );
    let rate = (ended > 0).then(|| succeeded as f64 / ended as f64);
    let count = |n: usize| Cell::Int(i64::try_from(n).unwrap_or(i64::MAX));
    let main = |figure: Figure| Figure {
        main: true,
        ..figure
    };
    block(
        "figures",
        "",
        vec![
            main(Figure {
                definition: "Of all loaded runs up to the end of the period: succeeded, of those that succeeded, were partial or failed.",
                ..value(
                    "success_rate",
                    "Success rate",
                    Unit::Share,
                    Cell::float(rate),
                )
            }),
            main(value("runs", "Runs", Unit::Count, count(scan.runs.len()))),
            main(Figure {
                definition: "Failed runs since the last success. Cancelled, active and unknown runs are skipped.",
                ..value(
                    "failing_streak",
                    "Failures in a row",
                    Unit::Count,
                    count(failed.len()),
                )
            }),
            value(
                "failing_since",
                "Failing since",
                Unit::Time,
                Cell::time(failed.first().map(|run| run.at)),
            ),
            value(
                "last_success_at",
                "Last success",
                Unit::Time,
                Cell::time(good.map(|run| run.at)),
            ),
            value(
                "last_run_at",
                "Last run",
                Unit::Time,
                Cell::Time(scan.newest().at),
            ),
            value(
                "last_outcome",
                "Outcome of the last run",
                Unit::Status,
                Cell::Text(scan.newest().outcome.key().to_owned()),
            ),
            value("system", "System", Unit::Text, name("system")),
            value("account", "Account", Unit::Text, name("account")),
            value("source", "Source", Unit::Text, name("source")),
            value(
                "source_type",
                "Source type",
                Unit::Text,
                name("source_type"),
            ),
            value("scan", "Scan", Unit::Text, name("scan")),
        ],
    )
}

/// What a report of one scan is called.
fn title(history: &History<'_>, scan: &Scan) -> String {
    let name = |field| history.cell(field, scan.newest().position);
    scan_name(&name("scan"), &name("source")).unwrap_or_else(|| format::NOT_NAMED.to_owned())
}

/// The report about one scan: its title and sections.
pub(super) fn scan(context: &Context<'_>, wanted: &str) -> Result<(String, Vec<Section>)> {
    let history = context.history()?;
    let scan = find_scan(history, wanted)?;
    let own = of_scan(context.prepared, scan.key)?;
    let own = Context::new(&own, context.files, context.skipped, context.trust);
    let wanted = ["outcomes", "errors", "gaps", "durations", "runs"];
    let (about_runs, findings) = threads::both(
        || super::build_some(&own, |spec| wanted.contains(&spec.id)),
        || findings_of(context, history, scan, true),
    );
    let mut blocks = vec![scan_figures(history, scan)];
    blocks.extend(findings?);
    let mut sections = vec![Section {
        id: "scan",
        title: "How it stands",
        lead: standing(history, scan),
        blocks,
    }];
    for mut section in about_runs? {
        // Rows by scan would repeat the figures above them, but for the kind of a gap.
        section
            .blocks
            .retain(|block| !(section.id == "durations" && block.id() == "scans"));
        // There is no table of scans that could hold them.
        for block in &mut section.blocks {
            if let Block::Table(table) = block {
                table.nested_in = None;
            }
        }
        if says_something(&section) {
            sections.push(section);
        }
    }
    let count = i64::try_from(own.prepared.runs.frame().height()).unwrap_or(i64::MAX);
    let of_scan = format!("; {} of this scan", plural(count, "run is", "runs are"));
    sections.extend(provenance(context, &of_scan)?);
    Ok((title(history, scan), sections))
}

/// What was read: the books and the files. Of the notes only those that say that nothing can be relied on.
///
/// They are about all files of the call; `own` tells what of them is in the ticket.
fn provenance(context: &Context<'_>, own: &str) -> Result<Option<Section>> {
    let Some(inputs) = SECTIONS.iter().find(|spec| spec.id == "inputs") else {
        return Ok(None);
    };
    let mut section = (inputs.build)(context)?;
    section.lead = format!("All files of this call{own}. {}", section.lead);
    section.blocks.retain_mut(|block| match block {
        Block::Notes(notes) => {
            notes.items.retain(|note| note.tone == Tone::Stop);
            !notes.items.is_empty()
        }
        Block::Figures(figures) => {
            // They may be of other scans.
            if let Ok(items) = &mut figures.items {
                items.retain(|figure| figure.key != "conflicts");
            }
            true
        }
        Block::Table(table) => table.id == "files",
    });
    Ok(Some(section))
}

/// True for a section that says something about a single scan. That runs have no figures of ingestion says nothing.
fn says_something(section: &Section) -> bool {
    section.blocks.iter().any(|block| match block {
        Block::Notes(notes) => !notes.items.is_empty(),
        Block::Figures(figures) => match &figures.items {
            Ok(items) => items
                .iter()
                .filter(|item| item.key != "not_available_runs")
                .any(|item| !matches!(item.value, Cell::Null | Cell::Int(0))),
            Err(_) => true,
        },
        Block::Table(table) => !table.rows.is_empty(),
    })
}

/// Every field that the run states, as figures.
fn run_figures(context: &Context<'_>, position: u32, link: Option<&str>) -> Result<Block> {
    let frame = context.prepared.runs.frame();
    let first = |name: &str| -> Result<Cell> {
        let cells = cells_at(frame, name, &[position])?;
        Ok(cells.into_iter().next().unwrap_or(Cell::Null))
    };
    let mut items = vec![Figure {
        main: true,
        ..value(OUTCOME, "Outcome", Unit::Status, first(OUTCOME)?)
    }];
    for &field in Field::ALL {
        let unit = super::runs::unit(field);
        // What tickets are about.
        let main = matches!(
            field,
            Field::DurationMs | Field::AssetsDiscovered | Field::AssetsIngested | Field::RowCount
        );
        items.push(Figure {
            main,
            definition: super::runs::definition(field),
            ..value(field.key(), field.label(), unit, first(field.key())?)
        });
    }
    if let Some(link) = link {
        let fill = |name: &str| match first(name) {
            Ok(Cell::Text(text)) => encoded(&text),
            _ => String::new(),
        };
        let mut url = link.to_owned();
        for field in LINK_FIELDS {
            url = url.replace(&format!("{{{field}}}"), &fill(field));
        }
        items.push(value("link", "In the portal", Unit::Link, Cell::Text(url)));
    }
    Ok(block("figures", "", items))
}

/// Text for a part of a URL: all but unreserved characters are percent-encoded (RFC 3986, section 2.3).
fn encoded(text: &str) -> String {
    text.bytes().fold(String::new(), |mut url, byte| {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            url.push(char::from(byte));
        } else {
            url.push_str(&format!("%{byte:02X}"));
        }
        url
    })
}

/// What the run's error means, what to do, and how often else it occurs.
fn run_error(context: &Context<'_>, history: &History<'_>, position: u32) -> Result<Option<Block>> {
    let text = |name| history.text(name, position);
    let (Some(category), Some(signature)) = (text(ERROR_CATEGORY), text(ERROR_SIGNATURE)) else {
        return Ok(None);
    };
    let known = Category::ALL
        .into_iter()
        .find(|known| known.key() == category);
    let frame = context.prepared.runs.frame();
    let (basics, signatures) = (Basics::new(frame)?, Words::new(frame, ERROR_SIGNATURE)?);
    let code = signatures.code(&signature);
    let (mut runs, mut scans) = (0, BTreeSet::new());
    let (mut first, mut last) = (None, None);
    for row in (0..basics.height).filter(|&row| signatures.is(row, code) && !basics.is_child(row)) {
        runs += 1;
        scans.insert(basics.key(row));
        // Runs are in order of time.
        last = Some(basics.at(row));
        first = first.or(last);
    }
    let system = text("system").unwrap_or_default();
    Ok(Some(block(
        "error",
        "The error",
        vec![
            value("category", "Cause", Unit::Status, Cell::Text(category)),
            value(
                "meaning",
                "What it means",
                Unit::Text,
                Cell::text(known.map(Category::meaning)),
            ),
            value(
                "action",
                "What to do",
                Unit::Message,
                Cell::text(known.map(|known| action(&system, known))),
            ),
            Figure {
                definition: "Runs with the same error in all loaded data, this one included.",
                ..value("runs", "Runs with this error", Unit::Count, Cell::Int(runs))
            },
            value(
                "scans",
                "Scans with this error",
                Unit::Count,
                Cell::Int(i64::try_from(scans.len())?),
            ),
            value("first_seen", "First seen", Unit::Time, Cell::time(first)),
            value("last_seen", "Last seen", Unit::Time, Cell::time(last)),
            value(
                "signature",
                "Error, grouped",
                Unit::Message,
                Cell::Text(signature.clone()),
            ),
            value(
                "id",
                "Error id",
                Unit::Id,
                Cell::Text(signature_id(&signature)),
            ),
        ],
    )))
}

/// The runs of the scan around one of them.
fn around(context: &Context<'_>, position: u32, key: i64) -> Result<Table> {
    let frame = context.prepared.runs.frame();
    let all = rows_of(frame, key)?;
    let at = all.iter().position(|known| *known == position);
    let at = at.unwrap_or_default();
    let rows = &all[at.saturating_sub(BEFORE)..all.len().min(at + AFTER + 1)];
    let columns: Vec<Column> = vec![
        column(AT, "Run", Unit::Time, Place::Name),
        column(OUTCOME, "Outcome", Unit::Status, Place::Column),
        column("run_type", "Run type", Unit::Text, Place::Column),
        column("duration_ms", "Duration", Unit::Duration, Place::Column),
        column(
            "assets_discovered",
            "Discovered",
            Unit::Count,
            Place::Column,
        ),
        column("assets_ingested", "Ingested", Unit::Count, Place::Column),
        column("row_count", "Rows", Unit::Count, Place::Column),
        column("run_id", "Run id", Unit::Id, Place::Column),
    ];
    let mut table = table_at("around", "Runs around it", columns, frame, rows)?;
    table.note = format!("Up to {BEFORE} runs of the scan before it and {AFTER} after it.");
    // Columns that none of the runs fills say nothing.
    let used: Vec<bool> = (0..table.columns.len())
        .map(|at| table.rows.iter().any(|row| row.cells[at] != Cell::Null))
        .collect();
    let keep = |at: usize| used[at] || table.columns[at].place == Place::Name;
    let kept: Vec<usize> = (0..used.len()).filter(|&at| keep(at)).collect();
    table.columns = kept.iter().map(|&at| table.columns[at]).collect();
    table.rows = table
        .rows
        .into_iter()
        .map(|row| Row {
            cells: kept.iter().map(|&at| row.cells[at].clone()).collect(),
            ..row
        })
        .collect();
    Ok(table)
}

/// The report about one run: its title and sections.
pub(super) fn run(
    context: &Context<'_>,
    wanted: &str,
    link: Option<&str>,
) -> Result<(String, Vec<Section>)> {
    let position = find_run(context, wanted)?;
    let history = context.history()?;
    let text = |name| history.text(name, position);
    let name = |field| history.cell(field, position);
    let called =
        scan_name(&name("scan"), &name("source")).unwrap_or_else(|| format::NOT_NAMED.to_owned());
    let outcome = text(OUTCOME).unwrap_or_default();
    let outcome_label = Outcome::ALL
        .iter()
        .find(|known| known.key() == outcome)
        .map_or(String::new(), |known| known.label().to_lowercase());
    let at = history.cell_time(AT, position).unwrap_or_default();
    let basics = Basics::new(context.prepared.runs.frame())?;
    let is_child = basics.is_child(position as usize);
    let key = i64::from(basics.key(position as usize));
    // A scan that has only child runs, or none until the end of the period, has no history.
    let scan = history.scans.iter().find(|scan| scan.key == key);
    let mut lead = format!(
        "The run of {called} at {} {}.",
        format::time(at, history.zone),
        match squash(&outcome).as_str() {
            "succeeded" => "succeeded".to_owned(),
            "failed" => "failed".to_owned(),
            "cancelled" => "was cancelled".to_owned(),
            _ => format!("is {outcome_label}"),
        }
    );
    if let Some(parent) = text("parent_id").filter(|_| is_child) {
        lead = format!("{lead} It is a child of run {parent}, and in no number of a report.");
    }
    let last = context.prepared.window.span.last;
    if local_date(history.zone, at) > last {
        lead = format!(
            "{lead} It is after the period, which ends on {}.",
            format::date(last)
        );
    }
    if let Some(scan) = scan {
        let (failed, _) = super::findings::streak(scan);
        lead = match failed.as_slice() {
            [first, _, ..] if first.position == position => format!(
                "{lead} It is the first of {} failures in a row.",
                failed.len()
            ),
            _ => format!("{lead} {}", standing(history, scan)),
        };
    }
    let mut blocks = vec![run_figures(context, position, link)?];
    blocks.extend(run_error(context, history, position)?);
    if let Some(scan) = scan {
        blocks.extend(findings_of(context, history, scan, false)?);
    }
    blocks.push(Block::Table(around(context, position, key)?));
    let id = text("run_id").unwrap_or_default();
    let mut sections = vec![Section {
        id: "run",
        title: "What happened",
        lead,
        blocks,
    }];
    sections.extend(provenance(context, "")?);
    Ok((format!("{called}, run {id}"), sections))
}
