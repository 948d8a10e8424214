//! What was discovered and not ingested, and which of it is a loss?

use std::cmp::Reverse;
use std::collections::BTreeMap;

use anyhow::Result;
use polars::prelude::DataFrame;

use super::Context;
use super::bounds::Bounded;
use super::columns::{Basics, Days, Names, Numbers, Statuses, Words};
use super::frames::{Values, column, figure, figures, first_int, grouped, plural, scan_columns};
use super::runs::to_scan;
use crate::report::{Block, Cell, Drawing, Figure, Place, Row, Section, Table, Unit};
use crate::runs::schema::{Outcome, Status};

/// The kinds of a gap, from harmless to bad.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Kind {
    Complete,
    Expected,
    Surplus,
    Unclear,
    Unexplained,
    Loss,
}

impl Kind {
    fn key(self) -> &'static str {
        match self {
            Kind::Complete => "complete",
            Kind::Expected => "expected",
            Kind::Surplus => "surplus",
            Kind::Unclear => "unclear",
            Kind::Unexplained => "unexplained",
            Kind::Loss => "loss",
        }
    }
}

/// What a comparable run left behind.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Gap {
    pub(super) kind: Kind,
    pub(super) discovered: i64,
    ingested: i64,
    /// Reported as failed.
    pub(super) ingest_failed: i64,
    pending: i64,
    /// Ingestion as a whole failed.
    pub(super) ingestion_failed: bool,
    pub(super) unaccounted: i64,
    pub(super) missing: i64,
    surplus: i64,
    not_again: i64,
}

/// The columns that gaps are made of.
#[derive(Clone, Copy, Debug)]
pub(super) struct Compared<'a> {
    status: Statuses<'a>,
    discovery_status: Statuses<'a>,
    ingestion_status: Statuses<'a>,
    discovered: Numbers<'a>,
    ingested: Numbers<'a>,
    ingest_failed: Numbers<'a>,
    pending: Numbers<'a>,
    run_type: Words<'a>,
    full: Option<u32>,
    incremental: Option<u32>,
}

impl<'a> Compared<'a> {
    pub(super) fn new(frame: &'a DataFrame) -> Result<Compared<'a>> {
        let run_type = Words::new(frame, "run_type")?;
        Ok(Compared {
            status: Statuses::new(frame, "status")?,
            discovery_status: Statuses::new(frame, "discovery_status")?,
            ingestion_status: Statuses::new(frame, "ingestion_status")?,
            discovered: Numbers::new(frame, "assets_discovered")?,
            ingested: Numbers::new(frame, "assets_ingested")?,
            ingest_failed: Numbers::new(frame, "assets_ingest_failed")?,
            pending: Numbers::new(frame, "assets_pending")?,
            full: run_type.code("full"),
            incremental: run_type.code("incremental"),
            run_type,
        })
    }

    /// Discovery went well: by its own status, else the run's.
    fn is_discovered(&self, row: usize) -> bool {
        let own = self.discovery_status.get(row);
        let status = own.or_else(|| self.status.get(row));
        matches!(status, Some(Status::Completed | Status::Partial))
    }

    /// Ingestion's status is its own, else the run's when an ingested count is given.
    fn ingestion(&self, row: usize) -> Option<Status> {
        let own = self.ingestion_status.get(row);
        own.or_else(|| {
            self.status
                .get(row)
                .filter(|_| self.ingested.get(row).is_some())
        })
    }

    /// Neither a status nor a count of ingestion is given, of a run whose discovery went well.
    fn is_not_available(&self, row: usize) -> bool {
        self.is_discovered(row)
            && self.ingestion_status.get(row).is_none()
            && self.ingested.get(row).is_none()
    }

    /// The gap of a run whose two phases ended and both have a count. Missing failed and pending counts are 0. Sums of counts
    /// near the largest number wrap.
    pub(super) fn of(&self, row: usize) -> Option<Gap> {
        let (discovered, ingested) = (self.discovered.get(row)?, self.ingested.get(row)?);
        let ingestion = self.ingestion(row)?;
        let ended = matches!(
            ingestion,
            Status::Completed | Status::Partial | Status::Failed
        );
        if !ended || !self.is_discovered(row) {
            return None;
        }
        let ingestion_failed = ingestion == Status::Failed;
        let ingest_failed = self.ingest_failed.get(row).unwrap_or(0);
        let pending = self.pending.get(row).unwrap_or(0);
        let accounted = ingested.wrapping_add(ingest_failed).wrapping_add(pending);
        let unaccounted = discovered.wrapping_sub(accounted);
        let is_full = self.run_type.is(row, self.full);
        let lost = if is_full || ingestion_failed {
            unaccounted.max(0)
        } else {
            0
        };
        Some(Gap {
            kind: if ingest_failed > 0 || ingestion_failed {
                Kind::Loss
            } else if unaccounted < 0 {
                Kind::Surplus
            } else if unaccounted == 0 {
                Kind::Complete
            } else if self.run_type.is(row, self.incremental) {
                Kind::Expected
            } else if is_full {
                Kind::Unexplained
            } else {
                Kind::Unclear
            },
            discovered,
            ingested,
            ingest_failed,
            pending,
            ingestion_failed,
            unaccounted,
            missing: ingest_failed.wrapping_add(lost),
            surplus: unaccounted.min(0).wrapping_neg(),
            not_again: unaccounted.max(0) - lost,
        })
    }
}

/// Sums over runs.
#[derive(Clone, Copy, Debug, Default)]
struct Totals {
    runs_compared: i64,
    discovered: i64,
    classified: i64,
    ingested: i64,
    ingest_failed: i64,
    missing: i64,
    pending: i64,
    not_again: i64,
    surplus: i64,
    relationships_ingested: i64,
    relationships_failed: i64,
    missing_runs: i64,
    surplus_runs: i64,
    pending_runs: i64,
    not_available_runs: i64,
}

impl Totals {
    fn add(&mut self, gap: &Gap) {
        let sums = [
            (&mut self.runs_compared, 1),
            (&mut self.discovered, gap.discovered),
            (&mut self.ingested, gap.ingested),
            (&mut self.ingest_failed, gap.ingest_failed),
            (&mut self.missing, gap.missing),
            (&mut self.pending, gap.pending),
            (&mut self.not_again, gap.not_again),
            (&mut self.surplus, gap.surplus),
            (&mut self.missing_runs, i64::from(gap.missing > 0)),
            (&mut self.surplus_runs, i64::from(gap.surplus > 0)),
        ];
        for (sum, more) in sums {
            *sum = sum.wrapping_add(more);
        }
    }

    fn values(&self) -> Values {
        Values::from([
            ("runs_compared", Cell::Int(self.runs_compared)),
            ("discovered", Cell::Int(self.discovered)),
            ("classified", Cell::Int(self.classified)),
            ("ingested", Cell::Int(self.ingested)),
            ("ingest_failed", Cell::Int(self.ingest_failed)),
            ("missing", Cell::Int(self.missing)),
            ("pending", Cell::Int(self.pending)),
            ("not_again", Cell::Int(self.not_again)),
            ("surplus", Cell::Int(self.surplus)),
            (
                "relationships_ingested",
                Cell::Int(self.relationships_ingested),
            ),
            ("relationships_failed", Cell::Int(self.relationships_failed)),
            ("missing_runs", Cell::Int(self.missing_runs)),
            ("surplus_runs", Cell::Int(self.surplus_runs)),
            ("pending_runs", Cell::Int(self.pending_runs)),
            ("not_available_runs", Cell::Int(self.not_available_runs)),
        ])
    }
}

/// The compared runs of a scan.
#[derive(Clone, Copy, Debug)]
struct ScanGap {
    key: u32,
    /// One of its runs, which names it.
    row: usize,
    kind: Kind,
    runs_compared: i64,
    discovered: i64,
    ingested: i64,
    ingest_failed: i64,
    missing: i64,
    surplus: i64,
    /// Positive ones.
    unaccounted: i64,
}

impl ScanGap {
    fn add(&mut self, gap: &Gap) {
        self.kind = self.kind.max(gap.kind);
        let sums = [
            (&mut self.runs_compared, 1),
            (&mut self.discovered, gap.discovered),
            (&mut self.ingested, gap.ingested),
            (&mut self.ingest_failed, gap.ingest_failed),
            (&mut self.missing, gap.missing),
            (&mut self.surplus, gap.surplus),
            (&mut self.unaccounted, gap.unaccounted.max(0)),
        ];
        for (sum, more) in sums {
            *sum = sum.wrapping_add(more);
        }
    }
}

/// The gaps of the period, and of the one before where there is one.
#[derive(Debug)]
pub(super) struct Gaps {
    pub(super) now: Values,
    pub(super) before: Option<Values>,
    /// Scans with a compared run, the worst kind first, then the most missing.
    scans: Vec<ScanGap>,
}

/// Adds up the gaps of all runs, in one pass.
pub(super) fn gaps(context: &Context<'_>) -> Result<Gaps> {
    let (frame, window) = (context.prepared.runs.frame(), &context.prepared.window);
    let numbers = |name| Numbers::new(frame, name);
    let (basics, compared) = (Basics::new(frame)?, Compared::new(frame)?);
    let classified = numbers("assets_classified")?;
    let related = [
        numbers("relationships_ingested")?,
        numbers("relationships_failed")?,
    ];
    let (inside, previous) = (Days::of(window.span), window.previous.map(Days::of));
    let (mut now, mut before) = (Totals::default(), Totals::default());
    let mut scans: Vec<ScanGap> = Vec::new();
    let mut places: Vec<Option<u32>> = vec![None; basics.scans()];
    for row in basics.rows(previous.map_or(inside, |previous| Days {
        first: previous.first,
        ..inside
    })) {
        let is_inside = inside.holds(basics.day(row));
        let totals = if is_inside { &mut now } else { &mut before };
        let is_active = basics.outcome(row) == Outcome::Active;
        let is_pending = is_active || compared.pending.get(row) > Some(0);
        totals.pending_runs += i64::from(is_pending);
        totals.not_available_runs += i64::from(!is_active && compared.is_not_available(row));
        let Some(gap) = compared.of(row) else {
            continue;
        };
        totals.add(&gap);
        let [ingested, failed] = related.map(|numbers| numbers.get(row).unwrap_or(0));
        let more = classified.get(row).unwrap_or(0);
        totals.classified = totals.classified.wrapping_add(more);
        totals.relationships_ingested = totals.relationships_ingested.wrapping_add(ingested);
        totals.relationships_failed = totals.relationships_failed.wrapping_add(failed);
        if !is_inside {
            continue;
        }
        let key = basics.key(row);
        let place = &mut places[key as usize];
        if place.is_none() {
            *place = Some(u32::try_from(scans.len())?);
            scans.push(ScanGap {
                key,
                row,
                kind: gap.kind,
                runs_compared: 0,
                discovered: 0,
                ingested: 0,
                ingest_failed: 0,
                missing: 0,
                surplus: 0,
                unaccounted: 0,
            });
        }
        if let Some(scan) = place.and_then(|place| scans.get_mut(place as usize)) {
            scan.add(&gap);
        }
    }
    scans.sort_by_key(|scan| (Reverse(scan.kind), Reverse(scan.missing), scan.key));
    Ok(Gaps {
        now: now.values(),
        before: previous.map(|_| before.values()),
        scans,
    })
}

/// The figures without their values.
pub(super) fn known_figures() -> Vec<Figure> {
    let main = |figure: Figure| Figure {
        main: true,
        ..figure
    };
    vec![
        figure(
            "runs_compared",
            "Runs compared",
            Unit::Count,
            "Runs whose discovery and ingestion both ended and state both counts.",
        ),
        main(figure(
            "discovered",
            "Assets discovered",
            Unit::Count,
            "Sum over the compared runs: work done, not an inventory.",
        )),
        figure(
            "classified",
            "Assets classified",
            Unit::Count,
            "Sum over the compared runs of what was classified; 0 where a run states nothing.",
        ),
        main(figure(
            "ingested",
            "Assets ingested",
            Unit::Count,
            "Sum over the compared runs. File sources count raw files before they become resource sets.",
        )),
        figure(
            "ingest_failed",
            "Assets reported as failed",
            Unit::Count,
            "Sum over the compared runs of what ingestion itself reports as failed; 0 where it reports nothing. Part of the missing assets.",
        ),
        main(figure(
            "missing",
            "Assets missing",
            Unit::Count,
            "Reported as failed, or discovered by a full run or a run whose ingestion failed and neither ingested nor pending.",
        )),
        figure(
            "pending",
            "Assets pending",
            Unit::Count,
            "Sum over the compared runs of the assets still to be ingested; 0 where a run states nothing.",
        ),
        figure(
            "not_again",
            "Assets not ingested again",
            Unit::Count,
            "Discovered, and neither ingested, failed nor pending, by runs that need not ingest everything: incremental runs leave unchanged assets alone, and of some runs the type is not known.",
        ),
        figure(
            "missing_runs",
            "Runs with missing assets",
            Unit::Count,
            "Compared runs with at least one missing asset.",
        ),
        figure(
            "surplus",
            "Assets ingested beyond those discovered",
            Unit::Count,
            "Lineage extraction ingests more than it discovers. Never set off against missing assets.",
        ),
        figure(
            "surplus_runs",
            "Runs that ingested more than they discovered",
            Unit::Count,
            "Compared runs that ingested more than they discovered.",
        ),
        figure(
            "pending_runs",
            "Runs still pending",
            Unit::Count,
            "Active runs, and runs with assets still processing.",
        ),
        figure(
            "not_available_runs",
            "Runs without ingestion figures",
            Unit::Count,
            "Discovery ended, but the export states neither an ingestion status nor a count. Not available is not 0.",
        ),
        figure(
            "relationships_ingested",
            "Relationships ingested",
            Unit::Count,
            "Sum over the compared runs. Relationships, such as lineage, are not assets and count in no other figure.",
        ),
        figure(
            "relationships_failed",
            "Relationships failed",
            Unit::Count,
            "Sum over the compared runs of the relationships that ingestion reports as failed.",
        ),
    ]
}

pub(super) fn section(context: &Context<'_>) -> Result<Section> {
    let gaps = context.gaps()?;
    let (row, known) = (&gaps.now, known_figures());
    let mut columns = scan_columns();
    columns.extend([
        column("kind", "Kind", Unit::Status, Place::Column)
            .means("The worst kind among the compared runs: loss, unexplained, unclear, surplus, expected, complete."),
        column("missing", "Missing", Unit::Count, Place::Column)
            .means("Failed, and what a full run or a failed ingestion left unaccounted."),
        column("discovered", "Discovered", Unit::Count, Place::Column)
            .means("Sum over the compared runs of the period: work done, not an inventory."),
        column("ingested", "Ingested", Unit::Count, Place::Column)
            .means("Sum over the compared runs of the period."),
        column("ingest_failed", "Failed", Unit::Count, Place::Column)
            .means("Assets that ingestion itself reports as failed."),
        column("unaccounted", "Unaccounted", Unit::Count, Place::Column)
            .means("Discovered, and neither ingested, failed nor pending. Positive values only."),
        column("surplus", "Surplus", Unit::Count, Place::Column)
            .means("Ingested beyond those discovered, run by run. Never set off against missing assets."),
        column("runs_compared", "Runs compared", Unit::Count, Place::Column)
            .means("Runs of the period whose discovery and ingestion both ended and state both counts."),
    ]);
    let none = "No run of this period states both what was discovered and what was ingested.";
    let compared = gaps.scans.len();
    let note = match compared {
        0 => none.to_owned(),
        _ => "Scans with a compared run, worst kind first.".to_owned(),
    };
    let names = Names::new(context.prepared.runs.frame())?;
    let rows = gaps.scans.iter().map(|scan| {
        let mut cells = names.cells(scan.row).to_vec();
        cells.push(Cell::Text(scan.kind.key().to_owned()));
        cells.extend(
            [
                scan.missing,
                scan.discovered,
                scan.ingested,
                scan.ingest_failed,
                scan.unaccounted,
                scan.surplus,
                scan.runs_compared,
            ]
            .map(Cell::Int),
        );
        Row {
            cells,
            ..Row::default()
        }
    });
    let mut scans = (context.bounds).rows("scans", "By scan", note, columns, rows);
    scans.table.rows = scans.table.rows.into_iter().map(to_scan).collect();
    scans.table.drawing = Some(Drawing::Parts {
        whole: "discovered",
        parts: vec!["ingested", "missing"],
        rest: "Not ingested again, or pending",
    });
    let bad = gaps.scans.iter().filter(|scan| scan.missing > 0).count();
    let missing = first_int(row, "missing");
    let lead = match (missing, bad) {
        (0, _) if compared == 0 => none.to_owned(),
        (0, _) => "No asset that should have been ingested is missing.".to_owned(),
        (missing, bad) => {
            let sets = match of_files(context, &gaps.scans)? {
                0 => String::new(),
                files => format!(
                    " {} of them are raw files, which may have formed resource sets.",
                    grouped(files)
                ),
            };
            format!(
                "{} missing after ingestion, in {}.{sets} Incremental runs ingest only what changed, so discovered and ingested need not agree.",
                plural(missing, "asset is", "assets are"),
                plural(i64::try_from(bad).unwrap_or(i64::MAX), "scan", "scans")
            )
        }
    };
    let mut blocks = vec![figures("figures", "", known, row)];
    // The outline, which has no input, has every table.
    if compared > 0 || context.prepared.books.is_empty() {
        blocks.push(Block::Table(funnel(row)));
    }
    for Bounded { table, rest } in [scans, source_table(context)?] {
        blocks.push(Block::Table(table));
        blocks.extend(rest);
    }
    Ok(Section {
        id: "gaps",
        title: "Discovered but not ingested",
        lead,
        blocks,
    })
}

/// What became of the assets that the compared runs discovered, step by step. `row` has the figures.
fn funnel(row: &Values) -> Table {
    let discovered = first_int(row, "discovered");
    let mut rows = Vec::new();
    for key in [
        "discovered",
        "classified",
        "ingested",
        "missing",
        "pending",
        "not_again",
        "surplus",
    ] {
        let known = known_figures();
        let Some(figure) = known.iter().find(|figure| figure.key == key) else {
            continue;
        };
        let assets = first_int(row, key);
        let share = (discovered > 0).then(|| assets as f64 / discovered as f64);
        rows.push(Row {
            cells: vec![
                Cell::Text(figure.label.to_owned()),
                Cell::Int(assets),
                Cell::float(share),
                Cell::Text(key.to_owned()),
            ],
            ..Row::default()
        });
    }
    let columns = vec![
        column("label", "Step", Unit::Text, Place::Name).means("What became of the assets."),
        column("assets", "Assets", Unit::Count, Place::Column)
            .means("The figure of the same name. Discovered = ingested + missing + pending + not ingested again - ingested beyond."),
        column("share", "Of discovered", Unit::Share, Place::Column)
            .means("As a share of the assets discovered."),
        column("figure", "Key", Unit::Id, Place::Machine).means("Its key among the figures."),
    ];
    let note = "The compared runs of the period added up: work done, not an inventory.".to_owned();
    Table {
        drawing: Some(Drawing::Share { key: "share" }),
        ..Table::new("funnel", "From discovery to ingestion", note, columns, rows)
    }
}

/// Missing assets of file sources that ingestion did not report as failed.
fn of_files(context: &Context<'_>, scans: &[ScanGap]) -> Result<i64> {
    let history = context.history()?;
    let of_files = scans.iter().filter(|gap| {
        let scan = history.scan(i64::from(gap.key));
        scan.is_some_and(|scan| scan.of_files)
    });
    Ok(of_files.map(|gap| gap.missing - gap.ingest_failed).sum())
}

/// System, account, source and retrieval type.
type SourceNames<'a> = [Option<&'a str>; 4];

/// Rows of a UVM source and retrieval type.
#[derive(Clone, Copy, Debug, Default)]
struct Source {
    runs: i64,
    not_unified: i64,
    /// Of the newest run that went well and states its rows, and of the one before.
    last: Option<i64>,
    previous: Option<i64>,
}

/// What stands in for a gap where nothing is discovered: rows against those of the run before, and runs whose rows were
/// not unified. One for each source and retrieval type of UVM with a run in the period, by system, account, source and type.
fn sources<'a>(context: &Context<'a>) -> Result<Vec<(SourceNames<'a>, Source)>> {
    let frame = context.prepared.runs.frame();
    let (basics, names) = (Basics::new(frame)?, Names::new(frame)?);
    let uvm = names.system.code("zscaler-uvm");
    let (types, category) = (
        Words::new(frame, "run_type")?,
        Words::new(frame, "category")?,
    );
    let (row_count, map) = (Numbers::new(frame, "row_count")?, category.code("map"));
    let key = [names.system, names.account, names.source, types];
    let inside = Days::of(context.prepared.window.span);
    let mut sources: BTreeMap<[Option<u32>; 4], Source> = BTreeMap::new();
    let until = Days {
        first: i32::MIN,
        ..inside
    };
    for row in basics.rows(until).filter(|&row| names.system.is(row, uvm)) {
        let source = sources.entry(key.map(|words| words.get(row))).or_default();
        let well = matches!(basics.outcome(row), Outcome::Succeeded | Outcome::Partial);
        if inside.holds(basics.day(row)) {
            source.runs += 1;
            source.not_unified += i64::from(well && category.is(row, map));
        }
        if let Some(rows) = row_count.get(row).filter(|_| well) {
            source.previous = source.last.replace(rows);
        }
    }
    let ran = sources.into_iter().filter(|(_, source)| source.runs > 0);
    let word = |words: Words<'a>, code: Option<u32>| code.and_then(|code| words.word(code));
    Ok(ran
        .map(|(codes, source)| (std::array::from_fn(|at| word(key[at], codes[at])), source))
        .collect())
}

fn source_table(context: &Context<'_>) -> Result<Bounded> {
    let columns = vec![
        column("source", "Source", Unit::Text, Place::Name),
        column("run_type", "Run type", Unit::Text, Place::Under).means("The data retrieval type."),
        column("system", "System", Unit::Text, Place::Machine),
        column("account", "Account", Unit::Text, Place::Machine),
        column("last_rows", "Rows", Unit::Count, Place::Column)
            .means("Of the newest run that went well and states its rows."),
        column("previous_rows", "Rows before", Unit::Count, Place::Column)
            .means("Of the run of the same retrieval type before it."),
        column("change", "Change", Unit::Share, Place::Column)
            .means("Rows against those before, as a share of those before."),
        column(
            "not_unified_runs",
            "Not unified",
            Unit::Count,
            Place::Column,
        )
        .means(
            "Runs of the period that went well with the category Map: ingested, not yet unified.",
        ),
        column("runs", "Runs", Unit::Count, Place::Column).means("Runs of the period."),
    ];
    let sources = sources(context)?;
    let note = match sources.len() {
        0 => "No UVM source ran in this period.",
        _ => {
            "Zscaler UVM reports no discovered count; compared are the rows of a run with those of the run before it."
        }
    };
    let title = "Zscaler UVM: rows by source";
    let rows = sources.into_iter().map(|(names, rows)| {
        let [system, account, source, run_type] = names.map(Cell::text);
        let before = rows.previous.filter(|&before| before > 0);
        let change = rows.last.zip(before).map(|(last, before)| {
            let (last, before) = (last as f64, before as f64);
            (last - before) / before
        });
        Row {
            cells: vec![
                source,
                run_type,
                system,
                account,
                Cell::int(rows.last),
                Cell::int(rows.previous),
                Cell::float(change),
                Cell::Int(rows.not_unified),
                Cell::Int(rows.runs),
            ],
            ..Row::default()
        }
    });
    Ok((context.bounds).rows("sources", title, note.to_owned(), columns, rows))
}

/// The kinds with their labels and meanings.
pub(super) const KIND_TERMS: [(&str, &str, &str); 6] = [
    (
        "loss",
        "Loss",
        "Ingestion failed, or reported assets as failed.",
    ),
    (
        "unexplained",
        "Unexplained",
        "A full run ingested less than it discovered, and nothing was reported as failed.",
    ),
    (
        "unclear",
        "Unclear",
        "Less was ingested than discovered, and the export does not say whether the run was full or incremental.",
    ),
    (
        "surplus",
        "Surplus",
        "More was ingested than discovered, as lineage extraction does.",
    ),
    (
        "expected",
        "Expected",
        "An incremental run: unchanged assets are not ingested again.",
    ),
    (
        "complete",
        "Complete",
        "Everything discovered was ingested or is accounted for.",
    ),
];
