//! What a name means, and what it is in a log.

use crate::{ONE_BAD, folder_of, names, report, rundown, samples};

/// On one line, since the text is wrapped.
fn flat(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn names_are_explained_without_a_log() {
    let folder = tempfile::tempdir().unwrap();
    let list = rundown(folder.path(), &["explain"]).ends(0).out();
    for name in [
        "success_rate",
        "gaps",
        "credentials",
        "E-TIME",
        "failing_streak",
    ] {
        assert!(list.split_whitespace().any(|word| word == name), "{name}");
        let done = rundown(folder.path(), &["explain", name]).ends(0);
        assert!(done.out().starts_with(name), "{}", done.out());
        assert_eq!(done.err, "");
    }
    assert!(names(folder.path()).is_empty());
}

#[test]
fn with_a_log_a_figure_is_told_with_its_parts() {
    let folder = samples();
    let json = report(folder.path(), &["sample_data"]);
    let figures = &json["sections"]["overview"]["figures"];
    let text = rundown(folder.path(), &["explain", "success_rate", "sample_data"])
        .ends(0)
        .out();
    let text = flat(&text);
    let number = |key: &str| figures[key].as_i64().unwrap();
    let finished = number("succeeded") + number("partial") + number("failed");
    for part in [
        format!("{} of {finished}", number("succeeded")),
        format!(
            "counted: {} succeeded, {} partial, {} failed",
            number("succeeded"),
            number("partial"),
            number("failed")
        ),
        format!(
            "left out: {} cancelled, {} active, {} unknown",
            number("cancelled"),
            number("active"),
            number("unknown")
        ),
        format!("{} child run", number("child_runs")),
        format!(
            "{} records outside the period",
            json["sections"]["inputs"]["reconciliation"]["outside_window"]
        ),
    ] {
        assert!(text.contains(&part), "{part}\n{text}");
    }
    assert_eq!(names(folder.path()), ["sample_data/"]);
}

#[test]
fn an_error_is_told_by_its_id() {
    let folder = samples();
    let json = report(folder.path(), &["sample_data"]);
    let first = &json["sections"]["errors"]["signatures"][0];
    let id = first["id"].as_str().unwrap();
    let short = rundown(folder.path(), &["explain", id, "sample_data"])
        .ends(0)
        .out();
    let long = rundown(folder.path(), &["explain", "error", id, "sample_data"])
        .ends(0)
        .out();
    assert_eq!(short, long);
    let text = flat(&short);
    let category = &json["sections"]["errors"]["categories"]
        .as_array()
        .unwrap()
        .iter()
        .find(|row| row["category"] == first["category"])
        .unwrap();
    let (_, acted) = rundown::errors::signature_traced(first["example"].as_str().unwrap());
    for part in [
        format!(
            "How it is grouped, by version 2 of the signature rules {}",
            acted.join(" ")
        ),
        format!(
            "of the built-in error rules, by its code: {}.",
            first["category"].as_str().unwrap()
        ),
        flat(first["signature"].as_str().unwrap()),
        format!("Runs {}", first["runs"]),
        format!("Scans {}", first["scans"]),
        "First seen 2026".to_owned(),
        "Last seen 2026".to_owned(),
        flat(first["example"].as_str().unwrap()),
        flat(category["action"].as_str().unwrap()),
    ] {
        assert!(text.contains(&part), "{part}\n{text}");
    }
    let done = rundown(folder.path(), &["explain", "0000000000", "sample_data"]).ends(2);
    assert!(done.err.contains(id), "{}", done.err);
    let done = rundown(folder.path(), &["explain", id]).ends(2);
    assert!(done.err.contains("INPUT"), "{}", done.err);
}

/// A rule of the user's own list, asked before the built-in ones.
const OWN_RULES: &str = "[[rules]]\ncategory = 'network'\ncode = 'X9'\n\n[[rules]]\ncategory = 'policy'\ntext = 'login failed'\n";

const LOGINS: &str = "run_id,scan,status,started_at,error_code,error_message
1,a,failed,2026-11-01T02:00:00Z,,Login failed for user 'bob'
2,a,failed,2026-11-02T02:00:00Z,X9,anything
3,a,failed,2026-11-03T02:00:00Z,,The access token has expired
";

#[test]
fn rules_of_ones_own_are_asked_first() {
    let files = [
        ("runs.csv", LOGINS),
        ("own.toml", OWN_RULES),
        (
            "more.toml",
            "[[rules]]\ncategory = 'timeout'\ncode = 'X9'\n",
        ),
        ("rundown.toml", "error-rules = ['more.toml', 'own.toml']\n"),
    ];
    let folder = folder_of(&files);
    let causes = |args: &[&str]| {
        let json = report(folder.path(), &[&["runs.csv"], args].concat());
        let table = &json["sections"]["errors"]["signatures"];
        let mut causes: Vec<(String, String)> = (table.as_array().unwrap().iter())
            .map(|row| {
                let text = |key: &str| row[key].as_str().unwrap().to_owned();
                (text("category"), text("id"))
            })
            .collect();
        causes.sort();
        causes
    };
    let keys = |causes: &[(String, String)]| -> Vec<String> {
        causes
            .iter()
            .map(|(category, _)| category.clone())
            .collect()
    };
    let built_in = ["--no-config"];
    let own = ["--no-config", "--error-rules", "own.toml"];
    assert_eq!(
        keys(&causes(&built_in)),
        ["credentials", "credentials", "unknown"]
    );
    assert_eq!(keys(&causes(&own)), ["credentials", "network", "policy"]);
    // The first of several lists comes first, here by rundown.toml.
    let found = causes(&[]);
    assert_eq!(keys(&found), ["credentials", "policy", "timeout"]);
    // The id is that of the message: rules for causes do not change it.
    let ids = |causes: Vec<(String, String)>| {
        let mut ids: Vec<String> = causes.into_iter().map(|(_, id)| id).collect();
        ids.sort();
        ids
    };
    assert_eq!(ids(causes(&built_in)), ids(found.clone()));
    for ((category, id), said) in found.iter().zip([
        "of the built-in error rules, by its text: credentials.",
        "Rule 2 of own.toml, by its text: policy.",
        "Rule 1 of more.toml, by its code: timeout.",
    ]) {
        let text = flat(
            &rundown(folder.path(), &["explain", id, "runs.csv"])
                .ends(0)
                .out(),
        );
        assert!(text.contains(said), "{category}\n{text}");
    }
    let check = rundown(
        folder.path(),
        &["convert", "runs.csv", "-o", "-", "--format", "csv"],
    );
    assert!(check.ends(0).out().contains("policy"));
}

#[test]
fn error_rules_that_cannot_be_used_are_named_by_number() {
    for (rules, said) in [
        (
            "[[rules]]\ncategory = 'policy'\ntext = 'a'\n[[rules]]\ncategory = 'bad'\ntext = 'a'\n",
            "error rule 2: unknown variant `bad`",
        ),
        (
            "[[rules]]\ncategory = 'policy'\ntext = '('\n",
            "error rule 1: `(`",
        ),
        (
            "[[rules]]\ncategory = 'policy'\n",
            "error rule 1 has neither `code` nor `text`",
        ),
        ("x", "TOML parse error at line 1"),
    ] {
        let folder = folder_of(&[("runs.csv", LOGINS), ("own.toml", rules)]);
        let done = rundown(
            folder.path(),
            &["summary", "runs.csv", "--error-rules", "own.toml"],
        );
        let done = done.ends(2);
        assert!(
            done.err.contains("--error-rules: own.toml: "),
            "{}",
            done.err
        );
        assert!(done.err.contains(said), "{}", done.err);
        assert_eq!(done.out(), "");
    }
}

#[test]
fn words_and_codes_are_counted_in_a_log() {
    let folder = folder_of(&[("runs.csv", ONE_BAD)]);
    let options = ["runs.csv", "--max-rejects", "100%"];
    let said = |name: &str| {
        let args = [&["explain", name], &options[..]].concat();
        flat(&rundown(folder.path(), &args).ends(0).out())
    };
    assert!(said("E-TIME").contains("Here: 1 record of 1 rejected."));
    assert!(said("E-NUMBER").contains("Here: 0 records of 1 rejected."));
    assert!(said("succeeded").contains("scans.scans.last_outcome: 1 row"));
    assert!(said("scans.scans").contains("scans.scans: 1 row"));
    assert!(said("failing_since").contains("1 row, 0 with a value"));
    // What cannot be trusted is told here as everywhere.
    rundown(folder.path(), &["explain", "runs", "runs.csv"]).ends(3);
}

#[test]
fn an_unknown_name_ends_with_2_and_the_nearest_names() {
    let folder = tempfile::tempdir().unwrap();
    for args in [
        &["explain", "sucess_rate"][..],
        &["explain", "sucess_rate", "missing.csv"],
    ] {
        let done = rundown(folder.path(), args).ends(2);
        assert!(done.err.contains("success_rate"), "{}", done.err);
        assert!(!done.err.contains("missing.csv"), "{}", done.err);
        assert_eq!(done.out(), "");
    }
}
