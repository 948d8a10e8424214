//! Writes the same scan runs in each shape in which people have them.

pub(crate) mod analytics;
pub(crate) mod api;
pub(crate) mod monitor;
pub(crate) mod native;
pub(crate) mod powershell;

use super::scans::{Precision, ScanRun};

/// A path below some folder, and the bytes.
pub(crate) type File = (String, Vec<u8>);

/// A way to write runs down, and what it can say.
pub(crate) struct Shape {
    pub(crate) name: &'static str,
    pub(crate) files: fn(&[ScanRun]) -> Vec<File>,
    /// The finest times that it can hold.
    pub(crate) precision: Precision,
    /// `--path-template`, where the records do not name their scan.
    pub(crate) path_template: Option<&'static str>,
    /// It tells of the ingestion.
    pub(crate) ingestion: bool,
    /// It says whether a run was full or incremental.
    pub(crate) run_type: bool,
    /// It has the status of the run as a whole, not only of its discovery.
    pub(crate) own_status: bool,
}

const OLDER_API: Shape = Shape {
    name: "API 2022",
    files: api::older,
    precision: Precision::Ticks,
    path_template: None,
    ingestion: false,
    run_type: true,
    own_status: true,
};

const STORAGE: Shape = Shape {
    name: "events, one a line",
    files: monitor::lines,
    precision: Precision::Ticks,
    path_template: None,
    ingestion: false,
    run_type: false,
    own_status: false,
};

/// The shape that says the most.
pub(crate) const API: Shape = Shape {
    name: "API 2023",
    files: api::newer,
    ingestion: true,
    ..OLDER_API
};

pub(crate) const NATIVE: Shape = Shape {
    name: "native CSV",
    files: native::csv,
    ingestion: true,
    ..OLDER_API
};

/// What remembers runs, one record each.
pub(crate) const RUNS: [Shape; 4] = [
    OLDER_API,
    Shape {
        name: "PowerShell's CSV",
        files: powershell::csv,
        precision: Precision::Seconds,
        path_template: Some("{source}/{scan}.csv"),
        ..OLDER_API
    },
    Shape {
        name: "JSON of Windows PowerShell 5",
        files: powershell::json_5,
        precision: Precision::Millis,
        path_template: Some("{source}/{scan}.json"),
        ..OLDER_API
    },
    Shape {
        name: "JSON of PowerShell 7",
        files: powershell::json_7,
        path_template: Some("{source}/{scan}.json"),
        ..OLDER_API
    },
];

/// The name of the shape that makes hundreds of files.
pub(crate) const HOURLY: &str = "events, one file an hour";

/// What tells of events, several a run.
pub(crate) const EVENTS: [Shape; 7] = [
    STORAGE,
    Shape {
        name: "events, indented, back to back",
        files: monitor::indented,
        ..STORAGE
    },
    Shape {
        name: "events in batches of Event Hubs",
        files: monitor::event_hub,
        ..STORAGE
    },
    Shape {
        name: HOURLY,
        files: monitor::hourly,
        ..STORAGE
    },
    Shape {
        name: "Log Analytics CSV, all quoted",
        files: analytics::csv_quoted,
        ..STORAGE
    },
    Shape {
        name: "Log Analytics CSV, American times",
        files: analytics::csv_american,
        precision: Precision::Millis,
        ..STORAGE
    },
    Shape {
        name: "Log Analytics JSON",
        files: analytics::json,
        ..STORAGE
    },
];
