//! How far does the data of each system reach?

use std::collections::BTreeMap;

use anyhow::Result;

use super::Context;
use super::bounds::Bounded;
use super::columns::{Basics, Names, Numbers};
use super::frames::{column, plural};
use crate::render::format;
use crate::report::{Cell, Data, Place, Row, Unit};
use crate::runs::calendar::{epoch_day, from_epoch_day};

/// Days by which the data of a system ends before the newest until it is said.
const BEHIND: i64 = 3;
/// Systems that are named in a sentence.
const NAMED: usize = 3;

/// How far the data of a system and account reaches.
#[derive(Debug)]
pub(super) struct Reach {
    system: Cell,
    account: Cell,
    /// Runs that count.
    runs: i64,
    first_at: i64,
    /// The newest start, queue, end or record time of all.
    newest_at: Option<i64>,
}

/// Those of each system and account, by name.
pub(super) fn reach(context: &Context<'_>) -> Result<Vec<Reach>> {
    const TIMES: [&str; 4] = ["started_at", "queued_at", "ended_at", "observed_at"];
    let frame = context.prepared.runs.frame();
    let (basics, names) = (Basics::new(frame)?, Names::new(frame)?);
    let mut times = Vec::with_capacity(TIMES.len());
    for time in TIMES {
        times.push(Numbers::new(frame, time)?);
    }
    let mut places: BTreeMap<[Option<u32>; 2], usize> = BTreeMap::new();
    let mut all: Vec<Reach> = Vec::new();
    let mut last = None;
    for row in 0..basics.height {
        let name = [names.system, names.account].map(|words| words.get(row));
        let place = match last {
            Some((known, place)) if known == name => place,
            _ => *places.entry(name).or_insert_with(|| {
                all.push(Reach {
                    system: names.system.cell(row),
                    account: names.account.cell(row),
                    runs: 0,
                    first_at: i64::MAX,
                    newest_at: None,
                });
                all.len() - 1
            }),
        };
        last = Some((name, place));
        let reach = &mut all[place];
        reach.runs += i64::from(!basics.is_child(row));
        reach.first_at = reach.first_at.min(basics.at(row));
        let newest = times.iter().filter_map(|times| times.get(row)).max();
        reach.newest_at = reach.newest_at.max(newest);
    }
    // Codes are in order of names; what has no name comes last.
    let mut order: Vec<_> = places.into_iter().collect();
    order.sort_by_key(|(name, _)| name.map(|code| code.map_or(u64::MAX, u64::from)));
    let mut all: Vec<Option<Reach>> = all.into_iter().map(Some).collect();
    Ok(order
        .into_iter()
        .filter_map(|(_, place)| all[place].take())
        .collect())
}

pub(super) fn table(context: &Context<'_>) -> Result<Bounded> {
    let columns = vec![
        column("system", "System", Unit::Text, Place::Name),
        column("account", "Account", Unit::Text, Place::Under),
        column("runs", "Runs", Unit::Count, Place::Column)
            .means("Runs on any day that the filters let pass. Child runs are left out."),
        column("first_at", "First run", Unit::Time, Place::Column)
            .means("Start of the first of them, else its queue time, else its end."),
        column("newest_at", "Newest data", Unit::Time, Place::Column)
            .means("The newest start, queue, end or record time of a run."),
    ];
    let (title, note) = ("Data of each system", String::new());
    let rows = context.reach()?.iter().map(|reach| Row {
        cells: vec![
            reach.system.clone(),
            reach.account.clone(),
            Cell::Int(reach.runs),
            Cell::Time(reach.first_at),
            Cell::time(reach.newest_at),
        ],
        ..Row::default()
    });
    Ok((context.bounds).rows("systems", title, note, columns, rows))
}

/// What the head of a report says of the data.
pub(super) fn data(reach: &[Reach]) -> Data {
    let mut runs: BTreeMap<String, i64> = BTreeMap::new();
    for reach in reach {
        if let Cell::Text(system) = &reach.system {
            *runs.entry(system.clone()).or_default() += reach.runs;
        }
    }
    let mut systems: Vec<(String, i64)> = runs.into_iter().collect();
    // In order of names so far, so that it decides between equal counts.
    systems.sort_by_key(|(_, runs)| std::cmp::Reverse(*runs));
    Data {
        systems: systems.into_iter().map(|(system, _)| system).collect(),
        newest_at: reach.iter().filter_map(|reach| reach.newest_at).max(),
    }
}

/// Names the systems whose data ends days before the newest of all, the oldest first.
pub(super) fn behind(context: &Context<'_>) -> Result<Option<String>> {
    let reach = context.reach()?;
    let zone = context.prepared.zone;
    let day = |at| format::local_date(at, zone).map(epoch_day);
    let Some(newest) = data(reach).newest_at.and_then(day) else {
        return Ok(None);
    };
    let mut old: Vec<(i32, String)> = Vec::new();
    for reach in reach {
        if let (Some(end), Cell::Text(system)) = (reach.newest_at.and_then(day), &reach.system)
            && i64::from(newest) - i64::from(end) >= BEHIND
        {
            let account = match &reach.account {
                Cell::Text(account) => format!(" ({account})"),
                _ => String::new(),
            };
            old.push((end, format!("{system}{account}")));
        }
    }
    old.sort();
    let date = |day| format::date(from_epoch_day(day));
    let mut said: Vec<String> = (old.iter().take(NAMED))
        .map(|(end, name)| format!("on {} for {name}", date(*end)))
        .collect();
    if old.len() > NAMED {
        let others = i64::try_from(old.len() - NAMED).unwrap_or(i64::MAX);
        said.push(format!(
            "days early for {}",
            plural(others, "other", "others")
        ));
    }
    Ok((!said.is_empty()).then(|| {
        format!(
            "Data ends {}; the newest is of {}. Exports may be old.",
            said.join(", "),
            date(newest)
        )
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The sentence on old data, and the head of the report, of runs of these systems, accounts and days of March.
    fn told(runs: &[(&str, &str, u32)]) -> (Option<String>, Data) {
        let mut text = "system,account,scan,run_id,status,started_at,ended_at\n".to_owned();
        for (at, (system, account, day)) in runs.iter().enumerate() {
            text.push_str(&format!(
                "{system},{account},s,{at},Completed,2026-03-{day:02}T23:00:00Z,2026-03-{day:02}T23:30:00Z\n"
            ));
        }
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("runs.csv");
        std::fs::write(&path, text).unwrap();
        let options = crate::Options {
            inputs: vec![path],
            ..crate::Options::default()
        };
        let log = crate::load(&options).unwrap();
        let report = crate::report(&log, &options).unwrap();
        let context = crate::context(&log);
        (behind(&context).unwrap(), report.data)
    }

    #[test]
    fn systems_whose_data_ends_days_before_the_newest_are_named() {
        // Of c the newest is two days older, of b three.
        let (said, data) = told(&[("a", "", 10), ("b", "x", 7), ("b", "x", 1), ("c", "", 8)]);
        assert_eq!(
            said.as_deref(),
            Some(
                "Data ends on 7 Mar 2026 for b (x); the newest is of 10 Mar 2026. Exports may be old."
            )
        );
        // Most runs first, then by name; 2026-03-10T23:30:00Z.
        assert_eq!(data.systems, ["b", "a", "c"]);
        assert_eq!(data.newest_at, Some(1_773_185_400_000_000));
        assert_eq!(told(&[("a", "", 10), ("b", "", 8)]).0, None);
    }

    #[test]
    fn the_oldest_are_named_and_the_others_counted() {
        let days = [20, 9, 8, 7, 6, 5];
        let names = ["a", "b", "c", "d", "e", "f"];
        let runs: Vec<_> = names
            .into_iter()
            .zip(days)
            .map(|(name, day)| (name, "", day))
            .collect();
        assert_eq!(
            told(&runs).0.as_deref(),
            Some(
                "Data ends on 5 Mar 2026 for f, on 6 Mar 2026 for e, on 7 Mar 2026 for d, days early for 2 others; the newest is of 20 Mar 2026. Exports may be old."
            )
        );
    }
}
