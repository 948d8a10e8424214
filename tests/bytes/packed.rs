//! Compressed files, whole and damaged, and files of other kinds.

use std::io::Write;

use rundown::input::{InputOptions, load};

use crate::case::{Case, Run, check, good, refused};
use crate::common::small::{Column, HEADER, T, gzip, parquet, put};
use crate::encodings::{MARK, marked, utf16le};
use crate::{csv, texts};

fn zstd(bytes: &[u8]) -> Vec<u8> {
    let mut to = zstd::stream::write::Encoder::new(Vec::new(), 1).unwrap();
    to.include_checksum(true).unwrap();
    to.write_all(bytes).unwrap();
    to.finish().unwrap()
}

/// The two halves, each packed by itself.
fn halves(bytes: &[u8], pack: impl Fn(&[u8]) -> Vec<u8>) -> [Vec<u8>; 2] {
    let (one, two) = bytes.split_at(bytes.len() / 2);
    [pack(one), pack(two)]
}

#[test]
fn compressed_files_hold_what_was_packed_whatever_they_are_called() {
    let mut cases = Vec::new();
    for (file, text, lines) in texts() {
        let plain = good(file, file, text).lines(lines);
        cases.extend([
            plain.rewritten(".gz", "+gzip", gzip),
            plain.rewritten(".zst", "+zstd", zstd),
            plain.rewritten("", "+gzip", gzip),
            plain.rewritten("", "+zstd", zstd),
            plain.rewritten(".zst", "+gzip", gzip),
            plain.rewritten(".gz", "+zstd", zstd),
            plain.rewritten(".gz", "", <[u8]>::to_vec),
            plain.rewritten(".gz", "+gzip", |bytes| halves(bytes, gzip).concat()),
            plain.rewritten(".zst", "+zstd", |bytes| halves(bytes, zstd).concat()),
            // An empty member, and zeros up to a block of a tape.
            plain.rewritten(".gz", "+gzip", |bytes| {
                [gzip(b""), gzip(bytes), gzip(b"")].concat()
            }),
            plain.rewritten(".gz", "+gzip", |bytes| [gzip(bytes), vec![0; 512]].concat()),
            plain.rewritten(".zst", "+zstd", |bytes| {
                [zstd(b""), zstd(bytes), zstd(b"")].concat()
            }),
            // A frame to be passed over, of four bytes.
            plain.rewritten(".zst", "+zstd", |bytes| {
                [b"\x50\x2a\x4d\x18\x04\0\0\0skip", &zstd(bytes)[..]].concat()
            }),
            plain.rewritten(".gz", "+gzip", |bytes| gzip(&marked(MARK, bytes))),
        ]);
    }
    check(cases);
}

#[test]
fn long_files_give_the_same_lines_however_they_are_written() {
    let header = format!("{HEADER},error_message");
    let (mut text, mut line) = (format!("{header}\n"), 2);
    let (mut runs, mut rejects) = (Vec::new(), Vec::new());
    for number in 0..6_000 {
        let bad = number % 997 == 0;
        let start = if bad { "noon" } else { "2026-11-01T02:00:00Z" };
        // Some rows have line breaks and many bytes, so that buffers end anywhere in them.
        let message = match number % 7 {
            0 => "\"one\n\n\"\"three\"\"\nfour\"",
            1 => "\"täglich, 😀\"",
            _ => "",
        };
        text += &format!("daily,run-{number},completed,{start},{number},{message}\n");
        if bad {
            rejects.push(u64::from(line));
        } else {
            runs.push(Run {
                line,
                id: format!("run-{number}"),
                started_at: Some(T),
                row_count: Some(number),
                ..Run::good(1)
            });
        }
        line += if number % 7 == 0 { 4 } else { 1 };
    }
    assert!(text.len() > 300_000);
    let mut plain = good("LF", "runs.csv", text.clone()).runs(runs);
    for line in rejects {
        plain = plain.reject(line, "E-TIME", "");
    }
    let rewritten =
        |what, text: String| plain.rewritten(what, "csv", |_| text.clone().into_bytes());
    check([
        rewritten(".crlf", text.replace('\n', "\r\n")),
        rewritten(".cr", text.replace('\n', "\r")),
        rewritten(".tab", text.replace(", 😀", "; 😀").replace(',', "\t")),
        plain.rewritten(".utf-16", "utf-16le", |_| {
            marked(b"\xff\xfe", utf16le(&text))
        }),
        plain.rewritten(".gz", "+gzip", |bytes| halves(bytes, gzip).concat()),
        plain.rewritten(".zst", "+zstd", |bytes| halves(bytes, zstd).concat()),
        plain.rewritten(".utf-16.zst", "+zstd", |_| zstd(&utf16le(&text))),
        plain,
    ]);
}

/// The files that are left when bytes are missing or changed.
fn damaged(name: &str, whole: &[u8]) -> Vec<(String, Vec<u8>)> {
    let mut files = Vec::new();
    for length in [3, 9, whole.len() / 2, whole.len() - 5, whole.len() - 1] {
        files.push((format!("{name} cut to {length}"), whole[..length].to_vec()));
    }
    for at in [
        whole.len() / 3,
        whole.len() / 2,
        whole.len() - 6,
        whole.len() - 2,
    ] {
        let mut bytes = whole.to_vec();
        bytes[at] ^= 0x10;
        files.push((format!("{name} with byte {at} changed"), bytes));
    }
    files
}

#[test]
fn nothing_of_a_damaged_compressed_file_is_used() {
    // Long enough for a block that is decoded before the damage is met.
    let mut random = crate::common::Random::new(11);
    let rows = (0..10_000).map(|_| format!("daily,{},completed,2026-11-01,1\n", random.next()));
    let long = csv() + &rows.collect::<String>();
    let mut cases = Vec::new();
    for (ending, pack) in [("gz", gzip as fn(&[u8]) -> Vec<u8>), ("zst", zstd)] {
        let file = format!("runs.csv.{ending}");
        let mut files = Vec::new();
        for (name, text) in [("short", csv()), ("long", long.clone())] {
            let whole = pack(text.as_bytes());
            files.extend(damaged(name, &whole));
            let [one, two] = halves(text.as_bytes(), pack);
            files.push((
                format!("{name}, second part cut"),
                [&one[..], &two[..two.len() - 3]].concat(),
            ));
        }
        let whole = pack(csv().as_bytes());
        files.push((
            "other bytes behind".to_owned(),
            [&whole[..], b"trailing bytes"].concat(),
        ));
        for (what, bytes) in files {
            cases.push(
                good(format!("{ending}, {what}"), &file, bytes)
                    .runs([])
                    .reject(1, "E-COMPRESSED", "copy it again"),
            );
        }
    }
    check(cases);
}

#[test]
fn a_damaged_file_costs_nothing_of_the_files_beside_it() {
    let whole = gzip(csv().as_bytes());
    check([good("cut", "b.csv.gz", &whole[..whole.len() / 2])
        .beside("a.csv", csv())
        .reject(1, "E-COMPRESSED", "")]);
}

/// The beginning of a tar archive with one file in it.
fn tar(name: &str, content: &[u8]) -> Vec<u8> {
    let mut header = vec![0; 512];
    header[..name.len()].copy_from_slice(name.as_bytes());
    header[100..107].copy_from_slice(b"0000644");
    let size = format!("{:011o}", content.len());
    header[124..135].copy_from_slice(size.as_bytes());
    header[156] = b'0';
    header[257..265].copy_from_slice(b"ustar\x0000");
    header.extend_from_slice(content);
    header.resize(header.len().next_multiple_of(512) + 1024, 0);
    header
}

/// Files that are no exports, and how they are called.
pub(crate) fn others() -> Vec<(&'static str, Vec<u8>, &'static str)> {
    let html =
        "<!DOCTYPE html>\n<html><head><title>Sign in to your account</title></head></html>\n";
    vec![
        ("zip", b"PK\x03\x04\x14\0\0\0\x08\0runs.csv".to_vec(), "zip archive"),
        ("xlsx", b"PK\x03\x04\x14\0\x06\0[Content_Types].xml".to_vec(), "save it as CSV"),
        ("xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1\0\0".to_vec(), "old Excel workbook"),
        ("pdf", b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n".to_vec(), "a PDF"),
        ("html", html.as_bytes().to_vec(), "HTML"),
        ("html with space and mark", marked(MARK, format!("\r\n  {html}")), "HTML"),
        ("html in UTF-16", marked(b"\xff\xfe", utf16le(html)), "HTML"),
        ("xml", b"<?xml version=\"1.0\"?><Error><Code>AuthenticationFailed</Code></Error>".to_vec(), "XML"),
        ("tar", tar("runs.csv", csv().as_bytes()), "tar archive"),
        (
            "LFS",
            b"version https://git-lfs.github.com/spec/v1\noid sha256:4d7a214614ab2935\nsize 12345\n".to_vec(),
            "Git LFS pointer",
        ),
        (
            "annex",
            b"/annex/objects/SHA256E-s12345--4d7a214614ab2935.csv\n".to_vec(),
            "git-annex pointer",
        ),
        (
            "error of an API",
            br#"{"error":{"code":"Unauthorized","message":"Not authorized to access account"}}"#.to_vec(),
            "the error answer of an API",
        ),
        (
            "error of a sign-in",
            br#"{"error":"invalid_client","error_description":"AADSTS7000215: Invalid client secret provided."}"#.to_vec(),
            "the error answer of a sign-in",
        ),
        (
            "counts by week",
            br#"{"values":[{"startTime":"2023-05-07T00:00:00Z","endTime":"2023-05-13T23:59:59Z","summaries":[{"type":"Succeeded","count":3}]}]}"#.to_vec(),
            "weekly summary",
        ),
        ("counts", br#"{"values":[{"type":"Succeeded","count":3},{"type":"Failed","count":1}]}"#.to_vec(), "status summary"),
        (
            "counts by scan",
            br#"{"values":[{"id":"1","name":"daily","sourceName":"sql","countSuccess":3,"countFailed":0,"lastRunStatus":"Succeeded"}]}"#.to_vec(),
            "scan status summary",
        ),
        ("exceptions", b"ErrorCode,OperationItem,Message\nE1,/x,words\n".to_vec(), "the log of exceptions"),
        ("an encrypted Parquet file", [&b"PARE"[..], &[7; 64], b"\x10\0\0\0PARE"].concat(), "encrypted"),
    ]
}

#[test]
fn files_of_other_kinds_are_refused_by_name() {
    let mut cases: Vec<Case> = Vec::new();
    for (what, bytes, says) in others() {
        for file in ["runs.csv", "runs.json"] {
            cases.push(refused(
                format!("{what} as {file}"),
                file,
                bytes.clone(),
                says,
            ));
        }
        let plain = refused(format!("{what}, compressed"), "runs.csv", bytes, says);
        cases.push(plain.rewritten(".gz", "", gzip));
        cases.push(plain.rewritten(".zst", "", zstd));
    }
    check(cases);
}

#[test]
fn files_of_other_kinds_in_a_folder_are_skipped_by_name() {
    for (what, bytes, says) in others() {
        let folder = tempfile::tempdir().unwrap();
        put(folder.path(), "a.csv", csv().as_bytes());
        put(folder.path(), "b.csv", &bytes);
        let loaded = load(&[folder.path().to_owned()], &InputOptions::default()).unwrap();
        assert_eq!(loaded.records.len(), 3, "{what}");
        let reasons: Vec<_> = loaded
            .skipped
            .iter()
            .map(|skipped| &skipped.reason)
            .collect();
        assert_eq!(reasons.len(), 1, "{what}: {reasons:?}");
        assert!(reasons[0].contains(says), "{what}: {reasons:?}");
    }
}

#[test]
fn a_parquet_file_without_rows_holds_no_runs() {
    let none = parquet(&[
        ("binary run_id (UTF8)", Column::Text(Vec::new())),
        ("binary status (UTF8)", Column::Text(Vec::new())),
        (
            "int64 started_at (TIMESTAMP(MICROS,true))",
            Column::Int(Vec::new()),
        ),
    ]);
    let case = good("no rows", "runs.parquet", none)
        .runs([])
        .says("parquet");
    check([
        case.rewritten("", "parquet", <[u8]>::to_vec),
        case.rewritten(".zst", "parquet+zstd", zstd),
    ]);
}

#[test]
fn columns_of_parquet_files_may_have_other_types_in_another_file() {
    let file = |row_count: (&str, Column), number: &'static [u8]| {
        parquet(&[
            ("binary scan (UTF8)", Column::Text(vec![Some(b"daily")])),
            ("binary run_id (UTF8)", Column::Text(vec![Some(number)])),
            (
                "binary status (UTF8)",
                Column::Text(vec![Some(b"completed")]),
            ),
            (
                "int64 started_at (TIMESTAMP(MICROS,true))",
                Column::Int(vec![Some(T)]),
            ),
            row_count,
        ])
    };
    let run = |number| Run {
        line: 1,
        started_at: Some(T),
        ..Run::good(number)
    };
    check([good(
        "three types",
        "a.parquet",
        file(("int64 row_count", Column::Int(vec![Some(1)])), b"good-1"),
    )
    .beside(
        "b.parquet",
        file(
            ("binary row_count (UTF8)", Column::Text(vec![Some(b"2")])),
            b"good-2",
        ),
    )
    .beside(
        "c.parquet",
        file(
            ("double row_count", Column::Double(vec![Some(3.0)])),
            b"good-3",
        ),
    )
    .runs([run(1), run(2), run(3)])]);
}
