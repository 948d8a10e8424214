//! Every table of a report as a CSV file of raw values, for spreadsheets and databases.

use std::collections::BTreeSet;

use anyhow::Result;

use super::json::instant;
use super::{SideFile, format};
use crate::report::{Block, Cell, Report, Section, Tone};

/// One file for each block of the report, and, without a row, for each block of the outline that the report lacks:
/// so a folder that is written again never holds a table of an earlier report.
///
/// A file is called `<section>.<block>.csv` and begins with its header.
///
/// Tables have their columns by key, figures `key,value`, notes `tone,text`. Values are those of the JSON: times and
/// dates in ISO form, fractions not rounded, `true` and `false`, and nothing for null. Only texts are touched: where a
/// spreadsheet would take them for a formula, and where they hold what cannot be seen, which is named.
pub fn csv_files(report: &Report, outline: &Report) -> Result<Vec<SideFile>> {
    let mut files = Vec::new();
    let mut names = BTreeSet::new();
    for (document, rows) in [(report, true), (outline, false)] {
        for section in &document.sections {
            for block in &section.blocks {
                let name = name(section, block);
                if names.insert(name.clone()) {
                    files.push(file(name, block, rows)?);
                }
            }
        }
    }
    Ok(files)
}

fn name(section: &Section, block: &Block) -> String {
    format!("{}.{}.csv", section.id, block.id())
}

fn file(name: String, block: &Block, with_rows: bool) -> Result<SideFile> {
    let (header, rows): (Vec<&str>, Vec<Vec<String>>) = match block {
        Block::Figures(figures) => (
            vec!["key", "value"],
            figures
                .items
                .iter()
                .flatten()
                .map(|figure| vec![figure.key.to_owned(), raw(&figure.value)])
                .collect(),
        ),
        Block::Notes(notes) => (
            vec!["tone", "text"],
            notes
                .items
                .iter()
                .map(|note| vec![tone(note.tone).to_owned(), shown(&note.text)])
                .collect(),
        ),
        Block::Table(table) => (
            table.columns.iter().map(|column| column.key).collect(),
            table
                .rows
                .iter()
                .map(|row| row.cells.iter().map(raw).collect())
                .collect(),
        ),
    };
    let header = records([header])?;
    let rows = if with_rows {
        records(rows)?
    } else {
        String::new()
    };
    Ok(SideFile {
        name,
        text: format!("{header}{rows}"),
        start: header,
    })
}

fn records<R, F>(rows: impl IntoIterator<Item = R>) -> Result<String>
where
    R: IntoIterator<Item = F>,
    F: AsRef<[u8]>,
{
    let mut writer = csv::WriterBuilder::new()
        .terminator(csv::Terminator::CRLF)
        .from_writer(Vec::new());
    for row in rows {
        writer.write_record(row)?;
    }
    Ok(String::from_utf8(writer.into_inner()?)?)
}

fn raw(cell: &Cell) -> String {
    match cell {
        Cell::Text(text) => shown(text),
        Cell::Int(number) => number.to_string(),
        // As in JSON, where a number that is none is null.
        Cell::Float(number) if number.is_finite() => {
            serde_json::Number::from_f64(*number).map_or_else(String::new, |n| n.to_string())
        }
        Cell::Null | Cell::Float(_) => String::new(),
        Cell::Bool(value) => value.to_string(),
        Cell::Date(date) => date.to_string(),
        Cell::Time(micros) => instant(*micros).unwrap_or_default(),
    }
}

fn tone(tone: Tone) -> &'static str {
    match tone {
        Tone::Info => "info",
        Tone::Warning => "warning",
        Tone::Urgent => "urgent",
        Tone::Stop => "stop",
    }
}

/// A text as it may stand in a file that people open.
fn shown(text: &str) -> String {
    guarded(&format::text(text))
}

/// A text that no spreadsheet takes for a formula: `'` stands before what would begin one.
///
/// A cell begins with its text. Where a spreadsheet is set to another separator than the comma, as in most of Europe,
/// one also begins after a semicolon, a tab or a line break inside the text.
fn guarded(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 1);
    if text.starts_with(['\t', '\r']) {
        out.push('\'');
    }
    // Where a cell began of which only blanks were seen.
    let mut began = Some(0);
    for (at, c) in text.char_indices() {
        let separator = matches!(c, ';' | '\t' | '\r' | '\n');
        if let Some(start) = began {
            if is_blank(c) && !separator {
                continue;
            }
            if matches!(c, '=' | '+' | '-' | '@' | '＝' | '＋' | '－' | '＠') {
                out.push('\'');
            }
            out.push_str(&text[start..at]);
        }
        out.push(c);
        began = separator.then_some(at + c.len_utf8());
    }
    out.push_str(began.map_or("", |start| &text[start..]));
    out
}

/// Not seen at the beginning of a cell, or cut off there.
fn is_blank(c: char) -> bool {
    c.is_whitespace() || c.is_control() || matches!(c, '\u{200b}'..='\u{200f}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use chrono::NaiveDate;

    use super::*;
    use crate::report::testing;
    use crate::report::{Column, Figure, Figures, Note, Notes, Place, Row, Table, Unit};

    #[test]
    fn what_begins_a_formula_is_guarded() {
        for (text, expected) in [
            ("=1+1", "'=1+1"),
            ("+1", "'+1"),
            ("-1", "'-1"),
            ("@SUM(A1)", "'@SUM(A1)"),
            ("  =1", "'  =1"),
            ("\u{a0}\u{feff}=1", "'\u{a0}\u{feff}=1"),
            ("\0=1", "'\0=1"),
            ("\tx", "'\tx"),
            ("\rx", "'\rx"),
            ("＝1", "'＝1"),
            ("＋1", "'＋1"),
            ("－1", "'－1"),
            ("＠x", "'＠x"),
            ("x;=1", "x;'=1"),
            ("x\t =1", "x\t' =1"),
            ("x\n-1", "x\n'-1"),
            ("\n=1", "\n'=1"),
            (";=;=", ";'=;'="),
        ] {
            assert_eq!(guarded(text), expected, "{text:?}");
        }
        for text in [
            "",
            "  ",
            "daily",
            "a=b",
            "a-b@c",
            "sql-01; retry",
            "x\ny",
            "x;",
            "x; ",
            "'=1",
            "1-1",
        ] {
            assert_eq!(guarded(text), text);
        }
    }

    #[test]
    fn values_are_raw_and_only_texts_are_guarded() {
        let cells = [
            (Cell::Null, ""),
            (Cell::Text("a,\"b\"".to_owned()), "a,\"b\""),
            (Cell::Text("=x".to_owned()), "'=x"),
            (
                Cell::Text("\u{1b}[1m\u{202e}=x".to_owned()),
                "<U+001B>[1m<U+202E>=x",
            ),
            (Cell::Int(-5), "-5"),
            (Cell::Float(442.0 / 479.0), "0.9227557411273486"),
            (Cell::Float(-0.5), "-0.5"),
            (Cell::Float(1.0), "1.0"),
            (Cell::Float(f64::NAN), ""),
            (Cell::Bool(true), "true"),
            (Cell::Bool(false), "false"),
            (
                Cell::Date(NaiveDate::from_ymd_opt(2026, 11, 1).unwrap()),
                "2026-11-01",
            ),
            (Cell::Time(0), "1970-01-01T00:00:00Z"),
            (Cell::Time(1_500), "1970-01-01T00:00:00.001500Z"),
        ];
        for (cell, expected) in cells {
            assert_eq!(raw(&cell), expected);
        }
    }

    fn column(key: &'static str) -> Column {
        Column {
            key,
            label: "Shown",
            unit: Unit::Text,
            place: Place::Machine,
            definition: "",
        }
    }

    fn table(id: &'static str, rows: Vec<Vec<Cell>>) -> Block {
        let rows = rows.into_iter().map(|cells| Row {
            cells,
            ..Row::default()
        });
        let columns = vec![column("scan"), column("runs")];
        Block::Table(Table {
            nested_in: Some("scans"),
            ..Table::new(id, "", String::new(), columns, rows.collect())
        })
    }

    #[test]
    fn every_block_is_a_file_and_what_the_report_lacks_is_a_header() {
        let figures = Block::Figures(Figures {
            id: "figures",
            title: "",
            aside: false,
            items: Ok(vec![Figure {
                key: "runs",
                label: "Runs",
                unit: Unit::Count,
                value: Cell::Int(3),
                previous: None,
                definition: "",
                main: true,
            }]),
        });
        let none = Block::Figures(Figures {
            id: "previous",
            title: "",
            aside: false,
            items: Err("No earlier data".to_owned()),
        });
        let notes = Block::Notes(Notes {
            id: "notes",
            items: vec![Note {
                tone: Tone::Warning,
                text: "-x, \"y\"".to_owned(),
            }],
        });
        let rows = vec![vec![Cell::Text("a\r\nb".to_owned()), Cell::Int(1)]];
        let report = testing::report(vec![(
            "one",
            vec![figures, none, notes, table("rows", rows.clone())],
        )]);
        let outline = testing::report(vec![
            ("one", vec![table("rows", rows.clone())]),
            ("two", vec![table("more", rows)]),
        ]);
        let files = csv_files(&report, &outline).unwrap();
        let shown: Vec<_> = files
            .iter()
            .map(|file| (file.name.as_str(), file.text.as_str()))
            .collect();
        assert_eq!(
            shown,
            [
                ("one.figures.csv", "key,value\r\nruns,3\r\n"),
                ("one.previous.csv", "key,value\r\n"),
                (
                    "one.notes.csv",
                    "tone,text\r\nwarning,\"'-x, \"\"y\"\"\"\r\n"
                ),
                ("one.rows.csv", "scan,runs\r\n\"a\nb\",1\r\n"),
                ("two.more.csv", "scan,runs\r\n"),
            ]
        );
        assert_eq!(files[3].start, "scan,runs\r\n");
    }
}
