//! Source runs of Zscaler UVM, with the titles of the page *Connector Runs*.
//!
//! There is no documented export, and no column for the source: one file is one source, so with `--scans 1`
//! a file is like a real one, and with more it is one source with the runs of many. A partial success is a
//! completed run that was not unified (category `Map`). The page has no word for a run that has not
//! finished; `In Progress` and `Queued` are a guess. Of the counts there are only the rows.

use super::{Body, Form, LIST, Shape, States};
use crate::run::{Record, Run, Status, Words};
use crate::table::{Table, int, text, time};
use crate::time::TimeShape;

pub(super) static SHAPE: Shape = Shape {
    flat: Some(FORM),
    json: FORM,
    envelope: LIST,
};

const FORM: Form = Form {
    body: Body::Table(&TABLE),
    states: States::Final,
    outcome: |run| run.overall().without_partial(),
};

static TABLE: Table = Table {
    columns: &[
        text("Status", |r| r.run.overall().word(Words::Uvm).into()),
        text("ID", |r| (&r.id).into()),
        text("Category", |r| category(r.run).into()),
        text("Data Retrieval Type", |r| {
            if r.run.full { "Full" } else { "Incremental" }.into()
        }),
        time("Start Time", |r| Some(r.run.started_at)),
        time("End Time", |r| r.run.ended_at),
        text("File Reader", |r| file_reader(r).into()),
        text("File Size", |r| megabytes(r).map_or("".into(), Into::into)),
        int("Number of Files", |r| rows(r).map(|rows| 1 + rows / 20_000)),
        int("Total Number of Rows", rows),
        text("Error Title", |r| {
            r.error
                .as_ref()
                .filter(|_| is_failed(r))
                .map_or("", |error| error.class)
                .into()
        }),
        text("Error", |r| {
            if is_failed(r) { r.error_message() } else { "" }.into()
        }),
    ],
    times: TimeShape::Plain,
    powershell: false,
};

fn is_failed(record: &Record<'_>) -> bool {
    record.run.overall() == Status::Failed
}

fn category(run: &Run) -> &'static str {
    match run.overall() {
        Status::Succeeded => "Map and Aggregate",
        Status::Partial => "Map",
        _ => "N/A",
    }
}

/// Of completed runs only.
fn rows(record: &Record<'_>) -> Option<i64> {
    let is_completed = record.run.overall().without_partial() == Status::Succeeded;
    is_completed.then_some(record.run.counts.ingested)
}

/// About two kilobytes a row.
fn megabytes(record: &Record<'_>) -> Option<String> {
    rows(record).map(|rows| {
        let hundredths = rows * 21 / 100;
        format!("{}.{:02}", hundredths / 100, hundredths % 100)
    })
}

fn file_reader(record: &Record<'_>) -> &'static str {
    const READERS: [&str; 5] = ["JSONL", "JSON", "CSV", "EXCEL", "XML"];
    if rows(record).is_some() {
        READERS[record.run.scan % READERS.len()]
    } else {
        ""
    }
}
