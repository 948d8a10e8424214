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

/// A log of so many runs of fifty scans.
fn log(runs: usize) -> String {
    let mut log = "scan,run_id,status,started_at,ended_at,error_message\n".to_owned();
    for run in 0..runs {
        let (day, hour) = (1 + run % 28, run % 24);
        let time = format!("2026-02-{day:02}T{hour:02}");
        log.push_str(&format!(
            "scan-{},run-{run},Failed,{time}:00:00Z,{time}:10:00Z,\"timed out, after {run} s\"\n",
            run % 50
        ));
    }
    log
}

fn names(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).unwrap();
    let mut names: Vec<_> = entries
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

/// Most memory that a call has had of the system, in bytes.
#[cfg(target_os = "linux")]
fn peak(folder: &Path, args: &[&str]) -> u64 {
    let mut running = command(folder, &[], args)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut peak = 0;
    while running.try_wait().unwrap().is_none() {
        let status = std::fs::read_to_string(format!("/proc/{}/status", running.id()));
        let line = status.iter().flat_map(|text| text.lines());
        peak = line
            .filter_map(|line| line.strip_prefix("VmHWM:")?.trim().strip_suffix(" kB"))
            .filter_map(|number| number.parse::<u64>().ok())
            .fold(peak, |peak, now| peak.max(now * 1_024));
        std::thread::sleep(std::time::Duration::from_millis(1));
    }
    assert!(running.wait().unwrap().success());
    peak
}

/// What is allowed is what is had, within a third: a call that needs more says so, and one that needs less does its work. A
/// build for tests has some more of its own.
#[cfg(target_os = "linux")]
#[test]
fn a_limit_of_memory_is_kept() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("long.csv"), log(150_000)).unwrap();
    let scans = write::csv_bytes(&rows(12_000), &write::all_columns(), TimeStyle::Zulu);
    std::fs::write(folder.path().join("wide.csv"), scans).unwrap();
    for input in ["long.csv", "wide.csv"] {
        let args = [
            "report", input, "-o", "a.html", "-o", "a.json", "--last", "all", "--force",
        ];
        let peak = peak(folder.path(), &args);
        for (limit, code) in [(peak * 3 / 4, 2), (peak * 3 / 2, 0)] {
            let limit = limit.to_string();
            let limited = [&args[..], &["--memory", &limit]].concat();
            let done = command(folder.path(), &[], &limited).output().unwrap();
            let told = err(&done);
            assert_eq!(
                done.status.code(),
                Some(code),
                "{input}, {limit} of {peak}: {told}"
            );
        }
    }
}

#[test]
fn a_call_that_needs_more_memory_than_it_may_says_so_and_writes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    let text = log(40_000);
    std::fs::write(at("runs.csv"), &text).unwrap();
    write::gzip(&at("runs.csv.gz"), text.as_bytes());
    let rows = rows(40_000);
    write::ndjson(&at("runs.ndjson"), &rows, TimeStyle::Zulu);
    write::json(&at("runs.json"), &rows, TimeStyle::Zulu);
    write::parquet(&at("runs.parquet"), &rows);
    let parquet = std::fs::read(at("runs.parquet")).unwrap();
    write::gzip(&at("runs.parquet.gz"), &parquet);
    let before = names(folder.path());
    for input in &before {
        for (limit, threads) in [("45MB", "1"), ("45 MB", "2"), ("1kB", "2")] {
            let output = [
                "-o",
                "a.html",
                "-o",
                "a.json",
                "--tables",
                "t",
                "--rejects",
                "r.ndjson",
            ];
            let limits = ["--memory", limit, "--threads", threads];
            let args = [&["report", input], &output[..], &limits].concat();
            let done = command(folder.path(), &[], &args).output().unwrap();
            let told = err(&done);
            assert_eq!(done.status.code(), Some(2), "{input}: {told}");
            assert!(
                told.starts_with(&format!("error: {input}: not read to its end: ")),
                "{told}"
            );
            assert!(
                told.contains(" of memory, and --memory allows ")
                    && told
                        .ends_with("       give fewer or smaller files at a time, or allow more\n"),
                "{told}"
            );
            assert_eq!(names(folder.path()), before, "{input}");
        }
        let args = ["summary", input, "--memory", "2GB"];
        let done = command(folder.path(), &[], &args).output().unwrap();
        assert_eq!(done.status.code(), Some(0), "{input}: {}", err(&done));
    }
    for wrong in ["0", "much", "-1", "2TB", "1.5GB"] {
        let memory = format!("--memory={wrong}");
        let done = command(folder.path(), &[], &["summary", "runs.csv", &memory]).output();
        let done = done.unwrap();
        assert_eq!(done.status.code(), Some(2), "{wrong}");
        let told = format!("expected a size such as 500MB or 2GB; found {wrong:?}");
        assert!(err(&done).contains(&told), "{}", err(&done));
    }
}

/// Nobody who keeps what a call says wants to read how far it was.
#[test]
fn progress_is_for_terminals() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("runs.csv"), log(100_000)).unwrap();
    let began = std::time::Instant::now();
    let args = ["report", "runs.csv", "-o", "a.json", "--max-age", "36600d"];
    let done = command(folder.path(), &[], &args).output().unwrap();
    assert!(done.status.success());
    assert_eq!((err(&done), done.stdout), (String::new(), Vec::new()));
    let taken = began.elapsed();
    assert!(
        taken > std::time::Duration::from_millis(1_200),
        "{taken:?} is no test"
    );
}

/// Reading, merging and computing: whatever it does, Ctrl-C ends it at once, and no file is left.
#[cfg(unix)]
#[test]
fn an_interruption_ends_a_call_at_once_whatever_it_does() {
    use std::time::{Duration, Instant};
    let log = log(150_000);
    let args = [
        "report", "runs.csv", "-o", "a.html", "-o", "a.md", "-o", "a.json",
    ];
    let call = || {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("runs.csv"), &log).unwrap();
        let mut call = command(folder.path(), &[], &args);
        let call = call.stderr(Stdio::null()).spawn().unwrap();
        (folder, call, Instant::now())
    };
    let (_folder, mut whole, began) = call();
    assert!(whole.wait().unwrap().success());
    let whole = began.elapsed();
    let mut interrupted = 0;
    for tenth in 1..9 {
        let (folder, mut call, _) = call();
        std::thread::sleep(whole * tenth / 10);
        let id = call.id().to_string();
        let sent = Command::new("kill").args(["-s", "INT", &id]).status();
        assert!(sent.unwrap().success());
        let began = Instant::now();
        let ended = call.wait().unwrap();
        let taken = began.elapsed();
        // Some calls are quicker than the first one was.
        if ended.success() {
            continue;
        }
        assert_eq!(ended.code(), Some(130), "{tenth} tenths");
        // Much less than what was left to do, on a machine that is busy.
        assert!(taken < Duration::from_secs(1), "{tenth} tenths: {taken:?}");
        let left = names(folder.path());
        assert!(
            left == ["runs.csv"] || left == ["a.html", "a.json", "a.md", "runs.csv"],
            "{tenth} tenths: {left:?}"
        );
        interrupted += usize::from(left.len() == 1);
    }
    assert!(interrupted >= 4, "{interrupted} of 8");
}
