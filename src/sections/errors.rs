//! Why did runs fail, how often, in which scans, and what is to be done?

use std::collections::BTreeMap;

use anyhow::Result;
use polars::prelude::{DataFrame, DataType, JoinArgs, JoinType, NULL, col, lit, when};

use super::Context;
use super::bounds::Bounded;
use super::frames::{
    again, cells, collect, column, counts, during, grouped, number_of, plural, rows, sorted, table,
};
use crate::errors::{Category, action, signature_id};
use crate::report::{Block, Cell, Drawing, Place, Section, Unit};
use crate::runs::frame::NO_ERROR_TEXT;
use crate::runs::frame::column::{AT, DAY, ERROR_CATEGORY, ERROR_SIGNATURE, SCAN_KEY};

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
        .with_row_index("position", None)
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

/// Which cause is the most common, in words without an end; nothing where no run has an error.
pub(super) fn cause(context: &Context<'_>) -> Result<Option<String>> {
    let frame = categories(context)?;
    let keys = cells(&frame, "category")?.into_iter();
    let (mut unknown, mut known) = (0, Vec::new());
    for pair in keys.zip(cells(&frame, "runs")?) {
        match pair {
            (Cell::Text(key), Cell::Int(runs)) if category_of(&key) == Category::Unknown => {
                unknown = runs;
            }
            (Cell::Text(key), Cell::Int(runs)) => {
                known.push((category_of(&key).label().to_lowercase(), runs));
            }
            _ => {}
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

/// Every error of the loaded runs: when it was first and last seen, its runs of the period and of the one before, the
/// position of its first run, and whether it is new. That is null without a text, and where no system and account that
/// has the error in the period has runs from before it.
pub(super) fn seen(context: &Context<'_>) -> Result<DataFrame> {
    let window = &context.prepared.window;
    let known = during(window.span).and(context.history()?.of_known_systems());
    let before = window.previous.map_or(lit(false), during);
    let text = col(ERROR_SIGNATURE)
        .cast(DataType::String)
        .neq(lit(NO_ERROR_TEXT));
    let new = when(text.and(col("known")))
        .then(col(DAY).gt_eq(lit(window.span.first)))
        .otherwise(lit(NULL).cast(DataType::Boolean));
    collect(
        with_errors(context, false)
            .group_by([col(ERROR_SIGNATURE), col(ERROR_CATEGORY)])
            .agg([
                col(AT).min().alias("first_seen"),
                col(AT).max().alias("last_seen"),
                col(DAY).min(),
                number_of(during(window.span)).alias("runs"),
                number_of(before).alias("runs_before"),
                col("position").min(),
                known.any(true).alias("known"),
            ])
            .with_column(new.alias("new")),
    )
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
    let seen = again(context.errors_seen()?).select([
        col(ERROR_SIGNATURE),
        col(ERROR_CATEGORY),
        col("first_seen"),
        col("last_seen"),
        col("new"),
    ]);
    let joined = again(&collect(inside)?)
        .join(seen, key(), key(), JoinArgs::new(JoinType::Left))
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
    let (note, frame) = (String::new(), signatures(context)?);
    let bounds = context.bounds;
    let Bounded { mut table, rest } =
        bounds.table("signatures", "Errors", note, columns, &frame)?;
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
            .means("What usually helps with this cause."),
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
