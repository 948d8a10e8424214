//! What is wrong with one scan, by its own runs. The rules stand in `docs/FINDINGS.md`.

use super::limits as limit;
use super::{Hit, Kind, Role};
use crate::sections::frames::percentile;
use crate::sections::gaps::{Gap, Kind as GapKind};
use crate::sections::history::{Contradiction, History, Run, RunType, Scan};

/// Nearest-rank median; `None` of nothing.
pub(super) fn median(mut values: Vec<i64>) -> Option<i64> {
    percentile(&mut values, 50)
}

/// Every rule about one scan, but for missed runs.
pub(super) fn hits(history: &History<'_>, scan: &Scan) -> Vec<Hit> {
    let broken = stopped_succeeding(scan).or_else(|| never_succeeded(scan));
    let flapping = broken.is_none().then(|| flapping(scan)).flatten();
    let measured = |run: &Run| run.measure().is_some();
    let timed = |run: &Run| run.duration_ms().is_some();
    [
        broken,
        ingestion_loss(history, scan),
        unexplained_gap(history, scan),
        by_type(history, scan, measured, nothing_discovered),
        stuck(history, scan),
        by_type(history, scan, measured, volume_drop),
        flapping,
        by_type(history, scan, timed, slower),
        queue_pressure(history, scan),
        silent(history, scan),
        inconsistent(history, scan),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// Failed runs since the newest that went well, oldest first, and that one.
pub(in crate::sections) fn streak(scan: &Scan) -> (Vec<&Run>, Option<&Run>) {
    let last_success = scan.runs.iter().rposition(Run::went_well);
    let since = last_success.map_or(0, |at| at + 1);
    let failed = scan.runs[since..].iter().filter(|run| run.failed());
    (failed.collect(), last_success.map(|at| &scan.runs[at]))
}

fn stopped_succeeding(scan: &Scan) -> Option<Hit> {
    let (failed, success) = streak(scan);
    let (success, first, last) = (success?, failed.first()?, failed.last()?);
    let apart = (last.at - first.at) / 1_000 >= limit::SHORT_STREAK_SPAN;
    let long = failed.len() >= limit::STREAK || (failed.len() >= limit::SHORT_STREAK && apart);
    long.then(|| {
        let mut hit = Hit::new(Kind::StoppedSucceeding, &failed);
        hit.behind.push((success.position, Role::LastGood));
        hit
    })
}

fn never_succeeded(scan: &Scan) -> Option<Hit> {
    let finished: Vec<_> = scan.runs.iter().filter(|run| run.finished()).collect();
    let never = finished.len() >= limit::ATTEMPTS
        && finished.iter().any(|run| run.failed())
        && !finished.iter().any(|run| run.went_well());
    never.then(|| Hit::new(Kind::NeverSucceeded, &finished))
}

/// The newest of these runs for which a condition holds without a break, oldest first.
fn trailing<'a>(runs: &[&'a Run], holds: impl Fn(&Run) -> bool) -> Vec<&'a Run> {
    let broken = runs.iter().rposition(|run| !holds(run));
    runs[broken.map_or(0, |at| at + 1)..].to_vec()
}

/// True when a number is at least this many per cent of another.
fn is_share(part: i64, per_cent: i64, whole: i64) -> bool {
    i128::from(part) * 100 >= i128::from(per_cent) * i128::from(whole)
}

fn ingestion_loss(history: &History<'_>, scan: &Scan) -> Option<Hit> {
    let compared: Vec<_> = scan.runs.iter().filter(|run| run.gap.is_some()).collect();
    let lost = trailing(&compared, |run| run.gap == Some(GapKind::Loss));
    let gaps = || lost.iter().filter_map(|run| history.gap(run));
    // Where ingestion worked, raw files that formed resource sets are not lost.
    let sets = |gap: &Gap| scan.of_files && !gap.ingestion_failed;
    let missing: i64 = gaps()
        .map(|gap| {
            if sets(&gap) {
                gap.ingest_failed
            } else {
                gap.missing
            }
        })
        .sum();
    let discovered: i64 = gaps().map(|gap| gap.discovered).sum();
    let much = !lost.is_empty()
        && missing >= limit::LOST_ASSETS
        && is_share(missing, limit::LOST_PER_CENT, discovered);
    (lost.len() >= limit::LOSSES || much).then(|| Hit {
        numbers: vec![missing, discovered],
        ..Hit::new(Kind::IngestionLoss, &lost)
    })
}

fn unexplained_gap(history: &History<'_>, scan: &Scan) -> Option<Hit> {
    if scan.of_files {
        return None;
    }
    let full: Vec<_> = scan
        .runs
        .iter()
        .filter(|run| run.gap.is_some() && history.is_full(run))
        .collect();
    let series = trailing(&full, |run| run.gap == Some(GapKind::Unexplained));
    let newest = history.gap(series.last()?)?;
    let much = newest.unaccounted >= limit::UNEXPLAINED_ASSETS
        && is_share(
            newest.unaccounted,
            limit::UNEXPLAINED_PER_CENT,
            newest.discovered,
        );
    much.then(|| Hit {
        numbers: vec![newest.unaccounted, newest.discovered],
        ..Hit::new(Kind::UnexplainedGap, &series)
    })
}

/// Runs of one run type that a rule looks at.
type Alike<'a> = [&'a Run];

/// What a rule finds in the runs of one run type that went well and for which a condition holds. Looked at are the type
/// of the newest such run and those with such a run in the period, in order of their newest; the first that fires tells.
fn by_type(
    history: &History<'_>,
    scan: &Scan,
    holds: impl Fn(&Run) -> bool,
    rule: impl Fn(&Alike<'_>) -> Option<Hit>,
) -> Option<Hit> {
    let mut types: Vec<(Option<RunType>, Vec<&Run>)> = Vec::new();
    for run in scan.runs.iter().rev() {
        if !run.went_well() || !holds(run) {
            continue;
        }
        match types.iter().position(|(kind, _)| *kind == run.kind) {
            Some(at) => types[at].1.push(run),
            None if types.is_empty() || history.is_inside(run) => {
                types.push((run.kind, vec![run]));
            }
            None => {}
        }
    }
    types.into_iter().find_map(|(_, mut runs)| {
        runs.reverse();
        rule(&runs)
    })
}

fn nothing_discovered(runs: &Alike<'_>) -> Option<Hit> {
    let zeros = trailing(runs, |run| run.measure() == Some(0));
    let before = &runs[..runs.len() - zeros.len()];
    let known = before.len().checked_sub(limit::NOT_EMPTY_BEFORE)?;
    let usual = before[known..].iter().all(|run| run.measure() != Some(0));
    (!zeros.is_empty() && usual).then(|| Hit {
        numbers: vec![
            before
                .last()
                .and_then(|run| run.measure())
                .unwrap_or_default(),
        ],
        ..Hit::new(Kind::NothingDiscovered, &zeros)
    })
}

fn volume_drop(runs: &Alike<'_>) -> Option<Hit> {
    let (newest, before) = runs.split_last()?;
    let usual = &before[before.len().saturating_sub(limit::USUAL)..];
    if usual.len() < limit::USUAL_VOLUMES {
        return None;
    }
    let volumes: Vec<i64> = usual.iter().filter_map(|run| run.measure()).collect();
    let middle = median(volumes.clone())?;
    let deviation = median(volumes.iter().map(|value| (value - middle).abs()).collect())?;
    let value = newest.measure()?;
    let is_low = |run: &Run| run.measure().is_some_and(|value| value < middle - value);
    let fires = value > 0
        && middle >= limit::VOLUME
        && is_low(newest)
        && middle - value > deviation.saturating_mul(limit::VOLUME_DEVIATIONS);
    let looked_at: Vec<_> = usual.iter().chain([newest]).copied().collect();
    fires.then(|| Hit {
        numbers: vec![value, middle],
        ..Hit::new(Kind::VolumeDrop, &trailing(&looked_at, is_low))
    })
}

fn stuck(history: &History<'_>, scan: &Scan) -> Option<Hit> {
    let longest = scan
        .runs
        .iter()
        .filter(|run| run.went_well())
        .filter_map(Run::duration_ms)
        .max()
        .unwrap_or(0);
    let most = longest.saturating_mul(limit::STUCK_TIMES).max(limit::STUCK);
    let horizon = history.horizon(scan);
    // A run that ended later shows that the export has no end of this one, not that it is stuck.
    let since = scan.runs.iter().rposition(Run::finished);
    let stuck: Vec<_> = scan.runs[since.map_or(0, |at| at + 1)..]
        .iter()
        .filter(|run| run.outcome == crate::runs::schema::Outcome::Active)
        .filter(|run| (horizon - run.at) / 1_000 >= most)
        .collect();
    let first = stuck.first()?;
    Some(Hit {
        numbers: vec![(horizon - first.at) / 1_000, longest],
        ..Hit::new(Kind::Stuck, &stuck)
    })
}

fn flapping(scan: &Scan) -> Option<Hit> {
    let deciding: Vec<_> = scan.runs.iter().filter(|run| run.decides()).collect();
    let newest = &deciding[deciding.len().saturating_sub(limit::FLAPPING_RUNS)..];
    let failed: Vec<_> = newest.iter().filter(|run| run.failed()).copied().collect();
    let changes = newest
        .windows(2)
        .filter(|pair| pair[0].failed() != pair[1].failed())
        .count();
    (failed.len() >= limit::FLAPPING_FAILED && changes >= limit::FLAPPING_CHANGES).then(|| Hit {
        numbers: vec![i64::try_from(newest.len()).unwrap_or(i64::MAX)],
        ..Hit::new(Kind::Flapping, &failed)
    })
}

fn slower(runs: &Alike<'_>) -> Option<Hit> {
    let (before, newest) = runs.split_at(runs.len().checked_sub(limit::SLOW)?);
    let usual = &before[before.len().saturating_sub(limit::USUAL)..];
    if usual.len() < limit::USUAL_DURATIONS {
        return None;
    }
    let durations = |runs: &[&Run]| runs.iter().filter_map(|run| run.duration_ms()).collect();
    let (middle, now) = (median(durations(usual))?, median(durations(newest))?);
    let all = newest
        .iter()
        .filter_map(|run| run.duration_ms())
        // More than one and a half times.
        .all(|duration| duration > middle + middle / 2);
    (all && now > middle.saturating_mul(2) && now - middle > limit::SLOWER_BY).then(|| Hit {
        numbers: vec![now, middle],
        ..Hit::new(Kind::Slower, newest)
    })
}

fn queue_pressure(history: &History<'_>, scan: &Scan) -> Option<Hit> {
    let inside = || scan.runs.iter().filter(|run| history.is_inside(run));
    let queues: Vec<i64> = inside().filter_map(Run::queue_ms).collect();
    if queues.len() < limit::QUEUED {
        return None;
    }
    let durations = inside().filter(|run| run.went_well());
    let duration = median(durations.filter_map(Run::duration_ms).collect())?;
    let queue = median(queues)?;
    let long: Vec<_> = inside()
        .filter(|run| run.queue_ms().is_some_and(|queue| queue >= limit::QUEUE))
        .collect();
    (queue >= limit::QUEUE && queue >= duration - queue).then(|| Hit {
        numbers: vec![queue, duration],
        ..Hit::new(Kind::QueuePressure, &long)
    })
}

fn silent(history: &History<'_>, scan: &Scan) -> Option<Hit> {
    let newest = scan.newest();
    if newest.day >= history.first_day || scan.runs.len() < limit::EXPECTED_BACK {
        return None;
    }
    let from = scan.runs.len().saturating_sub(limit::SILENCE_RUNS);
    let longest = scan.runs[from..]
        .windows(2)
        .map(|pair| (pair[1].at - pair[0].at) / 1_000)
        .max()
        .unwrap_or(0)
        .max(limit::DAY);
    let silence = (history.horizon(scan) - newest.at) / 1_000;
    (silence > longest.saturating_mul(2)).then(|| {
        let all: Vec<_> = scan.runs.iter().collect();
        Hit {
            since: Some(newest.at),
            numbers: vec![
                silence,
                longest,
                i64::try_from(scan.runs.len() - from).unwrap_or(i64::MAX),
            ],
            ..Hit::new(Kind::SilentScan, &all)
        }
    })
}

fn inconsistent(history: &History<'_>, scan: &Scan) -> Option<Hit> {
    let inside = scan.runs.iter().filter(|run| history.is_inside(run));
    let odd: Vec<_> = inside.filter(|run| run.contradiction.is_some()).collect();
    // Of each way to contradict itself: how many runs, and the first.
    let numbers = Contradiction::ALL.into_iter().flat_map(|way| {
        let mut of_way = odd.iter().filter(|run| run.contradiction == Some(way));
        let first = of_way.next().map(|run| i64::from(run.position));
        let count = of_way.count() + usize::from(first.is_some());
        [i64::try_from(count).unwrap_or(i64::MAX), first.unwrap_or(0)]
    });
    (!odd.is_empty()).then(|| Hit {
        numbers: numbers.collect(),
        ..Hit::new(Kind::InconsistentRecord, &odd)
    })
}
