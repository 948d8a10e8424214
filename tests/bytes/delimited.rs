//! Delimited text: delimiters, line ends, quotation marks, headers, and what stands above and below the rows.

use chrono::NaiveDate;
use rundown::Unusable;
use rundown::input::{InputOptions, load};
use rundown::runs::schema::Field;

use crate::case::{Case, Run, check, good, refused};
use crate::common::small::{HEADER, options, put, row};
use crate::csv;
use crate::encodings::{MARK, marked, utf16le};

/// A bad row: its time is none.
const BAD: &str = "daily,x,failed,noon,1\n";

#[test]
fn the_plain_file_holds_the_runs_that_the_others_must_hold() {
    check([good("plain", "runs.csv", csv()).says("csv")]);
}

#[test]
fn delimiters_are_found_out_and_stated() {
    let mut cases = Vec::new();
    for (delimiter, name) in [(";", "semicolon"), ("\t", "tab"), ("|", "vertical bar")] {
        let text = csv().replace(',', delimiter);
        cases.push(good(name, "runs.csv", text.clone()).says(name));
        cases.push(good(name, "runs.txt", marked(MARK, &text)).says(name));
        // Many other delimiters inside the fields.
        let scan = "a,b,c,d,e,f,g,h";
        cases.push(
            good(name, "runs.csv", text.replace("daily", scan))
                .scan(scan)
                .says(name),
        );
    }
    let scan = "a;b;c;d;e;f;g;h|i|j|k|l|m|n";
    cases.push(good("comma", "runs.csv", csv().replace("daily", scan)).scan(scan));
    let quoted = csv()
        .replace("scan,", "\"scan\",\"note; with | and \t\",")
        .replace("daily,", "daily,,");
    cases.push(good("comma, others quoted", "runs.csv", quoted));
    check(cases);
}

#[test]
fn a_first_line_that_states_the_delimiter_is_believed() {
    let mut cases = Vec::new();
    for (line, delimiter) in [
        ("sep=;\n", ";"),
        ("sep=,\n", ","),
        ("sep=|\n", "|"),
        ("sep=\t\n", "\t"),
        ("SEP=;\n", ";"),
        ("\"sep=;\"\n", ";"),
        ("sep=;\r\n", ";"),
    ] {
        let text = format!("{line}{}", csv().replace(',', delimiter));
        cases.push(good(format!("{line:?}"), "runs.csv", text.clone()).lines([3, 4, 5]));
        cases.push(
            good(
                format!("{line:?} in UTF-16"),
                "runs.csv",
                marked(b"\xff\xfe", utf16le(&text)),
            )
            .lines([3, 4, 5]),
        );
    }
    check(cases);
}

#[test]
fn line_ends_of_every_kind_give_the_same_lines() {
    let text = csv() + BAD;
    let plain = |what: &str, text: String| good(what, "runs.csv", text).reject(5, "E-TIME", "");
    let ended = |ends: [&str; 5]| -> String {
        let lines = text.lines().zip(ends);
        lines.map(|(line, end)| format!("{line}{end}")).collect()
    };
    check([
        plain("LF", text.clone()),
        plain("CRLF", text.replace('\n', "\r\n")),
        plain("CR", text.replace('\n', "\r")),
        plain("LF and CRLF", ended(["\r\n", "\n", "\r\n", "\n", "\r\n"])),
        plain("LF, CRLF and CR", ended(["\r\n", "\n", "\r", "\r\n", "\r"])),
        plain("CR first, then LF", ended(["\r", "\n", "\n", "\n", "\n"])),
        plain("no end, LF", text.trim_end().to_owned()),
        plain("no end, CRLF", text.trim_end().replace('\n', "\r\n")),
        plain("no end, CR", text.trim_end().replace('\n', "\r")),
        plain(
            "CR in UTF-8 with a mark",
            format!("\u{feff}{}", text.replace('\n', "\r")),
        ),
        good("no end", "runs.csv", csv().trim_end()),
    ]);
}

#[test]
fn line_breaks_inside_quotation_marks_do_not_end_a_row_and_count_as_lines() {
    let header = format!("{HEADER},error_message");
    let text = |inside: &str, end: &str| {
        [
            header.clone(),
            format!("{},\"one{inside}two{inside}{inside}five\"", row(1)),
            format!("{},plain", row(2)),
            format!("{},\"\"\"x\"\"{inside}\"", row(3)),
            "daily,x,failed,noon,1,".to_owned(),
            String::new(),
        ]
        .join(end)
    };
    let mut cases = Vec::new();
    for (what, inside, end) in [
        ("LF in LF", "\n", "\n"),
        ("CRLF in CRLF", "\r\n", "\r\n"),
        ("LF in CRLF", "\n", "\r\n"),
        ("CR in CR", "\r", "\r"),
        ("LF in CR", "\n", "\r"),
    ] {
        cases.push(
            good(what, "runs.csv", text(inside, end))
                .lines([2, 6, 7])
                .reject(9, "E-TIME", ""),
        );
    }
    let broken_header = csv().replace("run_id", "\"Run\nID\"");
    cases.push(good("in the header", "runs.csv", broken_header).lines([3, 4, 5]));
    check(cases);
}

#[test]
fn quotation_marks_are_read_as_they_are_meant_or_cost_one_row() {
    let in_row = |number: u32, from: &str, to: &str| {
        let good = row(number);
        csv().replace(&good, &good.replace(from, to))
    };
    let mut stray = [1, 2, 3].map(Run::good);
    "5\" disk".clone_into(&mut stray[1].scan);
    let hint = "quotation mark";
    check([
        good("stray", "runs.csv", in_row(2, "daily", "5\" disk")).runs(stray),
        good(
            "open in the middle",
            "runs.csv",
            in_row(2, "daily", "\"daily"),
        )
        .without(2)
        .reject(3, "E-CSV-QUOTE", hint),
        good(
            "open in the last field",
            "runs.csv",
            in_row(2, "Z,2", "Z,\"2"),
        )
        .without(2)
        .reject(3, "E-CSV-QUOTE", hint),
        good(
            "open in the last row",
            "runs.csv",
            in_row(3, "daily", "\"daily"),
        )
        .without(3)
        .reject(4, "E-CSV-QUOTE", hint),
        good(
            "open in the first row",
            "runs.csv",
            in_row(1, "daily", "\"daily"),
        )
        .without(1)
        .reject(2, "E-CSV-QUOTE", hint),
        good(
            "open, CRLF",
            "runs.csv",
            in_row(2, "daily", "\"daily").replace('\n', "\r\n"),
        )
        .without(2)
        .reject(3, "E-CSV-QUOTE", hint),
        good(
            "open, CR",
            "runs.csv",
            in_row(2, "daily", "\"daily").replace('\n', "\r"),
        )
        .without(2)
        .reject(3, "E-CSV-QUOTE", hint),
        good(
            "open in the header",
            "runs.csv",
            csv().replace("row_count", "\"row_count"),
        )
        .runs([])
        .reject(1, "E-CSV-QUOTE", hint),
        good("text behind", "runs.csv", in_row(2, "daily", "\"daily\" x"))
            .without(2)
            .reject(3, "E-CSV-QUOTE", hint),
        good(
            "backslash",
            "runs.csv",
            in_row(2, "daily", r#""say \"hi\", all""#),
        )
        .without(2)
        .reject(3, "E-CSV-QUOTE", hint),
        good("all quoted", "runs.csv", {
            let lines = csv();
            let lines = lines
                .lines()
                .map(|line| format!("\"{}\"\n", line.replace(',', "\",\"")));
            lines.collect::<String>()
        }),
    ]);
}

#[test]
fn rows_of_another_width_cost_themselves() {
    let with = |bad: &str| csv().replace(&row(2), bad);
    check([
        good("too few", "runs.csv", with("daily,good-2,completed"))
            .without(2)
            .reject(3, "E-CSV-WIDTH", "unquoted delimiter"),
        good("too many", "runs.csv", with(&format!("{},more", row(2))))
            .without(2)
            .reject(3, "E-CSV-WIDTH", "unquoted delimiter"),
        good(
            "an unquoted line break",
            "runs.csv",
            with("daily,good-2,\ncompleted,2026-11-02,2"),
        )
        .without(2)
        .lines([2, 5])
        .reject(3, "E-CSV-WIDTH", "line break")
        .reject(4, "E-CSV-WIDTH", "line break"),
    ]);
}

#[test]
fn blank_lines_are_no_records_and_count_as_lines() {
    let text = csv();
    let lines: Vec<&str> = text.lines().collect();
    let spaced = |blank: &str| lines.join(&format!("\n{blank}\n")) + "\n" + BAD;
    let mut cases = Vec::new();
    for (what, blank, space) in [
        ("one", "", 1),
        ("three", "\n\n", 3),
        ("with CR", "\r", 1),
        ("spaces", "   ", 1),
        ("a tab", "\t", 1),
    ] {
        let at = |row: u32| 1 + row * (space + 1);
        cases.push(
            good(what, "runs.csv", spaced(blank))
                .lines([at(1), at(2), at(3)])
                .reject(u64::from(at(3)) + 1, "E-TIME", ""),
        );
    }
    cases.push(
        good("CRLF", "runs.csv", spaced("").replace('\n', "\r\n"))
            .lines([3, 5, 7])
            .reject(8, "E-TIME", ""),
    );
    cases.push(good("above the header", "runs.csv", format!("\n\r\n\n{text}")).lines([5, 6, 7]));
    cases.push(good("below", "runs.csv", format!("{text}\n\r\n\n")));
    check(cases);
}

#[test]
fn what_stands_above_the_header_is_passed_over_and_said() {
    let semicolons = csv().replace(',', ";");
    let long = "Line of a long introduction\n".repeat(18);
    check([
        good(
            "three lines, semicolons",
            "runs.csv",
            format!("Scan history; exported\nTenant: contoso, Europe\nFrom 2026-11-01; to 2026-11-03\n{semicolons}"),
        )
        .lines([5, 6, 7])
        .says("the header is in line 4")
        .says("semicolon"),
        good("a title", "runs.csv", format!("Scan history\n{}", csv()))
            .lines([3, 4, 5])
            .says("the header is in line 2"),
        good("a title of as many fields", "runs.csv", format!("Scan history,,,,\n,,,,\n{}", csv()))
            .lines([4, 5, 6])
            .says("the header is in line 3"),
        good("CRLF", "runs.csv", format!("Scan history\n\n{}", csv()).replace('\n', "\r\n"))
            .lines([4, 5, 6])
            .says("the header is in line 3"),
        good("CR", "runs.csv", format!("Scan history\n\n{}", csv()).replace('\n', "\r"))
            .lines([4, 5, 6])
            .says("the header is in line 3"),
        good("an open quotation mark", "runs.csv", format!("The \"weekly list\nOf 5\" disks\n{}", csv()))
            .lines([4, 5, 6]),
        good("a quoted title", "runs.csv", format!("\"Scan history, weekly\"\n{}", csv())).lines([3, 4, 5]),
        good("nineteen lines", "runs.csv", format!("{long}\n{}", csv()))
            .lines([21, 22, 23])
            .says("the header is in line 20"),
        good(
            "what PowerShell puts there",
            "runs.csv",
            format!("#TYPE Selected.System.Management.Automation.PSCustomObject\n{}", csv()),
        )
        .lines([3, 4, 5]),
        good(
            "what PowerShell puts there, quoted, CRLF",
            "runs.csv",
            format!(
                "#TYPE System.Object[]\n{}",
                csv().replace(HEADER, &format!("\"{}\"", HEADER.replace(',', "\",\"")))
            )
            .replace('\n', "\r\n"),
        )
        .lines([3, 4, 5]),
    ]);
}

#[test]
fn what_stands_below_the_rows_is_named_as_no_run() {
    let hint = "a total or a note below the rows";
    let mut cases: Vec<Case> = [
        "Total,,,,6",
        "Total: 3 runs",
        "TOTALS,3",
        "\"Grand total\",,,,6",
        "Summe,,,,6",
        "Anzahl: 3",
        "(3 rows)",
        "(3 rows affected)",
        "Count=3",
    ]
    .into_iter()
    .map(|footer| {
        good(footer, "runs.csv", format!("{}\n{footer}\n", csv())).reject(6, "E-CSV-FOOTER", hint)
    })
    .collect();
    // A scan may be called so, too.
    cases.push(good("a scan", "runs.csv", csv().replace("daily", "Total")).scan("Total"));
    check(cases);
}

#[test]
fn a_header_among_the_rows_is_passed_over_and_counted() {
    let text = csv();
    let (_, rows) = text.split_once('\n').unwrap();
    let says = "the header is repeated";
    check([
        good(
            "once",
            "runs.csv",
            text.replace(&row(2), &format!("{HEADER}\n{}", row(2))),
        )
        .lines([2, 4, 5])
        .says(says),
        good(
            "before each row",
            "runs.csv",
            rows.lines()
                .map(|row| format!("{HEADER}\n{row}\n"))
                .collect::<String>(),
        )
        .lines([2, 4, 6])
        .says(says),
        good(
            "CRLF",
            "runs.csv",
            text.replace(&row(2), &format!("{HEADER}\n{}", row(2)))
                .replace('\n', "\r\n"),
        )
        .lines([2, 4, 5])
        .says(says),
        good(
            "quoted otherwise",
            "runs.csv",
            text.replace(
                &row(2),
                &format!("\"{}\"\n{}", HEADER.replace(',', "\",\""), row(2)),
            ),
        )
        .lines([2, 4, 5])
        .says(says),
    ]);
}

#[test]
fn names_of_columns_may_be_written_in_many_ways_but_not_twice() {
    let mut cases: Vec<Case> = [
        "Scan,Run ID,Status,Started At,Row Count",
        "SCAN,RUN-ID,STATUS,STARTED_AT,ROW_COUNT",
        "scan,runId,status,startedAt,rowCount",
        " scan , run_id , status , started_at , row_count ",
        "scan,run_id,status,started_at [UTC],row_count",
    ]
    .into_iter()
    .map(|header| good(header, "runs.csv", csv().replace(HEADER, header)))
    .collect();
    let wide = |names: &str, cells: &str| {
        let text = csv();
        let lines = text.lines().enumerate();
        lines
            .map(|(at, line)| format!("{line},{}\n", if at == 0 { names } else { cells }))
            .collect::<String>()
    };
    cases.extend([
        good(
            "columns that nobody knows",
            "runs.csv",
            wide("weather,shoe size", "rain,40"),
        ),
        good(
            "columns that nobody knows, twice",
            "runs.csv",
            wide("note,note", "a,b"),
        ),
        good("a column without a name", "runs.csv", wide("", "")),
        good("twice", "runs.csv", wide("Run ID", "x"))
            .runs([])
            .reject(1, "E-CSV-DUPHEADER", "rename"),
        good(
            "twice, below a title",
            "runs.csv",
            format!("Runs\n\n{}", wide("Run ID", "x")),
        )
        .runs([])
        .reject(3, "E-CSV-DUPHEADER", "rename"),
        good("twice, the same", "runs.csv", wide("started_at", ""))
            .runs([])
            .reject(1, "E-CSV-DUPHEADER", "rename"),
    ]);
    check(cases);
}

#[test]
fn two_columns_of_log_analytics_differ_by_an_underscore_only() {
    let id = "/SUBSCRIPTIONS/1/PROVIDERS/MICROSOFT.PURVIEW/ACCOUNTS/CONTOSO";
    for (one, two) in [(id, id), ("", id), (id, "")] {
        let text = format!(
            "TimeGenerated [UTC],ResultType,ScanResultId,ScanName,ResourceId,_ResourceId\n\
            2026-11-01T02:00:00Z,Succeeded,good-1,daily,{one},{two}\n"
        );
        let folder = tempfile::tempdir().unwrap();
        let path = put(folder.path(), "logs.csv", text.as_bytes());
        let loaded = load(&[path], &InputOptions::default()).unwrap();
        let rejects = &loaded.files[0].rejects;
        assert_eq!((loaded.records.len(), rejects.total), (1, 0), "{rejects:?}");
        let account = loaded.records.text(Field::Account, 0);
        assert_eq!(account, Some("contoso"), "{text}");
    }
}

#[test]
fn a_file_without_a_header_that_is_known_is_refused_with_what_was_found() {
    let text = csv();
    let (_, rows) = text.split_once('\n').unwrap();
    check([
        refused("none", "runs.csv", rows, "\"good-1\""),
        refused(
            "another language",
            "runs.csv",
            csv().replace(HEADER, "Auftrag,Nummer,Zustand,Beginn,Zeilen"),
            "--init-mapping",
        ),
        refused(
            "no status",
            "runs.csv",
            csv().replace("status", "stats"),
            "status or outcome",
        ),
        refused(
            "no time",
            "runs.csv",
            csv().replace("started_at", "begin"),
            "started_at",
        ),
        refused(
            "too far below",
            "runs.csv",
            format!("{}{}", "Words\n".repeat(30), csv()),
            "Words",
        ),
    ]);
}

#[test]
fn a_file_of_no_rows_holds_no_runs() {
    let folder = tempfile::tempdir().unwrap();
    for (file, text) in [
        ("header.csv", format!("{HEADER}\n")),
        ("bare.csv", HEADER.to_owned()),
        ("crlf.csv", format!("{HEADER}\r\n\r\n")),
        ("cr.csv", format!("{HEADER}\r")),
        ("title.csv", format!("Runs\n\n{HEADER}\n")),
        ("list.json", "[]".to_owned()),
        ("null.json", "{\"value\": null}".to_owned()),
        (
            "page.json",
            "{\"value\": [], \"nextLink\": null}\n".to_owned(),
        ),
    ] {
        let path = put(folder.path(), file, text.as_bytes());
        let mut options = options(&path);
        let error = rundown::load(&options).unwrap_err();
        assert!(error.is::<Unusable>(), "{file}: {error:#}");
        assert!(error.to_string().contains("no record"), "{file}: {error:#}");
        options.runs.window.as_of = NaiveDate::from_ymd_opt(2026, 11, 3);
        let log = rundown::load(&options).unwrap();
        let totals = rundown::totals(&log);
        assert_eq!((totals.read, totals.balanced), (0, true), "{file}");
        assert_eq!(log.files.len(), 1, "{file}");
    }
}

#[test]
fn a_file_of_nothing_is_skipped_and_alone_it_is_refused() {
    for (file, bytes) in [
        ("empty.csv", &b""[..]),
        ("empty.json", b""),
        ("empty.parquet", b""),
        ("blank.csv", b"\n\r\n \t\n"),
        ("mark.csv", MARK),
        ("mark16.csv", b"\xff\xfe"),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let path = put(folder.path(), file, bytes);
        let error = rundown::load(&options(&path)).unwrap_err();
        assert!(error.is::<Unusable>(), "{file}: {error:#}");
        let says = format!("{file}: the file is empty");
        assert!(error.to_string().contains(&says), "{file}: {error:#}");
        let good = put(folder.path(), "good.csv", csv().as_bytes());
        let loaded = load(&[path, good], &InputOptions::default()).unwrap();
        assert_eq!(loaded.records.len(), 3, "{file}");
        let skipped: Vec<_> = loaded
            .skipped
            .iter()
            .map(|skipped| skipped.reason.as_str())
            .collect();
        assert_eq!(skipped, ["the file is empty"], "{file}");
    }
}
