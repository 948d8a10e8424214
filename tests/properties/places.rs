//! Where and how a report is made does not matter: the format of the files, and the machine.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::{Value, json};

use crate::common::generate::case;
use crate::common::report::{assert_same, run};
use crate::common::write::{self, Row, TimeStyle};
use crate::{csv, rows};

/// The arguments that show the most.
const ALL: [&str; 6] = ["--tz", "Europe/Berlin", "--last", "all", "--by", "week"];

fn zst(bytes: &[u8]) -> Vec<u8> {
    zstd::encode_all(bytes, 3).unwrap()
}

fn gz(bytes: &[u8]) -> Vec<u8> {
    crate::common::small::gzip(bytes)
}

/// The rows as the answer of an API.
fn envelope(rows: &[Row]) -> Vec<u8> {
    let objects: Vec<Value> = rows
        .iter()
        .map(|row| write::json_object(row, TimeStyle::Zulu))
        .collect();
    serde_json::to_vec(&json!({"value": objects, "nextLink": null})).unwrap()
}

#[test]
fn every_format_plain_or_compressed_gives_the_same_sections() {
    for seed in [4] {
        let rows = case(seed).rows;
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        write::json(&at("array.json"), &rows, TimeStyle::Zulu);
        write::ndjson(&at("lines.ndjson"), &rows, TimeStyle::Zulu);
        write::parquet(&at("table.parquet"), &rows);
        std::fs::write(at("page.json"), envelope(&rows)).unwrap();
        let first = csv(folder.path(), "plain.csv", &rows);
        let expected = run(folder.path(), std::slice::from_ref(&first), &ALL);
        for name in [
            "plain.csv",
            "array.json",
            "lines.ndjson",
            "page.json",
            "table.parquet",
        ] {
            let bytes = std::fs::read(at(name)).unwrap();
            for (ending, bytes) in [
                ("", bytes.clone()),
                (".gz", gz(&bytes)),
                (".zst", zst(&bytes)),
            ] {
                let path = at(&format!("{name}{ending}"));
                std::fs::write(&path, bytes).unwrap();
                let other = run(folder.path(), std::slice::from_ref(&path), &ALL);
                assert_same(&expected, &other, &format!("seed {seed}: {name}{ending}"));
                assert_eq!(
                    expected.books(),
                    other.books(),
                    "seed {seed}: {name}{ending}"
                );
            }
        }
    }
}

#[test]
fn what_is_converted_and_read_again_is_the_same() {
    for seed in [7] {
        let folder = tempfile::tempdir().unwrap();
        let file = csv(folder.path(), "runs.csv", &rows(seed));
        let first = run(folder.path(), std::slice::from_ref(&file), &ALL);
        for name in ["again.parquet", "again.csv", "again.ndjson"] {
            let output = program(folder.path())
                .arg("convert")
                .arg(&file)
                .args(["-o", name])
                .output()
                .unwrap();
            assert!(output.status.success(), "{output:?}");
            let again = run(folder.path(), &[folder.path().join(name)], &ALL);
            // Reconciled once, there is nothing left to reconcile, and every number stays.
            for key in ["figures", "previous", "portal"] {
                let of = |report: &crate::common::report::Report| {
                    report.json["sections"]["overview"][key].clone()
                };
                assert_eq!(of(&first), of(&again), "seed {seed}: {name}, {key}");
            }
            for section in ["outcomes", "gaps", "durations", "scans"] {
                assert_eq!(
                    first.sections[section], again.sections[section],
                    "seed {seed}: {name}, {section}"
                );
            }
            assert_eq!(again.books()["superseded"], 0, "seed {seed}: {name}");
        }
    }
}

/// The program in a folder, with nothing of the caller's environment but what Windows needs to start one.
fn program(folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_rundown"));
    command
        .current_dir(folder)
        .env_clear()
        .envs(std::env::var_os("SystemRoot").map(|root| ("SystemRoot", root)));
    command
}

/// Every format of a report and what is printed, by a call that may be changed.
fn outputs(folder: &Path, files: &[PathBuf], change: impl Fn(&mut Command)) -> Vec<Vec<u8>> {
    let names = ["out.html", "out.md", "out.json", "out.txt"];
    let mut command = program(folder);
    command.arg("report").args(files).args(ALL);
    for name in names {
        command.args(["-o", name]);
    }
    change(&mut command);
    let done = command.output().unwrap();
    assert!(done.status.success(), "{done:?}");
    let mut bytes = vec![done.stdout, done.stderr];
    bytes.extend(names.map(|name| std::fs::read(folder.join(name)).unwrap()));
    let mut summary = program(folder);
    summary.arg("summary").args(files).args(ALL);
    change(&mut summary);
    bytes.push(summary.output().unwrap().stdout);
    bytes
}

/// Where a program may be bound to one processor.
fn on_one_processor(folder: &Path, files: &[PathBuf]) -> Option<Vec<Vec<u8>>> {
    let taskset = Path::new("/usr/bin/taskset");
    if !taskset.exists() {
        return None;
    }
    // The same calls, begun by taskset.
    Some(outputs(folder, files, |command| {
        let args: Vec<_> = command.get_args().map(ToOwned::to_owned).collect();
        let mut bound = Command::new(taskset);
        bound
            .args(["-c", "0"])
            .arg(command.get_program())
            .args(args);
        bound.current_dir(folder).env_clear();
        *command = bound;
    }))
}

#[test]
fn the_machine_changes_no_byte() {
    let folder = tempfile::tempdir().unwrap();
    let mut files = Vec::new();
    for seed in 40..46 {
        files.push(csv(folder.path(), &format!("{seed}.csv"), &rows(seed)));
        let path = folder.path().join(format!("{seed}.ndjson"));
        write::ndjson(&path, &case(seed + 20).rows, TimeStyle::Zulu);
        files.push(path);
    }
    let first = outputs(folder.path(), &files, |_| {});
    assert!(first[2].len() > 20_000 && first[4].len() > 20_000);
    for variables in [
        &[("POLARS_MAX_THREADS", "1"), ("RAYON_NUM_THREADS", "1")][..],
        &[("POLARS_MAX_THREADS", "7"), ("RAYON_NUM_THREADS", "7")],
        &[("TZ", "Pacific/Auckland")],
        &[
            ("LANG", "tr_TR.UTF-8"),
            ("LC_ALL", "de_DE.UTF-8"),
            ("LANGUAGE", "de"),
        ],
        &[("COLUMNS", "20"), ("LINES", "5"), ("TERM", "dumb")],
        &[
            ("COLUMNS", "400"),
            ("NO_COLOR", "1"),
            ("HOME", "/nonexistent"),
            ("USER", "nobody"),
        ],
    ] {
        let other = outputs(folder.path(), &files, |command| {
            command.envs(variables.iter().copied());
        });
        for (at, (first, other)) in first.iter().zip(&other).enumerate() {
            assert!(first == other, "output {at} differs with {variables:?}");
        }
    }
    if let Some(other) = on_one_processor(folder.path(), &files) {
        assert!(first == other, "one processor makes another report");
    }
}
