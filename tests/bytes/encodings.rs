//! What a text is encoded in, and bytes that are no text.

use crate::case::{Case, check, good, refused};
use crate::common::small::gzip;
use crate::{array, csv, ndjson, texts};

pub(crate) const MARK: &[u8] = b"\xef\xbb\xbf";
const LITTLE: &[u8] = b"\xff\xfe";
const BIG: &[u8] = b"\xfe\xff";

pub(crate) fn utf16le(text: &str) -> Vec<u8> {
    text.encode_utf16().flat_map(u16::to_le_bytes).collect()
}

pub(crate) fn utf16be(text: &str) -> Vec<u8> {
    text.encode_utf16().flat_map(u16::to_be_bytes).collect()
}

fn utf32le(text: &str) -> Vec<u8> {
    let chars = text.chars().map(u32::from);
    chars.flat_map(u32::to_le_bytes).collect()
}

fn utf32be(text: &str) -> Vec<u8> {
    let chars = text.chars().map(u32::from);
    chars.flat_map(u32::to_be_bytes).collect()
}

/// Text of ASCII and a few other characters in windows-1252.
fn windows_1252(text: &str) -> Vec<u8> {
    let byte = |c| match c {
        'ä' => 0xe4,
        '€' => 0x80,
        '„' => 0x84,
        '“' => 0x93,
        '–' => 0x96,
        other => u8::try_from(other).unwrap(),
    };
    text.chars().map(byte).collect()
}

pub(crate) fn marked(mark: &[u8], bytes: impl AsRef<[u8]>) -> Vec<u8> {
    [mark, bytes.as_ref()].concat()
}

/// Every kind of text with scans of this name.
fn texts_with(scan: &str) -> impl Iterator<Item = (&'static str, String, [u32; 3])> {
    texts()
        .map(|(file, text, lines)| (file, text.replace("daily", scan), lines))
        .into_iter()
}

/// Scripts of one to four bytes; the last ones have the bytes of line breaks, quotes and commas as halves.
const SCANS: [&str; 6] = [
    "daily",
    "täglich €",
    "Ежедневное сканирование",
    "每日扫描",
    "nightly 😀\u{10ffff}",
    "\u{0a0d}\u{0d0a}\u{2c22}\u{222c}\u{0a2c}",
];

#[test]
fn utf_16_is_read_in_both_byte_orders_with_a_mark_and_without() {
    let mut cases = Vec::new();
    for scan in SCANS {
        for (file, text, lines) in texts_with(scan) {
            for (end, text) in [("LF", text.clone()), ("CRLF", text.replace('\n', "\r\n"))] {
                let (little, big) = (utf16le(&text), utf16be(&text));
                let what = |how: &str| format!("{file}, {scan:?}, {end}, UTF-16 {how}");
                let without = "UTF-16 without a byte order mark";
                cases.extend(
                    [
                        good(what("LE"), file, marked(LITTLE, &little)).says("utf-16le"),
                        good(what("BE"), file, marked(BIG, &big)).says("utf-16be"),
                        good(what("LE, no mark"), file, little)
                            .says("utf-16le")
                            .says(without),
                        good(what("BE, no mark"), file, big)
                            .says("utf-16be")
                            .says(without),
                    ]
                    .map(|case| case.scan(scan).lines(lines)),
                );
            }
        }
    }
    check(cases);
}

#[test]
fn utf_16_inside_gzip_is_read_as_well() {
    let cases = texts_with("täglich").map(|(file, text, lines)| {
        good(file, file, marked(LITTLE, utf16le(&text)))
            .scan("täglich")
            .lines(lines)
            .rewritten(".gz", "+gzip", gzip)
    });
    check(cases);
}

#[test]
fn what_is_broken_in_utf_16_costs_its_own_record() {
    let text = csv().replace("good-2", "good-2%");
    let (before, after) = text.split_once('%').unwrap();
    let lone = |unit: u16| {
        [
            LITTLE,
            &utf16le(before),
            &unit.to_le_bytes(),
            &utf16le(after),
        ]
        .concat()
    };
    let mut odd = marked(LITTLE, utf16le(csv().trim_end()));
    odd.pop();
    check([
        good("a lone high surrogate", "runs.csv", lone(0xd83d))
            .without(2)
            .reject(3, "E-ENCODING", ""),
        good("a lone low surrogate", "runs.csv", lone(0xde00))
            .without(2)
            .reject(3, "E-ENCODING", ""),
        good("cut inside a character", "runs.csv", odd)
            .without(3)
            .reject(4, "E-ENCODING", ""),
    ]);
}

#[test]
fn byte_order_marks_are_no_text() {
    let two = "two byte order marks";
    let mut cases = Vec::new();
    for (file, text, lines) in texts() {
        let little = marked(LITTLE, utf16le(&text));
        cases.extend(
            [
                good("one", file, marked(MARK, &text)),
                good("two", file, marked(MARK, marked(MARK, &text))).says(two),
                good("two of UTF-16", file, marked(LITTLE, little)).says(two),
            ]
            .map(|case| case.lines(lines)),
        );
    }
    let quoted = csv().replace("scan,run_id", "\"scan\",\"run_id\"");
    cases.extend([
        good("before a quoted header", "runs.csv", marked(MARK, quoted)),
        good(
            "before sep=",
            "runs.csv",
            marked(MARK, format!("sep=,\n{}", csv())),
        )
        .lines([3, 4, 5]),
        good(
            "before a title",
            "runs.csv",
            marked(MARK, format!("Runs\n\n{}", csv())),
        )
        .lines([4, 5, 6]),
    ]);
    check(cases);
}

#[test]
fn files_put_together_may_have_a_mark_in_the_middle() {
    let (header, rows) = {
        let text = csv();
        let (header, rows) = text.split_once('\n').unwrap();
        (format!("{header}\n"), rows.to_owned())
    };
    let (first, others) = rows.split_once('\n').unwrap();
    let both = [
        &marked(MARK, format!("{header}{first}\n"))[..],
        &marked(MARK, format!("{header}{others}")),
    ];
    let lines: Vec<_> = ndjson()
        .lines()
        .flat_map(|line| marked(MARK, format!("{line}\n")))
        .collect();
    let pages: Vec<_> = ndjson()
        .lines()
        .flat_map(|line| marked(MARK, format!("[{line}]\n")))
        .collect();
    check([
        good("CSV", "runs.csv", both.concat())
            .lines([2, 4, 5])
            .says("the header is repeated 1 time"),
        good("NDJSON", "runs.ndjson", lines).lines([1, 2, 3]),
        good("JSON arrays", "runs.json", pages).lines([1, 2, 3]),
    ]);
}

#[test]
fn utf_32_is_refused_with_what_to_do() {
    let mut cases = Vec::new();
    for (file, text, _) in texts_with("täglich") {
        for (order, mark, bytes) in [
            ("LE", &b"\xff\xfe\0\0"[..], utf32le(&text)),
            ("BE", b"\0\0\xfe\xff", utf32be(&text)),
        ] {
            cases.push(refused(
                format!("{file} {order}"),
                file,
                marked(mark, &bytes),
                "UTF-32; save the export as UTF-8",
            ));
            cases.push(refused(
                format!("{file} {order}, no mark"),
                file,
                bytes,
                "UTF-32; save the export as UTF-8",
            ));
        }
    }
    check(cases);
}

/// The middle one of three runs has this scan, in whatever encoding.
fn middle(text: &str, scan: &[u8]) -> Vec<u8> {
    let marked = text.replacen("daily", "%", 2).replacen('%', "daily", 1);
    let (before, after) = marked.split_once('%').unwrap();
    [before.as_bytes(), scan, after.as_bytes()].concat()
}

#[test]
fn bytes_that_are_no_utf_8_cost_their_own_row_or_line() {
    let hint = "--encoding windows-1252";
    let mut cases = Vec::new();
    for (what, scan) in [
        ("windows-1252", &b"t\xe4glich"[..]),
        ("a euro sign of windows-1252", b"\x80"),
        ("overlong", b"a\xc0\xafb"),
        ("a surrogate", b"\xed\xa0\x80"),
        ("beyond the last character", b"\xf4\x90\x80\x80"),
        ("a character cut short", b"\xe2\x82"),
        ("a lone continuation", b"\xbf"),
    ] {
        cases.push(
            good(what, "runs.csv", middle(&csv(), scan))
                .without(2)
                .reject(3, "E-ENCODING", hint),
        );
        cases.push(
            good(what, "runs.ndjson", middle(&ndjson(), scan))
                .without(2)
                .lines([1, 3])
                .reject(2, "E-ENCODING", hint),
        );
        // Nothing separates the records of an array but the text itself.
        cases.push(
            good(what, "runs.json", middle(&array(), scan))
                .runs([])
                .reject(3, "E-ENCODING", hint),
        );
    }
    let first = [
        &b"{\"scan\":\"t\xe4glich\",\"status\":\"failed\"}\n"[..],
        ndjson().as_bytes(),
    ]
    .concat();
    cases.push(good("in the first line", "runs.ndjson", first).reject(1, "E-ENCODING", hint));
    // UTF-8 in one row and windows-1252 in another.
    let mixed = [
        csv().replace("daily", "täglich").as_bytes(),
        b"t\xe4glich,x,failed,2026-11-05,1\n",
    ]
    .concat();
    cases.push(
        good("two encodings", "runs.csv", mixed)
            .scan("täglich")
            .reject(5, "E-ENCODING", hint),
    );
    check(cases);
}

#[test]
fn bytes_of_a_column_that_nobody_reads_do_not_matter() {
    let text = csv()
        .replace("row_count\n", "row_count,note\n")
        .replace(",2\n", ",2,%\n")
        .replace(",1\n", ",1,\n")
        .replace(",3\n", ",3,\n");
    let (before, after) = text.split_once('%').unwrap();
    let bytes = [before.as_bytes(), b"caf\xe9", after.as_bytes()].concat();
    check([good("note", "runs.csv", bytes)]);
}

#[test]
fn a_named_encoding_is_used() {
    let scan = "täglich – „10 €“";
    let mut cases = Vec::new();
    for (file, text, lines) in texts_with(scan) {
        let case = |label: &str, bytes: Vec<u8>, says| {
            good(format!("{file} as {label}"), file, bytes)
                .encoding(label)
                .scan(scan)
                .lines(lines)
                .says(says)
        };
        cases.extend([
            case("windows-1252", windows_1252(&text), "windows-1252"),
            case("CP1252", windows_1252(&text), "windows-1252"),
            case("latin1", windows_1252(&text), "windows-1252"),
            case("utf-16le", utf16le(&text), "utf-16le"),
            // The mark knows better, and that is said.
            case(
                "windows-1252",
                marked(LITTLE, utf16le(&text)),
                "the byte order mark says UTF-16LE",
            ),
            case(
                "windows-1252",
                marked(MARK, &text),
                "the byte order mark says UTF-8",
            ),
        ]);
        cases.push(
            case("windows-1252", windows_1252(&text), "windows-1252")
                .rewritten(".gz", "+gzip", gzip),
        );
    }
    // The second byte of some characters is a backslash, that of others a vertical bar.
    let (japanese, bytes) = ("ソ表ポ", b"\x83\x5c\x95\x5c\x83\x7c");
    for (file, text, lines) in texts() {
        let parts: Vec<_> = text.split("daily").map(str::as_bytes).collect();
        cases.push(
            good(format!("{file} as Shift JIS"), file, parts.join(&bytes[..]))
                .encoding("shift_jis")
                .scan(japanese)
                .lines(lines)
                .says("Shift_JIS"),
        );
    }
    check(cases);
}

#[test]
fn a_zero_byte_is_a_character_like_another() {
    let mut cases: Vec<Case> = vec![
        good(
            "in a CSV field",
            "runs.csv",
            csv().replace("daily", "dai\0ly"),
        )
        .scan("dai\0ly"),
        good(
            "escaped in JSON",
            "runs.ndjson",
            ndjson().replace("daily", "dai\\u0000ly"),
        )
        .scan("dai\0ly")
        .lines([1, 2, 3]),
        good(
            "as it is in JSON",
            "runs.ndjson",
            ndjson().replacen("daily", "dai\0ly", 1),
        )
        .without(1)
        .lines([2, 3])
        .reject(1, "E-JSON-SYNTAX", "control character"),
    ];
    // A disk that was full or a crash leaves zeros at the end.
    let zeros = "\0".repeat(700);
    cases.extend([
        good("at the end of CSV", "runs.csv", csv() + &zeros).reject(5, "E-CSV-WIDTH", ""),
        good("at the end of an array", "runs.json", array() + &zeros).reject(
            6,
            "E-JSON-SYNTAX",
            "",
        ),
        good("at the end of NDJSON", "runs.ndjson", ndjson() + &zeros)
            .lines([1, 2, 3])
            .reject(4, "E-JSON-SYNTAX", ""),
    ]);
    check(cases);
}

#[test]
fn a_zero_byte_reaches_no_report() {
    use crate::common::small::{options, put};
    use rundown::render::{Format, render, summary};

    let folder = tempfile::tempdir().unwrap();
    let path = put(
        folder.path(),
        "runs.csv",
        csv().replace("daily", "dai\0ly").as_bytes(),
    );
    let options = options(&path);
    let log = rundown::load(&options).unwrap();
    let report = rundown::report(&log, &options).unwrap();
    for format in [Format::Html, Format::Markdown, Format::Json, Format::Text] {
        let text = render(&report, format).unwrap();
        assert!(text.contains("dai") && !text.contains('\0'), "{format:?}");
        let shown = [
            "dai\\u0000ly",
            "dai&lt;U+0000&gt;ly",
            "dai<U+0000>ly",
            "dai\\<U+0000>ly",
        ];
        let visible = shown.iter().any(|name| text.contains(name));
        assert!(visible, "{format:?}: the zero byte is not shown at all");
    }
    assert!(!summary(&report, false).contains('\0'));
}
