//! The report in a terminal, 80 columns wide: in one screen, or section by section.

use chrono_tz::Tz;
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use super::format::{self, columns};
use crate::report::{
    Block, Cell, Column, Drawing, Figures, Notes, Place, Report, Row, Table, Tone, Unit,
};

/// First words of every text.
pub(super) const MARKER: &str = "rundown · ";
const WIDTH: usize = 80;
/// Widest name of a row.
const NAME: usize = 40;
/// Rows shown of each table.
const ROWS: usize = 8;

/// Writes the report as text without colours: every section, the top of each table.
pub(super) fn text(report: &Report) -> String {
    let page = Page::new(report, false);
    let mut out = String::new();
    page.head(&mut out);
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
        wrap(&mut out, &section.lead);
        for block in shown {
            match block {
                Block::Figures(figures) => page.figures(&mut out, figures, true),
                Block::Table(table) => match &table.drawing {
                    Some(Drawing::Bars { by, .. }) => Page::bars(&mut out, table, by),
                    _ => page.table(&mut out, table),
                },
                Block::Notes(notes) => notes_of(&mut out, notes),
            }
        }
    }
    out
}

/// Lines of a terminal of the usual size.
const LINES: usize = 24;
/// Lines that are kept free: for the command itself, and for where the report is.
const FREE: usize = 3;

/// The report in one screen: the sentences on the period, its figures, and what needs attention first. Colours are plain
/// ANSI.
pub(super) fn summary(report: &Report, colour: bool) -> String {
    let page = Page::new(report, colour);
    let mut out = String::new();
    page.head(&mut out);
    let blocks = |id: &str| {
        let section = report.sections.iter().find(move |section| section.id == id);
        section.into_iter().flat_map(|section| &section.blocks)
    };
    out.push('\n');
    for block in blocks("overview").filter(|block| is_shown(block)) {
        match block {
            Block::Notes(notes) => notes_of(&mut out, notes),
            Block::Figures(figures) => page.figures(&mut out, figures, false),
            Block::Table(_) => {}
        }
    }
    for block in blocks("outcomes") {
        if let Block::Table(table) = block
            && let Some(Drawing::Bars { by, .. }) = &table.drawing
            && table.variant_of.is_none()
        {
            Page::bars(&mut out, table, by);
        }
    }
    let findings = blocks("findings").find_map(|block| match block {
        Block::Table(table) if table.id == "findings" => Some(table),
        _ => None,
    });
    if let Some(findings) = findings.filter(|findings| !findings.rows.is_empty()) {
        let room = LINES.saturating_sub(FREE + out.lines().count() + 1);
        page.findings(&mut out, findings, room);
    }
    out
}

fn notes_of(out: &mut String, notes: &Notes) {
    for note in &notes.items {
        let sign = match note.tone {
            Tone::Info => "·",
            Tone::Warning => "!",
            Tone::Urgent | Tone::Stop => "!!",
        };
        wrap(out, &format!("{sign} {}", note.text));
    }
}

/// Words in lines of the width of the page, those after the first indented.
fn wrap(out: &mut String, text: &str) {
    wrap_at(out, "", 2, text);
}

/// The same after a beginning of the first line, with this indent below it.
fn wrap_at(out: &mut String, begin: &str, indent: usize, text: &str) {
    let mut line = begin.to_owned();
    let mut is_fresh = true;
    for word in safe(text).split_whitespace() {
        let word = cut(word, WIDTH - indent);
        if !is_fresh && line.width() + 1 + word.width() > WIDTH {
            out.push_str(line.trim_end());
            out.push('\n');
            line = " ".repeat(indent);
        } else if !is_fresh {
            line.push(' ');
        }
        line.push_str(&word);
        is_fresh = false;
    }
    if !is_fresh {
        out.push_str(&line);
        out.push('\n');
    }
}

/// Tables that other tables nest, and figures that are only the earlier ones, do not belong into a short text.
fn is_shown(block: &Block) -> bool {
    match block {
        // The figures of the period before stand beside those of this one.
        Block::Figures(figures) => {
            figures.id != "previous" && figures.items.as_ref().is_ok_and(|items| !items.is_empty())
        }
        Block::Table(table) => {
            let is_elsewhere = table.nested_in.is_some() || table.variant_of.is_some();
            match table.drawing {
                // 24 columns of numbers do not fit a terminal.
                Some(Drawing::Shades) => false,
                Some(Drawing::Bars { .. }) => !is_elsewhere,
                _ => !is_elsewhere && !table.rows.is_empty(),
            }
        }
        Block::Notes(notes) => !notes.items.is_empty(),
    }
}

/// Log text for a line of a terminal.
fn safe(text: &str) -> String {
    format::text(text).replace(['\n', '\t'], " ")
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

/// The same, cut in the middle: names often differ at their end only.
fn cut_inside(text: &str, width: usize) -> String {
    if text.width() <= width {
        return text.to_owned();
    }
    let start = cut(text, width / 3);
    let mut end: Vec<char> = Vec::new();
    let mut used = start.width();
    for c in text.chars().rev() {
        used += c.width().unwrap_or(0);
        if used > width {
            break;
        }
        end.push(c);
    }
    start + &end.into_iter().rev().collect::<String>()
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
    Plain,
    Bold,
    Faint,
    /// Red and bold.
    Loud,
}

struct Page<'a> {
    report: &'a Report,
    colour: bool,
    zone: Tz,
}

impl Page<'_> {
    fn new(report: &Report, colour: bool) -> Page<'_> {
        Page {
            report,
            colour,
            zone: report.time_zone.parse().unwrap_or(Tz::UTC),
        }
    }

    fn head(&self, out: &mut String) {
        let report = self.report;
        self.line(
            out,
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
        self.line(out, &dates, Style::Faint);
    }

    /// Findings in this many lines, the last of which says how many more there are. Those of high severity are all
    /// shown; they stand first.
    fn findings(&self, out: &mut String, table: &Table, room: usize) {
        let at = |key: &str| table.columns.iter().position(|column| column.key == key);
        let is_high = |row: &&Row| {
            at("severity").is_some_and(|at| row.cells[at] == Cell::Text("high".to_owned()))
        };
        let shown = if table.rows.len() > room {
            let high = table.rows.iter().take_while(is_high).count();
            room.saturating_sub(1).max(high)
        } else {
            table.rows.len()
        };
        out.push('\n');
        let text = |row: &Row, key: &str| match at(key) {
            Some(at) => match &*format::shown(table, row, at) {
                Cell::Null => String::new(),
                cell => self.cell(cell, table.columns[at].unit),
            },
            None => String::new(),
        };
        let rows = || table.rows.iter().take(shown);
        let wide = rows().map(|row| text(row, "kind").width()).max();
        let wide = wide.unwrap_or(0).min(24);
        // What is left of the line beside the severity and the date.
        let room = WIDTH - 8 - 2 - 18 - wide;
        for row in rows() {
            let since = match at("since").map(|at| &row.cells[at]) {
                Some(Cell::Time(since)) => format::local_date(*since, self.zone)
                    .map_or_else(String::new, |date| format!("since {date}")),
                _ => String::new(),
            };
            let severity = pad(&text(row, "severity"), 6, false);
            let line = format!(
                "{}  {}  {since}",
                pad(&cut(&text(row, "kind"), wide), wide, false),
                pad(&cut_inside(&text(row, "scan"), room), room, false),
            );
            let style = if severity.trim() == "High" {
                Style::Loud
            } else {
                Style::Plain
            };
            self.line(out, &format!("{severity}  {}", line.trim_end()), style);
        }
        let more = table.total.saturating_sub(shown);
        if more > 0 {
            let more = format!(
                "{} in the report",
                format::plural(more, "more finding", "more findings")
            );
            self.line(out, &more, Style::Faint);
        }
    }

    fn line(&self, out: &mut String, text: &str, style: Style) {
        let text = cut(text, WIDTH);
        let code = match style {
            Style::Plain => "",
            Style::Bold => "1",
            Style::Faint => "2",
            Style::Loud => "1;31",
        };
        if self.colour && !code.is_empty() {
            out.push_str(&format!("\u{1b}[{code}m{text}\u{1b}[0m\n"));
        } else {
            out.push_str(&format!("{text}\n"));
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

    /// The large figures in a line; the others, where they are wanted, below each other.
    fn figures(&self, out: &mut String, figures: &Figures, all: bool) {
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
        wrap(out, &shown.join(" · "));
        let others: Vec<_> = items.iter().filter(|item| !item.main).collect();
        if !all || others.is_empty() {
            return;
        }
        if !figures.title.is_empty() {
            self.line(out, figures.title, Style::Faint);
        }
        let width = others
            .iter()
            .map(|item| item.label.width())
            .max()
            .unwrap_or(0)
            + 2;
        for item in others {
            let value = self.cell(&item.value, item.unit);
            wrap_at(out, &pad(item.label, width, false), width, &value);
        }
    }

    /// One line of little bars for all runs and one for the failed.
    fn bars(out: &mut String, table: &Table, by: &str) {
        const LEVELS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
        let at = |key: &str| table.columns.iter().position(|column| column.key == key);
        let Some(no_data) = at("no_data") else { return };
        for key in ["runs", "failed"] {
            let Some(column) = at(key) else { continue };
            let values: Vec<Option<i64>> = table
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
                "{} {line} up to {most} a {by}\n",
                pad(key, 6, false)
            ));
        }
    }

    fn table(&self, out: &mut String, table: &Table) {
        // Messages stand under their row.
        let (messages, short): (Vec<_>, Vec<_>) =
            columns(table, Place::Column).partition(|(_, column)| column.unit == Unit::Message);
        let shown: Vec<(usize, &Column)> = columns(table, Place::Name).chain(short).collect();
        let rows: Vec<Vec<String>> = table
            .rows
            .iter()
            .take(ROWS)
            .map(|row| {
                shown
                    .iter()
                    .map(|(at, column)| self.named(table, row, *at, column))
                    .collect()
            })
            .collect();
        let mut widths: Vec<usize> = shown
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
            *first = (*first).min(NAME);
        }
        while total(&widths) > WIDTH && widths.len() > 2 {
            widths.pop();
        }
        let render = |cells: &[String]| {
            let line: Vec<String> = widths
                .iter()
                .enumerate()
                .map(|(at, &width)| {
                    let column = shown[at].1;
                    let right = matches!(
                        column.unit,
                        Unit::Count | Unit::Share | Unit::Difference | Unit::Duration | Unit::Bytes
                    );
                    let cell = if column.place == Place::Name && column.unit != Unit::Message {
                        cut_inside(&cells[at], width)
                    } else {
                        cut(&cells[at], width)
                    };
                    pad(&cell, width, right)
                })
                .collect();
            line.join("  ").trim_end().to_owned()
        };
        if !table.title.is_empty() {
            self.line(out, table.title, Style::Faint);
        }
        let labels: Vec<String> = shown
            .iter()
            .map(|(_, column)| column.label.to_owned())
            .collect();
        self.line(out, &render(&labels), Style::Faint);
        for (cells, row) in rows.iter().zip(&table.rows) {
            out.push_str(&render(cells));
            out.push('\n');
            for (at, column) in &messages {
                if let Cell::Text(message) = &row.cells[*at]
                    && !message.is_empty()
                {
                    let (start, rest) = format::cut(message, format::MESSAGE_LIMIT);
                    let end = if rest > 0 { "…" } else { "" };
                    wrap_at(out, "  ", 4, &format!("{}: {start}{end}", column.label));
                }
            }
        }
        if table.total > rows.len() {
            self.line(
                out,
                &format!("{} of {} shown", rows.len(), table.total),
                Style::Faint,
            );
        }
    }

    /// A cell; a word or a source that names a row is followed by what stands under it, since it may repeat.
    fn named(&self, table: &Table, row: &Row, at: usize, column: &Column) -> String {
        let name = match (column.place, &*format::shown(table, row, at)) {
            (Place::Name, Cell::Null) => format::NOT_NAMED.to_owned(),
            (_, cell) => self.cell(cell, column.unit),
        };
        if column.place != Place::Name || !(column.unit == Unit::Status || column.key == "source") {
            return name;
        }
        let about: Vec<_> = columns(table, Place::Under)
            .map(|(at, column)| (format::shown(table, row, at), column))
            .filter(|(cell, _)| **cell != Cell::Null)
            .map(|(cell, column)| self.cell(&cell, column.unit))
            .collect();
        match about.as_slice() {
            [] => name,
            about => format!("{name}: {}", about.join(", ")),
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
        assert_eq!(cut_inside("runs/a/b/PT1H.json", 12), "run…T1H.json");
    }
}
