//! Every chart of a report as an SVG file.

use crate::{GOOD, folder_of, names, rundown};

const ARGS: [&str; 6] = ["report", "runs.csv", "-o", "r.json", "--charts", "c"];

#[test]
fn charts_are_written_beside_the_report_and_replaced_by_the_next_one() {
    let folder = folder_of(&[("runs.csv", GOOD), ("c/mine.svg", "mine")]);
    rundown(folder.path(), &ARGS).ends(0);
    let charts = folder.path().join("c");
    let all = names(&charts);
    for name in [
        "durations.scans.svg",
        "durations.starts.svg",
        "errors.categories.svg",
        "gaps.funnel.svg",
        "gaps.scans.svg",
        "outcomes.by_day.svg",
        "outcomes.by_month.svg",
        "outcomes.by_period.svg",
        "outcomes.by_week.svg",
        "scans.scans.svg",
    ] {
        assert!(all.contains(&name.to_owned()), "{name}: {all:?}");
        let text = std::fs::read_to_string(charts.join(name)).unwrap();
        let id = name.strip_suffix(".svg").unwrap();
        let start = format!("<svg xmlns=\"http://www.w3.org/2000/svg\" data-rundown=\"{id}\"");
        assert!(
            text.starts_with(&start) && text.ends_with("</svg>\n"),
            "{text}"
        );
    }
    // No run failed: there is no cause to draw, and an old drawing would be one of another report.
    let causes = charts.join("errors.categories.svg");
    let written = std::fs::read_to_string(&causes).unwrap();
    assert!(written.contains(">Nothing to draw.</text>"), "{written}");
    std::fs::write(&causes, format!("{written}<!-- old -->")).unwrap();
    rundown(folder.path(), &ARGS).ends(0);
    assert_eq!(std::fs::read_to_string(&causes).unwrap(), written);
    let mine = std::fs::read_to_string(charts.join("mine.svg")).unwrap();
    assert_eq!(mine, "mine");
    assert_eq!(names(&charts), all);
}

#[test]
fn a_file_that_is_not_the_chart_is_in_the_way_unless_forced() {
    let folder = folder_of(&[
        ("runs.csv", GOOD),
        (
            "c/scans.scans.svg",
            "<svg xmlns=\"http://www.w3.org/2000/svg\"/>",
        ),
    ]);
    let done = rundown(folder.path(), &ARGS).ends(2);
    assert!(
        done.err.contains("scans.scans.svg") && done.err.contains("--force"),
        "{}",
        done.err
    );
    assert_eq!(names(folder.path()), ["c/", "runs.csv"]);
    assert_eq!(names(&folder.path().join("c")), ["scans.scans.svg"]);
    rundown(folder.path(), &[&ARGS[..], &["--force"]].concat()).ends(0);
    let text = std::fs::read_to_string(folder.path().join("c/scans.scans.svg")).unwrap();
    assert!(text.contains(">db &#x2f; daily</text>"), "{text}");
}

#[test]
fn charts_need_a_folder_and_never_replace_an_input() {
    let folder = folder_of(&[("runs.csv", GOOD)]);
    let done = rundown(
        folder.path(),
        &["report", "runs.csv", "--charts", "runs.csv"],
    )
    .ends(2);
    assert!(done.err.contains("--charts"), "{}", done.err);

    let folder = folder_of(&[("in/scans.scans.svg", GOOD)]);
    let input = "in/scans.scans.svg";
    let args = ["report", input, "--charts", "in", "--force"];
    rundown(folder.path(), &args).ends(2);
    let text = std::fs::read_to_string(folder.path().join(input)).unwrap();
    assert_eq!(text, GOOD);
}
