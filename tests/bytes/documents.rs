//! JSON: how documents hold records, where they break, and values that are more than they seem.

use rundown::input::{InputOptions, load};
use rundown::runs::schema::Field;

use crate::case::{Case, Run, check, good, refused};
use crate::common::small::{object, put};
use crate::encodings::MARK;
use crate::{array, csv, ndjson, page};

/// An object over several lines, as `jq` and PowerShell write it; 7 lines.
fn pretty(number: u32) -> String {
    object(number)
        .replace('{', "{\n  ")
        .replace(',', ",\n  ")
        .replace('}', "\n}")
}

#[test]
fn records_are_found_in_every_shape_of_document() {
    let [one, two, three] = [1, 2, 3].map(object);
    let list = format!("[\n{one},\n{two},\n{three}]");
    let mut cases: Vec<Case> = [
        "value", "values", "records", "runs", "items", "data", "results", "rows", "Value",
    ]
    .into_iter()
    .map(|key| good(key, "runs.json", format!("{{\"{key}\":{list}}}")))
    .collect();
    cases.extend([
        good("array", "runs.json", array()).says("json"),
        good("NDJSON", "runs.ndjson", ndjson())
            .lines([1, 2, 3])
            .says("ndjson"),
        good(
            "NDJSON, CRLF and blank lines",
            "runs.ndjson",
            ndjson().replace('\n', "\r\n \r\n"),
        )
        .lines([1, 3, 5]),
        good(
            "NDJSON without a last line end",
            "runs.ndjson",
            ndjson().trim_end(),
        )
        .lines([1, 2, 3]),
        good("answer", "runs.json", page()),
        good(
            "a count before it",
            "runs.json",
            format!("{{\"count\":3,\"value\":{list}}}"),
        ),
        good("one run", "runs.json", pretty(1)).runs([Run {
            line: 1,
            ..Run::good(1)
        }]),
        good(
            "one run in a value",
            "runs.json",
            format!("{{\"value\":\n{one}}}"),
        )
        .runs([Run::good(1)]),
        good(
            "two arrays",
            "runs.json",
            format!("[\n{one},\n{two}]\n[{three}]"),
        ),
        good(
            "arrays without a space",
            "runs.json",
            format!("[\n{one}][\n{two},\n{three}]"),
        ),
        good(
            "pages back to back",
            "runs.json",
            format!("{{\"value\":[\n{one},\n{two}]}}\n{{\"value\":[{three}]}}"),
        ),
        good(
            "a list of pages",
            "runs.json",
            format!("[{{\"value\":[\n{one},\n{two}]}},\n{{\"value\":[{three}]}}]"),
        ),
        good(
            "a list of lists",
            "runs.json",
            format!("[[\n{one},\n{two}],\n[{three}]]"),
        ),
        good(
            "a page, then runs",
            "runs.json",
            format!("{{\"value\":[\n{one}]}}\n{two}\n{three}"),
        )
        .lines([2, 3, 4]),
        good(
            "pretty runs back to back",
            "runs.json",
            format!("{}\n{}\n{}\n", pretty(1), pretty(2), pretty(3)),
        )
        .lines([1, 8, 15]),
        good(
            "pretty, CRLF",
            "runs.json",
            format!("{}\n{}\n{}\n", pretty(1), pretty(2), pretty(3)).replace('\n', "\r\n"),
        )
        .lines([1, 8, 15]),
        good(
            "two on the first line",
            "runs.ndjson",
            format!("{one}{two}\n{three}\n"),
        )
        .lines([1, 1, 2]),
        good(
            "two on the first line, spaced",
            "runs.ndjson",
            format!("{one} {two}\n{three}\n"),
        )
        .lines([1, 1, 2]),
        good(
            "two on the second line",
            "runs.ndjson",
            format!("{one}\n{two}{three}\n"),
        )
        .lines([1, 2, 2]),
        good(
            "all on one line",
            "runs.ndjson",
            format!("{one}{two}{three}"),
        )
        .lines([1, 1, 1]),
        good(
            "lists line by line",
            "runs.ndjson",
            format!("[{one}]\n[{two},{three}]\n"),
        )
        .lines([1, 2, 2]),
        good(
            "pages line by line",
            "runs.ndjson",
            format!("{{\"value\":[{one}]}}\n{{\"value\":[{two},{three}]}}\n"),
        )
        .lines([1, 2, 2]),
        good(
            "space around",
            "runs.json",
            format!("\n\n \t{}\n\n", list.replacen("[\n", "[", 1)),
        )
        .lines([3, 4, 5]),
    ]);
    check(cases);
}

#[test]
fn keys_may_differ_from_record_to_record_and_in_how_they_are_written() {
    let spelled = |keys: [&str; 5]| {
        let names = ["scan", "run_id", "status", "started_at", "row_count"];
        let rename = |text: String| {
            names.iter().zip(keys).fold(text, |text, (name, key)| {
                text.replace(&format!("\"{name}\""), &format!("\"{key}\""))
            })
        };
        (rename(array()), rename(ndjson()))
    };
    let mut cases = Vec::new();
    for keys in [
        ["Scan", "RunId", "Status", "StartedAt", "RowCount"],
        ["SCAN", "RUN_ID", "STATUS", "STARTED_AT", "ROW_COUNT"],
        ["scan", "run-id", "status", "started at", "row count"],
    ] {
        let (array, ndjson) = spelled(keys);
        cases.push(good(format!("{keys:?}"), "runs.json", array));
        cases.push(good(format!("{keys:?}"), "runs.ndjson", ndjson).lines([1, 2, 3]));
    }
    // A field that the first 300 records do not have.
    let few = |number: u32| {
        format!(
            r#"{{"run_id":"early-{number}","status":"completed","started_at":"2026-11-01T02:00:00Z"}}"#
        )
    };
    let early: Vec<String> = (0..300).map(few).collect();
    let runs: Vec<Run> = (0..300)
        .map(|number| Run {
            line: number + 1,
            id: format!("early-{number}"),
            scan: String::new(),
            row_count: None,
            ..Run::good(1)
        })
        .chain([Run {
            line: 301,
            ..Run::good(2)
        }])
        .collect();
    cases.push(
        good(
            "late field, NDJSON",
            "runs.ndjson",
            format!("{}\n{}\n", early.join("\n"), object(2)),
        )
        .runs(runs.clone()),
    );
    cases.push(
        good(
            "late field, array",
            "runs.json",
            format!("[{},\n{}]", early.join(",\n"), object(2)),
        )
        .runs(runs),
    );
    check(cases);
}

#[test]
fn pages_in_files_of_their_own_are_complete_with_the_last_one() {
    let first = page().replace(
        "\"nextLink\":null",
        "\"nextLink\":\"https://example.org/2\"",
    );
    let last = format!("{{\"value\":[{}],\"nextLink\":null}}", object(4));
    let notes = |second: &str| {
        let folder = tempfile::tempdir().unwrap();
        let paths = vec![
            put(folder.path(), "daily.1.json", first.as_bytes()),
            put(folder.path(), second, last.as_bytes()),
        ];
        let loaded = load(&paths, &InputOptions::default()).unwrap();
        loaded.files.into_iter().flat_map(|file| file.notes).count()
    };
    assert_eq!(notes("daily.2.json"), 0);
    // The last page of another list says nothing of this one.
    assert_eq!(notes("weekly.json"), 1);
}

#[test]
fn a_further_page_that_is_not_there_is_said() {
    let link =
        |text: &str, link: &str| text.replace("\"nextLink\":null", &format!("\"nextLink\":{link}"));
    let open = link(&page(), "\"https://example.org/runs?page=2\"");
    let says = "its last page is not here: the export may be incomplete";
    check([
        good("one page of more", "page.json", open.clone()).says(says),
        good(
            "a token",
            "page.json",
            open.replace("nextLink", "continuationToken"),
        )
        .says(says),
        // The last page of several says that they are complete.
        good(
            "two pages, the last one open",
            "page.json",
            format!(
                "{open}{}",
                link(
                    &format!("{{\"value\":[{}],\"nextLink\":null}}", object(4)),
                    "\"https://example.org/3\""
                )
            ),
        )
        .runs([
            Run::good(1),
            Run::good(2),
            Run::good(3),
            Run {
                line: 6,
                ..Run::good(4)
            },
        ])
        .says(says),
        good(
            "an answer that is an error after it",
            "page.json",
            format!("{open}{{\"error\":{{\"code\":\"429\",\"message\":\"later\"}}}}\n"),
        )
        .reject(6, "E-EMPTY-RUN", "")
        .says(says),
    ]);
    for text in [
        page(),
        link(&page(), "\"\""),
        page().replace(",\"nextLink\":null", ""),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let path = put(folder.path(), "page.json", text.as_bytes());
        let loaded = load(&[path], &InputOptions::default()).unwrap();
        assert!(
            loaded.files[0].notes.is_empty(),
            "{text}: {:?}",
            loaded.files[0].notes
        );
    }
}

#[test]
fn a_document_that_breaks_off_keeps_its_whole_records_and_says_that_it_is_cut() {
    let hint = "may be cut";
    let cut = r#"{"scan":"daily","run_"#;
    let [one, two, three] = [1, 2, 3].map(object);
    check([
        good(
            "array",
            "runs.json",
            format!("[\n{one},\n{two},\n{three},\n{cut}"),
        )
        .reject(5, "E-JSON-SYNTAX", hint),
        good(
            "array between records",
            "runs.json",
            format!("[\n{one},\n{two},\n{three},\n"),
        )
        .reject(5, "E-JSON-SYNTAX", hint),
        good(
            "array before its end",
            "runs.json",
            format!("[\n{one},\n{two},\n{three}"),
        )
        .reject(4, "E-JSON-SYNTAX", hint),
        good(
            "answer",
            "page.json",
            format!("{{\"value\":[\n{one},\n{two},\n{three},\n{cut}"),
        )
        .reject(5, "E-JSON-SYNTAX", hint),
        good(
            "answer after its list",
            "page.json",
            format!("{{\"value\":[\n{one},\n{two},\n{three}],\n\"nextLink\":"),
        )
        .reject(5, "E-JSON-SYNTAX", hint),
        good(
            "NDJSON",
            "runs.ndjson",
            format!("{one}\n{two}\n{three}\n{cut}"),
        )
        .lines([1, 2, 3])
        .reject(4, "E-JSON-SYNTAX", hint),
        good(
            "second page",
            "page.json",
            format!("{{\"value\":[\n{one},\n{two}]}}\n{{\"value\":[{three},\n{cut}"),
        )
        .lines([2, 3, 4])
        .reject(5, "E-JSON-SYNTAX", hint),
        good(
            "pretty stream",
            "runs.json",
            format!(
                "{}\n{}\n{}\n{}",
                pretty(1),
                pretty(2),
                pretty(3),
                &pretty(4)[..30]
            ),
        )
        .lines([1, 8, 15])
        .reject(24, "E-JSON-SYNTAX", hint),
    ]);
}

#[test]
fn what_is_no_json_is_named_and_what_comes_before_it_is_used() {
    let [one, two, three] = [1, 2, 3].map(object);
    let mut cases = Vec::new();
    for (what, bad) in [
        ("a trailing comma", r#"{"run_id":"x","status":"failed",}"#),
        (
            "a comment",
            r#"{"run_id":"x", /* why */ "status":"failed"}"#,
        ),
        ("NaN", r#"{"run_id":"x","row_count":NaN}"#),
        ("Infinity", r#"{"run_id":"x","row_count":-Infinity}"#),
        ("single quotes", "{'run_id':'x'}"),
        ("bare keys", "{run_id:\"x\"}"),
        ("Python", r#"{"run_id":None,"ok":True}"#),
        ("a plus", r#"{"row_count":+1}"#),
        ("a leading zero", r#"{"row_count":01}"#),
        ("half a number", r#"{"row_count":1.}"#),
        ("an unknown escape", r#"{"run_id":"x","scan":"\x41"}"#),
        ("a tab in a text", "{\"run_id\":\"x\",\"scan\":\"a\tb\"}"),
    ] {
        cases.push(
            good(
                format!("{what} in a line"),
                "runs.ndjson",
                format!("{one}\n{two}\n{bad}\n{three}\n"),
            )
            .lines([1, 2, 4])
            .reject(3, "E-JSON-SYNTAX", ""),
        );
        cases.push(
            good(
                format!("{what} in the first line"),
                "runs.ndjson",
                format!("{bad}\n{one}\n{two}\n{three}\n"),
            )
            .reject(1, "E-JSON-SYNTAX", ""),
        );
        // What follows in a list may be turned inside out, so it is not read, and that is said.
        cases.push(
            good(
                format!("{what} in a list"),
                "runs.json",
                format!("[\n{one},\n{two},\n{bad},\n{three}]"),
            )
            .without(3)
            .reject(4, "E-JSON-SYNTAX", "the rest of the file is not read"),
        );
    }
    cases.extend([
        good(
            "a trailing comma after the last",
            "runs.json",
            format!("[\n{one},\n{two},\n{three},\n]"),
        )
        .reject(5, "E-JSON-SYNTAX", ""),
        good(
            "text after the list",
            "runs.json",
            format!("{}done\n", array()),
        )
        .reject(6, "E-JSON-SYNTAX", ""),
        good(
            "half a character in a line",
            "runs.ndjson",
            ndjson().replace("good-2", "good-\\ud800"),
        )
        .without(2)
        .lines([1, 3])
        .reject(2, "E-JSON-SYNTAX", ""),
        good(
            "half a character in a list",
            "runs.json",
            array().replace("good-2", "good-\\udc00"),
        )
        .without(2)
        .reject(3, "E-JSON-SYNTAX", ""),
        good("no comma", "runs.json", format!("[\n{one}\n{two}]"))
            .runs([Run::good(1)])
            .reject(3, "E-JSON-SYNTAX", ""),
        good(
            "a mark before a line that is broken",
            "runs.ndjson",
            [MARK, format!("{{\n{one}\n{two}\n{three}\n").as_bytes()].concat(),
        )
        .reject(1, "E-JSON-SYNTAX", ""),
    ]);
    check(cases);
}

#[test]
fn a_broken_document_among_others_costs_itself() {
    let broken = pretty(4).replace("\"daily\"", "daily");
    let [one, two, three] = [1, 2, 3].map(pretty);
    check([
        good(
            "pretty, first",
            "runs.json",
            format!("{broken}\n{one}\n{two}\n{three}\n"),
        )
        .lines([8, 15, 22])
        .reject(1, "E-JSON-SYNTAX", ""),
        good(
            "pretty, in the middle",
            "runs.json",
            format!("{one}\n{broken}\n{two}\n{three}\n"),
        )
        .lines([1, 15, 22])
        .reject(8, "E-JSON-SYNTAX", ""),
        good(
            "pretty, last",
            "runs.json",
            format!("{one}\n{two}\n{three}\n{broken}\n"),
        )
        .lines([1, 8, 15])
        .reject(23, "E-JSON-SYNTAX", ""),
        // In a list, what follows is not read, since a mark that is not closed may have turned it inside out.
        good(
            "pages",
            "runs.json",
            format!(
                "{{\"value\":[\n{},\n{},\n{{oops}}]}}\n{{\"value\":[{}]}}\n",
                object(1),
                object(2),
                object(3)
            ),
        )
        .without(3)
        .reject(4, "E-JSON-SYNTAX", "the rest of the file is not read"),
    ]);
}

#[test]
fn values_that_are_no_records_are_named() {
    let [one, two, three] = [1, 2, 3].map(object);
    let mut cases = Vec::new();
    for bad in ["7", "null", "true", "\"text\"", "-1.5e3", "[]"] {
        cases.push(
            good(
                format!("{bad} in a line"),
                "runs.ndjson",
                format!("{one}\n{bad}\n{two}\n{three}\n"),
            )
            .lines([1, 3, 4])
            .reject(2, "E-JSON-TYPE", "a JSON object"),
        );
        cases.push(
            good(
                format!("{bad} in a list"),
                "runs.json",
                format!("[\n{one},\n{bad},\n{two},\n{three}]"),
            )
            .lines([2, 4, 5])
            .reject(3, "E-JSON-TYPE", "a JSON object"),
        );
    }
    // A list first means lists of records.
    for bad in ["7", "null", "\"text\""] {
        cases.push(
            good(
                format!("{bad} first in a list"),
                "runs.json",
                format!("[{bad},\n{one},\n{two},\n{three}]"),
            )
            .reject(1, "E-JSON-TYPE", "a JSON object"),
        );
    }
    for bad in ["7", "null", "\"text\""] {
        cases.push(refused(bad, "runs.json", bad, "no kind of run record"));
    }
    check(cases);
}

#[test]
fn keys_that_stand_twice_are_named() {
    let mut cases = Vec::new();
    for (what, more) in [
        ("the same", "\"status\":\"failed\""),
        ("in other letters", "\"Status\":\"failed\""),
        ("escaped", r#""st\u0061tus":"failed""#),
    ] {
        let twice = object(2).replace('}', &format!(",{more}}}"));
        for (file, text) in [
            ("runs.json", array().replace(&object(2), &twice)),
            ("page.json", page().replace(&object(2), &twice)),
        ] {
            cases.push(
                good(format!("{what} in {file}"), file, text)
                    .without(2)
                    .reject(3, "E-JSON-DUPKEY", "given twice"),
            );
        }
        cases.push(
            good(
                format!("{what} in a line"),
                "runs.ndjson",
                ndjson().replace(&object(2), &twice),
            )
            .without(2)
            .lines([1, 3])
            .reject(2, "E-JSON-DUPKEY", "given twice"),
        );
    }
    // With nothing in one place, the other one is not certain either.
    for twice in [
        "\"status\":null,\"status\":",
        "\"status\":\"failed\",\"status\":null,\"x\":",
    ] {
        let twice = object(2).replace("\"status\":", twice);
        let text = array().replace(&object(2), &twice);
        cases.push(
            good(twice, "runs.json", text)
                .without(2)
                .reject(3, "E-JSON-DUPKEY", ""),
        );
    }
    // Keys that nobody reads may.
    let unread = object(2).replace('}', ",\"note\":1,\"note\":2}");
    cases.push(good(
        "unread",
        "runs.json",
        array().replace(&object(2), &unread),
    ));
    check(cases);
}

#[test]
fn numbers_keep_every_digit_or_are_refused() {
    let exact = 9_007_199_254_740_993; // 2^53 + 1, which no float is
    let mut cases = Vec::new();
    for (text, expected) in [
        ("950", Some(950)),
        ("950.0", Some(950)),
        ("9.5e2", Some(950)),
        ("9.5E+02", Some(950)),
        ("\"950\"", Some(950)),
        ("\" 950 \"", Some(950)),
        ("-0", Some(0)),
        ("9223372036854775807", Some(i64::MAX)),
        ("9007199254740993", Some(exact)),
        ("\"9007199254740993\"", Some(exact)),
        ("9007199254740993.0", Some(exact)),
        ("\"9007199254740993.0\"", Some(exact)),
        ("9223372036854775808", None),
        ("-1", None),
        ("1.5", None),
        ("1e400", None),
        ("\"950 rows\"", None),
        ("true", None),
        ("{\"n\":1}", None),
    ] {
        let numbered = object(2).replace("\"row_count\":2", &format!("\"row_count\":{text}"));
        let case = good(text, "runs.json", array().replace(&object(2), &numbered));
        cases.push(match expected {
            Some(count) => case.runs([
                Run::good(1),
                Run {
                    row_count: Some(count),
                    ..Run::good(2)
                },
                Run::good(3),
            ]),
            None => case.without(2).reject(3, "E-NUMBER", "whole number"),
        });
    }
    check(cases);
}

#[test]
fn depth_costs_at_most_its_own_record() {
    for depth in [64, 130, 5_000] {
        let deep = format!("{}1{}", "[".repeat(depth), "]".repeat(depth));
        let nested = format!("{}1{}", "{\"a\":".repeat(depth), "}".repeat(depth));
        for (key, value) in [
            ("note", &deep),
            ("note", &nested),
            ("error_message", &deep),
            ("error_message", &nested),
        ] {
            let record = object(2).replace('}', &format!(",\"{key}\":{value}}}"));
            for (file, text) in [
                ("runs.json", array().replace(&object(2), &record)),
                ("runs.ndjson", ndjson().replace(&object(2), &record)),
                ("page.json", page().replace(&object(2), &record)),
            ] {
                let folder = tempfile::tempdir().unwrap();
                let path = put(folder.path(), file, text.as_bytes());
                let loaded = load(&[path], &InputOptions::default()).unwrap();
                let read = &loaded.files[0];
                let what = format!("{depth} deep in {key} of {file}: {:?}", read.rejects.kept);
                assert_eq!(read.tally.read, 3, "{what}");
                let ids: Vec<_> = (0..loaded.records.len())
                    .map(|row| loaded.records.run_id_text(row).unwrap().into_owned())
                    .collect();
                assert!(ids.contains(&"good-1".to_owned()), "{what}");
                assert!(ids.contains(&"good-3".to_owned()), "{what}");
                assert_eq!(ids.len() + read.rejects.kept.len(), 3, "{what}");
            }
        }
    }
}

/// The code and the message of an error of a Purview run.
fn error(value: &str) -> (Option<String>, Option<String>) {
    let text = format!(
        r#"[{{"id":"1","status":"Failed","startTime":"2026-11-01T02:00:00Z","scanLevelType":"Full","error":{value}}}]"#
    );
    let folder = tempfile::tempdir().unwrap();
    let path = put(folder.path(), "runs.json", text.as_bytes());
    let loaded = load(&[path], &InputOptions::default()).unwrap();
    assert_eq!(
        loaded.records.len(),
        1,
        "{value}: {:?}",
        loaded.files[0].rejects
    );
    let of = |field| loaded.records.text(field, 0).map(str::to_owned);
    (of(Field::ErrorCode), of(Field::ErrorMessage))
}

#[test]
fn an_error_is_found_in_whatever_it_is_wrapped_in() {
    let deepest =
        r#"{"code":"Outer","message":"outer","details":[{"code":"Inner","message":"inner"}]}"#;
    for (value, code, message) in [
        ("null", None, None),
        ("\"\"", None, None),
        ("{}", None, None),
        ("\"plain words\"", None, Some("plain words")),
        (
            r#"{"code":"E1","message":"words"}"#,
            Some("E1"),
            Some("words"),
        ),
        (
            r#"{"Code":"E1","Message":"words"}"#,
            Some("E1"),
            Some("words"),
        ),
        (deepest, Some("Inner"), Some("inner")),
        (
            r#"{"code":"Outer","message":"outer","details":[]}"#,
            Some("Outer"),
            Some("outer"),
        ),
        (
            r#"{"code":"Outer","message":"outer","details":[{"message":"inner"}]}"#,
            Some("Outer"),
            Some("inner"),
        ),
        (
            r#"{"code":"Outer","message":"outer","innererror":{"code":"Inner","message":"inner"}}"#,
            Some("Inner"),
            Some("inner"),
        ),
        (
            r#"[{"code":"E1","message":"words"}]"#,
            Some("E1"),
            Some("words"),
        ),
        (
            r#"{"code":403,"message":"words"}"#,
            Some("403"),
            Some("words"),
        ),
    ] {
        let expected = (code.map(str::to_owned), message.map(str::to_owned));
        assert_eq!(error(value), expected, "{value}");
    }
    // The same as JSON in a text.
    let text = serde_json::to_string(deepest).unwrap();
    assert_eq!(
        error(&text),
        (Some("Inner".to_owned()), Some("inner".to_owned()))
    );
}

#[test]
fn the_content_decides_and_not_the_ending() {
    check([
        good("CSV as .json", "runs.json", csv()).says("csv"),
        good("CSV as .parquet", "runs.parquet", csv()).says("csv"),
        good("JSON as .csv", "runs.csv", array()).says("json"),
        good("an answer as .txt", "page.txt", page()).says("json"),
        good("NDJSON as .json", "runs.json", ndjson())
            .lines([1, 2, 3])
            .says("ndjson"),
        good("NDJSON as .csv", "runs.csv", ndjson())
            .lines([1, 2, 3])
            .says("ndjson"),
        good("no ending", "runs", csv()).says("csv"),
        good("another ending", "runs.csv.bak", csv()).says("csv"),
    ]);
}
