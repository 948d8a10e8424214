//! Merges the records of one run into its latest state.
//!
//! Overlapping exports, pages, stale snapshots and state transitions all state the same run more than
//! once. Which record wins depends on what the records say, never on the order in which they were read.

use std::borrow::Cow;
use std::cmp::{Ordering, Reverse};
use std::collections::BTreeMap;
use std::hash::{BuildHasher, Hasher};

use hashbrown::HashTable;

use super::records::Records;
use super::run_id::{self, RunId};
use super::schema::{Field, Kind, Status};
use crate::threads;

/// One row for each run, and what the merge found.
#[derive(Debug)]
pub struct Reconciled {
    /// The rows that are left, ascending; each now holds the merged state of its run.
    pub winners: Vec<usize>,
    /// Number of records superseded by another record, for each file.
    pub superseded: Vec<i64>,
    /// Runs of which two finished records disagree; by row, then field.
    pub conflicts: Vec<Conflict>,
}

/// Two finished records of one run that state one field differently.
#[derive(Debug, PartialEq, Eq)]
pub struct Conflict {
    /// Row of the run.
    pub row: usize,
    /// The field.
    pub field: Field,
    /// Row of a record that says otherwise.
    pub other: usize,
    /// The value that was kept, as text.
    pub kept: String,
    /// The other value, as text.
    pub said: String,
}

/// Fields that decide which records speak of the same run when the id is no GUID.
const LOCAL_KEY: [Field; 4] = [Field::System, Field::Account, Field::Source, Field::Scan];

/// Fills a missing account with the only one seen for its system, if there is exactly one.
fn fill_accounts(records: &mut Records) {
    if !records.has(Field::Account) {
        return;
    }
    // None as a value: more than one account.
    let mut only: BTreeMap<Option<u32>, Option<u32>> = BTreeMap::new();
    for row in 0..records.len() {
        if let Some(account) = records.code(Field::Account, row) {
            only.entry(records.code(Field::System, row))
                .and_modify(|seen| {
                    if *seen != Some(account) {
                        *seen = None;
                    }
                })
                .or_insert(Some(account));
        }
    }
    for row in 0..records.len() {
        if records.code(Field::Account, row).is_none()
            && let Some(Some(account)) = only.get(&records.code(Field::System, row))
        {
            records.set_code(Field::Account, row, *account);
        }
    }
}

/// The fields that two records must share to speak of one run.
fn key_fields(records: &Records, row: usize) -> &'static [Field] {
    const GUID: &[Field] = &[Field::RunId, Field::System];
    const LOCAL: &[Field] = &[
        Field::RunId,
        Field::System,
        Field::Account,
        Field::Source,
        Field::Scan,
    ];
    match records.run_id(row) {
        Some(RunId::Guid(_)) => GUID,
        Some(RunId::Other(_)) => LOCAL,
        None => Field::ALL,
    }
}

fn key_hash(records: &Records, row: usize) -> u64 {
    let mut hasher = foldhash::fast::FixedState::with_seed(0x6b_65_79).build_hasher();
    for &field in key_fields(records, row) {
        match field.kind() {
            Kind::Text => hasher.write_u32(records.code(field, row).map_or(0, |code| code + 1)),
            Kind::RunId => match records.run_id(row) {
                Some(RunId::Guid(bits)) => hasher.write_u128(bits),
                Some(RunId::Other(code)) => hasher.write_u32(code),
                None => {}
            },
            Kind::Status => hasher.write_u8(
                records
                    .status(field, row)
                    .map_or(0, |status| status as u8 + 1),
            ),
            Kind::Time | Kind::Int => hasher.write_i64(records.int(field, row).unwrap_or(i64::MIN)),
        }
    }
    hasher.finish()
}

/// Records of one kind of id share all fields of the key; those without an id state the same in every way.
fn same_run(records: &Records, a: usize, b: usize) -> bool {
    key_fields(records, a)
        .iter()
        .all(|&field| records.same(field, a, b))
        && (records.run_id(a).is_some() || records.same_estimates(a, b))
}

/// Best record first: finished before unknown before active, where the end of the run itself comes before the end of a
/// phase; one that states the status of the run before one that states a phase's only; latest recorded; latest end; worse outcome; greater record. Records that are equal in all of this are equal in every field, and file order decides
/// only which of the two files is said to hold the run.
fn better(records: &Records, a: usize, b: usize) -> Ordering {
    let rank = |row: usize| {
        let outcome = records.outcome(row);
        let own = records.status(Field::Status, row).map(Status::outcome);
        // A run that has ended may still be ingesting; the end of one phase says less than that.
        let ended = own.is_some_and(|own| own.finality() == 2);
        Reverse((
            if ended { 3 } else { outcome.finality() },
            outcome.finality(),
            own.is_some(),
            records.int(Field::ObservedAt, row),
            records.int(Field::EndedAt, row),
            outcome,
        ))
    };
    rank(a)
        .cmp(&rank(b))
        .then_with(|| records.compare(b, a))
        .then_with(|| a.cmp(&b))
}

/// Merges all records of one run into the first row of `group`, which is sorted best first.
fn merge(records: &mut Records, group: &[usize], conflicts: &mut Vec<Conflict>) {
    let Some((&winner, others)) = group.split_first() else {
        return;
    };
    let class: Vec<(usize, u8)> = others
        .iter()
        .map(|&row| (row, records.outcome(row).finality()))
        .collect();
    let terminal: Vec<usize> = class
        .iter()
        .filter(|&&(_, finality)| finality == 2)
        .map(|&(row, _)| row)
        .collect();
    let active: Vec<usize> = class
        .iter()
        .filter(|&&(_, finality)| finality == 0)
        .map(|&(row, _)| row)
        .collect();

    if records.outcome(winner).finality() == 2 {
        let statuses_and_counts = |field: &&Field| field.kind() == Kind::Status || field.is_count();
        for &field in Field::ALL.iter().filter(statuses_and_counts) {
            // The first finished record that states the field is the one whose value is kept.
            let mut stating = std::iter::once(winner)
                .chain(terminal.iter().copied())
                .filter(|&row| records.states(field, row));
            let Some(kept) = stating.next() else { continue };
            if let Some(other) = stating.find(|&row| !records.same(field, kept, row)) {
                conflicts.push(Conflict {
                    row: winner,
                    field,
                    other,
                    kept: shown(records, field, kept),
                    said: shown(records, field, other),
                });
            }
        }
    }

    for &field in Field::ALL {
        if records.states(field, winner) {
            continue;
        }
        let stated = |row: &usize| records.states(field, *row);
        let from = terminal
            .iter()
            .copied()
            .find(stated)
            .or_else(|| match field {
                Field::StartedAt => None,
                Field::QueuedAt | Field::DiscoveryStartedAt => active
                    .iter()
                    .copied()
                    .filter(stated)
                    .min_by_key(|&row| records.int(field, row)),
                _ if field.is_identity() => active.iter().copied().find(stated),
                _ => None,
            });
        if let Some(from) = from {
            records.copy(field, from, winner);
        }
    }
    compute_times(records, group);
}

/// Completes the start and the end of the run in the first row of `group` where no finished record states them.
///
/// Records of a phase only are events, each with its own time, so an unfinished run began with the first of them.
fn compute_times(records: &mut Records, group: &[usize]) {
    let Some(&winner) = group.first() else {
        return;
    };
    let (start, end) = {
        let records: &Records = records;
        let finality = |row: usize| records.outcome(row).finality();
        let finished = finality(winner) == 2;
        let is_event = !finished && records.status(Field::Status, winner).is_none();
        let first = group
            .iter()
            .filter(|&&row| finality(row) == 0 || (is_event && row == winner))
            .filter_map(|&row| records.int(Field::StartedAt, row))
            .min();
        let computed = |field| {
            group
                .iter()
                .filter_map(move |&row| records.estimate(field, row))
        };
        let start = (is_event || !records.states(Field::StartedAt, winner))
            .then(|| earliest_start(first, computed(Field::StartedAt).min()));
        let end = (finished && !records.states(Field::EndedAt, winner))
            .then(|| computed(Field::EndedAt).max());
        (start.flatten(), end.flatten())
    };
    for (field, time) in [(Field::StartedAt, start), (Field::EndedAt, end)] {
        if let Some(time) = time {
            records.set_int(field, winner, time);
        }
    }
}

/// The start of a run from the first of its states that is loaded and from its end minus its duration. The latter is
/// given in whole seconds, so it counts only where the first states are missing.
fn earliest_start(first: Option<i64>, computed: Option<i64>) -> Option<i64> {
    const ROUNDING: i64 = 1_000_000;
    match (first, computed) {
        (Some(first), Some(computed)) if computed < first - ROUNDING => Some(computed),
        (first, computed) => first.or(computed),
    }
}

fn shown(records: &Records, field: Field, row: usize) -> String {
    records
        .status(field, row)
        .map(|status| status.key().to_owned())
        .or_else(|| records.int(field, row).map(|value| value.to_string()))
        .unwrap_or_default()
}

/// Fewer records than this are looked through faster than a thread is started.
const FEW: usize = 50_000;

/// Records of runs that have more than one: the first of the run, and another one, in order.
fn repeated(records: &Records) -> Vec<(usize, usize)> {
    let rows = records.len();
    let parts = if rows < FEW { 1 } else { threads::count() };
    let size = rows.div_ceil(parts).max(1);
    let mut hashes = vec![0; rows];
    threads::each(hashes.chunks_mut(size).enumerate(), |(part, hashes)| {
        for (row, hash) in (part * size..).zip(hashes) {
            *hash = key_hash(records, row);
        }
    });
    // A part is chosen by bits in the middle of the hash: a table places by the lowest and tells apart by the highest.
    let found = threads::each(0..parts, |part| {
        let mut found = Vec::new();
        let mut heads: HashTable<usize> = HashTable::with_capacity(size + size / 16);
        let in_part = |hash: u64| usize::try_from((hash >> 40) % parts as u64) == Ok(part);
        for (row, &hash) in hashes
            .iter()
            .enumerate()
            .filter(|(_, hash)| in_part(**hash))
        {
            let same = |&head: &usize| hashes[head] == hash && same_run(records, head, row);
            match heads.find(hash, same) {
                Some(&head) => found.push((head, row)),
                None => {
                    heads.insert_unique(hash, row, |&row| hashes[row]);
                }
            }
        }
        found
    });
    let mut found = found.concat();
    found.sort_unstable();
    found
}

/// Merges the records of each run in place.
pub fn reconcile(records: &mut Records, files: usize) -> Reconciled {
    fill_accounts(records);

    let mut lost = vec![false; records.len()];
    let mut superseded = vec![0; files];
    let mut conflicts = Vec::new();
    let repeated = repeated(records);
    for pairs in repeated.chunk_by(|a, b| a.0 == b.0) {
        let mut group: Vec<usize> = std::iter::once(pairs[0].0)
            .chain(pairs.iter().map(|&(_, row)| row))
            .collect();
        group.sort_by(|&a, &b| better(records, a, b));
        merge(records, &group, &mut conflicts);
        for &row in &group[1..] {
            lost[row] = true;
            if let Some(count) = superseded.get_mut(records.file(row)) {
                *count += 1;
            }
        }
    }
    let winners: Vec<usize> = (0..records.len()).filter(|&row| !lost[row]).collect();
    // Without a computed time, a run of one record is what that says.
    for &row in &winners {
        if records.has_estimate(row) {
            compute_times(records, &[row]);
        }
    }
    conflicts.sort_by_key(|conflict| (conflict.row, conflict.field));
    Reconciled {
        winners,
        superseded,
        conflicts,
    }
}

/// An id as it is compared with those of other runs.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum Id<'a> {
    Guid(u128),
    Other(Cow<'a, str>),
}

/// For each winner: whether its parent is loaded. A run is never the child of itself, nor of a circle of runs.
pub fn children(records: &Records, winners: &[usize]) -> Vec<bool> {
    let mut child = vec![false; winners.len()];
    if !records.has(Field::ParentId) {
        return child;
    }
    // GUIDs are unique in a system; other ids only within an account.
    let place = |row: usize, id: &Id<'_>| {
        let account = match id {
            Id::Guid(_) => None,
            Id::Other(_) => Some(records.code(Field::Account, row)),
        };
        (records.code(Field::System, row), account)
    };
    let own: Vec<Option<Id<'_>>> = winners
        .iter()
        .map(|&row| match records.run_id(row)? {
            RunId::Guid(bits) => Some(Id::Guid(bits)),
            RunId::Other(_) => records.run_id_text(row).map(Id::Other),
        })
        .collect();
    let mut by_id = BTreeMap::new();
    for (at, (&row, id)) in winners.iter().zip(&own).enumerate() {
        if let Some(id) = id {
            by_id.entry((id, place(row, id))).or_insert(at);
        }
    }
    let parent: Vec<Option<usize>> = winners
        .iter()
        .zip(&own)
        .map(|(&row, own)| {
            let text = records.text(Field::ParentId, row)?;
            let id = run_id::guid(text).map_or(Id::Other(text.into()), Id::Guid);
            // A run that names itself, or another run of the same id, has no parent.
            if own.as_ref() == Some(&id) {
                return None;
            }
            by_id.get(&(&id, place(row, &id))).copied()
        })
        .collect();
    for at in 0..winners.len() {
        let mut seen = at;
        let mut steps = 0;
        child[at] = parent[at].is_some_and(|mut above| {
            loop {
                if above == at {
                    break false;
                }
                match parent[above] {
                    None => break true,
                    // Brent's rule: the marker moves at powers of two, so every circle is met.
                    Some(_) if above == seen && steps > 0 => break true,
                    Some(next) => {
                        steps += 1;
                        if usize::is_power_of_two(steps) {
                            seen = above;
                        }
                        above = next;
                    }
                }
            }
        });
    }
    child
}

/// Compares two runs for listing: bucket time, run id, then everything else they state.
pub fn listing_order(records: &Records, a: usize, b: usize) -> Ordering {
    records
        .bucket_time(a)
        .cmp(&records.bucket_time(b))
        .then_with(|| records.compare_field(Field::RunId, a, b))
        .then_with(|| {
            LOCAL_KEY
                .iter()
                .map(|&field| records.compare_field(field, a, b))
                .find(|o| o.is_ne())
                .unwrap_or(Ordering::Equal)
        })
        .then_with(|| records.compare(a, b))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::runs::run_id::RunIdText;
    use crate::runs::schema::Status;

    struct Given {
        id: Option<&'static str>,
        parent: Option<&'static str>,
        status: Option<Status>,
        started: Option<i64>,
        ended: Option<i64>,
        observed: Option<i64>,
        discovered: Option<i64>,
    }

    const RUN: Given = Given {
        id: Some("r1"),
        parent: None,
        status: None,
        started: None,
        ended: None,
        observed: None,
        discovered: None,
    };

    fn records(given: &[Given]) -> Records {
        let mut records = Records::default();
        records.begin_file();
        for (row, run) in given.iter().enumerate() {
            if let Some(id) = run.id {
                records.set_run_id(row, RunIdText::new(id));
            }
            if let Some(code) = run
                .parent
                .and_then(|id| records.intern(Field::ParentId, id))
            {
                records.set_code(Field::ParentId, row, code);
            }
            if let Some(status) = run.status {
                records.set_status(Field::Status, row, status);
            }
            for (field, value) in [
                (Field::StartedAt, run.started),
                (Field::EndedAt, run.ended),
                (Field::ObservedAt, run.observed),
                (Field::AssetsDiscovered, run.discovered),
            ] {
                if let Some(value) = value {
                    records.set_int(field, row, value);
                }
            }
            records.finish(&[0], [row as u64 + 2].into_iter());
        }
        records
    }

    #[test]
    fn a_finished_record_wins_over_a_later_snapshot_of_the_run_in_progress() {
        let mut loaded = records(&[
            Given {
                status: Some(Status::Completed),
                started: Some(5),
                ended: Some(9),
                discovered: Some(3),
                ..RUN
            },
            Given {
                status: Some(Status::InProgress),
                started: Some(4),
                observed: Some(99),
                discovered: Some(7),
                ..RUN
            },
        ]);
        let merged = reconcile(&mut loaded, 1);
        assert_eq!(merged.winners, [0]);
        assert_eq!(merged.superseded, [1]);
        assert!(merged.conflicts.is_empty());
        assert_eq!(loaded.int(Field::AssetsDiscovered, 0), Some(3));
        assert_eq!(loaded.int(Field::StartedAt, 0), Some(5));
        // Nothing but three times and the identity comes from an active record.
        assert_eq!(loaded.int(Field::ObservedAt, 0), None);
    }

    #[test]
    fn a_missing_start_is_the_earliest_of_the_active_records() {
        let mut loaded = records(&[
            Given {
                status: Some(Status::InProgress),
                started: Some(6),
                ..RUN
            },
            Given {
                status: Some(Status::Failed),
                ended: Some(9),
                ..RUN
            },
            Given {
                status: Some(Status::Queued),
                started: Some(4),
                ..RUN
            },
        ]);
        assert_eq!(reconcile(&mut loaded, 1).winners, [1]);
        assert_eq!(loaded.int(Field::StartedAt, 1), Some(4));
    }

    #[test]
    fn finished_records_that_disagree_are_a_conflict() {
        let mut loaded = records(&[
            Given {
                status: Some(Status::Completed),
                started: Some(1),
                ended: Some(9),
                discovered: Some(3),
                ..RUN
            },
            Given {
                status: Some(Status::Failed),
                started: Some(1),
                ended: Some(9),
                discovered: Some(4),
                ..RUN
            },
        ]);
        let merged = reconcile(&mut loaded, 1);
        // Same end, no time of record: the worse outcome wins.
        assert_eq!(merged.winners, [1]);
        let fields: Vec<_> = merged
            .conflicts
            .iter()
            .map(|c| (c.field, c.kept.as_str(), c.said.as_str()))
            .collect();
        assert_eq!(
            fields,
            [
                (Field::Status, "failed", "completed"),
                (Field::AssetsDiscovered, "4", "3")
            ]
        );
    }

    #[test]
    fn records_without_an_id_merge_only_when_identical() {
        let mut loaded = records(&[
            Given {
                id: None,
                status: Some(Status::Completed),
                started: Some(1),
                ..RUN
            },
            Given {
                id: None,
                status: Some(Status::Completed),
                started: Some(1),
                ..RUN
            },
            Given {
                id: None,
                status: Some(Status::Completed),
                started: Some(2),
                ..RUN
            },
        ]);
        assert_eq!(reconcile(&mut loaded, 1).winners, [0, 2]);
    }

    #[test]
    fn a_circle_of_parents_loses_no_run() {
        let given = |id, parent| Given {
            id: Some(id),
            parent,
            ..RUN
        };
        let mut loaded = records(&[
            given("a", Some("b")),
            given("b", Some("a")),
            given("c", Some("a")),
            given("d", Some("d")),
            given("e", Some("x")),
        ]);
        let merged = reconcile(&mut loaded, 1);
        // a and b are each other's parent, c hangs below the circle, d names itself, e's parent is not loaded.
        assert_eq!(
            children(&loaded, &merged.winners),
            [false, false, true, false, false]
        );
    }
}
