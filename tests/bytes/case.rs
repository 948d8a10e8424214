//! A file, what is to be made of it, and whether that is what happens.

use std::fmt::{self, Debug};
use std::path::{Path, PathBuf};

use rundown::input::{InputOptions, Loaded};
use rundown::mapping::numbers::Decimal;
use rundown::mapping::time::DateOrder;
use rundown::runs::records::Records;
use rundown::runs::schema::{Field, Status};
use rundown::{Options, Unusable};

use crate::common::small::{T, options, put};

/// Microseconds of a day.
pub(crate) const DAY: i64 = 86_400_000_000;

/// A run as it comes out of a file.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Run {
    pub(crate) line: u32,
    pub(crate) id: String,
    pub(crate) scan: String,
    pub(crate) status: Option<Status>,
    pub(crate) started_at: Option<i64>,
    pub(crate) row_count: Option<i64>,
}

impl Run {
    /// The run `good-N` of the shared rows, in its line of the plain CSV file.
    pub(crate) fn good(number: u32) -> Run {
        Run {
            line: number + 1,
            id: format!("good-{number}"),
            scan: "daily".to_owned(),
            status: Some(Status::Completed),
            started_at: Some(T + i64::from(number - 1) * DAY),
            row_count: Some(i64::from(number)),
        }
    }

    fn of(records: &Records, row: usize) -> Run {
        let text = |field| records.text(field, row).unwrap_or_default().to_owned();
        Run {
            line: records.line(row),
            id: records.run_id_text(row).unwrap_or_default().into_owned(),
            scan: text(Field::Scan),
            status: records.status(Field::Status, row),
            started_at: records.int(Field::StartedAt, row),
            row_count: records.int(Field::RowCount, row),
        }
    }
}

impl Debug for Run {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Run {
            line,
            id,
            scan,
            status,
            started_at,
            row_count,
        } = self;
        write!(
            to,
            "line {line}: {id:?} of {scan:?}, {status:?}, {started_at:?}, {row_count:?}"
        )
    }
}

/// A record that must be set aside: line and code, and a part of what is to be done about it.
type Rejected = (u64, &'static str, &'static str);

/// A file and what is to be made of it.
#[derive(Clone, Debug)]
pub(crate) struct Case {
    what: String,
    files: Vec<(String, Vec<u8>)>,
    pub(crate) input: InputOptions,
    runs: Vec<Run>,
    rejects: Vec<Rejected>,
    /// What must be said of the file: how it is written, or a note.
    says: Vec<&'static str>,
    /// What must be said when the file is refused.
    refused: Option<&'static str>,
}

/// A file that holds the runs of the plain CSV file, in the same lines.
pub(crate) fn good(what: impl Into<String>, file: &str, bytes: impl Into<Vec<u8>>) -> Case {
    Case {
        what: what.into(),
        files: vec![(file.to_owned(), bytes.into())],
        input: InputOptions::default(),
        runs: (1..=3).map(Run::good).collect(),
        rejects: Vec::new(),
        says: Vec::new(),
        refused: None,
    }
}

/// A file that is no export and is refused with these words.
pub(crate) fn refused(
    what: impl Into<String>,
    file: &str,
    bytes: impl Into<Vec<u8>>,
    says: &'static str,
) -> Case {
    Case {
        runs: Vec::new(),
        refused: Some(says),
        ..good(what, file, bytes)
    }
}

impl Case {
    /// The runs begin in these lines.
    pub(crate) fn lines(mut self, lines: impl IntoIterator<Item = u32>) -> Case {
        let lines: Vec<u32> = lines.into_iter().collect();
        assert_eq!(lines.len(), self.runs.len(), "{}", self.what);
        for (run, line) in self.runs.iter_mut().zip(lines) {
            run.line = line;
        }
        self
    }

    /// The scan of every run is this one.
    pub(crate) fn scan(mut self, scan: &str) -> Case {
        for run in &mut self.runs {
            scan.clone_into(&mut run.scan);
        }
        self
    }

    /// One of the runs is not there.
    pub(crate) fn without(mut self, number: u32) -> Case {
        let id = Run::good(number).id;
        self.runs.retain(|run| run.id != id);
        self
    }

    /// These runs are there and no others.
    pub(crate) fn runs(mut self, runs: impl IntoIterator<Item = Run>) -> Case {
        self.runs = runs.into_iter().collect();
        self
    }

    /// A record is set aside. `hint` is a part of what is to be done.
    pub(crate) fn reject(mut self, line: u64, code: &'static str, hint: &'static str) -> Case {
        self.rejects.push((line, code, hint));
        self
    }

    /// The dialect, a note or the format says this.
    pub(crate) fn says(mut self, part: &'static str) -> Case {
        self.says.push(part);
        self
    }

    /// Another file is read with it; files are in order of their names.
    pub(crate) fn beside(mut self, file: &str, bytes: impl Into<Vec<u8>>) -> Case {
        self.files.push((file.to_owned(), bytes.into()));
        self
    }

    /// `--encoding`
    pub(crate) fn encoding(mut self, label: &str) -> Case {
        self.input.encoding = Some(label.parse().unwrap());
        self
    }

    /// `--decimal`
    pub(crate) fn decimal(mut self, decimal: Decimal) -> Case {
        self.input.supplied.decimal = Some(decimal);
        self
    }

    /// `--date-order`
    pub(crate) fn date_order(mut self, order: DateOrder) -> Case {
        self.input.supplied.times.order = Some(order);
        self
    }

    /// The same file under another name and written otherwise.
    pub(crate) fn rewritten(
        &self,
        suffix: &str,
        says: &'static str,
        rewrite: impl Fn(&[u8]) -> Vec<u8>,
    ) -> Case {
        let mut case = self.clone();
        for (file, bytes) in &mut case.files {
            file.push_str(suffix);
            *bytes = rewrite(bytes);
        }
        if case.refused.is_none() {
            case.says.push(says);
        }
        case
    }

    /// What is wrong, if anything.
    fn fault(&self) -> Option<String> {
        let folder = tempfile::tempdir().unwrap();
        let mut inputs = Vec::new();
        for (file, bytes) in &self.files {
            inputs.push(put(folder.path(), file, bytes));
        }
        let fault = match self.refused {
            Some(says) => self.fault_of_refusal(&inputs, says),
            None => match rundown::input::load(&inputs, &self.input) {
                Ok(loaded) => self.fault_of(&loaded),
                Err(error) => Some(format!("it is refused: {error:#}")),
            },
        };
        fault.or_else(|| self.fault_of_books(&inputs))
    }

    /// The file is named, and so is what it is.
    fn fault_of_refusal(&self, inputs: &[PathBuf], says: &str) -> Option<String> {
        match rundown::load(&self.options(inputs)) {
            Ok(_) => Some(format!("it is used and not refused with {says:?}")),
            Err(error) => {
                let text = format!("{error:#}");
                let named = text.contains(&self.files[0].0) && text.contains(says);
                (!named || !error.is::<Unusable>())
                    .then(|| format!("refused with {text:?}, which does not say {says:?}"))
            }
        }
    }

    fn options(&self, inputs: &[PathBuf]) -> Options {
        Options {
            inputs: inputs.to_vec(),
            input: self.input.clone(),
            ..options(Path::new(""))
        }
    }

    fn fault_of(&self, loaded: &Loaded) -> Option<String> {
        let runs = runs(loaded);
        if runs != self.runs {
            return Some(format!("expected {:#?}\ngot {}", self.runs, shown(loaded)));
        }
        let rejects = loaded.files.iter().flat_map(|file| &file.rejects.kept);
        let rejects: Vec<_> = rejects
            .map(|is| (is.line, is.code.key(), is.hint.as_ref()))
            .collect();
        let fits = |(is, wanted): (&(u64, &str, &str), &Rejected)| {
            (is.0, is.1) == (wanted.0, wanted.1) && !is.2.is_empty() && is.2.contains(wanted.2)
        };
        if rejects.len() != self.rejects.len() || !rejects.iter().zip(&self.rejects).all(fits) {
            return Some(format!(
                "expected the rejects {:#?}\ngot {}",
                self.rejects,
                shown(loaded)
            ));
        }
        let said: Vec<&str> = loaded
            .files
            .iter()
            .flat_map(|file| file.dialect.iter().chain(&file.notes).chain([&file.format]))
            .map(String::as_str)
            .collect();
        self.says
            .iter()
            .find(|part| !said.iter().any(|said| said.contains(**part)))
            .map(|part| format!("{part:?} is not said, only {said:?}"))
    }

    /// The whole way from files to prepared runs: every record is counted once.
    fn fault_of_books(&self, inputs: &[PathBuf]) -> Option<String> {
        match rundown::load(&self.options(inputs)) {
            Ok(log) => {
                let totals = rundown::totals(&log);
                let read = i64::try_from(self.runs.len() + self.rejects.len()).unwrap();
                (!totals.balanced || totals.read != read)
                    .then(|| format!("the books are wrong: {totals:?}"))
            }
            Err(error) if self.runs.is_empty() && error.is::<Unusable>() => None,
            Err(error) => Some(format!("no report: {error:#}")),
        }
    }
}

/// Every run that was read, in order.
pub(crate) fn runs(loaded: &Loaded) -> Vec<Run> {
    (0..loaded.records.len())
        .map(|row| Run::of(&loaded.records, row))
        .collect()
}

/// What was read, for a message.
fn shown(loaded: &Loaded) -> String {
    let mut text = format!("{:#?}", runs(loaded));
    for file in &loaded.files {
        let about = (&file.path, &file.format, &file.dialect, &file.notes);
        text.push_str(&format!("\n{about:?}"));
        for reject in &file.rejects.kept {
            text.push_str(&format!("\n{}", rundown::describe(file, reject)));
        }
    }
    text + &format!("\nskipped: {:?}", loaded.skipped)
}

/// Checks every case and tells all that are wrong.
#[track_caller]
pub(crate) fn check(cases: impl IntoIterator<Item = Case>) {
    let mut count = 0;
    let mut faults = Vec::new();
    for case in cases {
        count += 1;
        if let Some(fault) = case.fault() {
            faults.push(format!("--- {}: {fault}", case.what));
        }
    }
    assert!(
        faults.is_empty(),
        "{} of {count} cases\n{}",
        faults.len(),
        faults.join("\n")
    );
}
