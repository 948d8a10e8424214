//! Rules over figures decide how the program ends, after the reports are written.

use crate::{GOOD, ONE_BAD, folder_of, names, rundown, samples};

#[test]
fn a_rule_that_holds_ends_with_1_after_the_report() {
    let folder = samples();
    let args = [
        "report",
        "sample_data",
        "-o",
        "r.json",
        "--fail-if",
        "failed > 44",
        "--fail-if",
        "success_rate<50%",
        "--fail-if",
        "scans.scans == 0",
    ];
    let done = rundown(folder.path(), &args).ends(1);
    assert_eq!(done.out(), "");
    assert_eq!(names(folder.path()), ["r.json", "sample_data/"]);
    let lines: Vec<&str> = done
        .err
        .lines()
        .filter(|line| line.starts_with("gate "))
        .collect();
    // 45 of 688 runs failed, as sample_data/README.md says.
    assert_eq!(lines.len(), 3, "{}", done.err);
    assert_eq!(lines[0], "gate failed: failed > 44: found 45");
    assert!(
        lines[1].starts_with("gate passed: success_rate < 50%: found ")
            && lines[1].contains(" of "),
        "{}",
        lines[1]
    );
    assert!(lines[2].starts_with("gate passed: scans.scans == 0: found "));
}

#[test]
fn rules_decide_how_report_summary_and_check_end() {
    let folder = folder_of(&[("runs.csv", GOOD)]);
    for command in ["report", "summary", "check"] {
        let args = [command, "runs.csv", "--fail-if", "failed > 0"];
        let done = rundown(folder.path(), &args).ends(0);
        assert!(
            done.err.contains("gate passed: failed > 0: found 0\n"),
            "{}",
            done.err
        );
        let args = [command, "runs.csv", "--fail-if", "runs >= 1"];
        rundown(folder.path(), &args).ends(1);
    }
}

#[test]
fn a_rate_without_a_denominator_passes_and_says_so() {
    let folder = folder_of(&[("runs.csv", GOOD)]);
    let empty = ["--from", "2020-01-01", "--to", "2020-01-02"];
    for (rule, code, says) in [
        ("success_rate < 95%", 0, "not defined"),
        ("success_rate == null", 1, "found null"),
        ("success_rate != null", 0, "found null"),
        ("overview.previous.failed > 0", 0, "No earlier data"),
    ] {
        let args = [&["summary", "runs.csv", "--fail-if", rule], &empty[..]].concat();
        let done = rundown(folder.path(), &args).ends(code);
        assert!(done.err.contains(says), "{rule}: {}", done.err);
    }
}

#[test]
fn a_rule_that_no_report_can_answer_ends_with_2_before_anything_is_read() {
    let folder = folder_of(&[("runs.csv", GOOD)]);
    for (rule, says) in [
        ("sucess_rate < 95%", "success_rate"),
        ("failed >> 3", "--fail-if"),
        ("failed", "--fail-if"),
        ("success_rate < 95", "95%"),
    ] {
        // A file that does not exist would be an error of its own.
        let done = rundown(folder.path(), &["report", "missing.csv", "--fail-if", rule]).ends(2);
        assert!(done.err.contains(says), "{rule}: {}", done.err);
        assert!(!done.err.contains("missing.csv"), "{rule}: {}", done.err);
        assert_eq!(names(folder.path()), ["runs.csv"]);
    }
}

#[test]
fn too_many_rejects_come_before_a_failed_gate() {
    let folder = folder_of(&[("runs.csv", ONE_BAD)]);
    let rule = ["--fail-if", "rejects >= 50%"];
    let args = [&["report", "runs.csv"], &rule[..]].concat();
    let done = rundown(folder.path(), &args).ends(3);
    assert!(
        done.err
            .contains("gate failed: rejects >= 50%: found 50.0% (1 of 2)"),
        "{}",
        done.err
    );
    let args = [&args[..], &["--max-rejects", "100%"]].concat();
    rundown(folder.path(), &args).ends(1);
}

#[test]
fn a_check_judges_the_report_and_writes_none() {
    let folder = folder_of(&[("runs.csv", ONE_BAD)]);
    let check = |more: &[&str], code| {
        let args = [&["check", "runs.csv", "--max-rejects", "100%"], more].concat();
        let done = rundown(folder.path(), &args).ends(code);
        assert!(
            done.out().contains("2 records read, 1 usable"),
            "{}",
            done.out()
        );
        assert_eq!(names(folder.path()), ["runs.csv"]);
        done.err
    };
    let err = check(&["--fail-if", "rejects > 0", "--fail-if", "runs < 1"], 1);
    assert!(err.contains("gate failed: rejects > 0: found 1"), "{err}");
    assert!(err.contains("gate passed: runs < 1: found 1"), "{err}");
    // The rules look at the period and the runs that are asked for.
    check(&["--fail-if", "runs == 0", "--outcome", "failed"], 1);
    check(&["--fail-if", "runs == 0"], 0);
    // Old data is told of only where the user asks for its age.
    check(&["--max-age", "0d"], 1);
    assert_eq!(check(&[], 0), "");
}
