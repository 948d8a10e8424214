//! How many rows a table may have whatever a log holds: a million made-up names must not make a report of gigabytes.
//!
//! Tables are in order of importance, and the order is total, so that the same rows are kept whatever the order of the
//! records. What is left out is added up beside the table: rows and rest together give the total of every count. Only
//! rows that are kept are made, so that the others take no memory.

use super::frames::figure;
use crate::report::{Block, Cell, Column, Figure, Figures, Row, Section, Table, Unit};

/// Rows of a table. It has one for each scan, source, finding or run.
const MOST_ROWS: usize = 50_000;
/// Rows of a table of errors, whose texts are long.
const MOST_ERRORS: usize = 10_000;

/// Tables that grow with the names in a log, by id, and the id of the rest. The last two are of errors.
const BOUNDED: [(&str, &str); 8] = [
    ("systems", "systems_rest"),
    ("source_types", "source_types_rest"),
    ("scans", "scans_rest"),
    ("sources", "sources_rest"),
    ("findings", "findings_rest"),
    ("runs", "runs_rest"),
    ("signatures", "signatures_rest"),
    ("errors", "errors_rest"),
];

/// How many rows tables may have.
#[derive(Clone, Copy, Debug)]
pub(super) struct Bounds {
    rows: usize,
    errors: usize,
}

impl Default for Bounds {
    fn default() -> Bounds {
        Bounds {
            rows: MOST_ROWS,
            errors: MOST_ERRORS,
        }
    }
}

/// A table that is cut to its bound.
pub(super) struct Bounded {
    /// The rows that are kept. Its total counts all.
    pub(super) table: Table,
    /// The sums of those that are not, where there are any.
    pub(super) rest: Option<Block>,
}

impl Bounds {
    /// Rows that the table with this id may have; of any other table, as many as it has.
    pub(super) fn of(self, id: &str) -> usize {
        match id {
            "signatures" | "errors" => self.errors,
            _ if BOUNDED.iter().any(|(known, _)| *known == id) => self.rows,
            _ => usize::MAX,
        }
    }

    /// A table of the first of these rows. The others are made one at a time and added up.
    pub(super) fn rows(
        self,
        id: &'static str,
        title: &'static str,
        note: String,
        columns: Vec<Column>,
        rows: impl IntoIterator<Item = Row>,
    ) -> Bounded {
        let mut rows = rows.into_iter();
        let kept: Vec<Row> = rows.by_ref().take(self.of(id)).collect();
        let mut table = Table::new(id, title, note, columns, kept);
        let mut sums = vec![0_i64; counts(&table.columns).count()];
        for row in rows {
            table.total += 1;
            let cells = table.columns.iter().zip(&row.cells);
            let counts = cells.filter(|(column, _)| column.unit == Unit::Count);
            for (sum, (_, cell)) in sums.iter_mut().zip(counts) {
                if let Cell::Int(number) = cell {
                    *sum = sum.saturating_add(*number);
                }
            }
        }
        let rest = rest(&table, &sums);
        Bounded { table, rest }
    }

    /// True for a section of which no table has more rows than it may.
    pub(super) fn hold(self, section: &Section) -> bool {
        let tables = section.blocks.iter().filter_map(Block::table);
        tables
            .into_iter()
            .all(|table| table.rows.len() <= self.of(table.id))
    }
}

/// The columns that are added up.
fn counts(columns: &[Column]) -> impl Iterator<Item = &Column> {
    columns.iter().filter(|column| column.unit == Unit::Count)
}

/// What a table leaves out, by the sums of its counts; nothing where it has all its rows.
fn rest(table: &Table, sums: &[i64]) -> Option<Block> {
    let left_out = table.total - table.rows.len();
    let (_, id) = BOUNDED.iter().find(|(id, _)| *id == table.id)?;
    if left_out == 0 {
        return None;
    }
    let rows = Figure {
        value: Cell::Int(i64::try_from(left_out).unwrap_or(i64::MAX)),
        ..figure(
            "rows",
            "Rows",
            Unit::Count,
            "Rows of the table above that are not listed, in any format.",
        )
    };
    let sums = counts(&table.columns)
        .zip(sums)
        .map(|(column, &sum)| Figure {
            value: Cell::Int(sum),
            ..figure(column.key, column.label, Unit::Count, column.definition)
        });
    Some(Block::Figures(Figures {
        id,
        title: "Not listed",
        aside: false,
        items: Ok(std::iter::once(rows).chain(sums).collect()),
    }))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::fmt::Write as _;

    use super::*;
    use crate::runs::calendar::WindowOptions;
    use crate::runs::frame::RunsOptions;
    use crate::sections::{Context, build};

    /// 12 scans of 4 runs each, two before 8 March and two after it. Everything that has a bound occurs more than 3 times:
    /// failures that begin in the newer half, errors of one scan each, losses, durations, sources with rows, accounts and types.
    fn log() -> String {
        let mut text = "system,account,source,source_type,scan,run_id,status,discovery_status,ingestion_status,run_type,started_at,ended_at,assets_discovered,assets_ingested,assets_ingest_failed,row_count,error_message\n".to_owned();
        for scan in 0..12 {
            for run in 0..4 {
                let failed = run > 1 && scan > 3;
                let status = if failed { "Failed" } else { "Succeeded" };
                let letter = char::from(b'a' + scan);
                let error = if failed {
                    format!("no {letter}{letter}{letter} found")
                } else {
                    String::new()
                };
                let system = if scan % 2 == 0 {
                    "purview"
                } else {
                    "zscaler-uvm"
                };
                let (day, minutes) = (1 + 4 * run + scan % 3, 10 + scan);
                let (found, lost) = (200 + u32::from(scan), 100 + scan);
                writeln!(
                    text,
                    "{system},account-{},source-{letter},type-{letter},scan-{letter},run-{scan}-{run},{status},Succeeded,{status},full,2026-03-{day:02}T01:00:00Z,2026-03-{day:02}T01:{minutes}:00Z,{found},{},{lost},{},{error}",
                    scan / 4,
                    found - u32::from(lost),
                    1000 + u32::from(scan),
                )
                .unwrap();
            }
        }
        text
    }

    /// Tables by section and id, each with the sums of its rest.
    type Tables = BTreeMap<(&'static str, &'static str), (Table, BTreeMap<&'static str, i64>)>;

    /// Every bounded table of the sections, and what they leave out, by section and id.
    fn tables(sections: &[Section]) -> Tables {
        let mut found = BTreeMap::new();
        for section in sections {
            for block in &section.blocks {
                let Some(table) = block.table() else { continue };
                let Some((_, rest)) = BOUNDED.iter().find(|(id, _)| *id == table.id) else {
                    continue;
                };
                let mut sums = BTreeMap::new();
                for block in section.blocks.iter().filter(|block| block.id() == *rest) {
                    let Block::Figures(figures) = block else {
                        panic!("{rest} is no list of figures");
                    };
                    for figure in figures.items.as_ref().unwrap() {
                        let Cell::Int(value) = figure.value else {
                            panic!("{} is no number", figure.key);
                        };
                        sums.insert(figure.key, value);
                    }
                }
                found.insert((section.id, table.id), (table.clone(), sums));
            }
        }
        found
    }

    fn total(table: &Table, key: &str) -> i64 {
        let at = table
            .columns
            .iter()
            .position(|column| column.key == key)
            .unwrap();
        let cells = table.rows.iter().map(|row| &row.cells[at]);
        cells
            .map(|cell| {
                if let Cell::Int(number) = cell {
                    *number
                } else {
                    0
                }
            })
            .sum()
    }

    #[test]
    fn every_bounded_table_keeps_its_first_rows_and_adds_up_the_others() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("runs.csv");
        std::fs::write(&path, log()).unwrap();
        let options = crate::Options {
            inputs: vec![path],
            runs: RunsOptions {
                window: WindowOptions {
                    from: chrono::NaiveDate::from_ymd_opt(2026, 3, 9),
                    ..WindowOptions::default()
                },
                ..RunsOptions::default()
            },
            ..crate::Options::default()
        };
        let log = crate::load(&options).unwrap();
        let of = |bounds: Option<Bounds>| {
            let mut context = Context::new(&log.prepared, &log.files, &log.skipped, log.trust);
            context.bounds = bounds.unwrap_or_default();
            tables(&build(&context).unwrap())
        };
        let whole = of(None);
        let names: Vec<_> = whole.keys().copied().collect();
        assert_eq!(
            names,
            [
                ("changes", "errors"),
                ("changes", "scans"),
                ("durations", "scans"),
                ("errors", "signatures"),
                ("findings", "findings"),
                ("findings", "runs"),
                ("gaps", "scans"),
                ("gaps", "sources"),
                ("inputs", "systems"),
                ("runs", "runs"),
                ("scans", "scans"),
                ("scans", "source_types"),
            ]
        );
        for most in [0, 1, 3, 1_000] {
            let cut = of(Some(Bounds {
                rows: most,
                errors: most,
            }));
            for (name, (all, left_out)) in &whole {
                assert!(all.rows.len() > 3 && left_out.is_empty(), "{name:?}");
                let (kept, sums) = &cut[name];
                let first = &all.rows[..most.min(all.rows.len())];
                // With their anchors and what opens under them.
                assert_eq!(format!("{:?}", kept.rows), format!("{first:?}"), "{name:?}");
                assert_eq!(kept.total, all.total, "{name:?}");
                assert_eq!(kept.columns.len(), all.columns.len(), "{name:?}");
                if most >= all.rows.len() {
                    assert!(sums.is_empty(), "{name:?}");
                    continue;
                }
                let rows = i64::try_from(all.rows.len() - most).unwrap();
                assert_eq!(sums["rows"], rows, "{name:?}");
                let keys: Vec<_> = counts(&all.columns).map(|column| column.key).collect();
                assert_eq!(sums.len(), keys.len() + 1, "{name:?}");
                for key in keys {
                    assert_eq!(
                        total(kept, key) + sums[key],
                        total(all, key),
                        "{name:?} {key}"
                    );
                }
            }
        }
        // 12 scans with 2 runs each in the newer period, of which 8 scans failed both times.
        let (scans, sums) = &of(Some(Bounds { rows: 5, errors: 5 }))[&("scans", "scans")];
        assert_eq!(total(scans, "runs") + sums["runs"], 24);
        assert_eq!(total(scans, "failed") + sums["failed"], 16);
    }
}
