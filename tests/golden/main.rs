//! Every report of the sample data, line by line, against the files in `reports`.
//!
//! `RUNDOWN_RENEW_GOLDEN=1 cargo test --test golden` writes those files anew. What changed in them is then to be
//! read, as the people who get the report will read it.
#![allow(
    clippy::unwrap_used,
    clippy::format_push_string,
    reason = "a test may panic, and need not be fast"
)]

mod lines;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use lines::{difference, of_json, of_page};

/// What is kept of an output.
#[derive(Clone, Copy)]
enum Kept {
    /// All of it: Markdown and text.
    Whole,
    /// One line for each row of a table.
    Json,
    /// The text of a page, without its markup.
    Page,
}

/// One call of the program and the file that holds what it must print.
#[derive(Clone)]
struct Case {
    file: String,
    args: Vec<String>,
    kept: Kept,
}

impl Case {
    fn new(file: &str, args: &[&str], kept: Kept) -> Case {
        Case {
            file: file.to_owned(),
            args: args.iter().map(|&arg| arg.to_owned()).collect(),
            kept,
        }
    }

    /// What the program prints, as it is kept; the version of the program is left out.
    fn got(&self) -> String {
        let output = Command::new(env!("CARGO_BIN_EXE_rundown"))
            .current_dir(project())
            .env_clear()
            .envs(std::env::var_os("SystemRoot").map(|root| ("SystemRoot", root)))
            .args(&self.args)
            .stdin(Stdio::null())
            .output()
            .unwrap();
        assert_eq!(
            output.status.code(),
            Some(0),
            "rundown {}\n{}",
            self.args.join(" "),
            String::from_utf8_lossy(&output.stderr)
        );
        let text = String::from_utf8(output.stdout).unwrap();
        let version = concat!("rundown ", env!("CARGO_PKG_VERSION"));
        match self.kept {
            Kept::Whole => text,
            Kept::Json => of_json(&text),
            Kept::Page => of_page(&text),
        }
        .replace(version, "rundown VERSION")
    }
}

fn project() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn folder() -> PathBuf {
    project().join("tests/golden/reports")
}

/// The files and folders of the sample data, sorted.
fn samples() -> Vec<String> {
    let mut names: Vec<String> = std::fs::read_dir(project().join("sample_data"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| name != "README.md")
        .collect();
    names.sort();
    names
}

/// The reports of all samples together.
fn whole() -> Vec<Case> {
    let all = "sample_data";
    let report = |format| ["report", all, "-o", "-", "--format", format];
    vec![
        Case::new("all.json", &report("json"), Kept::Json),
        Case::new("all.md", &report("markdown"), Kept::Whole),
        Case::new("all.txt", &report("text"), Kept::Whole),
        Case::new("all.page.txt", &report("html"), Kept::Page),
        Case::new("all.summary.txt", &["summary", all], Kept::Whole),
    ]
}

/// The reports of each file or folder of the samples.
fn alone() -> Vec<Case> {
    let mut cases = Vec::new();
    for name in samples() {
        let path = format!("sample_data/{name}");
        for (format, ending, kept) in [
            ("json", "json", Kept::Json),
            ("markdown", "md", Kept::Whole),
        ] {
            let args = ["report", &path, "-o", "-", "--format", format];
            cases.push(Case::new(&format!("{name}.{ending}"), &args, kept));
        }
    }
    cases
}

/// The tickets of a scan that stopped succeeding, and of the run with which that began.
fn tickets() -> Vec<Case> {
    let mut cases = Vec::new();
    for (command, name) in [
        ("scan", "sql-crm-prod/daily"),
        ("run", "347c9866-0301-46dc-8769-92b70b98defc"),
    ] {
        for (format, ending) in [("text", "txt"), ("markdown", "md")] {
            let args = [command, name, "sample_data", "-o", "-", "--format", format];
            let file = format!("ticket.{command}.{ending}");
            cases.push(Case::new(&file, &args, Kept::Whole));
        }
    }
    cases
}

/// Compares each output with its file, or writes the files.
fn check(cases: &[Case]) {
    let renew = std::env::var_os("RUNDOWN_RENEW_GOLDEN").is_some_and(|value| value == "1");
    let mut wrong = Vec::new();
    for case in cases {
        let got = case.got();
        let path = folder().join(&case.file);
        if renew {
            std::fs::write(&path, got).unwrap();
            continue;
        }
        let expected = std::fs::read_to_string(&path)
            .unwrap_or_default()
            .replace("\r\n", "\n");
        if let Some(difference) = difference(&expected, &got) {
            wrong.push(format!(
                "tests/golden/reports/{}: rundown {}\n{difference}",
                case.file,
                case.args.join(" ")
            ));
        }
    }
    assert!(
        wrong.is_empty(),
        "{} of {} reports differ\n\n{}\nIf that is meant: RUNDOWN_RENEW_GOLDEN=1 cargo test --test golden, \
         then read what changed",
        wrong.len(),
        cases.len(),
        wrong.join("\n")
    );
}

#[test]
fn all_samples_give_the_reports_that_were_read() {
    check(&whole());
}

#[test]
fn each_sample_alone_gives_the_reports_that_were_read() {
    check(&alone());
}

#[test]
fn a_failing_scan_and_run_give_the_tickets_that_were_read() {
    check(&tickets());
}

#[test]
fn the_files_are_those_of_the_cases_small_and_without_paths_of_a_machine() {
    let cases = [whole(), alone(), tickets()].concat();
    let named: BTreeSet<String> = cases.into_iter().map(|case| case.file).collect();
    let mut there = BTreeSet::new();
    let mut size = 0;
    for entry in std::fs::read_dir(folder()).unwrap() {
        let path = entry.unwrap().path();
        let text = std::fs::read_to_string(&path).unwrap();
        size += text.len();
        assert!(!text.contains(env!("CARGO_MANIFEST_DIR")), "{path:?}");
        there.insert(path.file_name().unwrap().to_str().unwrap().to_owned());
    }
    // When all are written anew, the new ones may come later than this.
    if std::env::var_os("RUNDOWN_RENEW_GOLDEN").is_none() {
        assert_eq!(there, named, "a file for each case and no other");
    }
    assert!(size < 1_703_936, "{size} bytes are too many to be read");
}
