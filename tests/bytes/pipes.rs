//! Named pipes, which can be read once only, and many files with few handles.

use std::fs::OpenOptions;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use crate::common::small::{HEADER, gzip};
use crate::stdin::{command, ids, table};
use crate::{array, csv, ndjson};

/// A named pipe; `None` where there is no `mkfifo`.
fn pipe(folder: &Path) -> Option<PathBuf> {
    let path = folder.join("runs.csv");
    let made = Command::new("mkfifo").arg(&path).status().ok()?;
    made.success().then_some(path)
}

/// Runs `rundown report runs.csv` while these bytes go into the pipe of that name. Fails when it does not end.
fn report(what: &str, folder: &Path, pipe: &Path, bytes: Vec<u8>) -> serde_json::Value {
    let args = [
        "report", "runs.csv", "-o", "-", "--format", "json", "--last", "all",
    ];
    let mut child = command(folder, &args).stdin(Stdio::null()).spawn().unwrap();
    let into = pipe.to_owned();
    // Whoever opens a pipe to write waits for a reader, so this thread may outlive a failed test.
    std::thread::spawn(move || {
        if let Ok(mut pipe) = OpenOptions::new().write(true).open(into) {
            let _may_be_closed = pipe.write_all(&bytes);
        }
    });
    let start = Instant::now();
    while child.try_wait().unwrap().is_none() {
        if start.elapsed() > Duration::from_secs(5) {
            child.kill().unwrap();
            child.wait().unwrap();
            panic!("{what}: the program does not end");
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    let output = child.wait_with_output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(0), "{what}: {said}");
    serde_json::from_slice(&output.stdout).unwrap()
}

#[test]
fn a_pipe_is_read_like_a_file() {
    for (what, bytes) in [
        ("CSV", csv().into_bytes()),
        ("JSON", array().into_bytes()),
        ("NDJSON", ndjson().into_bytes()),
        ("gzip", gzip(csv().as_bytes())),
        ("Parquet", table()),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let Some(pipe) = pipe(folder.path()) else {
            return;
        };
        let report = report(what, folder.path(), &pipe, bytes);
        assert_eq!(ids(&report), ["good-1", "good-2", "good-3"], "{what}");
    }
}

#[test]
fn a_pipe_whose_dates_are_decided_at_its_end_is_read_like_a_file() {
    let folder = tempfile::tempdir().unwrap();
    let Some(pipe) = pipe(folder.path()) else {
        return;
    };
    let text = format!("{HEADER}\nd,a,completed,12/11/2026,1\nd,b,completed,25/11/2026,1\n");
    let report = report("open dates", folder.path(), &pipe, text.into_bytes());
    assert_eq!(ids(&report), ["a", "b"]);
}

#[test]
fn many_files_need_few_handles() {
    let folder = tempfile::tempdir().unwrap();
    let files = folder.path().join("in");
    for number in 0..2_000 {
        // Forty folders, five deep.
        let inside = files.join(format!("{}/a/b/c/d", number % 40));
        std::fs::create_dir_all(&inside).unwrap();
        let day = number % 28 + 1;
        let text = format!("{HEADER}\ndaily,run-{number},completed,{day}/11/2026 05:00,1\n");
        std::fs::write(inside.join(format!("{number}.csv")), text).unwrap();
    }
    let rundown = env!("CARGO_BIN_EXE_rundown");
    let output = Command::new("sh")
        .current_dir(folder.path())
        .env_clear()
        .envs(std::env::var_os("PATH").map(|path| ("PATH", path)))
        .args(["-c", "ulimit -n 64; exec \"$0\" \"$@\"", rundown])
        .args([
            "report", "in", "-o", "-", "--format", "json", "--last", "all",
        ])
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(0), "{said}");
    let report: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let books = &report["sections"]["inputs"]["reconciliation"];
    assert_eq!(
        (&books["read"], &books["used"]),
        (&2_000.into(), &2_000.into())
    );
    assert_eq!(
        report["sections"]["inputs"]["files"]
            .as_array()
            .unwrap()
            .len(),
        2_000
    );
}
