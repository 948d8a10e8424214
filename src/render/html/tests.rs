//! What every page must hold to, whatever the report says.

use chrono::NaiveDate;

use super::*;
use crate::report::{
    Block, Cell, Column, Data, Drawing, Figure, Figures, Note, Notes, Place, Row, SCHEMA_VERSION,
    Section, Span, Table, Target, Term, Tone, Unit, Window,
};

const HOSTILE: &str =
    "</style><script>alert('x')</script>\" onload=\"y\" style=\"z\" {{ 7*7 }} \u{202e}\0";

fn column(key: &'static str, unit: Unit, place: Place) -> Column {
    Column {
        key,
        label: key,
        unit,
        place,
        definition: "",
    }
}

fn table(columns: Vec<Column>, rows: Vec<Row>) -> Table {
    Table::new("rows", "Rows", String::new(), columns, rows)
}

fn row(cells: Vec<Cell>) -> Row {
    Row {
        cells,
        ..Row::default()
    }
}

fn text(value: &str) -> Cell {
    Cell::Text(value.to_owned())
}

fn scans(text: &str) -> Table {
    use Place::{Column as Shown, Detail, Machine, Name, Under};
    let cell = || Cell::Text(text.to_owned());
    let runs = table(
        vec![
            column("started", Unit::Time, Name),
            column("message", Unit::Message, Detail),
        ],
        vec![
            row(vec![Cell::Time(0), cell()]),
            row(vec![Cell::Time(1), Cell::Null]),
        ],
    );
    let columns = vec![
        column("scan", Unit::Text, Name),
        column("source", Unit::Text, Under),
        column("outcome", Unit::Status, Shown),
        column("id", Unit::Id, Shown),
        column("note", Unit::Message, Detail),
        column("secret", Unit::Text, Machine),
    ];
    let detailed = Row {
        cells: vec![
            cell(),
            cell(),
            cell(),
            cell(),
            cell(),
            Cell::Text("machine only".to_owned()),
        ],
        anchor: Some("scan-1".to_owned()),
        target: None,
        detail: vec![Block::Table(Table {
            title: "Runs",
            total: 57,
            ..runs
        })],
    };
    let other = row(vec![
        cell(),
        Cell::Null,
        Cell::Text("failed".to_owned()),
        Cell::Null,
        Cell::Null,
        Cell::Null,
    ]);
    Table {
        filters: vec!["outcome"],
        total: 3,
        ..table(columns, vec![detailed, other])
    }
}

fn bars() -> Table {
    let day = |day, partial, no_data, failed| {
        let date = Cell::Date(NaiveDate::from_ymd_opt(2026, 11, day).unwrap());
        row(vec![
            date.clone(),
            date,
            Cell::Bool(partial),
            Cell::Bool(no_data),
            Cell::Int(failed),
            Cell::Int(80),
        ])
    };
    let columns = vec![
        column("start", Unit::Date, Place::Column),
        column("last", Unit::Date, Place::Machine),
        column("partial_period", Unit::Flag, Place::Column),
        column("no_data", Unit::Flag, Place::Column),
        column("failed", Unit::Count, Place::Column),
        column("succeeded", Unit::Count, Place::Column),
    ];
    let rows = vec![
        day(17, false, true, 0),
        day(18, false, false, 3),
        day(19, true, false, 1),
    ];
    Table {
        drawing: Some(Drawing::Bars {
            by: "day",
            stack: vec!["failed", "succeeded"],
        }),
        ..table(columns, rows)
    }
}

/// One scan for each of the letters.
fn strips(text: &str, days: usize, letters: &[Cell]) -> Table {
    let first = NaiveDate::from_ymd_opt(2026, 11, 1).unwrap();
    let columns = vec![
        column("scan", Unit::Text, Place::Name),
        column("last_outcome", Unit::Status, Place::Column),
        column("last_run_at", Unit::Time, Place::Column),
        column("strip", Unit::Text, Place::Column),
    ];
    let rows = letters.iter().map(|letters| {
        row(vec![
            self::text(text),
            self::text("failed"),
            Cell::Time(0),
            letters.clone(),
        ])
    });
    let buckets = first.iter_days().take(days).map(|day| Span {
        first: day,
        last: day,
    });
    Table {
        drawing: Some(Drawing::Strips {
            buckets: buckets.collect(),
        }),
        ..table(columns, rows.collect())
    }
}

fn ranges(text: &str, values: &[[Option<i64>; 3]]) -> Table {
    let columns = vec![
        column("scan", Unit::Text, Place::Name),
        column("usual", Unit::Duration, Place::Column),
        column("long", Unit::Duration, Place::Column),
        column("longest", Unit::Duration, Place::Column),
    ];
    let rows = values.iter().map(|values| {
        let mut cells = vec![self::text(text)];
        cells.extend(values.map(Cell::int));
        row(cells)
    });
    Table {
        drawing: Some(Drawing::Ranges {
            keys: ["usual", "long", "longest"],
        }),
        ..table(columns, rows.collect())
    }
}

fn grid(text: &str, counts: &[[Option<i64>; 2]]) -> Table {
    let columns = vec![
        column("weekday", Unit::Text, Place::Name),
        column("00", Unit::Count, Place::Column),
        column("01", Unit::Count, Place::Column),
    ];
    let rows = counts.iter().map(|counts| {
        let mut cells = vec![self::text(text)];
        cells.extend(counts.map(Cell::int));
        row(cells)
    });
    Table {
        drawing: Some(Drawing::Shades),
        ..table(columns, rows.collect())
    }
}

/// Counts with a bar of their parts in each row.
fn parts(text: &str, values: &[[i64; 3]]) -> Table {
    let columns = vec![
        column("scan", Unit::Text, Place::Name),
        column("discovered", Unit::Count, Place::Column),
        column("ingested", Unit::Count, Place::Column),
        column("missing", Unit::Count, Place::Column),
    ];
    let rows = values.iter().map(|values| {
        let mut cells = vec![self::text(text)];
        cells.extend(values.map(Cell::Int));
        row(cells)
    });
    Table {
        drawing: Some(Drawing::Parts {
            whole: "discovered",
            parts: vec!["ingested", "missing"],
            rest: "Pending",
        }),
        ..table(columns, rows.collect())
    }
}

/// Shares with a bar in each row.
fn shares(text: &str, values: &[f64]) -> Table {
    let columns = vec![
        column("cause", Unit::Text, Place::Name),
        column("share", Unit::Share, Place::Column),
    ];
    let rows = values
        .iter()
        .map(|value| row(vec![self::text(text), Cell::Float(*value)]));
    Table {
        drawing: Some(Drawing::Share { key: "share" }),
        ..table(columns, rows.collect())
    }
}

/// Findings: rows with two messages each.
fn findings(text: &str) -> Table {
    let columns = vec![
        column("scan", Unit::Text, Place::Name),
        column("severity", Unit::Status, Place::Column),
        column("evidence", Unit::Message, Place::Column),
        column("action", Unit::Message, Place::Column),
    ];
    let cells = vec![self::text(text), self::text("high"), self::text(text)];
    table(
        columns,
        vec![Row {
            cells: cells.into_iter().chain([Cell::Null]).collect(),
            anchor: Some("stopped-1".to_owned()),
            target: Some(Target {
                column: "scan",
                anchor: "scan-1".to_owned(),
            }),
            detail: vec![Block::Notes(notes(text))],
        }],
    )
}

fn figures() -> Figures {
    let figure = |main| Figure {
        key: "success_rate",
        label: "Success rate",
        unit: Unit::Share,
        value: Cell::Float(0.908),
        previous: Some(Cell::Float(0.951)),
        definition: "Succeeded by succeeded, partial and failed.",
        main,
    };
    Figures {
        id: "figures",
        title: "",
        aside: false,
        items: Ok(vec![figure(true), figure(false)]),
    }
}

fn notes(text: &str) -> Notes {
    let note = |tone| Note {
        tone,
        text: text.to_owned(),
    };
    Notes {
        id: "notes",
        items: vec![note(Tone::Info), note(Tone::Warning), note(Tone::Stop)],
    }
}

fn report(title: &str, blocks: Vec<Block>) -> Report {
    let date = |day| NaiveDate::from_ymd_opt(2026, 11, day).unwrap();
    Report {
        schema_version: SCHEMA_VERSION,
        title: title.to_owned(),
        as_of: date(19),
        time_zone: "Europe/Berlin".to_owned(),
        window: Window {
            first: date(17),
            last: date(19),
            days: 3,
            by: "day",
            week_start: "monday",
            previous: None,
        },
        data: Data {
            systems: ["a", "b", "c", "d", "e"].map(str::to_owned).to_vec(),
            // 2026-11-19T01:30:00Z, at 02:30 in Berlin.
            newest_at: Some(1_795_051_800_000_000),
        },
        sections: vec![Section {
            id: "scans",
            title: "Scans",
            lead: title.to_owned(),
            blocks,
        }],
        terms: vec![Term {
            word: "failed",
            label: "Failed",
            meaning: "A phase failed.",
        }],
    }
}

fn html(report: &Report) -> Result<String> {
    super::html(report, &RenderOptions::default())
}

fn page(blocks: Vec<Block>) -> String {
    html(&report("Runs", blocks)).unwrap()
}

fn everything(text: &str) -> Report {
    let blocks = vec![
        Block::Figures(figures()),
        Block::Figures(Figures {
            id: "none",
            title: "None",
            aside: false,
            items: Err(text.to_owned()),
        }),
        Block::Table(bars()),
        Block::Table(scans(text)),
        Block::Table(strips(text, 3, &[self::text("sf."), self::text(text)])),
        Block::Table(ranges(text, &[[Some(1), Some(2), Some(3)]])),
        Block::Table(grid(text, &[[Some(1), Some(7)]])),
        Block::Table(parts(text, &[[20, 10, 5]])),
        Block::Table(shares(text, &[0.125])),
        Block::Table(findings(text)),
        Block::Notes(notes(text)),
    ];
    report(text, blocks)
}

/// Markup that shows that a kind of block reaches the page. A new kind does not compile until it
/// has its example.
fn sign(block: &Block) -> &'static str {
    match block {
        Block::Figures(_) => "−4.3 points, before: 95.1%",
        Block::Notes(_) => "<b>Stop:</b> look",
        Block::Table(table) => match table.drawing {
            None => "Runs: 2 of 57",
            Some(Drawing::Bars { .. }) => "<title>18 Nov 2026: 3 failed, 80 succeeded</title>",
            Some(Drawing::Strips { .. }) => "<path class=\"s-fail\" d=\"M14 11h14\"/>",
            Some(Drawing::Ranges { .. }) => "<circle class=\"r-dot\"",
            Some(Drawing::Shades) => {
                "<text class=\"t-5\" x=\"75.0%\" y=\"18\" text-anchor=\"middle\">7</text>"
            }
            // 5 of 20 missing after 10 ingested.
            Some(Drawing::Parts { .. }) => {
                "<rect class=\"b-fail\" x=\"50.0%\" width=\"25.0%\" height=\"14\"/>"
            }
            Some(Drawing::Share { .. }) => {
                "<rect class=\"b-share\" width=\"12.5%\" height=\"14\"/>"
            }
        },
    }
}

#[test]
fn every_kind_of_block_is_shown() {
    for block in [
        Block::Figures(figures()),
        Block::Table(scans("s")),
        Block::Table(bars()),
        Block::Notes(notes("look")),
        Block::Table(strips("s", 3, &[text("sf.")])),
        Block::Table(ranges("s", &[[Some(1), Some(2), Some(3)]])),
        Block::Table(grid("s", &[[Some(1), Some(7)]])),
        Block::Table(parts("s", &[[20, 10, 5]])),
        Block::Table(shares("s", &[0.125])),
    ] {
        let sign = sign(&block);
        let page = page(vec![block]);
        assert!(page.contains(sign), "no {sign:?} in {page}");
    }
}

#[test]
fn text_from_logs_stays_text() {
    let page = html(&everything(HOSTILE)).unwrap();
    // The script is ours, whatever the report says.
    let body = page.split_once("</style>").unwrap().1;
    let body = body.split_once("<script>").unwrap().0;
    assert!(body.contains("&lt;script&gt;alert(") && body.contains("{{ 7*7 }}"));
    for forbidden in [
        "<script",
        "</style",
        "style=\"",
        "onload=\"",
        "\u{202e}",
        "\0",
        "javascript:",
    ] {
        assert!(!body.contains(forbidden), "{forbidden:?} is in the page");
    }
}

#[test]
fn the_page_asks_nobody_for_anything() {
    let page = html(&everything("a")).unwrap();
    for forbidden in [
        "http:",
        "https:",
        "://",
        "<link",
        "<img",
        "@import",
        "@font-face",
        " style=",
        "src=",
        "fetch(",
        "XMLHttpRequest",
        "innerHTML",
        "eval(",
    ] {
        assert!(!page.contains(forbidden), "{forbidden:?} is in the page");
    }
}

#[test]
fn a_page_without_its_script_allows_none() {
    let options = RenderOptions {
        script: false,
        ..RenderOptions::default()
    };
    let page = super::html(&everything("a"), &options).unwrap();
    assert!(!page.contains("<script") && !page.contains("script-src"));
    assert!(page.contains("and holds no script.</footer>"));
}

/// A scan for each number of failures, with so many runs under it: the failed ones, then those that succeeded.
fn scans_of(failures: &[usize], runs: usize) -> Table {
    let columns = || {
        vec![
            column("started", Unit::Time, Place::Name),
            column("outcome", Unit::Status, Place::Column),
            column("run_id", Unit::Id, Place::Detail),
        ]
    };
    let run = |word: &str| row(vec![Cell::Time(0), text(word), text("id-1")]);
    let rows = failures.iter().enumerate().map(|(at, &failed)| {
        let outcome = |n: usize| {
            if n < failed { "failed" } else { "succeeded" }
        };
        let nested = (0..runs).map(|n| run(outcome(n))).collect();
        Row {
            cells: vec![
                text(&format!("scan {at:04}")),
                Cell::int(i64::try_from(failed).ok()),
            ],
            detail: vec![Block::Table(Table {
                title: "Runs",
                ..table(columns(), nested)
            })],
            ..Row::default()
        }
    });
    let columns = vec![
        column("scan", Unit::Text, Place::Name),
        column("failed", Unit::Count, Place::Column),
    ];
    Table {
        filters: vec!["scan"],
        ..table(columns, rows.collect())
    }
}

#[test]
fn too_many_runs_leave_out_succeeded_ones_and_nothing_else() {
    // 900 scans with 3 failures each are 2,700 runs; 100 healthy scans have 300 more.
    let failures: Vec<usize> = (0..1_000).map(|at| if at < 900 { 3 } else { 0 }).collect();
    let page = page(vec![Block::Table(scans_of(&failures, 3))]);
    assert!(page.contains("this page leaves out 300 runs that succeeded. No failure"));
    // And once among the words.
    assert_eq!(
        page.matches("<b class=\"fail\">Failed</b>").count(),
        2_700 + 1
    );
    assert_eq!(page.matches("<code>id-1</code>").count(), 2_700);
    assert_eq!(
        page.matches("Left out to keep this page small.").count(),
        100
    );
    assert!(page.contains("scan 0999"));
}

#[test]
fn a_failure_behind_scans_that_went_well_is_not_left_out() {
    let mut failures = vec![0; 400];
    failures[350] = 1;
    let options = RenderOptions {
        max_bytes: 1,
        ..RenderOptions::default()
    };
    let report = report("s", vec![Block::Table(scans_of(&failures, 1))]);
    let page = super::html(&report, &options).unwrap();
    assert!(page.contains("scan 0350") && !page.contains("scan 0351"));
    assert_eq!(page.matches("<b class=\"fail\">Failed</b>").count(), 1 + 1);
    // Tables that tell of failures themselves are not cut.
    let findings = Table {
        rows: vec![findings("s").rows[0].clone(); 200],
        ..findings("s")
    };
    let report = self::report("s", vec![Block::Table(findings)]);
    let page = super::html(&report, &options).unwrap();
    assert_eq!(page.matches("class=\"said\"").count(), 200);
}

#[test]
fn a_page_that_is_too_large_leaves_out_what_matters_least_and_says_so() {
    // One scan that failed once, and 400 that went well.
    let failures: Vec<usize> = (0..401).map(|at| usize::from(at == 0)).collect();
    let report = report("s", vec![Block::Table(scans_of(&failures, 2))]);
    let page = |max_bytes| {
        let options = RenderOptions {
            max_bytes,
            ..RenderOptions::default()
        };
        super::html(&report, &options).unwrap()
    };
    let whole = page(0);
    assert_eq!(whole.matches("Runs: 2<span").count(), 401);
    assert!(!whole.contains("this page leaves out"));

    let limit = whole.len() - 1;
    let less = page(limit);
    assert!(less.len() <= limit);
    assert!(less.contains("this page leaves out 800 runs that succeeded. No failure"));
    assert_eq!(less.matches("Runs: 2<span").count(), 1);

    // Nothing is small enough for a page of one byte: what is left has the failure.
    let least = page(1);
    // 30 scans are left: two runs each of 29, and one of the scan that failed.
    let left = "59 runs that succeeded, 371 rows without a failure, values of 1 run. No failure";
    assert!(least.contains(left));
    assert!(least.contains("Showing 30 of 401. The JSON report has all of them."));
    assert!(least.contains("Runs: 1 of 2<span") && least.contains("<b class=\"fail\">Failed</b>"));
}

#[test]
fn the_policy_names_the_style_by_its_hash() {
    let page = html(&everything("a")).unwrap();
    let style = page
        .split_once("<style>")
        .unwrap()
        .1
        .split_once("</style>")
        .unwrap()
        .0;
    let hash = base64(&Sha256::digest(style.as_bytes()));
    assert!(page.contains(&format!(
            "<head><meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'sha256-{hash}'; "
        )));
}

#[test]
fn base64_pads() {
    let shown = ["", "f", "fo", "foo", "foob"].map(|text| base64(text.as_bytes()));
    assert_eq!(shown, ["", "Zg==", "Zm8=", "Zm9v", "Zm9vYg=="]);
}

#[test]
fn the_same_report_gives_the_same_bytes() {
    assert_eq!(
        html(&everything(HOSTILE)).unwrap(),
        html(&everything(HOSTILE)).unwrap()
    );
}

#[test]
fn our_own_pages_can_be_told() {
    assert!(page(Vec::new()).find(MARKER).is_some_and(|at| at < 1000));
    let claim = report(MARKER, Vec::new());
    assert_eq!(html(&claim).unwrap().matches(MARKER).count(), 1);
}

#[test]
fn only_words_that_occur_are_explained() {
    assert!(page(vec![Block::Table(scans("s"))]).contains("A phase failed.</dd>"));
    assert!(!page(vec![Block::Notes(notes("failed"))]).contains("id=\"words\""));
}

#[test]
fn columns_for_machines_stay_out() {
    assert!(!page(vec![Block::Table(scans("s"))]).contains("machine only"));
}

#[test]
fn an_empty_table_says_so_in_words() {
    let note = "No failed runs in this period.".to_owned();
    let empty = Table {
        note: note.clone(),
        ..table(vec![column("scan", Unit::Text, Place::Name)], Vec::new())
    };
    let page = page(vec![Block::Table(empty)]);
    assert!(page.contains(&note) && !page.contains("<table"));
}

#[test]
fn a_long_table_is_cut_and_says_where_the_rest_is() {
    let rows = |count: i64| {
        let rows = (0..count).map(|n| row(vec![text(&format!("file-{n:05}"))]));
        page(vec![Block::Table(table(
            vec![column("path", Unit::Text, Place::Name)],
            rows.collect(),
        ))])
    };
    let long = rows(301);
    assert!(long.contains("file-00299") && !long.contains("file-00300"));
    assert!(long.contains("Showing 300 of 301. The JSON report has all of them."));
    assert!(!rows(300).contains("Showing 300"));
    // The first ten at once: see the style sheet.
    assert!(long.contains("<span>Show all 300 rows</span>"));
    assert!(rows(16).contains("Show all 16") && !rows(15).contains("Show all"));
}

#[test]
fn rows_that_nest_elsewhere_are_linked_to() {
    let elsewhere = Table {
        nested_in: Some("scans"),
        ..scans("s")
    };
    let mut report = report("s", vec![]);
    report.sections.push(Section {
        id: "runs",
        title: "Runs",
        lead: String::new(),
        blocks: vec![Block::Table(elsewhere)],
    });
    let page = html(&report).unwrap();
    assert!(
        page.contains("<a href=\"#scans\">Scans</a>: open a row there.</p>")
            && !page.contains("<table")
    );
}

#[test]
fn filters_offer_the_most_frequent_values_and_the_rest() {
    let columns = vec![
        column("name", Unit::Text, Place::Name),
        column("type", Unit::Text, Place::Under),
    ];
    let typed = |n: usize, kind: usize| {
        row(vec![
            Cell::Int(i64::try_from(n).unwrap()),
            text(&format!("<type {kind:02}>")),
        ])
    };
    let rows: Vec<Row> = (0..60)
        .map(|n| typed(n, if n < 30 { 7 } else { n }))
        .collect();
    let page = page(vec![Block::Table(Table {
        filters: vec!["type"],
        ..table(columns, rows)
    })]);
    assert!(page.contains("class=\"a0\"><bdi>&lt;type 07&gt;</bdi> <i>30</i>"));
    assert!(page.contains("class=\"a23\"><bdi>Other (8)</bdi> <i>8</i>"));
    assert!(page.contains(".a23:checked)") && !page.contains(".a24:checked)"));
    assert_eq!(page.matches("<tbody class=\"a23\">").count(), 8);
}

#[test]
fn an_unknown_time_zone_is_an_error() {
    let report = Report {
        time_zone: "Mars/Olympus".to_owned(),
        ..report("a", Vec::new())
    };
    assert_eq!(
        html(&report).unwrap_err().to_string(),
        "\"Mars/Olympus\" is not the name of a time zone"
    );
}

#[test]
fn a_strip_has_one_mark_for_each_bucket_and_says_what_they_are() {
    let strips = |days, letters: &[Cell]| page(vec![Block::Table(strips("s", days, letters))]);
    let page = strips(8, &[text("spfcau.-")]);
    assert!(page.contains(
        "<title>8 days: 1 succeeded, 1 partial, 1 failed, 1 cancelled, 1 active, 1 unknown, 1 without a run, 1 without data. Newest: unknown, 6 Nov 2026</title>"
    ));
    let body = page.split_once("<tbody").unwrap().1;
    // One stroke each; a partial mark has two, an active one three.
    for (look, strokes) in [
        ("ok", 1),
        ("part", 2),
        ("fail", 1),
        ("canc", 1),
        ("run", 3),
        ("unk", 1),
        ("no", 1),
        ("out", 1),
    ] {
        let path = body
            .split_once(&format!("<path class=\"s-{look}\""))
            .unwrap()
            .1;
        let path = path.split_once("/>").unwrap().0;
        assert_eq!(path.matches("h14").count(), strokes, "{look}: {path}");
    }
    // The letters themselves are not shown, and the dates stand once.
    assert!(!page.contains("spfcau"));
    assert_eq!(page.matches("<span>1 Nov 2026</span>").count(), 1);
    assert!(page.contains("<span>8 Nov 2026</span>"));
    // Every status that is drawn is explained with the others.
    assert!(page.contains("A phase failed.</dd>"));
}

#[test]
fn strips_that_do_not_fit_their_buckets_are_drawn_as_far_as_they_do() {
    let letters = [text("ssssss"), text("<f"), text(""), Cell::Null];
    let page = page(vec![Block::Table(strips("s", 4, &letters))]);
    assert!(page.contains("<title>4 days: 4 succeeded. Newest: succeeded, 4 Nov 2026</title>"));
    assert!(
        page.contains("<title>2 days: 1 failed, 1 unknown. Newest: failed, 2 Nov 2026</title>")
    );
    assert_eq!(page.matches("<td class=\"drawn\">–").count(), 1);
    assert_eq!(page.matches("class=\"strip\" role=\"img\"").count(), 3);
    let none = html(&report("s", vec![Block::Table(strips("s", 0, &letters))])).unwrap();
    assert!(!none.contains("class=\"strip\"") && none.contains("<td>ssssss"));
}

#[test]
fn the_newest_outcome_and_its_time_share_a_cell_beside_a_strip() {
    let page = page(vec![Block::Table(strips("s", 2, &[text("ff")]))]);
    assert!(page.contains("Failed</b><small>1970-01-01 01:00</small>"));
    assert!(
        page.contains("<th scope=\"col\" data-sort=\"t\">last_outcome<small>last_run_at</small>")
    );
}

#[test]
fn strips_of_many_scans_stay_small() {
    // The worst a log can do: no two days alike.
    let letters = [text(&"spfcau.-".repeat(4)[..30]), text(&"s".repeat(30))];
    let size = |letters: &Cell| {
        let rows = |n: usize| vec![letters.clone(); n];
        let page = |n| page(vec![Block::Table(strips("s", 30, &rows(n)))]).len();
        (page(101) - page(1)) / 100
    };
    let (worst, usual) = (size(&letters[0]), size(&letters[1]));
    assert!(usual < 500, "{usual} bytes for a scan");
    assert!(worst < 1_500, "{worst} bytes for a scan");
}

#[test]
fn a_range_draws_what_is_known() {
    let minute = 60_000;
    let page = page(vec![Block::Table(ranges(
        "s",
        &[
            [Some(minute), Some(3 * minute), Some(4 * minute)],
            [Some(minute), None, None],
            [None, Some(minute), Some(2 * minute)],
            [None, None, None],
        ],
    ))]);
    let rows: Vec<&str> = page.split("<tbody").skip(1).collect();
    let drawn = |row: usize| {
        ["r-bar", "r-tick", "r-dot"].map(|class| rows[row].matches(&format!("\"{class}\"")).count())
    };
    assert_eq!(
        [drawn(0), drawn(1), drawn(2), drawn(3)],
        [[1, 1, 1], [0, 1, 0], [0, 0, 1], [0, 0, 0]]
    );
    // Linear, from 0 to 4 minutes: the bar from a quarter to three quarters.
    assert!(rows[0].contains("<rect class=\"r-bar\" x=\"26.0%\" y=\"5\" width=\"48.0%\""));
    assert!(rows[0].contains("<circle class=\"r-dot\" cx=\"98.0%\""));
    assert!(rows[0].contains("<td>3m 00s"));
    assert!(page.contains("Linear scale") && page.contains(">4 min</text>"));
}

#[test]
fn ranges_far_apart_are_drawn_on_a_logarithmic_scale() {
    let minute = 60_000;
    let scale = |longest| {
        page(vec![Block::Table(ranges(
            "s",
            &[[Some(minute), None, Some(longest)], [Some(0), None, None]],
        ))])
    };
    assert!(scale(50 * minute).contains("Linear scale"));
    let far = scale(51 * minute);
    assert!(far.contains("Logarithmic scale") && far.contains(">10 min</text>"));
    // A zero has no place on it, and stands at the left end.
    assert_eq!(
        far.matches("<svg x=\"2.0%\"><rect class=\"r-tick\"")
            .count(),
        2
    );
    let nothing = page(vec![Block::Table(ranges("s", &[[None; 3], [Some(0); 3]]))]);
    assert!(!nothing.contains("class=\"range\"") && nothing.contains("<td>–"));
}

#[test]
fn a_grid_shows_its_counts_and_the_table() {
    let counts = [[Some(0), Some(1)], [None, Some(20)]];
    let page = page(vec![Block::Table(grid("Monday", &counts))]);
    for sign in [
        "<rect class=\"h-0\" x=\"0.0%\"",
        "<rect class=\"h-1\" x=\"50.0%\"",
        "<rect class=\"h-none\" x=\"0.0%\"",
        "<rect class=\"h-5\" x=\"50.0%\"",
        "</svg>1 to 4</li>",
        "</svg>Not known</li>",
        "21 in all; the highest count is 20: Monday, 01.",
        "<summary>Show as a table</summary>",
        "<td>20",
    ] {
        assert!(page.contains(sign), "no {sign:?} in {page}");
    }
    let empty = self::page(vec![Block::Table(grid("Monday", &[]))]);
    assert!(empty.contains("Nothing to draw.") && !empty.contains("class=\"plot"));
}

#[test]
fn messages_of_a_finding_stand_beside_its_name() {
    let page = page(vec![Block::Table(findings("<why>"))]);
    assert!(page.contains("id=\"stopped-1\"") && page.contains("<b class=\"hi\">high</b>"));
    assert!(page.contains(
        "<td class=\"said\" role=\"cell\"><dl><dt>evidence<dd><span class=\"msg\">&lt;why&gt;</span></dl>"
    ));
    assert!(
        !page.contains("<dt>action") && page.contains("role=\"columnheader\">evidence, action")
    );
}

#[test]
fn the_summary_is_the_first_thing_on_the_page() {
    let block = || {
        Block::Notes(Notes {
            id: "summary",
            ..notes("It went well.")
        })
    };
    let mut report = report("Runs", vec![block()]);
    assert!(!html(&report).unwrap().contains("<ul class=\"sum\">"));
    report.sections[0].id = "overview";
    let page = html(&report).unwrap();
    let (before, after) = page.split_once("<ul class=\"sum\">").unwrap();
    assert!(before.contains("<h1>Runs</h1>") && after.contains("<nav"));
    assert_eq!(page.matches("It went well.").count(), 3);
    assert!(after.contains("<span class=\"vh\">Check: </span>It went well."));
}

#[test]
fn only_certain_addresses_are_links() {
    let linked = |url: &str| {
        let columns = vec![column("link", Unit::Link, Place::Name)];
        page(vec![Block::Table(table(
            columns,
            vec![row(vec![text(url)])],
        ))])
    };
    assert!(linked("https://example.org/a?b&c").contains(
        "<a rel=\"noreferrer\" href=\"https://example.org/a?b&amp;c\">https://example.org/a?b&amp;c</a>"
    ));
    for url in [
        "http://example.org",
        "javascript:alert(1)",
        "https://example.org/\u{202e}gpj",
        "https://a b",
        "https://a\n",
    ] {
        assert!(!linked(url).contains("noreferrer\" href"), "{url:?}");
    }
}
