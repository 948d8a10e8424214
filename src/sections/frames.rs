//! What the sections share: names of columns and figures, percentiles, words for numbers.

use std::borrow::Cow;
use std::collections::BTreeMap;

use polars::prelude::{AnyValue, DataFrame};

use crate::report::{Block, Cell, Column, Figure, Figures, Place, Unit};
use crate::runs::schema::Outcome;

/// Values of figures by key.
pub(super) type Values = BTreeMap<&'static str, Cell>;

/// The outcomes in the order in which tables show them.
pub(super) const OUTCOMES: [Outcome; 6] = [
    Outcome::Succeeded,
    Outcome::Partial,
    Outcome::Failed,
    Outcome::Cancelled,
    Outcome::Active,
    Outcome::Unknown,
];

/// Success rate: succeeded / (succeeded + partial + failed); null without a denominator.
pub(super) fn success_rate(count: impl Fn(Outcome) -> i64) -> Cell {
    let succeeded = count(Outcome::Succeeded);
    let finished = succeeded + count(Outcome::Partial) + count(Outcome::Failed);
    Cell::float((finished > 0).then(|| succeeded as f64 / finished as f64))
}

/// Nearest-rank percentile: the value of rank ⌈p·n/100⌉; `None` of nothing. It reorders the values: those before the rank
/// are the smaller ones.
pub(super) fn percentile(values: &mut [i64], p: usize) -> Option<i64> {
    let rank = (values.len() * p).div_ceil(100).checked_sub(1)?;
    Some(*values.select_nth_unstable(rank).1)
}

/// The middle and the 95th percentile.
pub(super) fn percentiles(values: &mut [i64]) -> Option<[i64; 2]> {
    let long = percentile(values, 95)?;
    Some([percentile(values, 50)?, long])
}

/// The text of a column in this row; null where there is none.
pub(super) fn text_at<'a>(frame: &'a DataFrame, name: &str, row: usize) -> Option<Cow<'a, str>> {
    match frame.column(name).ok()?.get(row).ok()? {
        AnyValue::Null => None,
        AnyValue::String(text) => Some(Cow::Borrowed(text)),
        other => other.get_str().map(|text| Cow::Owned(text.to_owned())),
    }
}

/// Figures with their values.
pub(super) fn figures(
    id: &'static str,
    title: &'static str,
    known: Vec<Figure>,
    values: &Values,
) -> Block {
    Block::Figures(Figures {
        id,
        title,
        aside: false,
        items: Ok(filled(known, values)),
    })
}

/// The same without a block.
pub(super) fn filled(known: Vec<Figure>, values: &Values) -> Vec<Figure> {
    let items = known.into_iter().map(|figure| Figure {
        value: values.get(figure.key).cloned().unwrap_or(Cell::Null),
        ..figure
    });
    items.collect()
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

/// A whole number among values; 0 where there is none.
pub(super) fn first_int(values: &Values, key: &str) -> i64 {
    match values.get(key) {
        Some(Cell::Int(value)) => *value,
        _ => 0,
    }
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
        let of = |values: &[i64], p| percentile(&mut values.to_vec(), p);
        let mut values: Vec<i64> = (1..=10).rev().map(|n| n * 10).collect();
        assert_eq!(
            [of(&values, 50), of(&values, 95), of(&values, 51)],
            [50, 100, 60].map(Some)
        );
        assert_eq!(percentiles(&mut values), Some([50, 100]));
        assert_eq!(of(&[7], 95), Some(7));
        assert_eq!(of(&[], 50), None);
    }
}
