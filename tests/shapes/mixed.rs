//! Several shapes of the same runs in one call: no run counts twice, and what says more wins.

use serde_json::{Value, json};

use crate::alone::{COMMON, assert_same_tables, options, written};
use crate::case::{Case, Read};
use crate::common::Random;
use crate::common::scans::{Precision, ScanRun, TICKS, plain_runs, runs_with_losses, utc};
use crate::common::shapes::monitor::{Event, events, lines_of};
use crate::common::shapes::{API, EVENTS, File, HOURLY, NATIVE, RUNS, api};
use crate::oracle::Options;

/// The tables about which the events say nothing of their own.
const GAPS: [&str; 2] = ["gaps/figures", "gaps/scans"];

/// The files under new names in a new order, so that neither the order of the arguments nor that of the names
/// is the one in which they were written.
fn dealt(files: Vec<File>, seed: u64) -> Vec<File> {
    let mut random = Random::new(seed);
    let mut files: Vec<File> = files
        .into_iter()
        .map(|(path, bytes)| (format!("{:04}/{path}", random.below(10_000)), bytes))
        .collect();
    random.shuffle(&mut files);
    files
}

/// The same files of several shapes side by side.
fn beside<'a>(parts: impl IntoIterator<Item = (&'a str, Vec<File>)>) -> Vec<File> {
    parts
        .into_iter()
        .flat_map(|(folder, files)| {
            files
                .into_iter()
                .map(move |(path, bytes)| (format!("{folder}/{path}"), bytes))
        })
        .collect()
}

/// Two answers of the API that share the runs in the middle.
fn overlapping_pages(runs: &[ScanRun]) -> Vec<File> {
    let (third, two_thirds) = (runs.len() / 3, runs.len() * 2 / 3);
    [&runs[..two_thirds], &runs[third..]]
        .iter()
        .enumerate()
        .map(|(number, runs)| {
            let page = api::page(runs.iter().map(api::newer_record));
            (format!("page-{number}.json"), page)
        })
        .collect()
}

/// Every way to write the events into few files, each in a folder of its own.
fn all_events(runs: &[ScanRun]) -> Vec<File> {
    let few = EVENTS.iter().filter(|shape| shape.name != HOURLY);
    let parts = ["a", "b", "c", "d", "e", "f"].into_iter().zip(few);
    beside(parts.map(|(name, shape)| (name, (shape.files)(runs))))
}

/// Fails unless each run says all that it says in `api`, and at most more.
#[track_caller]
fn assert_nothing_overwritten(api: &Read, mixed: &Read, what: &str) {
    assert_eq!(api.runs.len(), mixed.runs.len(), "{what}");
    for run in &api.runs {
        let id = run["run_id"].as_str().unwrap();
        let found = mixed.run(id);
        for (field, value) in run.as_object().unwrap() {
            if !value.is_null() {
                assert_eq!(&found[field], value, "{what}: {field} of {found}");
            }
        }
    }
}

#[test]
fn the_api_and_all_the_events_say_what_the_api_says_in_any_order() {
    for seed in 20..23 {
        let runs = runs_with_losses(seed, 80, Precision::Ticks);
        let alone = written(&API, &runs).read();
        let files = beside([
            ("api", overlapping_pages(&runs)),
            ("events", all_events(&runs)),
        ]);
        for order in 0..3 {
            let what = format!("seed {seed}, order {order}");
            let case = Case::new(&dealt(files.clone(), order), options(&API));
            // The first order is also held against the oracle, the others against the API.
            let mixed = if order == 0 {
                case.agreed(&what)
            } else {
                case.read()
            };
            assert_same_tables(&alone, &mixed, &[&COMMON[..], &GAPS].concat(), &what);
            assert_nothing_overwritten(&alone, &mixed, &what);
            assert_eq!(mixed.books("used"), 80, "{what}");
            assert_eq!(mixed.books("conflicts"), 0, "{what}");
            let folder = case.read_folder();
            for section in ["overview", "outcomes", "scans", "gaps", "errors"] {
                assert_eq!(folder.at(section), mixed.at(section), "{what}: {section}");
            }
        }
    }
}

#[test]
fn the_account_of_the_events_is_that_of_the_api_which_names_none() {
    let runs = runs_with_losses(30, 60, Precision::Ticks);
    let alone = written(&API, &runs).read();
    let files = beside([
        ("api", (API.files)(&runs)),
        ("events", (EVENTS[0].files)(&runs)),
    ]);
    let unnamed = Options {
        set: Vec::new(),
        ..options(&API)
    };
    let mixed = Case::new(&files, unnamed).agreed("no account given");
    assert_same_tables(&alone, &mixed, &[&COMMON[..], &GAPS].concat(), "accounts");
}

#[test]
fn every_shape_of_the_same_runs_in_one_call_is_each_run_once() {
    for seed in 40..43 {
        let runs = plain_runs(seed, 70, Precision::Seconds);
        let alone = written(&API, &runs).read();
        let files = beside([
            ("newer", (API.files)(&runs)),
            ("older", (RUNS[0].files)(&runs)),
            ("powershell", (RUNS[1].files)(&runs)),
            ("native", (NATIVE.files)(&runs)),
            ("events", all_events(&runs)),
        ]);
        for order in 0..2 {
            let what = format!("seed {seed}, order {order}");
            // The template names the scans of PowerShell's files; what a record says itself comes first.
            let case = Case::new(&dealt(files.clone(), order), options(&RUNS[1]));
            let mixed = case.agreed(&what);
            assert_eq!(mixed.books("used"), 70, "{what}");
            assert_same_tables(&alone, &mixed, &[&COMMON[..], &GAPS].concat(), &what);
        }
    }
}

/// The last event of a run comes later than its end by the API, with other counts and another text.
fn contradicting(event: &Event) -> Event {
    if !event.is_last() {
        return event.clone();
    }
    Event {
        time: event.time + 37 * TICKS + 11,
        counts: event.counts.map(|(a, b)| (a + 7, b + 1)),
        error: event
            .error
            .map(|_| "Execution Timeout Expired somewhere else"),
        word: if event.word == "CompletedWithExceptions" {
            "Succeeded"
        } else {
            event.word
        },
        ..event.clone()
    }
}

#[test]
fn what_the_api_says_is_not_overwritten_by_a_later_event() {
    for seed in 50..53 {
        let runs = runs_with_losses(seed, 80, Precision::Ticks);
        // The events end later, which may be on another day.
        let fixed = Options {
            as_of: "2026-11-25".parse().ok(),
            ..options(&API)
        };
        let alone = Case::new(&(API.files)(&runs), fixed.clone()).read();
        let other: Vec<Event> = events(&runs).iter().map(contradicting).collect();
        let files = beside([
            ("api", (API.files)(&runs)),
            ("events", vec![("PT1H.json".to_owned(), lines_of(&other))]),
        ]);
        for order in 0..2 {
            let what = format!("seed {seed}, order {order}");
            let mixed = Case::new(&dealt(files.clone(), order), fixed.clone()).agreed(&what);
            assert_nothing_overwritten(&alone, &mixed, &what);
            assert_same_tables(&alone, &mixed, &[&COMMON[..], &GAPS].concat(), &what);
            // Each finished run has two records that count its assets differently.
            let finished = runs.iter().filter(|run| run.end.is_finished()).count();
            assert_eq!(mixed.books("conflicts"), finished as i64, "{what}");
        }
    }
}

#[test]
fn an_answer_from_before_the_end_gives_the_start_and_the_events_give_the_end() {
    let runs = plain_runs(60, 80, Precision::Ticks);
    // As if the API had been asked while every run was still going.
    let early: Vec<Value> = runs
        .iter()
        .map(|run| {
            let mut record = api::newer_record(run);
            record["status"] = json!("InProgress");
            record["discoveryExecutionDetails"]["status"] = json!("Running");
            for name in ["endTime", "error", "ingestionExecutionDetails"] {
                record[name] = Value::Null;
            }
            record["discoveryExecutionDetails"]["statistics"] = json!({});
            record
        })
        .collect();
    let last: Vec<Event> = events(&runs).into_iter().filter(Event::is_last).collect();
    let files = [
        ("api.json".to_owned(), api::page(early.into_iter())),
        ("PT1H.json".to_owned(), lines_of(&last)),
    ];
    let mixed = Case::new(&files, options(&API)).agreed("an early answer");
    assert_eq!(mixed.books("used"), 80);
    assert_eq!(mixed.books("superseded"), last.len() as i64);
    for run in &runs {
        let found = mixed.run(&run.id);
        assert_eq!(found["outcome"], run.outcome(), "{found}");
        assert_eq!(found["started_at"], micros(run.start), "{found}");
        assert_eq!(found["ended_at"], json!(run.ended().map(micros)), "{found}");
        if run.end.is_finished() {
            let discovered = run.counts.map(|(discovered, _)| discovered);
            assert_eq!(found["assets_discovered"], json!(discovered), "{found}");
        }
    }
}

/// The instant as the report writes it: six digits, or fewer where they are zeros.
fn micros(ticks: i64) -> Value {
    crate::oracle::times::json_time(Some(utc(ticks)))
}
