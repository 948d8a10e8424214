//! Files of which nothing can be used: each counts as one record read and one rejected, and the file beside
//! it is used.

use crate::{Column, HEADER, T, counts, gzip, object, parquet, put, row, run, three, times};

/// The codes that this file is about.
pub(crate) const CODES: [&str; 6] = [
    "E-CSV-DUPHEADER",
    "E-CSV-SHIFTED",
    "E-TIME-ZONE",
    "E-PARQUET",
    "E-COMPRESSED",
    "E-ENCODING",
];

struct Broken {
    file: String,
    bytes: Vec<u8>,
    line: u64,
    column: Option<&'static str>,
    code: &'static str,
}

fn broken(file: &str, bytes: Vec<u8>, code: &'static str) -> Broken {
    Broken {
        file: file.to_owned(),
        bytes,
        line: 1,
        column: None,
        code,
    }
}

pub(crate) fn good_csv() -> String {
    format!("{HEADER}\n{}\n{}\n", row(1), row(2))
}

fn good_parquet() -> Vec<u8> {
    three(
        Some(b"good-3"),
        Some(b"failed"),
        times(Some(T)),
        counts(Some(3)),
    )
}

/// The notebook of purviewcli writes the values of a record, whatever they are, under the columns of an old API.
fn shifted_csv() -> String {
    let header = "assetsClassified,assetsDiscovered,dataSourceType,endTime,error,errorMessage,id,ingestionJobId,\
        parentId,pipelineStartTime,queuedTime,resourceId,runType,scanLevelType,scanRulesetType,scanRulesetVersion,\
        startTime,status,webScanResults,source,scanName";
    let row = "AzureSqlDatabase,{'status': 'Succeeded'},2026-11-01T02:10:00Z,,,1f,{'status': 'Succeeded'},1f,,/sub/sql,\
        Manual,Full,System,5,2026-11-01T02:00:00Z,Succeeded,,sql-sales,daily";
    format!("{header}\n{row}\n")
}

fn cases() -> Vec<Broken> {
    let text = good_csv();
    let whole = gzip(text.as_bytes());
    let last = whole.len() - 1;
    // The last eight bytes of a gzip file are the checksum and the length.
    let mut checksum = whole.clone();
    checksum[last - 7] ^= 1;
    let mut length = whole.clone();
    length[last] ^= 1;
    let mut middle = whole.clone();
    middle[whole.len() / 2] ^= 0xff;
    let second_member = [whole.as_slice(), &whole[..whole.len() - 4]].concat();

    let table = good_parquet();
    let mut footer = table.clone();
    // The length of the metadata stands before the last four bytes.
    let at = footer.len() - 8;
    footer[at..at + 4].copy_from_slice(&u32::MAX.to_le_bytes());
    let mut data = table.clone();
    data[8..40].fill(0xff);
    let mut noise = b"PAR1".to_vec();
    let mut random = crate::common::Random::new(7);
    noise.extend((0..2000).map(|_| u8::try_from(random.below(256)).unwrap()));
    let closed = [noise.as_slice(), b"PAR1"].concat();

    let twice = format!("{HEADER},Run ID\n{},again\n", row(1));
    let array = [
        b"[\n".as_slice(),
        object(1).as_bytes(),
        b",\n{\"scan\":\"caf\xe9\"}]",
    ]
    .concat();
    let mut cases = vec![
        broken(
            "cut.csv.gz",
            whole[..whole.len() - 1].to_vec(),
            "E-COMPRESSED",
        ),
        broken(
            "cut.csv.gz",
            whole[..whole.len() / 2].to_vec(),
            "E-COMPRESSED",
        ),
        broken("cut.csv.gz", whole[..5].to_vec(), "E-COMPRESSED"),
        broken("checksum.csv.gz", checksum, "E-COMPRESSED"),
        broken("length.csv.gz", length, "E-COMPRESSED"),
        broken("middle.csv.gz", middle, "E-COMPRESSED"),
        broken("second.csv.gz", second_member, "E-COMPRESSED"),
        broken(
            "cut.parquet",
            table[..table.len() - 1].to_vec(),
            "E-PARQUET",
        ),
        broken(
            "cut.parquet",
            table[..table.len() / 2].to_vec(),
            "E-PARQUET",
        ),
        broken("cut.parquet", table[..4].to_vec(), "E-PARQUET"),
        broken("footer.parquet", footer, "E-PARQUET"),
        broken("data.parquet", data, "E-PARQUET"),
        broken("noise.parquet", noise.clone(), "E-PARQUET"),
        broken("closed.parquet", closed, "E-PARQUET"),
        broken("noise.parquet.gz", gzip(&noise), "E-PARQUET"),
        Broken {
            line: 3,
            ..broken("latin.json", array.clone(), "E-ENCODING")
        },
        Broken {
            line: 3,
            ..broken("latin.json.gz", gzip(&array), "E-ENCODING")
        },
    ];
    let zone = text.replace("started_at", "started_at [Local Time]");
    for (file, text, line, column, code) in [
        ("twice.csv", &twice, 1, Some("run_id"), "E-CSV-DUPHEADER"),
        (
            "zone.csv",
            &zone,
            1,
            Some("started_at [Local Time]"),
            "E-TIME-ZONE",
        ),
        ("shifted.csv", &shifted_csv(), 2, None, "E-CSV-SHIFTED"),
    ] {
        for (file, bytes) in [
            (file.to_owned(), text.clone().into_bytes()),
            (format!("{file}.gz"), gzip(text.as_bytes())),
        ] {
            cases.push(Broken {
                line,
                column,
                ..broken(&file, bytes, code)
            });
        }
    }
    cases
}

#[test]
fn a_broken_file_is_named_and_the_file_beside_it_is_used() {
    for case in cases() {
        let what = format!("{} {} of {} bytes", case.code, case.file, case.bytes.len());
        let folder = tempfile::tempdir().unwrap();
        put(folder.path(), &case.file, &case.bytes);
        put(folder.path(), "good.csv", good_csv().as_bytes());
        let ran = run(folder.path(), &[&case.file, "good.csv"], &[]);
        assert_eq!(
            ran.output.status.code(),
            Some(0),
            "{what}\n{}",
            ran.stderr()
        );
        let inputs = &ran.json.as_ref().unwrap()["sections"]["inputs"];
        let rejects = inputs["rejects"].as_array().unwrap();
        assert_eq!(rejects.len(), 1, "{what}\n{rejects:?}");
        assert_eq!(rejects[0]["path"], case.file, "{what}");
        assert_eq!(rejects[0]["code"], case.code, "{what}\n{}", rejects[0]);
        assert_eq!(rejects[0]["line"], case.line, "{what}\n{}", rejects[0]);
        assert_eq!(rejects[0]["column"].as_str(), case.column, "{what}");
        let value = rejects[0]["value"].as_str().unwrap();
        assert!(!value.is_empty(), "{what}");
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
        for row in inputs["files"].as_array().unwrap() {
            let own = if row["path"] == "good.csv" {
                (2, 2, 0)
            } else {
                (1, 0, 1)
            };
            let number = |key: &str| row[key].as_i64().unwrap();
            assert_eq!(
                (number("read"), number("used"), number("rejected")),
                own,
                "{what}\n{row}"
            );
        }
        let line = format!("warning: {}:{}", case.file, case.line);
        let text = ran.stderr();
        let place = text.lines().find(|said| said.starts_with(&line)).unwrap();
        assert!(
            place.ends_with(&format!(": {}", case.code)),
            "{what}\n{place}"
        );
        let column = case.column.map(|column| format!(" {column:?}: "));
        let named = column.is_none_or(|column| place.contains(&column));
        assert!(named, "{what}\n{place}");
        assert!(
            ran.stderr().contains(&format!("found {value:?}")),
            "{what}\n{}",
            ran.stderr()
        );
    }
}

#[test]
fn a_broken_file_alone_ends_with_3_and_nothing_is_written() {
    for case in cases() {
        let what = format!("{} {} of {} bytes", case.code, case.file, case.bytes.len());
        let folder = tempfile::tempdir().unwrap();
        put(folder.path(), &case.file, &case.bytes);
        let ran = run(folder.path(), &[&case.file], &[]);
        assert_eq!(
            ran.output.status.code(),
            Some(3),
            "{what}\n{}",
            ran.stderr()
        );
        assert!(ran.json.is_none(), "{what}");
        assert!(ran.stderr().contains(case.code), "{what}\n{}", ran.stderr());
        assert!(
            ran.stderr().contains(&case.file),
            "{what}\n{}",
            ran.stderr()
        );
        assert_eq!(
            std::fs::read_dir(folder.path()).unwrap().count(),
            1,
            "{what}"
        );
    }
}

#[test]
fn the_columns_of_one_name_are_told_by_number() {
    let folder = tempfile::tempdir().unwrap();
    // Names are the same when they differ in case, spaces, `_` and `-` only.
    for second in ["run_id", "Run Id", "RUN-ID", "runid"] {
        put(
            folder.path(),
            "a.csv",
            format!("{HEADER},{second}\n{},x\n", row(1)).as_bytes(),
        );
        let ran = run(folder.path(), &["a.csv"], &[]);
        assert_eq!(ran.output.status.code(), Some(3), "{second}");
        let says = "a.csv:1, byte 0, column 2 \"run_id\": E-CSV-DUPHEADER\n       found \"columns 2 and 6\"";
        assert!(ran.stderr().contains(says), "{second}\n{}", ran.stderr());
    }
    // Two columns that nobody reads may share a name.
    put(
        folder.path(),
        "a.csv",
        format!("{HEADER},note,note\n{},x,y\n", row(1)).as_bytes(),
    );
    let ran = run(folder.path(), &["a.csv"], &[]);
    assert_eq!(ran.output.status.code(), Some(0), "{}", ran.stderr());
}

#[test]
fn a_parquet_file_whose_columns_disagree_on_their_rows_is_refused() {
    // Three rows are claimed; the bytes of one page are those of another file with one row.
    let (long, short) = (
        good_parquet(),
        parquet(&[("int64 row_count", Column::Int(vec![Some(1)]))]),
    );
    let mut mixed = long[..long.len() / 3].to_vec();
    mixed.extend(&short[4..]);
    let folder = tempfile::tempdir().unwrap();
    put(folder.path(), "mixed.parquet", &mixed);
    let ran = run(folder.path(), &["mixed.parquet"], &[]);
    assert_eq!(ran.output.status.code(), Some(3), "{}", ran.stderr());
    assert!(ran.json.is_none());
}

#[test]
fn a_parquet_file_with_any_one_byte_changed_is_read_or_refused_and_nothing_else() {
    let table = good_parquet();
    let folder = tempfile::tempdir().unwrap();
    for at in 0..table.len() {
        let mut bytes = table.clone();
        bytes[at] ^= 0x55;
        let path = put(folder.path(), "a.parquet", &bytes);
        match rundown::load(&crate::options(&path)) {
            Ok(log) => {
                let totals = rundown::totals(&log);
                assert!(totals.balanced, "byte {at}: {totals:?}");
            }
            Err(error) => assert!(error.is::<rundown::Unusable>(), "byte {at}: {error:#}"),
        }
    }
}

#[test]
fn lists_a_hundred_thousand_deep_neither_crash_nor_hang_the_program() {
    let depth = 100_000;
    let text = format!("{}{}", "[".repeat(depth), "]".repeat(depth));
    let folder = tempfile::tempdir().unwrap();
    put(folder.path(), "deep.json", text.as_bytes());
    let mut child = std::process::Command::new(env!("CARGO_BIN_EXE_rundown"))
        .current_dir(folder.path())
        .env_clear()
        .envs(std::env::var_os("SystemRoot").map(|root| ("SystemRoot", root)))
        .args(["report", "deep.json"])
        .stderr(std::process::Stdio::null())
        .spawn()
        .unwrap();
    let mut ended = None;
    for _ in 0..100 {
        ended = child.try_wait().unwrap();
        if ended.is_some() {
            break;
        }
        std::thread::sleep(std::time::Duration::from_millis(100));
    }
    let _already_ended = child.kill();
    child.wait().unwrap();
    let status = ended.expect("the program ends within ten seconds");
    assert_eq!(status.code(), Some(3), "{status}");
}
