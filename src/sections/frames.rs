//! What the sections share: expressions over runs with a name, and the way from a frame to a table.

use std::borrow::Cow;

use anyhow::{Context, Result, anyhow};
use chrono::NaiveDate;
use polars::prelude::{
    AnyValue, DataFrame, DataType, Expr, Int64Chunked, IntoLazy, LazyFrame, LiteralValue, Scalar,
    col, lit,
};

use crate::report::{Block, Cell, Column, Figure, Figures, Place, Row, Span, Table, Unit};
use crate::runs::calendar::epoch_day;
pub(super) use crate::runs::frame::cells;
use crate::runs::frame::column::{CHILD, DAY, OUTCOME};
use crate::runs::schema::Outcome;

/// A calendar date as a literal.
fn date(day: NaiveDate) -> Expr {
    Expr::Literal(LiteralValue::Scalar(Scalar::new(
        DataType::Date,
        AnyValue::Date(epoch_day(day)),
    )))
}

/// Runs that count: those whose parent is not loaded.
pub(super) fn counts() -> Expr {
    col(CHILD).not()
}

/// Runs on a day of the span.
pub(super) fn during(span: Span) -> Expr {
    col(DAY).gt_eq(date(span.first)).and(until(span.last))
}

/// Runs on this day or before.
pub(super) fn until(day: NaiveDate) -> Expr {
    col(DAY).lt_eq(date(day))
}

/// Runs with this outcome.
pub(super) fn is(outcome: Outcome) -> Expr {
    col(OUTCOME).eq(lit(outcome.key()))
}

/// Runs that did their work, if with exceptions.
pub(super) fn went_well() -> Expr {
    is(Outcome::Succeeded).or(is(Outcome::Partial))
}

/// How many rows a condition holds for; 0 for none.
pub(super) fn number_of(condition: Expr) -> Expr {
    condition.sum().cast(DataType::Int64)
}

/// Number of rows.
pub(super) fn rows() -> Expr {
    polars::prelude::len().cast(DataType::Int64)
}

/// One count for each outcome, and `runs`, their total.
pub(super) fn outcome_counts() -> Vec<Expr> {
    let mut counts = vec![rows().alias("runs")];
    counts.extend(
        OUTCOMES
            .iter()
            .map(|&outcome| number_of(is(outcome)).alias(outcome.key())),
    );
    counts
}

/// The outcomes in the order in which tables show them.
pub(super) const OUTCOMES: [Outcome; 6] = [
    Outcome::Succeeded,
    Outcome::Partial,
    Outcome::Failed,
    Outcome::Cancelled,
    Outcome::Active,
    Outcome::Unknown,
];

/// Success rate from the counts: succeeded / (succeeded + partial + failed); null without a denominator.
pub(super) fn success_rate() -> Expr {
    let finished = col("succeeded") + col("partial") + col("failed");
    polars::prelude::when(finished.clone().gt(lit(0i64)))
        .then(col("succeeded").cast(DataType::Float64) / finished.cast(DataType::Float64))
        .otherwise(lit(polars::prelude::NULL).cast(DataType::Float64))
        .alias("success_rate")
}

/// Nearest-rank percentile of the values for which a condition holds: the value of rank ⌈p·n/100⌉. Nulls are left
/// out; null when nothing is left.
pub(super) fn percentile(name: &str, condition: Expr, p: i64) -> Expr {
    let values = col(name).filter(condition.and(col(name).is_not_null()));
    let n = values.clone().len().cast(DataType::Int64);
    // ⌈p·n/100⌉ - 1. The quotient is exact enough to be cut for any count below 10^13.
    let rank = ((n * lit(p) + lit(99i64)).cast(DataType::Float64) / lit(100.0))
        .cast(DataType::Int64)
        - lit(1i64);
    values
        .sort(polars::prelude::SortOptions::default())
        .get(rank, true)
}

/// A column of whole numbers: instants in microseconds, words by the place of their category. As small as a column can be:
/// [`ints`] takes twice as much.
pub(super) fn numbers(frame: &DataFrame, name: &str) -> Result<Int64Chunked> {
    let wrong = |error| anyhow!("column {name:?}: {error}");
    let series = frame.column(name).map_err(wrong)?;
    let physical = series.as_materialized_series().to_physical_repr();
    let whole = physical.cast(&DataType::Int64).map_err(wrong)?;
    Ok(whole.i64().map_err(wrong)?.rechunk().into_owned())
}

/// The same as values.
pub(super) fn ints(frame: &DataFrame, name: &str) -> Result<Vec<Option<i64>>> {
    Ok(numbers(frame, name)?.iter().collect())
}

/// True where a column is.
pub(super) fn flags(frame: &DataFrame, name: &str) -> Result<Vec<bool>> {
    let numbers = numbers(frame, name)?;
    Ok(numbers.iter().map(|value| value == Some(1)).collect())
}

/// The text of a column in this row; null where there is none.
pub(super) fn text_at<'a>(frame: &'a DataFrame, name: &str, row: usize) -> Option<Cow<'a, str>> {
    match frame.column(name).ok()?.get(row).ok()? {
        AnyValue::Null => None,
        AnyValue::String(text) => Some(Cow::Borrowed(text)),
        other => other.get_str().map(|text| Cow::Owned(text.to_owned())),
    }
}

/// Runs a plan.
pub(super) fn collect(plan: LazyFrame) -> Result<DataFrame> {
    plan.collect()
        .map_err(|error| anyhow!("a table could not be computed: {error}"))
}

/// A table of the columns of a frame, by key.
pub(super) fn table(
    id: &'static str,
    title: &'static str,
    note: String,
    columns: Vec<Column>,
    frame: &DataFrame,
) -> Result<Table> {
    let mut by_column = Vec::with_capacity(columns.len());
    for column in &columns {
        by_column.push(
            cells(frame, column.key)
                .with_context(|| format!("table {id}"))?
                .into_iter(),
        );
    }
    let rows: Vec<Row> = (0..frame.height())
        .map(|_| Row {
            cells: by_column
                .iter_mut()
                .map(|cells| cells.next().unwrap_or(Cell::Null))
                .collect(),
            ..Row::default()
        })
        .collect();
    Ok(Table::new(id, title, note, columns, rows))
}

/// The first row of a frame as figures.
pub(super) fn figures(
    id: &'static str,
    title: &'static str,
    known: Vec<Figure>,
    frame: &DataFrame,
) -> Result<Block> {
    let mut items = Vec::with_capacity(known.len());
    for mut figure in known {
        figure.value = cells(frame, figure.key)?
            .into_iter()
            .next()
            .unwrap_or(Cell::Null);
        items.push(figure);
    }
    Ok(Block::Figures(Figures {
        id,
        title,
        aside: false,
        items: Ok(items),
    }))
}

/// A figure whose value is filled in later.
pub(super) fn figure(
    key: &'static str,
    label: &'static str,
    unit: Unit,
    definition: &'static str,
) -> Figure {
    Figure {
        key,
        label,
        unit,
        value: Cell::Null,
        previous: None,
        definition,
        main: false,
    }
}

/// A column of a table.
pub(super) fn column(key: &'static str, label: &'static str, unit: Unit, place: Place) -> Column {
    Column {
        key,
        label,
        unit,
        place,
        definition: "",
    }
}

impl Column {
    /// The same with a definition.
    #[must_use]
    pub fn means(self, definition: &'static str) -> Column {
        Column { definition, ..self }
    }
}

/// The columns that name a scan: the scan, its source below it, system and account for machines.
pub(super) fn scan_columns() -> Vec<Column> {
    vec![
        column("scan", "Scan", Unit::Text, Place::Name),
        column("source", "Source", Unit::Text, Place::Under),
        column("system", "System", Unit::Text, Place::Machine),
        column("account", "Account", Unit::Text, Place::Machine),
    ]
}

pub(super) use crate::render::format::scan_name;

/// One row for each scan with its names, to be joined by `scan_key`.
pub(super) fn scan_names(runs: LazyFrame) -> LazyFrame {
    runs.group_by([col("scan_key")])
        .agg(["system", "account", "source", "scan"].map(|name| col(name).first()))
}

/// `1 run`, `2,000 runs`.
pub(super) fn plural(count: i64, one: &str, many: &str) -> String {
    format!("{} {}", grouped(count), if count == 1 { one } else { many })
}

/// A count with its digits in groups of three.
pub(super) fn grouped(count: i64) -> String {
    let digits = count.unsigned_abs().to_string();
    let mut text = String::from(if count < 0 { "-" } else { "" });
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// An integer of the first row of a frame; 0 where it is null.
pub(super) fn first_int(frame: &DataFrame, name: &str) -> Result<i64> {
    Ok(match cells(frame, name)?.first() {
        Some(Cell::Int(value)) => *value,
        _ => 0,
    })
}

/// The rows of a frame in an order that is total.
pub(super) fn sorted(frame: LazyFrame, by: &[(&str, bool)]) -> LazyFrame {
    let names: Vec<Expr> = by.iter().map(|(name, _)| col(*name)).collect();
    let options = polars::prelude::SortMultipleOptions::default()
        .with_order_descending_multi(by.iter().map(|(_, descending)| *descending))
        .with_nulls_last(true);
    frame.sort_by_exprs(names, options)
}

/// A frame that was collected, to go on with.
pub(super) fn again(frame: &DataFrame) -> LazyFrame {
    frame.clone().lazy()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_are_grouped_and_agree_with_their_noun() {
        assert_eq!(plural(1, "run", "runs"), "1 run");
        assert_eq!(plural(1_234_567, "run", "runs"), "1,234,567 runs");
        assert_eq!(
            [0, 999, 1_000, -1_000].map(grouped),
            ["0", "999", "1,000", "-1,000"]
        );
    }

    #[test]
    fn percentiles_are_the_nearest_rank() {
        // Of 10, 20 … 100: rank ⌈0.5·10⌉ = 5 is 50, rank ⌈0.95·10⌉ = 10 is 100. Of one value, that value.
        let frame =
            polars::df!("x" => (1..=10i64).rev().map(|n| n * 10).collect::<Vec<_>>()).unwrap();
        let of = |frame: &DataFrame, p| {
            let row =
                collect(again(frame).select([percentile("x", lit(true), p).alias("p")])).unwrap();
            cells(&row, "p").unwrap()
        };
        assert_eq!(
            [of(&frame, 50), of(&frame, 95), of(&frame, 51)],
            [50, 100, 60].map(|n| vec![Cell::Int(n)])
        );
        let missing = polars::df!("x" => [None, Some(7i64)]).unwrap();
        assert_eq!(of(&missing, 95), [Cell::Int(7)]);
        let none = polars::df!("x" => [None::<i64>]).unwrap();
        assert_eq!(of(&none, 50), [Cell::Null]);
    }
}
