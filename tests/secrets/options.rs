//! `--privacy`, `--redact-key`, and the receipt, from outside.

use std::path::Path;

use serde_json::{Value, json};

use crate::call::{Done, rundown};
use crate::made::fill;

/// The id of a run that is loaded, and another GUID.
const RUN: &str = "0f8fad5b-d9cb-469f-a165-70867728950e";
const TENANT: &str = "7c9e6679-7425-40de-944b-e07fc1f90ae7";

const HEADER: &str = "account,collection,scan,run_id,status,started_at,error_message";

/// Four records of three runs, with a secret in three of them and personal data in all.
fn records() -> Vec<String> {
    let word = fill("{alnum16}7");
    let first = format!(
        "Login of jane@contoso.com from 10.1.2.3 failed: Password={word}; run {RUN} of tenant {TENANT}"
    );
    let second = format!(
        "GET https://lake.blob.core.windows.net/raw?sig={word}&se=2026-12-01 and Password={word}; failed"
    );
    vec![
        format!("jane@contoso.com,jane@contoso.com,daily,{RUN},failed,2026-11-01T02:00:00Z,\"{first}\""),
        format!("jane@contoso.com,ops,daily,r2,failed,2026-11-02T02:00:00Z,\"{second}\""),
        // The same run again, a line of it cut: superseded, and yet read.
        format!("jane@contoso.com,ops,daily,r2,in_progress,2026-11-02T02:00:00Z,\"Password={word}\""),
        "jane@contoso.com,ops,C:\\Users\\jdoe\\daily,r3,failed,2026-11-03T02:00:00Z,\"C:\\Users\\jdoe\\a.csv is missing\"".to_owned(),
    ]
}

fn put(folder: &Path, name: &str, records: &[String]) {
    std::fs::write(
        folder.join(name),
        format!("{HEADER}\n{}\n", records.join("\n")),
    )
    .unwrap();
}

/// The JSON report of these files.
fn report(folder: &Path, args: &[&str]) -> Value {
    let args = [&["report"], args, &["-o", "-", "--format", "json"]].concat();
    let done = rundown(folder, &args).ends(0);
    serde_json::from_slice(&done.out).unwrap()
}

fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    put(folder.path(), "runs.csv", &records());
    std::fs::write(folder.path().join("key"), "0123456789abcdef").unwrap();
    std::fs::write(folder.path().join("other"), "0123456789abcdefX").unwrap();
    std::fs::write(folder.path().join("short"), "0123456789abcde").unwrap();
    folder
}

/// Class and count of each row of the receipt.
fn receipt(report: &Value) -> Vec<(String, i64)> {
    let rows = report["sections"]["inputs"]["masked"].as_array().unwrap();
    let of = |row: &Value| {
        (
            row["class"].as_str().unwrap().to_owned(),
            row["count"].as_i64().unwrap(),
        )
    };
    rows.iter().map(of).collect()
}

fn row(class: &str, count: i64) -> (String, i64) {
    (class.to_owned(), count)
}

/// What no option of this kind may change: every number, every cause and every error's id.
fn numbers(report: &Value) -> Value {
    let sections = &report["sections"];
    let errors = sections["errors"]["signatures"].as_array().unwrap();
    let errors: Vec<Value> = errors
        .iter()
        .map(|row| json!([row["id"], row["category"], row["runs"], row["scans"]]))
        .collect();
    json!([
        sections["overview"]["figures"],
        sections["errors"]["categories"],
        errors,
        sections["inputs"]["reconciliation"],
        sections["scans"]["scans"],
    ])
}

#[test]
fn the_receipt_counts_what_was_hidden_in_the_records_read() {
    let folder = folder();
    let plain = report(folder.path(), &["runs.csv"]);
    // Three passwords, in the records of the lines 2 to 4, and one signature, in that of line 3.
    assert_eq!(receipt(&plain), [row("password", 3), row("sas", 1)]);
    let masking = &plain["sections"]["inputs"]["masking"];
    assert_eq!(*masking, json!({"replacements": 4, "rules_version": 3}));
    // The addresses of two messages and one collection, not those of accounts; the GUID that is no run; of the messages
    // the path of the last, not the scan's name.
    let private = report(folder.path(), &["runs.csv", "--privacy"]);
    let expected = [
        row("email", 2),
        row("guid", 1),
        row("host", 1),
        row("ip", 1),
        row("password", 3),
        row("sas", 1),
        row("user", 1),
    ];
    assert_eq!(receipt(&private), expected);
    // In files of one record each, named so that they are read the other way round, it is the same.
    let split = tempfile::tempdir().unwrap();
    for (at, record) in records().into_iter().rev().enumerate() {
        put(split.path(), &format!("{at}.csv"), &[record]);
    }
    assert_eq!(receipt(&report(split.path(), &["."])), receipt(&plain));
    assert_eq!(
        receipt(&report(split.path(), &[".", "--privacy"])),
        expected
    );
    put(
        folder.path(),
        "clean.csv",
        &["x,y,z,1,completed,2026-11-01,".to_owned()],
    );
    let clean = report(folder.path(), &["clean.csv"]);
    assert!(receipt(&clean).is_empty());
    let text = String::from_utf8(
        rundown(
            folder.path(),
            &["report", "clean.csv", "-o", "-", "--format", "markdown"],
        )
        .out,
    )
    .unwrap();
    assert!(
        text.contains("No record read holds a secret that the rules know."),
        "{text}"
    );
}

#[test]
fn personal_data_is_hidden_in_texts_and_stays_in_names() {
    let folder = folder();
    let plain = report(folder.path(), &["runs.csv"]);
    let private = report(folder.path(), &["runs.csv", "--privacy"]);
    assert_eq!(numbers(&plain), numbers(&private));
    let runs = private["sections"]["runs"]["runs"].as_array().unwrap();
    let of = |id: &str| runs.iter().find(|run| run["run_id"] == id).unwrap();
    assert_eq!(
        of(RUN)["error_message"],
        format!(
            "Login of <email> from <ip> failed: Password=<password>; run {RUN} of tenant <guid>"
        )
    );
    assert_eq!(
        of("r2")["error_message"],
        "GET https://<host>.blob.core.windows.net/raw?sig=<sas>&se=2026-12-01 and Password=<password>; failed"
    );
    assert_eq!(
        of("r3")["error_message"],
        "C:\\Users\\<user>\\a.csv is missing"
    );
    assert_eq!(
        (&of(RUN)["account"], &of(RUN)["collection"]),
        (&json!("jane@contoso.com"), &json!("<email>"))
    );
    assert_eq!(of("r3")["scan"], "C:\\Users\\jdoe\\daily");
    // Where mail addresses stay as such, the two hosts in them do not.
    let some = report(folder.path(), &["runs.csv", "--privacy=ip,host"]);
    assert_eq!(
        receipt(&some),
        [
            row("host", 3),
            row("ip", 1),
            row("password", 3),
            row("sas", 1)
        ]
    );
    let done = rundown(folder.path(), &["report", "runs.csv", "--privacy=mail"]);
    assert!(
        done.ends(2)
            .error()
            .contains("expected all, or a list of email, ip, guid, host, user-path")
    );
}

#[test]
fn rejects_files_titles_and_messages_hide_it_too() {
    let folder = tempfile::tempdir().unwrap();
    let home = folder.path().join("home/jdoe");
    std::fs::create_dir_all(&home).unwrap();
    let bad = "x,y,z,1,failed,at 10.1.2.3 by jane@contoso.com,m".to_owned();
    let long = format!(
        "x,y,z,2,failed,{} jane.doe.of.the.operations@contoso.com,m",
        "at ".repeat(33)
    );
    put(
        &home,
        "jane@contoso.com.csv",
        &[records()[0].clone(), bad, long],
    );
    let place = folder.path().join("home").display().to_string();
    let place = place.as_str();
    for args in [
        &[
            "report",
            place,
            "-o",
            "a.html",
            "-o",
            "a.md",
            "-o",
            "a.json",
            "-o",
            "a.txt",
            "--tables",
            "t",
            "--title",
            "for jane@contoso.com",
        ][..],
        &["check", place],
        &["summary", place],
        &["convert", place, "-o", "runs.csv"],
        &["scan", "daily", place],
    ] {
        let args = [
            args,
            &["--privacy", "--max-rejects", "9", "--rejects", "bad.ndjson"],
        ]
        .concat();
        let done = rundown(folder.path(), &args);
        let mut texts = vec![
            done.error(),
            String::from_utf8_lossy(&done.out).into_owned(),
        ];
        for name in [
            "a.html",
            "a.md",
            "a.json",
            "a.txt",
            "bad.ndjson",
            "runs.csv",
        ] {
            texts.extend(std::fs::read_to_string(folder.path().join(name)));
        }
        for text in texts {
            for word in [
                "10.1.2.3",
                "jane.doe",
                "by jane",
                "for jane",
                "home/jdoe",
                TENANT,
            ] {
                assert!(!text.contains(word), "{word} after {args:?}\n{text}");
            }
        }
    }
    let rejects = std::fs::read_to_string(folder.path().join("bad.ndjson")).unwrap();
    assert!(rejects.contains("at <ip> by <email>"), "{rejects}");
}

#[test]
fn a_key_tells_one_secret_from_another_and_changes_nothing_else() {
    let folder = folder();
    let plain = report(folder.path(), &["runs.csv"]);
    let keyed = report(
        folder.path(),
        &["runs.csv", "--redact-key", "key", "--privacy"],
    );
    assert_eq!(numbers(&plain), numbers(&keyed));
    let message = |report: &Value, id: &str| {
        let runs = report["sections"]["runs"]["runs"].as_array().unwrap();
        let run = runs.iter().find(|run| run["run_id"] == id).unwrap();
        run["error_message"].as_str().unwrap().to_owned()
    };
    let token = |text: &str, class: &str| {
        let (_, behind) = text.split_once(&format!("<{class}:")).unwrap();
        behind[..8].to_owned()
    };
    let (first, second) = (message(&keyed, RUN), message(&keyed, "r2"));
    // The same word was the password of both, and the signature of one.
    assert_eq!(token(&first, "password"), token(&second, "password"));
    assert_eq!(token(&first, "password"), token(&second, "sas"));
    assert_ne!(token(&first, "email"), token(&first, "ip"));
    assert_eq!(
        report(
            folder.path(),
            &["runs.csv", "--redact-key", "key", "--privacy"]
        ),
        keyed
    );
    let other = report(folder.path(), &["runs.csv", "--redact-key", "other"]);
    assert_ne!(
        token(&message(&other, RUN), "password"),
        token(&first, "password")
    );
    let done: Done = rundown(
        folder.path(),
        &["report", "runs.csv", "--redact-key", "short"],
    )
    .ends(2);
    assert!(
        done.error()
            .contains("a key needs at least 16 bytes; found 15"),
        "{}",
        done.error()
    );
    rundown(
        folder.path(),
        &["report", "runs.csv", "--redact-key", "none"],
    )
    .ends(2);
    assert!(!folder.path().join("rundown.html").exists());
}

#[test]
fn both_can_be_set_in_the_configuration() {
    let folder = folder();
    let by_options = report(
        folder.path(),
        &["runs.csv", "--redact-key", "key", "--privacy=email"],
    );
    std::fs::write(
        folder.path().join("rundown.toml"),
        "privacy = \"email\"\nredact-key = \"key\"\n",
    )
    .unwrap();
    let by_file = report(folder.path(), &["runs.csv"]);
    // The options of a file are not those of the call.
    let without_call = |report: &Value| {
        let mut report = report.clone();
        report["sections"]["inputs"]["provenance"]["command"] = Value::Null;
        report
    };
    assert_eq!(without_call(&by_file), without_call(&by_options));
    assert!(by_file.to_string().contains("<email:"));
}

#[test]
fn a_secret_has_its_token_wherever_it_is_shown() {
    let folder = folder();
    let (one, other) = (fill("{alnum16}7"), fill("{alnum16}8"));
    let records = [
        format!("a,b,daily,r1,failed,2026-11-01T02:00:00Z,Password={one}"),
        format!("a,b,daily,r2,Password={one};,2026-11-02T02:00:00Z,"),
        // Rejected for their times, and a row of a field too many.
        format!("a,b,daily,r3,failed,Password={one},"),
        format!("a,b,daily,r4,failed,Password={other},"),
        format!("a,b,daily,r5,failed,2026-11-03T02:00:00Z,Password={one};x,more"),
    ];
    put(folder.path(), "runs.csv", &records);
    let args = [
        "report",
        "runs.csv",
        "--redact-key",
        "key",
        "--max-rejects",
        "9",
        "--rejects",
        "bad.ndjson",
        "-o",
        "-",
        "--format",
        "json",
    ];
    let done = rundown(folder.path(), &args).ends(0);
    let report: Value = serde_json::from_slice(&done.out).unwrap();
    let token = |text: &Value| {
        let (_, behind) = text.as_str().unwrap().split_once("<password:").unwrap();
        behind[..8].to_owned()
    };
    let sections = &report["sections"];
    let runs = sections["runs"]["runs"].as_array().unwrap();
    let run = runs.iter().find(|run| run["run_id"] == "r1").unwrap();
    let (known, listed) = (
        token(&run["error_message"]),
        sections["inputs"]["rejects"].as_array().unwrap(),
    );
    let file = std::fs::read_to_string(folder.path().join("bad.ndjson")).unwrap();
    let written: Vec<Value> = file
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    // By their lines, which the header is the first of.
    for rejects in [listed, &written] {
        let at = |line: u64| {
            rejects
                .iter()
                .find(|reject| reject["line"] == line)
                .unwrap()
        };
        let tokens = [4, 6, 5].map(|line| token(&at(line)["value"]));
        assert_eq!(tokens[..2], [known.clone(), known.clone()]);
        assert_ne!(tokens[2], known);
    }
    // The unknown status word among the notes, and what is said of the rejects on standard error.
    let notes = sections["inputs"]["notes"].to_string();
    assert!(notes.contains(&format!("<password:{known}>")), "{notes}");
    let told = done.error();
    let told = told
        .lines()
        .filter(|line| line.trim_start().starts_with("found "));
    let told: Vec<_> = told.filter(|line| line.contains(&known)).collect();
    assert_eq!(told.len(), 2, "{}", done.error());
    // The report has a bare class too: in the name of the group of the error.
    for text in [&notes, &file, &done.error()] {
        assert!(!text.contains("<password>"), "{text}");
    }
    for text in [&file, &done.error(), &report.to_string()] {
        assert!(!text.contains(&one) && !text.contains(&other), "{text}");
    }
}
