//! What every page must hold to, whatever the report says.

use chrono::NaiveDate;

use super::*;
use crate::report::{
    Bars, Block, Cell, Column, Figure, Figures, Note, Notes, Place, Row, SCHEMA_VERSION, Section,
    Table, Term, Tone, Unit, Window,
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
    Table {
        id: "rows",
        title: "Rows",
        note: String::new(),
        total: rows.len(),
        columns,
        rows,
        nested_in: None,
        filter: None,
    }
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
        filter: Some("outcome"),
        total: 3,
        ..table(columns, vec![detailed, other])
    }
}

fn bars() -> Bars {
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
    Bars {
        table: table(columns, rows),
        stack: vec!["failed", "succeeded"],
    }
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

fn page(blocks: Vec<Block>) -> String {
    html(&report("Runs", blocks)).unwrap()
}

fn everything(text: &str) -> Report {
    let blocks = vec![
        Block::Figures(figures()),
        Block::Figures(Figures {
            id: "none",
            title: "None",
            items: Err(text.to_owned()),
        }),
        Block::Bars(bars()),
        Block::Table(scans(text)),
        Block::Notes(notes(text)),
    ];
    report(text, blocks)
}

/// Markup that shows that a kind of block reaches the page. A new kind does not compile until it
/// has its example.
fn sign(block: &Block) -> &'static str {
    match block {
        Block::Figures(_) => "−4.3 points, before: 95.1%",
        Block::Table(_) => "Runs: 2 of 57",
        Block::Bars(_) => "<title>18 Nov 2026: 3 failed, 80 succeeded</title>",
        Block::Notes(_) => "<b>Stop:</b> look",
        // Drawn as tables so far.
        Block::Strips(_) | Block::Ranges(_) | Block::Grid(_) => "<table",
    }
}

#[test]
fn every_kind_of_block_is_shown() {
    for block in [
        Block::Figures(figures()),
        Block::Table(scans("s")),
        Block::Bars(bars()),
        Block::Notes(notes("look")),
    ] {
        let sign = sign(&block);
        let page = page(vec![block]);
        assert!(page.contains(sign), "no {sign:?} in {page}");
    }
}

#[test]
fn text_from_logs_stays_text() {
    let page = html(&everything(HOSTILE)).unwrap();
    let body = page.split_once("</style>").unwrap().1;
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
        "<script",
        "<link",
        "<img",
        "@import",
        "@font-face",
        " style=",
        "src=",
    ] {
        assert!(!page.contains(forbidden), "{forbidden:?} is in the page");
    }
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
    let long = rows(1_001);
    assert!(long.contains("file-00999") && !long.contains("file-01000"));
    assert!(long.contains("Showing 1,000 of 1,001. The JSON report has all of them."));
    assert!(!rows(1_000).contains("Showing 1,000"));
}

#[test]
fn rows_that_nest_elsewhere_are_linked_to() {
    let elsewhere = Table {
        nested_in: Some("scans"),
        ..scans("s")
    };
    let page = page(vec![Block::Table(elsewhere)]);
    assert!(
        page.contains("<a href=\"#scans\">Scans</a>: open a row there. Showing 2 of 3.")
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
        filter: Some("type"),
        ..table(columns, rows)
    })]);
    assert!(page.contains("class=\"r0\"><bdi>&lt;type 07&gt;</bdi> <i>30</i>"));
    assert!(page.contains("class=\"r23\"><bdi>Other (8)</bdi> <i>8</i>"));
    assert!(page.contains(".r23:checked)") && !page.contains(".r24:checked)"));
    assert_eq!(page.matches("<tbody class=\"f23\">").count(), 8);
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
