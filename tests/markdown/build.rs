//! Reports by hand: each kind of block, with a text of one's choice wherever a log can bring text.

use chrono::{Days, NaiveDate};
use rundown::report::{
    Block, Cell, Column, Data, Drawing, Figure, Figures, Note, Notes, Place, Report, Row,
    SCHEMA_VERSION, Section, Span, Table, Term, Tone, Unit, Window,
};

fn day(at: u64) -> NaiveDate {
    let first = NaiveDate::from_ymd_opt(2026, 11, 1).unwrap();
    first.checked_add_days(Days::new(at)).unwrap()
}

fn column(key: &'static str, label: &'static str, unit: Unit, place: Place) -> Column {
    Column {
        key,
        label,
        unit,
        place,
        definition: "What is counted.",
    }
}

fn table(id: &'static str, title: &'static str, columns: Vec<Column>, rows: Vec<Row>) -> Table {
    Table::new(id, title, String::new(), columns, rows)
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

fn section(id: &'static str, title: &'static str, lead: &str, blocks: Vec<Block>) -> Section {
    Section {
        id,
        title,
        lead: lead.to_owned(),
        blocks,
    }
}

fn report(title: &str, sections: Vec<Section>) -> Report {
    Report {
        schema_version: SCHEMA_VERSION,
        title: title.to_owned(),
        as_of: day(29),
        time_zone: "Europe/Berlin".to_owned(),
        window: Window {
            first: day(0),
            last: day(29),
            days: 30,
            by: "day",
            week_start: "monday",
            previous: None,
        },
        data: Data::default(),
        sections,
        terms: vec![Term {
            word: "failed",
            label: "Failed",
            meaning: "It did not work.",
        }],
    }
}

/// One table with these names, as text and as an id.
pub(crate) fn named(names: &[String]) -> Report {
    let columns = vec![
        column("name", "Name", Unit::Text, Place::Name),
        column("id", "Id", Unit::Id, Place::Column),
    ];
    let rows = names.iter().map(|name| row(vec![text(name), text(name)]));
    let table = table("names", "Names", columns, rows.collect());
    report(
        "Names",
        vec![section("names", "Names", "", vec![Block::Table(table)])],
    )
}

fn figures(value: &str) -> Vec<Block> {
    let figure = |key, label, unit, value, main: bool| Figure {
        key,
        label,
        unit,
        value,
        previous: main.then_some(Cell::Int(3)),
        definition: "What is counted.",
        main,
    };
    let items = vec![
        figure("runs", "Runs", Unit::Count, Cell::Int(2_556), true),
        figure(
            "rate",
            "Success rate",
            Unit::Share,
            Cell::Float(0.000_1),
            true,
        ),
        figure("scans", "Scans", Unit::Count, Cell::Int(7), false),
        figure("why", "Why", Unit::Text, text(value), false),
        figure("what", "What", Unit::Id, text(value), false),
        figure("message", "Message", Unit::Message, text(value), false),
    ];
    vec![
        Block::Figures(Figures {
            id: "figures",
            title: "",
            aside: false,
            items: Ok(items),
        }),
        Block::Figures(Figures {
            id: "previous",
            title: "The period before",
            aside: false,
            items: Err(format!("No earlier data: {value}.")),
        }),
    ]
}

fn notes(value: &str, count: usize) -> Block {
    let tones = [Tone::Info, Tone::Warning];
    let items = (0..count).map(|at| Note {
        tone: tones[at % 2],
        text: value.to_owned(),
    });
    Block::Notes(Notes {
        id: "notes",
        items: items.collect(),
    })
}

fn scans(value: &str, rows: usize) -> Table {
    let runs = || {
        let columns = vec![
            column("at", "Run", Unit::Time, Place::Name),
            column("run_id", "Run id", Unit::Id, Place::Under),
            column("outcome", "Outcome", Unit::Status, Place::Column),
            column("rows", "Rows", Unit::Count, Place::Column),
            column("error_message", "Error", Unit::Message, Place::Detail),
        ];
        let child = Table {
            title: "Child runs",
            ..table(
                "children",
                "",
                columns.clone(),
                vec![row(vec![
                    Cell::Time(1),
                    text(value),
                    text(value),
                    Cell::Null,
                    text(value),
                ])],
            )
        };
        let run = |at, detail| Row {
            target: None,
            cells: vec![
                Cell::Time(at),
                text(value),
                text("failed"),
                Cell::Int(at),
                text(value),
            ],
            anchor: None,
            detail,
        };
        let rows = vec![run(1_000, vec![Block::Table(child)]), run(2_000, vec![])];
        Table {
            total: 57,
            ..table("runs", "Newest runs", columns, rows)
        }
    };
    let columns = vec![
        column("scan", "Scan", Unit::Text, Place::Name),
        column("source", "Source", Unit::Text, Place::Under),
        column("outcome", "Last run", Unit::Status, Place::Column),
        column("runs", "Runs", Unit::Count, Place::Column),
        column("usual", "Usual duration", Unit::Duration, Place::Column),
        column("message", "Message", Unit::Message, Place::Column),
        column("owner", "Owner", Unit::Text, Place::Detail),
        column("note", "Newest message", Unit::Message, Place::Detail),
        column("machine", "Machine", Unit::Text, Place::Machine),
    ];
    let rows = (0..rows).map(|at| Row {
        target: None,
        cells: vec![
            text(value),
            text(if at % 2 == 0 { "crm" } else { "erp" }),
            text(if at % 3 == 0 { value } else { "failed" }),
            Cell::Int(1_234),
            Cell::Null,
            text(value),
            text(value),
            text(value),
            text(value),
        ],
        anchor: None,
        detail: vec![Block::Table(runs()), notes(value, 1)],
    });
    Table {
        note: value.to_owned(),
        ..table("scans", "", columns, rows.collect())
    }
}

fn bars(title: &'static str, buckets: u64) -> Block {
    let columns = vec![
        column("start", "Day", Unit::Date, Place::Column),
        column("last", "Last", Unit::Date, Place::Machine),
        column("partial_period", "Incomplete", Unit::Flag, Place::Column),
        column("no_data", "No data", Unit::Flag, Place::Column),
        column("failed", "Failed", Unit::Count, Place::Column),
        column("cancelled", "Cancelled", Unit::Count, Place::Column),
        column("succeeded", "Succeeded", Unit::Count, Place::Column),
        column("runs", "Runs", Unit::Count, Place::Column),
    ];
    let rows = (0..buckets).map(|at| {
        let date = Cell::Date(day(at));
        row(vec![
            date.clone(),
            date,
            Cell::Bool(at + 1 == buckets),
            Cell::Bool(at == 0),
            Cell::Int(3),
            Cell::Int(1),
            Cell::Int(16),
            Cell::Int(20),
        ])
    });
    Block::Table(Table {
        drawing: Some(Drawing::Bars {
            by: "day",
            stack: vec!["failed", "cancelled", "succeeded"],
        }),
        ..table("by_period", title, columns, rows.collect())
    })
}

fn charts(value: &str, rows: usize) -> Vec<Block> {
    let strip = vec![
        column("scan", "Scan", Unit::Text, Place::Name),
        column("runs", "Runs", Unit::Count, Place::Column),
        column("strip", "History", Unit::Text, Place::Column),
    ];
    let strips = (0..rows).map(|_| row(vec![text(value), Cell::Int(4), text("sfp.")]));
    let range = vec![
        column("scan", "Scan", Unit::Text, Place::Name),
        column("p50", "Usual", Unit::Duration, Place::Column),
        column("p95", "Long", Unit::Duration, Place::Column),
        column("max", "Longest", Unit::Duration, Place::Column),
    ];
    let ranges = (0..rows).map(|_| {
        row(vec![
            text(value),
            Cell::Int(1_000),
            Cell::Int(4_000),
            Cell::Null,
        ])
    });
    let grid = vec![
        column("weekday", "Weekday", Unit::Text, Place::Name),
        column("h0", "00", Unit::Count, Place::Column),
        column("h1", "01", Unit::Count, Place::Column),
        column("h2", "02", Unit::Count, Place::Column),
        column("h3", "03", Unit::Count, Place::Column),
    ];
    let week = [
        row(vec![
            text("Monday"),
            Cell::Int(0),
            Cell::Int(3),
            Cell::Int(5),
            Cell::Int(12),
        ]),
        row(vec![
            text(value),
            Cell::Int(0),
            Cell::Null,
            Cell::Int(9),
            Cell::Int(12),
        ]),
    ];
    let bucket = |at| Span {
        first: day(at),
        last: day(at),
    };
    let buckets = (0..4).map(bucket).collect();
    vec![
        Block::Table(Table {
            drawing: Some(Drawing::Strips { buckets }),
            ..table("strips", "Day by day", strip, strips.collect())
        }),
        Block::Table(Table {
            drawing: Some(Drawing::Ranges {
                keys: ["p50", "p95", "max"],
            }),
            ..table("ranges", "Durations", range, ranges.collect())
        }),
        Block::Table(Table {
            drawing: Some(Drawing::Shades),
            ..table(
                "grid",
                "By hour",
                grid,
                week.into_iter().take(rows.min(2)).collect(),
            )
        }),
    ]
}

/// A report with every kind of block. Tables have so many rows.
pub(crate) fn all_kinds(value: &str, rows: usize) -> Report {
    let errors = {
        let columns = vec![
            column("error", "Error", Unit::Message, Place::Name),
            column("category", "Category", Unit::Status, Place::Under),
            column("runs", "Runs", Unit::Count, Place::Column),
            column("action", "What to do", Unit::Message, Place::Column),
            column("example", "Newest message", Unit::Message, Place::Detail),
        ];
        let advice = format!(
            "{} {value}",
            "Check the credential and the vault. ".repeat(3)
        );
        let rows = (0..rows).map(|_| {
            row(vec![
                text(value),
                text(value),
                Cell::Int(5),
                text(&advice),
                text(value),
            ])
        });
        Block::Table(table("signatures", "Errors", columns, rows.collect()))
    };
    let few = |id, rows: usize| {
        let columns = vec![
            column("what", "What", Unit::Text, Place::Name),
            column("evidence", "Evidence", Unit::Text, Place::Column),
            column("at", "Since", Unit::Time, Place::Column),
        ];
        let rows = (0..rows).map(|_| row(vec![text(value), text(value), Cell::Null]));
        Block::Table(table(id, "", columns, rows.collect()))
    };
    let files = {
        let columns = vec![
            column("path", "File", Unit::Text, Place::Name),
            column("read", "Read", Unit::Count, Place::Column),
            column("sha256", "SHA-256", Unit::Id, Place::Detail),
        ];
        let rows = (0..rows).map(|_| row(vec![text(value), Cell::Int(9), text("00ff00ff00")]));
        Block::Table(table("files", "Files", columns, rows.collect()))
    };
    let nested = Table {
        nested_in: Some("scans"),
        ..scans(value, rows.min(3))
    };
    report(
        value,
        vec![
            section("overview", "Overview", value, figures(value)),
            section("changes", "What changed", value, vec![few("changes", rows)]),
            section("findings", "Findings", value, vec![few("findings", rows)]),
            section(
                "outcomes",
                "Outcomes over time",
                value,
                vec![bars("By day", 30), bars("The last days", 5)],
            ),
            section("errors", "Why runs failed", value, vec![errors]),
            section(
                "durations",
                "How long runs take",
                value,
                charts(value, rows),
            ),
            section(
                "scans",
                "All scans",
                value,
                vec![Block::Table(scans(value, rows))],
            ),
            section(
                "other",
                "Something else",
                value,
                vec![few("other", rows), notes(value, 9)],
            ),
            section("runs", "Runs", value, vec![Block::Table(nested)]),
            section(
                "inputs",
                "Inputs",
                "1,279 read = 1,275 used + 4 rejected.",
                vec![notes(value, 2), files],
            ),
        ],
    )
}
