//! What the columns and keys of each kind of file mean: one file for each kind.

mod adf;
mod airflow;
mod dbt;
mod github;
mod monitor;
mod native;
mod purview;
mod row;
mod uvm;

pub(crate) use row::Row;

use super::load::Raw;
use super::{Rec, words};

/// The kinds of file that this oracle reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Kind {
    Native,
    Purview,
    Monitor,
    Uvm,
    Adf,
    Airflow,
    GitHub,
    Dbt,
}

/// The kind of a file by the keys of its records; `None` for any other.
pub(crate) fn kind(rows: &[Result<Raw, String>]) -> Option<Kind> {
    let has = |key: &str| rows.iter().flatten().any(|row| row.contains_key(key));
    let any = |keys: &[&str]| keys.iter().any(|key| has(key));
    let all = |keys: &[&str]| keys.iter().all(|key| has(key));
    if all(&["dataretrievaltype", "status"]) {
        Some(Kind::Uvm)
    } else if has("resulttype") && any(&["properties", "scanresultid"]) {
        Some(Kind::Monitor)
    } else if any(&["activityrunid", "pipelinename"]) {
        Some(Kind::Adf)
    } else if all(&["dagid", "state"]) {
        Some(Kind::Airflow)
    } else if any(&["databaseid", "runattempt", "workflowname"]) {
        Some(Kind::GitHub)
    } else if has("uniqueid") && any(&["metadata", "timing"]) {
        Some(Kind::Dbt)
    } else if any(&["status", "runstatus"])
        && any(&["starttime", "runstart"])
        && any(&["id", "runid"])
        && any(&["scanleveltype", "runtype", "scantype", "triggeredby"])
    {
        Some(Kind::Purview)
    } else if any(&["startedat", "queuedat", "endedat"])
        && any(&["status", "discoverystatus", "outcome"])
    {
        Some(Kind::Native)
    } else {
        None
    }
}

/// Makes a record of a row. An unreadable time or count makes the record unusable.
pub(crate) fn record(row: &Row<'_>) -> Result<Rec, String> {
    match row.kind() {
        Kind::Native => native::record(row),
        Kind::Purview => purview::record(row),
        Kind::Monitor => monitor::record(row),
        Kind::Uvm => uvm::record(row),
        Kind::Adf => adf::record(row),
        Kind::Airflow => airflow::record(row),
        Kind::GitHub => github::record(row),
        Kind::Dbt => dbt::record(row),
    }
}

/// A script that lists every scan writes a row with blank cells for one that never ran.
pub(crate) fn is_scan_without_runs(raw: &Raw) -> bool {
    ["runid", "runstart", "runstatus"].iter().all(|key| {
        raw.get(*key)
            .is_some_and(|value| value.as_str().is_some_and(|text| text.trim().is_empty()))
    })
}

/// Parts of a made-up name, such as `dag#run`; nothing unless all the parts are there.
fn joined(parts: &[Option<String>], between: &str) -> Option<String> {
    let parts: Option<Vec<String>> = parts.iter().cloned().collect();
    Some(parts?.join(between))
}

/// The two triggers that every system has, and how the schedulers' own words for them are read; any other stays
/// as written.
fn trigger(word: Option<String>, known: &[(&str, &'static str)]) -> Option<String> {
    let word = word?;
    let found = [("manual", "manual"), ("scheduled", "scheduled")]
        .iter()
        .chain(known)
        .find(|(name, _)| words::plain(name) == words::plain(&word));
    Some(found.map_or(word, |(_, meaning)| (*meaning).to_owned()))
}
