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

/// The bytes as zstd, with the sum of them at the end or without.
fn zst(bytes: &[u8], with_sum: bool) -> Vec<u8> {
    use std::io::Write as _;
    let mut encoder = zstd::Encoder::new(Vec::new(), 3).unwrap();
    encoder.include_checksum(with_sum).unwrap();
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

#[test]
fn a_zstd_file_cut_anywhere_is_refused_whole() {
    let text = format!("{HEADER}\n{}\n", nine(row).join("\n"));
    for with_sum in [true, false] {
        each_cut(
            "runs.csv.zst",
            &zst(text.as_bytes(), with_sum),
            |length, books| {
                assert_eq!(books, None, "cut to {length}");
            },
        );
    }
}

#[test]
fn a_zstd_file_with_any_one_bit_changed_is_refused_or_read_and_with_a_sum_never_otherwise() {
    let text = format!("{HEADER}\n{}\n", nine(row).join("\n"));
    let folder = tempfile::tempdir().unwrap();
    for with_sum in [true, false] {
        let whole = zst(text.as_bytes(), with_sum);
        let expected = load(&put(folder.path(), "runs.csv.zst", &whole));
        let mut refused = 0;
        for bit in 0..whole.len() * 8 {
            let mut bytes = whole.clone();
            bytes[bit / 8] ^= 1 << (bit % 8);
            // Without a mark of zstd it is a file of some other kind.
            let books = load(&put(folder.path(), "runs.csv.zst", &bytes));
            refused += usize::from(books.is_none());
            if with_sum && books.is_some() {
                assert_eq!(books, expected, "bit {bit} of {}", whole.len() * 8);
            }
        }
        assert!(
            refused > whole.len() * 4,
            "{refused} of {}",
            whole.len() * 8
        );
    }
}

#[test]
fn utf_16_cut_anywhere_keeps_its_whole_rows() {
    let text = format!("{HEADER}\n{}\n", nine(row).join("\n"));
    let units: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let bytes = [b"\xff\xfe".as_slice(), &units].concat();
    let body = HEADER.len() + 1;
    each_cut("runs.csv", &bytes, |length, books| {
        let read = &text[..length.saturating_sub(2) / 2];
        let whole = count(read.matches('\n').count()) - 1;
        let Some(books) = books else {
            assert!(whole <= 0, "cut to {length}");
            return;
        };
        assert!(
            (whole..=whole + 1).contains(&books.used),
            "cut to {length}: {books:?}"
        );
        // Half a character is what is left of a row too.
        let started = read.len() >= body && (!read.ends_with('\n') || length % 2 == 1);
        assert_eq!(
            books.read,
            whole + i64::from(started),
            "cut to {length}: {books:?}"
        );
    });
}

fn sample(path: &str) -> Vec<u8> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("sample_data");
    std::fs::read(folder.join(path)).unwrap()
}

#[test]
fn an_answer_of_purview_cut_anywhere_keeps_whole_runs_only() {
    let page: serde_json::Value =
        serde_json::from_slice(&sample("purview-pg-webshop-page-1.json")).unwrap();
    let runs = &page["value"].as_array().unwrap()[..2];
    let first = runs[0].to_string();
    let text = format!(
        "{{\"value\":[{first},{}],\"count\":2,\"nextLink\":null}}",
        runs[1]
    );
    let ends = [
        10 + first.len(),
        text.len() - "],\"count\":2,\"nextLink\":null}".len(),
    ];
    assert!(ends.iter().all(|end| text[..*end].ends_with('}')));
    each_cut("page.json", text.as_bytes(), |length, books| {
        let whole = count(ends.iter().filter(|end| **end <= length).count());
        match books {
            Some(books) => {
                assert!(books.rejected >= 1, "cut to {length}: {books:?}");
                assert!(books.used <= whole, "cut to {length}: {books:?}");
            }
            None => assert!(whole < 2, "cut to {length}"),
        }
    });
}

#[test]
fn events_of_azure_monitor_cut_anywhere_keep_their_whole_lines() {
    let bytes = sample("azure-monitor/contoso-purview/y=2026/m=11/d=17/h=02/m=00/PT1H.json");
    let text = String::from_utf8(bytes).unwrap();
    let lines: Vec<&str> = text.lines().take(2).collect();
    let text = format!("{}\n", lines.join("\n"));
    each_cut("PT1H.json", text.as_bytes(), |length, books| {
        let cut = text[..length].lines();
        let is_whole = |line: &&str| serde_json::from_str::<serde_json::Value>(line).is_ok();
        let (all, whole) = (cut.clone().count(), cut.filter(is_whole).count());
        match books {
            Some(books) => {
                let kept = books.used + books.superseded + books.outside_window;
                let expected = (count(whole), count(all - whole));
                assert_eq!(
                    (kept, books.rejected),
                    expected,
                    "cut to {length}: {books:?}"
                );
            }
            None => assert_eq!(whole, 0, "cut to {length}"),
        }
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
