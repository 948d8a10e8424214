//! One scan, and one run, for a ticket.

use std::path::Path;

use serde_json::{Value, json};

use crate::{Done, folder_of, names, rundown};

/// Counted by hand in the tests below. `crm/daily` went well twice, then failed three times, and its newest run is active.
const RUNS: &str = "\
system,account,source,scan,run_id,parent_id,run_type,status,started_at,ended_at,assets_discovered,assets_ingested,error_message
purview,acme,crm,daily,11111111-0000-4000-8000-000000000001,,full,completed,2026-11-01T02:00:00Z,2026-11-01T02:10:00Z,100,100,
purview,acme,crm,daily,22222222-0000-4000-8000-000000000002,,full,completed,2026-11-02T02:00:00Z,2026-11-02T02:12:00Z,110,110,
purview,acme,crm,daily-step,c-2,22222222-0000-4000-8000-000000000002,,completed,2026-11-02T02:01:00Z,2026-11-02T02:02:00Z,,,
purview,acme,crm,daily,33333333-0000-4000-8000-000000000003,,full,failed,2026-11-03T02:00:00Z,2026-11-03T02:01:00Z,,,Login failed for user 'a1'.
purview,acme,crm,daily,44444444-0000-4000-8000-000000000004,,full,failed,2026-11-04T02:00:00Z,2026-11-04T02:01:30Z,7,0,Login failed for user 'b2'.
purview,acme,crm,daily,55555555-0000-4000-8000-000000000005,,full,failed,2026-11-05T02:00:00Z,2026-11-05T02:01:00Z,,,Login failed for user 'c3'.
purview,acme,crm,daily,66666666-0000-4000-8000-000000000006,,full,in_progress,2026-11-06T02:00:00Z,,,,
purview,acme,crm,weekly,w-1,,full,completed,2026-11-01T05:00:00Z,2026-11-01T05:10:00Z,10,10,
purview,acme,erp,Daily,e-1,,full,completed,2026-11-01T06:00:00Z,2026-11-01T06:10:00Z,10,10,
purview,acme,hr,,n-1,,full,completed,2026-11-01T07:00:00Z,2026-11-01T07:10:00Z,10,10,
adf,acme,lake,copy,n-1,,,completed,2026-11-01T08:00:00Z,2026-11-01T08:10:00Z,,,
purview,acme,\"<img src=x onerror=alert(1)>\",\"a b/ü&{run_id}?#%\u{1b}[31m|@all\",h 1,,full,failed,2026-11-01T09:00:00Z,2026-11-01T09:10:00Z,,,\"<script>alert(1)</script> password=hunter2\"
";

fn folder() -> tempfile::TempDir {
    folder_of(&[("runs.csv", RUNS)])
}

fn call(folder: &Path, args: &[&str]) -> Done {
    rundown(folder, &[args, &["runs.csv"]].concat())
}

/// The section of the JSON of one call.
#[track_caller]
fn section(args: &[&str]) -> Value {
    let folder = folder();
    let args = [args, &["-o", "-", "--format", "json"]].concat();
    let json = call(folder.path(), &args).ends(0).json();
    json["sections"][args[0]].clone()
}

/// Fails unless these keys have these values.
#[track_caller]
fn has(object: &Value, expected: &Value) {
    for (key, value) in expected.as_object().unwrap() {
        assert_eq!(&object[key], value, "{key} of {object:#}");
    }
}

#[test]
fn a_scan_is_told_by_its_figures() {
    let told = section(&["scan", "crm/daily"]);
    let expected = json!({
        "system": "purview", "account": "acme", "source": "crm", "scan": "daily",
        // Two of the five that went well or failed; the active run is in `runs` only.
        "runs": 6, "success_rate": 0.4, "failing_streak": 3, "last_outcome": "active",
        "failing_since": "2026-11-03T02:00:00Z", "last_success_at": "2026-11-02T02:00:00Z",
        "last_run_at": "2026-11-06T02:00:00Z",
    });
    has(&told["figures"], &expected);
    let findings = told["findings"].to_string();
    assert!(
        findings.contains("Stopped succeeding: 3 failures in a row since 2026-11-03 02:00."),
        "{findings}"
    );
    assert!(findings.contains("user 'c3'. What to do: "), "{findings}");
    assert!(
        !findings.contains("33333333"),
        "the runs have their ids in the table below: {findings}"
    );
}

#[test]
fn a_scan_is_known_by_every_part_of_its_name() {
    for name in [
        "crm/daily",
        "CRM/Daily",
        "crm / daily",
        " crm/daily ",
        "m/daily",
    ] {
        // `crm/daily-step` has child runs only, so it is no scan.
        assert_eq!(section(&["scan", name])["figures"]["runs"], 6, "{name}");
    }
    for (name, scan) in [
        ("wee", "weekly"),
        ("kly", "weekly"),
        ("er", "Daily"),
        ("erp", "Daily"),
        ("lake/c", "copy"),
    ] {
        assert_eq!(section(&["scan", name])["figures"]["scan"], scan, "{name}");
    }
}

#[test]
fn a_scan_without_a_name_is_known_by_its_source() {
    let folder = folder();
    for name in ["hr", "hr/", "(not named)"] {
        let told = call(folder.path(), &["scan", name]).ends(0).out();
        assert!(told.starts_with("rundown · hr\n"), "{told}");
    }
}

#[test]
fn a_name_of_several_scans_lists_them() {
    let folder = folder();
    let done = call(folder.path(), &["scan", "daily"]).ends(2);
    assert_eq!(
        done.err,
        "error: \"daily\" may be any of 2 scans\n       crm/daily  (purview, acme)\n       erp/Daily  (purview, acme)\n       \
         write SOURCE/NAME, or narrow it with --system or --source\n"
    );
    let done = call(folder.path(), &["scan", "cr"]).ends(2);
    assert!(
        done.err.contains("crm/daily  (") && done.err.contains("crm/weekly  ("),
        "{}",
        done.err
    );
    assert!(
        done.err.ends_with("write more of the name\n"),
        "{}",
        done.err
    );
    assert!(done.bytes.is_empty());
    // What is narrowed is one.
    call(folder.path(), &["scan", "daily", "--source", "crm"]).ends(0);
}

#[test]
fn an_unknown_name_gives_the_nearest() {
    let folder = folder();
    let done = call(folder.path(), &["scan", "wekly"]).ends(2);
    assert!(
        done.err
            .starts_with("error: no scan \"wekly\" in these files\n       did you mean weekly"),
        "{}",
        done.err
    );
    let done = call(
        folder.path(),
        &["run", "11111111-0000-4000-8000-00000000000f"],
    )
    .ends(2);
    assert!(
        done.err
            .contains("did you mean 11111111-0000-4000-8000-000000000001"),
        "{}",
        done.err
    );
    let done = call(folder.path(), &["run", "zzz"]).ends(2);
    assert_eq!(done.err, "error: no run \"zzz\" in these files\n");
}

#[test]
fn a_run_is_told_by_its_figures_its_error_and_its_neighbours() {
    let told = section(&["run", "4444"]);
    let expected = json!({
        "outcome": "failed", "run_id": "44444444-0000-4000-8000-000000000004", "run_type": "full",
        "started_at": "2026-11-04T02:00:00Z", "duration_ms": 90_000, "assets_discovered": 7, "assets_ingested": 0,
    });
    has(&told["figures"], &expected);
    let expected = json!({
        "category": "credentials", "runs": 3, "scans": 1,
        "first_seen": "2026-11-03T02:00:00Z", "last_seen": "2026-11-05T02:00:00Z",
    });
    has(&told["error"], &expected);
    // Three runs before it, itself, and two after it.
    let around: Vec<_> = told["around"]
        .as_array()
        .unwrap()
        .iter()
        .map(|run| run["outcome"].as_str().unwrap())
        .collect();
    assert_eq!(
        around,
        [
            "succeeded",
            "succeeded",
            "failed",
            "failed",
            "failed",
            "active"
        ]
    );
    assert_eq!(
        told["around"][3]["run_id"],
        "44444444-0000-4000-8000-000000000004"
    );
}

#[test]
fn a_run_is_known_by_the_beginning_of_its_id() {
    for id in [
        "1111",
        "{11111111-0000-4000-8000-000000000001}",
        "11111111-0000-4000-8000-000000000001",
        "000001",
    ] {
        let figures = &section(&["run", id])["figures"];
        assert_eq!(
            figures["run_id"], "11111111-0000-4000-8000-000000000001",
            "{id}"
        );
    }
    let folder = folder();
    let done = call(folder.path(), &["run", "N-1"]).ends(2);
    assert_eq!(
        done.err,
        "error: \"N-1\" may be any of 2 runs\n       n-1  (hr)\n       n-1  (lake / copy)\n       \
         narrow it with --system, --source or --scan\n"
    );
    assert_eq!(
        section(&["run", "n-1", "--system", "adf"])["figures"]["scan"],
        "copy"
    );
}

#[test]
fn a_child_an_active_run_and_one_after_the_period_say_what_they_are() {
    let folder = folder();
    let told = |args: &[&str]| {
        let text = call(folder.path(), args).ends(0).out();
        text.split_whitespace().collect::<Vec<_>>().join(" ")
    };
    let child = told(&["run", "c-2"]);
    assert!(
        child.contains("It is a child of run 22222222-0000-4000-8000-000000000002"),
        "{child}"
    );
    let active = told(&["run", "6666"]);
    assert!(
        active
            .contains("The run of crm / daily at 2026-11-06 02:00 is active. 3 failures in a row"),
        "{active}"
    );
    let later = told(&["run", "5555", "--to", "2026-11-04"]);
    assert!(
        later.contains("It is after the period, which ends on 4 Nov 2026. 2 failures in a row"),
        "{later}"
    );
}

#[test]
fn the_ending_or_the_format_picks_what_is_written() {
    let folder = folder();
    for (command, name) in [("scan", "crm/daily"), ("run", "4444")] {
        for (format, begin) in [
            ("html", "<!doctype html>"),
            ("markdown", "<!-- rundown report -->"),
            ("json", "{"),
            ("text", "rundown · crm / daily"),
        ] {
            let done = call(
                folder.path(),
                &[command, name, "-o", "-", "--format", format],
            )
            .ends(0);
            assert!(
                done.out().starts_with(begin),
                "{command} {format}: {}",
                &done.out()[..60]
            );
        }
        call(
            folder.path(),
            &[command, name, "-o", "ticket.md", "-o", "ticket.html"],
        )
        .ends(0);
    }
    assert_eq!(
        names(folder.path()),
        ["runs.csv", "ticket.html", "ticket.md"]
    );
}

#[test]
fn a_ticket_has_the_books_and_the_files_and_no_heading_above_nothing() {
    let folder = folder();
    let told = call(folder.path(), &["scan", "lake/copy"]).ends(0).out();
    for heading in ["Why runs failed", "Discovered but not ingested"] {
        assert!(!told.contains(heading), "{told}");
    }
    let inputs = call(
        folder.path(),
        &["run", "4444", "-o", "-", "--format", "json"],
    )
    .ends(0)
    .json();
    let inputs = inputs["sections"]["inputs"].as_object().unwrap();
    let blocks: Vec<_> = inputs.keys().collect();
    assert_eq!(blocks, ["files", "masking", "provenance", "reconciliation"]);
    assert_eq!(inputs["reconciliation"]["read"], 12);
}

#[test]
fn the_link_holds_the_names_of_the_run_encoded() {
    let template = "https://portal.example/{source}/{scan}?run={run_id}&of={account}";
    let figures = &section(&["run", "h 1", "--link", template])["figures"];
    assert_eq!(
        figures["link"],
        "https://portal.example/%3Cimg%20src%3Dx%20onerror%3Dalert%281%29%3E/\
         a%20b%2F%C3%BC%26%7Brun_id%7D%3F%23%25%1B%5B31m%7C%40all?run=h%201&of=acme"
    );
    let folder = folder();
    for wrong in ["javascript:alert({run_id})", "https://portal.example/{run}"] {
        let done = call(folder.path(), &["run", "h 1", "--link", wrong]).ends(2);
        assert!(
            done.err
                .contains("expected an address that begins with https://"),
            "{}",
            done.err
        );
    }
}

#[test]
fn hostile_names_are_shown_and_not_obeyed() {
    let folder = folder();
    for args in [["scan", "a b/ü"], ["run", "h 1"]] {
        let text = call(folder.path(), &args).ends(0).out();
        assert!(
            !text.contains('\u{1b}') && text.contains("<U+001B>[31m"),
            "{text}"
        );
        let page = call(
            folder.path(),
            &[args[0], args[1], "-o", "-", "--format", "html"],
        )
        .ends(0)
        .out();
        assert!(
            !page.contains("<img src=x") && !page.contains("<script>alert"),
            "{page}"
        );
        let page = call(
            folder.path(),
            &[args[0], args[1], "-o", "-", "--format", "markdown"],
        )
        .ends(0)
        .out();
        // In a paragraph it is escaped, and in a code span it is text.
        let paragraphs: String = page.split('`').step_by(2).collect();
        let raw = paragraphs.replace("\\<", "");
        assert!(!raw.contains("<img") && !raw.contains("<script"), "{page}");
        for told in [text, page] {
            assert!(!told.contains("hunter2"), "{told}");
        }
    }
    let done = call(folder.path(), &["scan", "i"]).ends(2);
    assert!(
        done.err.contains("{run_id}?#%<U+001B>[31m|@all"),
        "{}",
        done.err
    );
}

#[test]
fn a_scan_with_more_errors_than_a_table_holds_is_cut_and_added_up() {
    // 10,003 failed runs of one scan a minute apart, each with an error of its own: three letters more than the bound.
    let mut runs = "system,scan,run_id,status,started_at,error_message\n".to_owned();
    let letter = |n: u32| char::from(b'a' + u8::try_from(n % 26).unwrap());
    for n in 0..10_003 {
        let name: String = (0..4).map(|digit| letter(n / 26_u32.pow(digit))).collect();
        let (day, hour, minute) = (1 + n / 1_440, n / 60 % 24, n % 60);
        runs.push_str(&format!(
            "purview,daily,r-{n},failed,2026-11-{day:02}T{hour:02}:{minute:02}:00Z,no {name} found\n"
        ));
    }
    let folder = folder_of(&[("runs.csv", &runs)]);
    let args = ["scan", "daily", "-o", "-", "--format", "json", "runs.csv"];
    let json = rundown(folder.path(), &args).ends(0).json();
    let errors = &json["sections"]["errors"];
    assert_eq!(errors["signatures"].as_array().unwrap().len(), 10_000);
    // Each of the other three has one run, of one scan.
    has(
        &errors["signatures_rest"],
        &json!({"rows": 3, "runs": 3, "scans": 3}),
    );
    // Of its runs the newest 10 that failed are listed, and the first of the failures in a row.
    let runs = &json["sections"]["runs"];
    has(&runs["figures"], &json!({"shown": 11, "total": 10_003}));
    assert_eq!(runs["runs"].as_array().unwrap().len(), 11);
}
