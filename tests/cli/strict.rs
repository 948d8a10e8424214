//! `--strict`: nothing may be left out.

use crate::{GOOD, ONE_BAD, folder_of, rundown};

/// A page of a list; `link` is its `nextLink`.
fn page(run: &str, link: &str) -> String {
    format!(
        r#"{{"value":[{{"run_id":"{run}","status":"completed","started_at":"2026-11-01T02:00:00Z"}}],"nextLink":{link}}}"#
    )
}

#[test]
fn whatever_may_be_missing_ends_with_3_after_the_report() {
    let footer = format!("{GOOD}Total,,,,\n");
    let two = [
        page("a", "\"https://contoso.example/2\""),
        page("b", "null"),
    ];
    let copy = [("a.csv", GOOD), ("b.csv", GOOD)];
    for (files, code, says) in [
        (&[("a.csv", GOOD)][..], 0, ""),
        (&[("a.csv", ONE_BAD)], 3, "1 of 2 records set aside"),
        // A total below the rows is no run.
        (&[("a.csv", &footer)], 0, ""),
        (
            &[("p.1.json", &two[0])],
            3,
            "p.1.json: the answer has a nextLink",
        ),
        (&[("p.1.json", &two[0]), ("p.2.json", &two[1])], 0, ""),
        (&copy, 0, ""),
    ] {
        let folder = folder_of(files);
        let at = folder.path();
        let args = ["--max-rejects", "100%", "-o", "r.json", "."];
        rundown(at, &[&["report"], &args[..]].concat()).ends(0);
        std::fs::remove_file(at.join("r.json")).unwrap();
        for command in ["report", "convert"] {
            let out = if command == "report" {
                "r.json"
            } else {
                "r.ndjson"
            };
            let args = [command, ".", "--strict", "--max-rejects", "100%", "-o", out];
            let done = rundown(at, &args).ends(code);
            assert!(at.join(out).exists());
            std::fs::rename(at.join(out), at.join("kept")).unwrap();
            assert_eq!(done.err.contains("error: "), code == 3, "{}", done.err);
            assert!(done.err.contains(says), "{says}\n{}", done.err);
        }
        let done = rundown(at, &["check", ".", "--strict", "--max-rejects", "100%"]).ends(code);
        assert!(done.err.contains(says), "{}", done.err);
    }
}

#[test]
fn what_is_too_much_stands_first_in_every_format() {
    let folder = folder_of(&[("a.csv", ONE_BAD)]);
    let at = folder.path();
    for (args, says) in [
        (&[][..], "1 of 2 records set aside, more than"),
        (
            &["--strict", "--max-rejects", "1"],
            "1 of 2 records set aside, which",
        ),
    ] {
        for format in ["html", "md", "json", "txt"] {
            let out = format!("r.{format}");
            let args = [&["report", "a.csv", "-o", out.as_str(), "--force"], args].concat();
            rundown(at, &args).ends(3);
            let text = std::fs::read_to_string(at.join(&out)).unwrap();
            let said = text
                .find(says)
                .unwrap_or_else(|| panic!("{format}\n{text}"));
            // The first thing that any report says of its runs is how they ended.
            let ended = text.find("finished run").unwrap();
            assert!(said < ended, "{format}\n{text}");
        }
    }
    std::fs::write(at.join("rundown.toml"), "strict = true\n").unwrap();
    rundown(at, &["report", "a.csv", "--max-rejects", "1"]).ends(3);
}
