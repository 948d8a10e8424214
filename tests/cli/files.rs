//! Which files are written, replaced, refused and left alone.

use std::path::Path;

use crate::{GOOD, ONE_BAD, folder_of, names, rundown, samples};

pub(crate) fn text(folder: &Path, name: &str) -> String {
    std::fs::read_to_string(folder.join(name)).unwrap()
}

#[test]
fn report_alone_writes_rundown_html_and_prints_the_summary() {
    let folder = samples();
    let done = rundown(folder.path(), &["report", "sample_data"]).ends(0);
    assert_eq!(names(folder.path()), ["rundown.html", "sample_data/"]);
    // 688 runs, of which 45 failed, as sample_data/README.md says.
    for figure in ["Runs 688 ", "Failed 45 "] {
        assert!(done.out().contains(figure), "{figure}\n{}", done.out());
    }
    assert!(done.out().contains("The report is in rundown.html"));
    let page = text(folder.path(), "rundown.html");
    assert!(page.to_lowercase().starts_with("<!doctype html>"));
    assert!(page.trim_end().ends_with("</html>"));
}

#[test]
fn a_second_run_replaces_its_own_reports_without_force() {
    let folder = folder_of(&[("runs.csv", GOOD)]);
    let files = ["a.html", "a.md", "a.json", "a.txt"];
    let outputs = files.map(|name| ["-o", name]).concat();
    let first = [&["report", "runs.csv"], &outputs[..]].concat();
    rundown(folder.path(), &first).ends(0);
    let before = files.map(|name| text(folder.path(), name));
    let second = [&first[..], &["--title", "Another title"]].concat();
    rundown(folder.path(), &second).ends(0);
    for (name, before) in files.into_iter().zip(before) {
        let after = text(folder.path(), name);
        assert!(!before.contains("Another title"), "{name}");
        assert!(after.contains("Another title"), "{name}");
    }
    rundown(folder.path(), &["report", "runs.csv"]).ends(0);
    rundown(folder.path(), &["report", "runs.csv"]).ends(0);
}

#[test]
fn several_formats_are_written_at_once_and_nothing_is_printed() {
    let folder = samples();
    let done = rundown(
        folder.path(),
        &[
            "report",
            "sample_data",
            "-o",
            "a.html",
            "-o",
            "b.json",
            "-o",
            "c.txt",
            "-o",
            "d.md",
            "--max-chars",
            "5000",
        ],
    )
    .ends(0);
    assert_eq!(done.out(), "");
    assert_eq!(
        names(folder.path()),
        ["a.html", "b.json", "c.txt", "d.md", "sample_data/"]
    );
    let short = text(folder.path(), "d.md");
    assert!(short.contains("Shortened to fit 5,000 characters"));
    assert!((3_000..=5_000).contains(&short.chars().count()), "{short}");
    assert!(text(folder.path(), "a.html").contains("</html>"));
    let json: serde_json::Value = serde_json::from_str(&text(folder.path(), "b.json")).unwrap();
    assert_eq!(json["sections"]["overview"]["figures"]["runs"], 688);
    assert!(text(folder.path(), "c.txt").contains("45 of 688 runs failed"));
}

#[test]
fn standard_output_holds_the_report_and_nothing_else() {
    let folder = samples();
    let on = |format: &str| {
        rundown(
            folder.path(),
            &["report", "sample_data", "-o", "-", "--format", format],
        )
        .ends(0)
    };
    assert_eq!(
        on("json").json()["sections"]["overview"]["figures"]["runs"],
        688
    );
    assert!(on("html").out().trim_end().ends_with("</html>"));
    assert!(on("text").out().contains("45 of 688 runs failed"));
    assert!(on("markdown").out().contains("\n\n45 of 688 runs failed"));
    let both = rundown(
        folder.path(),
        &[
            "report",
            "sample_data",
            "-o",
            "-",
            "--format",
            "json",
            "-o",
            "a.json",
        ],
    )
    .ends(0);
    assert_eq!(both.out(), text(folder.path(), "a.json"));
    assert_eq!(names(folder.path()), ["a.json", "sample_data/"]);
}

#[test]
fn a_foreign_file_is_refused_and_left_untouched_and_force_replaces_it() {
    // The last one has the key with which our own JSON begins, further down.
    for (name, foreign) in [
        (
            "a.html",
            "<!doctype html><html><title>Holidays</title></html>\n",
        ),
        ("a.txt", "rundown of the day: nothing\n"),
        ("a.json", "[1, 2, 3]\n"),
        (
            "a.json",
            "{\"name\": \"theirs\", \"inner\": {\"schema_version\": 1}}\n",
        ),
    ] {
        let folder = folder_of(&[("runs.csv", GOOD), (name, foreign)]);
        let done = rundown(folder.path(), &["report", "runs.csv", "-o", name]).ends(2);
        assert!(
            done.err.contains(name) && done.err.contains("--force"),
            "{}",
            done.err
        );
        assert_eq!(text(folder.path(), name), foreign);
        rundown(
            folder.path(),
            &["report", "runs.csv", "-o", name, "--force"],
        )
        .ends(0);
        assert_ne!(text(folder.path(), name), foreign);
    }
    let folder = folder_of(&[("runs.csv", GOOD), ("rundown.html", "<p>mine</p>")]);
    rundown(folder.path(), &["report", "runs.csv"]).ends(2);
    assert_eq!(text(folder.path(), "rundown.html"), "<p>mine</p>");
}

#[test]
fn one_refused_file_keeps_the_others_from_being_written() {
    let folder = folder_of(&[("runs.csv", GOOD), ("b.html", "<p>mine</p>")]);
    rundown(
        folder.path(),
        &["report", "runs.csv", "-o", "a.json", "-o", "b.html"],
    )
    .ends(2);
    assert_eq!(names(folder.path()), ["b.html", "runs.csv"]);
    rundown(
        folder.path(),
        &["report", "runs.csv", "-o", "a.json", "-o", "no/b.html"],
    )
    .ends(2);
    assert_eq!(names(folder.path()), ["b.html", "runs.csv"]);
}

#[test]
fn convert_replaces_an_existing_file_only_with_force() {
    let folder = folder_of(&[("runs.csv", GOOD), ("out.ndjson", "mine\n")]);
    let done = rundown(folder.path(), &["convert", "runs.csv", "-o", "out.ndjson"]).ends(2);
    assert!(done.err.contains("--force"), "{}", done.err);
    assert_eq!(text(folder.path(), "out.ndjson"), "mine\n");
    rundown(
        folder.path(),
        &["convert", "runs.csv", "-o", "out.ndjson", "--force"],
    )
    .ends(0);
    assert!(text(folder.path(), "out.ndjson").contains("\"r-1\""));
}

#[test]
fn an_input_is_never_overwritten() {
    let array = r#"[{"run_id":"r-1","status":"completed","started_at":"2026-11-01T02:00:00Z"}]"#;
    let folder = folder_of(&[("in/runs.csv", GOOD), ("in/runs.json", array)]);
    let at = folder.path();
    for args in [
        ["report", "in/runs.json", "-o", "in/runs.json", "--force"],
        [
            "report",
            "in/runs.json",
            "-o",
            "in/../in/runs.json",
            "--force",
        ],
        ["convert", "in/runs.csv", "-o", "in/runs.csv", "--force"],
    ] {
        let done = rundown(at, &args).ends(2);
        assert!(done.err.contains("input"), "{}", done.err);
    }
    assert_eq!(text(at, "in/runs.csv"), GOOD);
    assert_eq!(text(at, "in/runs.json"), array);
}

#[test]
fn an_input_found_in_a_folder_is_not_overwritten_either() {
    let folder = folder_of(&[("in/runs.csv", GOOD)]);
    rundown(
        folder.path(),
        &["convert", "in", "-o", "in/runs.csv", "--force"],
    )
    .ends(2);
    assert_eq!(text(folder.path(), "in/runs.csv"), GOOD);
}

#[test]
fn targets_that_cannot_be_written_are_refused() {
    let folder = folder_of(&[("runs.csv", GOOD), ("dir.html/x", "")]);
    for (args, says) in [
        (&["-o", "a.docx"][..], ".docx"),
        (&["-o", "a"], "ending"),
        (&["-o", "no/such/a.html"], "no/such"),
        (&["-o", "dir.html"], "folder"),
        (&["-o", "a.html", "-o", "a.html"], "twice"),
        (&["-o", "-"], "--format"),
    ] {
        let done = rundown(folder.path(), &[&["report", "runs.csv"], args].concat()).ends(2);
        assert!(done.err.contains(says), "{args:?}: {}", done.err);
        assert_eq!(names(folder.path()), ["dir.html/", "runs.csv"], "{args:?}");
    }
    let done = rundown(folder.path(), &["convert", "runs.csv", "-o", "a.html"]).ends(2);
    assert!(done.err.contains(".parquet"), "{}", done.err);
}

#[test]
fn what_fails_leaves_the_report_before_it_whole() {
    let folder = folder_of(&[("runs.csv", GOOD)]);
    rundown(folder.path(), &["report", "runs.csv"]).ends(0);
    let before = text(folder.path(), "rundown.html");
    rundown(folder.path(), &["report", "missing.csv"]).ends(2);
    std::fs::write(folder.path().join("other.csv"), "a,b\n1,2\n").unwrap();
    rundown(folder.path(), &["report", "other.csv"]).ends(3);
    assert_eq!(text(folder.path(), "rundown.html"), before);
    assert_eq!(
        names(folder.path()),
        ["other.csv", "rundown.html", "runs.csv"]
    );
}

#[test]
fn in_a_folder_only_exports_are_read_and_own_reports_are_skipped() {
    let other = GOOD.replace("r-1", "r-2");
    let folder = folder_of(&[
        ("in/runs.csv", GOOD),
        ("in/deep/er/more.CSV", &other),
        ("in/notes.md", GOOD),
        ("in/old.csv.bak", ONE_BAD),
        ("in/book.xlsx", "PK"),
        ("in/.hidden.csv", ONE_BAD),
        ("in/config.json", "{\"colour\": \"red\"}"),
        ("in/empty.csv", ""),
    ]);
    let at = folder.path();
    let reports = ["-o", "in/r.html", "-o", "in/r.json", "-o", "in/r.txt"];
    let args = [&["report", "in"], &reports[..]].concat();
    rundown(at, &args).ends(0);
    let first: serde_json::Value = serde_json::from_str(&text(at, "in/r.json")).unwrap();
    let done = rundown(at, &args).ends(0);
    let second: serde_json::Value = serde_json::from_str(&text(at, "in/r.json")).unwrap();
    assert_eq!(done.err.matches("E-").count(), 0, "{}", done.err);
    let inputs = &second["sections"]["inputs"];
    let paths: Vec<_> = inputs["files"]
        .as_array()
        .unwrap()
        .iter()
        .map(|file| file["path"].clone())
        .collect();
    assert_eq!(paths, ["in/deep/er/more.CSV", "in/runs.csv"]);
    let notes = inputs["notes"].to_string();
    for skipped in ["in/config.json", "in/empty.csv", "in/r.json", "in/r.txt"] {
        assert!(
            notes.contains(&format!("{skipped} was skipped")),
            "{skipped}: {notes}"
        );
    }
    for never_opened in ["notes.md", "old.csv.bak", "book.xlsx", "hidden"] {
        assert!(!notes.contains(never_opened), "{never_opened}: {notes}");
    }
    assert_eq!(
        first["sections"]["overview"],
        second["sections"]["overview"]
    );
    assert_eq!(second["sections"]["overview"]["figures"]["runs"], 2);
}
