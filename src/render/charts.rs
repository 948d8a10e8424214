//! The drawings of a report as SVG files that stand by themselves, for wikis, slides and Markdown.
//!
//! The geometry is that of the page: per cent of a width become pixels here. Programs that show such files know neither
//! style sheets nor variables nor scripts, and lay out no text: colours are literal, each text has a place, and names are
//! cut by an estimate of their width. Text reaches a file through the automatic escaping of the template only.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context as _, Result};
use chrono_tz::Tz;
use minijinja::Environment;
use minijinja::value::{Serde, Value};
use serde::Serialize;
use unicode_width::UnicodeWidthChar as _;

use super::html::chart::{self, round};
use super::html::{STYLE, environment, heat, part, range, strip};
use super::{SideFile, format};
use crate::report::{Block, Cell, Drawing, Place, Report, Row, Section, Table, Unit};

/// Width of every file, in pixels, and the room that is left free at its edges.
const WIDTH: f64 = 960.0;
const EDGE: f64 = 32.0;
const INNER: f64 = WIDTH - 2.0 * EDGE;

/// Rows that are drawn: more would be a picture that nobody can read.
const ROWS: usize = 40;

/// Height of a row.
const PITCH: f64 = 27.0;

/// Most room for the names of rows.
const NAMES: f64 = 320.0;

/// Room for a number at the end of a row.
const NUMBER: f64 = 84.0;

/// Characters of a name in the description.
const NAME_LIMIT: usize = 100;

/// Lines of a note.
const LINES: usize = 3;

/// What the heights of bars are multiplied with: a file has room that a page has not.
const STRETCH: f64 = 1.4;

/// A strip of few marks is not drawn wider than this many times its width on a page.
const STRIP_STRETCH: f64 = 3.0;

/// Size of the plain text.
const SIZE: f64 = 13.0;

/// One file for each drawing of the report, and one that says that there is nothing to draw for each drawing of the
/// outline that the report lacks: so a folder that is written again never holds a drawing of an earlier report.
///
/// A file is called `<section>.<table>.svg` and begins with an element that names the section and the table. It is
/// complete in itself and asks for no other file. Charts of rows have the first 40 rows, and say so where there are
/// more. The same report gives the same bytes. Fails on a report whose time zone is not known.
pub fn svg_files(report: &Report, outline: &Report) -> Result<Vec<SideFile>> {
    let zone: Tz = report
        .time_zone
        .parse()
        .with_context(|| format!("{:?} is not the name of a time zone", report.time_zone))?;
    let mut environment = environment()?;
    environment.add_filter("px", |value: f64, origin: f64, room: f64| {
        px(origin + value * room / 100.0)
    });
    let charts = Charts {
        report,
        zone,
        environment,
        colours: colours(),
    };
    let mut files = Vec::new();
    let mut names = BTreeSet::new();
    for (document, with_rows) in [(report, true), (outline, false)] {
        for section in &document.sections {
            for table in section.blocks.iter().filter_map(Block::table) {
                let id = format!("{}.{}", section.id, table.id);
                if table.drawing.is_some() && names.insert(id.clone()) {
                    files.push(charts.file(&id, section, table, with_rows)?);
                }
            }
        }
    }
    Ok(files)
}

/// What all files have in common.
struct Charts<'a> {
    report: &'a Report,
    zone: Tz,
    environment: Environment<'static>,
    colours: BTreeMap<&'static str, &'static str>,
}

/// What the template needs. Places are pixels.
#[derive(Serialize)]
struct Page<'a> {
    start: Value,
    width: f64,
    height: String,
    title: String,
    description: String,
    c: &'a BTreeMap<&'static str, &'static str>,
    lines: Vec<Line>,
    legend: Vec<Placed>,
    /// `bars`, `shades`, `strip`, `range`, `part` or `none`.
    kind: &'static str,
    /// Left edge, top, width and height of the plot.
    left: f64,
    top: f64,
    room: f64,
    depth: f64,
    stretch: f64,
    /// The drawing, or the scale of the drawings in rows.
    drawing: Value,
    marks: Vec<Placed>,
}

/// A line of text.
#[derive(Serialize)]
struct Line {
    x: String,
    y: String,
    size: f64,
    /// Name of its colour.
    ink: &'static str,
    bold: bool,
    /// `start`, `middle` or `end`.
    anchor: &'static str,
    text: String,
}

/// Something of the geometry, and where it stands.
#[derive(Serialize)]
struct Placed {
    x: f64,
    y: f64,
    /// What it says when pointed at.
    title: String,
    drawn: Value,
}

/// A page under construction, from the top down.
struct Sheet<'a> {
    page: Page<'a>,
    y: f64,
}

impl Sheet<'_> {
    fn line(&mut self, x: f64, y: f64, text: impl Into<String>) -> &mut Line {
        let at = self.page.lines.len();
        self.page.lines.push(Line {
            x: px(x),
            y: px(y),
            size: SIZE,
            ink: "ink2",
            bold: false,
            anchor: "start",
            text: text.into(),
        });
        &mut self.page.lines[at]
    }

    /// Sentences, one below the other.
    fn sentences(&mut self, text: &str) {
        for line in wrapped(text, INNER, LINES) {
            self.y += 19.0;
            let y = self.y;
            self.line(EDGE, y, line);
        }
    }

    /// The meaning of the marks, in as many lines as they need. `swatch` is the width of a mark.
    fn legend<'k>(&mut self, swatch: f64, keys: impl IntoIterator<Item = (&'k str, Value)>) {
        let mut x = EDGE;
        let mut first = true;
        for (label, drawn) in keys {
            let room = swatch + 7.0 + width(label) + 20.0;
            if first || x + room > WIDTH - EDGE {
                self.y += if first { 28.0 } else { 22.0 };
                x = EDGE;
                first = false;
            }
            let y = self.y;
            self.page.legend.push(Placed {
                x: round(x),
                y,
                title: String::new(),
                drawn,
            });
            self.line(x + swatch + 7.0, y, label);
            x += room;
        }
    }
}

impl Charts<'_> {
    fn file(
        &self,
        id: &str,
        section: &Section,
        table: &Table,
        with_rows: bool,
    ) -> Result<SideFile> {
        // The heading of a table says little without that of its section.
        let (title, of) = if section.title.is_empty() {
            (table.title, "")
        } else {
            (section.title, table.title)
        };
        // Keys are ours: they need no escaping, and the beginning must be known without the template.
        let start = format!("<svg xmlns=\"http://www.w3.org/2000/svg\" data-rundown=\"{id}\"");
        let mut sheet = Sheet {
            page: Page {
                start: Value::from_safe_string(start.clone()),
                width: WIDTH,
                height: String::new(),
                title: match of {
                    "" => title.to_owned(),
                    of => format!("{title}: {}", of.to_lowercase()),
                },
                description: String::new(),
                c: &self.colours,
                lines: Vec::new(),
                legend: Vec::new(),
                kind: "none",
                left: EDGE,
                top: 0.0,
                room: INNER,
                depth: 0.0,
                stretch: 100.0 * STRETCH,
                drawing: Value::from(()),
                marks: Vec::new(),
            },
            y: 46.0,
        };
        let line = sheet.line(EDGE, 46.0, title);
        (line.size, line.ink, line.bold) = (20.0, "ink", true);
        sheet.y = 69.0;
        let context = cut(&self.context(of), INNER);
        sheet.line(EDGE, 69.0, context);
        if !with_rows || self.draw(&mut sheet, table).is_none() {
            sheet.page.kind = "none";
            sheet.page.description = "Nothing to draw.".to_owned();
            sheet.y += 48.0;
            let y = sheet.y;
            sheet.line(EDGE, y, "Nothing to draw.").size = 15.0;
        }
        let Sheet { mut page, y } = sheet;
        page.height = px(y + 28.0);
        let template = self.environment.get_template("charts.html");
        let text = template
            .and_then(|template| template.render(Value::from(Serde(&page))))
            .with_context(|| format!("rendering the chart {id}"))?;
        Ok(SideFile {
            name: format!("{id}.svg"),
            start,
            text: format!("{}\n", text.trim()),
        })
    }

    /// What a reader must know who sees nothing but the drawing.
    fn context(&self, of: &str) -> String {
        let window = &self.report.window;
        let period = chart::period(Some(window.first), Some(window.last), "day");
        let mut parts = vec![format::text(&self.report.title).into_owned()];
        if !of.is_empty() {
            parts.insert(0, of.to_owned());
        }
        // The title may say them.
        for part in [period, self.report.time_zone.clone()] {
            if !parts.iter().any(|known| known.contains(&part)) {
                parts.push(part);
            }
        }
        parts.join(" · ")
    }

    /// Draws a table. Nothing where it has nothing to draw.
    fn draw(&self, sheet: &mut Sheet<'_>, table: &Table) -> Option<()> {
        if table.rows.is_empty() {
            return None;
        }
        match table.drawing.as_ref()? {
            Drawing::Bars { by, stack } => bars(sheet, table, &chart::chart(table, by, stack)?),
            Drawing::Shades => shades(sheet, table, &heat::heat(table)?),
            Drawing::Strips { buckets } => {
                let terms = &self.report.terms;
                let by = self.report.window.by;
                let (scale, strips) = strip::strips(table, buckets, terms, by, table.rows.len())?;
                let numbers = columns(table, &["failed", "runs", "success_rate"]);
                let top = self.rows(sheet, "strip", table, &numbers, |sheet| {
                    let keys = scale.legend.iter();
                    sheet.legend(7.0, keys.map(|key| (key.label.as_str(), value(key))));
                });
                let page = &mut sheet.page;
                let stretch = (page.room / scale.width as f64).min(STRIP_STRETCH);
                page.stretch = round(stretch);
                for (row, strip) in strips.iter().take(ROWS).enumerate() {
                    let Some(strip) = strip else { continue };
                    page.marks[row].title = format!("{}: {}", page.marks[row].title, strip.title);
                    page.marks[row].drawn = value(strip);
                }
                let (left, end) = (page.left, page.left + stretch * scale.width as f64);
                page.drawing = value(&scale);
                let both = width(&scale.first) + width(&scale.last) + 12.0;
                if end - left > both {
                    sheet.line(left, top, scale.first);
                    sheet.line(end, top, scale.last).anchor = "end";
                } else if scale.first == scale.last {
                    sheet.line(left, top, scale.first);
                } else {
                    sheet.line(left, top, format!("{} to {}", scale.first, scale.last));
                }
            }
            Drawing::Ranges { keys } => {
                let (scale, ranges) = range::ranges(table, keys, String::new())?;
                let numbers = columns(table, keys);
                let [usual, long, longest] = scale.labels;
                let long = format!("to {}", long.to_lowercase());
                let words = if scale.logarithmic {
                    "Logarithmic scale: equal distances are equal ratios"
                } else {
                    "Linear scale"
                };
                let labels = [usual, &long, longest, words];
                let marks = ["tick", "bar", "dot", ""];
                let top = self.rows(sheet, "range", table, &numbers, |sheet| {
                    let marks = marks.into_iter().map(Value::from);
                    sheet.legend(22.0, labels.into_iter().zip(marks));
                });
                sheet.page.drawing = value(&scale);
                for (placed, range) in sheet.page.marks.iter_mut().zip(&ranges) {
                    placed.drawn = value(range);
                }
                let (left, room) = (sheet.page.left, sheet.page.room);
                for tick in scale.ticks {
                    let x = left + tick.x * room / 100.0;
                    sheet.line(x, top, tick.label).anchor = "middle";
                }
            }
            Drawing::Share { key } => {
                let (scale, bars) = part::shares(table, key)?;
                let counts = table
                    .columns
                    .iter()
                    .filter(|column| column.unit == Unit::Count && column.place == Place::Column);
                let mut keys: Vec<&str> = counts.take(2).map(|column| column.key).collect();
                keys.push(key);
                self.parts(sheet, table, &keys, &scale, &bars);
            }
            Drawing::Parts { whole, parts, rest } => {
                let (scale, bars) = part::parts(table, whole, parts, rest)?;
                let keys: Vec<&str> = [*whole].into_iter().chain(parts.iter().copied()).collect();
                self.parts(sheet, table, &keys, &scale, &bars);
            }
        }
        Some(())
    }

    fn parts(
        &self,
        sheet: &mut Sheet<'_>,
        table: &Table,
        keys: &[&str],
        scale: &part::Scale,
        bars: &[Option<part::Bar>],
    ) {
        self.rows(sheet, "part", table, &columns(table, keys), |sheet| {
            let keys = scale.keys.iter();
            sheet.legend(12.0, keys.map(|key| (key.label, value(key))));
        });
        for (placed, bar) in sheet.page.marks.iter_mut().zip(bars) {
            placed.drawn = value(bar);
        }
    }

    /// Lays out the rows of a table: the name, room for a mark, and the numbers of these columns. Returns where the
    /// labels of the scale stand.
    fn rows(
        &self,
        sheet: &mut Sheet<'_>,
        kind: &'static str,
        table: &Table,
        numbers: &[usize],
        legend: impl FnOnce(&mut Sheet<'_>),
    ) -> f64 {
        sheet.sentences(&format::text(&table.note));
        legend(sheet);
        let rows = &table.rows[..table.rows.len().min(ROWS)];
        let names: Vec<String> = rows.iter().map(|row| self.name(table, row)).collect();
        let widest = names.iter().map(|name| width(name)).fold(80.0, f64::max);
        let names_room = widest.min(NAMES).ceil();
        let labels: Vec<Vec<String>> = numbers
            .iter()
            .map(|&at| wrapped(table.columns[at].label, NUMBER - 10.0, 3))
            .collect();
        let deepest = labels.iter().map(Vec::len).max().unwrap_or(0).max(1);
        sheet.y += 30.0 + 16.0 * (deepest - 1) as f64;
        let head = sheet.y;
        let right = |place: usize| WIDTH - EDGE - NUMBER * (numbers.len() - 1 - place) as f64;
        for (place, label) in labels.iter().enumerate() {
            for (at, words) in label.iter().rev().enumerate() {
                let line = sheet.line(right(place), head - 16.0 * at as f64, words.as_str());
                (line.anchor, line.size) = ("end", 12.0);
            }
        }
        let top = head + 9.0;
        let left = EDGE + names_room + 18.0;
        let page = &mut sheet.page;
        page.kind = kind;
        (page.left, page.top) = (left, top);
        page.room = WIDTH - EDGE - NUMBER * numbers.len() as f64 - 8.0 - left;
        page.depth = PITCH * rows.len() as f64;
        let noun = match table
            .columns
            .iter()
            .find(|column| column.place == Place::Name)
        {
            Some(column) if column.key == "scan" => ("scan", "scans"),
            _ => ("row", "rows"),
        };
        let is_cut = table.total > rows.len();
        let count = if is_cut {
            format!(
                "{} of {} {} are drawn, the first in the order of the report.",
                format::size(rows.len()),
                format::size(table.total),
                noun.1
            )
        } else {
            format!("{}.", format::plural(rows.len(), noun.0, noun.1))
        };
        let mut told = vec![count.clone()];
        for (at, (row, name)) in rows.iter().zip(&names).enumerate() {
            let y = top + PITCH * at as f64;
            let base = y + 18.0;
            let line = sheet.line(EDGE, base, cut(name, names_room));
            line.ink = "ink";
            let mut said = Vec::new();
            for (place, &at) in numbers.iter().enumerate() {
                let column = &table.columns[at];
                let cell = row.cells.get(at).unwrap_or(&Cell::Null);
                let shown = format::cell(cell, column.unit, self.zone);
                said.push(format!("{} {shown}", column.label.to_lowercase()));
                let failed = matches!(column.key, "failed" | "missing")
                    && matches!(cell, Cell::Int(count) if *count > 0);
                let line = sheet.line(right(place), base, shown);
                line.anchor = "end";
                (line.ink, line.bold) = if failed {
                    ("fail-t", true)
                } else {
                    ("ink", false)
                };
            }
            let (short, rest) = format::cut(name, NAME_LIMIT);
            let short = format!("{short}{}", if rest > 0 { "…" } else { "" });
            told.push(format!("{short}: {}.", said.join(", ")));
            sheet.page.marks.push(Placed {
                x: round(left),
                y,
                title: short,
                drawn: Value::from(()),
            });
        }
        sheet.page.description = told.join(" ");
        sheet.y = top + sheet.page.depth;
        if is_cut {
            sheet.y += 26.0;
            let y = sheet.y;
            sheet.line(EDGE, y, count);
        }
        head
    }

    /// The name of a row in one line.
    fn name(&self, table: &Table, row: &Row) -> String {
        let names = format::columns(table, Place::Name).map(|(at, column)| {
            match &*format::shown(table, row, at) {
                Cell::Null => Cow::Borrowed(format::NOT_NAMED),
                Cell::Text(word) if column.unit == Unit::Status => {
                    match format::term(&self.report.terms, word) {
                        Some(term) => Cow::Borrowed(term.label),
                        None => Cow::Owned(format::text(word).into_owned()),
                    }
                }
                cell => Cow::Owned(format::cell(cell, column.unit, self.zone)),
            }
        });
        let name = names.collect::<Vec<_>>().join(" ");
        name.split_whitespace().collect::<Vec<_>>().join(" ")
    }
}

fn bars(sheet: &mut Sheet<'_>, table: &Table, chart: &chart::Chart) {
    sheet.sentences(&format::text(&table.note));
    let keys = chart.legend.iter();
    sheet.legend(12.0, keys.map(|key| (key.label, value(key))));
    let labels = chart.ticks.iter().map(|tick| width(&tick.label));
    let left = EDGE + labels.fold(0.0, f64::max).ceil() + 10.0;
    let top = sheet.y + 28.0;
    let page = &mut sheet.page;
    page.kind = "bars";
    page.description.clone_from(&chart.told);
    (page.left, page.top, page.room) = (left, top, WIDTH - EDGE - left);
    page.depth = chart.height * STRETCH;
    page.drawing = value(chart);
    for tick in &chart.ticks {
        let y = top + tick.y * STRETCH + 4.0;
        sheet.line(left - 10.0, y, tick.label.as_str()).anchor = "end";
    }
    let room = sheet.page.room;
    sheet.y = top + sheet.page.depth + 22.0;
    let y = sheet.y;
    for bar in chart.bars.iter().filter(|bar| !bar.label.is_empty()) {
        let x = left + bar.middle * room / 100.0;
        sheet.line(x, y, bar.label.as_str()).anchor = "middle";
    }
    if !chart.footnotes.is_empty() {
        sheet.y += 10.0;
    }
    for footnote in &chart.footnotes {
        sheet.sentences(footnote);
    }
}

fn shades(sheet: &mut Sheet<'_>, table: &Table, heat: &heat::Heat) {
    sheet.sentences(&format::text(&table.note));
    let keys = heat.legend.iter();
    sheet.legend(14.0, keys.map(|key| (key.label.as_str(), value(key))));
    let labels = heat.rows.iter().map(|row| width(&row.label));
    let names = labels.fold(0.0, f64::max).min(NAMES).ceil();
    let left = EDGE + names + 14.0;
    let top = sheet.y + 22.0;
    let page = &mut sheet.page;
    page.kind = "shades";
    page.description.clone_from(&heat.told);
    (page.left, page.top, page.room) = (left, top, WIDTH - EDGE - left);
    page.depth = heat.height as f64;
    page.drawing = value(heat);
    for row in &heat.rows {
        let line = sheet.line(
            left - 14.0,
            top + row.y as f64 + 18.0,
            cut(&row.label, names),
        );
        line.anchor = "end";
    }
    let room = sheet.page.room;
    sheet.y = top + sheet.page.depth + 20.0;
    let y = sheet.y;
    for column in &heat.columns {
        let line = sheet.line(left + column.middle * room / 100.0, y, column.label);
        (line.anchor, line.size) = ("middle", 12.0);
    }
}

/// The places of columns, as far as a table has them.
fn columns(table: &Table, keys: &[&str]) -> Vec<usize> {
    let place = |key: &&str| table.columns.iter().position(|column| column.key == *key);
    keys.iter().filter_map(place).collect()
}

/// The geometry as a value for the template.
fn value<T: Serialize>(of: &T) -> Value {
    Value::from(Serde(of))
}

/// The light colours of the page by name, from its style sheet.
fn colours() -> BTreeMap<&'static str, &'static str> {
    let named = STYLE.split("--").filter_map(|text| {
        let (name, value) = text.split_once(":light-dark(")?;
        let (light, _) = value.split_once(',')?;
        Some((name, light))
    });
    named.collect()
}

/// A place in pixels, as short as it can be said.
fn px(value: f64) -> String {
    round(value).to_string()
}

/// About how wide a text is in the plain size, in pixels: rather too wide than too narrow.
fn width(text: &str) -> f64 {
    text.chars().map(advance).sum()
}

fn advance(c: char) -> f64 {
    let em = match c {
        ' ' | '!' | '\'' | '(' | ')' | ',' | '-' | '.' | '/' | ':' | ';' | 'I' | '[' | ']'
        | 'f' | 'i' | 'j' | 'l' | 'r' | 't' | '|' | '·' => 0.38,
        '%' | '@' | 'M' | 'W' | 'm' | 'w' | '…' => 0.95,
        'A'..='Z' => 0.7,
        '!'..='~' => 0.59,
        _ => match c.width().unwrap_or(0) {
            0 => 0.0,
            1 => 0.7,
            _ => 1.05,
        },
    };
    em * SIZE
}

/// A text, or as much of it as there is room for, and an ellipsis.
fn cut(text: &str, room: f64) -> String {
    if width(text) <= room {
        return text.to_owned();
    }
    let mut left = room - advance('…');
    let mut kept = String::new();
    for c in text.chars() {
        left -= advance(c);
        if left < 0.0 {
            break;
        }
        kept.push(c);
    }
    format!("{}…", kept.trim_end())
}

/// A text in lines, no more than this many; the last one ends with an ellipsis where there is more.
fn wrapped(text: &str, room: f64, most: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split_whitespace() {
        let is_last = lines.len() == most;
        let fits = |line: &&mut String| is_last || width(line) + advance(' ') + width(word) <= room;
        match lines.last_mut().filter(fits) {
            Some(line) => {
                line.push(' ');
                line.push_str(word);
            }
            None => lines.push(word.to_owned()),
        }
    }
    lines.iter().map(|line| cut(line, room)).collect()
}

#[cfg(test)]
mod tests {
    use chrono::NaiveDate;

    use super::*;
    use crate::report::{Column, Span, testing};

    const HOSTILE: &str = "<script>alert('1')</script> & \"]]>\u{202e}\u{1b}\0\u{ffff} -->";

    fn column(key: &'static str, unit: Unit, place: Place) -> Column {
        Column {
            key,
            label: key,
            unit,
            place,
            definition: "",
        }
    }

    fn table(
        id: &'static str,
        columns: Vec<Column>,
        rows: Vec<Vec<Cell>>,
        drawing: Drawing,
    ) -> Block {
        let rows = rows.into_iter().map(|cells| Row {
            cells,
            ..Row::default()
        });
        Block::Table(Table {
            drawing: Some(drawing),
            ..Table::new(id, id, HOSTILE.to_owned(), columns, rows.collect())
        })
    }

    fn named(keys: &[&'static str], unit: Unit) -> Vec<Column> {
        let others = keys.iter().map(|key| column(key, unit, Place::Column));
        [column("scan", Unit::Text, Place::Name)]
            .into_iter()
            .chain(others)
            .collect()
    }

    fn text(text: &str) -> Cell {
        Cell::Text(text.to_owned())
    }

    /// One table of each drawing, all with this name.
    fn blocks(name: &str) -> Vec<Block> {
        let day = |day| NaiveDate::from_ymd_opt(2026, 11, day).unwrap();
        let buckets = [1, 2].map(|at| Span {
            first: day(at),
            last: day(at),
        });
        let bars = vec![
            column("start", Unit::Date, Place::Name),
            column("last", Unit::Date, Place::Machine),
            column("failed", Unit::Count, Place::Column),
            column("succeeded", Unit::Count, Place::Column),
        ];
        let bar = |at, failed, succeeded| {
            vec![
                Cell::Date(day(at)),
                Cell::Date(day(at)),
                Cell::Int(failed),
                Cell::Int(succeeded),
            ]
        };
        vec![
            table(
                "bars",
                bars,
                vec![bar(1, 1, 3), bar(2, 0, 2)],
                Drawing::Bars {
                    by: "day",
                    stack: vec!["failed", "succeeded"],
                },
            ),
            table(
                "strips",
                named(&["strip"], Unit::Text),
                vec![vec![text(name), text("sf")]],
                Drawing::Strips {
                    buckets: buckets.to_vec(),
                },
            ),
            table(
                "ranges",
                named(&["usual", "long", "longest"], Unit::Count),
                vec![vec![text(name), Cell::Int(1), Cell::Int(2), Cell::Int(4)]],
                Drawing::Ranges {
                    keys: ["usual", "long", "longest"],
                },
            ),
            table(
                "shades",
                named(&["00", "01"], Unit::Count),
                vec![vec![text(name), Cell::Int(5), Cell::Int(0)]],
                Drawing::Shades,
            ),
            table(
                "share",
                named(&["share"], Unit::Share),
                vec![vec![text(name), Cell::Float(0.25)]],
                Drawing::Share { key: "share" },
            ),
            table(
                "parts",
                named(&["discovered", "ingested", "missing"], Unit::Count),
                vec![vec![text(name), Cell::Int(4), Cell::Int(2), Cell::Int(1)]],
                Drawing::Parts {
                    whole: "discovered",
                    parts: vec!["ingested", "missing"],
                    rest: "Rest",
                },
            ),
        ]
    }

    fn files(name: &str) -> BTreeMap<String, String> {
        let report = testing::report(vec![("one", blocks(name))]);
        let files = svg_files(&report, &testing::report(Vec::new())).unwrap();
        files
            .into_iter()
            .map(|file| (file.name, file.text))
            .collect()
    }

    /// Fails unless a text is one XML element with others inside, every attribute quoted and every `&` a reference.
    fn is_well_formed(mut text: &str) {
        let mut open: Vec<&str> = Vec::new();
        loop {
            let (plain, rest) = text.split_once('<').unwrap_or((text, ""));
            assert!(!plain.contains('>') && (!open.is_empty() || plain.trim().is_empty()));
            for reference in plain.split('&').skip(1) {
                let (name, _) = reference.split_once(';').unwrap();
                let known = ["amp", "lt", "gt", "quot", "apos"].contains(&name);
                let number = name.strip_prefix("#x").is_some_and(|digits| {
                    u32::from_str_radix(digits, 16).is_ok_and(|code| code >= 32)
                });
                let decimal = name
                    .strip_prefix('#')
                    .is_some_and(|digits| digits.parse::<u32>().is_ok());
                assert!(known || number || decimal, "{name}");
            }
            if rest.is_empty() {
                break;
            }
            let (tag, rest) = rest.split_once('>').unwrap();
            text = rest;
            if let Some(name) = tag.strip_prefix('/') {
                assert_eq!(open.pop(), Some(name));
                continue;
            }
            let (tag, is_empty) = tag
                .strip_suffix('/')
                .map_or((tag, false), |tag| (tag, true));
            let (name, mut attributes) = tag.split_once(' ').unwrap_or((tag, ""));
            assert!(
                !name.is_empty() && name.bytes().all(|b| b.is_ascii_lowercase()),
                "{name}"
            );
            let mut seen = BTreeSet::new();
            while !attributes.trim().is_empty() {
                let (key, rest) = attributes.split_once("=\"").unwrap();
                assert!(seen.insert(key.trim()), "{key} twice in {name}");
                let (_, rest) = rest.split_once('"').unwrap();
                assert!(rest.is_empty() || rest.starts_with(' '), "{tag}");
                attributes = rest;
            }
            if !is_empty {
                open.push(name);
            }
        }
        assert!(open.is_empty(), "{open:?}");
    }

    #[test]
    fn hostile_names_are_text_and_nothing_is_asked_of_others() {
        let all = files(HOSTILE);
        assert_eq!(all.len(), 6);
        for (name, text) in &all {
            is_well_formed(text);
            assert!(
                !text.contains("<script") && text.contains("&lt;script&gt;"),
                "{name}"
            );
            assert!(!text.chars().any(|c| c.is_control() && c != '\n'), "{name}");
            assert!(
                !text.contains('\u{202e}') && !text.contains('\u{ffff}'),
                "{name}"
            );
            for never in [
                "var(",
                "style=",
                "href",
                "class=",
                "data:",
                "Nothing to draw",
            ] {
                assert!(!text.contains(never), "{name}: {never}");
            }
            assert_eq!(text.matches("://").count(), 1, "{name}");
        }
        assert_eq!(all, files(HOSTILE));
    }

    #[test]
    fn bars_stand_where_their_counts_are() {
        // Highest 4: steps of 1 up to 4. The plot is 200 px high and drawn 1.4 times: 70 px for each run. One digit is
        // 0.59 x 13 = 7.67, rounded up 8: the plot begins at 32 + 8 + 10 = 50 and is 928 - 50 = 878 px wide. Two bars:
        // 439 px each, of which 26 % are gap. The first begins at 50 + 439 x 0.13 = 107.07 and is 439 x 0.74 = 324.86
        // wide.
        let all = files("daily");
        let bars = &all["one.bars.svg"];
        let failed = "x=\"107.07\" y=";
        assert!(bars.contains(failed), "{bars}");
        assert!(
            bars.contains("width=\"324.86\" height=\"70\" fill=\"#c2361b\""),
            "{bars}"
        );
    }

    #[test]
    fn rows_are_drawn_on_one_scale() {
        let all = files("daily");
        // A name of less than 80 px leaves 80: the plot begins at 32 + 80 + 18 = 130. With one column of numbers it ends
        // at 928 - 84 - 8 = 836: 706 px, of which a quarter is 176.5.
        let share = &all["one.share.svg"];
        assert!(
            share.contains("x=\"130\"") && share.contains("width=\"176.5\""),
            "{share}"
        );
        // Three columns: it ends at 928 - 252 - 8 = 668, 538 px. Half of the whole is 269, a quarter 134.5.
        let parts = &all["one.parts.svg"];
        for expected in [
            "width=\"269\" height=\"14\"",
            "x=\"399\"",
            "width=\"134.5\" height=\"18\"",
        ] {
            assert!(parts.contains(expected), "{expected} in {parts}");
        }
        // From 2 % to 98 % of 538 px: the scale ends at 4, so 1 is at 26 %, 2 at 50 %: 130 + 139.88 and a bar of 24 %.
        let ranges = &all["one.ranges.svg"];
        for expected in [
            "x=\"269.88\"",
            "width=\"129.12\" height=\"10\"",
            "cx=\"657.24\"",
        ] {
            assert!(ranges.contains(expected), "{expected} in {ranges}");
        }
        // Two marks of 14 px, three times as wide; the second failed.
        let strips = &all["one.strips.svg"];
        assert!(
            strips.contains("scale(3.0 1)\" fill=\"none\" stroke-dasharray=\"13 1\""),
            "{strips}"
        );
        assert!(
            strips.contains("stroke=\"#c2361b\" stroke-width=\"22\" d=\"M14 11h14\""),
            "{strips}"
        );
        // The only count is the darkest.
        let shades = &all["one.shades.svg"];
        assert!(
            shades.contains("stroke-width=\"2\" fill=\"#2b4294\"/>"),
            "{shades}"
        );
    }

    #[test]
    fn what_is_not_drawn_is_said() {
        let rows = (0..1_000).map(|at| vec![text(&format!("scan {at}")), Cell::Float(0.5)]);
        let share = |rows: Vec<Vec<Cell>>| {
            let drawing = Drawing::Share { key: "share" };
            vec![(
                "one",
                vec![table(
                    "share",
                    named(&["share"], Unit::Share),
                    rows,
                    drawing,
                )],
            )]
        };
        let empty = testing::report(share(Vec::new()));
        let full = testing::report(share(rows.collect()));
        let file = svg_files(&full, &empty).unwrap().remove(0).text;
        assert!(file.contains(">40 of 1,000 scans are drawn, "), "{file}");
        assert!(file.contains(">scan 39</text>") && !file.contains("scan 40"));
        let files = svg_files(&testing::report(Vec::new()), &full).unwrap();
        let only = &files[0];
        assert_eq!((files.len(), only.name.as_str()), (1, "one.share.svg"));
        assert!(only.text.starts_with(&only.start));
        assert!(only.text.contains("Nothing to draw.") && !only.text.contains("scan"));
        is_well_formed(&only.text);
    }

    #[test]
    fn long_texts_are_cut_where_the_room_ends() {
        // Ten letters of 0.59 x 13 = 7.67 are 76.7 wide; with 0.95 x 13 = 12.35 for the ellipsis eight fit into 74.
        assert_eq!(cut("aaaaaaaaaa", 77.0), "aaaaaaaaaa");
        assert_eq!(cut("aaaaaaaaaa", 74.0), "aaaaaaaa…");
        assert_eq!(wrapped("aaaa aaaa aaaa", 40.0, 2), ["aaaa", "aaa…"]);
        assert_eq!(wrapped("", 40.0, 2), Vec::<String>::new());
    }
}
