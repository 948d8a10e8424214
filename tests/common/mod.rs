//! What the tests of the numbers share: running the program, comparing JSON, and making runs up.

pub(crate) mod cited;
pub(crate) mod compare;
pub(crate) mod generate;
pub(crate) mod healthy;
pub(crate) mod report;
pub(crate) mod scans;
pub(crate) mod schedule;
pub(crate) mod shapes;
pub(crate) mod small;
pub(crate) mod vocabulary;
pub(crate) mod write;

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;

/// Small deterministic random numbers (splitmix64): the same seed gives the same numbers everywhere.
#[derive(Clone, Debug)]
pub(crate) struct Random(u64);

impl Random {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number from 0 up to, not including, `end`.
    pub(crate) fn below(&mut self, end: u64) -> u64 {
        self.next() % end
    }

    /// True in so many of a hundred cases.
    pub(crate) fn percent(&mut self, share: u64) -> bool {
        self.below(100) < share
    }

    pub(crate) fn pick<T: Clone>(&mut self, items: &[T]) -> T {
        items[usize::try_from(self.below(items.len() as u64)).unwrap()].clone()
    }

    pub(crate) fn guid(&mut self) -> String {
        let (a, b) = (self.next(), self.next());
        format!(
            "{:08x}-{:04x}-4{:03x}-8{:03x}-{:012x}",
            a >> 32,
            a & 0xffff,
            b & 0xfff,
            (b >> 12) & 0xfff,
            b >> 16
        )
    }

    pub(crate) fn shuffle<T>(&mut self, items: &mut [T]) {
        for end in (1..items.len()).rev() {
            items.swap(end, usize::try_from(self.below(end as u64 + 1)).unwrap());
        }
    }
}

/// What one call of the program left behind.
pub(crate) struct Ran {
    pub(crate) output: Output,
    pub(crate) json: Option<Value>,
}

impl Ran {
    pub(crate) fn stderr(&self) -> String {
        String::from_utf8_lossy(&self.output.stderr).into_owned()
    }
}

/// Runs `rundown report FILE… -o out.json ARG…` inside `folder`; the result is in `folder/out.json`.
/// No setting of the caller's environment reaches the program, except what Windows needs to start one.
pub(crate) fn report(folder: &Path, files: &[PathBuf], args: &[String]) -> Ran {
    let out = folder.join("out.json");
    if out.exists() {
        std::fs::remove_file(&out).unwrap();
    }
    let output = Command::new(env!("CARGO_BIN_EXE_rundown"))
        .current_dir(folder)
        .env_clear()
        .envs(std::env::var_os("SystemRoot").map(|root| ("SystemRoot", root)))
        .arg("report")
        .args(files)
        .args(["-o", "out.json", "--max-rejects", "100%"])
        .args(args)
        .output()
        .expect("the program starts");
    let json = std::fs::read(&out)
        .ok()
        .map(|bytes| serde_json::from_slice(&bytes).expect("the report is JSON"));
    Ran { output, json }
}

/// Like `report`, but anything else than exit code 0 and a report is a failure of the test.
pub(crate) fn good_report(folder: &Path, files: &[PathBuf], args: &[String]) -> Value {
    let ran = report(folder, files, args);
    match (&ran.json, ran.output.status.code()) {
        (Some(json), Some(0)) => json.clone(),
        (_, code) => {
            panic!(
                "exit code {code:?} for {files:?} {args:?}\nstderr:\n{}",
                ran.stderr()
            )
        }
    }
}
