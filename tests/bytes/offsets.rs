//! Where a rejected record begins, in bytes of its file: found again by looking for the record in the bytes.

use rundown::input::reject::Reject;

use crate::common::small::{HEADER, gzip, object, options, put, row};

/// What is written for one bad record; its number makes it the only one of its kind.
fn bad_row(number: usize) -> String {
    format!("daily,bad-{number},failed,noon,1")
}

fn bad_object(number: usize) -> String {
    format!(r#"{{"run_id":"bad-{number}","status":"failed","started_at":"noon"}}"#)
}

fn rejects(name: &str, bytes: &[u8]) -> Vec<Reject> {
    let folder = tempfile::tempdir().unwrap();
    let options = options(&put(folder.path(), name, bytes));
    let mut input = options.input;
    input.all_rejects = true;
    let loaded = rundown::input::load(&options.inputs, &input).unwrap();
    assert_eq!(loaded.files.len(), 1, "{:?}", loaded.skipped);
    loaded.files[0].rejects.kept.clone()
}

/// Checks that the bad records, and no others, are placed where their bytes are.
#[track_caller]
fn check(what: &str, name: &str, text: &[u8], bad: &[String]) {
    let places: Vec<u64> = bad
        .iter()
        .map(|bad| {
            let mut found = memchr::memmem::find_iter(text, bad.as_bytes());
            let at = found.next().unwrap();
            assert_eq!(found.next(), None, "{what}: {bad} stands there twice");
            at as u64
        })
        .collect();
    for (name, bytes) in [
        (name.to_owned(), text.to_vec()),
        (format!("{name}.gz"), gzip(text)),
    ] {
        let rejects = rejects(&name, &bytes);
        let found: Vec<_> = rejects.iter().map(|reject| reject.byte).collect();
        let wanted: Vec<_> = places.iter().copied().map(Some).collect();
        assert_eq!(found, wanted, "{what} in {name}: {rejects:?}");
        for reject in rejects {
            let end = text
                .len()
                .min(usize::try_from(reject.byte.unwrap()).unwrap());
            let ends = memchr::memchr_iter(b'\n', &text[..end]).count();
            assert_eq!(reject.line, ends as u64 + 1, "{what} in {name}");
        }
    }
}

#[test]
fn rows_of_a_delimited_text() {
    let bad: Vec<String> = (1..4).map(bad_row).collect();
    let [one, two, three] = [&bad[0], &bad[1], &bad[2]];
    let (good, other) = (row(1), row(2));
    let plain = format!("{HEADER}\n{one}\n{good}\n{two}\n{other}\n{three}\n");
    check("plain", "a.csv", plain.as_bytes(), &bad);
    check(
        "CRLF",
        "a.csv",
        plain.replace('\n', "\r\n").as_bytes(),
        &bad,
    );
    let marked = format!("\u{feff}{plain}");
    check("a mark", "a.csv", marked.as_bytes(), &bad);
    let twice = format!("\u{feff}\u{feff}{plain}");
    check("two marks", "a.csv", twice.as_bytes(), &bad);
    let below = format!("\u{feff}Exported by h\u{e4}nd\n\nsep\n{plain}");
    check("lines above", "a.csv", below.as_bytes(), &bad);
    let blank = plain.replace(one.as_str(), &format!("\r\n\n  \n\n{one}"));
    check("blank lines", "a.csv", blank.as_bytes(), &bad);
    let quoted = plain.replace("daily,good-1", "\"da\n\r\nily \"\"x\"\"\",good-1");
    check("line breaks in quotes", "a.csv", quoted.as_bytes(), &bad);
    let appended = format!("{plain}\u{feff}{HEADER}\n").replace(three.as_str(), "") + three;
    check("a header again, no end", "a.csv", appended.as_bytes(), &bad);
    let latin = format!("{HEADER},note\n{one},\u{4e00}\n{good},x\n{two},x\n{other},x\n{three},x\n");
    check("wide characters", "a.csv", latin.as_bytes(), &bad);
}

#[test]
fn rows_after_a_quotation_mark_that_is_not_closed() {
    let bad = [
        "daily,bad-1,failed,\"2026-11-01,1".to_owned(),
        bad_row(2),
        "daily,bad-3,failed,2026-11-01,\"1".to_owned(),
        "daily,bad-4,failed".to_owned(),
        bad_row(5),
    ];
    let [one, two, three, four, five] = &bad;
    let (good, other) = (row(1), row(2));
    let text =
        format!("{HEADER}\n{one}\n{good}\n\n{two}\n{other}\n{three}\n{good}\n{four}\n{five}\n");
    check("open quotes", "a.csv", text.as_bytes(), &bad);
}

#[test]
fn rows_far_behind_and_rows_that_are_too_long() {
    // More than is looked at before it is read, and more than the reader keeps.
    let good = format!("{}\n", row(1)).repeat(60_000);
    let bad: Vec<String> = (1..4).map(bad_row).collect();
    let text = format!(
        "\u{feff}{HEADER}\n{good}{}\n\n{good}{}\n{good}{}\n",
        bad[0], bad[1], bad[2]
    );
    assert!(text.len() > 7 << 20);
    check("far behind", "a.csv", text.as_bytes(), &bad);
    let long = format!("daily,bad-1,failed,\"{}", "x".repeat(17 << 20));
    let text = format!("{HEADER}\n{}\n{long}\n{}\n{}\n", row(1), bad[1], row(2));
    let bad = [long[..40].to_owned(), bad[1].clone()];
    check("too long", "a.csv", text.as_bytes(), &bad);
}

#[test]
fn records_of_json() {
    let bad: Vec<String> = (1..4).map(bad_object).collect();
    let [one, two, three] = [&bad[0], &bad[1], &bad[2]];
    let (good, other) = (object(1), object(2));
    let lines = format!("{one}\n{good}\r\n\n  {two}\n{other}\n{three}");
    check("lines", "a.ndjson", lines.as_bytes(), &bad);
    let marked =
        format!("\u{feff}{lines}").replace(&format!("\n{three}"), &format!("\n\u{feff}{three}"));
    check("lines with marks", "a.ndjson", marked.as_bytes(), &bad);
    let several = format!("{good}\n{other}{one} {two}\n{three}\n");
    check("several in a line", "a.ndjson", several.as_bytes(), &bad);
    let list = format!("\u{feff}[\n  {one},\n  {good}, {two},\n{other},\n{three}]");
    check("a list", "a.json", list.as_bytes(), &bad);
    let page = format!(
        "{{\"value\": [{one}, {good},\n{two}],\n\"x\": 1}}\n\u{feff}{{\"value\": [{three}]}}"
    );
    check("pages", "a.json", page.as_bytes(), &bad);
    // What is cut is placed at the line where it is noticed.
    let cut = format!("[\n{good},\n{one},\n{}", &three[..30]);
    check(
        "a cut list",
        "a.json",
        cut.as_bytes(),
        &[one.clone(), three[..30].to_owned()],
    );
    let broken = three.replace("\"noon\"", "noon");
    let lines = format!("{good}\n{one}\n{broken}\n{other}\n");
    check(
        "a broken line",
        "a.ndjson",
        lines.as_bytes(),
        &[one.clone(), broken],
    );
}

#[test]
fn texts_that_are_not_utf_8_are_placed_as_if_they_were() {
    let bad = [bad_row(1), bad_row(2)];
    let text = format!(
        "{HEADER}\nd\u{e4}ily{}\n{}\n{}\n",
        &row(1)[5..],
        bad[0],
        bad[1]
    );
    let utf16: Vec<u8> = "\u{feff}"
        .encode_utf16()
        .chain(text.encode_utf16())
        .flat_map(u16::to_le_bytes)
        .collect();
    let places = bad.map(|bad| text.find(&bad).map(|at| at as u64));
    let found = rejects("a.csv", &utf16);
    let found: Vec<_> = found.iter().map(|reject| reject.byte).collect();
    assert_eq!(found, places);
}
