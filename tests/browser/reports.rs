//! Reports of all kinds, made by the program from logs that are written here.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::{Map, Value, json};
use tempfile::TempDir;

use crate::strings::{HOSTILE, TEXTS};

/// A page and the folder in which it lies, which goes with it.
pub(crate) struct Page {
    pub(crate) file: PathBuf,
    _folder: TempDir,
}

fn project() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Calls the program with a page as its output.
fn page(folder: TempDir, at: &Path, args: &[&str]) -> Page {
    let file = folder.path().join("page.html");
    let output = Command::new(env!("CARGO_BIN_EXE_rundown"))
        .current_dir(at)
        .env_clear()
        .args(args)
        .args(["--max-rejects", "100%"])
        .arg("-o")
        .arg(&file)
        .output()
        .unwrap();
    assert_eq!(
        output.status.code(),
        Some(0),
        "{args:?}: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    Page {
        file,
        _folder: folder,
    }
}

/// The report of a log of these runs, one JSON object a line.
pub(crate) fn of(runs: &[Value], args: &[&str]) -> Page {
    of_file("runs.ndjson", &lines(runs), args)
}

fn lines(runs: &[Value]) -> String {
    runs.iter().map(|run| format!("{run}\n")).collect()
}

fn of_file(name: &str, text: &str, args: &[&str]) -> Page {
    let folder = tempfile::tempdir().unwrap();
    let inputs = folder.path().join("in");
    std::fs::create_dir(&inputs).unwrap();
    std::fs::write(inputs.join(name), text).unwrap();
    let at = folder.path().to_owned();
    page(folder, &at, &[&["report", "in"], args].concat())
}

/// A call on the sample data, such as `report` with further arguments behind the folder.
pub(crate) fn sample(command: &[&str], args: &[&str]) -> Page {
    let folder = tempfile::tempdir().unwrap();
    let call = [command, &["sample_data"], args].concat();
    page(folder, project(), &call)
}

/// A day of October 2026 and an hour as the log writes them.
pub(crate) fn time(day: usize, hour: usize, minute: usize) -> String {
    format!("2026-10-{day:02}T{hour:02}:{minute:02}:00Z")
}

/// A completed run of an hour in October 2026.
pub(crate) fn run(source: &str, scan: &str, id: &str, day: usize) -> Value {
    json!({
        "system": "purview", "source": source, "source_type": "AzureSqlDatabase", "scan": scan, "run_id": id,
        "run_type": "full", "trigger": "scheduled", "status": "completed",
        "started_at": time(day, 2, 0), "ended_at": time(day, 3, 0),
        "assets_discovered": 100, "assets_classified": 40, "assets_ingested": 100,
    })
}

/// The same run, failed with a message.
pub(crate) fn failed(mut run: Value, message: &str) -> Value {
    run["status"] = json!("failed");
    run["error_code"] = json!("E17");
    run["error_message"] = json!(message);
    run
}

/// A file that is good and holds nothing.
pub(crate) fn nothing() -> Page {
    of_file("runs.json", "[]", &["--as-of", "2026-10-31"])
}

/// Runs of which none is in the period.
pub(crate) fn empty_window() -> Page {
    let run = run("crm", "daily", "r-1", 1);
    of(&[run], &["--from", "2026-11-01", "--to", "2026-11-30"])
}

pub(crate) fn one_run() -> Page {
    of(&[run("crm", "daily", "r-1", 1)], &[])
}

/// A scan that ran eight times in one day.
pub(crate) fn one_day() -> Page {
    let runs: Vec<Value> = (0..8)
        .map(|at| {
            let mut run = run("crm", "hourly", &format!("r-{at}"), 5);
            run["started_at"] = json!(time(5, at * 3, 0));
            run["ended_at"] = json!(time(5, at * 3, 7 + at));
            if at % 3 == 2 {
                failed(run, "the host does not answer")
            } else {
                run
            }
        })
        .collect();
    of(&runs, &[])
}

/// So many runs spread over scans and 30 days; one in ten failed, in five ways.
fn many(scans: usize, runs: usize) -> Page {
    let mut text = String::from(
        "system,source,source_type,scan,run_id,run_type,status,started_at,ended_at,assets_discovered,assets_ingested,error_code,error_message\n",
    );
    for at in 0..runs {
        let (scan, round) = (at % scans, at / scans);
        let day = 1 + round * 30 / (runs / scans) % 30;
        let (hour, minute) = (at % 22, at * 7 % 60);
        let (status, code, message) = match (round + scan) % 10 {
            3 => (
                "failed",
                format!("E{}", scan % 5),
                format!("no answer of host {} after 30 s", scan % 40),
            ),
            7 => ("cancelled", String::new(), String::new()),
            _ => ("completed", String::new(), String::new()),
        };
        let (started, ended) = (time(day, hour, minute), time(day, hour + 1, minute));
        let found = 1_000 + at % 500;
        let kept = if at % 97 == 0 { found - 40 } else { found };
        text.push_str(&format!(
            "purview,source-{},Type{},scan-{scan},run-{at},full,{status},{started},{ended},{found},{kept},{code},{message}\n",
            scan % 40,
            scan % 9,
        ));
    }
    of_file("runs.csv", &text, &[])
}

pub(crate) fn thousand_scans() -> Page {
    many(1_000, 8_000)
}

pub(crate) fn hundred_thousand_runs() -> Page {
    many(250, 100_000)
}

/// A run that has a text wherever it may have one.
fn all_of(text: &str, number: usize) -> Value {
    let mut run = Map::new();
    for field in TEXTS {
        run.insert(field.to_owned(), json!(text));
    }
    let day = 1 + number % 28;
    run.insert("run_id".to_owned(), json!(format!("{text}{number}")));
    run.insert("status".to_owned(), json!("failed"));
    run.insert("started_at".to_owned(), json!(time(day, 2, 0)));
    run.insert("ended_at".to_owned(), json!(time(day, 2, 41)));
    Value::Object(run)
}

/// Each hostile text in every field of a failed run, as a status, and as the name of a file with something to complain of.
pub(crate) fn hostile() -> Page {
    let folder = tempfile::tempdir().unwrap();
    let inputs = folder.path().join("in");
    std::fs::create_dir(&inputs).unwrap();
    let mut runs = Vec::new();
    for (number, &text) in HOSTILE.iter().enumerate() {
        runs.push(all_of(text, number));
        let mut other = run(
            "plain",
            "plain",
            &format!("plain-{number}"),
            1 + number % 28,
        );
        other["status"] = json!(text);
        runs.push(other);
        let mut name = text.replace(['/', '\0'], "_");
        while name.len() > 200 {
            name.pop();
        }
        let log = format!("scan,run_id,status,started_at\ngood,f-{number},failed,soon\n");
        std::fs::write(inputs.join(format!("x{name}.csv")), log).unwrap();
    }
    std::fs::write(inputs.join("runs.ndjson"), lines(&runs)).unwrap();
    let at = folder.path().to_owned();
    let title = HOSTILE[0];
    page(folder, &at, &["report", "in", "--title", title])
}

/// Names of 300 characters, with and without a space, in every field.
pub(crate) fn long_names() -> Page {
    let texts = [
        "n".repeat(300),
        "Warehouse_Nightly_".repeat(17)[..300].to_owned(),
        "several words ".repeat(22)[..300].trim().to_owned(),
        "W".repeat(300),
        "日本".repeat(150),
    ];
    let mut runs = Vec::new();
    for (number, text) in texts.iter().enumerate() {
        for day in 0..4 {
            runs.push(all_of(text, number * 5 + day));
        }
        let mut good = run(text, text, &format!("{text}-{number}"), 3);
        good["account"] = json!(text);
        runs.push(good);
    }
    of_file(
        &format!("{}.ndjson", "f".repeat(200)),
        &lines(&runs),
        &["--title", &texts[1]],
    )
}

/// Each status as that of the run, of discovery and of ingestion, and some that nobody knows.
pub(crate) fn every_status() -> Page {
    let words = [
        "completed",
        "partial",
        "failed",
        "cancelled",
        "in_progress",
        "queued",
        "throttled",
        "unknown",
        "lost in transit",
    ];
    let mut runs = Vec::new();
    for (at, word) in words.iter().enumerate() {
        for (other, field) in ["status", "discovery_status", "ingestion_status"]
            .iter()
            .enumerate()
        {
            for day in 0..3 {
                let id = format!("r-{at}-{other}-{day}");
                let mut run = run("crm", &format!("{word} {field}"), &id, 1 + at + day * 8);
                run[*field] = json!(word);
                if *word == "failed" {
                    run["error_message"] = json!("the host does not answer");
                }
                if ["in_progress", "queued", "throttled"].contains(word) {
                    run["ended_at"] = Value::Null;
                    run["queued_at"] = run["started_at"].clone();
                }
                runs.push(run);
            }
        }
    }
    of(&runs, &[])
}

/// Names and messages in Arabic and Hebrew.
pub(crate) fn right_to_left() -> Page {
    let texts = [
        ("مستودع البيانات", "الفحص اليومي (١٢)"),
        ("מסד נתונים: לקוחות", "סריקה יומית 12"),
        ("crm שלום", "daily مرحبا weekly"),
    ];
    let mut runs = Vec::new();
    for (number, (source, scan)) in texts.iter().enumerate() {
        for day in 1..7 {
            let run = run(source, scan, &format!("r-{number}-{day}"), day);
            runs.push(if day > 3 {
                failed(run, "تعذر الاتصال بالخادم: לא ניתן להתחבר (timeout 30 s)")
            } else {
                run
            });
        }
    }
    of_file(
        "مرحبا שלום.ndjson",
        &lines(&runs),
        &["--title", "تقرير: דוח"],
    )
}
