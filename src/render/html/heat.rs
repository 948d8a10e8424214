//! The geometry of a grid of shades: rows and columns of counts, the more the darker.
//!
//! Heights are pixels, horizontal places are per cent of the width. The count stands in its cell, so
//! that the shade is only a help to the eye.

use serde::Serialize;

use super::chart::{BELOW, round};
use crate::render::format;
use crate::report::{Cell, Place, Table, Unit};

/// Number of shades above zero.
const SHADES: i64 = 5;

/// From here on a count does not fit its cell. The table below the drawing has it.
const LONG: i64 = 10_000;

/// Height of a row.
const ROW: usize = 28;

/// A grid ready to be drawn.
#[derive(Serialize)]
pub(in crate::render) struct Heat {
    pub(in crate::render) height: usize,
    /// Width of a cell.
    room: f64,
    pub(in crate::render) columns: Vec<HeatColumn>,
    pub(in crate::render) rows: Vec<HeatRow>,
    pub(in crate::render) legend: Vec<Key>,
    /// One sentence for those who cannot see the drawing.
    pub(in crate::render) told: String,
    /// The same, and where the numbers are.
    summary: String,
}

#[derive(Serialize)]
pub(in crate::render) struct HeatColumn {
    pub(in crate::render) middle: f64,
    pub(in crate::render) label: &'static str,
    /// A label that narrow pages leave out.
    spare: bool,
}

#[derive(Serialize)]
pub(in crate::render) struct HeatRow {
    pub(in crate::render) y: usize,
    pub(in crate::render) label: String,
    /// The start of the label, for narrow pages.
    short: String,
    cells: Vec<HeatCell>,
}

#[derive(Serialize)]
struct HeatCell {
    x: f64,
    middle: f64,
    /// `0` to `5`, or `none` where nothing is known.
    shade: &'static str,
    /// The count; empty for zero, which is most of a grid, and where counts are too long for their cells.
    text: String,
}

#[derive(Serialize)]
pub(in crate::render) struct Key {
    shade: &'static str,
    pub(in crate::render) label: String,
}

/// Lays out the cells. Nothing to draw without rows or columns of counts.
pub(in crate::render) fn heat(table: &Table) -> Option<Heat> {
    let name = table.columns.iter().position(|c| c.place == Place::Name);
    let counts: Vec<usize> = (0..table.columns.len())
        .filter(|at| {
            let column = &table.columns[*at];
            column.place == Place::Column && column.unit == Unit::Count
        })
        .collect();
    if table.rows.is_empty() || counts.is_empty() {
        return None;
    }
    let value = |row: usize, at: usize| match table.rows[row].cells.get(at) {
        Some(Cell::Int(value)) => Some((*value).max(0)),
        _ => None,
    };
    let label = |row: usize| match name.and_then(|at| table.rows[row].cells.get(at)) {
        Some(Cell::Null) | None => format::NOT_NAMED.to_owned(),
        Some(cell) => format::cell(cell, Unit::Text, chrono_tz::Tz::UTC),
    };
    let places = || (0..table.rows.len()).flat_map(|row| counts.iter().map(move |&at| (row, at)));
    let known = || places().filter_map(|(row, at)| Some((value(row, at)?, row, at)));
    // Of equal counts the first in reading order is named.
    let (highest, row, at) = known()
        .max_by_key(|&(value, row, at)| (value, std::cmp::Reverse((row, at))))
        .unwrap_or((0, 0, counts[0]));
    let step = ((highest - 1) / SHADES + 1).max(1);
    let sum = known().fold(0i64, |sum, (value, ..)| sum.saturating_add(value));
    let told = if highest == 0 {
        "No counts above zero.".to_owned()
    } else {
        format!(
            "{} in all; the highest count is {}: {}, {}.",
            format::count(sum),
            format::count(highest),
            label(row),
            table.columns[at].label
        )
    };

    let room = 100.0 / counts.len() as f64;
    let rows = (0..table.rows.len())
        .map(|row| HeatRow {
            y: row * ROW,
            short: label(row).chars().take(3).collect(),
            label: label(row),
            cells: counts
                .iter()
                .enumerate()
                .map(|(column, &at)| {
                    let x = room * column as f64;
                    let value = value(row, at);
                    HeatCell {
                        x: round(x),
                        middle: round(x + room / 2.0),
                        shade: value.map_or("none", |value| shade(value, step, highest)),
                        text: match value {
                            Some(value) if value > 0 && highest < LONG => format::count(value),
                            _ => String::new(),
                        },
                    }
                })
                .collect(),
        })
        .collect();
    let mut legend = vec![Key {
        shade: "0",
        label: "0".to_owned(),
    }];
    let mut first = 1;
    while first <= highest {
        let last = first.saturating_add(step - 1).min(highest);
        legend.push(Key {
            shade: shade(last, step, highest),
            label: if first == last {
                format::count(first)
            } else {
                format!("{} to {}", format::count(first), format::count(last))
            },
        });
        first = last.saturating_add(1);
        if last == i64::MAX {
            break;
        }
    }
    if places().any(|(row, at)| value(row, at).is_none()) {
        legend.push(Key {
            shade: "none",
            label: "Not known".to_owned(),
        });
    }
    Some(Heat {
        height: table.rows.len() * ROW,
        room: round(room),
        columns: counts
            .iter()
            .enumerate()
            .map(|(column, &at)| HeatColumn {
                middle: round(room * column as f64 + room / 2.0),
                label: table.columns[at].label,
                spare: column % 3 != 0,
            })
            .collect(),
        rows,
        legend,
        summary: format!("{told} {BELOW}"),
        told,
    })
}

/// The shade of a count. Few shades are spread over all of them.
fn shade(value: i64, step: i64, highest: i64) -> &'static str {
    if value == 0 {
        return "0";
    }
    let shades = (highest - 1) / step + 1;
    match ((value - 1) / step + 1) * SHADES / shades {
        ..=1 => "1",
        2 => "2",
        3 => "3",
        4 => "4",
        _ => "5",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shades_cover_all_counts_and_the_highest_is_darkest() {
        for highest in [1, 2, 5, 6, 26, 1_000, i64::MAX] {
            let step = ((highest - 1) / SHADES + 1).max(1);
            assert_eq!(shade(0, step, highest), "0");
            assert_eq!(shade(highest, step, highest), "5");
        }
        let all: Vec<_> = (0..=10).map(|value| shade(value, 2, 10)).collect();
        assert_eq!(all, ["0", "1", "1", "2", "2", "3", "3", "4", "4", "5", "5"]);
    }
}
