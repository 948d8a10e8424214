//! The program from outside: what it writes, what it prints and how it ends.
#![allow(
    clippy::unwrap_used,
    reason = "a test may panic, and says by that what is wrong"
)]

mod charts;
mod configuration;
mod content;
mod explain;
mod files;
mod gates;
mod mapping;
mod notes;
mod readme;
mod rejects;
mod sentences;
mod strict;
mod tables;
mod ticket;
mod usage;
mod writing;

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::Value;

/// One finished call.
pub(crate) struct Done {
    pub(crate) code: Option<i32>,
    pub(crate) bytes: Vec<u8>,
    pub(crate) err: String,
}

impl Done {
    pub(crate) fn out(&self) -> String {
        String::from_utf8_lossy(&self.bytes).into_owned()
    }

    /// Fails unless the call ended with this code.
    #[track_caller]
    pub(crate) fn ends(self, code: i32) -> Done {
        assert_eq!(
            self.code,
            Some(code),
            "\nstdout:\n{}\nstderr:\n{}",
            self.out().chars().take(2000).collect::<String>(),
            self.err
        );
        self
    }

    /// Standard output as JSON, all of it.
    #[track_caller]
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.bytes).expect("standard output is JSON and nothing else")
    }
}

/// The program in a folder, with nothing of the caller's environment but what Windows needs to start one.
pub(crate) fn command(folder: &Path, args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_rundown"));
    command
        .current_dir(folder)
        .env_clear()
        .envs(std::env::var_os("SystemRoot").map(|root| ("SystemRoot", root)))
        .args(args)
        .stdin(Stdio::null());
    command
}

pub(crate) fn finish(mut command: Command) -> Done {
    let output = command.output().expect("the program starts");
    Done {
        code: output.status.code(),
        bytes: output.stdout,
        err: String::from_utf8_lossy(&output.stderr).into_owned(),
    }
}

/// Runs `rundown ARG…` in a folder.
pub(crate) fn rundown(folder: &Path, args: &[&str]) -> Done {
    finish(command(folder, args))
}

/// The JSON report of `rundown report ARG…`, which must end with 0.
#[track_caller]
pub(crate) fn report(folder: &Path, args: &[&str]) -> Value {
    let args = [&["report"], args, &["-o", "-", "--format", "json"]].concat();
    rundown(folder, &args).ends(0).json()
}

pub(crate) fn project() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let place = to.join(path.file_name().unwrap());
        if path.is_dir() {
            copy(&path, &place);
        } else {
            std::fs::copy(&path, &place).unwrap();
        }
    }
}

/// A new folder that holds the sample data under these names.
pub(crate) fn samples_as(names: &[&str]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for name in names {
        copy(&project().join("sample_data"), &folder.path().join(name));
    }
    folder
}

/// A new folder that holds `sample_data`.
pub(crate) fn samples() -> tempfile::TempDir {
    samples_as(&["sample_data"])
}

/// A new folder with files of this content.
pub(crate) fn folder_of(files: &[(&str, &str)]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in files {
        let path = folder.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
    folder
}

/// What lies in a folder, itself sorted; folders end with `/`.
pub(crate) fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| {
            let path: PathBuf = entry.unwrap().path();
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            if path.is_dir() {
                format!("{name}/")
            } else {
                name
            }
        })
        .collect();
    names.sort();
    names
}

/// One good run of 1 November 2026.
pub(crate) const GOOD: &str = "source,scan,run_id,status,started_at\n\
     db,daily,r-1,completed,2026-11-01T02:00:00Z\n";

/// The same and, on line 3, a row whose time is none.
pub(crate) const ONE_BAD: &str = "source,scan,run_id,status,started_at\n\
     db,daily,r-1,completed,2026-11-01T02:00:00Z\n\
     db,daily,r-2,completed,noon\n";
