//! Files that are cut at each of their bytes, as by a full disk or a broken copy.

use std::path::Path;

use rundown::runs::schema::Field;
use rundown::sections::inputs::Reconciliation;

use crate::{HEADER, T, counts, gzip, object, options, put, row, run, three, times};

/// What the library makes of a file: its books, or `None` when nothing of it can be used.
fn load(path: &Path) -> Option<Reconciliation> {
    match rundown::load(&options(path)) {
        Ok(log) => {
            let totals = rundown::totals(&log);
            assert!(totals.balanced, "{totals:?}");
            Some(totals)
        }
        Err(error) => {
            assert!(error.is::<rundown::Unusable>(), "{error:#}");
            None
        }
    }
}

/// Calls a function with each length and the books of the file cut to it.
fn each_cut(name: &str, bytes: &[u8], check: impl Fn(usize, Option<Reconciliation>)) {
    let folder = tempfile::tempdir().unwrap();
    for length in 0..bytes.len() {
        let path = put(folder.path(), name, &bytes[..length]);
        check(length, load(&path));
    }
    let whole = load(&put(folder.path(), name, bytes)).expect("the whole file is good");
    assert_eq!(
        (whole.rejected, whole.used > 0),
        (0, true),
        "{name}: {whole:?}"
    );
    // The program itself ends in the same way.
    for part in 1..6 {
        put(folder.path(), name, &bytes[..bytes.len() * part / 6]);
        let ran = run(folder.path(), &[name], &[]);
        let code = ran.output.status.code();
        assert!(
            matches!(code, Some(0 | 3)),
            "{name} {part}/6: {code:?}\n{}",
            ran.stderr()
        );
        assert_eq!(ran.json.is_some(), code == Some(0), "{name} {part}/6");
    }
}

/// Nine runs.
fn nine<T>(of: impl Fn(u32) -> T) -> Vec<T> {
    (1..=9).map(of).collect()
}

fn count(number: usize) -> i64 {
    i64::try_from(number).unwrap()
}

#[test]
fn a_csv_file_cut_anywhere_keeps_its_whole_rows() {
    let text = format!("{HEADER}\n{}\n", nine(row).join("\n"));
    assert!(text.len() > 400);
    let body = HEADER.len() + 1;
    each_cut("runs.csv", text.as_bytes(), |length, books| {
        let whole = count(text[body.min(length)..length].matches('\n').count());
        let Some(books) = books else {
            assert_eq!(whole, 0, "cut to {length}");
            return;
        };
        // The last row is cut: rejected, or used if what is left of it is a row.
        assert!(
            (whole..=whole + 1).contains(&books.used),
            "cut to {length}: {books:?}"
        );
        let started = length > body && !text[..length].ends_with('\n');
        assert_eq!(
            books.read,
            whole + i64::from(started),
            "cut to {length}: {books:?}"
        );
    });
}

#[test]
fn a_json_array_cut_anywhere_keeps_its_whole_objects_and_nothing_of_a_cut_one() {
    let text = format!("[\n{}\n]", nine(object).join(",\n"));
    each_cut("runs.json", text.as_bytes(), |length, books| {
        let whole = count(text[..length].matches('}').count());
        match books {
            Some(books) => {
                assert_eq!((books.used, books.rejected), (whole, 1), "cut to {length}");
            }
            None => assert_eq!(whole, 0, "cut to {length}"),
        }
    });
}

#[test]
fn an_api_answer_cut_anywhere_is_one_reject_or_keeps_whole_records() {
    let text = format!(
        "{{\"value\":[\n{}\n],\"nextLink\":null}}",
        nine(object).join(",\n")
    );
    each_cut("page.json", text.as_bytes(), |length, books| {
        if let Some(books) = books {
            let whole = count(text[..length].matches("},").count()) + 1;
            assert!(books.used <= whole, "cut to {length}: {books:?}");
            assert!(books.rejected >= 1, "cut to {length}: {books:?}");
        }
    });
}

#[test]
fn ndjson_cut_anywhere_keeps_its_whole_lines_and_nothing_of_a_cut_one() {
    let text = format!("{}\n", nine(object).join("\n"));
    each_cut("runs.ndjson", text.as_bytes(), |length, books| {
        let whole = count(text[..length].matches('}').count());
        let partial = text[..length]
            .lines()
            .last()
            .is_some_and(|line| !line.ends_with('}'));
        match books {
            Some(books) => {
                let expected = (whole, i64::from(partial));
                assert_eq!((books.used, books.rejected), expected, "cut to {length}");
            }
            None => assert_eq!(whole, 0, "cut to {length}"),
        }
    });
}

#[test]
fn a_gzip_file_cut_anywhere_is_refused_whole() {
    let text = format!("{HEADER}\n{}\n", nine(row).join("\n"));
    each_cut("runs.csv.gz", &gzip(text.as_bytes()), |length, books| {
        assert_eq!(books, None, "cut to {length}");
    });
}

#[test]
fn a_parquet_file_cut_anywhere_is_refused_whole() {
    let table = three(Some(b"x"), Some(b"failed"), times(Some(T)), counts(Some(3)));
    each_cut("runs.parquet", &table, |length, books| {
        assert_eq!(books, None, "cut to {length}");
    });
}

#[test]
fn whatever_is_used_of_a_cut_json_file_is_what_the_whole_file_says() {
    let text = format!("[\n{}\n]", nine(object).join(",\n"));
    let folder = tempfile::tempdir().unwrap();
    let path = put(
        folder.path(),
        "runs.json",
        &text.as_bytes()[..text.len() * 2 / 3],
    );
    let log = rundown::load(&options(&path)).unwrap();
    let frame = log.prepared.runs.frame();
    let column = |field: Field| {
        let cells = frame.column(field.key()).unwrap().as_materialized_series();
        cells
            .iter()
            .map(|cell| cell.to_string())
            .collect::<Vec<_>>()
    };
    let ids: Vec<String> = (1..=column(Field::RunId).len())
        .map(|at| format!("\"good-{at}\""))
        .collect();
    assert_eq!(column(Field::RunId), ids);
    let counts: Vec<String> = (1..=ids.len()).map(|at| at.to_string()).collect();
    assert_eq!(column(Field::RowCount), counts);
}
