//! Gates: rules over the figures of a report that decide how the program ends, such as `success_rate < 95%`.
//!
//! A [`Rule`] is what the user wrote. A [`Gate`] is a rule whose path is known to exist and whose value fits it; that
//! is settled before anything is read. A [`Verdict`] is what a report says about it. A rule that holds fails its gate.

use std::fmt;
use std::str::FromStr;

use anyhow::{Result, bail};

use crate::mapping::values;
use crate::render::format;
use crate::report::{Block, Cell, Figure, Report, Section, Table, Unit};
use crate::sections;

/// Words of the column `severity`.
const SEVERITIES: [&str; 3] = ["high", "medium", "low"];

/// How a figure is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Op {
    Less,
    AtMost,
    More,
    AtLeast,
    Equal,
    NotEqual,
}

/// In the order in which they are looked for: the longer ones first.
const OPS: [(&str, Op); 6] = [
    ("<=", Op::AtMost),
    (">=", Op::AtLeast),
    ("==", Op::Equal),
    ("!=", Op::NotEqual),
    ("<", Op::Less),
    (">", Op::More),
];

impl Op {
    fn holds<T: PartialOrd>(self, found: &T, limit: &T) -> bool {
        match self {
            Op::Less => found < limit,
            Op::AtMost => found <= limit,
            Op::More => found > limit,
            Op::AtLeast => found >= limit,
            Op::Equal => found == limit,
            Op::NotEqual => found != limit,
        }
    }

    fn is_equality(self) -> bool {
        matches!(self, Op::Equal | Op::NotEqual)
    }
}

/// What a figure is compared with.
#[derive(Clone, Debug, PartialEq)]
enum Value {
    Number(f64),
    /// `95%`, as a fraction.
    Share(f64),
    /// `90m`, in milliseconds.
    Millis(f64),
    Word(String),
    /// `null`: not known or not defined.
    Null,
}

/// A rule as it was written: `PATH OP VALUE`.
#[derive(Clone, Debug, PartialEq)]
pub struct Rule {
    path: String,
    op: Op,
    value: Value,
    /// In one form, whatever blanks were written.
    text: String,
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl FromStr for Rule {
    type Err = String;

    /// Reads a rule. The error says which part cannot be read and what was expected.
    fn from_str(text: &str) -> Result<Rule, String> {
        let expected =
            || format!("expected FIGURE OP VALUE, such as 'success_rate < 95%'; found {text:?}");
        let at = text
            .find(['<', '>', '=', '!'])
            .ok_or_else(|| format!("no comparison\n       {}", expected()))?;
        let (path, rest) = text.split_at(at);
        let Some((sign, op)) = OPS.iter().find(|(sign, _)| rest.starts_with(sign)) else {
            return Err(format!(
                "comparison is one of <, <=, >, >=, == and !=\n       {}",
                expected()
            ));
        };
        let (path, rest) = (path.trim(), rest[sign.len()..].trim());
        if path.is_empty() || rest.is_empty() {
            return Err(expected());
        }
        let value = value(rest)?;
        if matches!(value, Value::Word(_) | Value::Null) && !op.is_equality() {
            return Err(format!("words are compared with == and != only: {rest:?}"));
        }
        Ok(Rule {
            path: path.to_ascii_lowercase(),
            op: *op,
            value,
            text: format!("{path} {sign} {rest}"),
        })
    }
}

fn value(text: &str) -> Result<Value, String> {
    let expected = || {
        format!(
            "expected a number, a share such as 95%, a duration such as 90m (d, h, m, s, ms), a word or null; found {text:?}"
        )
    };
    let first = text.trim_start_matches('-').chars().next();
    if !first.is_some_and(|c| c.is_ascii_digit()) {
        let word = text
            .chars()
            .all(|c| c.is_alphanumeric() || matches!(c, '_' | '-' | '.'));
        return match text {
            "null" => Ok(Value::Null),
            _ if word && !text.starts_with(['-', '.']) => Ok(Value::Word(text.to_owned())),
            _ => Err(expected()),
        };
    }
    let end = text
        .find(|c: char| !(c.is_ascii_digit() || matches!(c, '-' | '.')))
        .unwrap_or(text.len());
    let (digits, unit) = text.split_at(end);
    let number: f64 = digits.parse().map_err(|_| expected())?;
    Ok(match unit.trim_start() {
        "" => Value::Number(number),
        // The nearest fraction to what is written: 99.9 / 100 is another one than 0.999.
        "%" => Value::Share(format!("{digits}e-2").parse().map_err(|_| expected())?),
        "ms" => Value::Millis(number),
        "s" => Value::Millis(number * 1_000.0),
        "m" => Value::Millis(number * 60_000.0),
        "h" => Value::Millis(number * 3_600_000.0),
        "d" => Value::Millis(number * 86_400_000.0),
        _ => return Err(expected()),
    })
}

/// What a rule speaks of.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Subject {
    Figure {
        section: &'static str,
        block: &'static str,
        key: &'static str,
    },
    /// The rows of a table, cut ones included.
    Rows {
        section: &'static str,
        block: &'static str,
    },
    /// Records set aside; as a share, of the records read.
    Rejects,
    /// Rows of the table of findings; those with this word in this column, if one is named.
    Findings(Option<(&'static str, String)>),
}

/// A rule that can be applied to every report.
#[derive(Clone, Debug)]
pub struct Gate {
    rule: Rule,
    subject: Subject,
}

/// What a report says about a gate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// False when the rule holds.
    pub passed: bool,
    /// `gate failed: success_rate < 95%: found 92.3% (442 of 479)`.
    pub text: String,
}

impl Gate {
    /// Settles a rule by an outline: the sections, figures and tables that reports have. Fails on a path that no
    /// report has, that may mean several figures, and on a value that does not fit it.
    pub fn new(rule: Rule, outline: &Report) -> Result<Gate> {
        let (subject, unit) = subject(&rule.path, outline)?;
        fits(&rule, &subject, unit)?;
        Ok(Gate { rule, subject })
    }

    /// Applies the rule to a report. What is null (not known, or no denominator) passes, unless the rule asks for it.
    pub fn judge(&self, report: &Report) -> Verdict {
        let rule = &self.rule;
        let (cell, unit, aside) = match &self.subject {
            Subject::Figure {
                section,
                block,
                key,
            } => match figures(report, section, block) {
                Ok(items) => {
                    let figure = items.iter().find(|figure| figure.key == *key);
                    (
                        figure.map_or(Cell::Null, |figure| figure.value.clone()),
                        figure.map_or(Unit::Count, |figure| figure.unit),
                        parts(items, key),
                    )
                }
                Err(reason) => (Cell::Null, Unit::Count, reason),
            },
            Subject::Rows { section, block } => {
                let rows = table(report, section, block).map_or(0, |table| table.total);
                (count(rows), Unit::Count, String::new())
            }
            Subject::Findings(only) => (
                count(findings(report, only.as_ref())),
                Unit::Count,
                String::new(),
            ),
            Subject::Rejects => rejects(report, matches!(rule.value, Value::Share(_))),
        };
        let asks_null = rule.value == Value::Null;
        if cell == Cell::Null && !asks_null {
            let why = if aside.is_empty() {
                "nothing was counted"
            } else {
                aside.as_str()
            };
            return Verdict {
                passed: true,
                text: format!("gate passed: {rule}: not defined: {why}"),
            };
        }
        let passed = !self.holds(&cell);
        let found = if cell == Cell::Null {
            "null".to_owned()
        } else {
            shown(&cell, unit, &rule.value)
        };
        let aside = if aside.is_empty() {
            aside
        } else {
            format!(" ({aside})")
        };
        let verdict = if passed { "passed" } else { "failed" };
        Verdict {
            passed,
            text: format!("gate {verdict}: {rule}: found {found}{aside}"),
        }
    }

    fn holds(&self, cell: &Cell) -> bool {
        let (op, limit) = (self.rule.op, &self.rule.value);
        match limit {
            Value::Null => op.holds(&(*cell == Cell::Null), &true),
            Value::Word(word) => match cell {
                Cell::Text(text) => op.holds(text, word),
                Cell::Bool(value) => op.holds(&value.to_string(), word),
                Cell::Date(date) => op.holds(&date.to_string(), word),
                Cell::Null | Cell::Int(_) | Cell::Float(_) | Cell::Time(_) => false,
            },
            Value::Number(limit) | Value::Share(limit) | Value::Millis(limit) => match cell {
                Cell::Int(found) => op.holds(&(*found as f64), limit),
                Cell::Float(found) => op.holds(found, limit),
                Cell::Null | Cell::Text(_) | Cell::Bool(_) | Cell::Date(_) | Cell::Time(_) => false,
            },
        }
    }
}

/// Every figures block with its section, in order.
fn blocks(report: &Report) -> impl Iterator<Item = (&Section, &Block)> {
    report
        .sections
        .iter()
        .flat_map(|section| section.blocks.iter().map(move |block| (section, block)))
}

fn figures<'a>(report: &'a Report, section: &str, block: &str) -> Result<&'a [Figure], String> {
    let found = blocks(report).find_map(|(of, known)| match known {
        Block::Figures(figures) if of.id == section && figures.id == block => Some(figures),
        _ => None,
    });
    match found.map(|figures| &figures.items) {
        Some(Ok(items)) => Ok(items),
        Some(Err(reason)) => Err(reason.trim_end_matches('.').to_owned()),
        None => Err("this report does not have it".to_owned()),
    }
}

fn table<'a>(report: &'a Report, section: &str, block: &str) -> Option<&'a Table> {
    blocks(report)
        .filter(|(of, known)| of.id == section && known.id() == block)
        .find_map(|(_, block)| block.table())
}

fn count(rows: usize) -> Cell {
    Cell::Int(i64::try_from(rows).unwrap_or(i64::MAX))
}

fn findings(report: &Report, only: Option<&(&'static str, String)>) -> usize {
    let Some(table) = table(report, "findings", "findings") else {
        return 0;
    };
    let Some((column, word)) = only else {
        return table.total;
    };
    let at = table.columns.iter().position(|known| known.key == *column);
    table
        .rows
        .iter()
        .filter(|row| at.is_some_and(|at| row.cells[at] == Cell::Text(word.clone())))
        .count()
}

fn rejects(report: &Report, share: bool) -> (Cell, Unit, String) {
    let items = figures(report, "inputs", "reconciliation").unwrap_or_default();
    let number = |key: &str| int(items, key).unwrap_or_default();
    let (rejected, read) = (number("rejected"), number("read"));
    let aside = format!("{} of {}", format::count(rejected), format::count(read));
    match (share, read) {
        (true, 0) => (Cell::Null, Unit::Share, "no record was read".to_owned()),
        (true, _) => (
            Cell::Float(rejected as f64 / read as f64),
            Unit::Share,
            aside,
        ),
        (false, _) => (Cell::Int(rejected), Unit::Count, String::new()),
    }
}

fn int(items: &[Figure], key: &str) -> Option<i64> {
    items
        .iter()
        .find(|figure| figure.key == key)
        .and_then(|figure| match figure.value {
            Cell::Int(number) => Some(number),
            _ => None,
        })
}

/// What a rate is made of: `442 of 479`. Empty for other figures and without a denominator.
pub(crate) fn parts(items: &[Figure], key: &str) -> String {
    let finished = || {
        let of = |key| int(items, key);
        Some((
            of("succeeded")?,
            of("succeeded")? + of("partial")? + of("failed")?,
        ))
    };
    match finished() {
        Some((succeeded, finished)) if key == "success_rate" && finished > 0 => {
            format!(
                "{} of {}",
                format::count(succeeded),
                format::count(finished)
            )
        }
        _ => String::new(),
    }
}

/// The value as a reader sees it. A share has as many digits as tell it from the limit.
fn shown(cell: &Cell, unit: Unit, limit: &Value) -> String {
    match (cell, unit, limit) {
        (Cell::Float(found), Unit::Share, Value::Share(limit) | Value::Number(limit)) => {
            let text = |digits: usize, share: f64| format!("{:.digits$}%", share * 100.0);
            (1..=12)
                .map(|digits| (text(digits, *found), text(digits, *limit)))
                .find(|(found, limit)| found != limit)
                .map_or_else(|| text(1, *found), |(found, _)| found)
        }
        (Cell::Int(millis), Unit::Duration, Value::Millis(limit)) => {
            let found = format::duration(*millis);
            // Durations are shown in two units; where that hides the difference, in milliseconds.
            let apart = (*millis as f64 - limit).abs();
            if apart > 0.0 && apart < limit.abs() * 0.05 {
                format!("{found} ({} ms)", format::count(*millis))
            } else {
                found
            }
        }
        (Cell::Bool(value), ..) => value.to_string(),
        _ => format::cell(cell, unit, chrono_tz::Tz::UTC),
    }
}

/// Fails where a value cannot be compared with what the path names.
fn fits(rule: &Rule, subject: &Subject, unit: Unit) -> Result<()> {
    let (fine, expected) = match (unit, &rule.value) {
        (_, Value::Null) if !matches!(subject, Subject::Rows { .. } | Subject::Findings(_)) => {
            (true, "")
        }
        (Unit::Share | Unit::Difference, value) => (
            match value {
                Value::Share(_) => true,
                Value::Number(number) => (-1.0..=1.0).contains(number),
                _ => false,
            },
            "a share such as 95%, or a fraction of one such as 0.95",
        ),
        (Unit::Duration, value) => (
            matches!(value, Value::Millis(_)) || *value == Value::Number(0.0),
            "a duration such as 90m, 2h, 1d, 30s or 500ms",
        ),
        (Unit::Count | Unit::Bytes, value) => match (subject, value) {
            (Subject::Rejects, Value::Share(_)) => (true, ""),
            (Subject::Rejects, value) => (
                matches!(value, Value::Number(_)),
                "a number such as 10, or a share of the records read such as 1%",
            ),
            (_, value) => (matches!(value, Value::Number(_)), "a number such as 10"),
        },
        (Unit::Flag, value) => (
            matches!(value, Value::Word(word) if word == "true" || word == "false"),
            "true or false",
        ),
        (
            Unit::Text
            | Unit::Id
            | Unit::Message
            | Unit::Link
            | Unit::Status
            | Unit::Time
            | Unit::Date,
            value,
        ) => (matches!(value, Value::Word(_)), "a word, with == or !="),
    };
    if !fine {
        bail!("{rule}: {} is compared with {expected}", rule.path);
    }
    Ok(())
}

/// A figures block: its section, itself, its items.
type Known<'a> = (&'static str, &'static str, &'a [Figure]);

fn known(outline: &Report) -> Vec<Known<'_>> {
    blocks(outline)
        .filter_map(|(section, block)| match block {
            Block::Figures(figures) => figures
                .items
                .as_ref()
                .ok()
                .map(|items| (section.id, figures.id, items.as_slice())),
            _ => None,
        })
        .collect()
}

/// What a path names, and its unit.
fn subject(path: &str, outline: &Report) -> Result<(Subject, Unit)> {
    if path == "rejects" {
        return Ok((Subject::Rejects, Unit::Count));
    }
    let has_findings = table(outline, "findings", "findings").is_some();
    if has_findings && path == "findings" {
        return Ok((Subject::Findings(None), Unit::Count));
    }
    let known = known(outline);
    let parts: Vec<&str> = path.split('.').collect();
    // Candidates from the most to the least usual meaning; within one list all are equal.
    let matches = |section: Option<&str>, block: Option<&str>, key: &str| -> Vec<_> {
        known
            .iter()
            .filter(|(of, id, _)| {
                section.is_none_or(|section| section == *of)
                    && block.is_none_or(|block| block == *id)
            })
            .flat_map(|(section, block, items)| {
                items
                    .iter()
                    .filter(|figure| figure.key == key)
                    .map(|figure| (*section, *block, figure.key, figure.unit))
            })
            .collect()
    };
    let lists = match parts.as_slice() {
        [key] => vec![
            matches(Some("overview"), Some("figures"), key),
            matches(None, Some("figures"), key),
            matches(None, None, key),
        ],
        [section, key] => vec![
            matches(Some(section), Some("figures"), key),
            matches(Some(section), None, key),
        ],
        [section, block, key] => vec![matches(Some(section), Some(block), key)],
        _ => Vec::new(),
    };
    match lists
        .iter()
        .find(|list| !list.is_empty())
        .map(Vec::as_slice)
    {
        Some(&[(section, block, key, unit)]) => {
            return Ok((
                Subject::Figure {
                    section,
                    block,
                    key,
                },
                unit,
            ));
        }
        Some(several) => {
            let names: Vec<_> = several
                .iter()
                .map(|(section, block, key, _)| format!("{section}.{block}.{key}"))
                .collect();
            bail!(
                "{path}: means several figures\n       name one of {}",
                names.join(", ")
            );
        }
        None => {}
    }
    if let [section, word] = parts.as_slice() {
        if has_findings && *section == "findings" {
            let column = if SEVERITIES.contains(word) {
                Some("severity")
            } else {
                sections::is_kind_of_finding(word).then_some("kind")
            };
            if let Some(column) = column {
                let only = (column, (*word).to_owned());
                return Ok((Subject::Findings(Some(only)), Unit::Count));
            }
        }
        let rows = blocks(outline)
            .filter(|(_, block)| block.table().is_some())
            .find(|(of, block)| of.id == *section && block.id() == *word);
        if let Some((section, block)) = rows {
            let subject = Subject::Rows {
                section: section.id,
                block: block.id(),
            };
            return Ok((subject, Unit::Count));
        }
    }
    let names = names(outline);
    let near = values::near(path, names.iter().map(String::as_str), 5);
    let hint = if near.is_empty() {
        "rundown explain lists the figures".to_owned()
    } else {
        format!("did you mean {}?", near.join(", "))
    };
    bail!("{path}: no report has this figure\n       {hint}")
}

/// Every path, in its usual form.
fn names(outline: &Report) -> Vec<String> {
    let mut names = vec!["rejects".to_owned()];
    for (section, block, items) in known(outline) {
        for figure in items {
            names.push(match (section, block) {
                ("overview", "figures") => figure.key.to_owned(),
                (_, "figures") => format!("{section}.{}", figure.key),
                _ => format!("{section}.{block}.{}", figure.key),
            });
        }
    }
    for (section, block) in blocks(outline).filter(|(_, block)| block.table().is_some()) {
        names.push(format!("{}.{}", section.id, block.id()));
    }
    if table(outline, "findings", "findings").is_some() {
        names.push("findings".to_owned());
        let kinds = outline.terms.iter().map(|term| term.word);
        let kinds = kinds.filter(|word| sections::is_kind_of_finding(word));
        names.extend(
            SEVERITIES
                .into_iter()
                .chain(kinds)
                .map(|word| format!("findings.{word}")),
        );
    }
    names
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::testing;
    use crate::report::{Column, Figures, Place, Row, Term};

    fn figure(key: &'static str, unit: Unit, value: Cell) -> Figure {
        Figure {
            key,
            label: "Shown",
            unit,
            value,
            previous: None,
            definition: "",
            main: false,
        }
    }

    fn counts(keys: &[(&'static str, i64)]) -> Vec<Figure> {
        keys.iter()
            .map(|(key, value)| figure(key, Unit::Count, Cell::Int(*value)))
            .collect()
    }

    fn block(id: &'static str, items: Vec<Figure>) -> Block {
        Block::Figures(Figures {
            id,
            title: "",
            aside: false,
            items: Ok(items),
        })
    }

    fn rows(id: &'static str, keys: &[&'static str], rows: &[&[&str]], total: usize) -> Block {
        let columns = keys.iter().map(|&key| Column {
            key,
            label: "Shown",
            unit: Unit::Status,
            place: Place::Column,
            definition: "",
        });
        let rows = rows.iter().map(|cells| Row {
            cells: cells
                .iter()
                .map(|cell| Cell::Text((*cell).to_owned()))
                .collect(),
            ..Row::default()
        });
        Block::Table(Table {
            total,
            ..Table::new(id, "", String::new(), columns.collect(), rows.collect())
        })
    }

    /// 442 of 479 runs succeeded, 12 of 240 records were set aside, and there are three findings.
    fn sample() -> Report {
        let mut overview = vec![figure(
            "success_rate",
            Unit::Share,
            Cell::Float(442.0 / 479.0),
        )];
        overview.extend(counts(&[
            ("succeeded", 442),
            ("partial", 21),
            ("failed", 16),
            ("shared", 1),
        ]));
        let mut report = testing::report(vec![
            (
                "overview",
                vec![
                    block("figures", overview),
                    block("previous", counts(&[("failed", 20)])),
                    block("portal", counts(&[("failed", 30), ("differing_runs", 4)])),
                ],
            ),
            (
                "gaps",
                vec![
                    block("figures", counts(&[("missing", 1_200), ("twice", 1)])),
                    rows("scans", &["scan"], &[&["a"], &["b"]], 70),
                ],
            ),
            (
                "more",
                vec![
                    block("figures", counts(&[("twice", 2)])),
                    block(
                        "units",
                        vec![
                            figure("took_ms", Unit::Duration, Cell::Int(5_400_000)),
                            figure("size", Unit::Bytes, Cell::Int(2_000)),
                            figure("rate", Unit::Share, Cell::Null),
                            figure("change", Unit::Share, Cell::Float(-0.04)),
                            figure("why", Unit::Text, Cell::Text("policy".to_owned())),
                            figure("balanced", Unit::Flag, Cell::Bool(true)),
                        ],
                    ),
                ],
            ),
            (
                "findings",
                vec![rows(
                    "findings",
                    &["kind", "severity"],
                    &[
                        &["stuck", "high"],
                        &["stuck", "medium"],
                        &["flapping", "low"],
                    ],
                    3,
                )],
            ),
            (
                "inputs",
                vec![block(
                    "reconciliation",
                    counts(&[("read", 240), ("rejected", 12)]),
                )],
            ),
        ]);
        report.terms = ["failed", "stuck", "flapping", "slower"]
            .map(|word| Term {
                word,
                label: word,
                meaning: "",
            })
            .to_vec();
        report
    }

    fn gate(rule: &str) -> Result<Gate> {
        let rule: Rule = rule.parse().map_err(anyhow::Error::msg)?;
        Gate::new(rule, &sample())
    }

    #[track_caller]
    fn judged(rule: &str) -> (bool, String) {
        let verdict = gate(rule).unwrap().judge(&sample());
        (verdict.passed, verdict.text)
    }

    #[track_caller]
    fn refused(rule: &str) -> String {
        format!("{:#}", gate(rule).unwrap_err())
    }

    #[test]
    fn every_operator_decides_below_at_and_above_its_limit() {
        for (op, holds) in [
            ("<", [false, false, true]),
            ("<=", [false, true, true]),
            (">", [true, false, false]),
            (">=", [true, true, false]),
            ("==", [false, true, false]),
            ("!=", [true, false, true]),
        ] {
            for (limit, holds) in ["15", "16", "17"].into_iter().zip(holds) {
                let rule = format!("failed{op}{limit}");
                assert_eq!(judged(&rule).0, !holds, "{rule}");
            }
        }
    }

    #[test]
    fn every_unit_has_values_of_its_own() {
        for (rule, passed, found) in [
            ("success_rate < 95%", false, "92.3% (442 of 479)"),
            ("success_rate < 0.95", false, "92.3% (442 of 479)"),
            ("success_rate < 90 %", true, "92.3% (442 of 479)"),
            // As many digits as tell the two apart.
            ("success_rate < 92.3%", false, "92.28% (442 of 479)"),
            ("change < -3%", false, "-4.0%"),
            ("change < -5%", true, "-4.0%"),
            ("more.units.took_ms > 90m", true, "1h 30m"),
            ("more.took_ms >= 1.5h", false, "1h 30m"),
            ("took_ms > 5399s", false, "1h 30m (5,400,000 ms)"),
            ("took_ms > 5399999ms", false, "1h 30m (5,400,000 ms)"),
            ("took_ms > 1d", true, "1h 30m"),
            ("took_ms > 0", false, "1h 30m"),
            ("size > 1999", false, "2.0 kB"),
            ("why == policy", false, "policy"),
            ("why != policy", true, "policy"),
            ("balanced == false", true, "true"),
            ("balanced != true", true, "true"),
            ("missing > 1000", false, "1,200"),
            ("missing > 1000.5", false, "1,200"),
        ] {
            let (did_pass, text) = judged(rule);
            assert_eq!(did_pass, passed, "{text}");
            assert!(text.ends_with(&format!(": found {found}")), "{text}");
            let word = if passed { "passed" } else { "failed" };
            assert!(text.starts_with(&format!("gate {word}: ")), "{text}");
        }
    }

    #[test]
    fn a_share_is_the_fraction_that_is_written() {
        let share = |text: &str| value(text).unwrap();
        assert_eq!(share("99.9%"), Value::Share(0.999));
        assert_eq!(share("95%"), Value::Share(19.0 / 20.0));
        assert_eq!(share("-2.5%"), Value::Share(-0.025));
    }

    #[test]
    fn paths_may_be_short_where_they_are_clear() {
        for (path, found) in [
            ("failed", "16"),
            ("FAILED", "16"),
            ("overview.failed", "16"),
            ("overview.figures.failed", "16"),
            ("overview.previous.failed", "20"),
            ("overview.portal.failed", "30"),
            ("differing_runs", "4"),
            ("gaps.missing", "1,200"),
            ("gaps.figures.missing", "1,200"),
            ("more.twice", "2"),
            ("gaps.scans", "70"),
            ("rejects", "12"),
            ("findings", "3"),
            ("findings.findings", "3"),
            ("findings.stuck", "2"),
            ("findings.high", "1"),
            ("findings.medium", "1"),
            ("findings.low", "1"),
            ("findings.slower", "0"),
        ] {
            let (_, text) = judged(&format!("{path} > 99"));
            assert!(text.ends_with(&format!(": found {found}")), "{text}");
        }
        let message = refused("twice > 1");
        assert!(
            message.contains("gaps.figures.twice, more.figures.twice"),
            "{message}"
        );
    }

    #[test]
    fn rejects_may_be_a_share_of_the_records_read() {
        assert_eq!(
            judged("rejects > 4%"),
            (
                false,
                "gate failed: rejects > 4%: found 5.0% (12 of 240)".to_owned()
            )
        );
        assert!(judged("rejects > 5%").0);
        assert!(judged("rejects > 12").0);
        let mut empty = sample();
        empty.sections.retain(|section| section.id != "inputs");
        let verdict = gate("rejects >= 0%").unwrap().judge(&empty);
        assert_eq!(
            verdict.text,
            "gate passed: rejects >= 0%: not defined: no record was read"
        );
    }

    #[test]
    fn what_is_not_defined_passes_unless_it_is_asked_for() {
        assert_eq!(
            judged("rate < 95%"),
            (
                true,
                "gate passed: rate < 95%: not defined: nothing was counted".to_owned()
            )
        );
        assert!(judged("rate != 95%").0);
        assert_eq!(
            judged("rate == null"),
            (false, "gate failed: rate == null: found null".to_owned())
        );
        assert!(judged("rate != null").0);
        assert!(judged("failed == null").0);
        assert!(!judged("failed != null").0);

        let mut report = sample();
        report.sections[0].blocks[1] = Block::Figures(Figures {
            id: "previous",
            title: "",
            aside: false,
            items: Err("No earlier data.".to_owned()),
        });
        let verdict = gate("overview.previous.failed > 0").unwrap().judge(&report);
        assert!(verdict.passed);
        assert!(
            verdict.text.ends_with("not defined: No earlier data"),
            "{}",
            verdict.text
        );
    }

    #[test]
    fn a_table_that_a_report_leaves_out_has_no_row() {
        let gate = gate("gaps.scans > 0").unwrap();
        let mut report = sample();
        report.sections[1].blocks.pop();
        assert!(gate.judge(&report).passed);
    }

    #[test]
    fn a_rule_that_cannot_be_read_says_what_was_expected() {
        for (rule, says) in [
            ("", "no comparison"),
            ("failed", "no comparison"),
            ("failed = 3", "one of <, <=, >, >=, == and !="),
            ("failed ! 3", "one of <, <=, >, >=, == and !="),
            ("< 3", "expected FIGURE OP VALUE"),
            ("failed >", "expected FIGURE OP VALUE"),
            ("failed > 3x", "expected a number"),
            ("failed > 1.2.3", "expected a number"),
            ("failed > 3 4", "expected a number"),
            ("failed >> 3", "expected a number"),
            ("failed > --3", "expected a number"),
            ("took_ms > 90min", "expected a number"),
            ("failed > -", "expected a number"),
            ("why > policy", "== and != only"),
            ("rate < null", "== and != only"),
        ] {
            let message = refused(rule);
            assert!(message.contains(says), "{rule}: {message}");
        }
    }

    #[test]
    fn a_value_must_fit_its_figure() {
        for (rule, says) in [
            ("success_rate < 95", "a share such as 95%"),
            ("success_rate < 5m", "a share such as 95%"),
            ("failed > 5%", "a number such as 10"),
            ("failed == many", "a number such as 10"),
            ("failed > 5m", "a number such as 10"),
            ("findings > 5%", "a number such as 10"),
            ("gaps.scans == null", "a number such as 10"),
            ("rejects > 5m", "a share of the records read"),
            ("took_ms > 90", "a duration such as 90m"),
            ("took_ms > 5%", "a duration such as 90m"),
            ("balanced == yes", "true or false"),
            ("why == 3", "a word"),
        ] {
            let message = refused(rule);
            assert!(
                message.contains("is compared with") && message.contains(says),
                "{rule}: {message}"
            );
        }
    }

    #[test]
    fn an_unknown_path_is_refused_with_the_nearest_names() {
        for (rule, near) in [
            ("sucess_rate < 95%", "success_rate"),
            ("gaps.mising > 0", "gaps.missing"),
            ("findings.stcuk > 0", "findings.stuck"),
            ("gaps.scan > 0", "gaps.scans"),
            ("reject > 0", "rejects"),
        ] {
            let message = refused(rule);
            assert!(message.contains(near), "{rule}: {message}");
        }
        // An outcome is no kind of finding, and would be 0 for ever.
        refused("findings.failed > 0");
        refused("findings.frobnicate > 0");
        refused("a.b.c.d > 0");
        let message = refused("zzzz > 0");
        assert!(message.contains("rundown explain"), "{message}");
    }

    #[test]
    fn the_gates_of_the_documentation_fit_the_real_report() {
        let outline = crate::outline::outline().unwrap();
        for rule in [
            "success_rate < 95%",
            "failed > 0",
            "gaps.missing > 0",
            "overview.previous.failed > 0",
            "rejects > 1%",
            "inputs.conflicts > 0",
            "scans.scans == 0",
            "balanced == false",
        ] {
            Gate::new(rule.parse().unwrap(), &outline).unwrap();
        }
    }
}
