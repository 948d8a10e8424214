//! What goes wrong around the program: full disks, limits, signals, kills, other calls. Whatever happens, a report is the
//! old one or the new one, whole.
#![cfg(unix)]
#![allow(
    clippy::unwrap_used,
    clippy::print_stderr,
    reason = "a test may panic, and says aloud what it skips"
)]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

const OLD: &str = "<!doctype html><!-- rundown report --><p>old";
const HEADER: &str = "scan,run_id,status,started_at,error_message\n";

fn program() -> &'static str {
    env!("CARGO_BIN_EXE_rundown")
}

/// A folder with a log of so many runs.
fn folder_with(runs: usize) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let mut log = HEADER.to_owned();
    for run in 0..runs {
        let (day, hour) = (1 + run % 28, run % 24);
        log.push_str(&format!(
            "scan-{},r-{run},Failed,2026-02-{day:02}T{hour:02}:00:00Z,\"timed out, after {run} s\"\n",
            run % 50
        ));
    }
    fs::write(folder.path().join("runs.csv"), log).unwrap();
    folder
}

const ARGS: [&str; 8] = [
    "report", "runs.csv", "-o", "a.html", "-o", "b.md", "-o", "c.json",
];
const OUTPUTS: [&str; 3] = ["a.html", "b.md", "c.json"];

fn command(folder: &Path, program: &str) -> Command {
    let mut command = Command::new(program);
    command
        .current_dir(folder)
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap_or_default())
        .stdin(Stdio::null());
    command
}

/// Runs the program inside a shell that does something before: `"$@"` is the program and its arguments.
fn shell(folder: &Path, script: &str, args: &[&str]) -> Output {
    command(folder, "sh")
        .args(["-c", script, "sh", program()])
        .args(args)
        .output()
        .unwrap()
}

/// True when a command can be run here; says so when not.
fn can(command: &mut Command) -> bool {
    let done = command.stdout(Stdio::null()).stderr(Stdio::null()).status();
    let can = done.is_ok_and(|status| status.success());
    if !can {
        eprintln!("skipped: {command:?} cannot be run here");
    }
    can
}

fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

fn err(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// The reports as they become when nothing goes wrong.
fn whole(folder: &Path) -> Vec<Vec<u8>> {
    let done = command(folder, program()).args(ARGS).output().unwrap();
    assert!(done.status.success(), "{}", err(&done));
    let files = OUTPUTS.map(|name| fs::read(folder.join(name)).unwrap());
    files.to_vec()
}

/// Old reports that are ours, to be replaced.
fn put_old(folder: &Path) -> Vec<Vec<u8>> {
    let old = folder_with(1);
    let reports = whole(old.path());
    for (name, bytes) in OUTPUTS.iter().zip(&reports) {
        fs::write(folder.join(name), bytes).unwrap();
    }
    reports
}

fn now(folder: &Path) -> Vec<Vec<u8>> {
    OUTPUTS
        .iter()
        .map(|name| fs::read(folder.join(name)).unwrap_or_default())
        .collect()
}

#[test]
fn a_full_standard_output_is_an_error() {
    if !Path::new("/dev/full").exists() {
        eprintln!("skipped: there is no /dev/full");
        return;
    }
    let folder = folder_with(5);
    for args in [
        "report runs.csv -o - --format json",
        "summary runs.csv",
        "check runs.csv",
        "convert runs.csv -o - --format csv",
        "presets",
    ] {
        let args: Vec<_> = args.split(' ').collect();
        let done = shell(folder.path(), "exec \"$@\" > /dev/full", &args);
        assert_eq!(done.status.code(), Some(2), "{args:?}: {}", err(&done));
        assert!(err(&done).contains("No space left"), "{}", err(&done));
    }
}

#[test]
fn a_device_or_a_pipe_is_not_replaced() {
    let folder = folder_with(5);
    let at = folder.path();
    if !can(Command::new("mkfifo").arg(at.join("p.json"))) {
        return;
    }
    for args in [
        &["report", "runs.csv", "-o", "p.json"][..],
        &["report", "runs.csv", "-o", "p.json", "--force"],
        &["report", "runs.csv", "-o", "a.json", "--rejects", "p.json"],
    ] {
        let done = command(at, program()).args(args).output().unwrap();
        assert_eq!(done.status.code(), Some(2), "{args:?}: {}", err(&done));
        assert!(
            err(&done).contains("p.json: is a device or a pipe"),
            "{}",
            err(&done)
        );
        assert_eq!(names(at), ["p.json", "runs.csv"], "{args:?}");
    }
}

/// 64 KiB hold the log and the old reports, and not the new ones.
#[test]
fn a_full_disk_leaves_the_old_reports() {
    let folder = folder_with(2_000);
    let at = folder.path();
    let mut probe = command(at, "unshare");
    probe.args([
        "-rm",
        "sh",
        "-c",
        "mkdir m && mount -t tmpfs -o size=64k none m && rmdir m 2>/dev/null; true",
    ]);
    if !can(&mut probe) || !at.join("m").is_dir() {
        eprintln!("skipped: no file system can be mounted here");
        return;
    }
    let script = r#"
        mount -t tmpfs -o size=64k none m && cp old.html m/a.html && cd m
        "$@"; code=$?
        cp -r . ../after; exit $code"#;
    fs::write(at.join("old.html"), OLD).unwrap();
    let inner = format!("{}\n", script.trim());
    let done = command(at, "unshare")
        .args(["-rm", "sh", "-c", &inner, "sh", program()])
        .args([
            "report",
            "../runs.csv",
            "-o",
            "c.json",
            "-o",
            "a.html",
            "--force",
        ])
        .output()
        .unwrap();
    assert_eq!(done.status.code(), Some(2), "{}", err(&done));
    assert!(err(&done).contains("cannot be written"), "{}", err(&done));
    assert!(err(&done).contains("No space left"), "{}", err(&done));
    assert_eq!(names(&at.join("after")), ["a.html"]);
    assert_eq!(fs::read_to_string(at.join("after/a.html")).unwrap(), OLD);
}

/// The limit ends the program with a signal. What it leaves is removed by the next call.
#[test]
fn a_limit_of_file_sizes_leaves_the_old_reports() {
    let folder = folder_with(2_000);
    let at = folder.path();
    let old = put_old(at);
    let done = shell(at, "ulimit -f 20; exec \"$@\"", &ARGS);
    assert!(!done.status.success());
    assert!(now(at) == old);
    let new = whole(at);
    assert!(new != old);
    assert_eq!(names(at), ["a.html", "b.md", "c.json", "runs.csv"]);
}

/// A kill at any moment: every report is whole, and the next call leaves nothing else.
#[test]
fn a_kill_leaves_whole_reports() {
    let folder = folder_with(3_000);
    let at = folder.path();
    let before = Instant::now();
    let new = whole(at);
    let usual = before.elapsed();
    let old = put_old(at);
    let mut left = 0;
    for moment in 0..60_u32 {
        for (name, bytes) in OUTPUTS.iter().zip(&old) {
            fs::write(at.join(name), bytes).unwrap();
        }
        let mut child = command(at, program())
            .args(ARGS)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        std::thread::sleep(usual * moment / 55);
        child.kill().unwrap();
        child.wait().unwrap();
        for ((is, old), new) in now(at).iter().zip(&old).zip(&new) {
            assert!(is == old || is == new, "after {moment}/55 of {usual:?}");
        }
        left += names(at).len() - 4;
    }
    eprintln!("60 kills left {left} temporary files in all, before the next call");
    assert!(whole(at) == new);
    assert_eq!(names(at), ["a.html", "b.md", "c.json", "runs.csv"]);
}

/// Fails the n-th call of some system calls, for n = 1, 2, 3, until none is left that fails.
#[test]
fn each_system_call_that_fails_leaves_whole_reports() {
    let folder = folder_with(40);
    let at = folder.path();
    if !can(command(at, "strace").args(["-f", "-o", "/dev/null", "true"])) {
        return;
    }
    let old = put_old(at);
    let new = {
        let other = folder_with(40);
        whole(other.path())
    };
    for (call, fault) in [
        ("write", "ENOSPC"),
        ("fsync", "EIO"),
        ("rename,renameat,renameat2", "EACCES"),
        ("openat", "EMFILE"),
        ("fchmod", "EPERM"),
    ] {
        let mut failed = 0;
        for n in 1..200 {
            for (name, bytes) in OUTPUTS.iter().zip(&old) {
                fs::write(at.join(name), bytes).unwrap();
            }
            let trace = at.join("trace");
            let inject = format!("inject={call}:error={fault}:when={n}");
            let done = command(at, "strace")
                .args(["-f", "-o"])
                .arg(&trace)
                .args(["-e", &format!("trace={call}"), "-e", &inject, program()])
                .args(ARGS)
                .output()
                .unwrap();
            let injected = fs::read_to_string(&trace).unwrap().contains("(INJECTED)");
            fs::remove_file(&trace).unwrap();
            let code = done.status.code();
            let is = now(at);
            // Each is the old one or the new one, and all are new when the program says that it is done. Those before one that
            // cannot be put in its place are new.
            for ((is, old), new) in is.iter().zip(&old).zip(&new) {
                assert!(is == old || is == new, "{call} {n}: {}", err(&done));
            }
            if code == Some(0) {
                assert!(is == new, "{call} {n}: {}", err(&done));
            } else if !call.starts_with("rename") && call != "fsync" {
                assert!(is == old, "{call} {n}: {}", err(&done));
            }
            assert_ne!(code, Some(70), "{call} {n}: {}", err(&done));
            if code == Some(2) && call != "write" {
                assert!(!done.stderr.is_empty(), "{call} {n}");
            }
            assert_eq!(
                names(at),
                ["a.html", "b.md", "c.json", "runs.csv"],
                "{call} {n}: {}",
                err(&done)
            );
            if !injected {
                break;
            }
            failed += 1;
        }
        eprintln!("{call}: {failed} calls were made to fail");
        assert!(failed > 0, "{call} is not called at all");
    }
}

#[test]
fn calls_at_the_same_time_do_not_disturb_each_other() {
    let folder = folder_with(300);
    let at = folder.path();
    let new = whole(at);
    for _ in 0..4 {
        let calls: Vec<_> = (0..6)
            .map(|_| {
                command(at, program())
                    .args(ARGS)
                    .stdout(Stdio::null())
                    .stderr(Stdio::piped())
                    .spawn()
                    .unwrap()
            })
            .collect();
        for call in calls {
            let done = call.wait_with_output().unwrap();
            assert_eq!(done.status.code(), Some(0), "{}", err(&done));
        }
        assert!(now(at) == new);
        assert_eq!(names(at), ["a.html", "b.md", "c.json", "runs.csv"]);
    }
}

/// Only what has our name is removed, and only where nobody holds it.
#[test]
fn only_files_that_are_left_are_removed() {
    let folder = folder_with(3);
    let at = folder.path();
    let held = fs::File::create(at.join(".rundown-tmp-abc123")).unwrap();
    held.lock().unwrap();
    for name in [
        ".rundown-tmp-Xyz789", // is left
        ".rundown-tmp-notes",  // has five letters
        ".rundown-tmp-a.b.c6", // has other signs
        ".rundown-abcdef",
        ".tmpabcdef",
    ] {
        fs::write(at.join(name), "mine").unwrap();
    }
    fs::create_dir(at.join(".rundown-tmp-folder")).unwrap();
    whole(at);
    let kept: Vec<PathBuf> = names(at)
        .into_iter()
        .filter(|name| name.starts_with('.'))
        .map(PathBuf::from)
        .collect();
    let wanted = [
        ".rundown-abcdef",
        ".rundown-tmp-a.b.c6",
        ".rundown-tmp-abc123",
        ".rundown-tmp-folder",
        ".rundown-tmp-notes",
        ".tmpabcdef",
    ];
    assert_eq!(kept, wanted.map(PathBuf::from));
}

/// Where memory is scarce a call may end by a message or by the system. Its own start of threads may not end at all then,
/// so that it is given a minute.
#[test]
fn little_memory_is_no_half_report() {
    let folder = folder_with(20_000);
    let at = folder.path();
    if !can(Command::new("timeout").args(["1", "true"])) {
        return;
    }
    let old = put_old(at);
    let mut done = 0;
    for megabytes in [300, 500, 700, 4_000] {
        let script = format!("ulimit -v {megabytes}000; exec timeout -s KILL 60 \"$@\"");
        let ran = shell(at, &script, &ARGS);
        let is = now(at);
        assert_eq!(
            is == old,
            !ran.status.success(),
            "{megabytes} MB: {}",
            err(&ran)
        );
        done += i32::from(ran.status.success());
        for (name, bytes) in OUTPUTS.iter().zip(&old) {
            fs::write(at.join(name), bytes).unwrap();
        }
    }
    assert!(done > 0, "4 GB are enough");
}

/// No call takes longer than it should because somebody else holds a pipe open.
#[test]
fn a_reader_that_goes_away_is_a_quiet_end() {
    let folder = folder_with(20_000);
    let script = "{ \"$@\"; echo $? > code; } | head -c 10 > /dev/null";
    for args in [
        &["report", "runs.csv", "-o", "-", "--format", "json"][..],
        &["convert", "runs.csv", "-o", "-", "--format", "ndjson"],
    ] {
        let began = Instant::now();
        let done = shell(folder.path(), script, args);
        assert!(done.stderr.is_empty(), "{}", err(&done));
        let code = fs::read_to_string(folder.path().join("code")).unwrap();
        assert_eq!(code.trim(), "0", "{args:?}");
        assert!(began.elapsed() < Duration::from_mins(1));
    }
}
