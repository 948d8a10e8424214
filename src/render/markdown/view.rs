//! Makes the pieces of a report from the document: finished Markdown that `plan` puts together.

use std::collections::BTreeSet;

use chrono_tz::Tz;

use super::chart;
use super::detail::opens;
use super::escape::{self, In, code, text};
use super::grid::Grid;
use crate::render::format::{self, MESSAGE_LIMIT, columns};
use crate::report::{
    Block, Cell, Column, Figure, Figures, Notes, Place, Report, Row, Section, Table, Tone, Unit,
};

/// A message in a cell is cut after this many characters; the whole stands in the detail of its row.
pub(super) const CELL: usize = 80;

/// Notes shown when there are more; the others are folded away.
const NOTES: usize = 5;

/// Sentences of ours, although they are long: they are no code.
pub(super) const PROSE: [&str; 5] = [
    "action",
    "error_action",
    "error_meaning",
    "evidence",
    "hint",
];

/// A report in pieces.
pub(super) struct Document {
    /// The title, not escaped, so that it can be cut.
    pub(super) title: String,
    /// The line under the title.
    pub(super) facts: String,
    pub(super) sections: Vec<Part>,
    /// The list of words at the end, or empty.
    pub(super) terms: String,
    /// The last line.
    pub(super) foot: String,
}

/// A section in pieces.
pub(super) struct Part {
    pub(super) id: &'static str,
    pub(super) title: &'static str,
    /// The heading and the sentence under it, or nothing where both stand over nothing.
    pub(super) opening: String,
    /// The sentence, not escaped, so that it can be cut.
    pub(super) lead: String,
    /// Notes that are never left out: the word before each, and its text, not escaped, so that it can be cut.
    pub(super) stops: Vec<(&'static str, String)>,
    pub(super) pieces: Vec<Piece>,
    /// Definitions, folded away, or empty.
    pub(super) words: String,
}

/// Something in a section.
pub(super) enum Piece {
    /// Shown as it is.
    Whole(String),
    /// Rows that can be left out.
    Rows(Box<Rows>),
    /// A message that is the matter of the report: its label and words. Cut only where it does not fit.
    Message(&'static str, String),
    /// Rows that stand in the details of another section: what they are called, and its id and title.
    Elsewhere(&'static str, &'static str, &'static str),
}

/// A table in pieces.
pub(super) struct Rows {
    /// What the table is called in sentences.
    pub(super) name: &'static str,
    /// Heading, note and drawing.
    pub(super) intro: String,
    /// What explains the drawing, under the table.
    pub(super) legend: String,
    /// The rows that may be shown, or none where a drawing shows them.
    pub(super) grid: Grid,
    /// All rows are folded away: the drawing says it already. They are shown all or not at all.
    pub(super) folded: bool,
    /// The rows are the drawing and are never cut.
    pub(super) drawn: bool,
    /// Rows of the table.
    pub(super) given: usize,
    /// Rows before any cut, also by the section.
    pub(super) total: usize,
    /// Long texts of the rows: the label, and the texts with the number of their row.
    pub(super) lists: Vec<(&'static str, Vec<(usize, String)>)>,
    /// What opens under a row, with the number of the row: the first of them, as many as may be shown.
    pub(super) details: Vec<(usize, String)>,
    /// Rows that open.
    pub(super) opening: usize,
    /// The details fold one by one, else they are items of a list.
    pub(super) foldable: bool,
}

/// Turns blocks into pieces and remembers which words they use.
pub(super) struct Maker<'a> {
    pub(super) report: &'a Report,
    pub(super) zone: Tz,
    room: usize,
    details: usize,
    occurring: BTreeSet<&'static str>,
}

/// Makes the pieces of a report; of each table no more rows than so many bytes hold, of which at most so many open.
pub(super) fn document(report: &Report, zone: Tz, room: usize, details: usize) -> Document {
    let mut maker = Maker {
        report,
        zone,
        room,
        details,
        occurring: BTreeSet::new(),
    };
    let sections = report
        .sections
        .iter()
        .map(|section| maker.section(section))
        .collect();
    let terms: Vec<(&str, &str)> = report
        .terms
        .iter()
        .filter(|term| maker.occurring.contains(term.word) && !term.meaning.is_empty())
        .map(|term| (term.label, term.meaning))
        .collect();
    Document {
        title: escape::line(&report.title),
        facts: facts(report, zone),
        sections,
        terms: definitions("Words used in this report", &terms),
        foot: format!(
            "---\n\nWritten by rundown {}. Times are in {}.\n",
            env!("CARGO_PKG_VERSION"),
            text(&report.time_zone, In::Line)
        ),
    }
}

/// Folds Markdown away. The blank lines let it be read as Markdown again.
pub(super) fn folded(summary: &str, inside: &str) -> String {
    format!(
        "<details>\n<summary>{summary}</summary>\n\n{}\n\n</details>\n",
        inside.trim_matches('\n')
    )
}

fn definitions(summary: &str, items: &[(&str, &str)]) -> String {
    if items.is_empty() {
        return String::new();
    }
    let lines: String = items
        .iter()
        .map(|(label, meaning)| {
            format!(
                "- **{}**: {}\n",
                text(label, In::Line),
                text(meaning, In::Line)
            )
        })
        .collect();
    folded(summary, &lines)
}

fn facts(report: &Report, zone: Tz) -> String {
    let facts: Vec<String> = format::facts(report, zone)
        .iter()
        .map(|(label, value)| format!("**{label}** {}", text(value, In::Line)))
        .collect();
    format!("{}\n", facts.join(" · "))
}

pub(super) fn is_number(unit: Unit) -> bool {
    matches!(
        unit,
        Unit::Count | Unit::Share | Unit::Difference | Unit::Duration | Unit::Bytes
    )
}

/// True when some row has a value here.
pub(super) fn is_given(table: &Table, at: usize) -> bool {
    let given = |row| *format::shown(table, row, at) != Cell::Null;
    table.rows.is_empty() || table.rows.iter().any(given)
}

/// True when the rows have different values here.
pub(super) fn varies(table: &Table, at: usize) -> bool {
    table
        .rows
        .windows(2)
        .any(|two| format::shown(table, &two[0], at) != format::shown(table, &two[1], at))
}

fn note(tone: Tone, words: &str) -> String {
    format!("- **{}:** {}\n", format::tone(tone), text(words, In::Line))
}

impl<'a> Maker<'a> {
    fn section(&mut self, section: &'a Section) -> Part {
        let mut words: Vec<(&str, &str)> = Vec::new();
        let mut add = |label, meaning: &'static str| {
            if !meaning.is_empty() && !words.contains(&(label, meaning)) {
                words.push((label, meaning));
            }
        };
        let mut pieces = Vec::new();
        let mut stops = Vec::new();
        for (at, block) in section.blocks.iter().enumerate() {
            if let Block::Figures(figures) = block {
                if is_repeated(figures, &section.blocks[..at]) {
                    continue;
                }
                for figure in figures.items.iter().flatten() {
                    add(figure.label, figure.definition);
                }
            }
            if let Some(table) = block.table().filter(|table| table.nested_in.is_none()) {
                for column in &table.columns {
                    if column.place != Place::Machine {
                        add(column.label, column.definition);
                    }
                }
            }
            if let Block::Notes(notes) = block {
                let kept = notes.items.iter();
                let kept = kept.filter(|item| matches!(item.tone, Tone::Urgent | Tone::Stop));
                stops.extend(kept.map(|item| (format::tone(item.tone), escape::line(&item.text))));
            }
            pieces.extend(self.piece(section, block));
            if let Block::Figures(figures) = block {
                pieces.extend(messages(figures).map(|(label, words)| Piece::Message(label, words)));
            }
        }
        let lead = escape::paragraph(&section.lead);
        let opening = if pieces.is_empty() && lead.is_empty() {
            String::new()
        } else {
            format!("## {}\n\n{lead}", escape::heading(section.title))
        };
        Part {
            id: section.id,
            title: section.title,
            opening,
            lead: escape::line(&section.lead),
            stops,
            pieces,
            words: definitions("What these numbers mean", &words),
        }
    }

    fn piece(&mut self, section: &'a Section, block: &'a Block) -> Option<Piece> {
        let whole = |text: String| (!text.is_empty()).then_some(Piece::Whole(text));
        match block {
            Block::Figures(figures) => whole(self.figures(figures)),
            Block::Notes(notes) => whole(notes_text(notes)),
            Block::Table(table) => {
                let target = table.nested_in.and_then(|target| {
                    self.report
                        .sections
                        .iter()
                        .find(|section| section.id == target)
                });
                if let Some(target) = target {
                    let name = if table.title.is_empty() {
                        section.title
                    } else {
                        table.title
                    };
                    return (!table.rows.is_empty()).then_some(Piece::Elsewhere(
                        name,
                        target.id,
                        target.title,
                    ));
                }
                self.drawn(section, table)
            }
        }
    }

    /// The main figures as a table, the others in a line. Messages are not among them.
    pub(super) fn figures(&mut self, figures: &'a Figures) -> String {
        let mut out = String::new();
        let items = match &figures.items {
            Ok(items) => items,
            Err(reason) => return line_of(&escape::paragraph(reason)),
        };
        let change = |figure: &Figure| {
            let previous = figure.previous.as_ref()?;
            format::change(&figure.value, previous, figure.unit)
        };
        let compared = items
            .iter()
            .any(|item| item.main && item.previous.is_some());
        let mut grid = Grid {
            heads: vec![("Figure".to_owned(), false), ("Value".to_owned(), true)],
            rows: Vec::new(),
        };
        if compared {
            grid.heads.push(("Change".to_owned(), true));
            grid.heads.push(("Before".to_owned(), true));
        }
        let (mut short, mut wordy) = (Vec::new(), Vec::new());
        for item in items.iter().filter(|item| !is_message(item)) {
            let value = self.cell(&item.value, item.unit, item.key, In::Cell);
            let label = text(item.label, In::Cell);
            if item.main {
                let mut row = vec![label, value];
                if compared {
                    let before = item.previous.as_ref();
                    let before = before.map(|cell| format::cell(cell, item.unit, self.zone));
                    row.push(text(&change(item).unwrap_or_default(), In::Cell));
                    row.push(text(&before.unwrap_or_default(), In::Cell));
                }
                grid.rows.push(row);
            } else if matches!(item.value, Cell::Text(_)) {
                let value = self.cell(&item.value, item.unit, item.key, In::Line);
                wordy.push(format!("{label}: {value}"));
            } else if item.value != Cell::Null {
                let change = change(item).filter(|change| change != "no change");
                let change = change.map(|change| format!(" ({change})"));
                short.push(format!("{label} **{value}**{}", change.unwrap_or_default()));
            }
        }
        let count = grid.rows.len();
        if count > 0 {
            out.push_str(&grid.markdown(0..count, true));
        }
        if !short.is_empty() {
            let separator = if out.is_empty() { "" } else { "\n" };
            out.push_str(&format!("{separator}{}\n", short.join(" · ")));
        }
        if !wordy.is_empty() && !out.is_empty() {
            out.push('\n');
        }
        for item in wordy {
            out.push_str(&format!("- {item}\n"));
        }
        if !out.is_empty() && !figures.title.is_empty() {
            out.insert_str(0, &format!("### {}\n\n", escape::heading(figures.title)));
        }
        out
    }

    /// A table; `draw` adds what the shape of the block asks for.
    pub(super) fn rows(
        &mut self,
        section: &'a Section,
        table: &'a Table,
        draw: impl FnOnce(&mut Self, &mut Rows),
    ) -> Option<Piece> {
        let title = if table.title == section.title {
            ""
        } else {
            table.title
        };
        let mut intro = String::new();
        if !title.is_empty() {
            intro.push_str(&format!("### {}\n", escape::heading(title)));
        }
        let note = escape::paragraph(&table.note);
        if !note.is_empty() {
            let separator = if intro.is_empty() { "" } else { "\n" };
            intro.push_str(&format!("{separator}{note}\n"));
        }
        if table.rows.is_empty() {
            // A heading over nothing says nothing.
            return (!note.is_empty()).then_some(Piece::Whole(intro));
        }
        let mut rows = Rows {
            name: if title.is_empty() {
                section.title
            } else {
                title
            },
            intro,
            legend: String::new(),
            grid: Grid::default(),
            folded: false,
            drawn: false,
            given: table.rows.len(),
            total: table.total.max(table.rows.len()),
            lists: Vec::new(),
            details: Vec::new(),
            opening: 0,
            foldable: table.rows.iter().any(|row| !row.detail.is_empty()),
        };
        self.grid(&mut rows, table);
        for (at, row) in table.rows.iter().enumerate() {
            if !opens(table, row) {
                continue;
            }
            rows.opening += 1;
            if rows.details.len() < self.details {
                let detail = self.detail(table, row, rows.foldable);
                rows.details.push((at, detail));
            }
        }
        draw(self, &mut rows);
        Some(Piece::Rows(Box::new(rows)))
    }

    /// The cells of a table. Columns without any value are left out; long texts become lists.
    fn grid(&mut self, rows: &mut Rows, table: &'a Table) {
        let names: Vec<(usize, &Column)> = columns(table, Place::Name).collect();
        let under: Vec<(usize, &Column)> = columns(table, Place::Under)
            .filter(|(at, _)| is_given(table, *at) && (varies(table, *at) || table.rows.len() == 1))
            .collect();
        let (long, short): (Vec<_>, Vec<_>) = columns(table, Place::Column)
            .filter(|(at, column)| column.key != "strip" && is_given(table, *at))
            .partition(|(at, column)| PROSE.contains(&column.key) && is_long(table, *at));
        let mut heads = Vec::new();
        if let Some((_, first)) = names.first() {
            heads.push((text(first.label, In::Cell), false));
        }
        if !under.is_empty() {
            let labels: Vec<&str> = under.iter().map(|(_, column)| column.label).collect();
            heads.push((text(&labels.join(" · "), In::Cell), false));
        }
        for (_, column) in &short {
            heads.push((text(column.label, In::Cell), is_number(column.unit)));
        }
        let mut room = self.room;
        let made = table.rows.iter().map_while(|row| {
            if room == 0 {
                return None;
            }
            let mut cells = Vec::with_capacity(heads.len());
            if !names.is_empty() {
                cells.push(self.name(table, row, In::Cell));
            }
            if !under.is_empty() {
                cells.push(self.under(table, row, &names, &under));
            }
            for (at, column) in &short {
                cells.push(self.cell(&row.cells[*at], column.unit, column.key, In::Cell));
            }
            room = room.saturating_sub(cells.iter().map(String::len).sum());
            Some(cells)
        });
        rows.grid.rows = made.collect();
        rows.grid.heads = heads;
        for (at, column) in long {
            let items = table.rows.iter().take(rows.grid.rows.len()).enumerate();
            let items = items.filter(|(_, row)| row.cells[at] != Cell::Null);
            let items = items
                .map(|(place, row)| {
                    let mut name = self.name(table, row, In::Line);
                    for (scan, _) in under.iter().filter(|(_, column)| column.key == "scan") {
                        if let Cell::Text(scan) = &*format::shown(table, row, *scan) {
                            name.push_str(&format!(": {}", text(scan, In::Line)));
                        }
                    }
                    let value = self.message(&row.cells[at], column, In::Line, MESSAGE_LIMIT);
                    (place, format!("- **{name}**: {value}\n"))
                })
                .collect();
            rows.lists.push((column.label, items));
        }
    }

    /// The words that name a row.
    pub(super) fn name(&mut self, table: &'a Table, row: &'a Row, place: In) -> String {
        let parts: Vec<String> = columns(table, Place::Name)
            .map(|(at, column)| match &*format::shown(table, row, at) {
                Cell::Null => format::NOT_NAMED.to_owned(),
                cell => self.cell(cell, column.unit, column.key, place),
            })
            .filter(|part| !part.is_empty())
            .collect();
        if parts.is_empty() {
            "–".to_owned()
        } else {
            parts.join(" ")
        }
    }

    /// The small print under a name. What repeats the name is left out.
    fn under(
        &mut self,
        table: &'a Table,
        row: &'a Row,
        names: &[(usize, &'a Column)],
        under: &[(usize, &'a Column)],
    ) -> String {
        let parts: Vec<String> = under
            .iter()
            .filter(|(at, _)| {
                names
                    .iter()
                    .all(|(name, _)| row.cells[*name] != row.cells[*at])
            })
            .map(|(at, column)| (format::shown(table, row, *at), column))
            .filter(|(cell, _)| **cell != Cell::Null)
            .map(|(cell, column)| self.cell(&cell, column.unit, column.key, In::Cell))
            .collect();
        parts.join(" · ")
    }

    /// How a reader sees a word of the vocabulary.
    pub(super) fn label(&self, word: &str) -> String {
        format::term(&self.report.terms, word)
            .map_or_else(|| word.to_owned(), |term| term.label.to_owned())
    }

    /// One value.
    pub(super) fn cell(&mut self, cell: &Cell, unit: Unit, key: &str, place: In) -> String {
        match (cell, unit) {
            (Cell::Text(word), Unit::Status) => {
                let term = format::term(&self.report.terms, word);
                self.occurring.extend(term.map(|term| term.word));
                text(&self.label(word), place)
            }
            (Cell::Text(id), Unit::Id) => code(id, place),
            (Cell::Text(_), Unit::Message) if PROSE.contains(&key) => {
                text(&format::cell(cell, unit, self.zone), place)
            }
            (Cell::Text(message), Unit::Message) => code(&shortened(message, CELL), place),
            _ => text(&format::cell(cell, unit, self.zone), place),
        }
    }

    /// A long text: one of ours as a sentence, one of the log as code.
    pub(super) fn message(
        &mut self,
        cell: &Cell,
        column: &Column,
        place: In,
        limit: usize,
    ) -> String {
        match cell {
            Cell::Text(words) if PROSE.contains(&column.key) => {
                text(&shortened(words, 2 * limit), place)
            }
            Cell::Text(words) => {
                let words = escape::line(words);
                let (start, rest) = format::cut(&words, limit);
                format!("{}{}", code(start, place), cut_here(rest))
            }
            cell => self.cell(cell, column.unit, column.key, place),
        }
    }
}

/// ` … cut here, 7 more characters`, or nothing.
fn cut_here(rest: usize) -> String {
    if rest == 0 {
        return String::new();
    }
    let rest = format::plural(rest, "more character", "more characters");
    format!(" … cut here, {rest}")
}

/// True for a message of a log. Sentences of ours stand with the other figures.
fn is_message(figure: &Figure) -> bool {
    figure.unit == Unit::Message && !PROSE.contains(&figure.key)
}

/// The messages among some figures, with their labels.
pub(super) fn messages(figures: &Figures) -> impl Iterator<Item = (&'static str, String)> {
    let items = figures.items.iter().flatten();
    items
        .filter(|item| is_message(item))
        .filter_map(|item| match &item.value {
            Cell::Text(words) => Some((item.label, escape::lines(words))),
            _ => None,
        })
}

/// The first so many characters of a message in a fence, under its label.
pub(super) fn fenced(label: &str, words: &str, limit: usize) -> String {
    let (start, rest) = format::cut(words, limit);
    format!(
        "{}{}:\n\n{}",
        text(label, In::Line),
        cut_here(rest),
        chart::fence(start)
    )
}

/// `13`, or `13 of 57`.
pub(super) fn of(shown: usize, total: usize) -> String {
    if total > shown {
        format!("{} of {}", format::size(shown), format::size(total))
    } else {
        format::size(shown)
    }
}

/// A text as a paragraph of its own, or nothing.
pub(super) fn line_of(text: &str) -> String {
    if text.is_empty() {
        String::new()
    } else {
        format!("{text}\n")
    }
}

pub(super) fn shortened(value: &str, limit: usize) -> String {
    let value = escape::line(value);
    let (start, rest) = format::cut(&value, limit);
    if rest > 0 {
        format!("{}…", start.trim_end())
    } else {
        value
    }
}

fn is_long(table: &Table, at: usize) -> bool {
    table
        .rows
        .iter()
        .any(|row| matches!(&row.cells[at], Cell::Text(words) if words.chars().nth(CELL).is_some()))
}

/// True for figures that an earlier block has beside its own, as the values before.
fn is_repeated(figures: &Figures, earlier: &[Block]) -> bool {
    let keys = |figures: &Figures| -> Vec<&str> {
        figures
            .items
            .iter()
            .flatten()
            .map(|item| item.key)
            .collect()
    };
    let wanted = keys(figures);
    !wanted.is_empty()
        && earlier.iter().any(|block| match block {
            Block::Figures(other) => {
                keys(other) == wanted
                    && other
                        .items
                        .iter()
                        .flatten()
                        .all(|item| item.previous.is_some())
            }
            _ => false,
        })
}

pub(super) fn notes_text(notes: &Notes) -> String {
    let lines: Vec<String> = notes
        .items
        .iter()
        .map(|item| note(item.tone, &item.text))
        .collect();
    if lines.len() <= NOTES + 2 {
        return lines.concat();
    }
    let rest = format!("{} more notes", format::size(lines.len() - NOTES));
    format!(
        "{}\n{}",
        lines[..NOTES].concat(),
        folded(&rest, &lines[NOTES..].concat())
    )
}
