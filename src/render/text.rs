//! The report in a terminal: 80 columns, the figures and the top of each table.

use chrono_tz::Tz;
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use super::format;
use crate::report::{
    Bars, Block, Cell, Column, Figures, Place, Ranges, Report, Strips, Table, Tone, Unit,
};

/// First words of every text.
pub(super) const MARKER: &str = "rundown · ";
const WIDTH: usize = 80;
/// Rows shown of each table.
const ROWS: usize = 8;

/// Writes the report as text. Colours are plain ANSI.
pub(super) fn text(report: &Report, colour: bool) -> String {
    let page = Page {
        report,
        colour,
        zone: report.time_zone.parse().unwrap_or(Tz::UTC),
    };
    let mut out = String::new();
    page.line(
        &mut out,
        &format!("{MARKER}{}", safe(&report.title)),
        Style::Bold,
    );
    let window = &report.window;
    let dates = format!(
        "{} to {}, {} · {} · as of {}",
        format::date(window.first),
        format::date(window.last),
        format::plural(
            usize::try_from(window.days).unwrap_or_default(),
            "day",
            "days"
        ),
        safe(&report.time_zone),
        format::date(report.as_of)
    );
    page.line(&mut out, &dates, Style::Faint);
    for section in &report.sections {
        let shown: Vec<&Block> = section
            .blocks
            .iter()
            .filter(|block| is_shown(block))
            .collect();
        if shown.is_empty() {
            continue;
        }
        out.push('\n');
        page.line(&mut out, section.title, Style::Bold);
        Page::wrap(&mut out, &section.lead);
        for block in shown {
            match block {
                Block::Figures(figures) => page.figures(&mut out, figures),
                Block::Table(table)
                | Block::Strips(Strips { table, .. })
                | Block::Ranges(Ranges { table, .. }) => page.table(&mut out, table),
                // 24 columns of numbers do not fit a terminal.
                Block::Grid(_) => {}
                Block::Bars(bars) => page.bars(&mut out, bars),
                Block::Notes(notes) => {
                    for note in &notes.items {
                        let sign = match note.tone {
                            Tone::Info => "·",
                            Tone::Warning => "!",
                            Tone::Stop => "!!",
                        };
                        Page::wrap(&mut out, &format!("{sign} {}", note.text));
                    }
                }
            }
        }
    }
    out
}

/// Tables that other tables nest, and figures that are only the earlier ones, do not belong into a short text.
fn is_shown(block: &Block) -> bool {
    match block {
        Block::Figures(figures) => figures
            .items
            .as_ref()
            .is_ok_and(|items| items.iter().any(|item| item.main)),
        Block::Table(table)
        | Block::Strips(Strips { table, .. })
        | Block::Ranges(Ranges { table, .. }) => {
            table.nested_in.is_none() && !table.rows.is_empty()
        }
        Block::Grid(_) => false,
        Block::Bars(_) => true,
        Block::Notes(notes) => !notes.items.is_empty(),
    }
}

/// Log text for a terminal: controls and marks that change the direction of text are shown, not obeyed.
fn safe(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\n' | '\t' | '\r' => out.push(' '),
            c if c.is_control()
                || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}') =>
            {
                out.push_str(&format!("<U+{:04X}>", u32::from(c)));
            }
            c => out.push(c),
        }
    }
    out
}

/// A text cut to a width, with an ellipsis where something was cut.
fn cut(text: &str, width: usize) -> String {
    if text.width() <= width {
        return text.to_owned();
    }
    let mut out = String::new();
    let mut used = 0;
    for c in text.chars() {
        used += c.width().unwrap_or(0);
        if used + 1 > width {
            break;
        }
        out.push(c);
    }
    out.push('…');
    out
}

fn pad(text: &str, width: usize, right: bool) -> String {
    let fill = " ".repeat(width.saturating_sub(text.width()));
    if right {
        fill + text
    } else {
        text.to_owned() + &fill
    }
}

#[derive(Clone, Copy)]
enum Style {
    Bold,
    Faint,
}

struct Page<'a> {
    report: &'a Report,
    colour: bool,
    zone: Tz,
}

impl Page<'_> {
    fn line(&self, out: &mut String, text: &str, style: Style) {
        let text = cut(text, WIDTH);
        match (self.colour, style) {
            (true, Style::Bold) => out.push_str(&format!("\u{1b}[1m{text}\u{1b}[0m\n")),
            (true, Style::Faint) => out.push_str(&format!("\u{1b}[2m{text}\u{1b}[0m\n")),
            (false, _) => out.push_str(&format!("{text}\n")),
        }
    }

    fn wrap(out: &mut String, text: &str) {
        let mut line = String::new();
        for word in safe(text).split_whitespace() {
            if !line.is_empty() && line.width() + 1 + word.width() > WIDTH {
                out.push_str(&line);
                out.push('\n');
                line = "  ".to_owned();
            } else if !line.is_empty() {
                line.push(' ');
            }
            line.push_str(&cut(word, WIDTH - 2));
        }
        if !line.is_empty() {
            out.push_str(&line);
            out.push('\n');
        }
    }

    fn cell(&self, cell: &Cell, unit: Unit) -> String {
        if let (Unit::Status, Cell::Text(word)) = (unit, cell)
            && let Some(term) = format::term(&self.report.terms, word)
        {
            return term.label.to_owned();
        }
        safe(&format::cell(cell, unit, self.zone))
    }

    fn figures(&self, out: &mut String, figures: &Figures) {
        let Ok(items) = &figures.items else { return };
        let shown: Vec<String> = items
            .iter()
            .filter(|item| item.main)
            .map(|item| {
                let before = item
                    .previous
                    .as_ref()
                    .and_then(|previous| format::change(&item.value, previous, item.unit));
                let before = before
                    .map(|change| format!(" ({change})"))
                    .unwrap_or_default();
                format!(
                    "{} {}{before}",
                    item.label,
                    self.cell(&item.value, item.unit)
                )
            })
            .collect();
        Self::wrap(out, &shown.join(" · "));
    }

    /// One line of little bars for all runs and one for the failed.
    fn bars(&self, out: &mut String, bars: &Bars) {
        const LEVELS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
        let at = |key: &str| {
            bars.table
                .columns
                .iter()
                .position(|column| column.key == key)
        };
        let Some(no_data) = at("no_data") else { return };
        for key in ["runs", "failed"] {
            let Some(column) = at(key) else { continue };
            let values: Vec<Option<i64>> = bars
                .table
                .rows
                .iter()
                .map(|row| match (&row.cells[no_data], &row.cells[column]) {
                    (Cell::Bool(true), _) => None,
                    (_, Cell::Int(value)) => Some(*value),
                    _ => None,
                })
                .collect();
            let most = values.iter().flatten().copied().max().unwrap_or(0).max(1);
            let line: String = values
                .iter()
                .take(WIDTH - 20)
                .map(|value| match value {
                    None => ' ',
                    Some(0) => '·',
                    Some(value) => {
                        LEVELS[usize::try_from((value * 8 - 1) / most).unwrap_or(0).min(7)]
                    }
                })
                .collect();
            out.push_str(&format!(
                "{} {line} up to {most} a {}\n",
                pad(key, 6, false),
                self.report.window.by
            ));
        }
    }

    fn table(&self, out: &mut String, table: &Table) {
        let columns: Vec<(usize, &Column)> = table
            .columns
            .iter()
            .enumerate()
            .filter(|(_, column)| {
                matches!(column.place, Place::Name | Place::Column) && column.unit != Unit::Message
                    || column.place == Place::Name
            })
            .collect();
        let rows: Vec<Vec<String>> = table
            .rows
            .iter()
            .take(ROWS)
            .map(|row| {
                columns
                    .iter()
                    .map(|(at, column)| self.named(table, row, *at, column))
                    .collect()
            })
            .collect();
        let mut widths: Vec<usize> = columns
            .iter()
            .enumerate()
            .map(|(at, (_, column))| {
                rows.iter()
                    .map(|row| row[at].width())
                    .chain([column.label.width()])
                    .max()
                    .unwrap_or(0)
            })
            .collect();
        // The name gives way first; then columns from the right.
        let total =
            |widths: &[usize]| widths.iter().sum::<usize>() + 2 * widths.len().saturating_sub(1);
        if let Some(first) = widths.first_mut() {
            *first = (*first).min(34);
        }
        while total(&widths) > WIDTH && widths.len() > 2 {
            widths.pop();
        }
        let render = |cells: &[String]| {
            let shown: Vec<String> = widths
                .iter()
                .enumerate()
                .map(|(at, &width)| {
                    let right = matches!(
                        columns[at].1.unit,
                        Unit::Count | Unit::Share | Unit::Points | Unit::Duration | Unit::Bytes
                    );
                    pad(&cut(&cells[at], width), width, right)
                })
                .collect();
            shown.join("  ").trim_end().to_owned()
        };
        if !table.title.is_empty() {
            self.line(out, table.title, Style::Faint);
        }
        let labels: Vec<String> = columns
            .iter()
            .map(|(_, column)| column.label.to_owned())
            .collect();
        self.line(out, &render(&labels), Style::Faint);
        for row in &rows {
            out.push_str(&render(row));
            out.push('\n');
        }
        if table.total > rows.len() {
            self.line(
                out,
                &format!("{} of {} shown", rows.len(), table.total),
                Style::Faint,
            );
        }
    }

    /// A cell; the cell that names a row is followed by the small print under it, since scan names repeat.
    fn named(&self, table: &Table, row: &crate::report::Row, at: usize, column: &Column) -> String {
        let name = match (column.place, &row.cells[at]) {
            (Place::Name, Cell::Null) => format::NOT_NAMED.to_owned(),
            (_, cell) => self.cell(cell, column.unit),
        };
        if column.place != Place::Name {
            return name;
        }
        let under = table
            .columns
            .iter()
            .position(|column| column.place == Place::Under && column.unit == Unit::Text);
        match under.map(|under| &row.cells[under]) {
            Some(Cell::Text(source)) if *source != name => format!("{}/{name}", safe(source)),
            _ => name,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_log_cannot_steer_the_terminal() {
        assert_eq!(
            safe("a\u{1b}[31mb\u{202e}c\nd"),
            "a<U+001B>[31mb<U+202E>c d"
        );
    }

    #[test]
    fn cutting_counts_columns_not_bytes() {
        assert_eq!(cut("äöü", 3), "äöü");
        assert_eq!(cut("äöüß", 3), "äö…");
        assert_eq!(cut("日本語", 4), "日…");
        assert_eq!(pad("日", 4, true), "  日");
    }
}
