//! Each code in each format in which it can occur.

use std::collections::BTreeSet;

use rundown::mapping::reject::Code;

use crate::cases::{Case, csv, encoding, number, structure, time};
use crate::{HEADER, gzip, put, run};

fn check(case: &Case, file: &str, bytes: &[u8]) {
    let what = format!(
        "{} {} in {file}: {:?}",
        case.code,
        case.value,
        String::from_utf8_lossy(bytes)
    );
    let folder = tempfile::tempdir().unwrap();
    put(folder.path(), file, bytes);
    let args = [case.args, &["--last", "all"]].concat();
    let ran = run(folder.path(), &[file], &args);
    assert_eq!(
        ran.output.status.code(),
        Some(0),
        "{what}\n{}",
        ran.stderr()
    );
    let json = ran.json.as_ref().unwrap();
    let inputs = &json["sections"]["inputs"];
    let rejects = inputs["rejects"].as_array().unwrap();
    assert_eq!(rejects.len(), 1, "{what}\n{rejects:?}");
    let reject = &rejects[0];
    assert_eq!(reject["path"], file, "{what}");
    assert_eq!(reject["code"], case.code, "{what}\n{reject}");
    assert_eq!(reject["line"], case.line, "{what}\n{reject}");
    assert_eq!(reject["column"].as_str(), case.column, "{what}\n{reject}");
    assert_eq!(
        reject["value"].as_str().unwrap_or_default(),
        case.value,
        "{what}"
    );
    assert!(!reject["hint"].as_str().unwrap().is_empty(), "{what}");

    // A text tells the bytes before the record, which begins its line; a delimited one the number of the column.
    let text = !file.contains("parquet");
    let byte = text.then(|| {
        let before = case.bytes.split_inclusive(|&byte| byte == b'\n');
        before
            .take(usize::try_from(case.line).unwrap() - 1)
            .flatten()
            .count()
    });
    assert_eq!(reject["byte"].as_u64(), byte.map(|n| n as u64), "{what}");
    let names = HEADER.split(',');
    let index = case.column.filter(|_| file.contains("csv"));
    let index = index.and_then(|column| Some(1 + names.clone().position(|name| name == column)?));
    assert_eq!(reject["index"].as_u64(), index.map(|n| n as u64), "{what}");

    let number = index.map(|index| format!(" {index}")).unwrap_or_default();
    let column = case
        .column
        .map(|column| format!(", column{number} {column:?}"))
        .unwrap_or_default();
    let byte = byte
        .map(|byte| format!(", byte {byte}"))
        .unwrap_or_default();
    let place = format!(
        "warning: {file}:{}{byte}{column}: {}
",
        case.line, case.code
    );
    assert!(ran.stderr().contains(&place), "{what}\n{}", ran.stderr());
    if !case.value.is_empty() {
        let found = format!("found {:?}\n", case.value);
        assert!(ran.stderr().contains(&found), "{what}\n{}", ran.stderr());
    }

    // Three records: the two good ones are used.
    let books = &inputs["reconciliation"];
    assert_eq!(
        (&books["read"], &books["used"]),
        (&3.into(), &2.into()),
        "{what}\n{books}"
    );
    assert_eq!(
        (&books["rejected"], &books["balanced"]),
        (&1.into(), &true.into()),
        "{what}"
    );
    let mut ids: Vec<_> = json["sections"]["runs"]["runs"]
        .as_array()
        .unwrap()
        .iter()
        .map(|run| run["run_id"].as_str().unwrap_or_default())
        .collect();
    ids.sort_unstable();
    assert_eq!(ids, ["good-1", "good-2"], "{what}");
}

fn check_all(cases: &[Case]) {
    for case in cases {
        check(case, case.file, &case.bytes);
        check(case, &format!("{}.gz", case.file), &gzip(&case.bytes));
    }
}

#[test]
fn records_of_a_wrong_structure_are_set_aside_one_by_one() {
    check_all(&structure());
}

#[test]
fn bytes_that_are_not_utf_8_are_named() {
    check_all(&encoding());
}

#[test]
fn times_that_are_none_are_named() {
    check_all(&time());
}

#[test]
fn numbers_that_are_none_are_named() {
    check_all(&number());
}

#[test]
fn every_code_has_a_case() {
    let cases = [structure(), encoding(), time(), number()].concat();
    let met: BTreeSet<&str> = cases
        .iter()
        .map(|case| case.code)
        .chain(crate::whole::CODES)
        .chain(crate::bounds::CODES)
        .chain(crate::kinds::CODES)
        .collect();
    let all: BTreeSet<&str> = Code::ALL.iter().map(|code| code.key()).collect();
    assert_eq!(met, all);
}

#[test]
fn the_same_bad_records_end_with_3_when_they_are_more_than_the_limit() {
    let folder = tempfile::tempdir().unwrap();
    put(
        folder.path(),
        "runs.csv",
        csv("daily,x,failed,noon,1").as_bytes(),
    );
    for (most, code) in [("0", 3), ("1", 0), ("33%", 3), ("34%", 0)] {
        let output = std::process::Command::new(env!("CARGO_BIN_EXE_rundown"))
            .current_dir(folder.path())
            .env_clear()
            .envs(std::env::var_os("SystemRoot").map(|root| ("SystemRoot", root)))
            .args([
                "report",
                "runs.csv",
                "-o",
                "out.json",
                "--max-rejects",
                most,
            ])
            .output()
            .unwrap();
        assert_eq!(output.status.code(), Some(code), "{most}");
        assert!(folder.path().join("out.json").exists(), "{most}");
    }
}

#[test]
fn a_long_value_is_cut_and_a_secret_in_it_is_masked() {
    let long = "x".repeat(5000);
    let secret = "Password=Tr0ub4dor-and-3;";
    for (value, shown) in [(long.as_str(), "xxx"), (secret, "")] {
        let folder = tempfile::tempdir().unwrap();
        put(
            folder.path(),
            "runs.csv",
            csv(&format!("daily,x,failed,{value},1")).as_bytes(),
        );
        let ran = run(folder.path(), &["runs.csv"], &[]);
        let text = ran.json.as_ref().unwrap()["sections"]["inputs"]["rejects"].to_string();
        for text in [&text, &ran.stderr()] {
            assert!(text.contains(shown) && text.len() < 2000, "{text}");
            assert!(!text.contains("Tr0ub4dor"), "{text}");
        }
    }
}

#[test]
fn what_a_log_says_does_not_steer_the_terminal() {
    let folder = tempfile::tempdir().unwrap();
    let evil = "\u{1b}[2J\u{1b}]0;owned\u{7}noon\u{9b}31m";
    put(
        folder.path(),
        "runs.csv",
        csv(&format!("daily,x,failed,{evil},1")).as_bytes(),
    );
    let ran = run(folder.path(), &["runs.csv"], &[]);
    assert!(ran.stderr().contains("noon"));
    for evil in ['\u{1b}', '\u{7}', '\u{9b}'] {
        assert!(!ran.stderr().contains(evil), "{:?}", ran.stderr());
    }
}
