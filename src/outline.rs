//! The report of no run at all: what every report has, before anything is read.

use anyhow::{Context as _, Result};

use crate::report::{Block, Report, Span};
use crate::runs::calendar::{By, WindowOptions, epoch_day, from_epoch_day};
use crate::runs::frame::{ConflictRow, RunsOptions, prepare};
use crate::runs::records::Records;
use crate::{Log, Options};

/// Any day: nothing of it is left in the outline but the dates of the document.
const DAY: i32 = 20_000;

/// Every section with its figures, its tables and their definitions, without a row and without a value that means
/// something. Sections that leave a table out where it would be empty have it here.
pub fn outline() -> Result<Report> {
    let mut report = empty(By::Day)?;
    // What a report by days has under another name.
    for (section, other) in report.sections.iter_mut().zip(empty(By::Week)?.sections) {
        for block in other.blocks {
            if section.blocks.iter().all(|known| known.id() != block.id()) {
                section.blocks.push(block);
            }
        }
    }
    Ok(report)
}

fn empty(by: By) -> Result<Report> {
    let options = Options {
        runs: RunsOptions {
            window: WindowOptions {
                as_of: Some(from_epoch_day(DAY)),
                by: Some(by),
                ..WindowOptions::default()
            },
            ..RunsOptions::default()
        },
        ..Options::default()
    };
    let mut prepared = prepare(Records::default(), 0, &options.runs)?
        .context("the outline of a report has no date")?;
    let first = epoch_day(prepared.window.span.first);
    prepared.window.previous = Some(Span {
        first: from_epoch_day(first - 30),
        last: from_epoch_day(first - 1),
    });
    // Conflicts have a table only where there is one.
    prepared.conflicts.push(ConflictRow {
        run_id: None,
        scan: None,
        field: "",
        kept: String::new(),
        said: String::new(),
        at: (0, 0),
        other_at: (0, 0),
    });
    let log = Log {
        prepared,
        files: Vec::new(),
        skipped: Vec::new(),
        trust: options.input.trust,
    };
    let mut report = crate::report(&log, &options)?;
    for block in report
        .sections
        .iter_mut()
        .flat_map(|section| &mut section.blocks)
    {
        match block {
            Block::Figures(_) => {}
            Block::Notes(notes) => notes.items.clear(),
            Block::Table(table) => {
                table.rows.clear();
                table.total = 0;
            }
        }
    }
    Ok(report)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_section_stands_in_the_outline_with_all_its_figures() {
        let outline = outline().unwrap();
        let ids: Vec<_> = outline.sections.iter().map(|section| section.id).collect();
        let known: Vec<_> = crate::sections::SECTIONS
            .iter()
            .map(|spec| spec.id)
            .collect();
        assert_eq!(ids, known);
        for section in &outline.sections {
            for block in &section.blocks {
                if let Block::Figures(figures) = block {
                    assert!(figures.items.is_ok(), "{}.{}", section.id, figures.id);
                }
                if let Some(table) = block.table() {
                    assert!(
                        table.rows.is_empty() && !table.columns.is_empty(),
                        "{}",
                        table.id
                    );
                }
            }
        }
        let tables = |id: &str| {
            outline
                .sections
                .iter()
                .filter(|section| section.id == id)
                .flat_map(|section| &section.blocks)
                .map(Block::id)
                .collect::<Vec<_>>()
        };
        assert!(tables("inputs").contains(&"conflicts"));
        assert!(tables("errors").contains(&"signatures"));
        assert!(tables("gaps").contains(&"funnel"));
        for by in ["by_period", "by_day", "by_week", "by_month"] {
            assert!(tables("outcomes").contains(&by), "{by}");
        }
    }
}
