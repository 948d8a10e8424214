//! Prepares tables: which columns are shown where, what opens under a row, and what can be filtered.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::markup::Markup;
use super::view::{BlockView, Views};
use super::{part, range, shed, strip};
use crate::render::format::{self, columns};
use crate::report::{Block, Cell, Column, Drawing, Place, Report, Row, Section, Table, Term, Unit};

/// Filters offer this many values; the rest is one more, called `Other`.
const CHIPS: usize = 23;

/// Rows of a long table that are shown at first, and rows that it has at most.
const FOLD: usize = 10;
const MOST_FOLDED: usize = 300;

/// Rows of a table on the page, such as the files of a call: a page is for reading.
pub(super) const ROWS: usize = 1_000;

/// A table. The template shows `elsewhere` instead of the rows, where that is given.
#[derive(Serialize)]
pub(super) struct TableView<'a> {
    pub(super) title: &'a str,
    caption: &'a str,
    pub(super) note: Cow<'a, str>,
    /// Identifier of the heading and name of the filter; empty in the detail of a row.
    id: String,
    /// Classes that align the columns; `two` where names have a second line.
    shape: String,
    named: bool,
    head: Vec<HeadView<'a>>,
    /// Number of columns, for the cell that spans them all.
    width: usize,
    /// Number of rows.
    height: usize,
    body: Vec<Piece<'a>>,
    /// What the marks of a drawn column mean.
    legend: Option<Scale>,
    /// Messages stand in one cell beside the name.
    said: bool,
    /// The longest words on a row's switch, or empty when no row opens. Reserves its room.
    opens: String,
    /// `Showing 13 of 57.`, or empty.
    shown: String,
    /// Where the rows are: the section's identifier and title.
    elsewhere: Option<(&'a str, &'a str)>,
    filters: Vec<FilterView<'a>>,
    /// Rows that are shown until the reader asks for all of them, or nothing.
    pub(super) fold: Option<usize>,
    aside: bool,
    definitions: Vec<(&'a str, &'a str)>,
}

#[derive(Serialize)]
struct HeadView<'a> {
    label: Cow<'a, str>,
    under: String,
    /// What its cells are sorted as: `n` numbers, `d` times and dates, `t` words; empty where sorting says nothing.
    sort: &'static str,
    /// The scale of a drawn column.
    scale: Option<Scale>,
}

/// A column that is drawn. It stands after the name, before the columns of the table.
struct Drawn {
    label: &'static str,
    /// The column whose letters it draws, by key. It is not shown as text.
    instead: &'static str,
    scale: Scale,
    cells: Vec<Option<Mark>>,
}

/// What the rows of a drawn column have in common, named by the kind of drawing.
#[derive(Clone, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
enum Scale {
    Strip(strip::Scale),
    Range(range::Scale),
    Part(part::Scale),
}

/// A drawn cell.
enum Mark {
    Strip(strip::Strip),
    Range(range::Range),
    Part(part::Bar),
}

#[derive(Serialize)]
struct FilterView<'a> {
    /// The letter of its classes.
    letter: char,
    label: &'a str,
    chips: Vec<(String, String)>,
}

/// Rows, up to the blocks in the detail of one, and those blocks.
#[derive(Serialize)]
struct Piece<'a> {
    markup: Markup,
    blocks: Vec<BlockView<'a>>,
}

struct RowView<'a> {
    anchor: &'a str,
    /// Classes of the filter values: `a0 b2`.
    chips: String,
    /// The name and the scan, to say which row a switch opens.
    called: String,
    name: Markup,
    under: Markup,
    drawn: Option<Mark>,
    /// All other cells of the row.
    cells: Markup,
    /// Labels and messages that stand beside the name.
    said: Markup,
    /// Words on the switch that opens the row, or empty.
    opens: String,
    /// Labels and values in groups: words, times, amounts.
    facts: Vec<Markup>,
    messages: Markup,
    blocks: Vec<BlockView<'a>>,
}

impl<'a> Views<'a> {
    /// `section` is the section, or nothing in the detail of a row.
    pub(super) fn table(
        &mut self,
        table: &'a Table,
        section: Option<&'a Section>,
    ) -> TableView<'a> {
        let mut drawing = self.drawing_of(table);

        let columns = |wanted| columns(table, wanted);
        let named = columns(Place::Name).next().is_some();
        let mut view = TableView {
            title: table.title,
            caption: match section {
                Some(section) if table.title.is_empty() => section.title,
                _ => table.title,
            },
            note: format::text(&table.note),
            id: section.map_or_else(String::new, |section| {
                format!("{}-{}", section.id, table.id)
            }),
            shape: String::new(),
            named,
            head: Vec::new(),
            width: 0,
            height: 0,
            body: Vec::new(),
            legend: None,
            said: false,
            opens: String::new(),
            shown: String::new(),
            elsewhere: None,
            filters: Vec::new(),
            fold: None,
            aside: table.aside,
            definitions: Vec::new(),
        };
        let messages = || columns(Place::Column).filter(|(_, column)| column.unit == Unit::Message);
        let layout = Layout {
            explained: section.is_some(),
            instead: drawing.as_ref().map_or("", |drawing| drawing.instead),
            said: named && section.is_some() && messages().count() > 1,
        };
        let is_folded = table.filters.is_empty() && !layout.said;
        let kept: Vec<&Row> = if section.is_some() {
            let most = if is_folded { MOST_FOLDED } else { ROWS };
            let shown = self.shed.rows(table, most);
            table.rows.iter().take(shown).collect()
        } else {
            let rows = table.rows.iter().take(ROWS);
            rows.filter(|row| self.shed.keeps_run(table, row)).collect()
        };
        if kept.is_empty() && !table.rows.is_empty() {
            view.note = Cow::Borrowed("Left out to keep this page small.");
        }
        if table.total > kept.len() {
            let all = if table.total == table.rows.len() {
                " The JSON report has all of them."
            } else {
                ""
            };
            view.shown = format!(
                "Showing {} of {}.{all}",
                format::size(kept.len()),
                format::size(table.total)
            );
        }
        if let (Some(target), Some(_)) = (table.nested_in, section)
            && let Some(target) = self
                .report
                .sections
                .iter()
                .find(|section| section.id == target)
        {
            view.elsewhere = Some((target.id, target.title));
            return view;
        }

        if named {
            let under = columns(Place::Under)
                .map(|(_, column)| column.label)
                .collect::<Vec<_>>()
                .join(", ");
            let label = columns(Place::Name)
                .next()
                .map_or("", |(_, column)| column.label);
            if !under.is_empty() {
                view.shape.push_str("two");
            }
            view.head.push(HeadView {
                label: Cow::Borrowed(label),
                under,
                sort: "t",
                scale: None,
            });
        }
        if let Some(drawing) = &drawing {
            view.legend = Some(drawing.scale.clone());
            view.head.push(HeadView {
                label: Cow::Borrowed(drawing.label),
                under: String::new(),
                sort: "",
                scale: Some(drawing.scale.clone()),
            });
        }
        view.said = layout.said;
        if layout.said {
            let labels: Vec<&str> = messages().map(|(_, column)| column.label).collect();
            view.head.push(HeadView {
                label: Cow::Owned(labels.join(", ")),
                under: String::new(),
                sort: "",
                scale: None,
            });
        }
        for (_, column) in columns(Place::Column).filter(|(_, column)| layout.shows(column)) {
            view.head.push(HeadView {
                label: Cow::Borrowed(column.label),
                under: layout
                    .below(table, column)
                    .map_or_else(String::new, |(_, below)| below.label.to_owned()),
                sort: sort(column.unit),
                scale: None,
            });
            let class = match column.unit {
                Unit::Count | Unit::Share | Unit::Difference | Unit::Duration | Unit::Bytes => 'n',
                Unit::Text | Unit::Message | Unit::Link => 't',
                Unit::Id | Unit::Status | Unit::Time | Unit::Date | Unit::Flag => continue,
            };
            if !view.shape.is_empty() {
                view.shape.push(' ');
            }
            view.shape.push(class);
            view.shape.push_str(&view.head.len().to_string());
        }
        self.columns = self.columns.max(view.head.len());
        let has_meaning =
            |column: &&Column| !column.definition.is_empty() && column.place != Place::Machine;
        view.definitions = table
            .columns
            .iter()
            .filter(has_meaning)
            .map(|column| (column.label, column.definition))
            .collect();

        let mut chips = Vec::new();
        if section.is_some() {
            for (letter, key) in ('a'..='z').zip(&table.filters) {
                let (filter, places) = self.filter(table, key, letter);
                view.filters.extend(filter);
                chips.push((letter, places));
            }
        }
        // Where readers filter or read on, nothing is folded.
        let foldable = section.is_some() && is_folded;
        view.fold = (foldable && kept.len() > FOLD + FOLD / 2).then_some(FOLD);
        let mut rows = Vec::with_capacity(kept.len());
        for (index, row) in kept.into_iter().enumerate() {
            let mut classes = Vec::new();
            for (letter, places) in &chips {
                classes.extend(places.get(index).map(|place| format!("{letter}{place}")));
            }
            let mut row = self.row(table, row, classes.join(" "), layout);
            row.drawn = drawing
                .as_mut()
                .and_then(|drawing| drawing.cells.get_mut(index)?.take());
            if row.opens.len() > view.opens.len() {
                view.opens.clone_from(&row.opens);
            }
            rows.push(row);
        }
        view.width = view.head.len() + usize::from(!view.opens.is_empty());
        view.height = rows.len();
        view.body = view.body(rows);
        view
    }

    /// What is drawn in the rows of a table, where something is.
    fn drawing_of(&mut self, table: &'a Table) -> Option<Drawn> {
        let report = self.report;
        match table.drawing.as_ref()? {
            Drawing::Strips { buckets } => {
                let by = report.window.by;
                let (scale, cells) = strip::strips(table, buckets, &report.terms, by, ROWS)?;
                let at = table.columns.iter().position(|c| c.key == "strip")?;
                for row in table.rows.iter().take(ROWS) {
                    if let Some(Cell::Text(letters)) = row.cells.get(at) {
                        strip::words(letters).for_each(|word| self.occurs_as(word));
                    }
                }
                Some(Drawn {
                    label: table.columns[at].label,
                    instead: "strip",
                    scale: Scale::Strip(scale),
                    cells: cells
                        .into_iter()
                        .map(|cell| cell.map(Mark::Strip))
                        .collect(),
                })
            }
            Drawing::Ranges { keys } => {
                let (scale, cells) = range::ranges(table, keys, self.drawing())?;
                Some(Drawn {
                    label: "On one scale",
                    instead: "",
                    scale: Scale::Range(scale),
                    cells: cells
                        .into_iter()
                        .map(|cell| Some(Mark::Range(cell)))
                        .collect(),
                })
            }
            Drawing::Share { key } => Some(bars(part::shares(table, key)?)),
            Drawing::Parts { whole, parts, rest } => {
                Some(bars(part::parts(table, whole, parts, rest)?))
            }
            // Drawn above the table.
            Drawing::Bars { .. } | Drawing::Shades => None,
        }
    }

    fn row(
        &mut self,
        table: &'a Table,
        row: &'a Row,
        chips: String,
        layout: Layout,
    ) -> RowView<'a> {
        let words = self.words;
        let explained = layout.explained;
        let mut view = RowView {
            anchor: row
                .anchor
                .as_deref()
                .filter(|anchor| self.anchors.insert(anchor))
                .unwrap_or(""),
            chips,
            called: String::new(),
            name: Markup::default(),
            under: Markup::default(),
            drawn: None,
            cells: Markup::default(),
            said: Markup::default(),
            opens: String::new(),
            facts: Vec::new(),
            messages: Markup::default(),
            blocks: Vec::new(),
        };
        let outside = self.shed.enter(shed::is_healthy(table, row));
        view.blocks = row
            .detail
            .iter()
            .map(|block| self.block(block, None))
            .collect();
        self.shed.enter(outside);
        let mut called: Vec<String> = Vec::new();
        for (at, column) in columns(table, Place::Name) {
            if !view.name.is_empty() {
                view.name.raw(" ");
            }
            self.occurs(&row.cells[at], column.unit);
            let cell = format::shown(table, row, at);
            called.push(match (&*cell, column.unit) {
                (Cell::Null, _) => format::NOT_NAMED.to_owned(),
                (Cell::Text(word), Unit::Status) => label(words.terms, word).into_owned(),
                (cell, unit) => format::cell(cell, unit, words.zone),
            });
            let end = self.link(&mut view.name, row, column);
            if *cell == Cell::Null {
                view.name.raw(format::NOT_NAMED);
            } else {
                words.cell(&mut view.name, &cell, column.unit, explained);
            }
            view.name.raw(end);
        }
        for (at, column) in columns(table, Place::Under) {
            let cell = format::shown(table, row, at);
            if *cell == Cell::Null {
                continue;
            }
            if column.key == "scan" {
                called.push(format::cell(&cell, column.unit, words.zone));
            }
            // Each on its own, so that a name written from right to left does not turn the next one.
            view.under.raw(if view.under.is_empty() {
                "<bdi>"
            } else {
                " · <bdi>"
            });
            self.occurs(&row.cells[at], column.unit);
            let end = self.link(&mut view.under, row, column);
            words.cell(&mut view.under, &cell, column.unit, explained);
            view.under.raw(end);
            view.under.raw("</bdi>");
        }
        if explained {
            view.called = called.join(", ");
        }
        let no_data = table
            .columns
            .iter()
            .position(|column| column.key == "no_data");
        let absent = no_data.is_some_and(|at| row.cells[at] == Cell::Bool(true));
        for (cell, column) in cells(table, row, Place::Column) {
            // A day outside the data is not a day without a run.
            let cell = match column.unit {
                Unit::Count if absent => &Cell::Null,
                _ => cell,
            };
            if layout.said && column.unit == Unit::Message && *cell != Cell::Null {
                words.fact(&mut view.said, column, cell, None);
            }
            if !layout.shows(column) {
                continue;
            }
            view.cells.raw(match (cell, column.unit, column.key) {
                (Cell::Int(0), Unit::Count, _) if explained => "<td class=\"zero\">",
                (Cell::Int(_), Unit::Count, "failed") if explained => "<td class=\"bad\">",
                _ if layout.said => "<td role=\"cell\">",
                _ => "<td>",
            });
            self.occurs(cell, column.unit);
            words.cell(&mut view.cells, cell, column.unit, explained);
            if let Some((at, below)) = layout.below(table, column)
                && let Some(cell) = row.cells.get(at)
            {
                view.cells.raw("<small>");
                words.cell(&mut view.cells, cell, below.unit, explained);
                view.cells.raw("</small>");
            }
        }
        self.facts(&mut view, table, row);
        let has_facts = !view.facts.is_empty() || !view.messages.is_empty();
        view.opens = opens(row, &view.blocks, has_facts);
        view
    }

    /// Begins the link of a cell to a row that tells more, where the page has that row. Returns the end of the link.
    fn link(&self, out: &mut Markup, row: &Row, column: &Column) -> &'static str {
        match &row.target {
            Some(target)
                if target.column == column.key && self.linkable.contains(&*target.anchor) =>
            {
                out.raw("<a href=\"#");
                out.text(&target.anchor);
                out.raw("\">");
                "</a>"
            }
            _ => "",
        }
    }

    /// The detail of a row as labels and values. Values that the export does not give are left out.
    ///
    /// A row that is named by a time says its date there, so the other times of that date show the
    /// clock only.
    fn facts(&mut self, view: &mut RowView<'a>, table: &'a Table, row: &'a Row) {
        let words = self.words;
        let with_values = !shed::is_of_runs(table) || self.shed.keeps_values();
        let today = cells(table, row, Place::Name).find_map(|(cell, _)| match cell {
            Cell::Time(micros) => format::local_date(*micros, words.zone),
            _ => None,
        });
        let mut groups: [Markup; 3] = Default::default();
        for (cell, column) in cells(table, row, Place::Detail) {
            if *cell == Cell::Null || !(with_values || column.unit == Unit::Message) {
                continue;
            }
            let group = match column.unit {
                Unit::Message => &mut view.messages,
                Unit::Text | Unit::Id | Unit::Link | Unit::Status | Unit::Flag => &mut groups[0],
                Unit::Time | Unit::Date | Unit::Duration => &mut groups[1],
                Unit::Count | Unit::Share | Unit::Difference | Unit::Bytes => &mut groups[2],
            };
            words.fact(group, column, cell, today);
            self.occurs(cell, column.unit);
        }
        view.facts = groups
            .into_iter()
            .filter(|group| !group.is_empty())
            .collect();
    }

    /// The values of a column to choose from, most frequent first, and the choice that fits each row.
    /// A column with a single value offers no choice.
    fn filter(
        &mut self,
        table: &'a Table,
        key: &str,
        letter: char,
    ) -> (Option<FilterView<'a>>, Vec<usize>) {
        let Some(at) = table.columns.iter().position(|column| column.key == key) else {
            return (None, Vec::new());
        };
        let column = &table.columns[at];
        let value = |row: &Row| match &row.cells[at] {
            Cell::Null => "Not given".to_owned(),
            Cell::Text(word) if column.unit == Unit::Status => {
                label(&self.report.terms, word).into_owned()
            }
            cell => format::cell(cell, column.unit, self.words.zone),
        };
        let values: Vec<String> = table.rows.iter().take(ROWS).map(value).collect();
        let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
        for value in &values {
            *counts.entry(value).or_default() += 1;
        }
        if counts.len() < 2 {
            return (None, Vec::new());
        }
        let mut order: Vec<(&str, usize)> = counts.into_iter().collect();
        order.sort_by_key(|(value, count)| (std::cmp::Reverse(*count), *value));
        // One value beyond the limit takes no more room than `Other` would.
        let kept = if order.len() <= CHIPS + 1 {
            order.len()
        } else {
            CHIPS
        };
        let places: BTreeMap<&str, usize> = order
            .iter()
            .enumerate()
            .map(|(place, (value, _))| (*value, place.min(kept)))
            .collect();
        let chips = values.iter().map(|value| places[value.as_str()]).collect();

        let mut offered: Vec<(String, String)> = order[..kept]
            .iter()
            .map(|(value, count)| ((*value).to_owned(), format::size(*count)))
            .collect();
        if kept < order.len() {
            let rest: usize = order[kept..].iter().map(|(_, count)| count).sum();
            offered.push((
                format!("Other ({})", order.len() - kept),
                format::size(rest),
            ));
        }
        let most = self.chips.entry(letter).or_default();
        *most = (*most).max(offered.len());
        (
            Some(FilterView {
                letter,
                label: column.label,
                chips: offered,
            }),
            chips,
        )
    }
}

impl<'a> TableView<'a> {
    /// Writes the rows. Closing tags that HTML does not need are left out. A row that opens is two rows of one body. Tables
    /// with messages become lists on narrow pages, so their roles are named.
    fn body(&self, rows: Vec<RowView<'a>>) -> Vec<Piece<'a>> {
        let role = |out: &mut Markup, role| {
            if self.said {
                out.raw(role);
            }
        };
        let mut pieces = Vec::new();
        let mut out = Markup::default();
        for row in rows {
            out.raw("<tbody");
            for (name, value) in [(" id=\"", row.anchor), (" class=\"", &row.chips)] {
                if !value.is_empty() {
                    out.raw(name);
                    out.escaped(value);
                    out.raw("\"");
                }
            }
            role(&mut out, " role=\"rowgroup\"");
            out.raw("><tr");
            role(&mut out, " role=\"row\"");
            out.raw(">");
            if self.named {
                out.raw("<th scope=\"row\"");
                role(&mut out, " role=\"rowheader\"");
                out.raw(">");
                out.add(&row.name);
                if !row.under.is_empty() {
                    out.raw("<small>");
                    out.add(&row.under);
                    out.raw("</small>");
                }
            }
            if let Some(scale) = &self.legend {
                out.raw("<td class=\"drawn\">");
                match (&row.drawn, scale) {
                    (Some(Mark::Strip(strip)), Scale::Strip(scale)) => strip.draw(&mut out, scale),
                    (Some(Mark::Range(range)), Scale::Range(scale)) => range.draw(&mut out, scale),
                    (Some(Mark::Part(bar)), _) => bar.draw(&mut out),
                    _ => out.raw(format::DASH),
                }
            }
            if self.said {
                out.raw("<td class=\"said\" role=\"cell\"><dl>");
                out.add(&row.said);
                out.raw("</dl>");
            }
            out.add(&row.cells);
            if !self.opens.is_empty() {
                out.raw("<td");
                role(&mut out, " role=\"cell\"");
                out.raw(">");
            }
            if !row.opens.is_empty() {
                out.raw("<tr");
                role(&mut out, " role=\"row\"");
                out.raw("><td colspan=\"");
                out.size(self.width);
                out.raw("\"");
                role(&mut out, " role=\"cell\"");
                out.raw("><details><summary>");
                out.escaped(&row.opens);
                if !row.called.is_empty() {
                    out.raw("<span class=\"vh\"> (");
                    out.escaped(&row.called);
                    out.raw(")</span>");
                }
                out.raw("</summary>");
                for group in &row.facts {
                    out.raw("<dl>");
                    out.add(group);
                    out.raw("</dl>");
                }
                if !row.messages.is_empty() {
                    out.raw("<dl class=\"long\">");
                    out.add(&row.messages);
                    out.raw("</dl>");
                }
                if !row.blocks.is_empty() {
                    out.raw("<div class=\"in\">");
                    pieces.push(Piece {
                        markup: std::mem::take(&mut out),
                        blocks: row.blocks,
                    });
                    out.raw("</div>");
                }
                out.raw("</details>");
            }
            out.raw("\n");
        }
        pieces.push(Piece {
            markup: out,
            blocks: Vec::new(),
        });
        pieces
    }
}

/// Where the cells of a table go.
#[derive(Clone, Copy)]
struct Layout {
    /// False in the detail of a row, where there are many rows and little room.
    explained: bool,
    /// Key of the column that is drawn.
    instead: &'static str,
    /// Messages stand in one cell: two of them side by side would be too narrow to read.
    said: bool,
}

impl Layout {
    /// Whether a column has cells of its own.
    fn shows(self, column: &Column) -> bool {
        let below = self.is_strip() && column.key == "last_run_at";
        column.key != self.instead && !below && !(self.said && column.unit == Unit::Message)
    }

    /// The column that stands on the second line of another one. A strip takes much of the width, so
    /// the outcome and the time of the newest run share a cell beside it.
    fn below<'a>(self, table: &'a Table, column: &Column) -> Option<(usize, &'a Column)> {
        if !self.is_strip() || column.key != "last_outcome" {
            return None;
        }
        columns(table, Place::Column).find(|(_, column)| column.key == "last_run_at")
    }

    fn is_strip(self) -> bool {
        self.instead == "strip"
    }
}

/// How the cells of a unit are sorted.
fn sort(unit: Unit) -> &'static str {
    match unit {
        Unit::Count | Unit::Share | Unit::Difference | Unit::Duration | Unit::Bytes => "n",
        Unit::Time | Unit::Date => "d",
        Unit::Text | Unit::Id | Unit::Status | Unit::Flag => "t",
        Unit::Message | Unit::Link => "",
    }
}

/// A column of bars. The numbers stand under their own heads.
fn bars((scale, cells): (part::Scale, Vec<Option<part::Bar>>)) -> Drawn {
    Drawn {
        label: "",
        instead: "",
        scale: Scale::Part(scale),
        cells: cells.into_iter().map(|cell| cell.map(Mark::Part)).collect(),
    }
}

/// The anchors of the rows that the page will have, but for those in the details of rows.
pub(super) fn anchors(report: &Report) -> BTreeSet<&str> {
    let blocks = report.sections.iter().flat_map(|section| &section.blocks);
    let tables = blocks
        .filter_map(Block::table)
        .filter(|table| table.nested_in.is_none());
    tables
        .flat_map(|table| table.rows.iter().take(ROWS))
        .filter_map(|row| row.anchor.as_deref())
        .collect()
}

/// The cells of a row that are shown in a place.
fn cells<'a>(
    table: &'a Table,
    row: &'a Row,
    wanted: Place,
) -> impl Iterator<Item = (&'a Cell, &'a Column)> {
    columns(table, wanted).filter_map(|(at, column)| Some((row.cells.get(at)?, column)))
}

/// The words on the switch that opens a row: its first table with the number of rows, for example
/// `Runs: 13 of 57`, else `Details`. Empty when there is nothing to open.
fn opens(row: &Row, shown: &[BlockView<'_>], facts: bool) -> String {
    let first = row
        .detail
        .iter()
        .filter_map(Block::table)
        .find(|table| !table.title.is_empty());
    let rows = shown.iter().find_map(|block| match block {
        BlockView::Table(view) if !view.title.is_empty() => Some(view.height),
        _ => None,
    });
    match first {
        Some(table) if !shown.is_empty() || facts => {
            let rows = rows.unwrap_or(0);
            if table.total > rows {
                format!(
                    "{}: {} of {}",
                    table.title,
                    format::size(rows),
                    format::size(table.total)
                )
            } else {
                format!("{}: {}", table.title, format::size(rows))
            }
        }
        None if facts || !shown.is_empty() => "Details".to_owned(),
        _ => String::new(),
    }
}

/// How a reader sees a word of the vocabulary. A word without a term stands for itself.
fn label<'a>(terms: &'a [Term], word: &'a str) -> Cow<'a, str> {
    format::term(terms, word).map_or_else(|| format::text(word), |term| Cow::Borrowed(term.label))
}
