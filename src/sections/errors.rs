//! Why did runs fail, how often, in which scans, and what is to be done?

use std::collections::BTreeMap;

use anyhow::Result;
use polars::prelude::{DataFrame, DataType, JoinArgs, JoinType, col};

use super::Context;
use super::frames::{again, cells, collect, column, counts, during, plural, rows, sorted, table};
use crate::errors::{Category, action, signature_id};
use crate::report::{Block, Cell, Place, Section, Table, Unit};
use crate::runs::calendar::local_date;
use crate::runs::frame::column::{AT, ERROR_CATEGORY, ERROR_SIGNATURE, SCAN_KEY};

const RUNS: &str =
    "Failed runs of the period, and partial runs that carry an error. Child runs are left out.";
const SCANS: &str = "Scans with such a run in the period.";

/// Runs of the window by category. Failed runs without text are of the category `unknown`.
fn categories(context: &Context<'_>) -> Result<DataFrame> {
    let inside = with_errors(context, true);
    let counted = inside
        .group_by([col(ERROR_CATEGORY).alias("category")])
        .agg([
            rows().alias("runs"),
            col(SCAN_KEY)
                .n_unique()
                .cast(DataType::Int64)
                .alias("scans"),
        ]);
    let share = col("runs").cast(DataType::Float64) / col("runs").sum().cast(DataType::Float64);
    collect(sorted(
        counted.with_column(share.alias("share")),
        &[("runs", true), ("category", false)],
    ))
}

fn with_errors(context: &Context<'_>, inside: bool) -> polars::prelude::LazyFrame {
    let runs = context
        .prepared
        .runs
        .lazy()
        .filter(counts().and(col(ERROR_CATEGORY).is_not_null()));
    if inside {
        runs.filter(during(context.prepared.window.span))
    } else {
        runs
    }
}

/// The systems in which each category occurs.
fn systems(context: &Context<'_>) -> Result<BTreeMap<String, Vec<String>>> {
    let pairs = with_errors(context, true)
        .group_by([col(ERROR_CATEGORY), col("system")])
        .agg([rows().alias("runs")]);
    let frame = collect(sorted(pairs, &[(ERROR_CATEGORY, false), ("system", false)]))?;
    let mut systems: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (category, system) in cells(&frame, ERROR_CATEGORY)?
        .into_iter()
        .zip(cells(&frame, "system")?)
    {
        if let (Cell::Text(category), Cell::Text(system)) = (category, system) {
            systems.entry(category).or_default().push(system);
        }
    }
    Ok(systems)
}

/// The category with most runs of the period, and how many.
pub(super) fn most_common(context: &Context<'_>) -> Result<Option<(String, i64)>> {
    let frame = categories(context)?;
    let (keys, runs) = (cells(&frame, "category")?, cells(&frame, "runs")?);
    Ok(match (keys.first(), runs.first()) {
        (Some(Cell::Text(key)), Some(Cell::Int(runs))) => {
            Some((category_of(key).label().to_lowercase(), *runs))
        }
        _ => None,
    })
}

fn category_of(key: &str) -> Category {
    Category::ALL
        .into_iter()
        .find(|category| category.key() == key)
        .unwrap_or(Category::Unknown)
}

/// What to do about a category in these systems. Systems with the same advice share it.
fn advice(category: Category, systems: &[String]) -> String {
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

/// One row for each signature with a run in the window. First and last seen look at all loaded runs.
fn signatures(context: &Context<'_>) -> Result<DataFrame> {
    let key = || [col(ERROR_SIGNATURE), col(ERROR_CATEGORY)];
    let inside = with_errors(context, true).group_by(key()).agg([
        rows().alias("runs"),
        col(SCAN_KEY)
            .n_unique()
            .cast(DataType::Int64)
            .alias("scans"),
        col("error_message").last_non_null().alias("example"),
    ]);
    let ever = with_errors(context, false).group_by(key()).agg([
        col(AT).min().alias("first_seen"),
        col(AT).max().alias("last_seen"),
    ]);
    let joined = again(&collect(inside)?)
        .join(ever, key(), key(), JoinArgs::new(JoinType::Left))
        .with_columns([
            col(ERROR_SIGNATURE).alias("signature"),
            col(ERROR_CATEGORY).alias("category"),
        ]);
    collect(sorted(
        joined,
        &[("runs", true), ("signature", false), ("category", false)],
    ))
}

/// Code and message of the newest run of the period with this signature and category; of one with a message, if there
/// is one. `None` for what the run does not state.
pub(crate) fn newest(
    context: &Context<'_>,
    signature: &Cell,
    category: &Cell,
) -> Result<[Option<String>; 2]> {
    let columns = [
        ERROR_SIGNATURE,
        ERROR_CATEGORY,
        "error_code",
        "error_message",
    ]
    .map(col);
    let frame = collect(with_errors(context, true).select(columns))?;
    let of = |name: &str| cells(&frame, name);
    let (signatures, categories) = (of(ERROR_SIGNATURE)?, of(ERROR_CATEGORY)?);
    let (codes, messages) = (of("error_code")?, of("error_message")?);
    let same = |at: &usize| signatures[*at] == *signature && categories[*at] == *category;
    let mut rows = (0..frame.height()).rev().filter(same);
    let first = rows.next();
    let told = first
        .into_iter()
        .chain(rows)
        .find(|&at| messages[at] != Cell::Null)
        .or(first);
    let text = |cells: &[Cell]| match told.map(|at| &cells[at]) {
        Some(Cell::Text(text)) => Some(text.clone()),
        _ => None,
    };
    Ok([text(&codes), text(&messages)])
}

fn signature_table(context: &Context<'_>) -> Result<Table> {
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
    ];
    let mut table = table(
        "signatures",
        "Errors",
        String::new(),
        columns,
        &signatures(context)?,
    )?;
    table.columns.push(
        column("id", "Error id", Unit::Id, Place::Detail)
            .means("The same error has the same id in every report."),
    );
    table.columns.push(
        column("new", "New", Unit::Flag, Place::Column)
            .means("First seen in this period. A dash: the data does not reach back before it."),
    );
    let window = &context.prepared.window;
    let reaches_back = window.data.first < window.span.first;
    for row in &mut table.rows {
        let id = match &row.cells[0] {
            Cell::Text(signature) => signature_id(signature),
            _ => String::new(),
        };
        let new = match &row.cells[4] {
            Cell::Time(first) if reaches_back => {
                Cell::Bool(local_date(context.prepared.zone, *first) >= window.span.first)
            }
            _ => Cell::Null,
        };
        row.anchor = Some(format!("error-{id}"));
        row.cells.extend([Cell::Text(id), new]);
    }
    Ok(table)
}

pub(super) fn section(context: &Context<'_>) -> Result<Section> {
    let columns = vec![
        column("category", "Category", Unit::Status, Place::Name)
            .means("The kind of cause, by the first rule that fits the error's code or its innermost message."),
        column("runs", "Runs", Unit::Count, Place::Column).means(RUNS),
        column("scans", "Scans", Unit::Count, Place::Column).means(SCANS),
        column("share", "Share", Unit::Share, Place::Column)
            .means("Of the failed runs, and the partial runs that carry an error."),
    ];
    let mut categories = table(
        "categories",
        "Causes",
        String::new(),
        columns,
        &categories(context)?,
    )?;
    categories.columns.push(
        column("action", "What to do", Unit::Message, Place::Column)
            .means("What the system's vendor recommends for this cause, else what usually helps."),
    );
    let systems = systems(context)?;
    for row in &mut categories.rows {
        let text = match &row.cells[0] {
            Cell::Text(key) => advice(
                category_of(key),
                systems.get(key).map(Vec::as_slice).unwrap_or_default(),
            ),
            _ => String::new(),
        };
        row.cells.push(Cell::Text(text));
    }
    let signatures = signature_table(context)?;
    let (kinds, messages) = (categories.rows.len(), signatures.rows.len());
    let lead = match categories
        .rows
        .first()
        .map(|row| (&row.cells[0], &row.cells[1]))
    {
        Some((Cell::Text(key), Cell::Int(runs))) => format!(
            "The most common cause is {}, with {}.",
            category_of(key).label().to_lowercase(),
            plural(*runs, "run", "runs")
        ),
        _ => "No run failed in this period.".to_owned(),
    };
    if kinds == 0 {
        categories.note =
            "No run failed in this period, and no partial run carries an error.".to_owned();
    }
    let mut blocks = vec![Block::Table(categories)];
    if messages > 0 || kinds == 0 {
        blocks.push(Block::Table(signatures));
    }
    Ok(Section {
        id: "errors",
        title: "Why runs failed",
        lead,
        blocks,
    })
}
