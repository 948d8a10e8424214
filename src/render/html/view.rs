//! Prepares a report for the templates: every value becomes the words that a reader sees.
//!
//! The templates then only loop and branch. Text is escaped by the templates, cells by `markup`.
//! What is left out of the page is decided here.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use chrono_tz::Tz;
use serde::Serialize;

use super::chart::{self, Chart};
use super::heat::{self, Heat};
use super::markup::{Markup, Words, look};
use super::shed::{Keep, Shed};
use super::table::{self, TableView};
use crate::render::format;
use crate::report::{Block, Cell, Drawing, Figures, Note, Report, Section, Table, Tone, Unit};

/// A section of the page.
#[derive(Serialize)]
pub(super) struct SectionView<'a> {
    pub(super) id: &'a str,
    pub(super) title: &'a str,
    lead: Cow<'a, str>,
    blocks: Vec<BlockView<'a>>,
}

/// A word that occurs on the page, and its meaning.
#[derive(Serialize)]
pub(super) struct TermView<'a> {
    look: &'static str,
    label: &'a str,
    meaning: &'a str,
}

/// A block, named by its kind.
#[derive(Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub(super) enum BlockView<'a> {
    Figures(FiguresView<'a>),
    Table(TableView<'a>),
    Bars(BarsView<'a>),
    Grid(GridView<'a>),
    Notes(NotesView<'a>),
}

#[derive(Serialize)]
pub(super) struct FiguresView<'a> {
    /// Identifier of the heading; empty in the detail of a row.
    id: String,
    title: &'a str,
    /// Why there are no values, or empty.
    reason: Cow<'a, str>,
    large: Vec<FigureView<'a>>,
    small: Vec<FigureView<'a>>,
    definitions: Vec<(&'a str, &'a str)>,
    aside: bool,
}

#[derive(Serialize)]
struct FigureView<'a> {
    label: &'a str,
    look: &'static str,
    value: Markup,
    /// The value is a sentence, not a number.
    wordy: bool,
    change: Option<String>,
    before: Option<String>,
}

#[derive(Serialize)]
pub(super) struct NotesView<'a> {
    items: Vec<NoteView<'a>>,
}

#[derive(Serialize)]
pub(super) struct NoteView<'a> {
    tone: &'static str,
    word: &'static str,
    text: Cow<'a, str>,
}

impl NoteView<'_> {
    /// A sentence of the page about itself.
    pub(super) fn info(text: String) -> Self {
        NoteView {
            tone: "info",
            word: format::tone(Tone::Info),
            text: Cow::Owned(text),
        }
    }
}

#[derive(Serialize)]
pub(super) struct BarsView<'a> {
    note: Cow<'a, str>,
    /// Name of the switch between the panes.
    id: String,
    panes: Vec<PaneView<'a>>,
}

/// One chart of several that say the same.
#[derive(Serialize)]
struct PaneView<'a> {
    by: &'static str,
    /// Words on its switch.
    label: &'static str,
    /// Shown at first.
    is_chosen: bool,
    title: &'a str,
    id: String,
    chart: Option<Chart>,
    table: TableView<'a>,
}

#[derive(Serialize)]
pub(super) struct GridView<'a> {
    title: &'a str,
    note: Cow<'a, str>,
    id: String,
    heat: Option<Heat>,
    table: TableView<'a>,
}

/// Turns blocks into views and remembers what the page needs beyond them.
pub(super) struct Views<'a> {
    pub(super) report: &'a Report,
    pub(super) words: Words<'a>,
    occurring: BTreeSet<&'a str>,
    /// Anchors that are given away, and those that the page will have.
    pub(super) anchors: BTreeSet<&'a str>,
    pub(super) linkable: BTreeSet<&'a str>,
    drawings: usize,
    /// The most values of a filter by its letter, and the most columns of one table: each needs a rule of style.
    pub(super) chips: BTreeMap<char, usize>,
    pub(super) shed: Shed,
    pub(super) columns: usize,
}

impl<'a> Views<'a> {
    pub(super) fn new(report: &'a Report, zone: Tz, keep: Keep) -> Self {
        Views {
            report,
            words: Words {
                terms: &report.terms,
                zone,
            },
            occurring: BTreeSet::new(),
            anchors: BTreeSet::new(),
            linkable: table::anchors(report),
            drawings: 0,
            chips: BTreeMap::new(),
            shed: Shed::new(keep),
            columns: 0,
        }
    }

    /// All sections in order.
    pub(super) fn sections(&mut self) -> Vec<SectionView<'a>> {
        let report = self.report;
        let sections = report.sections.iter().map(|section| SectionView {
            id: section.id,
            title: section.title,
            lead: format::text(&section.lead),
            blocks: section
                .blocks
                .iter()
                .filter(|block| !is_summary(section, block) && !is_within(section, block))
                .map(|block| self.block(block, Some(section)))
                .collect(),
        });
        sections.collect()
    }

    /// The sentences that stand above everything else: the conclusion of the report, where it has one.
    pub(super) fn summary(&self) -> Vec<NoteView<'a>> {
        let report = self.report;
        let blocks = report.sections.iter().flat_map(|section| {
            section
                .blocks
                .iter()
                .filter(move |block| is_summary(section, block))
        });
        let notes = blocks.filter_map(|block| match block {
            Block::Notes(notes) => Some(&notes.items),
            _ => None,
        });
        notes.flatten().map(note).collect()
    }

    /// The words that occurred in the sections, in the order of the report's terms.
    pub(super) fn terms(&self) -> Vec<TermView<'a>> {
        let occurring = self
            .report
            .terms
            .iter()
            .filter(|term| self.occurring.contains(term.word));
        occurring
            .map(|term| TermView {
                look: look(term.word),
                label: term.label,
                meaning: term.meaning,
            })
            .collect()
    }

    /// `section` is the section, or nothing in the detail of a row.
    pub(super) fn block(
        &mut self,
        block: &'a Block,
        section: Option<&'a Section>,
    ) -> BlockView<'a> {
        match block {
            Block::Figures(figures) => BlockView::Figures(self.figures(figures, section)),
            Block::Table(table) => match table.drawing {
                Some(Drawing::Bars { .. }) => BlockView::Bars(self.bars(table, section)),
                Some(Drawing::Shades) => BlockView::Grid(self.grid(table, section)),
                _ => BlockView::Table(self.table(table, section)),
            },
            Block::Notes(notes) => BlockView::Notes(NotesView {
                items: notes.items.iter().map(note).collect(),
            }),
        }
    }

    fn figures(&mut self, figures: &'a Figures, section: Option<&'a Section>) -> FiguresView<'a> {
        let mut view = FiguresView {
            id: section.map_or_else(String::new, |section| {
                format!("{}-{}", section.id, figures.id)
            }),
            title: figures.title,
            reason: Cow::Borrowed(""),
            large: Vec::new(),
            small: Vec::new(),
            definitions: Vec::new(),
            aside: figures.aside,
        };
        let items = match &figures.items {
            Ok(items) => items,
            Err(reason) => {
                view.reason = format::text(reason);
                return view;
            }
        };
        for figure in items {
            if !figure.definition.is_empty() {
                view.definitions.push((figure.label, figure.definition));
            }
            let previous = figure.previous.as_ref();
            let mut value = Markup::default();
            self.occurs(&figure.value, figure.unit);
            match &figure.value {
                // The one message that a ticket is about.
                Cell::Text(message) if figure.unit == Unit::Message => {
                    value.raw("<span class=\"msg\">");
                    value.text(&format::text(message));
                    value.raw("</span>");
                }
                cell => self.words.cell(&mut value, cell, figure.unit, true),
            }
            let shown = FigureView {
                label: figure.label,
                look: look(figure.key),
                value,
                wordy: matches!(figure.value, Cell::Text(_)),
                change: previous
                    .and_then(|previous| format::change(&figure.value, previous, figure.unit)),
                before: previous
                    .map(|previous| format::cell(previous, figure.unit, self.words.zone)),
            };
            if figure.main {
                view.large.push(shown);
            } else {
                view.small.push(shown);
            }
        }
        view
    }

    /// A chart, and others of the same by other buckets, the shortest first.
    fn bars(&mut self, table: &'a Table, section: Option<&'a Section>) -> BarsView<'a> {
        let blocks = section.map_or(&[][..], |section| &section.blocks);
        let variants = blocks
            .iter()
            .filter_map(Block::table)
            .filter(|other| other.variant_of == Some(table.id));
        let mut panes: Vec<PaneView<'a>> = std::iter::once(table)
            .chain(variants)
            .filter_map(|table| {
                let Some(Drawing::Bars { by, stack }) = &table.drawing else {
                    return None;
                };
                Some(PaneView {
                    by,
                    label: by_label(by),
                    is_chosen: table.variant_of.is_none(),
                    title: table.title,
                    id: self.drawing(),
                    chart: chart::chart(table, by, stack),
                    table: self.repeated(table, section),
                })
            })
            .collect();
        panes.sort_by_key(|pane| {
            ["day", "week", "month"]
                .iter()
                .position(|by| *by == pane.by)
        });
        BarsView {
            note: format::text(&table.note),
            id: self.drawing(),
            panes,
        }
    }

    fn grid(&mut self, table: &'a Table, section: Option<&'a Section>) -> GridView<'a> {
        GridView {
            title: table.title,
            note: format::text(&table.note),
            id: self.drawing(),
            heat: heat::heat(table),
            table: self.repeated(table, section),
        }
    }

    /// The table that repeats a drawing. The heading and the note stand above the drawing, and nothing is folded, as the
    /// whole table is.
    fn repeated(&mut self, table: &'a Table, section: Option<&'a Section>) -> TableView<'a> {
        let mut view = self.table(table, section);
        view.title = "";
        view.note = Cow::Borrowed("");
        view.fold = None;
        view
    }

    /// An identifier for the next drawing.
    pub(super) fn drawing(&mut self) -> String {
        self.drawings += 1;
        format!("drawing-{}", self.drawings)
    }

    /// Remembers the words that the list at the end of the page explains.
    pub(super) fn occurs(&mut self, cell: &'a Cell, unit: Unit) {
        if let (Cell::Text(word), Unit::Status) = (cell, unit) {
            self.occurs_as(word);
        }
    }

    /// Remembers a word that is drawn.
    pub(super) fn occurs_as(&mut self, word: &'a str) {
        self.occurring.insert(word);
    }
}

/// Whether a block holds the sentences that stand above everything else.
fn is_summary(section: &Section, block: &Block) -> bool {
    section.id == "overview" && matches!(block, Block::Notes(notes) if notes.id == "summary")
}

/// Whether a block is shown within another one of its section.
fn is_within(section: &Section, block: &Block) -> bool {
    let within = |table: &Table| table.variant_of.is_some() || table.nested_in == Some(section.id);
    block.table().is_some_and(within)
}

fn by_label(by: &str) -> &'static str {
    match by {
        "week" => "By week",
        "month" => "By month",
        _ => "By day",
    }
}

fn note(note: &Note) -> NoteView<'_> {
    NoteView {
        tone: match note.tone {
            Tone::Info => "info",
            Tone::Warning => "warning",
            Tone::Urgent | Tone::Stop => "stop",
        },
        word: format::tone(note.tone),
        text: format::text(&note.text),
    }
}
