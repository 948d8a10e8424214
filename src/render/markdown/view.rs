//! Makes the pieces of a report from the document: finished Markdown that `plan` puts together.

use std::collections::BTreeSet;

use chrono_tz::Tz;

use super::chart;
use super::escape::{self, In, code, html, text};
use super::grid::Grid;
use crate::render::format::{self, MESSAGE_LIMIT};
use crate::report::{
    Bars, Block, Cell, Column, Figure, Figures, Notes, Place, Ranges, Report, Row, Section, Strips,
    Table, Tone, Unit,
};

/// More buckets than this are drawn as little bars; the numbers are folded away.
const BUCKETS: usize = 14;

/// A message in a cell is cut after this many characters; the whole stands in the detail of its row.
const CELL: usize = 80;

/// Notes shown when there are more; the others are folded away.
const NOTES: usize = 5;

/// Rows of a table in the detail of a row.
const INNER_ROWS: usize = 13;

/// Different messages in the detail of a row.
const INNER_MESSAGES: usize = 3;

/// Messages that have this many first characters in common are shown once.
const ALIKE: usize = 60;

/// Sentences of ours, although they are long: they are no code.
const PROSE: [&str; 5] = [
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
    /// Notes that the numbers cannot be relied on.
    pub(super) stops: Vec<String>,
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
    /// Rows that stand in the details of another section: its id and title.
    Elsewhere(&'static str, &'static str),
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

struct Maker<'a> {
    report: &'a Report,
    zone: Tz,
    most: usize,
    details: usize,
    occurring: BTreeSet<&'a str>,
}

/// Makes the pieces of a report, of each table at most so many rows, of which at most so many open.
pub(super) fn document(report: &Report, zone: Tz, most: usize, details: usize) -> Document {
    let mut maker = Maker {
        report,
        zone,
        most,
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
        facts: facts(report),
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

fn facts(report: &Report) -> String {
    let window = &report.window;
    let span = |first, last| {
        if first == last {
            format::date(first)
        } else {
            format!("{} to {}", format::date(first), format::date(last))
        }
    };
    let days = format::plural(usize::try_from(window.days).unwrap_or(0), "day", "days");
    let before = match &window.previous {
        Some(previous) => span(previous.first, previous.last),
        None => "nothing, no earlier data".to_owned(),
    };
    format!(
        "**Period** {} ({days}) · **compared with** {before} · **as of** {} · **time zone** {}\n",
        span(window.first, window.last),
        format::date(report.as_of),
        text(&report.time_zone, In::Line)
    )
}

fn is_number(unit: Unit) -> bool {
    matches!(
        unit,
        Unit::Count | Unit::Share | Unit::Duration | Unit::Bytes
    )
}

/// The columns shown in a place, with their positions. Without a name there is nothing to stand under.
fn columns(table: &Table, wanted: Place) -> impl Iterator<Item = (usize, &Column)> {
    let named = table
        .columns
        .iter()
        .any(|column| column.place == Place::Name);
    table.columns.iter().enumerate().filter(move |(_, column)| {
        let place = match column.place {
            Place::Under if !named => Place::Column,
            place => place,
        };
        place == wanted
    })
}

/// True when some row has a value here.
fn is_given(table: &Table, at: usize) -> bool {
    table.rows.is_empty() || table.rows.iter().any(|row| row.cells[at] != Cell::Null)
}

/// True when the rows have different values here.
fn varies(table: &Table, at: usize) -> bool {
    table
        .rows
        .windows(2)
        .any(|two| two[0].cells[at] != two[1].cells[at])
}

fn note(tone: Tone, words: &str) -> String {
    let tone = match tone {
        Tone::Info => "Note",
        Tone::Warning => "Check",
        Tone::Stop => "Stop",
    };
    format!("- **{tone}:** {}\n", text(words, In::Line))
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
                let stop = notes.items.iter().filter(|item| item.tone == Tone::Stop);
                stops.extend(stop.map(|item| escape::line(&item.text)));
            }
            pieces.extend(self.piece(section, block));
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
            Block::Grid(table) => self.rows(section, table, |maker, rows| maker.shade(rows, table)),
            Block::Table(table) => {
                let target = table.nested_in.and_then(|target| {
                    self.report
                        .sections
                        .iter()
                        .find(|section| section.id == target)
                });
                if let Some(target) = target {
                    return (!table.rows.is_empty())
                        .then_some(Piece::Elsewhere(target.id, target.title));
                }
                self.rows(section, table, |_, _| {})
            }
            Block::Bars(bars) => self.bars(section, bars),
            Block::Strips(strips) => self.rows(section, &strips.table, |maker, rows| {
                maker.strips(rows, strips);
            }),
            Block::Ranges(ranges) => self.rows(section, &ranges.table, |_, rows| {
                rows.grid.heads.push(("Drawn".to_owned(), false));
                for (row, bar) in rows.grid.rows.iter_mut().zip(chart::ranges(ranges)) {
                    row.push(bar);
                }
                rows.legend = line_of(&chart::range_legend(ranges));
            }),
        }
    }

    /// The main figures as a table, the others in a line.
    fn figures(&mut self, figures: &'a Figures) -> String {
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
        for item in items {
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
        for line in wordy {
            out.push_str(&format!("\n{line}\n"));
        }
        if !out.is_empty() && !figures.title.is_empty() {
            out.insert_str(0, &format!("### {}\n\n", escape::heading(figures.title)));
        }
        out
    }

    /// A table; `draw` adds what the shape of the block asks for.
    fn rows(
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
        for (at, row) in table.rows.iter().take(self.most).enumerate() {
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
        let shown = table.rows.iter().take(self.most);
        let made = shown.map(|row| {
            let mut cells = Vec::with_capacity(heads.len());
            if !names.is_empty() {
                cells.push(self.name(table, row, In::Cell));
            }
            if !under.is_empty() {
                cells.push(self.under(row, &names, &under));
            }
            for (at, column) in &short {
                cells.push(self.cell(&row.cells[*at], column.unit, column.key, In::Cell));
            }
            cells
        });
        rows.grid.rows = made.collect();
        rows.grid.heads = heads;
        for (at, column) in long {
            let items = table.rows.iter().take(self.most).enumerate();
            let items = items.filter(|(_, row)| row.cells[at] != Cell::Null);
            let items = items
                .map(|(place, row)| {
                    let name = self.name(table, row, In::Line);
                    let value = self.message(&row.cells[at], column, In::Line, MESSAGE_LIMIT);
                    (place, format!("- **{name}**: {value}\n"))
                })
                .collect();
            rows.lists.push((column.label, items));
        }
    }

    /// The words that name a row.
    fn name(&mut self, table: &'a Table, row: &'a Row, place: In) -> String {
        let parts: Vec<String> = columns(table, Place::Name)
            .map(|(at, column)| match &row.cells[at] {
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
        row: &'a Row,
        names: &[(usize, &'a Column)],
        under: &[(usize, &'a Column)],
    ) -> String {
        let parts: Vec<String> = under
            .iter()
            .filter(|(at, _)| {
                row.cells[*at] != Cell::Null
                    && names
                        .iter()
                        .all(|(name, _)| row.cells[*name] != row.cells[*at])
            })
            .map(|(at, column)| self.cell(&row.cells[*at], column.unit, column.key, In::Cell))
            .collect();
        parts.join(" · ")
    }

    /// What opens under a row of a section's table: its other values, its messages, its blocks.
    fn detail(&mut self, table: &'a Table, row: &'a Row, foldable: bool) -> String {
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
            let cell = &row.cells[at];
            let value = match (cell, column.place) {
                (Cell::Null, Place::Name) => format::NOT_NAMED.to_owned(),
                (Cell::Null, _) => continue,
                (Cell::Text(word), _) if column.unit == Unit::Status => self.label(word),
                _ => format::cell(cell, column.unit, self.zone),
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
            Block::Figures(figures) => self.figures(figures),
            Block::Notes(notes) => notes_text(notes),
            Block::Bars(Bars { table, .. })
            | Block::Table(table)
            | Block::Strips(Strips { table, .. })
            | Block::Ranges(Ranges { table, .. })
            | Block::Grid(table) => self.inner_table(table, depth),
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
            let mut found: Vec<(&Cell, Vec<String>)> = Vec::new();
            for row in table.rows.iter().take(INNER_ROWS) {
                let cell = &row.cells[at];
                if *cell == Cell::Null {
                    continue;
                }
                let name = self.name(table, row, In::Line);
                match found
                    .iter_mut()
                    .find(|(known, _)| start(known) == start(cell))
                {
                    Some((_, names)) => names.push(name),
                    None => found.push((cell, vec![name])),
                }
            }
            if found.is_empty() {
                continue;
            }
            out.push_str(&format!("\n{}:\n\n", text(column.label, In::Line)));
            for (cell, names) in found.iter().take(INNER_MESSAGES) {
                let value = self.message(cell, column, In::Line, MESSAGE_LIMIT);
                let names = match names.as_slice() {
                    [first, _, _, _, ..] => {
                        format!("{first}, and {} more that begin alike", names.len() - 1)
                    }
                    names => names.join(", "),
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

    /// A few buckets as a table with a bar in each row, many as two lines of little bars.
    fn bars(&mut self, section: &'a Section, bars: &'a Bars) -> Option<Piece> {
        let table = &bars.table;
        let by = self.report.window.by;
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
        for (at, row) in table.rows.iter().enumerate().take(self.most) {
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
                rows.grid.heads.push(("Drawn".to_owned(), false));
                for (row, bar) in rows.grid.rows.iter_mut().zip(chart::stacked(bars)) {
                    row.push(bar);
                }
                rows.legend = line_of(&chart::stack_legend(bars));
            } else if let Some(drawn) = chart::sparklines(bars, by) {
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
    fn strips(&mut self, rows: &mut Rows, strips: &'a Strips) {
        let Some(at) = chart::position(&strips.table, "strip") else {
            return;
        };
        let letters: Vec<&str> = strips
            .table
            .rows
            .iter()
            .map(|row| match &row.cells[at] {
                Cell::Text(letters) => letters.as_str(),
                _ => "",
            })
            .collect();
        rows.grid
            .heads
            .push((text(strips.table.columns[at].label, In::Cell), false));
        for (row, letters) in rows.grid.rows.iter_mut().zip(&letters) {
            row.push(code(&chart::strip(letters), In::Cell));
        }
        let legend = chart::strip_legend(&letters.concat(), &self.report.terms);
        if let (Some(first), Some(last), false) = (
            strips.buckets.first(),
            strips.buckets.last(),
            legend.is_empty(),
        ) {
            rows.legend = line_of(&format!(
                "{}: one mark for each {} from {} to {}; {legend}.",
                text(strips.table.columns[at].label, In::Line),
                self.report.window.by,
                format::date(first.first),
                format::date(last.last)
            ));
        }
    }

    /// Draws a grid above the numbers.
    fn shade(&mut self, rows: &mut Rows, table: &'a Table) {
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

    /// How a reader sees a word of the vocabulary.
    fn label(&self, word: &str) -> String {
        format::term(&self.report.terms, word)
            .map_or_else(|| word.to_owned(), |term| term.label.to_owned())
    }

    /// One value.
    fn cell(&mut self, cell: &'a Cell, unit: Unit, key: &str, place: In) -> String {
        match (cell, unit) {
            (Cell::Text(word), Unit::Status) => {
                self.occurring.insert(word);
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
    fn message(&mut self, cell: &'a Cell, column: &Column, place: In, limit: usize) -> String {
        match cell {
            Cell::Text(words) if PROSE.contains(&column.key) => {
                text(&shortened(words, 2 * limit), place)
            }
            Cell::Text(words) => {
                let words = escape::line(words);
                let (start, rest) = format::cut(&words, limit);
                let cut = if rest > 0 {
                    format!(
                        " … cut here, {}",
                        format::plural(rest, "more character", "more characters")
                    )
                } else {
                    String::new()
                };
                format!("{}{cut}", code(start, place))
            }
            cell => self.cell(cell, column.unit, column.key, place),
        }
    }
}

/// `13`, or `13 of 57`.
pub(super) fn of(shown: usize, total: usize) -> String {
    if total > shown {
        format!("{} of {}", format::size(shown), format::size(total))
    } else {
        format::size(shown)
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

/// A text as a paragraph of its own, or nothing.
fn line_of(text: &str) -> String {
    if text.is_empty() {
        String::new()
    } else {
        format!("{text}\n")
    }
}

fn shortened(value: &str, limit: usize) -> String {
    let value = escape::line(value);
    let (start, rest) = format::cut(&value, limit);
    if rest > 0 {
        format!("{}…", start.trim_end())
    } else {
        value
    }
}

/// True when there is something to open under a row. Ids alone, such as the check sums of files, are for machines.
fn opens(table: &Table, row: &Row) -> bool {
    let mut given = columns(table, Place::Detail).filter(|(at, _)| row.cells[*at] != Cell::Null);
    !row.detail.is_empty() || given.any(|(_, column)| column.unit != Unit::Id)
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

fn notes_text(notes: &Notes) -> String {
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
