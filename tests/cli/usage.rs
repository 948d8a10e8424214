//! Exit codes, messages, colours and pipes.

// The test harness hides what `println!` says in a test that passes, so skips go to standard error directly.
use std::io::Write as _;
use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

use crate::{GOOD, ONE_BAD, command, finish, folder_of, names, report, rundown, samples};

#[test]
fn option_values_that_mean_nothing_end_with_2_and_name_the_option() {
    let folder = folder_of(&[("runs.csv", GOOD)]);
    for (args, says) in [
        (&["--tz", "Mars/Phobos"][..], "--tz"),
        (&["--input-tz", "CET/CEST"], "--input-tz"),
        (&["--last", "5x"], "--last"),
        (&["--last", "0d"], "--last"),
        (&["--last=-3d"], "--last"),
        (&["--last", "99999999999d"], "--last"),
        (&["--from", "2026-11-05", "--to", "2026-11-01"], "--from"),
        (&["--from", "2026-02-30"], "--from"),
        (&["--to", "yesterday"], "--to"),
        (&["--as-of", "1.11.2026"], "--as-of"),
        (&["--from", "2026-11-01", "--last", "7d"], "--last"),
        (&["--by", "year"], "--by"),
        (&["--week-start", "friday"], "--week-start"),
        (&["--date-order", "ymd"], "--date-order"),
        (&["--max-age", "3"], "--max-age"),
        (&["--max-age=-1d"], "--max-age"),
        (&["--max-rejects", "many"], "--max-rejects"),
        (&["--max-rejects", "101%"], "--max-rejects"),
        (&["--outcome", "fine"], "--outcome"),
        (&["--source", "["], "--source"),
        (&["--set", "source"], "--set"),
        (&["--set", "nope=1"], "--set"),
        (&["--set", "run_id=1"], "--set"),
        (&["--path-template", "{nope}.json"], "--path-template"),
        (&["--path-template", "runs.json"], "--path-template"),
        (&["--preset", "nope"], "preset"),
        (&["--color", "pink"], "--color"),
        (&["--format", "docx"], "--format"),
        (&["--max-chars", "1999"], "--max-chars"),
        (&["--max-chars=-1"], "--max-chars"),
        (&["--max-chars", "long"], "--max-chars"),
        (&["--max-bytes=-1"], "--max-bytes"),
        (&["--max-bytes", "5 plates"], "--max-bytes"),
        (&["--frobnicate"], "--frobnicate"),
    ] {
        let done = rundown(folder.path(), &[&["report", "runs.csv"], args].concat()).ends(2);
        assert!(done.err.starts_with("error: "), "{args:?}: {}", done.err);
        assert!(done.err.contains(says), "{args:?}: {}", done.err);
        assert_eq!(done.out(), "", "{args:?}");
        assert_eq!(names(folder.path()), ["runs.csv"], "{args:?}");
    }
}

#[test]
fn a_missing_command_input_or_output_ends_with_2() {
    let folder = folder_of(&[("runs.csv", GOOD)]);
    for args in [
        &[][..],
        &["frobnicate"],
        &["report"],
        &["summary"],
        &["convert", "runs.csv"],
        &["summary", "runs.csv", "-o", "a.html"],
        &["report", "missing.csv"],
        &["report", "runs.csv", "missing"],
    ] {
        let done = rundown(folder.path(), args).ends(2);
        assert_eq!(done.out(), "", "{args:?}");
        assert_eq!(names(folder.path()), ["runs.csv"], "{args:?}");
    }
    let done = rundown(folder.path(), &["report", "missing.csv"]).ends(2);
    assert!(done.err.contains("missing.csv"), "{}", done.err);
}

#[test]
fn a_named_file_that_is_no_export_ends_with_3_and_names_its_keys() {
    for (name, text, found) in [
        ("pets.csv", "name,legs,colour\nRex,4,brown\n", "\"legs\""),
        ("pets.json", r#"[{"name":"Rex","legs":4}]"#, "\"legs\""),
        (
            "pets.ndjson",
            "{\"name\":\"Rex\"}\n{\"legs\":4}\n",
            "\"legs\"",
        ),
        ("book.csv", "PK\u{3}\u{4}xxxx", "Excel"),
        ("page.csv", "<!doctype html><p>Sign in", "HTML"),
    ] {
        let folder = folder_of(&[(name, text), ("runs.csv", GOOD)]);
        let done = rundown(folder.path(), &["report", name]).ends(3);
        assert!(
            done.err.contains(name) && done.err.contains(found),
            "{}",
            done.err
        );
        // A good file beside it does not make up for it.
        rundown(folder.path(), &["report", "runs.csv", name]).ends(3);
        rundown(folder.path(), &["convert", name, "-o", "out.csv"]).ends(3);
        let mut expected = [name, "runs.csv"];
        expected.sort_unstable();
        assert_eq!(names(folder.path()), expected);
    }
    let folder = folder_of(&[("runs.csv", GOOD)]);
    rundown(folder.path(), &["report", "runs.csv", "-o", "r.json"]).ends(0);
    let done = rundown(folder.path(), &["report", "r.json"]).ends(3);
    assert!(done.err.contains("report of rundown"), "{}", done.err);
}

#[test]
fn a_folder_without_exports_ends_with_3() {
    let folder = folder_of(&[("in/notes.md", "x"), ("in/pets.csv", "name,legs\nRex,4\n")]);
    let done = rundown(folder.path(), &["report", "in"]).ends(3);
    assert!(done.err.contains("in/pets.csv"), "{}", done.err);
    assert_eq!(names(folder.path()), ["in/"]);
}

#[test]
fn an_empty_list_is_a_report_of_zeros_when_a_date_is_named() {
    let header = GOOD.lines().next().unwrap();
    for (name, text) in [
        ("runs.json", "[]"),
        ("page.json", r#"{"value":[],"nextLink":null}"#),
        ("runs.csv", header),
    ] {
        let folder = folder_of(&[(name, text)]);
        let json = report(folder.path(), &[name, "--as-of", "2026-11-01"]);
        let figures = &json["sections"]["overview"]["figures"];
        for key in [
            "runs",
            "succeeded",
            "failed",
            "scans",
            "sources",
            "child_runs",
        ] {
            assert_eq!(figures[key], 0, "{name}: {key}");
        }
        assert_eq!(figures["success_rate"], serde_json::Value::Null, "{name}");
        assert_eq!(
            json["sections"]["inputs"]["reconciliation"]["read"], 0,
            "{name}"
        );
        assert_eq!(json["as_of"], "2026-11-01", "{name}");
        let done = rundown(folder.path(), &["report", name]).ends(3);
        assert!(done.err.contains("--as-of"), "{name}: {}", done.err);
        assert_eq!(names(folder.path()), [name]);
    }
}

#[test]
fn too_many_rejects_end_with_3_and_the_report_is_written() {
    // One of two records is bad: 50 %.
    for (most, code) in [("0", 3), ("1", 0), ("49%", 3), ("50%", 0), ("100%", 0)] {
        let folder = folder_of(&[("runs.csv", ONE_BAD)]);
        let args = ["report", "runs.csv", "-o", "r.json", "--max-rejects", most];
        let done = rundown(folder.path(), &args).ends(code);
        assert!(
            done.err.contains("column 5 \"started_at\": E-TIME"),
            "{}",
            done.err
        );
        assert!(done.err.contains("noon"), "{}", done.err);
        assert_eq!(
            done.err.contains("--max-rejects"),
            code == 3,
            "{}",
            done.err
        );
        assert_eq!(names(folder.path()), ["r.json", "runs.csv"], "{most}");
    }
    let folder = folder_of(&[("runs.csv", ONE_BAD)]);
    rundown(folder.path(), &["report", "runs.csv"]).ends(3);
    rundown(folder.path(), &["convert", "runs.csv", "-o", "out.ndjson"]).ends(3);
    assert_eq!(
        names(folder.path()),
        ["out.ndjson", "rundown.html", "runs.csv"]
    );
}

#[test]
fn only_bad_records_end_with_3_and_nothing_is_written() {
    let text = "source,run_id,status,started_at\ndb,r-1,completed,noon\n";
    let folder = folder_of(&[("runs.csv", text)]);
    let done = rundown(
        folder.path(),
        &["report", "runs.csv", "--max-rejects", "100%"],
    )
    .ends(3);
    assert!(
        done.err.contains("column 4 \"started_at\": E-TIME"),
        "{}",
        done.err
    );
    assert_eq!(names(folder.path()), ["runs.csv"]);
}

#[test]
fn old_data_is_a_warning_and_with_an_explicit_max_age_a_failure() {
    let old = GOOD.replace("2026-11-01", "2015-03-01");
    let folder = folder_of(&[("runs.csv", &old)]);
    let done = rundown(folder.path(), &["report", "runs.csv"]).ends(0);
    assert!(done.err.contains("2015-03-01"), "{}", done.err);
    assert_eq!(names(folder.path()), ["rundown.html", "runs.csv"]);
    for most in ["0d", "3d"] {
        let folder = folder_of(&[("runs.csv", &old)]);
        let args = ["report", "runs.csv", "-o", "r.json", "--max-age", most];
        let done = rundown(folder.path(), &args).ends(1);
        assert!(done.err.contains("2015-03-01"), "{}", done.err);
        assert_eq!(names(folder.path()), ["r.json", "runs.csv"]);
    }
    let done = rundown(
        folder.path(),
        &["report", "runs.csv", "--max-age", "36600d"],
    )
    .ends(0);
    assert_eq!(done.err, "");
    // Both are wrong: what cannot be trusted comes before what is old.
    let folder = folder_of(&[("runs.csv", &ONE_BAD.replace("2026-11-01", "2015-03-01"))]);
    let args = [
        "report",
        "runs.csv",
        "--max-age",
        "0d",
        "--max-rejects",
        "0",
    ];
    rundown(folder.path(), &args).ends(3);
}

#[test]
fn a_period_without_runs_is_a_report_with_zeros() {
    let folder = samples();
    let json = report(
        folder.path(),
        &["sample_data", "--from", "2020-01-01", "--to", "2020-01-31"],
    );
    assert_eq!(json["sections"]["overview"]["figures"]["runs"], 0);
    assert_eq!(
        json["sections"]["inputs"]["reconciliation"]["balanced"],
        true
    );
}

#[test]
fn a_reader_that_goes_away_is_no_error() {
    let folder = samples();
    for args in [
        &["report", "sample_data", "-o", "-", "--format", "html"][..],
        &["report", "sample_data", "-o", "-", "--format", "json"],
        &["report", "sample_data"],
        &["summary", "sample_data"],
        &["convert", "sample_data", "-o", "-", "--format", "ndjson"],
        &["convert", "sample_data", "-o", "-", "--format", "csv"],
        &["convert", "sample_data", "-o", "-", "--format", "parquet"],
    ] {
        for lines in [0, 1] {
            let mut child = command(folder.path(), args)
                .stdout(Stdio::piped())
                .stderr(Stdio::piped())
                .spawn()
                .unwrap();
            let mut out = BufReader::with_capacity(64, child.stdout.take().unwrap());
            if lines == 1 {
                let mut line = Vec::new();
                out.read_until(b'\n', &mut line).unwrap();
                assert!(!line.is_empty());
            }
            drop(out);
            let output = child.wait_with_output().unwrap();
            let err = String::from_utf8_lossy(&output.stderr);
            assert_eq!(output.status.code(), Some(0), "{args:?} {lines}: {err}");
            assert!(!err.contains("error:"), "{args:?} {lines}: {err}");
        }
    }
}

#[test]
fn colours_are_used_when_asked_for_and_never_in_a_pipe_by_themselves() {
    let folder = samples();
    let coloured = |args: &[&str], no_color: Option<&str>| {
        let mut command = command(folder.path(), &[&["summary", "sample_data"], args].concat());
        command.envs(no_color.map(|value| ("NO_COLOR", value)));
        finish(command).ends(0).out().contains('\u{1b}')
    };
    assert!(!coloured(&[], None));
    assert!(!coloured(&["--color", "auto"], None));
    assert!(!coloured(&["--color", "never"], None));
    assert!(!coloured(&[], Some("1")));
    assert!(coloured(&["--color", "always"], None));
    // The option is said for this call, the variable for all.
    assert!(coloured(&["--color", "always"], Some("1")));
    // Colours change nothing but the colours.
    let plain = rundown(folder.path(), &["summary", "sample_data"]).out();
    let always = rundown(
        folder.path(),
        &["summary", "sample_data", "--color", "always"],
    )
    .out();
    let mut bare = String::new();
    let mut rest = always.as_str();
    while let Some((before, after)) = rest.split_once("\u{1b}[") {
        bare.push_str(before);
        rest = after.split_once('m').unwrap().1;
    }
    bare.push_str(rest);
    assert_eq!(bare, plain);
    rundown(
        folder.path(),
        &["report", "sample_data", "-o", "a.txt", "--color", "always"],
    )
    .ends(0);
    assert!(
        !std::fs::read_to_string(folder.path().join("a.txt"))
            .unwrap()
            .contains('\u{1b}')
    );
}

#[cfg(unix)]
#[test]
fn on_a_terminal_there_are_colours_unless_no_color_is_set() {
    let folder = samples();
    let call = format!("'{}' summary sample_data", env!("CARGO_BIN_EXE_rundown"));
    let on_a_terminal = |no_color: Option<&str>| {
        Command::new("script")
            .args(["-q", "-e", "-c", &call, "/dev/null"])
            .current_dir(folder.path())
            .env_clear()
            .envs(std::env::var_os("PATH").map(|path| ("PATH", path)))
            .envs(no_color.map(|value| ("NO_COLOR", value)))
            .env("TERM", "xterm")
            .stdin(Stdio::null())
            .output()
    };
    match on_a_terminal(None) {
        Ok(output) if output.status.success() => {
            let coloured = |bytes: &[u8]| bytes.contains(&0x1b);
            assert!(coloured(&output.stdout));
            assert!(!coloured(&on_a_terminal(Some("1")).unwrap().stdout));
            // By its definition an empty NO_COLOR says nothing.
            assert!(coloured(&on_a_terminal(Some("")).unwrap().stdout));
        }
        _ => {
            let _ = writeln!(
                std::io::stderr(),
                "skipped: there is no `script` that provides a terminal"
            );
        }
    }
}

#[test]
fn the_help_of_each_command_has_examples_that_can_be_used() {
    let folder = tempfile::tempdir().unwrap();
    for command in [
        &[][..],
        &["report"],
        &["summary"],
        &["convert"],
        &["config"],
        &["completions"],
        &["man"],
    ] {
        let long = rundown(folder.path(), &[command, &["--help"]].concat())
            .ends(0)
            .out();
        let short = rundown(folder.path(), &[command, &["-h"]].concat())
            .ends(0)
            .out();
        for help in [&long, &short] {
            let (_, examples) = help.split_once("Example").expect("the help has examples");
            let name = command.first().copied().unwrap_or("report");
            assert!(examples.contains(&format!("\n  rundown {name} ")), "{help}");
            for line in examples
                .lines()
                .filter_map(|line| line.strip_prefix("  rundown "))
            {
                crate::readme::settle(&format!("rundown {line}"));
            }
        }
    }
    let version = rundown(folder.path(), &["--version"]).ends(0).out();
    assert_eq!(version, format!("rundown {}\n", env!("CARGO_PKG_VERSION")));
}
