//! What is tried with arbitrary bytes, and what must hold whatever they are. Nothing here may panic, hang or grow
//! without bounds; each function says what it asserts beyond that.
//!
//! `cargo fuzz` runs each of [`TARGETS`] for as long as one likes; `cargo test --test fuzz` runs all of them on the seeds
//! and on some thousand changed ones.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rundown::errors;
use rundown::input::decode::{decompress, text};
use rundown::input::layout::layout;
use rundown::input::{InputOptions, load};
use rundown::mapping::numbers;
use rundown::mapping::time::{DateOrder, Time, TimeRules, parse, parse_as};
use rundown::mapping::values::Value;
use rundown::render::{Format, charts, csv, format, render, summary};
use rundown::{Options, Unusable};

/// One function that is tried, by its name.
pub type Target = (&'static str, fn(&Path, &[u8]));

/// Everything that is tried. The folder is for files that a function writes.
pub const TARGETS: &[Target] = &[
    ("bytes", bytes),
    ("csv", csv_rows),
    ("json", json),
    ("ndjson", ndjson),
    ("parquet", parquet),
    ("gzip", gzip),
    ("zstd", zstd),
    ("time", time),
    ("number", number),
    ("mask", mask),
    ("signature", signature),
    ("category", category),
    ("render", renderers),
    ("pipeline", pipeline),
];

/// Runs one of the targets. Panics for a name that none has.
pub fn run(name: &str, folder: &Path, data: &[u8]) {
    let (_, target) = TARGETS
        .iter()
        .find(|(known, _)| *known == name)
        .unwrap_or_else(|| panic!("there is no target {name}"));
    target(folder, data);
}

/// Reads one file. Every record of it is a run or a reject.
fn read(folder: &Path, name: &str, data: &[u8]) {
    let path = folder.join(name);
    fs::write(&path, data).expect("the scratch folder takes a file");
    let loaded = load(&[path], &InputOptions::default()).expect("a file that can be opened");
    let kept: i64 = loaded
        .files
        .iter()
        .map(|file| file.tally.read - file.rejects.total)
        .sum();
    assert_eq!(i64::try_from(loaded.records.len()).ok(), Some(kept));
    assert_eq!(loaded.files.len() + loaded.skipped.len(), 1);
    for reject in loaded.files.iter().flat_map(|file| &file.rejects.kept) {
        assert!(!reject.hint.is_empty());
        assert!(reject.value.chars().count() <= 121, "{:?}", reject.value);
    }
}

/// Compression, encoding and layout are found, or it is said why not.
fn bytes(_folder: &Path, data: &[u8]) {
    let Ok((_, from)) = decompress(data, data.len() as u64) else {
        return;
    };
    if let Ok(Ok(mut decoded)) = text(from, None) {
        let mut all = Vec::new();
        if decoded.from.read_to_end(&mut all).is_ok()
            && let Ok(layout) = layout(&all, |names| Ok(names.len()))
        {
            assert!(layout.note().is_none_or(|note| !note.is_empty()));
        }
    }
}

fn csv_rows(folder: &Path, data: &[u8]) {
    read(folder, "runs.csv", data);
}

fn json(folder: &Path, data: &[u8]) {
    read(folder, "runs.json", data);
}

fn ndjson(folder: &Path, data: &[u8]) {
    read(folder, "runs.ndjson", data);
}

fn parquet(folder: &Path, data: &[u8]) {
    read(folder, "runs.parquet", data);
}

fn gzip(folder: &Path, data: &[u8]) {
    read(folder, "runs.csv.gz", data);
}

fn zstd(folder: &Path, data: &[u8]) {
    read(folder, "runs.csv.zst", data);
}

/// A time that is read lies in the years 2000 to 2100, and an instant with its zone does not depend on the rules.
fn time(_folder: &Path, data: &[u8]) {
    let Ok(value) = std::str::from_utf8(data) else {
        return;
    };
    let first = 946_684_800_000_000;
    let last = 4_133_980_800_000_000;
    let rules = [
        None,
        Some(chrono_tz::Europe::Berlin),
        Some(chrono_tz::Africa::Cairo),
    ]
    .into_iter()
    .flat_map(|zone| {
        [None, Some(DateOrder::Dmy), Some(DateOrder::Mdy)].map(|order| TimeRules { zone, order })
    });
    for rules in rules {
        if let Ok(Time::Instant(micros) | Time::Folded(micros)) = parse(value, rules) {
            // A local time is up to a day away from its instant.
            let day = 86_400_000_000;
            assert!(
                (first - day..last + day).contains(&micros),
                "{value:?}: {micros}"
            );
            let written = chrono::DateTime::from_timestamp_micros(micros)
                .expect("a year between 2000 and 2100")
                .to_rfc3339();
            assert_eq!(
                parse(&written, rules),
                Ok(Time::Instant(micros)),
                "{written}"
            );
        }
    }
    if let Some((format, value)) = value.split_once('\n') {
        let _read = parse_as(value, format, TimeRules::default());
    }
}

/// A plain whole number is read as itself.
fn number(_folder: &Path, data: &[u8]) {
    let Ok(value) = std::str::from_utf8(data) else {
        return;
    };
    let read = numbers::read(&Value::Text(value.into()), None, None);
    if let Ok(plain) = value.parse::<i64>()
        && value == plain.to_string()
        && plain >= 0
    {
        assert!(
            matches!(read, Ok((Some(number), _)) if number == plain),
            "{value}"
        );
    }
}

/// Hiding what is hidden changes nothing, with tokens and without, and a key hides the same as none.
fn mask(_folder: &Path, data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let once = errors::mask(&text);
    assert_eq!(errors::mask(&once), once, "{text:?}");
    let classes: errors::Classes = "all".parse().expect("all classes");
    let privacy = errors::Privacy::new(classes, None);
    let hidden = privacy.hide(&once).into_owned();
    assert_eq!(privacy.hide(&hidden), hidden, "{text:?}");
    let key = errors::RedactKey::new(b"sixteen bytes or").expect("a long key");
    let masker = errors::Masker::new(Some(Arc::new(key)));
    let keyed = masker.mask(&text).into_owned();
    assert_eq!(masker.mask(&keyed), keyed, "{text:?}");
    // The key adds tokens, and nothing else.
    assert_eq!(
        errors::without_tokens(&keyed),
        errors::without_tokens(&once),
        "{text:?}"
    );
}

/// A signature is one line of at most so much text, and its id is ten hexadecimal digits.
fn signature(_folder: &Path, data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let masked = errors::mask(&text);
    let signature = errors::signature(&masked);
    assert_eq!(signature, errors::signature(&masked));
    assert!(!signature.contains('\n'), "{signature:?}");
    let id = errors::signature_id(&signature);
    assert!(id.len() == 10 && id.bytes().all(|byte| byte.is_ascii_hexdigit()));
}

/// The rule that is named is the one that decides.
fn category(_folder: &Path, data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let (code, message) = text.split_once('\n').unwrap_or(("", &text));
    let rules = errors::ErrorRules::default();
    let verdict = rules.verdict(Some(code), Some(message));
    let category = rules.category(Some(code), Some(message));
    assert_eq!(
        verdict.map_or(errors::Category::Unknown, |verdict| verdict.category),
        category
    );
}

/// Makes the report of some files in every format. The books balance, and nothing of the log acts on its reader.
fn report(inputs: Vec<PathBuf>) {
    let options = Options {
        inputs,
        ..Options::default()
    };
    let log = match rundown::load(&options) {
        Ok(log) => log,
        Err(error) => {
            assert!(error.is::<Unusable>(), "{error:#}");
            return;
        }
    };
    let books = rundown::totals(&log);
    assert!(books.balanced, "{books:?}");
    let report = rundown::report(&log, &options).expect("a report");
    let html = render(&report, Format::Html).expect("a page");
    // The page has one script; what looks like one in a log is text.
    assert_eq!(html.matches("<script").count(), 1);
    assert!(!html.contains("<img") && !html.contains("<iframe") && !html.contains("<object"));
    let json = render(&report, Format::Json).expect("JSON");
    serde_json::from_str::<serde_json::Value>(&json).expect("JSON that can be read");
    let pages = [
        html,
        render(&report, Format::Markdown).expect("Markdown"),
        render(&report, Format::Text).expect("text"),
        summary(&report, false),
    ];
    for page in pages {
        assert_eq!(format::text(&page), page, "something unseen is in a report");
    }
    for file in charts::svg_files(&report, &report).expect("charts") {
        assert_eq!(
            format::text(&file.text),
            file.text,
            "something unseen is in a chart"
        );
        assert!(!file.text.contains("<script"));
    }
    for file in csv::csv_files(&report, &report).expect("tables") {
        let rows = ::csv::Reader::from_reader(file.text.as_bytes());
        for row in rows.into_records() {
            row.expect("a row with as many fields as the header");
        }
    }
}

/// The lines of the data are the names and texts of two runs.
fn renderers(folder: &Path, data: &[u8]) {
    let data = String::from_utf8_lossy(data);
    let mut texts = data.split('\n').chain(std::iter::repeat(""));
    let mut text = || texts.next().unwrap_or_default();
    let names = [
        "system",
        "account",
        "source",
        "source_type",
        "collection",
        "scan",
        "run_id",
        "parent_id",
        "run_type",
        "trigger",
        "category",
        "status",
        "error_code",
        "error_message",
        "file_reader",
    ];
    let path = folder.join("hostile.csv");
    let mut rows = ::csv::Writer::from_path(&path).expect("the scratch folder takes a file");
    rows.write_record(names.iter().copied().chain(["started_at"]))
        .expect("a row");
    for (status, day) in [
        ("failed", "2026-03-01"),
        ("", "2026-03-02"),
        ("failed", "2026-03-03"),
    ] {
        let row: Vec<&str> = names
            .iter()
            .map(|name| match (*name, status) {
                ("status", "failed") => status,
                _ => text(),
            })
            .collect();
        rows.write_record(row.into_iter().chain([day]))
            .expect("a row");
    }
    rows.flush().expect("the scratch folder takes a file");
    report(vec![path]);
}

/// Up to four files, which a line of three bells parts; the first byte of each is its ending.
fn pipeline(folder: &Path, data: &[u8]) {
    let mut inputs = Vec::new();
    let mut rest = data;
    while let (Some((kind, body)), true) = (rest.split_first(), inputs.len() < 4) {
        let end = body.windows(3).position(|bytes| bytes == b"\x07\x07\x07");
        let ending = [
            "csv", "json", "ndjson", "txt", "csv.gz", "json.zst", "parquet",
        ];
        let ending = ending[usize::from(*kind) % ending.len()];
        let path = folder.join(format!("{}.{ending}", inputs.len()));
        fs::write(&path, &body[..end.unwrap_or(body.len())])
            .expect("the scratch folder takes a file");
        inputs.push(path);
        rest = end.map_or(&[], |end| &body[end + 3..]);
    }
    report(inputs);
}
