//! Numbers and dates that leave something open: the other values of their column decide, in all files of a call.

use rundown::mapping::numbers::Decimal;
use rundown::mapping::time::DateOrder;

use crate::case::{Case, DAY, Run, check, good};
use crate::common::small::{HEADER, T};

/// CSV of one run for each of these cells, which stand under `started_at` or `row_count`.
fn csv_of(cells: &[(&str, &str)]) -> String {
    let rows = cells.iter().enumerate().map(|(at, (start, count))| {
        format!("daily,good-{},completed,\"{start}\",\"{count}\"\n", at + 1)
    });
    format!("{HEADER}\n{}", rows.collect::<String>())
}

/// The same as JSON, a run in each line from line 2 on.
fn json_of(cells: &[(&str, &str)]) -> String {
    let rows = cells.iter().enumerate().map(|(at, (start, count))| {
        format!(
            r#"{{"scan":"daily","run_id":"good-{}","status":"completed","started_at":"{start}","row_count":"{count}"}}"#,
            at + 1
        )
    });
    format!("[\n{}]\n", rows.collect::<Vec<_>>().join(",\n"))
}

const START: &str = "2026-11-01T02:00:00Z";

/// What is expected of a column of counts: the number, or the code of the reject.
type Counts<'a> = &'a [(&'a str, Result<i64, &'static str>)];

/// A case for CSV and one for JSON, changed alike.
fn counted(counts: Counts<'_>, change: impl Fn(Case) -> Case) -> [Case; 2] {
    let cells: Vec<_> = counts.iter().map(|(text, _)| (START, *text)).collect();
    let what = format!(
        "{:?}",
        counts.iter().map(|(text, _)| text).collect::<Vec<_>>()
    );
    [("runs.csv", csv_of(&cells)), ("runs.json", json_of(&cells))].map(|(file, text)| {
        let mut case = good(format!("{file} {what}"), file, text).runs([]);
        let mut runs = Vec::new();
        for (number, (_, expected)) in (1..).zip(counts) {
            match expected {
                Ok(count) => runs.push(Run {
                    started_at: Some(T),
                    row_count: Some(*count),
                    ..Run::good(number)
                }),
                Err(code) => case = case.reject(u64::from(number) + 1, code, ""),
            }
        }
        change(case.runs(runs))
    })
}

#[test]
fn separators_of_thousands_and_decimals_are_decided_by_the_column() {
    let either = Err("E-NUMBER-AMBIGUOUS");
    let none = Err("E-NUMBER");
    let columns: [(Counts<'_>, &'static str); 19] = [
        (
            &[("1234", Ok(1234)), ("950.0", Ok(950)), ("1e3", Ok(1000))],
            "",
        ),
        (
            &[("1,234", Ok(1234)), ("1,000", Ok(1000)), ("5", Ok(5))],
            "a decimal point",
        ),
        (
            &[("1.234", Ok(1234)), ("1.000", Ok(1000)), ("5", Ok(5))],
            "a decimal comma",
        ),
        (
            &[("1,000", Ok(1000)), ("12,345,678", Ok(12_345_678))],
            "a decimal point",
        ),
        (
            &[("1.000", Ok(1000)), ("12.345.678", Ok(12_345_678))],
            "a decimal comma",
        ),
        (&[("1.000", Ok(1)), ("12.0", Ok(12))], "a decimal point"),
        (&[("1,000", Ok(1)), ("12,0", Ok(12))], "a decimal comma"),
        (
            &[("1.000", Ok(1)), ("1,000", Ok(1000)), ("1,234.0", Ok(1234))],
            "a decimal point",
        ),
        (
            &[
                ("1.234,0", Ok(1234)),
                ("1.000,00", Ok(1000)),
                ("1.000", Ok(1000)),
            ],
            "a decimal comma",
        ),
        // Spaces, hard and narrow ones, and apostrophes separate thousands only.
        (
            &[
                ("1 234", Ok(1234)),
                ("1\u{a0}000", Ok(1000)),
                ("1\u{202f}234\u{202f}567", Ok(1_234_567)),
            ],
            "",
        ),
        (
            &[
                ("1'234", Ok(1234)),
                ("1\u{2019}000", Ok(1000)),
                ("1_000", Ok(1000)),
            ],
            "",
        ),
        (
            &[("1 234,0", Ok(1234)), ("1,000", Ok(1))],
            "a decimal comma",
        ),
        // Nothing tells.
        (&[("1,000", either), ("5", Ok(5))], "could mean either"),
        (
            &[("1.000", either), ("2.000", either), ("5", Ok(5))],
            "could mean either",
        ),
        // What tells contradicts itself, so that none with a separator is certain.
        (
            &[
                ("1,234", either),
                ("1.234", either),
                ("1,000", either),
                ("5", Ok(5)),
            ],
            "others a decimal comma",
        ),
        (
            &[("12,0", either), ("12.0", either), ("7", Ok(7))],
            "others a decimal comma",
        ),
        // No numbers at all, whatever the others say.
        (
            &[
                ("1,23,4", none),
                ("12 34", none),
                ("1,2345", none),
                ("5", Ok(5)),
            ],
            "",
        ),
        (&[("1.5", none), ("5", Ok(5))], ""),
        (&[("12,0", Ok(12)), ("1,5", none)], "a decimal comma"),
    ];
    check(
        columns
            .into_iter()
            .flat_map(|(counts, says)| counted(counts, |case| case.says(says))),
    );
}

#[test]
fn numbers_of_one_file_decide_those_of_another_and_not_those_of_another_column() {
    let open = csv_of(&[(START, "1,000")]);
    let run = |number, count| Run {
        started_at: Some(T),
        row_count: Some(count),
        ..Run::good(number)
    };
    let other = |count: &str| format!("{HEADER}\n\ndaily,good-2,completed,{START},\"{count}\"\n");
    let column =
        format!("{HEADER},file_count\ndaily,good-1,completed,{START},\"1,000\",\"12,345\"\n");
    let ambiguous = "--decimal point or --decimal comma";
    check([
        good("before", "a.csv", open.clone())
            .beside("b.csv", other("12,345"))
            .runs([run(1, 1000), run(2, 12_345)])
            .says("a decimal point"),
        good("after", "b.csv", open.clone())
            .beside("a.csv", other("12,0"))
            .runs([run(2, 12), run(1, 1)])
            .says("a decimal comma"),
        good("against each other", "a.csv", open)
            .beside("b.csv", other("12,345"))
            .beside("c.csv", csv_of(&[(START, "12,0")]))
            .runs([])
            .reject(2, "E-NUMBER-AMBIGUOUS", ambiguous)
            .reject(3, "E-NUMBER-AMBIGUOUS", ambiguous)
            .reject(2, "E-NUMBER-AMBIGUOUS", ambiguous),
        good("another column", "a.csv", column)
            .runs([])
            .reject(2, "E-NUMBER-AMBIGUOUS", ambiguous),
    ]);
}

#[test]
fn the_user_decides_what_the_column_leaves_open() {
    let cases = [
        (Decimal::Point, "1,000", Ok(1000)),
        (Decimal::Point, "1.000", Ok(1)),
        (Decimal::Point, "1,234.0", Ok(1234)),
        (Decimal::Point, "1.234", Err("E-NUMBER")),
        (Decimal::Comma, "1,000", Ok(1)),
        (Decimal::Comma, "1.000", Ok(1000)),
        (Decimal::Comma, "1.234,0", Ok(1234)),
        (Decimal::Comma, "1,234", Err("E-NUMBER")),
    ];
    check(cases.into_iter().flat_map(|(decimal, text, expected)| {
        counted(&[(text, expected), ("5", Ok(5))], |case| {
            case.decimal(decimal)
        })
    }));
}

/// The instant of an hour of a day, days being counted from 1 November 2026.
fn on(day: i64, hour: i64) -> i64 {
    T + (day - 1) * DAY + (hour - 2) * 3_600_000_000
}

/// What is expected of a column of starts: the instant, or the code of the reject.
type Starts<'a> = &'a [(&'a str, Result<i64, &'static str>)];

/// Two files of starts; the runs of the second one begin with number 5.
fn two(what: &str, one: Starts<'_>, other: Starts<'_>) -> Case {
    let (mut texts, mut runs, mut rejects) = (Vec::new(), Vec::new(), Vec::new());
    for (first, starts) in [(1, one), (5, other)] {
        let mut text = format!("{HEADER}\n");
        for ((number, line), (start, expected)) in (first..).zip(2_u32..).zip(starts) {
            text += &format!("daily,good-{number},completed,\"{start}\",{number}\n");
            match expected {
                Ok(start) => runs.push(Run {
                    line,
                    started_at: Some(*start),
                    ..Run::good(number)
                }),
                Err(code) => rejects.push((u64::from(line), *code)),
            }
        }
        texts.push(text);
    }
    let other = texts.pop().unwrap();
    let one = texts.pop().unwrap();
    let case = good(what, "a.csv", one).beside("b.csv", other).runs(runs);
    rejects
        .into_iter()
        .fold(case, |case, (line, code)| case.reject(line, code, ""))
}

#[test]
fn day_and_month_are_decided_by_the_dates_of_all_files() {
    let open = Err("E-TIME-AMBIGUOUS");
    let (december_11, november_12) = (on(41, 5), on(12, 5));
    check([
        two(
            "in one file",
            &[
                ("12/11/2026 05:00", Ok(november_12)),
                ("25/11/2026 05:00", Ok(on(25, 5))),
            ],
            &[],
        )
        .says("day before month, as other dates in it show"),
        two(
            "in one file",
            &[
                ("11/12/2026 05:00", Ok(november_12)),
                ("11/25/2026 05:00", Ok(on(25, 5))),
            ],
            &[],
        )
        .says("month before day, as other dates in it show"),
        two(
            "in the second",
            &[("12/11/2026 05:00", Ok(november_12))],
            &[("25/11/2026 05:00", Ok(on(25, 5)))],
        )
        .says("day before month, as other dates in it show"),
        two(
            "in the second",
            &[("12/11/2026 05:00", Ok(december_11))],
            &[("11/25/2026 05:00", Ok(on(25, 5)))],
        )
        .says("month before day, as other dates in it show"),
        two(
            "in the first",
            &[("25/11/2026 05:00", Ok(on(25, 5)))],
            &[
                ("12/11/2026 05:00", Ok(november_12)),
                ("11/12/2026", Ok(on(41, 0))),
            ],
        )
        .says("day before month"),
        two(
            "nowhere",
            &[("12/11/2026 05:00", open)],
            &[("11/12/2026", open), ("11/11/2026", Ok(on(11, 0)))],
        )
        .says("could be either way round"),
        two(
            "against each other",
            &[("25/11/2026", Ok(on(25, 0))), ("12/11/2026", open)],
            &[("11/25/2026", Ok(on(25, 0))), ("11/12/2026", open)],
        )
        .says("others only the month"),
        two(
            "halves of the day",
            &[
                ("11/12/2026 5:00 AM", Ok(november_12)),
                ("11/12/2026, 05:00 PM", Ok(on(12, 17))),
            ],
            &[],
        )
        .says("as is usual with AM and PM"),
        two(
            "halves of the day, day first",
            &[("12/11/2026 5:00 AM", Ok(november_12))],
            &[("25/11/2026 5:00 PM", Ok(on(25, 17)))],
        )
        .says("day before month"),
        two(
            "other shapes beside it",
            &[
                ("2026-11-12 05:00", Ok(november_12)),
                ("12.11.2026 05:00", Ok(november_12)),
                ("11/12/2026", open),
            ],
            &[],
        ),
    ]);
}

#[test]
fn the_user_decides_what_the_dates_leave_open() {
    let text = "11/12/2026 05:00";
    check([
        two("month first", &[(text, Ok(on(12, 5)))], &[]).date_order(DateOrder::Mdy),
        two("day first", &[(text, Ok(on(41, 5)))], &[]).date_order(DateOrder::Dmy),
        two(
            "against the user",
            &[(text, Ok(on(41, 5))), ("11/25/2026", Err("E-TIME"))],
            &[],
        )
        .date_order(DateOrder::Dmy),
    ]);
}

#[test]
fn a_file_that_is_read_a_second_time_keeps_its_place_and_its_other_rejects() {
    let open = format!(
        "{HEADER}\ndaily,good-1,completed,12/11/2026 05:00,1\ndaily,x,completed,noon,1\ndaily,y\n"
    );
    let plain = format!("{HEADER}\ndaily,good-2,completed,{START},2\n");
    let telling = format!("{HEADER}\ndaily,good-3,completed,25/11/2026 05:00,3\n");
    let run = |number, start| Run {
        line: 2,
        started_at: Some(start),
        ..Run::good(number)
    };
    check([good("three files", "a.csv", open)
        .beside("b.csv", plain)
        .beside("c.csv", telling)
        .runs([run(1, on(12, 5)), run(2, T), run(3, on(25, 5))])
        .reject(3, "E-TIME", "")
        .reject(4, "E-CSV-WIDTH", "")]);
}

#[test]
fn a_zone_in_the_name_of_a_column_is_utc_or_must_be_said() {
    let local = |zone: &str| {
        let name = format!("\"Started At [{zone}]\"");
        csv_of(&[("2026-11-01 02:00:00", "1")]).replace("started_at", &name)
    };
    let berlin = |mut case: Case| {
        case.input.supplied.times.zone = Some(chrono_tz::Europe::Berlin);
        case
    };
    let run = |hours: i64| Run {
        started_at: Some(T - hours * 3_600_000_000),
        ..Run::good(1)
    };
    let mut cases = Vec::new();
    for zone in ["UTC", "utc", "GMT", "Z", "UTC+00:00"] {
        cases.push(good(zone, "runs.csv", local(zone)).runs([run(0)]));
    }
    for zone in [
        "Local Time",
        "Local",
        "UTC+01:00",
        "Europe/Berlin",
        "(UTC+01:00) Amsterdam, Berlin",
    ] {
        let case = good(zone, "runs.csv", local(zone));
        cases.push(
            case.clone()
                .runs([])
                .reject(1, "E-TIME-ZONE", "--input-tz Europe/Berlin"),
        );
        cases.push(berlin(case.runs([run(1)])));
        // The same name as a key.
        let key = format!(
            r#"[{{"run_id":"good-1","scan":"daily","status":"completed","Started At [{zone}]":"2026-11-01 02:00:00","row_count":1}}]"#
        );
        let case = good(format!("{zone} in JSON"), "runs.json", key);
        cases.push(
            case.clone()
                .runs([])
                .reject(1, "E-TIME-ZONE", "--input-tz Europe/Berlin"),
        );
        cases.push(berlin(case.runs([Run { line: 1, ..run(1) }])));
    }
    // Other brackets say nothing about a zone.
    cases.push(good("a note", "runs.csv", local("start")).runs([run(0)]));
    check(cases);
}
