//! The runs themselves: for each scan the newest, with every detail the export gives.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use anyhow::Result;
use polars::prelude::DataFrame;
use sha2::{Digest, Sha256};

use super::Context;
use super::bounds::Bounded;
use super::columns::{Basics, Days, Words, cells_at, texts};
use super::frames::{column, figure};
use crate::errors::{Category, action, signature_id};
use crate::report::{
    Block, Cell, Column, Figure, Figures, Place, Row, Section, Table, Target, Unit,
};
use crate::runs::frame::column::{AT, ERROR_CATEGORY, ERROR_SIGNATURE, OUTCOME};
use crate::runs::schema::{Field, Kind, Outcome};

/// Newest runs shown for each scan that did not succeed, and others.
const NOT_SUCCEEDED: usize = 10;
const OTHERS: usize = 3;
/// Runs shown in all, those that did not succeed first.
const ALL: usize = 5_000;

/// Which runs are listed, and of how many.
#[derive(Debug)]
struct Listed {
    /// Positions in the frame, by scan and newest first; each parent is followed by its children.
    positions: Vec<u32>,
    /// Runs in `positions`, child runs left out; and runs of the period.
    runs: (i64, i64),
    /// The same for runs that did not succeed.
    not_succeeded: (i64, i64),
}

/// What is known of a scan while its runs are looked through, the newest first.
#[derive(Clone, Default)]
struct Chosen {
    /// Chosen runs that did not succeed, and others.
    bad: usize,
    others: usize,
    /// The first of the failures since its last success, and whether it is chosen.
    first: Option<(usize, bool)>,
    /// Its last success is met.
    ended: bool,
}

fn select(context: &Context<'_>) -> Result<Listed> {
    let frame = context.prepared.runs.frame();
    let basics = Basics::new(frame)?;
    let span = Days::of(context.prepared.window.span);
    let is_good = |row: usize| basics.outcome(row) == Outcome::Succeeded;

    let mut scans = vec![Chosen::default(); basics.scans()];
    let mut chosen: Vec<usize> = Vec::new();
    let (mut total, mut not_succeeded_total) = (0, 0);
    for row in basics.rows(span).rev() {
        let outcome = basics.outcome(row);
        let good = outcome == Outcome::Succeeded;
        total += 1;
        not_succeeded_total += i64::from(!good);
        let scan = &mut scans[basics.key(row) as usize];
        let (count, most) = if good {
            (&mut scan.others, OTHERS)
        } else {
            (&mut scan.bad, NOT_SUCCEEDED)
        };
        let is_new = *count < most;
        if is_new {
            *count += 1;
            chosen.push(row);
        }
        if !scan.ended && outcome == Outcome::Failed {
            scan.first = Some((row, is_new));
        } else if !scan.ended && matches!(outcome, Outcome::Succeeded | Outcome::Partial) {
            scan.ended = true;
            if scan.first.is_some() && !is_new {
                chosen.push(row);
            }
        }
    }
    let first_failures = scans.into_iter().filter_map(|scan| scan.first);
    chosen.extend(
        first_failures
            .filter(|(_, is_chosen)| !is_chosen)
            .map(|(row, _)| row),
    );
    // Newest first; those that did not succeed are kept before the others.
    chosen.sort_by_key(|&row| (is_good(row), Reverse(row)));
    chosen.truncate(ALL);
    let shown = i64::try_from(chosen.len())?;
    let bad = chosen.iter().filter(|&&row| !is_good(row));
    let not_succeeded_shown = i64::try_from(bad.count())?;

    // Children are listed with their parent.
    let mut ids: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    let parents = Words::new(frame, "parent_id")?;
    let is_child = |row: &usize| basics.is_child(*row) && span.holds(basics.day(*row));
    for row in (0..basics.height).filter(is_child) {
        if let Some(parent) = parents.text(row) {
            ids.entry(parent).or_default().push(row);
        }
    }
    let run_ids = texts(frame, "run_id")?;
    chosen.sort_by_key(|&row| (basics.key(row), Reverse(row)));
    let mut listed = Vec::with_capacity(chosen.len());
    let mut room = ALL.saturating_sub(chosen.len());
    for row in chosen {
        listed.push(u32::try_from(row)?);
        // A child may have children; each is listed once, since it has one parent.
        let mut below = vec![row];
        while let Some(parent) = below.pop() {
            let Some(id) = run_ids.get(parent) else {
                continue;
            };
            for child in ids.remove(id).unwrap_or_default().into_iter().take(room) {
                room -= 1;
                listed.push(u32::try_from(child)?);
                below.push(child);
            }
        }
    }
    Ok(Listed {
        positions: listed,
        runs: (shown, total),
        not_succeeded: (not_succeeded_shown, not_succeeded_total),
    })
}

pub(super) fn unit(field: Field) -> Unit {
    match (field, field.kind()) {
        (Field::RunId | Field::ParentId | Field::ErrorCode, _) => Unit::Id,
        (Field::ErrorMessage, _) => Unit::Message,
        (Field::DurationMs | Field::QueueMs, _) => Unit::Duration,
        (Field::ByteCount, _) => Unit::Bytes,
        (_, Kind::Status) => Unit::Status,
        (_, Kind::Time) => Unit::Time,
        (_, Kind::Int) => Unit::Count,
        (_, Kind::Text | Kind::RunId) => Unit::Text,
    }
}

fn place(field: Field) -> Place {
    match field {
        Field::System | Field::Account | Field::Source | Field::Scan => Place::Machine,
        Field::RunType
        | Field::DurationMs
        | Field::AssetsDiscovered
        | Field::AssetsIngested
        | Field::RowCount => Place::Column,
        Field::RunId => Place::Under,
        _ => Place::Detail,
    }
}

pub(super) fn definition(field: Field) -> &'static str {
    match field {
        Field::QueueMs => {
            "From queued (else start) to the start of discovery; without a discovery, from queued to start."
        }
        Field::DurationMs => {
            "From start to end, as given or computed, with the time in the queue where the export's start is before it."
        }
        Field::AssetsClassified => "Of the discovered assets, those with a classification.",
        Field::Category => {
            "UVM: map_and_aggregate means the rows were unified; map means they are still raw."
        }
        Field::Collection => "The collection or owner of the data source.",
        Field::ParentId => "Id of the run that this one belongs to.",
        Field::RunType => {
            "Full reads everything, incremental what changed. UVM: the retrieval type."
        }
        Field::Trigger => "Whether a person or a schedule started it.",
        Field::Status => "What the export says about the run as a whole.",
        Field::DiscoveryStatus => "What the export says about reading the source.",
        Field::IngestionStatus => {
            "What the export says about writing what was read to the catalogue."
        }
        Field::QueuedAt => "When it was accepted.",
        Field::StartedAt => "When it began, as the export says.",
        Field::EndedAt => "When it ended. A dash: not yet, or not said.",
        Field::DiscoveryStartedAt => "When reading the source began.",
        Field::DiscoveryEndedAt => "When reading the source ended.",
        Field::IngestionStartedAt => "When writing to the catalogue began.",
        Field::IngestionEndedAt => "When writing to the catalogue ended.",
        Field::AssetsDiscovered => {
            "Assets that discovery found. File sources count raw files before they become resource sets."
        }
        Field::AssetsFailed => "Assets that discovery could not read.",
        Field::AssetsIngested => "Assets that ingestion wrote to the catalogue.",
        Field::AssetsIngestFailed => "Assets that ingestion reports as failed.",
        Field::AssetsPending => "Assets that ingestion still processes.",
        Field::RelationshipsIngested => "Relationships, such as lineage, that ingestion wrote.",
        Field::RelationshipsFailed => "Relationships that ingestion reports as failed.",
        Field::FileReader => "UVM: what read the files.",
        Field::FileCount => "Files that were read.",
        Field::ByteCount => "Bytes that were read.",
        Field::RowCount => "Rows that were read.",
        Field::ErrorCode => "The code of the error, as the export gives it.",
        Field::ErrorMessage => "The deepest useful message; secrets are masked.",
        Field::ErrorPhase => "The phase that failed.",
        Field::ObservedAt => {
            "When this state of the run was recorded. Of several records of a run, that of the run itself comes before one of a phase; then the one recorded last, ended last, the worse."
        }
        Field::System
        | Field::Account
        | Field::Source
        | Field::SourceType
        | Field::Scan
        | Field::RunId => "",
    }
}

/// Every run that is shown, as one table.
#[derive(Debug)]
pub(super) struct Listing {
    table: Table,
    shown: Listed,
    /// The key of the scan of each row.
    keys: Vec<i64>,
}

pub(super) fn listing(context: &Context<'_>) -> Result<Listing> {
    let frame = context.prepared.runs.frame();
    let basics = Basics::new(frame)?;
    let shown = select(context)?;

    let mut columns = vec![
        column(AT, "Run", Unit::Time, Place::Name)
            .means("Start of the run, else its queue time, else its end. It decides the day."),
        column(OUTCOME, "Outcome", Unit::Status, Place::Column)
            .means("The worst of the run's own status, discovery's and ingestion's."),
    ];
    columns.extend(Field::ALL.iter().map(|&field| Column {
        key: field.key(),
        label: field.label(),
        unit: unit(field),
        place: place(field),
        definition: definition(field),
    }));
    columns.push(
        column(ERROR_CATEGORY, "Cause", Unit::Status, Place::Detail)
            .means("The kind of cause, by the first rule that fits the error's code or its innermost message."),
    );
    columns.push(
        column(
            ERROR_SIGNATURE,
            "Error, grouped",
            Unit::Message,
            Place::Machine,
        )
        .means("The message with its variable parts replaced, so that the same error is one row."),
    );
    let mut table = table_at("runs", "Runs", columns, frame, &shown.positions)?;
    let at = |key: &str| {
        table
            .columns
            .iter()
            .position(|column| column.key == key)
            .unwrap_or_default()
    };
    let (category_at, signature_at, system_at, id_at) = (
        at(ERROR_CATEGORY),
        at(ERROR_SIGNATURE),
        at("system"),
        at("run_id"),
    );
    table.columns.extend([
        column("error_id", "Error id", Unit::Id, Place::Detail)
            .means("The same error has the same id in every report."),
        column("error_meaning", "What it means", Unit::Text, Place::Detail)
            .means("The meaning of the cause."),
        column("error_action", "What to do", Unit::Message, Place::Detail)
            .means("What usually helps with this cause."),
    ]);
    for row in &mut table.rows {
        let text = |at: usize| {
            if let Cell::Text(text) = &row.cells[at] {
                text.as_str()
            } else {
                ""
            }
        };
        let category = Category::ALL
            .into_iter()
            .find(|category| category.key() == text(category_at));
        let more = [
            Cell::text((!text(signature_at).is_empty()).then(|| signature_id(text(signature_at)))),
            Cell::text(category.map(Category::meaning)),
            Cell::text(category.map(|category| action(text(system_at), category))),
        ];
        row.anchor = (!text(id_at).is_empty()).then(|| anchor("run", text(id_at)));
        row.cells.extend(more);
    }
    let keys = shown.positions.iter().map(|&row| basics.key(row as usize));
    let keys = keys.map(i64::from).collect();
    Ok(Listing { table, shown, keys })
}

/// A table of some rows of a frame, of its columns with these keys.
pub(super) fn table_at(
    id: &'static str,
    title: &'static str,
    columns: Vec<Column>,
    frame: &DataFrame,
    rows: &[u32],
) -> Result<Table> {
    let mut cells: Vec<Vec<Cell>> = (rows.iter())
        .map(|_| Vec::with_capacity(columns.len()))
        .collect();
    for column in &columns {
        for (row, cell) in cells.iter_mut().zip(cells_at(frame, column.key, rows)?) {
            row.push(cell);
        }
    }
    let rows = cells.into_iter().map(|cells| Row {
        cells,
        ..Row::default()
    });
    Ok(Table::new(
        id,
        title,
        String::new(),
        columns,
        rows.collect(),
    ))
}

/// A fragment for a link: `run-` or `scan-`, and the first 10 hex digits of a hash, since names may hold anything.
pub(super) fn anchor(kind: &str, name: &str) -> String {
    let hash = Sha256::digest(name.as_bytes());
    let digits: String = hash
        .iter()
        .take(5)
        .map(|byte| format!("{byte:02x}"))
        .collect();
    format!("{kind}-{digits}")
}

/// The fragment of a scan. Its row begins with scan, source, system and account.
pub(super) fn scan_anchor(cells: &[Cell]) -> String {
    let name: Vec<_> = cells
        .iter()
        .take(4)
        .map(|cell| {
            if let Cell::Text(text) = cell {
                text.as_str()
            } else {
                "\u{0}"
            }
        })
        .collect();
    anchor("scan", &name.join("\u{1f}"))
}

/// Links a row that begins with scan, source, system and account to the row of its scan among all scans.
pub(super) fn to_scan(row: Row) -> Row {
    Row {
        target: Some(Target {
            column: "scan",
            anchor: scan_anchor(&row.cells),
        }),
        ..row
    }
}

/// For each scan, by its key, the table of its runs that are shown. Columns without any value are left out, and
/// child runs are the detail of their parent, whichever scan they belong to.
pub(super) fn by_scan(context: &Context<'_>) -> Result<BTreeMap<i64, Table>> {
    let Listing {
        table: all, keys, ..
    } = context.listing()?;
    let at = |key: &str| {
        all.columns
            .iter()
            .position(|column| column.key == key)
            .unwrap_or_default()
    };
    let (parent_at, id_at) = (at("parent_id"), at("run_id"));
    let mut parents: BTreeMap<String, (usize, Vec<Row>)> = BTreeMap::new();
    let mut tables: BTreeMap<i64, Vec<(Row, String)>> = BTreeMap::new();
    let text = |row: &Row, at: usize| {
        if let Cell::Text(text) = &row.cells[at] {
            text.clone()
        } else {
            String::new()
        }
    };
    for (row, key) in all.rows.iter().zip(keys) {
        match parents.get_mut(&text(row, parent_at)) {
            Some((_, children)) => children.push(row.clone()),
            None => {
                parents.insert(text(row, id_at), (0, Vec::new()));
                tables
                    .entry(*key)
                    .or_default()
                    .push((row.clone(), text(row, id_at)));
            }
        }
    }
    Ok(tables
        .into_iter()
        .map(|(key, rows)| {
            let rows = rows
                .into_iter()
                .map(|(mut row, id)| {
                    if let Some((_, children)) = parents
                        .remove(&id)
                        .filter(|(_, children)| !children.is_empty())
                    {
                        row.detail.push(Block::Table(trimmed(
                            &all.columns,
                            children,
                            "children",
                            "Child runs",
                        )));
                    }
                    row
                })
                .collect();
            (key, trimmed(&all.columns, rows, "runs", "Newest runs"))
        })
        .collect())
}

/// A table of these rows without the columns that none of them fills.
fn trimmed(columns: &[Column], rows: Vec<Row>, id: &'static str, title: &'static str) -> Table {
    let used: Vec<bool> = (0..columns.len())
        .map(|at| rows.iter().any(|row| row.cells[at] != Cell::Null))
        .collect();
    let keep = |column: &Column, used: bool| used && column.place != Place::Machine;
    let kept: Vec<bool> = columns
        .iter()
        .zip(&used)
        .map(|(column, &used)| keep(column, used))
        .collect();
    let columns = columns
        .iter()
        .zip(&kept)
        .filter(|(_, kept)| **kept)
        .map(|(column, _)| *column)
        .collect();
    let rows: Vec<Row> = rows
        .into_iter()
        .map(|row| Row {
            cells: row
                .cells
                .into_iter()
                .zip(&kept)
                .filter(|(_, kept)| **kept)
                .map(|(cell, _)| cell)
                .collect(),
            ..row
        })
        .collect();
    Table::new(id, title, String::new(), columns, rows)
}

pub(super) fn section(context: &Context<'_>) -> Result<Section> {
    let Listing {
        table,
        shown: listed,
        ..
    } = context.listing()?;
    let note = format!(
        "For each scan the newest {NOT_SUCCEEDED} runs that did not succeed and the newest {OTHERS} others; of a scan that fails also the first failure since its last success, and that success. The whole list: rundown convert."
    );
    let Bounded {
        table: mut runs,
        rest,
    } = context.bounds.rows(
        table.id,
        table.title,
        note,
        table.columns.clone(),
        table.rows.iter().cloned(),
    );
    runs.nested_in = Some("scans");
    runs.total = usize::try_from(listed.runs.1).unwrap_or(usize::MAX);
    let item = |key, label, value, definition| Figure {
        value: Cell::Int(value),
        ..figure(key, label, Unit::Count, definition)
    };
    let figures = vec![
        item(
            "shown",
            "Runs listed",
            listed.runs.0,
            "Runs of the period that are listed under their scan, child runs left out.",
        ),
        item(
            "total",
            "Runs in the period",
            listed.runs.1,
            "Runs on a day of the period, child runs left out.",
        ),
        item(
            "not_succeeded_shown",
            "Not succeeded, listed",
            listed.not_succeeded.0,
            "Listed runs of every outcome but succeeded.",
        ),
        item(
            "not_succeeded_total",
            "Not succeeded, in the period",
            listed.not_succeeded.1,
            "Runs of the period of every outcome but succeeded.",
        ),
    ];
    Ok(Section {
        id: "runs",
        title: "Runs",
        lead: format!(
            "{} of {} runs are listed, under their scans. Failures are kept first.",
            listed.runs.0, listed.runs.1
        ),
        blocks: [
            Block::Figures(Figures {
                id: "figures",
                title: "",
                aside: false,
                items: Ok(figures),
            }),
            Block::Table(runs),
        ]
        .into_iter()
        .chain(rest)
        .collect(),
    })
}
