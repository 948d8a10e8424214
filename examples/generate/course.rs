//! How a run goes: its times, its counts, its end.

use super::errors::{self, Fault};
use super::random::Random;
use super::run::{Counts, Run, Status};
use super::scan::{Habit, PERIOD, Scan};
use super::time::{SECOND, whole_second};

/// How a run ends, or that it has not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    Succeeded,
    Partial,
    Failed,
    Cancelled,
    Unfinished,
}

/// The times of a run that goes well: it waits, discovers, and ingests meanwhile and for a while after.
pub(crate) fn set_times(run: &mut Run, scan: &Scan, random: &mut Random) {
    let wait = if random.one_in(20) {
        random.between(60, 1_200)
    } else {
        random.between(3, 60)
    };
    let slowness = if random.one_in(50) { 3 } else { 1 };
    let length = whole_second(scan.discovery * slowness * random.between(70, 130) / 100);
    let started_at = whole_second(run.started_at) + wait * SECOND;
    let ended_at = started_at + length;
    let ingestion_started_at = started_at + random.between(SECOND, length);
    let done = ended_at + SECOND + random.below(900 * SECOND);

    run.discovery_started_at = Some(started_at);
    run.discovery_ended_at = Some(ended_at);
    run.ingestion_started_at = Some(ingestion_started_at);
    run.ingestion_ended_at = Some(done);
    run.ended_at = Some(done);
    run.observed_at = done;
}

/// The counts of a run that goes well, at a position in the period.
pub(crate) fn counts(full: bool, scan: &Scan, position: i64, random: &mut Random) -> Counts {
    // Sources grow by a tenth in the period.
    let usual = scan.assets * (10 * PERIOD + position) / (10 * PERIOD);
    let discovered = match random.below(1_000) {
        // A source that seems empty, and one that lost most of its assets.
        0..2 => 0,
        2..5 => usual / 5,
        _ if scan.habit == Habit::Lineage => random.between(3, 22),
        _ => usual * random.between(990, 1_010) / 1_000,
    };
    let ingested = if scan.habit == Habit::Lineage {
        discovered * random.between(2, 5)
    } else if !full {
        discovered * random.below(16) / 100
    } else if random.one_in(150) {
        // Lost, and nothing says so.
        discovered - (discovered / 20).max(1).min(discovered)
    } else {
        discovered
    };
    Counts {
        discovered,
        classified: discovered * random.between(20, 70) / 100,
        ingested,
        relationships: ingested * random.between(0, 250) / 100,
        ..Counts::default()
    }
}

/// Ends a run that goes well as it shall end.
pub(crate) fn end(run: &mut Run, scan: &Scan, position: i64, random: &mut Random) {
    let outage = scan
        .outage
        .filter(|outage| (outage.from..outage.to).contains(&position));
    if let Some(outage) = outage
        && random.percent(80)
    {
        fail(run, outage.template, random);
        return;
    }
    match choose_end(position, random) {
        End::Succeeded => {}
        End::Partial => fail_partly(run, random),
        End::Failed => fail(run, errors::choose(random), random),
        End::Cancelled => cancel(run, random),
        End::Unfinished => leave_unfinished(run, random),
    }
}

/// With the failures of outages: 90 % succeeded, 3 % partial, 4 % failed, 2 % cancelled, 1 % unfinished.
/// Most of what is unfinished started late in the period.
fn choose_end(position: i64, random: &mut Random) -> End {
    let unfinished = if position < PERIOD * 9 / 10 { 22 } else { 800 };
    match random.below(10_000) {
        0..280 => End::Failed,
        280..480 => End::Cancelled,
        480..780 => End::Partial,
        other if other < 780 + unfinished => End::Unfinished,
        _ => End::Succeeded,
    }
}

/// Lets a part of a phase fail.
fn fail_partly(run: &mut Run, random: &mut Random) {
    let counts = &mut run.counts;
    match random.below(10) {
        // Some assets, or some relationships only; sometimes with an error.
        0..6 => {
            run.ingestion = Status::Partial;
            if counts.ingested > 0 && !random.one_in(5) {
                counts.ingest_failed = 1 + counts.ingested / 50;
                counts.ingested -= counts.ingest_failed;
            } else {
                counts.relationships_failed = 1 + counts.relationships / 50;
            }
            if random.percent(30) {
                run.fault = Some(Fault::new(errors::choose(random), random));
            }
        }
        6..9 => {
            run.discovery = Status::Partial;
            counts.failed = 1 + counts.discovered / 100;
        }
        // Every phase succeeded; the run's exceptions alone tell.
        _ => run.status = Status::Partial,
    }
}

fn fail(run: &mut Run, template: usize, random: &mut Random) {
    let percent = random.between(1, 99);
    let state = if random.percent(80) {
        run.discovering(percent)
    } else {
        run.ingesting(percent)
    };
    *run = state.expect("a run that goes well has both phases");
    run.stop(Status::Failed);
    if run.ingestion == Status::Failed && random.percent(50) {
        // Purview calls such a run succeeded, and gives no error.
        run.status = Status::Succeeded;
    } else {
        run.fault = Some(Fault::new(template, random));
    }
}

fn cancel(run: &mut Run, random: &mut Random) {
    let percent = random.between(1, 99);
    let state = match random.below(10) {
        0..3 => {
            let mut state = run.queued();
            state.observed_at += random.between(SECOND, 600 * SECOND);
            Some(state)
        }
        3..9 => run.discovering(percent),
        _ => run.ingesting(percent),
    };
    *run = state.expect("a run that goes well has both phases");
    run.stop(Status::Cancelled);
}

fn leave_unfinished(run: &mut Run, random: &mut Random) {
    let percent = random.between(1, 99);
    let state = match random.below(20) {
        waiting @ 0..7 => {
            let mut state = run.queued();
            state.discovery = if waiting < 5 {
                Status::Delayed
            } else {
                Status::Throttled
            };
            state.observed_at += random.between(SECOND, 600 * SECOND);
            Some(state)
        }
        7..15 => run.discovering(percent),
        _ => run.ingesting(percent),
    };
    *run = state.expect("a run that goes well has both phases");
}

/// Another end of a finished run, which was told before the last one: an attempt that failed or was cancelled, or an end
/// before everything was counted. None where the run never began, or ended too soon to tell the two apart.
///
/// It states no field that the last state leaves open, but an error of a run that succeeded in the end.
pub(crate) fn other_end(run: &Run, percent: i64, random: &mut Random) -> Option<Run> {
    let mut state = run
        .ingesting(percent)
        .filter(|_| random.percent(50))
        .or_else(|| run.discovering(percent))?;
    let status = match (run.overall(), random.below(3)) {
        (Status::Succeeded, 0) => Status::Failed,
        (Status::Succeeded | Status::Partial | Status::Failed, 1) => Status::Cancelled,
        _ => Status::Partial,
    };
    state.stop(status);
    if status == Status::Failed {
        state.fault = Some(Fault::new(errors::choose(random), random));
    }
    // Some shapes write whole seconds only.
    (state.observed_at + SECOND < run.observed_at).then_some(state)
}
