//! The geometry of a stacked bar chart.
//!
//! Heights are pixels, horizontal places are per cent of the width, so that the drawing stretches
//! with the page while its text keeps its size. Numbers are worked out here and put into SVG
//! attributes by the template: the page's security policy allows no `style` attributes.

use chrono::NaiveDate;
use serde::Serialize;

use super::markup::look;
use crate::render::format;
use crate::report::{Cell, Table};

/// Height of the plot, from the baseline to the highest tick.
const HEIGHT: f64 = 200.0;

/// More labels than this under the bars would run into each other.
const LABELS: usize = 10;

/// Where a page has the numbers of a drawing.
pub(super) const BELOW: &str = "The numbers are in the table below the drawing.";

/// A chart ready to be drawn.
#[derive(Serialize)]
pub(in crate::render) struct Chart {
    pub(in crate::render) height: f64,
    /// One sentence for those who cannot see the drawing.
    pub(in crate::render) told: String,
    /// The same, and where the numbers are.
    summary: String,
    pub(in crate::render) legend: Vec<Key>,
    pub(in crate::render) ticks: Vec<Tick>,
    pub(in crate::render) bars: Vec<Bar>,
    /// Steps at the heights of the period before, or empty.
    before: String,
    /// What the marks on some of the bars mean.
    pub(in crate::render) footnotes: Vec<&'static str>,
}

/// One entry of the legend.
#[derive(Serialize)]
pub(in crate::render) struct Key {
    look: &'static str,
    pub(in crate::render) label: &'static str,
}

/// One line of the grid.
#[derive(Serialize)]
pub(in crate::render) struct Tick {
    pub(in crate::render) y: f64,
    pub(in crate::render) label: String,
}

/// One bar and the column that it stands in.
#[derive(Serialize)]
pub(in crate::render) struct Bar {
    /// Left edge and width of the column.
    x: f64,
    room: f64,
    /// Left edge and width of the bar, and the middle of both.
    left: f64,
    width: f64,
    pub(in crate::render) middle: f64,
    parts: Vec<Part>,
    /// The height of the period before.
    before: Option<f64>,
    /// What the bar says when pointed at.
    title: String,
    /// Empty where there is no room for a label.
    pub(in crate::render) label: String,
    /// Labels that narrow pages leave out.
    spare: bool,
    partial: bool,
    no_data: bool,
}

/// One colour of one bar.
#[derive(Serialize)]
struct Part {
    look: &'static str,
    y: f64,
    height: f64,
}

/// Lays out the bars. Nothing to draw when the table has no rows or none of the stacked columns.
pub(in crate::render) fn chart(table: &Table, by: &str, stack: &[&str]) -> Option<Chart> {
    let stack: Vec<(usize, Key)> = stack
        .iter()
        .filter_map(|key| {
            let place = position(table, key)?;
            Some((
                place,
                Key {
                    look: look(key),
                    label: table.columns[place].label,
                },
            ))
        })
        .collect();
    if table.rows.is_empty() || stack.is_empty() {
        return None;
    }
    let start = position(table, "start");
    let last = position(table, "last");
    let partial = position(table, "partial_period");
    let no_data = position(table, "no_data");

    let count = |row: usize, place: usize| match table.rows[row].cells[place] {
        Cell::Int(value) => value.max(0),
        _ => 0,
    };
    let flag = |row: usize, place: Option<usize>| {
        place.is_some_and(|place| table.rows[row].cells[place] == Cell::Bool(true))
    };
    let day = |row: usize, place: Option<usize>| match table.rows[row].cells[place?] {
        Cell::Date(date) => Some(date),
        _ => None,
    };
    let total = |row: usize| {
        stack.iter().fold(0i64, |sum, (place, _)| {
            sum.saturating_add(count(row, *place))
        })
    };

    let rows = table.rows.len();
    let earlier = position(table, "previous_runs");
    let earlier = |row: usize| match table.rows[row].cells[earlier?] {
        Cell::Int(value) => Some(value.max(0)),
        _ => None,
    };
    let highest = (0..rows).map(total).max().unwrap_or(0);
    let most = (0..rows).filter_map(earlier).max().unwrap_or(0);
    let (step, top) = scale(highest.max(most));
    let room = 100.0 / rows as f64;
    let gap = if rows > 40 { 0.16 } else { 0.26 };
    let every = rows.div_ceil(LABELS);

    let mut drawn = Vec::with_capacity(rows);
    for row in 0..rows {
        let x = room * row as f64;
        let absent = flag(row, no_data);
        let span = period(day(row, start), day(row, last), by);
        let labelled = row % every == 0;
        let mut parts = Vec::new();
        let mut floor = HEIGHT;
        let mut words = Vec::new();
        for (place, key) in &stack {
            let value = count(row, *place);
            if value == 0 || absent {
                continue;
            }
            let height = HEIGHT * value as f64 / top as f64;
            // A hairline of background keeps neighbours apart without relying on colour.
            let seam = if height > 2.5 && !parts.is_empty() {
                1.0
            } else {
                0.0
            };
            floor -= height;
            parts.push(Part {
                look: key.look,
                y: round(floor),
                height: round((height - seam).max(0.5)),
            });
            words.push(format!(
                "{} {}",
                format::count(value),
                key.label.to_lowercase()
            ));
        }
        let mut title = match (absent, words.is_empty()) {
            (true, _) => format!("{span}: no data"),
            (false, true) => format!("{span}: no runs"),
            (false, false) => format!("{span}: {}", words.join(", ")),
        };
        if flag(row, partial) && !absent {
            title.push_str(" (incomplete)");
        }
        if let Some(earlier) = earlier(row) {
            title.push_str(&format!("; the period before: {}", format::count(earlier)));
        }
        drawn.push(Bar {
            x: round(x),
            room: round(room),
            left: round(x + room * gap / 2.0),
            width: round(room * (1.0 - gap)),
            middle: round(x + room / 2.0),
            parts,
            before: earlier(row).map(|value| round(HEIGHT - HEIGHT * value as f64 / top as f64)),
            title,
            label: if labelled {
                day(row, start).map_or_else(String::new, |d| label(d, by))
            } else {
                String::new()
            },
            spare: (row / every) % 2 == 1,
            partial: flag(row, partial) && !absent,
            no_data: absent,
        });
    }

    let mut footnotes = Vec::new();
    if drawn.iter().any(|bar| bar.partial) {
        footnotes.push(match by {
            "day" => "Pale bars: the day is not complete in the data.",
            "week" => "Pale bars: the week is not complete in this period or in the data.",
            _ => "Pale bars: the month is not complete in this period or in the data.",
        });
    }
    if drawn.iter().any(|bar| bar.no_data) {
        footnotes.push(
            "Dotted columns: no data was loaded for these dates. That is not the same as no runs.",
        );
    }
    let before = steps(drawn.iter().map(|bar| bar.before));
    if !before.is_empty() {
        footnotes.push("Dotted line: all runs of the period before, day by day from its first.");
    }
    let sum = (0..rows).fold(0i64, |sum, row| sum.saturating_add(total(row)));
    let first = period(day(0, start), day(0, start), "day");
    let end = period(day(rows - 1, last), day(rows - 1, last), "day");
    let told = format!(
        "{} runs from {first} to {end}, one bar for each {by}; the highest bar has {}.",
        format::count(sum),
        format::count(highest)
    );
    let ticks = (0..=top / step)
        .map(|n| Tick {
            y: round(HEIGHT - HEIGHT * (n * step) as f64 / top as f64),
            label: format::count(n * step),
        })
        .collect();
    let legend = stack.into_iter().map(|(_, key)| key).collect();
    Some(Chart {
        height: HEIGHT,
        summary: format!("{told} {BELOW}"),
        told,
        legend,
        ticks,
        bars: drawn,
        before,
        footnotes,
    })
}

/// A line of steps, each as wide as one unit; a gap where there is no height.
fn steps(heights: impl Iterator<Item = Option<f64>>) -> String {
    let mut path = String::new();
    let mut is_on = false;
    for (at, height) in heights.enumerate() {
        if let Some(y) = height {
            path.push_str(&if is_on {
                format!("V{y}h1")
            } else {
                format!("M{at} {y}h1")
            });
        }
        is_on = height.is_some();
    }
    path
}

fn position(table: &Table, key: &str) -> Option<usize> {
    table.columns.iter().position(|column| column.key == key)
}

/// The step between ticks and the highest tick: at most six steps of 1, 2 or 5 times a power of ten.
fn scale(highest: i64) -> (i64, i64) {
    let highest = highest.max(1);
    let mut power = 1i64;
    loop {
        for factor in [1, 2, 5] {
            let step = power.saturating_mul(factor);
            let steps = (highest - 1) / step + 1;
            if steps <= 6 {
                return (step, steps.saturating_mul(step));
            }
        }
        power = power.saturating_mul(10);
    }
}

/// The dates of a bar in words.
pub(in crate::render) fn period(
    first: Option<NaiveDate>,
    last: Option<NaiveDate>,
    by: &str,
) -> String {
    match (first, last) {
        (Some(first), _) if by == "month" => first.format("%B %Y").to_string(),
        (Some(first), Some(last)) if first != last => {
            format!("{} to {}", format::date(first), format::date(last))
        }
        (Some(first), _) => format::date(first),
        (None, _) => format::DASH.to_owned(),
    }
}

/// The words under a bar.
fn label(first: NaiveDate, by: &str) -> String {
    first
        .format(if by == "month" { "%b %Y" } else { "%-d %b" })
        .to_string()
}

/// Two decimals are finer than a pixel and keep the page small.
pub(in crate::render) fn round(value: f64) -> f64 {
    (value * 100.0).round() / 100.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticks_are_round_and_cover_the_highest_bar() {
        let cases = [
            (0, (1, 1)),
            (1, (1, 1)),
            (6, (1, 6)),
            (7, (2, 8)),
            (84, (20, 100)),
            (100, (20, 100)),
        ];
        for (highest, expected) in cases {
            assert_eq!(scale(highest), expected);
        }
        for highest in [7, 99, 101, 12_345, i64::MAX / 3, i64::MAX] {
            let (step, top) = scale(highest);
            assert!(top >= highest && top / step <= 6);
        }
    }

    #[test]
    fn bars_are_named_by_their_dates() {
        let date = |d| NaiveDate::from_ymd_opt(2026, 11, d);
        assert_eq!(period(date(1), date(1), "day"), "1 Nov 2026");
        assert_eq!(period(date(2), date(8), "week"), "2 Nov 2026 to 8 Nov 2026");
        assert_eq!(period(date(1), date(30), "month"), "November 2026");
    }
}
