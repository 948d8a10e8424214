//! Files in a folder of their own, and what the program and the oracle make of them.

use std::path::PathBuf;

use clap::Parser;
use rundown::cli::{Cli, Job, job};
use rundown::render::{Format, render};
use rundown::runs::export::{ExportFormat, export};
use serde_json::{Value, json};

use crate::common::compare::differences;
use crate::common::shapes::File;
use crate::oracle::{By, Options, facts, load, reconcile, tables};

/// What is known after reading: the report, and every run with all its fields.
pub(crate) struct Read {
    pub(crate) json: Value,
    pub(crate) runs: Vec<Value>,
}

impl Read {
    /// The cell, table or section at a path such as `gaps/figures`.
    #[track_caller]
    pub(crate) fn at(&self, path: &str) -> &Value {
        let found = self.json["sections"].pointer(&format!("/{path}"));
        found.unwrap_or_else(|| panic!("the report has no {path}"))
    }

    /// The run with this id.
    #[track_caller]
    pub(crate) fn run(&self, id: &str) -> &Value {
        let mut found = self.runs.iter().filter(|run| run["run_id"] == id);
        match (found.next(), found.next()) {
            (Some(run), None) => run,
            (None, _) => panic!("no run has the id {id}"),
            _ => panic!("two runs have the id {id}"),
        }
    }

    /// A number of the books.
    #[track_caller]
    pub(crate) fn books(&self, part: &str) -> i64 {
        let value = self.at(&format!("inputs/reconciliation/{part}"));
        value.as_i64().unwrap()
    }
}

/// A run id.
pub(crate) fn guid(number: u32) -> String {
    format!("0000000{number}-aaaa-4bbb-8ccc-0000000000d{number}")
}

/// Every run of the data, a bar a day.
pub(crate) fn everything() -> Options {
    Options {
        last: Some("all"),
        by: By::Day,
        ..Options::default()
    }
}

/// Files, and how they are read.
pub(crate) struct Case {
    folder: tempfile::TempDir,
    paths: Vec<PathBuf>,
    pub(crate) options: Options,
}

impl Case {
    pub(crate) fn new(files: &[File], options: Options) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut paths = Vec::new();
        for (name, bytes) in files {
            let path = folder.path().join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            assert!(!path.exists(), "two files are named {name}");
            std::fs::write(&path, bytes).unwrap();
            paths.push(path);
        }
        Self {
            folder,
            paths,
            options,
        }
    }

    /// Files with these texts, every run of them.
    pub(crate) fn of(files: &[(&str, &str)]) -> Self {
        let files: Vec<File> = files
            .iter()
            .map(|(name, text)| ((*name).to_owned(), text.as_bytes().to_vec()))
            .collect();
        Self::new(&files, everything())
    }

    /// What the oracle makes of the files.
    pub(crate) fn expected(&self) -> Read {
        let loaded =
            load::files(&self.paths, &self.options).expect("files that the oracle can read");
        let runs = reconcile::runs(&loaded.records, self.options.tz);
        Read {
            json: tables::expected(&loaded, &self.options),
            runs: runs.iter().map(facts::facts).collect(),
        }
    }

    /// What the program makes of the files, called in this process with the arguments of a command line.
    #[track_caller]
    pub(crate) fn read(&self) -> Read {
        self.try_read(&self.paths, &[])
            .unwrap_or_else(|error| panic!("{error:#}"))
    }

    /// The same when it is given the folder that the files are in.
    #[track_caller]
    pub(crate) fn read_folder(&self) -> Read {
        self.try_read(&[self.folder.path().to_owned()], &[])
            .unwrap_or_else(|error| panic!("{error:#}"))
    }

    /// The page for people.
    #[track_caller]
    pub(crate) fn html(&self) -> String {
        let options = self.settled(&self.paths, &[]);
        let log = rundown::load(&options).unwrap_or_else(|error| panic!("{error:#}"));
        render(&rundown::report(&log, &options).unwrap(), Format::Html).unwrap()
    }

    pub(crate) fn try_read(&self, inputs: &[PathBuf], args: &[&str]) -> anyhow::Result<Read> {
        let options = self.settled(inputs, args);
        let log = rundown::load(&options)?;
        let report = rundown::report(&log, &options)?;
        let mut lines = Vec::new();
        export(&log.prepared.runs, ExportFormat::Ndjson, &mut lines)?;
        let runs = std::str::from_utf8(&lines)?.lines();
        Ok(Read {
            json: serde_json::from_str(&render(&report, Format::Json)?)?,
            runs: runs.map(serde_json::from_str).collect::<Result<_, _>>()?,
        })
    }

    fn settled(&self, inputs: &[PathBuf], args: &[&str]) -> rundown::Options {
        let mut words = vec!["rundown".to_owned(), "report".to_owned()];
        words.extend(inputs.iter().map(|path| path.display().to_string()));
        words.extend(["-o", "-", "--format", "json"].map(str::to_owned));
        words.extend(self.options.args());
        words.extend(args.iter().map(|arg| (*arg).to_owned()));
        match job(Cli::try_parse_from(words).unwrap()).unwrap() {
            Job::Run(job) => job.options,
            Job::Check(_) | Job::Print(_) => panic!("a report was asked for"),
        }
    }

    pub(crate) fn paths(&self) -> &[PathBuf] {
        &self.paths
    }

    /// Reads the files, and fails unless the program and the oracle agree on every number and every run.
    #[track_caller]
    pub(crate) fn agreed(&self, what: &str) -> Read {
        let got = self.read();
        assert_agreed(&got, &self.expected(), what);
        got
    }

    /// Fails unless both the oracle and the program say what is expected: some cells of the report, and every
    /// run with some of its fields.
    #[track_caller]
    pub(crate) fn says(&self, sections: &Value, runs: &[Value]) -> Read {
        let expected = self.expected();
        assert_says(&expected, &json!({ "sections": sections }), "oracle");
        assert_runs(&expected, runs, "oracle");
        let got = self.read();
        assert_says(&got, &json!({ "sections": sections }), "program");
        assert_runs(&got, runs, "program");
        assert_agreed(&got, &expected, "every field");
        got
    }
}

#[track_caller]
fn assert_agreed(got: &Read, oracle: &Read, what: &str) {
    let what = format!("{what}: program and oracle");
    assert_says(got, &oracle.json, &what);
    assert_runs(got, &oracle.runs, &what);
}

#[track_caller]
fn assert_says(got: &Read, expected: &Value, what: &str) {
    let found = differences(expected, &got.json);
    let shown: Vec<&String> = found.iter().take(20).collect();
    assert!(
        found.is_empty(),
        "{what}: {} cells differ\n{shown:#?}",
        found.len()
    );
}

/// Fails unless there is one run for each expected one, and it says the same in every field named there.
#[track_caller]
pub(crate) fn assert_runs(got: &Read, expected: &[Value], what: &str) {
    assert_eq!(got.runs.len(), expected.len(), "{what}: number of runs");
    for run in expected {
        let id = run["run_id"].as_str().expect("an expected run has an id");
        let found = got.run(id);
        for (field, value) in run.as_object().unwrap() {
            assert_eq!(&found[field], value, "{what}: {field} of {found}");
        }
    }
}
