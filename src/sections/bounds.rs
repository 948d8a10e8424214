//! How many rows a table may have whatever a log holds: a million made-up names must not make a report of gigabytes.
//!
//! Tables are in order of importance, and the order is total, so that the same rows are kept whatever the order of the
//! records. What is left out is added up beside the table: rows and rest together give the total of every count.

use crate::report::{Block, Cell, Figure, Figures, Section, Table, Unit};

/// Rows of a table. It has one for each scan, source or finding.
const MOST_ROWS: usize = 50_000;
/// Rows of a table of errors, whose texts are long.
const MOST_ERRORS: usize = 10_000;

/// Tables that grow with the names in a log, by id: their bound, and the id of the rest.
const BOUNDED: [(&str, usize, &str); 6] = [
    ("scans", MOST_ROWS, "scans_rest"),
    ("sources", MOST_ROWS, "sources_rest"),
    ("findings", MOST_ROWS, "findings_rest"),
    ("runs", MOST_ROWS, "runs_rest"),
    ("signatures", MOST_ERRORS, "signatures_rest"),
    ("errors", MOST_ERRORS, "errors_rest"),
];

/// Cuts the tables of a section to their bounds, each followed by the sums of what was left out.
pub(super) fn bound(section: Section) -> Section {
    bound_by(section, &BOUNDED)
}

fn bound_by(mut section: Section, bounds: &[(&str, usize, &'static str)]) -> Section {
    let blocks = std::mem::take(&mut section.blocks);
    for mut block in blocks {
        let rest = table(&mut block).and_then(|table| {
            let (_, most, rest) = bounds.iter().find(|(id, ..)| *id == table.id)?;
            cut(table, *most, rest)
        });
        section.blocks.push(block);
        section.blocks.extend(rest);
    }
    section
}

fn table(block: &mut Block) -> Option<&mut Table> {
    match block {
        Block::Table(table) => Some(table),
        Block::Figures(_) | Block::Notes(_) => None,
    }
}

/// Cuts a table to so many rows. Returns the sums of the others.
fn cut(table: &mut Table, most: usize, id: &'static str) -> Option<Block> {
    if table.rows.len() <= most {
        return None;
    }
    let rest = table.rows.split_off(most);
    let counts = table
        .columns
        .iter()
        .enumerate()
        .filter(|(_, column)| column.unit == Unit::Count);
    let sums = counts.map(|(at, column)| Figure {
        key: column.key,
        label: column.label,
        unit: Unit::Count,
        value: Cell::Int(rest.iter().map(|row| int(row.cells.get(at))).sum()),
        previous: None,
        definition: column.definition,
        main: false,
    });
    let rows = Figure {
        key: "rows",
        label: "Rows",
        unit: Unit::Count,
        value: Cell::Int(i64::try_from(rest.len()).unwrap_or(i64::MAX)),
        previous: None,
        definition: "Rows of the table above that are not listed, in any format.",
        main: false,
    };
    Some(Block::Figures(Figures {
        id,
        title: "Not listed",
        aside: false,
        items: Ok(std::iter::once(rows).chain(sums).collect()),
    }))
}

fn int(cell: Option<&Cell>) -> i64 {
    match cell {
        Some(Cell::Int(number)) => *number,
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::{Column, Place, Row};

    #[test]
    fn rows_and_rest_give_the_total_of_every_count() {
        let column = |key, unit| Column {
            key,
            label: key,
            unit,
            place: Place::Column,
            definition: "",
        };
        let columns = vec![
            column("scan", Unit::Text),
            column("runs", Unit::Count),
            column("p50_ms", Unit::Duration),
            column("failed", Unit::Count),
        ];
        let rows: Vec<Row> = (0..10)
            .map(|n| Row {
                cells: vec![
                    Cell::Text(format!("s{n}")),
                    Cell::Int(100 - n),
                    Cell::Int(7),
                    if n == 9 { Cell::Null } else { Cell::Int(n) },
                ],
                ..Row::default()
            })
            .collect();
        // 100 + 99 + … + 91, and 0 + 1 + … + 8.
        let totals = [955, 36];
        for most in [0, 1, 4, 9, 10, 11] {
            let table = Table::new("scans", "", String::new(), columns.clone(), rows.clone());
            let section = Section {
                id: "scans",
                title: "",
                lead: String::new(),
                blocks: vec![Block::Table(table)],
            };
            let section = bound_by(section, &[("scans", most, "scans_rest")]);
            let table = section.blocks[0].table().unwrap();
            assert_eq!((table.rows.len(), table.total), (most.min(10), 10));
            let listed = [1, 3].map(|at| {
                let rows = table.rows.iter();
                rows.map(|row| int(row.cells.get(at))).sum::<i64>()
            });
            let Some(Block::Figures(rest)) = section.blocks.get(1) else {
                assert!(most >= 10);
                assert_eq!(listed, totals);
                continue;
            };
            let items = rest.items.as_ref().unwrap();
            let keys: Vec<_> = items.iter().map(|figure| figure.key).collect();
            assert_eq!(
                (rest.id, keys),
                ("scans_rest", vec!["rows", "runs", "failed"])
            );
            let of = |at: usize| int(Some(&items[at].value));
            assert_eq!(of(0), 10 - i64::try_from(most).unwrap());
            assert_eq!([listed[0] + of(1), listed[1] + of(2)], totals, "{most}");
        }
    }
}
