//! What opens under a row: its other values, its messages, its blocks.

use super::escape::{In, html, text};
use super::grid::Grid;
use super::view::{
    CELL, Maker, PROSE, fenced, folded, is_given, is_number, messages, notes_text, of, shortened,
    varies,
};
use crate::render::format::{self, MESSAGE_LIMIT, columns};
use crate::report::{Block, Cell, Column, Place, Row, Table, Unit};

/// Rows of a table in the detail of a row.
const INNER_ROWS: usize = 13;

/// Different messages in the detail of a row.
const INNER_MESSAGES: usize = 3;

/// Messages that have this many first characters in common are shown once.
const ALIKE: usize = 60;

/// A message and the rows that have it.
struct Found<'a> {
    message: &'a Cell,
    names: Vec<String>,
    /// All rows have it word for word.
    same: bool,
}

/// True when there is something to open under a row. Ids alone, such as the check sums of files, are for machines.
pub(super) fn opens(table: &Table, row: &Row) -> bool {
    let mut given = columns(table, Place::Detail).filter(|(at, _)| row.cells[*at] != Cell::Null);
    !row.detail.is_empty() || given.any(|(_, column)| column.unit != Unit::Id)
}

impl<'a> Maker<'a> {
    /// What opens under a row of a section's table: its other values, its messages, its blocks.
    pub(super) fn detail(&mut self, table: &'a Table, row: &'a Row, foldable: bool) -> String {
        let (facts, messages) = self.facts(table, row);
        if !foldable {
            let mut parts = Vec::new();
            if !facts.is_empty() {
                parts.push(facts);
            }
            parts.extend(messages);
            let name = self.name(table, row, In::Line);
            return format!("- **{name}**: {}\n", parts.join(" · "));
        }
        let mut inside = String::new();
        if !facts.is_empty() {
            inside.push_str(&format!("{facts}\n\n"));
        }
        for message in messages {
            inside.push_str(&format!("- {message}\n"));
        }
        for block in &row.detail {
            if !inside.is_empty() && !inside.ends_with("\n\n") {
                inside.push('\n');
            }
            inside.push_str(&self.inner(block, 0));
        }
        folded(&self.summary(table, row), &inside)
    }

    /// The values of a row that have no column, in a line, and its messages.
    fn facts(&mut self, table: &'a Table, row: &'a Row) -> (String, Vec<String>) {
        let (mut facts, mut messages) = (Vec::new(), Vec::new());
        for (at, column) in columns(table, Place::Detail) {
            let cell = &row.cells[at];
            if *cell == Cell::Null {
                continue;
            }
            let label = text(column.label, In::Line);
            if column.unit == Unit::Message {
                let value = self.message(cell, column, In::Line, MESSAGE_LIMIT);
                messages.push(format!("{label}: {value}"));
            } else {
                let value = self.cell(cell, column.unit, column.key, In::Line);
                facts.push(format!("{label} {value}"));
            }
        }
        (facts.join(" · "), messages)
    }

    /// The words on the switch of a row, as HTML: its name, and how many rows open.
    fn summary(&mut self, table: &'a Table, row: &'a Row) -> String {
        let named = columns(table, Place::Name);
        let under = columns(table, Place::Under).filter(|(at, _)| varies(table, *at));
        let mut words: Vec<String> = Vec::new();
        for (at, column) in named.chain(under) {
            let cell = format::shown(table, row, at);
            let value = match (&*cell, column.place) {
                (Cell::Null, Place::Name) => format::NOT_NAMED.to_owned(),
                (Cell::Null, _) => continue,
                (Cell::Text(word), _) if column.unit == Unit::Status => self.label(word),
                (cell, _) => format::cell(cell, column.unit, self.zone),
            };
            let value = html(&shortened(&value, CELL));
            if !words.contains(&value) {
                words.push(value);
            }
        }
        for block in &row.detail {
            if let Some(table) = block.table().filter(|table| !table.title.is_empty()) {
                words.push(html(&format!(
                    "{}: {}",
                    table.title.to_lowercase(),
                    of(table.rows.len().min(INNER_ROWS), table.total)
                )));
            }
        }
        words.join(" · ")
    }

    /// A block in the detail of a row. Children of children are left to other formats.
    fn inner(&mut self, block: &'a Block, depth: usize) -> String {
        match block {
            Block::Figures(figures) => {
                let messages = messages(figures)
                    .map(|(label, words)| format!("\n{}", fenced(label, &words, MESSAGE_LIMIT)));
                self.figures(figures) + &messages.collect::<String>()
            }
            Block::Notes(notes) => notes_text(notes),
            Block::Table(table) => self.inner_table(table, depth),
        }
    }

    fn inner_table(&mut self, table: &'a Table, depth: usize) -> String {
        if table.rows.is_empty() {
            return String::new();
        }
        let id = columns(table, Place::Under)
            .chain(columns(table, Place::Detail))
            .find(|(_, column)| column.unit == Unit::Id);
        let shown: Vec<(usize, &Column)> = columns(table, Place::Column)
            .filter(|(at, column)| column.unit != Unit::Message && is_given(table, *at))
            .chain(id)
            .collect();
        let mut grid = Grid::default();
        if let Some((_, first)) = columns(table, Place::Name).next() {
            grid.heads.push((text(first.label, In::Cell), false));
        }
        let named = !grid.heads.is_empty();
        for (_, column) in &shown {
            grid.heads
                .push((text(column.label, In::Cell), is_number(column.unit)));
        }
        for row in table.rows.iter().take(INNER_ROWS) {
            let name = named.then(|| self.name(table, row, In::Cell));
            let cells = shown
                .iter()
                .map(|(at, column)| self.cell(&row.cells[*at], column.unit, column.key, In::Cell));
            grid.rows.push(name.into_iter().chain(cells).collect());
        }
        let mut out = String::new();
        if !table.title.is_empty() {
            out.push_str(&format!("**{}**\n\n", text(table.title, In::Line)));
        }
        let rows = grid.rows.len();
        if !grid.heads.is_empty() {
            out.push_str(&grid.markdown(0..rows, true));
        }
        if table.total > rows {
            out.push_str(&format!(
                "\n… and {} more\n",
                format::size(table.total - rows)
            ));
        }
        out.push_str(&self.inner_messages(table));
        for row in table.rows.iter().take(INNER_ROWS) {
            for block in &row.detail {
                let inner = if depth < 2 {
                    self.inner(block, depth + 1)
                } else {
                    String::new()
                };
                if !inner.is_empty() {
                    let name = self.name(table, row, In::Line);
                    out.push_str(&format!("\nUnder {name}:\n\n{inner}"));
                }
            }
        }
        out
    }

    /// The different messages of the rows, each with the rows that have it. Messages that begin alike differ
    /// in ids and times, so the first of them stands for all.
    fn inner_messages(&mut self, table: &'a Table) -> String {
        let mut out = String::new();
        let messages = columns(table, Place::Detail)
            .filter(|(_, column)| column.unit == Unit::Message && !PROSE.contains(&column.key));
        for (at, column) in messages {
            let start = |cell: &Cell| match cell {
                Cell::Text(words) => format::cut(words, ALIKE).0.to_owned(),
                _ => String::new(),
            };
            let mut found: Vec<Found<'_>> = Vec::new();
            for row in table.rows.iter().take(INNER_ROWS) {
                let cell = &row.cells[at];
                if *cell == Cell::Null {
                    continue;
                }
                let name = self.name(table, row, In::Line);
                match found
                    .iter_mut()
                    .find(|known| start(known.message) == start(cell))
                {
                    Some(known) => {
                        known.names.push(name);
                        known.same &= known.message == cell;
                    }
                    None => found.push(Found {
                        message: cell,
                        names: vec![name],
                        same: true,
                    }),
                }
            }
            if found.is_empty() {
                continue;
            }
            out.push_str(&format!("\n{}:\n\n", text(column.label, In::Line)));
            for known in found.iter().take(INNER_MESSAGES) {
                let value = self.message(known.message, column, In::Line, MESSAGE_LIMIT);
                let names = match (known.names.as_slice(), known.same) {
                    ([first, _, _, _, ..], true) => {
                        format!("{first} and {} more", known.names.len() - 1)
                    }
                    ([first, rest @ ..], false) => {
                        format!("{first}, and {} more that begin alike", rest.len())
                    }
                    (names, _) => names.join(", "),
                };
                out.push_str(&format!("- {value} ({names})\n"));
            }
            if found.len() > INNER_MESSAGES {
                out.push_str(&format!(
                    "- … and {}\n",
                    format::plural(found.len() - INNER_MESSAGES, "other", "others")
                ));
            }
        }
        out
    }
}
