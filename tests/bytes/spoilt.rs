//! One wrong byte, anywhere.

use rundown::input::{InputOptions, load};

use crate::case::{Run, runs};
use crate::common::small::{HEADER, gzip, put, row};
use crate::encodings::{marked, utf16le};
use crate::{array, csv, ndjson, page};

/// Bytes that mean something to some reader.
const WRONG: &[u8] = b"\0\t\n\r\",;:\\{}[]0 \xff";

/// What is left of a file with a wrong byte.
struct Left {
    /// Where the byte is.
    at: usize,
    what: String,
    runs: Vec<Run>,
    /// A record is set aside, or the whole file is refused.
    told: bool,
}

/// Whether what is left of a file is as it should be, for each place of a wrong byte. Each place gets some of the bytes.
#[track_caller]
fn each_spoilt(name: &str, bytes: &[u8], is_right: impl Fn(&Left) -> bool) {
    let folder = tempfile::tempdir().unwrap();
    let mut faults = Vec::new();
    for at in 0..bytes.len() {
        for step in 0..3 {
            let wrong = WRONG[(at + 6 * step) % WRONG.len()];
            let mut spoilt = bytes.to_vec();
            if std::mem::replace(&mut spoilt[at], wrong) == wrong {
                continue;
            }
            let path = put(folder.path(), name, &spoilt);
            let what = format!("byte {at} of {name} as {:?}", char::from(wrong));
            let loaded = load(&[path], &InputOptions::default()).unwrap();
            let read: i64 = loaded.files.iter().map(|file| file.tally.read).sum();
            let runs = runs(&loaded);
            let rejects: i64 = loaded.files.iter().map(|file| file.rejects.total).sum();
            assert_eq!(i64::try_from(runs.len()).unwrap() + rejects, read, "{what}");
            let refused = loaded.skipped.iter().any(|file| file.unexpected);
            let left = Left {
                at,
                what,
                runs,
                told: refused || rejects > 0,
            };
            if !is_right(&left) {
                faults.push(format!("{}: {:?}", left.what, left.runs));
            }
        }
    }
    assert!(
        faults.is_empty(),
        "{} places\n{}",
        faults.len(),
        faults.join("\n")
    );
}

impl Left {
    /// The numbers of the good runs that are there, unchanged but for their lines.
    fn there(&self) -> Vec<u32> {
        let unchanged = |number: &u32| {
            let good = Run::good(*number);
            self.runs.iter().any(|run| {
                let line = good.line;
                Run {
                    line,
                    ..run.clone()
                } == good
            })
        };
        (1..=3).filter(unchanged).collect()
    }

    /// Every run is there, or something is said of those that are not.
    fn is_told(&self, runs: usize) -> bool {
        self.runs.len() == runs || self.told
    }
}

/// The number of the row or line in which a byte stands, from 1; 0 for the header.
fn row_of(text: &str, at: usize) -> u32 {
    let line = text[..at].matches('\n').count();
    u32::try_from(line).unwrap()
}

#[test]
fn a_wrong_byte_in_a_row_costs_at_most_that_row() {
    let text = csv();
    each_spoilt("runs.csv", text.as_bytes(), |left| {
        let row = row_of(&text, left.at);
        // Without its end, a row takes the next one with it.
        let ends_a_row = text.as_bytes()[left.at] == b'\n';
        let hit = |other| row == 0 || other == row || (ends_a_row && other == row + 1);
        let there = left.there();
        left.is_told(3) && (1..=3).all(|other| hit(other) || there.contains(&other))
    });
}

#[test]
fn a_wrong_byte_in_a_line_of_json_costs_at_most_that_line() {
    let text = ndjson();
    each_spoilt("runs.ndjson", text.as_bytes(), |left| {
        let line = row_of(&text, left.at) + 1;
        let ends_a_line = text.as_bytes()[left.at] == b'\n';
        // The first byte says what the file is.
        let hit = |other| left.at == 0 || other == line || (ends_a_line && other == line + 1);
        let there = left.there();
        left.is_told(3) && (1..=3).all(|other| hit(other) || there.contains(&other))
    });
}

#[test]
fn a_wrong_byte_in_a_document_costs_nothing_before_it_and_nothing_in_silence() {
    for (name, text) in [("runs.json", array()), ("page.json", page())] {
        each_spoilt(name, text.as_bytes(), |left| {
            // A byte that is no UTF-8 costs the whole document.
            let no_text = left.what.ends_with("'ÿ'");
            let there = left.there();
            let mut before = 1..row_of(&text, left.at).min(4);
            left.is_told(3) && (no_text || before.all(|run| there.contains(&run)))
        });
    }
}

#[test]
fn a_wrong_byte_in_utf_16_and_in_gzip_is_read_or_named() {
    let short = format!("{HEADER}\n{}\n{}\n", row(1), row(2));
    for (name, bytes) in [
        ("runs.csv", marked(b"\xff\xfe", utf16le(&short))),
        ("bare.csv", utf16le(&short)),
        ("runs.csv.gz", gzip(short.as_bytes())),
    ] {
        each_spoilt(name, &bytes, |left| left.is_told(2));
    }
}
