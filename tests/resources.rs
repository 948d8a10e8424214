//! What a call takes of the machine: threads and memory. Neither changes a byte of what is written.
#![allow(
    clippy::unwrap_used,
    clippy::print_stderr,
    reason = "a test may panic, and says aloud what it skips"
)]
#![allow(dead_code, reason = "each test file uses a part of the shared helpers")]

mod common;

use std::path::Path;
use std::process::{Command, Output, Stdio};

use common::generate::case;
use common::write::{self, Cell, Row, TimeStyle};

/// A call in a folder, with options in the environment, so that the call that a report names is the same.
fn command(folder: &Path, environment: &[(&str, &str)], args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_rundown"));
    command
        .current_dir(folder)
        .env_clear()
        .envs(std::env::var_os("SystemRoot").map(|root| ("SystemRoot", root)))
        .envs(environment.iter().copied())
        .args(args)
        .stdin(Stdio::null());
    command
}

fn err(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// So many rows or some more, made up; no two cases have a run in common.
fn rows(least: usize) -> Vec<Row> {
    let mut rows = Vec::new();
    for seed in 0.. {
        for mut row in case(seed).rows {
            if let Some(Cell::Text(id)) = row.get_mut("run_id") {
                id.push_str(&format!("-{seed}"));
            }
            rows.push(row);
        }
        if rows.len() >= least {
            break;
        }
    }
    rows
}

/// What a call writes: a report in every format, and the runs.
fn written(folder: &Path, input: &str, threads: &str) -> Vec<Vec<u8>> {
    let environment = [
        ("RUNDOWN_THREADS", threads),
        ("RUNDOWN_MAX_REJECTS", "100%"),
    ];
    let calls: [&[&str]; 2] = [
        &[
            "report",
            input,
            "-o",
            "a.html",
            "-o",
            "a.md",
            "-o",
            "a.json",
            "-o",
            "a.txt",
            "--rejects",
            "a.ndjson",
            "--last",
            "all",
            "--force",
        ],
        &["convert", input, "-o", "a.csv", "--force"],
    ];
    for args in calls {
        let done = command(folder, &environment, args).output().unwrap();
        assert!(done.status.success(), "{threads} {args:?}: {}", err(&done));
    }
    let names = ["a.html", "a.md", "a.json", "a.txt", "a.ndjson", "a.csv"];
    names
        .iter()
        .map(|name| std::fs::read(folder.join(name)).unwrap())
        .collect()
}

/// The text is longer than what is looked at before threads are started, and Parquet has two groups of rows.
#[test]
fn the_number_of_threads_changes_no_byte() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    let rows = rows(12_000);
    let columns = write::all_columns();
    // Some cannot be used, so that their order shows too.
    let mut text = String::from_utf8(write::csv_bytes(&rows, &columns, TimeStyle::Zulu)).unwrap();
    let broken = text
        .lines()
        .skip(1)
        .step_by(500)
        .map(|line| format!("{line},\n"));
    let broken = broken.collect::<String>();
    text.push_str(&broken);
    std::fs::write(at("runs.csv"), text).unwrap();
    write::ndjson(&at("runs.ndjson"), &rows, TimeStyle::Zulu);
    write::parquet(&at("runs.parquet"), &rows);
    // Several files, of which parts are read side by side.
    std::fs::create_dir(at("several")).unwrap();
    for (number, part) in rows.chunks(5_000).enumerate() {
        let path = at(&format!("several/{number}.csv"));
        write::csv(&path, part, &columns, TimeStyle::Zulu);
    }
    let samples = Path::new(env!("CARGO_MANIFEST_DIR")).join("sample_data");
    for input in [
        "runs.csv",
        "runs.ndjson",
        "runs.parquet",
        "several",
        samples.to_str().unwrap(),
    ] {
        let one = written(folder.path(), input, "1");
        for threads in ["2", "5"] {
            let more = written(folder.path(), input, threads);
            for (at, (one, more)) in one.iter().zip(&more).enumerate() {
                assert!(
                    one == more,
                    "{input}, {threads} threads: output {at} differs"
                );
            }
        }
    }
}

/// Processor time of a process with all its threads, and of its main one, in ticks; nothing once it has ended.
#[cfg(target_os = "linux")]
fn times(process: u32) -> Option<(u64, u64)> {
    let time = |of: &str| {
        let stat = std::fs::read_to_string(format!("/proc/{process}/{of}stat")).ok()?;
        // Behind the name, which may hold anything: the state is the first, the times are the 12th and the 13th.
        let fields: Vec<&str> = stat.rsplit_once(')')?.1.split_whitespace().collect();
        Some(fields.get(11)?.parse::<u64>().ok()? + fields.get(12)?.parse::<u64>().ok()?)
    };
    let main = time(&format!("task/{process}/"))?;
    Some((time("")?, main))
}

#[cfg(target_os = "linux")]
#[test]
fn one_thread_is_one_thread() {
    let folder = tempfile::tempdir().unwrap();
    let columns = write::all_columns();
    let path = folder.path().join("runs.csv");
    write::csv(&path, &rows(30_000), &columns, TimeStyle::Zulu);
    let args = [
        "report",
        "runs.csv",
        "-o",
        "a.html",
        "--last",
        "all",
        "--threads",
        "1",
    ];
    let mut running = command(folder.path(), &[], &args)
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut seen = (0, 0);
    while running.try_wait().unwrap().is_none() {
        seen = times(running.id())
            .filter(|&(all, _)| all > 0)
            .unwrap_or(seen);
        std::thread::sleep(std::time::Duration::from_millis(2));
    }
    assert!(running.wait().unwrap().success());
    let (all, main) = seen;
    assert!(main > 20, "the call takes a while: {seen:?}");
    // Threads that wait take a moment to start.
    assert!(all - main <= main / 20 + 1, "{seen:?}");
}

#[test]
fn no_number_of_threads_is_told() {
    let folder = tempfile::tempdir().unwrap();
    for wrong in ["0", "-1", "many", "1.5"] {
        let threads = format!("--threads={wrong}");
        let args = ["summary", "runs.csv", &threads];
        let done = command(folder.path(), &[], &args).output().unwrap();
        assert_eq!(done.status.code(), Some(2), "{wrong}");
        let told = format!("expected a number of threads, 1 or more; found {wrong:?}");
        assert!(err(&done).contains(&told), "{}", err(&done));
    }
}
