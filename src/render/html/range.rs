//! The geometry of ranges: in each row a bar from the usual to the long value, a tick at the usual one
//! and a dot at the longest, all rows on one scale.
//!
//! Places are per cent of the column's width, so that the drawing stretches with it.

use serde::Serialize;

use super::chart::round;
use super::markup::Markup;
use crate::render::format;
use crate::report::{Cell, Table, Unit};

/// A scale is logarithmic where the largest value is over this many times the smallest usual one.
const RATIO: i64 = 50;

/// More ticks than this would run into each other.
const TICKS: usize = 6;

const SECOND: i64 = 1_000;
const MINUTE: i64 = 60 * SECOND;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;

/// What all ranges of a table have in common.
#[derive(Clone, Serialize)]
pub(in crate::render) struct Scale {
    /// Identifier of the lines that every row shows again.
    id: String,
    pub(in crate::render) logarithmic: bool,
    pub(in crate::render) ticks: Vec<Tick>,
    /// Labels of the usual, the long and the longest value.
    pub(in crate::render) labels: [&'static str; 3],
}

/// One line of the grid.
#[derive(Clone, Serialize)]
pub(in crate::render) struct Tick {
    pub(in crate::render) x: f64,
    pub(in crate::render) label: String,
}

/// What is drawn in one row. A value that is not known draws nothing.
#[derive(Serialize)]
pub(in crate::render) struct Range {
    /// Left edge and width.
    bar: Option<(f64, f64)>,
    tick: Option<f64>,
    dot: Option<f64>,
}

impl Range {
    /// Adds the drawing of a row, which repeats the lines of the head.
    pub(super) fn draw(&self, out: &mut Markup, scale: &Scale) {
        out.raw(
            "<svg class=\"range\" width=\"100%\" height=\"20\" aria-hidden=\"true\"><use href=\"#",
        );
        out.escaped(&scale.id);
        out.raw("\"/>");
        if let Some((left, width)) = self.bar {
            out.raw("<rect class=\"r-bar\" x=\"");
            out.number(left);
            out.raw("%\" y=\"5\" width=\"");
            out.number(width);
            out.raw("%\" height=\"10\"/>");
        }
        if let Some(tick) = self.tick {
            out.raw("<svg x=\"");
            out.number(tick);
            out.raw(
                "%\"><rect class=\"r-tick\" x=\"-1.5\" y=\"2\" width=\"3\" height=\"16\"/></svg>",
            );
        }
        if let Some(dot) = self.dot {
            out.raw("<circle class=\"r-dot\" cx=\"");
            out.number(dot);
            out.raw("%\" cy=\"10\" r=\"3.5\"/>");
        }
        out.raw("</svg>\n");
    }
}

/// Lays out the ranges of all rows. Nothing to draw without the columns or without a value above zero.
pub(in crate::render) fn ranges(
    table: &Table,
    keys: &[&str; 3],
    id: String,
) -> Option<(Scale, Vec<Range>)> {
    let mut columns = [0; 3];
    for (column, key) in columns.iter_mut().zip(keys) {
        *column = table.columns.iter().position(|c| c.key == *key)?;
    }
    let values: Vec<[Option<i64>; 3]> = table
        .rows
        .iter()
        .map(|row| {
            columns.map(|at| match row.cells.get(at) {
                Some(Cell::Int(value)) => Some((*value).max(0)),
                _ => None,
            })
        })
        .collect();
    let unit = table.columns[columns[0]].unit;
    let all = || values.iter().flatten().flatten().copied();
    let largest = all().max().filter(|largest| *largest > 0)?;
    let smallest = all().filter(|value| *value > 0).min()?;
    let usual = values.iter().filter_map(|[usual, ..]| *usual);
    let logarithmic = usual
        .filter(|value| *value > 0)
        .min()
        .is_some_and(|usual| largest > usual.saturating_mul(RATIO));

    let marks = if logarithmic {
        logarithmic_marks(smallest, largest, unit)
    } else {
        linear_marks(largest, unit)
    };
    // A logarithmic scale ends where the values end: a whole step more would take a lot of room.
    let (low, high) = if logarithmic {
        (smallest, largest)
    } else {
        (0, *marks.last()?)
    };
    // The ends keep a little room, for half a dot and half a label. A zero stands at the left end.
    let x = |value: i64| {
        let share = if logarithmic {
            let ratio = |value: i64| (value.max(low) as f64 / low as f64).ln();
            ratio(value) / ratio(high)
        } else {
            value as f64 / high as f64
        };
        round(2.0 + 96.0 * share.clamp(0.0, 1.0))
    };
    let marks: Vec<i64> = marks
        .into_iter()
        .filter(|mark| (low..=high).contains(mark))
        .collect();
    let every = marks.len().div_ceil(TICKS).max(1);
    let scale = Scale {
        id,
        logarithmic,
        ticks: marks
            .iter()
            .step_by(every)
            .map(|&mark| Tick {
                x: x(mark),
                label: label(mark, unit),
            })
            .collect(),
        labels: columns.map(|at| table.columns[at].label),
    };
    let drawn = values
        .iter()
        .map(|[usual, long, longest]| Range {
            bar: match (usual, long) {
                (Some(usual), Some(long)) if long > usual => {
                    Some((x(*usual), round(x(*long) - x(*usual))))
                }
                _ => None,
            },
            tick: usual.map(x),
            dot: longest.map(x),
        })
        .collect();
    Some((scale, drawn))
}

/// Round values from zero to at least the largest, at most four steps.
fn linear_marks(largest: i64, unit: Unit) -> Vec<i64> {
    let fits = |step: &i64| (largest - 1) / step < 4;
    let known = [
        SECOND,
        2 * SECOND,
        5 * SECOND,
        10 * SECOND,
        15 * SECOND,
        30 * SECOND,
        MINUTE,
        2 * MINUTE,
        5 * MINUTE,
        10 * MINUTE,
        15 * MINUTE,
        30 * MINUTE,
        HOUR,
        2 * HOUR,
        3 * HOUR,
        6 * HOUR,
        12 * HOUR,
    ];
    let step = match unit {
        Unit::Duration if largest > SECOND => known
            .into_iter()
            .find(fits)
            .unwrap_or_else(|| decimal_step(DAY, fits)),
        _ => decimal_step(1, fits),
    };
    let steps = (largest - 1) / step + 1;
    (0..=steps).map(|n| step.saturating_mul(n)).collect()
}

/// The first of 1, 2, 5, 10, 20… times `one` that fits.
fn decimal_step(one: i64, fits: impl Fn(&i64) -> bool) -> i64 {
    let mut power = one;
    loop {
        for factor in [1, 2, 5] {
            let step = power.saturating_mul(factor);
            if fits(&step) {
                return step;
            }
        }
        power = power.saturating_mul(10);
    }
}

/// Round values about ten times as large as the one before, from at most the smallest to at least the
/// largest value. `smallest` is above zero.
fn logarithmic_marks(smallest: i64, largest: i64, unit: Unit) -> Vec<i64> {
    let mut marks = vec![1];
    let mut last = 1i64;
    while last < largest {
        last = match (unit, last) {
            (Unit::Duration, 10_000) => MINUTE,
            (Unit::Duration, 600_000) => HOUR,
            (Unit::Duration, 36_000_000) => DAY,
            _ => last.saturating_mul(10),
        };
        marks.push(last);
    }
    let below = marks.partition_point(|mark| *mark <= smallest);
    marks.split_off(below.saturating_sub(1))
}

/// A round value in one unit: `10 min`, where a cell would show `10m 00s`.
fn label(value: i64, unit: Unit) -> String {
    if unit != Unit::Duration {
        return format::cell(&Cell::Int(value), unit, chrono_tz::Tz::UTC);
    }
    if value == 0 {
        return "0".to_owned();
    }
    let (size, name) = [(DAY, "d"), (HOUR, "h"), (MINUTE, "min"), (SECOND, "s")]
        .into_iter()
        .find(|(size, _)| value % size == 0)
        .unwrap_or((1, "ms"));
    format!("{} {name}", format::count(value / size))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels(marks: &[i64]) -> Vec<String> {
        marks
            .iter()
            .map(|mark| label(*mark, Unit::Duration))
            .collect()
    }

    #[test]
    fn linear_marks_are_round_and_cover_the_largest_value() {
        let shown = |largest| labels(&linear_marks(largest, Unit::Duration));
        assert_eq!(shown(1), ["0", "1 ms"]);
        assert_eq!(shown(3 * MINUTE), ["0", "1 min", "2 min", "3 min"]);
        assert_eq!(shown(95 * MINUTE), ["0", "30 min", "1 h", "90 min", "2 h"]);
        assert_eq!(shown(50 * HOUR), ["0", "1 d", "2 d", "3 d"]);
        for largest in [1, 999, 1_001, 7 * DAY, i64::MAX / 2, i64::MAX] {
            for unit in [Unit::Duration, Unit::Count] {
                let marks = linear_marks(largest, unit);
                assert!(marks.last().is_some_and(|last| *last >= largest));
                assert!(marks.len() <= 5 && marks.is_sorted());
            }
        }
    }

    #[test]
    fn logarithmic_marks_are_units_that_people_know() {
        let marks = logarithmic_marks(971, 3 * HOUR, Unit::Duration);
        assert_eq!(
            labels(&marks),
            ["100 ms", "1 s", "10 s", "1 min", "10 min", "1 h", "10 h"]
        );
        assert_eq!(logarithmic_marks(10, 1_000, Unit::Count), [10, 100, 1_000]);
        let all = logarithmic_marks(1, i64::MAX, Unit::Duration);
        assert_eq!(all.last(), Some(&i64::MAX));
    }
}
