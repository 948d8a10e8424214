//! Charts with their tables and legends.

use super::chart;
use super::escape::{In, code, text};
use super::grid::Grid;
use super::view::{Maker, Piece, Rows, is_number, line_of};
use crate::render::format::{self, columns};
use crate::report::{Cell, Column, Drawing, Place, Section, Span, Table, Unit};

/// More buckets than this are drawn as little bars; the numbers are folded away.
const BUCKETS: usize = 14;

impl<'a> Maker<'a> {
    /// A table with what is drawn of it. One of several that say the same is left out.
    pub(super) fn drawn(&mut self, section: &'a Section, table: &'a Table) -> Option<Piece> {
        if table.variant_of.is_some() {
            return None;
        }
        match &table.drawing {
            None => self.rows(section, table, |_, _| {}),
            Some(Drawing::Bars { by, stack }) => self.bars(section, table, by, stack),
            Some(Drawing::Strips { buckets }) => self.rows(section, table, |maker, rows| {
                maker.strips(rows, table, buckets);
            }),
            Some(Drawing::Ranges { keys }) => self.rows(section, table, |_, rows| {
                beside(rows, chart::ranges(table, keys));
                rows.legend = line_of(&chart::range_legend(table, keys));
            }),
            Some(Drawing::Share { key }) => self.rows(section, table, |_, rows| {
                beside(rows, chart::shares(table, key));
            }),
            Some(Drawing::Parts { whole, parts, rest }) => self.rows(section, table, |_, rows| {
                beside(rows, chart::parts(table, whole, parts));
                rows.legend = line_of(&chart::parts_legend(table, parts, rest));
            }),
            Some(Drawing::Shades) => self.rows(section, table, |_, rows| Maker::shade(rows, table)),
        }
    }

    /// A few buckets as a table with a bar in each row, many as two lines of little bars.
    fn bars(
        &mut self,
        section: &'a Section,
        table: &'a Table,
        by: &str,
        stack: &[&'static str],
    ) -> Option<Piece> {
        let shown: Vec<(usize, &Column)> = columns(table, Place::Column)
            .filter(|(at, column)| {
                is_number(column.unit)
                    && (matches!(column.key, "runs" | "failed")
                        || table
                            .rows
                            .iter()
                            .any(|row| !matches!(row.cells[*at], Cell::Int(0) | Cell::Null)))
            })
            .collect();
        let mut heads = vec![(by_label(by), false)];
        for (_, column) in &shown {
            heads.push((text(column.label, In::Cell), is_number(column.unit)));
        }
        let mut lines: Vec<Vec<String>> = Vec::new();
        for (at, row) in table.rows.iter().enumerate() {
            let mut name = chart::period(table, at, by);
            if chart::incomplete(table, at) {
                name.push_str(" (incomplete)");
            }
            let absent = chart::no_data(table, at);
            if absent {
                name.push_str(" (no data)");
            }
            let mut cells = vec![name];
            for (place, column) in &shown {
                cells.push(if absent {
                    format::DASH.to_owned()
                } else {
                    self.cell(&row.cells[*place], column.unit, column.key, In::Cell)
                });
            }
            lines.push(cells);
        }
        let few = table.rows.len() <= BUCKETS;
        let piece = self.rows(section, table, |_, rows| {
            rows.details.clear();
            rows.opening = 0;
            rows.lists.clear();
            rows.drawn = few;
            rows.grid = Grid { heads, rows: lines };
            if few {
                beside(rows, chart::stacked(table, stack));
                rows.legend = line_of(&chart::stack_legend(table, stack));
            } else if let Some(drawn) = chart::sparklines(table, by, stack) {
                rows.folded = true;
                if !rows.intro.is_empty() {
                    rows.intro.push('\n');
                }
                rows.intro.push_str(&drawn);
            }
        });
        let mut footnotes: Vec<String> = Vec::new();
        let marked = |test: fn(&Table, usize) -> bool| -> Vec<String> {
            let rows = (0..table.rows.len()).filter(|&row| test(table, row));
            rows.map(|row| chart::period(table, row, by)).collect()
        };
        if !few {
            let partial = marked(chart::incomplete);
            if let [first, .., last] = partial.as_slice() {
                footnotes.push(format!("Incomplete, among others: {first} and {last}."));
            } else if let [only] = partial.as_slice() {
                footnotes.push(format!("Incomplete: {only}."));
            }
            if !marked(chart::no_data).is_empty() {
                footnotes.push(
                    "Blank: no data was loaded for these dates, which is not the same as no runs."
                        .to_owned(),
                );
            }
        }
        match piece {
            Some(Piece::Rows(mut rows)) if !footnotes.is_empty() => {
                rows.intro.push_str(&format!("\n{}\n", footnotes.join(" ")));
                Some(Piece::Rows(rows))
            }
            piece => piece,
        }
    }

    /// Adds the strip of marks to the rows.
    fn strips(&mut self, rows: &mut Rows, table: &'a Table, buckets: &[Span]) {
        let Some(at) = chart::position(table, "strip") else {
            return;
        };
        let letters: Vec<&str> = table
            .rows
            .iter()
            .map(|row| match &row.cells[at] {
                Cell::Text(letters) => letters.as_str(),
                _ => "",
            })
            .collect();
        rows.grid
            .heads
            .push((text(table.columns[at].label, In::Cell), false));
        for (row, letters) in rows.grid.rows.iter_mut().zip(&letters) {
            row.push(code(&chart::strip(letters), In::Cell));
        }
        let legend = chart::strip_legend(&letters.concat(), &self.report.terms);
        if let (Some(first), Some(last), false) =
            (buckets.first(), buckets.last(), legend.is_empty())
        {
            rows.legend = line_of(&format!(
                "{}: one mark for each {} from {} to {}; {legend}.",
                text(table.columns[at].label, In::Line),
                self.report.window.by,
                format::date(first.first),
                format::date(last.last)
            ));
        }
    }

    /// Draws a grid above the numbers.
    fn shade(rows: &mut Rows, table: &Table) {
        let name = columns(table, Place::Name).next().map(|(at, _)| at);
        let counts: Vec<usize> = columns(table, Place::Column)
            .filter(|(_, column)| column.unit == Unit::Count)
            .map(|(at, _)| at)
            .collect();
        if let (Some(name), false) = (name, counts.is_empty()) {
            if !rows.intro.is_empty() {
                rows.intro.push('\n');
            }
            rows.intro.push_str(&chart::grid(table, name, &counts));
            rows.folded = true;
        }
    }
}

/// Adds a column of bars to the rows.
fn beside(rows: &mut Rows, bars: Vec<String>) {
    rows.grid.heads.push(("Chart".to_owned(), false));
    for (row, bar) in rows.grid.rows.iter_mut().zip(bars) {
        row.push(bar);
    }
}

fn by_label(by: &str) -> String {
    match by {
        "week" => "Week",
        "month" => "Month",
        _ => "Day",
    }
    .to_owned()
}
