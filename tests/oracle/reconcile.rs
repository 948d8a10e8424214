//! From records to runs: which records are one run, which of them wins, and what the others add.

use chrono::{NaiveDate, TimeDelta};
use chrono_tz::Tz;
use std::cmp::Ordering;

use super::{Rec, Time, words};

/// One run after reconcile.
#[derive(Clone, Debug)]
pub(crate) struct Run {
    pub(crate) rec: Rec,
    pub(crate) outcome: &'static str,
    pub(crate) time: Time,
    pub(crate) day: NaiveDate,
    /// Its parent is loaded too, so that it is in no count.
    pub(crate) child: bool,
    /// Two terminal records of it disagreed.
    pub(crate) conflict: bool,
}

/// All runs that the records tell of.
pub(crate) fn runs(records: &[Rec], tz: Tz) -> Vec<Run> {
    let records = fill_accounts(records);
    let mut runs: Vec<Run> = group(&records)
        .iter()
        .map(|group| merge(group, tz))
        .collect();
    mark_children(&mut runs);
    runs
}

/// A null account takes the only one seen for its system, if there is exactly one.
fn fill_accounts(records: &[Rec]) -> Vec<Rec> {
    let mut filled = records.to_vec();
    for rec in &mut filled {
        if rec.account.is_some() {
            continue;
        }
        let mut seen: Vec<&String> = Vec::new();
        for other in records.iter().filter(|other| other.system == rec.system) {
            if let Some(account) = &other.account
                && !seen.contains(&account)
            {
                seen.push(account);
            }
        }
        if let [only] = seen[..] {
            rec.account = Some(only.clone());
        }
    }
    filled
}

/// Whether two records are of the same run.
fn same_run(a: &Rec, b: &Rec) -> bool {
    let (Some(a_id), Some(b_id)) = (&a.run_id, &b.run_id) else {
        // Without an id only records that are identical in every field are the same.
        return a == b;
    };
    if a.system != b.system || a_id != b_id {
        return false;
    }
    words::guid(a_id).is_some()
        || (a.account == b.account && a.source == b.source && a.scan == b.scan)
}

/// The records of each run.
fn group(records: &[Rec]) -> Vec<Vec<Rec>> {
    let mut groups: Vec<Vec<Rec>> = Vec::new();
    for rec in records {
        match groups.iter_mut().find(|group| same_run(&group[0], rec)) {
            Some(group) => group.push(rec.clone()),
            None => groups.push(vec![rec.clone()]),
        }
    }
    groups
}

/// Terminal, unknown or active.
fn class(rec: &Rec) -> &'static str {
    match rec.outcome() {
        "succeeded" | "partial" | "failed" | "cancelled" => "terminal",
        "active" => "active",
        _ => "unknown",
    }
}

/// The better record of one run comes first.
fn better_first(a: &Rec, b: &Rec) -> Ordering {
    let rank = |rec: &Rec| {
        ["active", "unknown", "terminal"]
            .iter()
            .position(|c| *c == class(rec))
    };
    // A run that has ended may still be ingesting, and the end of one phase says less than that.
    let ended = |rec: &Rec| {
        rec.status
            .is_some_and(|word| ["completed", "partial", "failed", "cancelled"].contains(&word))
    };
    ended(b)
        .cmp(&ended(a))
        .then_with(|| rank(b).cmp(&rank(a)))
        // The run's own status says more than that of one phase.
        .then_with(|| b.status.is_some().cmp(&a.status.is_some()))
        .then_with(|| b.observed_at.cmp(&a.observed_at))
        .then_with(|| b.ended_at.cmp(&a.ended_at))
        .then_with(|| words::badness(b.outcome()).cmp(&words::badness(a.outcome())))
        .then_with(|| b.cmp(a))
}

/// For each named field: where the winner has none, it takes that of `other`.
macro_rules! take {
    ($winner:ident, $other:ident: $($field:ident)*) => {
        $( if $winner.$field.is_none() { $winner.$field.clone_from(&$other.$field); } )*
    };
}

/// For each named field: where the winner has none, it takes the earliest of `records`.
macro_rules! take_earliest {
    ($winner:ident, $records:ident: $($field:ident)*) => {
        $( if $winner.$field.is_none() { $winner.$field = $records.iter().filter_map(|r| r.$field).min(); } )*
    };
}

/// Whether two of the records state one of the named fields differently.
macro_rules! disagree {
    ($records:ident: $($field:ident)*) => {{
        let mut found = false;
        $(
            let mut stated: Vec<_> = $records.iter().filter_map(|r| r.$field).collect();
            stated.dedup();
            found |= stated.len() > 1;
        )*
        found
    }};
}

/// Merges the records of one run.
fn merge(group: &[Rec], tz: Tz) -> Run {
    let mut ranked = group.to_vec();
    ranked.sort_by(better_first);
    let terminal: Vec<Rec> = ranked
        .iter()
        .filter(|r| class(r) == "terminal")
        .cloned()
        .collect();
    let active: Vec<Rec> = ranked
        .iter()
        .filter(|r| class(r) == "active")
        .cloned()
        .collect();

    let mut winner = ranked[0].clone();
    for other in &terminal {
        take!(winner, other: account source source_type collection scan parent_id run_type trigger category
            status discovery_status ingestion_status queued_at started_at ended_at discovery_started_at
            discovery_ended_at ingestion_started_at ingestion_ended_at duration_ms queue_ms assets_discovered
            assets_classified assets_failed assets_ingested assets_ingest_failed assets_pending
            relationships_ingested relationships_failed file_reader file_count byte_count row_count
            error_code error_message error_phase observed_at);
    }
    take_earliest!(winner, active: queued_at discovery_started_at);
    if winner.started_at.is_none() {
        winner.started_at = earliest_start(&active, &ranked);
    } else if class(&winner) != "terminal" && winner.status.is_none() {
        // It is one event of several, and a run begins with its first.
        let stated = active.iter().filter_map(|rec| rec.started_at);
        winner.started_at = stated.chain(winner.started_at).min();
    }
    for other in &active {
        take!(winner, other: account source source_type collection scan parent_id);
    }

    if winner.duration_ms.is_none() {
        winner.duration_ms = span(winner.started_at, winner.ended_at);
    }
    if winner.queue_ms.is_none() {
        winner.queue_ms = wait(&winner);
    }
    let conflict = disagree!(terminal: status discovery_status ingestion_status assets_discovered
        assets_classified assets_failed assets_ingested assets_ingest_failed assets_pending
        relationships_ingested relationships_failed file_count byte_count row_count);
    let time = winner.time().unwrap();
    let day = time.with_timezone(&tz).date_naive();
    Run {
        outcome: winner.outcome(),
        rec: winner,
        time,
        day,
        child: false,
        conflict,
    }
}

/// When a run began that no finished record tells it of: the earliest of its unfinished records, unless its end
/// and its length, which is in whole seconds, show that the first of them are not here.
fn earliest_start(active: &[Rec], all: &[Rec]) -> Option<Time> {
    let stated = active.iter().filter_map(|rec| rec.started_at).min();
    let estimated = all.iter().filter_map(|rec| rec.estimated_start).min();
    match (stated, estimated) {
        (Some(stated), Some(estimated)) if stated - estimated <= TimeDelta::seconds(1) => {
            Some(stated)
        }
        (stated, estimated) => estimated.or(stated),
    }
}

/// How long a run waited before its work began: until discovery, or, where there is none, until it started. A run that
/// is still in a queue has not waited to the end.
fn wait(run: &Rec) -> Option<i64> {
    if run.discovery_started_at.is_some() {
        let since = run.queued_at.or(run.started_at);
        return span(since, run.discovery_started_at);
    }
    for status in [run.status, run.discovery_status] {
        if status == Some("queued") || status == Some("throttled") {
            return None;
        }
    }
    span(run.queued_at, run.started_at)
}

/// Milliseconds from one instant to the other; null when one is missing or the difference is negative.
fn span(from: Option<Time>, to: Option<Time>) -> Option<i64> {
    let (from, to) = (from?, to?);
    if to < from {
        None
    } else {
        Some((to - from).num_milliseconds())
    }
}

/// Whether `parent` is the parent that `run` names.
fn is_parent(run: &Rec, parent: &Rec) -> bool {
    let Some(named) = &run.parent_id else {
        return false;
    };
    if parent.run_id.as_ref() != Some(named)
        || run.run_id.as_ref() == Some(named)
        || run.system != parent.system
    {
        return false;
    }
    words::guid(named).is_some() || run.account == parent.account
}

/// A run whose parent is loaded is a child, unless following parents leads back to it.
fn mark_children(runs: &mut [Run]) {
    let parents: Vec<Vec<usize>> = runs
        .iter()
        .map(|run| {
            (0..runs.len())
                .filter(|p| is_parent(&run.rec, &runs[*p].rec))
                .collect()
        })
        .collect();
    for (index, run) in runs.iter_mut().enumerate() {
        let mut ancestors = parents[index].clone();
        let mut next = 0;
        while next < ancestors.len() {
            for parent in &parents[ancestors[next]] {
                if !ancestors.contains(parent) {
                    ancestors.push(*parent);
                }
            }
            next += 1;
        }
        run.child = !ancestors.is_empty() && !ancestors.contains(&index);
    }
}
