//! HTML and Markdown are read back and compared with JSON.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use rundown::render::{Format, RenderOptions, render, render_with};
use rundown::report::{Block, Drawing, Place, Report, Table, Unit};
use serde_json::Value;

use crate::common::generate::case;
use crate::reading::{Figures, Shown, html, markdown, says};
use crate::{Made, csv, made, rows};

/// Markdown of at most so many characters.
fn markdown_within(report: &Report, max_chars: usize) -> anyhow::Result<String> {
    let options = RenderOptions {
        max_chars,
        ..RenderOptions::default()
    };
    render_with(report, Format::Markdown, &options)
}

/// The tables of a report that a page shows by themselves, with the id of their section.
fn tables(report: &Report) -> Vec<(&'static str, &Table)> {
    let mut tables = Vec::new();
    for section in &report.sections {
        let of = section.blocks.iter().filter_map(Block::table);
        let shown = of.filter(|table| table.nested_in.is_none() && !table.rows.is_empty());
        tables.extend(shown.map(|table| (section.id, table)));
    }
    tables
}

/// How many cells were compared, by unit.
#[derive(Default)]
struct Compared(BTreeMap<String, usize>);

impl Compared {
    /// Compares a cell where its unit says what it must look like.
    fn cell(&mut self, shown: &str, raw: &Value, unit: Unit, report: &Report, what: &str) {
        let is_value = !matches!(unit, Unit::Text | Unit::Id | Unit::Message | Unit::Link);
        match says(shown, raw, unit, report) {
            Some(true) => *self.0.entry(format!("{unit:?}")).or_default() += 1,
            None if !is_value => {}
            _ => panic!("{what}: shown is {shown:?}, JSON has {raw}"),
        }
    }

    /// Compares the rows of a table, of which the first may be shown only.
    fn table(&mut self, made: &Made, (section, table): (&str, &Table), shown: &Shown) {
        let rows = made.rows(section, table.id);
        assert!(
            shown.rows.len() <= rows.len() && !shown.rows.is_empty(),
            "{section}.{}",
            table.id
        );
        for (at, label) in shown.head.iter().enumerate() {
            let mut columns = table.columns.iter();
            let Some(column) =
                columns.find(|column| column.label == label && column.place != Place::Machine)
            else {
                continue;
            };
            for (shown, row) in shown.rows.iter().zip(rows) {
                let what = format!("{section}.{}, {label} of {row}", table.id);
                // A day outside the data is absent, and not a day without a run.
                if row["no_data"] == true && column.unit == Unit::Count {
                    let raw = &row[column.key];
                    assert!(raw.is_null() || *raw == 0, "{what}");
                    assert_eq!(shown[at], "–", "{what}");
                    continue;
                }
                self.cell(
                    &shown[at],
                    &row[column.key],
                    column.unit,
                    &made.report,
                    &what,
                );
            }
        }
    }

    /// Compares the figures that are shown with the block of the same title; returns how many there are.
    fn figures(&mut self, made: &Made, section: &str, shown: &[&Figures]) {
        let found = made
            .report
            .sections
            .iter()
            .find(|found| found.id == section)
            .unwrap();
        for block in &found.blocks {
            let Block::Figures(figures) = block else {
                continue;
            };
            let Ok(items) = &figures.items else { continue };
            let mut same = shown.iter().filter(|shown| shown.title == figures.title);
            let Some(shown) = same.next() else {
                // The figures of the period before may stand beside those of this one only.
                let empty = items
                    .iter()
                    .all(|item| matches!(item.unit, Unit::Message | Unit::Text | Unit::Id));
                assert!(
                    figures.id == "previous" || empty,
                    "{section}.{} is not shown",
                    figures.id
                );
                continue;
            };
            for item in items {
                let raw = &made.at(section, figures.id)[item.key];
                let value = shown.items.iter().find(|(label, _)| label == item.label);
                let what = format!("{section}.{}.{}", figures.id, item.key);
                match value {
                    Some((_, value)) => self.cell(value, raw, item.unit, &made.report, &what),
                    // Texts stand elsewhere, and Markdown leaves out what is not known.
                    None => assert!(
                        raw.is_null() || matches!(item.unit, Unit::Message | Unit::Text | Unit::Id),
                        "{what} is not shown"
                    ),
                }
            }
        }
    }
}

fn samples() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("sample_data")
}

#[test]
fn html_markdown_and_json_hold_the_same_numbers() {
    let folder = tempfile::tempdir().unwrap();
    let mut reports = vec![
        made(&[samples()], &["--tz", "Europe/Berlin"]),
        made(&[samples()], &["--last", "all", "--by", "month"]),
    ];
    for seed in [3, 10] {
        let file = csv(folder.path(), &format!("{seed}.csv"), &rows(seed));
        reports.push(made(
            &[file],
            &["--tz", case(seed).tz.name(), "--last", "60d"],
        ));
    }
    let (mut of_html, mut of_markdown) = (Compared::default(), Compared::default());
    for made in &reports {
        let expected = tables(&made.report);

        // A page has every table, in the order of the report.
        let (shown, figures) = html(&render(&made.report, Format::Html).unwrap());
        let names = |shown: &[Shown]| -> Vec<String> {
            shown
                .iter()
                .map(|table| format!("{}: {}", table.section, table.title))
                .collect()
        };
        assert_eq!(shown.len(), expected.len(), "{:?}", names(&shown));
        // Tables of the same by other lengths of a bucket stand side by side, the shortest first.
        let mut by_length = expected.clone();
        let length = |table: &Table| match table.drawing {
            Some(Drawing::Bars { by, .. }) => {
                ["day", "week", "month"].iter().position(|l| *l == by)
            }
            _ => None,
        };
        for same in by_length.chunk_by_mut(|a, b| length(a.1).is_some() && length(b.1).is_some()) {
            same.sort_by_key(|(_, table)| length(table));
        }
        for (expected, shown) in by_length.iter().zip(&shown) {
            assert_eq!(expected.0, shown.section);
            let rows = made.rows(expected.0, expected.1.id);
            assert_eq!(shown.rows.len(), rows.len().min(1_000), "{:?}", shown.head);
            of_html.table(made, *expected, shown);
        }
        for section in &made.report.sections {
            let own: Vec<&Figures> = figures
                .iter()
                .filter(|shown| shown.section == section.id)
                .collect();
            of_html.figures(made, section.id, &own);
        }

        // Markdown may fold rows away, and has tables in the details of rows.
        let text = markdown_within(&made.report, 0).unwrap();
        let (shown, figures) = markdown(&text);
        let without_variants = expected
            .iter()
            .filter(|(_, table)| table.variant_of.is_none());
        for (id, table) in without_variants {
            let section = made
                .report
                .sections
                .iter()
                .find(|section| section.id == *id)
                .unwrap();
            let title = if table.title == section.title {
                ""
            } else {
                table.title
            };
            let own = shown
                .iter()
                .find(|shown| shown.section == section.title && shown.title == title);
            match own {
                Some(own) => of_markdown.table(made, (id, table), own),
                // Drawn as characters.
                None => assert!(
                    matches!(table.drawing, Some(Drawing::Bars { .. } | Drawing::Shades)),
                    "{id}.{} is not in the Markdown: {:?}",
                    table.id,
                    names(&shown)
                ),
            }
        }
        for section in &made.report.sections {
            let own: Vec<&Figures> = figures
                .iter()
                .filter(|shown| shown.section == section.title)
                .collect();
            of_markdown.figures(made, section.id, &own);
        }
    }
    for (format, compared) in [("HTML", of_html), ("Markdown", of_markdown)] {
        for (unit, least) in [
            ("Count", 2_000),
            ("Share", 50),
            ("Difference", 20),
            ("Duration", 200),
            ("Time", 100),
            ("Status", 100),
        ] {
            let count = compared.0.get(unit).copied().unwrap_or(0);
            assert!(
                count >= least,
                "{format}: {count} cells of {unit} were compared: {:?}",
                compared.0
            );
        }
    }
}
