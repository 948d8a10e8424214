//! Reports in Markdown, read as a ticket system reads them: whatever a log says, it is shown and does nothing.

#![allow(clippy::unwrap_used, reason = "helpers of tests fail as tests do")]

mod build;
#[path = "../common/mod.rs"]
#[allow(dead_code, reason = "each test file uses a part of the shared helpers")]
mod common;
mod large;
mod reader;

use rundown::render::{Format, LEAST_CHARS, MAX_CHARS, RenderOptions, render, render_with};
use rundown::report::{Block, Cell, Figure, Figures, Note, Notes, Report, Tone, Unit};
use unicode_width::UnicodeWidthStr;

use build::{all_kinds, named};
use reader::{Reading, read};

/// Texts that would be markup, call somebody, or link something.
const HOSTILE: [&str; 31] = [
    "a|b",
    "\\|",
    "a\\\\|b|",
    "`",
    "``a`",
    "`@team|x`",
    "<script>alert(1)</script>",
    "<!-- -->",
    "</details>",
    "@team",
    "@org/team,",
    "x@example.org",
    "#1",
    "GH-12",
    "org/repo#1",
    "!12",
    "0123456789abcdef0123456789abcdef01234567",
    "(deadbeef)",
    "--- | ---",
    "| --- |",
    "one\ntwo\r\n\r\n# three\n\n- four",
    "ends with \\",
    "[a](https://x.example) ![b](c.png) [^1]",
    "https://x.example www.example.org ftp://x",
    "<https://x.example> <a@b.example>",
    ":smile: :+1: :100:",
    "# heading #",
    "- [ ] *list* __bold__ ~~gone~~ ~x~",
    "1. &lt;b&gt; &#64;team &amp;",
    "$x$ $$y$$ $`z`$",
    "``` a\u{202e}b\u{200b}c\u{0}\u{1b}[31m",
];

/// Markdown of at most so many characters.
pub(crate) fn markdown_within(report: &Report, max_chars: usize) -> anyhow::Result<String> {
    let options = RenderOptions {
        max_chars,
        ..RenderOptions::default()
    };
    render_with(report, Format::Markdown, &options)
}

fn markdown(report: &Report) -> String {
    render(report, Format::Markdown).unwrap()
}

/// What a text looks like: in one line, with the names of characters that steer.
fn seen(text: &str) -> String {
    let mut clean = String::new();
    for c in text.replace("\r\n", "\n").chars() {
        match c {
            '\n' => clean.push(' '),
            '\u{202e}' | '\u{200b}' => clean.push_str(&format!("<U+{:04X}>", u32::from(c))),
            c if c.is_control() => clean.push_str(&format!("<U+{:04X}>", u32::from(c))),
            c => clean.push(c),
        }
    }
    clean.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Fails on words outside of code that a ticket system acts on.
fn is_quiet(reading: &Reading) {
    for text in &reading.texts {
        let digit_after = |sign: char| {
            text.char_indices().any(|(at, c)| {
                c == sign && text[at + c.len_utf8()..].starts_with(|c: char| c.is_ascii_digit())
            })
        };
        assert!(!text.contains('@'), "{text}");
        assert!(!digit_after('#') && !digit_after('!'), "{text}");
        assert!(!text.contains("GH-1"), "{text}");
        assert!(!text.contains("://") && !text.contains("www."), "{text}");
        assert!(!text.contains('$'), "{text}");
        for emoji in [":smile:", ":+1:", ":100:"] {
            assert!(!text.contains(emoji), "{text}");
        }
        let hash = |word: &str| word.len() >= 7 && word.chars().all(|c| c.is_ascii_hexdigit());
        assert!(
            !text.split(|c: char| !c.is_alphanumeric()).any(hash),
            "{text}"
        );
    }
}

#[test]
fn a_hostile_log_has_the_same_shape_as_a_plain_one() {
    let plain = read(&markdown(&all_kinds("plain", 12)));
    assert!(plain.tables.len() >= 12, "{:?}", plain.tables);
    assert_eq!(plain.others, 0);
    for hostile in HOSTILE {
        let text = markdown(&all_kinds(hostile, 12));
        let reading = read(&text);
        let shape = |reading: &Reading| {
            let tables: Vec<(usize, usize)> = reading
                .tables
                .iter()
                .map(|rows| (rows.len(), rows[0].len()))
                .collect();
            (tables, reading.headings, reading.items, reading.fences)
        };
        assert_eq!(shape(&reading), shape(&plain), "{hostile}\n{text}");
        assert_eq!(reading.others, 0, "{hostile}\n{text}");
        assert_eq!(reading.html.len(), plain.html.len(), "{hostile}\n{text}");
        assert!(
            reading.is_balanced() && reading.has_our_html_only(),
            "{hostile}\n{text}"
        );
        is_quiet(&reading);
    }
}

#[test]
fn a_name_is_shown_as_it_is() {
    let report = named(&HOSTILE.map(str::to_owned));
    let reading = read(&markdown(&report));
    let shown: Vec<String> = reading.first_cells();
    let expected: Vec<String> = HOSTILE.iter().map(|name| seen(name)).collect();
    // The names stand in two columns, as text and as an id.
    assert_eq!(shown, expected);
    assert_eq!(reading.second_cells(), expected);
}

#[test]
fn any_mix_of_signs_is_shown_as_it_is() {
    const PARTS: [&str; 22] = [
        "|", "\\", "`", "``", " ", "a", "@b", "#1", "<", ">", "&lt;", "*", "_", "~", "[x](y)", "!",
        "$", ":a:", "日", "😀", "\"", ".",
    ];
    // A small generator of our own, so that the same texts are tried each time.
    let mut state = 7u64;
    let mut next = |below: usize| {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        usize::try_from(state >> 33).unwrap() % below
    };
    let names: Vec<String> = (0..3_000)
        .map(|_| {
            let name: String = (0..=next(9)).map(|_| PARTS[next(PARTS.len())]).collect();
            format!("x{name}x")
        })
        .collect();
    let report = named(&names);
    let reading = read(&markdown_within(&report, 0).unwrap());
    let expected: Vec<String> = names.iter().map(|name| seen(name)).collect();
    let shown = reading.first_cells();
    assert_eq!(shown.len(), expected.len());
    for (shown, expected) in shown.iter().zip(&expected) {
        assert_eq!(shown, expected);
    }
    // Code keeps its spaces.
    let ids = reading.second_cells();
    assert_eq!(ids.len(), names.len());
    for (shown, expected) in ids.iter().zip(&names) {
        assert_eq!(shown, expected);
    }
    assert_eq!(reading.others, 0);
}

#[test]
fn the_limit_holds() {
    for text in [
        "plain",
        "😀😀 @team",
        "a|b `c` @d #1 \\",
        &"long ".repeat(120),
    ] {
        for rows in [0, 7, 200] {
            let report = all_kinds(text, rows);
            for limit in [2_000, 2_001, 4_000, 9_000, 65_000] {
                let markdown = markdown_within(&report, limit).unwrap();
                let case = format!("{limit}, {rows} rows of {text:?}\n{markdown}");
                assert!(markdown.chars().count() <= limit, "{case}");
                assert!(markdown.encode_utf16().count() <= limit, "{case}");
                let reading = read(&markdown);
                assert!(
                    reading.is_balanced() && reading.has_our_html_only(),
                    "{case}"
                );
                // What always stays: what this is, of when, whether the books balance, and by whom.
                assert!(markdown.starts_with("<!-- rundown report -->\n"), "{case}");
                for kept in ["# ", "**Period**", "read = ", "Written by rundown"] {
                    assert!(markdown.contains(kept), "{kept:?}: {case}");
                }
            }
        }
    }
}

#[test]
fn what_is_left_out_is_said_at_the_top() {
    let report = all_kinds("plain", 60);
    let whole = markdown_within(&report, 0).unwrap();
    assert!(!whole.contains("Shortened"), "{whole}");

    let short = markdown_within(&report, 9_000).unwrap();
    let notice: Vec<&str> = short
        .lines()
        .take_while(|line| !line.starts_with("# "))
        .collect();
    assert_eq!(
        notice[2],
        "> **Shortened to fit 9,000 characters.** Left out are:"
    );
    let notice = notice.join("\n");
    assert!(notice.contains("> - the details of "), "{notice}");
    assert!(
        notice.contains("the sections Something else, Runs, Inputs (all but its first sentence)"),
        "{notice}"
    );
    assert!(
        notice.contains("HTML or JSON, or with `--max-chars 0`"),
        "{notice}"
    );
    // The rows that the notice counts and those that are there make the whole.
    let (_, rest) = notice.split_once("All scans (").unwrap();
    let (gone, _) = rest.split_once(" of 60)").unwrap();
    let gone: usize = gone.parse().unwrap();
    assert!(short.contains(&format!(
        "… and {gone} more: {} of 60 rows are shown.",
        60 - gone
    )));
    let scans = short.split("## All scans").nth(1).unwrap();
    let scans = scans.split("\n## ").next().unwrap();
    let listed: usize = read(scans).tables.iter().map(|rows| rows.len() - 1).sum();
    assert_eq!(listed, 60 - gone);
}

#[test]
fn the_message_of_a_ticket_is_whole_while_there_is_room() {
    let message = format!("AADSTS: expired.\n``` {}Trace ID: 7", "x ".repeat(2_000));
    let mut report = all_kinds("plain", 60);
    report.sections[0].blocks.push(Block::Figures(Figures {
        id: "error",
        title: "",
        aside: false,
        items: Ok(vec![Figure {
            key: "error_message",
            label: "Error",
            unit: Unit::Message,
            value: Cell::Text(message.clone()),
            previous: None,
            definition: "",
            main: false,
        }]),
    }));
    for limit in [0, 65_000, 9_000] {
        let markdown = markdown_within(&report, limit).unwrap();
        let whole = format!("Error:\n\n````text\n{message}\n````\n");
        assert!(markdown.contains(&whole), "{limit}\n{markdown}");
    }
    let markdown = markdown_within(&report, 4_000).unwrap();
    assert!(markdown.contains("> - the end of: Error\n"), "{markdown}");
    assert!(markdown.contains("\nError … cut here, "), "{markdown}");
}

#[test]
fn numbers_that_cannot_be_relied_on_are_never_without_a_word_of_it() {
    let mut report = all_kinds("plain", 60);
    let stop = Note {
        tone: Tone::Stop,
        text: "The books do not balance; ask @team.".to_owned(),
    };
    report.sections[9].blocks.push(Block::Notes(Notes {
        id: "more",
        items: vec![stop],
    }));
    for limit in [2_000, 3_000, 9_000, 30_000, 0] {
        let markdown = markdown_within(&report, limit).unwrap();
        let told = markdown.matches("The books do not balance; ask `@team`.");
        assert_eq!(told.count(), 1, "{limit}\n{markdown}");
    }
}

#[test]
fn what_matters_least_goes_first() {
    let report = all_kinds("plain", 60);
    let mut before: Option<Vec<bool>> = None;
    let titles = [
        "Overview",
        "What changed",
        "Findings",
        "All scans",
        "Why runs failed",
        "Outcomes over time",
        "How long runs take",
        "Something else",
        "Runs",
    ];
    for limit in (2_000..30_000).step_by(500) {
        let markdown = markdown_within(&report, limit).unwrap();
        let shown: Vec<bool> = titles
            .iter()
            .map(|title| markdown.contains(&format!("\n## {title}\n")))
            .collect();
        // Never one of the list without those above it.
        assert!(shown.is_sorted_by(|a, b| a >= b), "{limit}: {shown:?}");
        // More room never shows less.
        if let Some(before) = before {
            assert!(before.iter().zip(&shown).all(|(a, b)| a <= b), "{limit}");
        }
        before = Some(shown);
    }
    assert!(before.unwrap().into_iter().all(|shown| shown));
}

#[test]
fn a_limit_that_nothing_fits_in_is_an_error() {
    let report = all_kinds("plain", 1);
    let error = markdown_within(&report, LEAST_CHARS - 1).unwrap_err();
    assert!(
        error.to_string().contains("1999 characters is too short"),
        "{error}"
    );
    assert_eq!(
        markdown(&report),
        markdown_within(&report, MAX_CHARS).unwrap()
    );
}

#[test]
fn columns_stand_below_each_other() {
    for text in ["plain", "日本語|x", "`a`"] {
        let markdown = markdown(&all_kinds(text, 12));
        let mut tables = 0;
        let mut width = None;
        for line in markdown.lines() {
            if line.starts_with('|') {
                tables += usize::from(width.is_none());
                assert_eq!(*width.get_or_insert(line.width()), line.width(), "{line}");
                assert!(line.ends_with(" |"), "{line}");
            } else {
                width = None;
            }
        }
        assert!(tables >= 12, "{tables}");
        assert!(markdown.contains("-: |\n") || markdown.contains("-: | "));
    }
}

#[test]
fn charts_are_characters() {
    let text = markdown(&all_kinds("plain", 12));
    for drawn in [
        // Strips: marks and their legend.
        "`oX!.`",
        "`o` succeeded, `!` partial, `X` failed, `.` no run",
        // Bars of few buckets, and of many.
        "Bars: █ failed, ▒ cancelled, ░ succeeded.",
        "up to 20 a day",
        // Ranges.
        "Bars, all on one scale: █ up to usual, ▒ up to long, ░ up to longest.",
        // A grid of shades.
        "Monday  · ░░ ▒▒ ██",
        "`·` none, `░` up to 3",
    ] {
        assert!(text.contains(drawn), "{drawn}\n{text}");
    }
}

#[test]
fn nothing_is_empty() {
    let text = markdown(&all_kinds("plain", 0));
    let lines: Vec<&str> = text.lines().filter(|line| !line.is_empty()).collect();
    for two in lines.windows(2) {
        let level = |line: &str| line.bytes().take_while(|byte| *byte == b'#').count();
        let (first, second) = (level(two[0]), level(two[1]));
        assert!(first == 0 || second == 0 || second > first, "{two:?}");
        assert_ne!(two, ["<details>", "</details>"]);
    }
    assert!(!text.contains("\n\n\n"), "{text}");
    assert!(!markdown(&all_kinds("plain", 12)).contains("\n\n\n"));
}

#[test]
fn our_own_reports_are_known() {
    let text = markdown(&all_kinds("plain", 3));
    assert!(Format::is_ours(text.as_bytes()));
    assert!(!Format::is_ours(b"# Notes\n\n<!-- rundown report -->\n"));
    assert_eq!(Format::of_ending("md"), Some(Format::Markdown));
    assert_eq!(Format::of_ending("Markdown"), Some(Format::Markdown));
}
