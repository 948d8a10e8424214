//! The geometry of bars inside rows: a share of one, or the parts of a whole, all wholes of one length.

use serde::Serialize;

use super::chart::round;
use super::markup::Markup;
use crate::report::{Cell, Table};

/// What all bars of a table have in common.
#[derive(Clone, Serialize)]
pub(in crate::render) struct Scale {
    /// The kinds of parts; none where a bar has only one.
    pub(in crate::render) keys: Vec<Key>,
}

/// One entry of the legend.
#[derive(Clone, Serialize)]
pub(in crate::render) struct Key {
    look: &'static str,
    pub(in crate::render) label: &'static str,
}

/// One bar: its parts from left to right. What they leave free is drawn pale.
#[derive(Serialize)]
pub(in crate::render) struct Bar {
    parts: Vec<Part>,
}

impl Bar {
    /// Adds the drawing of a row: parts on a pale track.
    pub(super) fn draw(&self, out: &mut Markup) {
        out.raw("<svg class=\"bar\" width=\"100%\" height=\"14\" aria-hidden=\"true\"><rect class=\"b-rest\" width=\"100%\" height=\"14\" rx=\"3\"/>");
        for part in &self.parts {
            out.raw("<rect class=\"b-");
            out.raw(part.look);
            out.raw("\"");
            if part.x != 0.0 {
                out.raw(" x=\"");
                out.number(part.x);
                out.raw("%\"");
            }
            out.raw(" width=\"");
            out.number(part.width);
            out.raw("%\" height=\"14\"/>");
        }
        out.raw("</svg>\n");
    }
}

/// Left edge and width are per cent of the column.
#[derive(Serialize)]
struct Part {
    look: &'static str,
    x: f64,
    width: f64,
}

/// The look of what no part holds.
const REST: &str = "rest";

/// Bars as long as a share. Nothing to draw without the column; a row without a share has no bar.
pub(in crate::render) fn shares(table: &Table, key: &str) -> Option<(Scale, Vec<Option<Bar>>)> {
    let at = position(table, key)?;
    let bars = table.rows.iter().map(|row| match row.cells.get(at) {
        Some(Cell::Float(share)) if share.is_finite() => Some(Bar {
            parts: vec![Part {
                look: "share",
                x: 0.0,
                width: round(100.0 * share.clamp(0.0, 1.0)),
            }],
        }),
        _ => None,
    });
    Some((Scale { keys: Vec::new() }, bars.collect()))
}

/// Bars of the parts of a whole. Parts that are more than the whole fill the bar. Nothing to draw without the columns; a
/// row without a whole above zero has no bar.
pub(in crate::render) fn parts(
    table: &Table,
    whole: &str,
    parts: &[&'static str],
    rest: &'static str,
) -> Option<(Scale, Vec<Option<Bar>>)> {
    let whole = position(table, whole)?;
    let mut places = Vec::new();
    for key in parts {
        places.push((look(key), position(table, key)?));
    }
    let keys = places
        .iter()
        .map(|(look, at)| (*look, table.columns[*at].label))
        .chain([(REST, rest)])
        .map(|(look, label)| Key { look, label })
        .collect();
    let number = |cell: Option<&Cell>| match cell {
        Some(Cell::Int(value)) => (*value).max(0) as f64,
        _ => 0.0,
    };
    let bars = table.rows.iter().map(|row| {
        let sum: f64 = places
            .iter()
            .map(|(_, at)| number(row.cells.get(*at)))
            .sum();
        let length = number(row.cells.get(whole)).max(sum);
        if length <= 0.0 {
            return None;
        }
        let mut x = 0.0;
        let mut parts = Vec::new();
        for (look, at) in &places {
            let value = number(row.cells.get(*at));
            if value > 0.0 {
                // What is there can be seen, as long as there is room for it.
                let width = (100.0 * value / length).max(LEAST).min(100.0 - x);
                parts.push(Part {
                    look,
                    x: round(x),
                    width: round(width),
                });
                x += width;
            }
        }
        Some(Bar { parts })
    });
    Some((Scale { keys }, bars.collect()))
}

/// The least width of a part, in per cent.
const LEAST: f64 = 1.2;

fn look(key: &str) -> &'static str {
    match key {
        "missing" | "failed" => "fail",
        _ => "ok",
    }
}

fn position(table: &Table, key: &str) -> Option<usize> {
    table.columns.iter().position(|column| column.key == key)
}
