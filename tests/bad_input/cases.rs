//! Bad records of every kind, each between two good ones.

use crate::{Column, HEADER, T, counts, object, row, three, times};

/// One bad record and what must be said of it.
#[derive(Clone)]
pub(crate) struct Case {
    pub(crate) file: &'static str,
    pub(crate) bytes: Vec<u8>,
    pub(crate) line: u64,
    pub(crate) column: Option<&'static str>,
    pub(crate) code: &'static str,
    pub(crate) value: String,
    pub(crate) args: &'static [&'static str],
}

impl Case {
    fn args(mut self, args: &'static [&'static str]) -> Case {
        self.args = args;
        self
    }
}

/// Two good records around a bad one, which begins on line 3.
fn case(
    file: &'static str,
    bytes: impl Into<Vec<u8>>,
    column: Option<&'static str>,
    code: &'static str,
    value: impl Into<String>,
) -> Case {
    Case {
        file,
        bytes: bytes.into(),
        line: 3,
        column,
        code,
        value: value.into(),
        args: &[],
    }
}

/// Lines: header, good row, the bad one, good row.
pub(crate) fn csv(bad: &str) -> String {
    format!("{HEADER}\n{}\n{bad}\n{}\n", row(1), row(2))
}

/// Lines: bracket, good object, the bad one, good object and bracket.
fn array(bad: &str) -> String {
    format!("[\n{},\n{bad},\n{}]\n", object(1), object(2))
}

/// Lines: good object, nothing, the bad one, good object.
fn lines(bad: &str) -> String {
    format!("{}\n\n{bad}\n{}\n", object(1), object(2))
}

/// The same bad value as CSV, JSON array and NDJSON. `%` stands for the value.
fn everywhere(
    field: &'static str,
    code: &'static str,
    in_csv: &str,
    in_json: &str,
    quoted: &str,
) -> Vec<Case> {
    let cells = HEADER.split(',').map(|name| match name {
        name if name == field => in_csv,
        "status" => "failed",
        "started_at" => "2026-11-03T02:00:00Z",
        _ => "",
    });
    let in_row = cells.collect::<Vec<_>>().join(",");
    let mut keys = vec![
        r#""status":"failed""#.to_owned(),
        format!("\"{field}\":{in_json}"),
    ];
    if field != "started_at" {
        keys.push(r#""started_at":"2026-11-03T02:00:00Z""#.to_owned());
    }
    let in_object = format!("{{{}}}", keys.join(","));
    vec![
        case("runs.csv", csv(&in_row), Some(field), code, quoted),
        case("runs.json", array(&in_object), Some(field), code, quoted),
        case("runs.ndjson", lines(&in_object), Some(field), code, quoted),
    ]
}

fn parquet_case(
    bytes: Vec<u8>,
    column: Option<&'static str>,
    code: &'static str,
    value: impl Into<String>,
) -> Case {
    // Rows of Parquet are counted from 1, and there is no header.
    Case {
        line: 2,
        ..case("runs.parquet", bytes, column, code, value)
    }
}

/// Text in place of the time of the second of three rows.
fn time_text(text: &'static str) -> Vec<u8> {
    let good: &[u8] = b"2026-11-01T02:00:00Z";
    let cells = vec![Some(good), Some(text.as_bytes()), Some(good)];
    let column = ("binary started_at (UTF8)", Column::Text(cells));
    three(Some(b"bad"), Some(b"failed"), column, counts(Some(3)))
}

pub(crate) fn structure() -> Vec<Case> {
    let twice = r#"{"run_id":"x","status":"failed","status":"completed","started_at":"2026-11-03T02:00:00Z"}"#;
    let spelled =
        r#"{"run_id":"x","Run Id":"y","status":"failed","started_at":"2026-11-03T02:00:00Z"}"#;
    let cut = r#"{"run_id":"x","status""#;
    vec![
        case(
            "runs.csv",
            csv("daily,x"),
            None,
            "E-CSV-WIDTH",
            "2 fields, the header has 5: daily,x",
        ),
        case(
            "runs.csv",
            csv("a,b,c,d,e,f"),
            None,
            "E-CSV-WIDTH",
            "6 fields, the header has 5: a,b,c,d,e,f",
        ),
        case(
            "runs.csv",
            csv("daily,\"x,failed,2026-11-03,1"),
            None,
            "E-CSV-QUOTE",
            "daily,\"x,failed,2026-11-03,1",
        ),
        case(
            "runs.csv",
            csv("daily,\"x\"y,failed,2026-11-03,1"),
            None,
            "E-CSV-QUOTE",
            "daily,\"x\"y,failed,2026-11-03,1",
        ),
        case("runs.csv", csv("Total,,,,3"), None, "E-CSV-FOOTER", "Total"),
        case("runs.csv", csv("Total,3"), None, "E-CSV-FOOTER", "Total,3"),
        case(
            "runs.csv",
            csv("(2 rows affected)"),
            None,
            "E-CSV-FOOTER",
            "(2 rows affected)",
        ),
        case("runs.json", array("7"), None, "E-JSON-TYPE", "7"),
        case("runs.json", array("null"), None, "E-JSON-TYPE", "null"),
        case(
            "runs.json",
            array("\"text\""),
            None,
            "E-JSON-TYPE",
            "\"text\"",
        ),
        case("runs.ndjson", lines("true"), None, "E-JSON-TYPE", "true"),
        case("runs.ndjson", lines("[1,2]"), None, "E-JSON-TYPE", "[1,2]"),
        case(
            "runs.json",
            array(twice),
            Some("status"),
            "E-JSON-DUPKEY",
            twice,
        ),
        case(
            "runs.ndjson",
            lines(twice),
            Some("status"),
            "E-JSON-DUPKEY",
            twice,
        ),
        case(
            "runs.ndjson",
            lines(spelled),
            Some("Run Id"),
            "E-JSON-DUPKEY",
            spelled,
        ),
        case("runs.ndjson", lines(cut), None, "E-JSON-SYNTAX", cut),
        case(
            "runs.ndjson",
            lines("status=failed"),
            None,
            "E-JSON-SYNTAX",
            "status=failed",
        ),
        // Text after the last record of a list that is whole.
        Case {
            line: 4,
            ..case(
                "runs.json",
                format!("[\n{},\n{}]\n}}\n", object(1), object(2)),
                None,
                "E-JSON-SYNTAX",
                "}",
            )
        },
        // A list that ends early keeps what is whole.
        Case {
            line: 4,
            ..case(
                "runs.json",
                format!("[\n{},\n{},\n{cut}", object(1), object(2)),
                None,
                "E-JSON-SYNTAX",
                cut,
            )
        },
    ]
}

pub(crate) fn encoding() -> Vec<Case> {
    let latin = |text: String| -> Vec<u8> {
        // 0xe9 is é in Latin 1 and no character in UTF-8.
        let (before, after) = text.split_once('%').unwrap();
        [before.as_bytes(), b"\xe9", after.as_bytes()].concat()
    };
    let object = r#"{"scan":"caf%","status":"failed","started_at":"2026-11-03T02:00:00Z"}"#;
    let in_row = "caf%,x,failed,2026-11-03T02:00:00Z,1";
    let bad_id = three(
        Some(b"caf\xe9"),
        Some(b"failed"),
        times(Some(T)),
        counts(Some(1)),
    );
    vec![
        case(
            "runs.csv",
            latin(csv(in_row)),
            Some("scan"),
            "E-ENCODING",
            "caf\u{fffd}",
        ),
        case(
            "runs.ndjson",
            latin(lines(object)),
            None,
            "E-ENCODING",
            object.replace('%', "\u{fffd}") + "\n",
        ),
        parquet_case(
            bad_id,
            Some("run_id"),
            "E-ENCODING",
            "bytes that are not UTF-8",
        ),
    ]
}

pub(crate) fn time() -> Vec<Case> {
    let berlin: &[&str] = &["--input-tz", "Europe/Berlin"];
    // On 29 March 2026 the clocks of Berlin went from 02:00 to 03:00.
    let gap = "2026-03-29 02:30:00";
    let local = |micros: i64| {
        (
            "int64 started_at (TIMESTAMP(MICROS,false))",
            Column::Int(vec![Some(T), Some(micros), Some(T)]),
        )
    };
    // 20,541 days after 1970 is 2026-03-29.
    let gap_micros = (20_541 * 86_400 + 9_000) * 1_000_000;
    let mut cases = [
        everywhere("started_at", "E-TIME", "noon", "\"noon\"", "noon"),
        everywhere(
            "started_at",
            "E-TIME",
            "2026-02-30T00:00:00Z",
            "\"2026-02-30T00:00:00Z\"",
            "2026-02-30T00:00:00Z",
        ),
        everywhere(
            "started_at",
            "E-TIME-AMBIGUOUS",
            "3/4/2026 10:00",
            "\"3/4/2026 10:00\"",
            "3/4/2026 10:00",
        ),
        everywhere(
            "started_at",
            "E-TIME-SERIAL",
            "45321.5",
            "45321.5",
            "45321.5",
        ),
    ]
    .concat();
    for gap in everywhere("started_at", "E-TIME-GAP", gap, &format!("\"{gap}\""), gap) {
        cases.push(gap.args(berlin));
    }
    cases.extend([
        case(
            "runs.json",
            array(r#"{"status":"failed","started_at":[1]}"#),
            Some("started_at"),
            "E-TIME",
            "[1]",
        ),
        case(
            "runs.ndjson",
            lines(r#"{"status":"failed","started_at":true}"#),
            Some("started_at"),
            "E-TIME",
            "true",
        ),
        parquet_case(time_text("noon"), Some("started_at"), "E-TIME", "noon"),
        parquet_case(
            time_text("3/4/2026 10:00"),
            Some("started_at"),
            "E-TIME-AMBIGUOUS",
            "3/4/2026 10:00",
        ),
        parquet_case(time_text(gap), Some("started_at"), "E-TIME-GAP", gap).args(berlin),
        parquet_case(
            three(
                Some(b"bad"),
                Some(b"failed"),
                local(gap_micros),
                counts(Some(3)),
            ),
            Some("started_at"),
            "E-TIME-GAP",
            "2026-03-29T02:30:00+00:00",
        )
        .args(berlin),
        case(
            "runs.csv",
            csv("daily,x,failed,,1"),
            None,
            "E-TIME-MISSING",
            "",
        ),
        case(
            "runs.csv",
            csv("daily,x,failed,0001-01-01T00:00:00Z,1"),
            None,
            "E-TIME-MISSING",
            "",
        ),
        case(
            "runs.json",
            array(r#"{"run_id":"x","status":"failed"}"#),
            None,
            "E-TIME-MISSING",
            "",
        ),
        case(
            "runs.ndjson",
            lines(r#"{"run_id":"x","started_at":null}"#),
            None,
            "E-TIME-MISSING",
            "",
        ),
        parquet_case(
            three(Some(b"bad"), Some(b"failed"), times(None), counts(Some(3))),
            None,
            "E-TIME-MISSING",
            "",
        ),
        case("runs.csv", csv("daily,,,,1"), None, "E-EMPTY-RUN", ""),
        case("runs.csv", csv(",,,,"), None, "E-EMPTY-RUN", ""),
        case("runs.json", array("{}"), None, "E-EMPTY-RUN", ""),
        case(
            "runs.ndjson",
            lines(r#"{"scan":"daily"}"#),
            None,
            "E-EMPTY-RUN",
            "",
        ),
        parquet_case(
            three(None, None, times(None), counts(Some(3))),
            None,
            "E-EMPTY-RUN",
            "",
        ),
    ]);
    cases
}

pub(crate) fn number() -> Vec<Case> {
    let mut cases = Vec::new();
    for (in_csv, in_json) in [
        ("4.1k", "\"4.1k\""),
        ("-1", "-1"),
        ("1.5", "1.5"),
        ("1e3x", "\"1e3x\""),
        ("99999999999999999999", "99999999999999999999"),
        ("0x10", "\"0x10\""),
        ("1 00", "\"1 00\""),
    ] {
        cases.extend(everywhere("row_count", "E-NUMBER", in_csv, in_json, in_csv));
    }
    // A thousand or one: nothing else in the column tells.
    for number in ["1,000", "1.000"] {
        let quoted = format!("\"{number}\"");
        cases.extend(everywhere(
            "row_count",
            "E-NUMBER-AMBIGUOUS",
            &quoted,
            &quoted,
            number,
        ));
    }
    let middle =
        |column: (&str, Column)| three(Some(b"bad"), Some(b"failed"), times(Some(T)), column);
    let text = |text: &'static [u8]| Column::Text(vec![Some(b"1"), Some(text), Some(b"2")]);
    let halves = Column::Double(vec![Some(1.0), Some(1.5), Some(2.0)]);
    cases.extend([
        case(
            "runs.json",
            array(r#"{"status":"failed","started_at":"2026-11-03","row_count":[1]}"#),
            Some("row_count"),
            "E-NUMBER",
            "[1]",
        ),
        parquet_case(
            middle(counts(Some(-1))),
            Some("row_count"),
            "E-NUMBER",
            "-1",
        ),
        parquet_case(
            middle(("binary row_count (UTF8)", text(b"4.1k"))),
            Some("row_count"),
            "E-NUMBER",
            "4.1k",
        ),
        parquet_case(
            middle(("binary row_count (UTF8)", text(b"1,000"))),
            Some("row_count"),
            "E-NUMBER-AMBIGUOUS",
            "1,000",
        ),
        parquet_case(
            middle(("double row_count", halves)),
            Some("row_count"),
            "E-NUMBER",
            "1.5",
        ),
    ]);
    cases
}
