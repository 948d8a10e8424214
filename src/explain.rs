//! What a name in a report means: a figure, a column, a section, a word, a code, or the id of an error.
//!
//! Nothing is defined here. Definitions stand where their numbers are made; this finds them by name in an outline,
//! and, where there is a report, says what it holds under that name.

use anyhow::{Result, bail};
use unicode_width::UnicodeWidthStr;

use crate::Log;
use crate::errors::{Category, ErrorRules, action, signature_rules_version, signature_traced};
use crate::mapping::reject::Code;
use crate::mapping::values;
use crate::render::format;
use crate::report::{Block, Cell, Column, Figure, Place, Report, Row, Table, Unit};
use crate::sections::errors::newest;
use crate::sections::{SECTIONS, vocabularies};

/// Columns of a line.
const WIDTH: usize = 80;
/// Digits of the id of an error.
const ID_DIGITS: usize = 10;
/// Errors that are named when an id is not among them.
const ERRORS_NAMED: usize = 10;

/// What kind of thing a name stands for.
#[derive(Clone, Debug, PartialEq)]
enum Kind {
    Section,
    Table,
    Figure,
    Column,
    /// A word, and the list that it is from.
    Word(&'static str),
    Code,
}

/// One thing that has a name.
#[derive(Clone, Debug)]
struct Entry {
    kind: Kind,
    /// The name alone: `success_rate`.
    name: &'static str,
    /// Section and block, as far as it is in one.
    place: Vec<&'static str>,
    label: &'static str,
    meaning: String,
}

impl Entry {
    /// `overview.figures.success_rate`.
    fn path(&self) -> String {
        let mut parts = self.place.clone();
        parts.push(self.name);
        parts.join(".")
    }

    /// True for a name that may stand for it: alone, with its section, or with all before it.
    fn is_called(&self, what: &str) -> bool {
        let short = self
            .place
            .first()
            .map(|section| format!("{section}.{}", self.name));
        [
            Some(self.name.to_ascii_lowercase()),
            short,
            Some(self.path()),
        ]
        .iter()
        .flatten()
        .any(|name| name == what)
    }
}

/// What is to be explained.
#[derive(Clone, Debug)]
pub enum Topic {
    /// Everything that goes by a name.
    Name(Entries),
    /// The id of an error, in lower case.
    Error(String),
}

/// Everything that goes by one name.
#[derive(Clone, Debug)]
pub struct Entries {
    what: String,
    entries: Vec<Entry>,
}

/// Everything that can be explained, in the order of the report.
fn entries(outline: &Report) -> Vec<Entry> {
    let mut entries = Vec::new();
    for section in &outline.sections {
        let question = SECTIONS
            .iter()
            .find(|spec| spec.id == section.id)
            .map_or("", |spec| spec.question);
        entries.push(Entry {
            kind: Kind::Section,
            name: section.id,
            place: Vec::new(),
            label: section.title,
            meaning: question.to_owned(),
        });
        for block in &section.blocks {
            let place = vec![section.id, block.id()];
            match block {
                Block::Figures(figures) => {
                    for figure in figures.items.iter().flatten() {
                        entries.push(Entry {
                            kind: Kind::Figure,
                            name: figure.key,
                            place: place.clone(),
                            label: figure.label,
                            meaning: figure.definition.to_owned(),
                        });
                    }
                }
                Block::Notes(_) => {}
                Block::Table(table) => entries.extend(of_table(section.id, table)),
            }
        }
    }
    for (list, terms) in vocabularies() {
        for term in terms {
            let action = Category::ALL
                .into_iter()
                .find(|category| list == "cause" && category.key() == term.word)
                .map(advice);
            entries.push(Entry {
                kind: Kind::Word(list),
                name: term.word,
                place: Vec::new(),
                label: term.label,
                meaning: format!("{}{}", term.meaning, action.unwrap_or_default()),
            });
        }
    }
    for code in Code::ALL {
        entries.push(Entry {
            kind: Kind::Code,
            name: code.key(),
            place: Vec::new(),
            label: "the record is set aside",
            meaning: format!("What to do: {}.", code.hint()),
        });
    }
    entries
}

fn of_table(section: &'static str, table: &Table) -> Vec<Entry> {
    let own = Entry {
        kind: Kind::Table,
        name: table.id,
        place: vec![section],
        label: table.title,
        meaning: String::new(),
    };
    let columns = table.columns.iter().map(|column| Entry {
        kind: Kind::Column,
        name: column.key,
        place: vec![section, table.id],
        label: column.label,
        meaning: column.definition.to_owned(),
    });
    std::iter::once(own).chain(columns).collect()
}

/// What to do about a cause, for each system that has advice of its own.
fn advice(category: Category) -> String {
    [
        ("Purview", "purview"),
        ("Zscaler UVM", "zscaler-uvm"),
        ("Elsewhere", "other"),
    ]
    .map(|(name, system)| format!("\n{name}: {}", action(system, category)))
    .concat()
}

/// True for what can be the id of an error.
pub fn is_error_id(what: &str) -> bool {
    what.len() == ID_DIGITS && what.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// Finds what a name stands for. Fails on a name that nothing has, with those that are near.
pub fn find(outline: &Report, what: &str) -> Result<Topic> {
    let what = what.trim().to_ascii_lowercase();
    if is_error_id(&what) {
        return Ok(Topic::Error(what));
    }
    let all = entries(outline);
    // Words are written as in data, as on the page, or as one types them.
    for written in [what.clone(), what.replace(['-', ' '], "_")] {
        let entries: Vec<Entry> = all
            .iter()
            .filter(|entry| entry.is_called(&written))
            .cloned()
            .collect();
        if !entries.is_empty() {
            return Ok(Topic::Name(Entries {
                what: written,
                entries,
            }));
        }
    }
    let names: Vec<String> = all
        .iter()
        .flat_map(|entry| [entry.name.to_owned(), entry.path()])
        .collect();
    let near = values::near(&what, names.iter().map(String::as_str), 5);
    let hint = if near.is_empty() {
        String::new()
    } else {
        format!("did you mean {}?\n       ", near.join(", "))
    };
    bail!("{what}: nothing has this name\n       {hint}rundown explain lists every name")
}

/// The names of everything that can be explained, in groups.
pub fn list(outline: &Report) -> String {
    let entries = entries(outline);
    let mut out = String::from(
        "rundown explain NAME says what a name means; with inputs, also what it is here.\n",
    );
    let mut group = |title: &str, names: Vec<&str>| {
        out.push('\n');
        out.push_str(title);
        out.push('\n');
        wrap(&mut out, "  ", &names.join(" "));
    };
    let of = |kind: &Kind| {
        entries
            .iter()
            .filter(|entry| entry.kind == *kind)
            .map(|entry| entry.name)
            .collect::<Vec<_>>()
    };
    group("Sections", of(&Kind::Section));
    for section in &outline.sections {
        for block in &section.blocks {
            let inside: Vec<_> = entries
                .iter()
                .filter(|entry| entry.place == [section.id, block.id()])
                .map(|entry| entry.name)
                .collect();
            let kind = match block {
                Block::Figures(_) => "Figures",
                Block::Notes(_) => continue,
                Block::Table(_) => "Columns",
            };
            group(&format!("{kind} of {}.{}", section.id, block.id()), inside);
        }
    }
    for (list, terms) in vocabularies() {
        if !terms.is_empty() {
            group(
                &format!("Words: {list}"),
                terms.iter().map(|term| term.word).collect(),
            );
        }
    }
    group("Codes of rejected records", of(&Kind::Code));
    out.push_str("\nAn error\n");
    wrap(
        &mut out,
        "  ",
        "rundown explain ID INPUT…, the id being the 10 digits that stand with the error",
    );
    out
}

impl Topic {
    /// The rules that acted on the newest message of an error; nothing for what is no error of the period.
    pub fn trace(&self, report: &Report, log: &Log, rules: &ErrorRules) -> Result<String> {
        let mut out = String::new();
        let Topic::Error(id) = self else {
            return Ok(out);
        };
        let Some((table, row)) = error_row(id, report) else {
            return Ok(out);
        };
        let cell = |key: &str| {
            let at = table.columns.iter().position(|column| column.key == key);
            at.map_or(&Cell::Null, |at| &row.cells[at])
        };
        let [code, message] = newest(&crate::context(log), cell("signature"), cell("category"))?;
        let (_, acted) = signature_traced(message.as_deref().unwrap_or_default());
        let version = signature_rules_version();
        out.push_str(&format!(
            "\n  How it is grouped, by version {version} of the signature rules\n"
        ));
        for name in &acted {
            wrap(&mut out, "    ", name);
        }
        if acted.is_empty() {
            wrap(&mut out, "    ", "No rule acted: nothing in it varies.");
        }
        out.push_str("\n  How its cause is known\n");
        let verdict = rules.verdict(code.as_deref(), message.as_deref());
        let cause = verdict.map_or_else(
            || "No rule fits.".to_owned(),
            |verdict| {
                let list = verdict.list.unwrap_or("the built-in error rules");
                let (number, by) = (verdict.number, verdict.by);
                format!(
                    "Rule {number} of {list}, by its {by}: {}.",
                    verdict.category.key()
                )
            },
        );
        wrap(&mut out, "    ", &cause);
        Ok(out)
    }

    /// The explanation, and, with a report, what it says. Fails on the id of an error without a report, or that the
    /// report does not have.
    pub fn text(&self, report: Option<&Report>) -> Result<String> {
        match (self, report) {
            (Topic::Name(entries), report) => Ok(entries.text(report)),
            (Topic::Error(id), Some(report)) => error(id, report),
            (Topic::Error(id), None) => bail!(
                "{id}: is the id of an error, which only its log can explain\n       name the files: rundown explain {id} INPUT…"
            ),
        }
    }
}

impl Entries {
    fn text(&self, report: Option<&Report>) -> String {
        let mut out = String::new();
        let mut told: Vec<&Entry> = Vec::new();
        for entry in &self.entries {
            let same = |other: &Entry| {
                (&other.kind, other.label, &other.meaning)
                    == (&entry.kind, entry.label, &entry.meaning)
            };
            if told.iter().any(|other| same(other)) {
                continue;
            }
            told.push(entry);
            let alike: Vec<&Entry> = self.entries.iter().filter(|other| same(other)).collect();
            if !out.is_empty() {
                out.push('\n');
            }
            tell(&mut out, entry, &alike, report);
        }
        if let Some(report) = report {
            let words = self
                .entries
                .iter()
                .find(|entry| matches!(entry.kind, Kind::Word(_)));
            if let Some(word) = words {
                out.push_str("\nHere\n");
                for line in rows_with(report, word.name) {
                    wrap(&mut out, "  ", &line);
                }
            }
            let counted = |entry: &Entry| {
                matches!(entry.kind, Kind::Figure | Kind::Column)
                    && entry.place.first() != Some(&"inputs")
            };
            if self.entries.iter().any(counted) {
                out.push_str("\nIn no number here\n");
                wrap(&mut out, "  ", &left_out(report));
            }
        }
        if self.entries.len() > 1 && !self.what.contains('.') && told.len() > 1 {
            out.push('\n');
            let more = format!(
                "{} things go by this name; a path such as {} names one of them.",
                told.len(),
                told.iter()
                    .map(|entry| entry.path())
                    .max_by_key(|path| path.matches('.').count())
                    .unwrap_or_default()
            );
            wrap(&mut out, "", &more);
        }
        out
    }
}

/// One meaning, with all the places that share it.
fn tell(out: &mut String, entry: &Entry, alike: &[&Entry], report: Option<&Report>) {
    let kind = match entry.kind {
        Kind::Section => "section".to_owned(),
        Kind::Table => "table".to_owned(),
        Kind::Figure => "figure".to_owned(),
        Kind::Column => "column".to_owned(),
        Kind::Word(list) => list.to_owned(),
        Kind::Code => "code of rejected records".to_owned(),
    };
    let label = if entry.label.is_empty() {
        String::new()
    } else {
        format!(": {}", entry.label)
    };
    out.push_str(&format!("{}{label} ({kind})\n", entry.name));
    for line in entry.meaning.lines() {
        wrap(out, "  ", line);
    }
    match entry.kind {
        Kind::Section | Kind::Word(_) => {}
        Kind::Code => {
            if let Some(report) = report {
                wrap(
                    out,
                    "  ",
                    &format!("Here: {}.", rejected(report, entry.name)),
                );
            }
        }
        Kind::Table | Kind::Figure | Kind::Column => {
            for place in alike {
                let here = report.map(|report| here(report, place)).unwrap_or_default();
                wrap(out, "  ", &format!("{}{here}", place.path()));
            }
        }
    }
    if entry.kind == Kind::Section {
        wrap(
            out,
            "  ",
            &format!(
                "rundown explain lists its figures and columns under {}.",
                entry.name
            ),
        );
        if let Some(section) =
            report.and_then(|report| report.sections.iter().find(|known| known.id == entry.name))
        {
            wrap(out, "  ", &format!("Here: {}", section.lead));
        }
    }
}

fn block<'a>(report: &'a Report, section: &str, block: &str) -> Option<&'a Block> {
    report
        .sections
        .iter()
        .find(|known| known.id == section)?
        .blocks
        .iter()
        .find(|known| known.id() == block)
}

/// What a report holds in one place, after a colon.
fn here(report: &Report, entry: &Entry) -> String {
    let (section, name) = (entry.place[0], entry.place.get(1).unwrap_or(&entry.name));
    match block(report, section, name) {
        Some(Block::Figures(figures)) => match &figures.items {
            Ok(items) => items
                .iter()
                .find(|figure| figure.key == entry.name)
                .map(|figure| format!(": {}", figure_here(report, items, figure)))
                .unwrap_or_default(),
            Err(reason) => format!(": {reason}"),
        },
        Some(block) => block
            .table()
            .map(|table| format!(": {}", rows_here(table, entry)))
            .unwrap_or_default(),
        None => ": not in this report".to_owned(),
    }
}

fn figure_here(report: &Report, items: &[Figure], figure: &Figure) -> String {
    let zone = report.time_zone.parse().unwrap_or(chrono_tz::Tz::UTC);
    let mut text = format::cell(&figure.value, figure.unit, zone);
    if figure.value == Cell::Null {
        text.push_str(" (not known, or nothing to count)");
    }
    if figure.key == "success_rate" {
        let counted = |keys: &[&str]| {
            keys.iter()
                .filter_map(|key| {
                    let found = items.iter().find(|figure| figure.key == *key)?;
                    Some(format!(
                        "{} {key}",
                        format::cell(&found.value, Unit::Count, zone)
                    ))
                })
                .collect::<Vec<_>>()
                .join(", ")
        };
        let parts = crate::gates::parts(items, figure.key);
        if !parts.is_empty() {
            text.push_str(&format!(", {parts}"));
        }
        text.push_str(&format!(
            "; counted: {}; left out: {}",
            counted(&["succeeded", "partial", "failed"]),
            counted(&["cancelled", "active", "unknown"])
        ));
    }
    if let Some(previous) = &figure.previous {
        text.push_str(&format!(
            "; {} in the period before",
            format::cell(previous, figure.unit, zone)
        ));
    }
    text
}

fn rows_here(table: &Table, entry: &Entry) -> String {
    let rows = format::plural(table.rows.len(), "row", "rows");
    let of = if table.total > table.rows.len() {
        format!(" of {}", format::size(table.total))
    } else {
        String::new()
    };
    let column = table
        .columns
        .iter()
        .position(|column| entry.kind == Kind::Column && column.key == entry.name);
    match column {
        Some(at) => {
            let given = table.rows.iter().filter(|row| row.cells[at] != Cell::Null);
            format!("{rows}{of}, {} with a value", format::size(given.count()))
        }
        None => format!("{rows}{of}"),
    }
}

/// Records and runs that are in no figure.
fn left_out(report: &Report) -> String {
    let number = |section: &str, of: &str, key: &str| -> Option<i64> {
        let Some(Block::Figures(figures)) = block(report, section, of) else {
            return None;
        };
        let figure = figures
            .items
            .iter()
            .flatten()
            .find(|figure| figure.key == key)?;
        match figure.value {
            Cell::Int(number) => Some(number),
            _ => None,
        }
    };
    let mut parts = Vec::new();
    for (section, of, key, one, many) in [
        (
            "overview",
            "figures",
            "child_runs",
            "child run",
            "child runs",
        ),
        (
            "inputs",
            "reconciliation",
            "outside_window",
            "record outside the period",
            "records outside the period",
        ),
        (
            "inputs",
            "reconciliation",
            "filtered",
            "record filtered out",
            "records filtered out",
        ),
        (
            "inputs",
            "reconciliation",
            "superseded",
            "record superseded by a better one of the same run",
            "records superseded by better ones of the same run",
        ),
        (
            "inputs",
            "reconciliation",
            "rejected",
            "record rejected",
            "records rejected",
        ),
    ] {
        if let Some(count) = number(section, of, key) {
            let noun = if count == 1 { one } else { many };
            parts.push(format!("{} {noun}", format::count(count)));
        }
    }
    format!("{}.", parts.join(", "))
}

/// Each table with a row of this word, and how many.
fn rows_with(report: &Report, word: &str) -> Vec<String> {
    let mut lines = Vec::new();
    for section in &report.sections {
        for table in section.blocks.iter().filter_map(Block::table) {
            for (at, column) in table.columns.iter().enumerate() {
                if column.unit != Unit::Status {
                    continue;
                }
                let rows: Vec<&Row> = table
                    .rows
                    .iter()
                    .filter(|row| matches!(&row.cells[at], Cell::Text(text) if text == word))
                    .collect();
                let path = format!("{}.{}.{}", section.id, table.id, column.key);
                match rows.as_slice() {
                    [] => {}
                    [row] if column.place == Place::Name => {
                        lines.push(format!("{path}: {}", facts(report, table, row, |_| true)));
                    }
                    rows => lines.push(format!(
                        "{path}: {}",
                        format::plural(rows.len(), "row", "rows")
                    )),
                }
            }
        }
    }
    if lines.is_empty() {
        lines.push("No row of this report has the word.".to_owned());
    }
    lines
}

/// The values of a row with their labels, but its name and what is only for machines.
fn facts(report: &Report, table: &Table, row: &Row, wanted: fn(&Column) -> bool) -> String {
    let zone = report.time_zone.parse().unwrap_or(chrono_tz::Tz::UTC);
    table
        .columns
        .iter()
        .zip(&row.cells)
        .filter(|(column, cell)| {
            !matches!(column.place, Place::Name | Place::Machine)
                && **cell != Cell::Null
                && wanted(column)
        })
        .map(|(column, cell)| format!("{} {}", column.label, format::cell(cell, column.unit, zone)))
        .collect::<Vec<_>>()
        .join("; ")
}

/// How many records were rejected with a code.
fn rejected(report: &Report, code: &str) -> String {
    let Some(table) = block(report, "inputs", "rejects").and_then(Block::table) else {
        return "no record".to_owned();
    };
    let at = table.columns.iter().position(|column| column.key == "code");
    let rows = table
        .rows
        .iter()
        .filter(|row| at.is_some_and(|at| row.cells[at] == Cell::Text(code.to_owned())))
        .count();
    let records = format::plural(rows, "record", "records");
    if table.total > table.rows.len() {
        format!(
            "{records} of the {} that are listed; {} were rejected",
            format::size(table.rows.len()),
            format::size(table.total)
        )
    } else {
        format!("{records} of {} rejected", format::size(table.total))
    }
}

/// The error of the period with this id.
fn error_row<'a>(id: &str, report: &'a Report) -> Option<(&'a Table, &'a Row)> {
    let table = block(report, "errors", "signatures").and_then(Block::table)?;
    let at = table.columns.iter().position(|column| column.key == "id")?;
    let mut rows = table.rows.iter();
    let row = rows.find(|row| matches!(&row.cells[at], Cell::Text(own) if own == id))?;
    Some((table, row))
}

/// One error of the period: its text, its cause, how often, since when, and what to do.
fn error(id: &str, report: &Report) -> Result<String> {
    let table = block(report, "errors", "signatures").and_then(Block::table);
    let rows = table.map(|table| table.rows.as_slice()).unwrap_or_default();
    let at = |key: &str| {
        table.and_then(|table| table.columns.iter().position(|column| column.key == key))
    };
    let text = |row: &Row, key: &str| match at(key).map(|at| &row.cells[at]) {
        Some(Cell::Text(text)) => format::text(text).into_owned(),
        _ => String::new(),
    };
    let Some((_, row)) = error_row(id, report) else {
        let mut known = String::new();
        for row in rows.iter().take(ERRORS_NAMED) {
            let signature = text(row, "signature").replace('\n', " ");
            let (short, _) = format::cut(&signature, 60);
            known.push_str(&format!("\n       {} {short}", text(row, "id")));
        }
        let known = if known.is_empty() {
            "no run failed with an error".to_owned()
        } else {
            format!("the period has{known}")
        };
        bail!(
            "{id}: no error of this period has this id\n       {known}\n       --last all looks at all runs"
        );
    };
    let mut out = format!("Error {id}\n");
    wrap(&mut out, "  ", &text(row, "signature"));
    out.push('\n');
    let category = text(row, "category");
    let cause = vocabularies()
        .into_iter()
        .filter(|(list, _)| *list == "cause")
        .flat_map(|(_, terms)| terms)
        .find(|term| term.word == category);
    if let Some(cause) = cause {
        wrap(
            &mut out,
            "  ",
            &format!("Cause: {}. {}", cause.label, cause.meaning),
        );
    }
    if let Some(table) = table {
        let counted =
            |column: &Column| matches!(column.unit, Unit::Count | Unit::Time | Unit::Flag);
        wrap(&mut out, "  ", &facts(report, table, row, counted));
    }
    let example = text(row, "example");
    if !example.is_empty() {
        let (shown, more) = format::cut(&example, format::MESSAGE_LIMIT);
        out.push_str("\n  Newest message\n");
        for line in shown.lines() {
            wrap(&mut out, "    ", line);
        }
        if more > 0 {
            wrap(
                &mut out,
                "    ",
                &format!("… and {} characters more", format::size(more)),
            );
        }
    }
    let causes = block(report, "errors", "categories").and_then(Block::table);
    if let Some(causes) = causes {
        let at = |key: &str| causes.columns.iter().position(|column| column.key == key);
        let action = causes
            .rows
            .iter()
            .find(|row| {
                at("category").is_some_and(|at| row.cells[at] == Cell::Text(category.clone()))
            })
            .zip(at("action"))
            .map(|(row, at)| &row.cells[at]);
        if let Some(Cell::Text(action)) = action {
            out.push_str("\n  What to do\n");
            for line in action.lines() {
                wrap(&mut out, "    ", line);
            }
        }
    }
    Ok(out)
}

/// Adds a text in lines of the usual width, each behind this margin. It may be from a log.
fn wrap(out: &mut String, margin: &str, text: &str) {
    let mut line = String::new();
    for word in format::text(text).split_whitespace() {
        if !line.is_empty() && margin.width() + line.width() + 1 + word.width() > WIDTH {
            out.push_str(&format!("{margin}{line}\n"));
            line.clear();
        }
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(word);
    }
    if !line.is_empty() {
        out.push_str(&format!("{margin}{line}\n"));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::outline::outline;

    fn said(what: &str) -> String {
        let outline = outline().unwrap();
        let topic = find(&outline, what).unwrap_or_else(|error| panic!("{what}: {error:#}"));
        topic.text(None).unwrap()
    }

    #[test]
    fn every_name_in_the_list_can_be_explained() {
        let outline = outline().unwrap();
        let all = entries(&outline);
        let text = list(&outline);
        let listed: Vec<&str> = text.split_whitespace().collect();
        for entry in &all {
            if entry.kind != Kind::Table {
                assert!(listed.contains(&entry.name), "{}", entry.name);
            }
            for name in [entry.name.to_owned(), entry.path()] {
                let Topic::Name(found) = find(&outline, &name).unwrap() else {
                    panic!("{name}");
                };
                assert!(
                    found
                        .entries
                        .iter()
                        .any(|other| other.path() == entry.path() && other.kind == entry.kind),
                    "{name}"
                );
            }
        }
        assert!(text.lines().all(|line| line.width() <= WIDTH), "{text}");
    }

    #[test]
    fn names_may_be_written_as_people_type_them() {
        let first = said("success_rate");
        assert!(first.contains("Cancelled, active and unknown runs are"));
        for name in [
            "SUCCESS_RATE",
            "success-rate",
            "success rate",
            " success_rate ",
        ] {
            assert_eq!(said(name), first, "{name}");
        }
        assert!(said("e-time-missing").starts_with("E-TIME-MISSING"));
        assert!(said("gaps.missing").contains("gaps.figures.missing"));
        assert!(said("gaps").contains("Which assets are missing"));
    }

    #[test]
    fn a_word_of_several_lists_has_all_its_meanings() {
        let text = said("unknown");
        for list in ["(outcome)", "(status)", "(cause)", "(column)", "(figure)"] {
            assert!(text.contains(list), "{list}\n{text}");
        }
        assert!(said("overview.figures.unknown").matches("(figure)").count() == 1);
        let text = said("credentials");
        for system in ["Purview:", "Zscaler UVM:", "Elsewhere:"] {
            assert!(text.contains(system), "{text}");
        }
    }

    #[test]
    fn an_unknown_name_is_refused_with_the_nearest() {
        let outline = outline().unwrap();
        for (what, near) in [
            ("sucess_rate", "success_rate"),
            ("failing_streek", "failing_streak"),
            ("E-TIMES", "E-TIME"),
            ("credentails", "credentials"),
        ] {
            let message = find(&outline, what).unwrap_err().to_string();
            assert!(message.contains(near), "{what}: {message}");
        }
        let message = find(&outline, "%%").unwrap_err().to_string();
        assert!(
            message.contains("rundown explain lists every name"),
            "{message}"
        );
    }

    #[test]
    fn the_id_of_an_error_needs_a_log() {
        let outline = outline().unwrap();
        let topic = find(&outline, "0123456789").unwrap();
        assert!(topic.text(None).unwrap_err().to_string().contains("INPUT"));
        let message = topic.text(Some(&outline)).unwrap_err().to_string();
        assert!(message.contains("no error of this period"), "{message}");
        assert!(is_error_id("00aBcDeF99"));
        assert!(!is_error_id("00aBcDeF9") && !is_error_id("00aBcDeF9g"));
    }

    #[test]
    fn lines_are_as_wide_as_a_terminal_and_logs_cannot_steer_it() {
        let mut out = String::new();
        wrap(
            &mut out,
            "  ",
            &format!("a\u{1b}[31m {}", "word ".repeat(40)),
        );
        assert!(out.lines().all(|line| line.width() <= WIDTH), "{out}");
        assert!(!out.contains('\u{1b}'));
        assert_eq!(out.matches("word").count(), 40);
    }
}
