//! What the README says is so.

use std::collections::BTreeSet;

use clap::Parser;
use rundown::cli::{Cli, job};
use rundown::mapping::reject::Code;
use rundown::runs::schema::Field;

use crate::{names, project, report, rundown, samples, samples_as};

fn readme() -> String {
    std::fs::read_to_string(project().join("README.md")).unwrap()
}

/// The words of a command line, as a shell would split it; a comment or a file to write to ends it.
fn words(line: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut quoted = false;
    for c in line.chars() {
        match c {
            '\'' => {
                quoted = !quoted;
                word.get_or_insert_default();
            }
            ' ' if !quoted => words.extend(word.take()),
            '#' | '>' if !quoted && word.is_none() => break,
            _ => word.get_or_insert_default().push(c),
        }
    }
    assert!(!quoted, "a quotation mark is not closed: {line}");
    words.extend(word);
    words
}

/// Fails unless the command line is one that the program takes, with all its values.
pub(crate) fn settle(line: &str) {
    // In the help a description may stand behind a command, two spaces or more apart.
    let line = line.split_once("   ").map_or(line, |(line, _)| line);
    let cli = Cli::try_parse_from(words(line)).unwrap_or_else(|error| panic!("{line}\n{error}"));
    // A mapping is a file that is read here already; it is tried where there is one.
    if !line.contains("--mapping ") {
        job(cli).unwrap_or_else(|error| panic!("{line}\n{error:#}"));
    }
}

/// Lines inside fences that call the program, as `rundown …`.
fn calls(text: &str) -> Vec<String> {
    let mut fenced = false;
    let mut found = Vec::new();
    for line in text.lines() {
        if line.starts_with("```") {
            fenced = !fenced;
        } else if fenced {
            if line.starts_with("rundown ") {
                found.push(line.to_owned());
            } else if let Some(rest) = line.strip_prefix("cargo run -- ") {
                found.push(format!("rundown {rest}"));
            }
        }
    }
    found
}

/// Rows of the tables below a heading: what stands between `|`.
fn rows(text: &str, heading: &str) -> Vec<Vec<String>> {
    let (_, section) = text
        .split_once(&format!("\n## {heading}\n"))
        .unwrap_or_else(|| panic!("no heading {heading:?}"));
    let section = section.split("\n## ").next().unwrap();
    section
        .lines()
        .filter_map(|line| line.strip_prefix('|')?.strip_suffix('|'))
        .map(|row| row.split('|').map(|cell| cell.trim().to_owned()).collect())
        .filter(|row: &Vec<String>| !row[0].starts_with("---"))
        .skip(1)
        .collect()
}

/// What stands between back quotes.
fn quoted(cell: &str) -> Vec<String> {
    cell.split('`')
        .skip(1)
        .step_by(2)
        .map(str::to_owned)
        .collect()
}

#[test]
fn every_command_of_the_readmes_is_one_and_runs_on_the_sample_data() {
    let samples_readme = std::fs::read_to_string(project().join("sample_data/README.md")).unwrap();
    let calls: Vec<String> = [calls(&readme()), calls(&samples_readme)].concat();
    assert!(calls.len() >= 7, "{calls:?}");
    for call in calls {
        if call.contains(" --profile ") {
            // Run below, with the file that has the profile.
            continue;
        }
        settle(&call);
        if call.contains(" jobs.json") {
            // Run below, one after the other.
            continue;
        }
        let folder = samples_as(&["sample_data", "exports", "api", "monitor"]);
        let words = words(&call);
        let args: Vec<&str> = words[1..].iter().map(String::as_str).collect();
        // Data that is older than three days is only warned of, so that this holds on any day.
        rundown(folder.path(), &args).ends(0);
        let outputs = args
            .windows(2)
            .filter(|two| two[0] == "-o")
            .map(|two| two[1].to_owned());
        let mut expected: BTreeSet<String> = outputs.collect();
        if args[0] == "report" && expected.is_empty() {
            expected.insert("rundown.html".to_owned());
        }
        let written: BTreeSet<String> = names(folder.path())
            .into_iter()
            .filter(|name| !name.ends_with('/'))
            .collect();
        assert_eq!(written, expected, "{call}");
    }
}

#[test]
fn the_readme_lists_every_code_and_no_other_in_order() {
    let listed: Vec<String> = rows(&readme(), "Records that cannot be used")
        .iter()
        .flat_map(|row| quoted(&row[0]))
        .collect();
    let codes: Vec<&str> = Code::ALL.iter().map(|code| code.key()).collect();
    assert_eq!(listed, codes);
}

#[test]
fn the_readme_lists_every_column_and_no_other() {
    let listed: Vec<String> = rows(&readme(), "Columns of its own files")
        .iter()
        .flat_map(|row| quoted(&row[0]))
        .collect();
    let once: BTreeSet<&str> = listed.iter().map(String::as_str).collect();
    assert_eq!(once.len(), listed.len(), "each column stands once");
    let fields: BTreeSet<&str> = Field::ALL.iter().map(|field| field.key()).collect();
    assert_eq!(once, fields);
}

#[test]
fn the_readme_lists_the_exit_codes_that_the_help_lists() {
    let listed: Vec<String> = rows(&readme(), "Exit codes")
        .iter()
        .map(|row| row[0].clone())
        .collect();
    assert_eq!(listed, ["0", "1", "2", "3", "70", "130"]);
    let help = rundown(project(), &["--help"]).ends(0).out();
    let (_, help) = help.split_once("Exit codes: ").unwrap();
    for code in listed {
        assert!(
            help.split([' ', '\n']).any(|word| word == code),
            "{code}: {help}"
        );
    }
}

#[test]
fn the_readme_names_the_sections_in_their_order() {
    let listed: Vec<String> = rows(&readme(), "What the report says")
        .iter()
        .map(|row| row[0].clone())
        .collect();
    let folder = samples();
    let page = rundown(
        folder.path(),
        &["report", "sample_data", "-o", "-", "--format", "html"],
    )
    .ends(0)
    .out();
    let titles: Vec<&str> = page
        .split("<h2")
        .skip(1)
        .map(|rest| rest.split_once('>').unwrap().1)
        .map(|rest| rest.split("</h2>").next().unwrap().trim())
        .collect();
    // After the sections the page explains its words.
    let json = report(folder.path(), &["sample_data"]);
    assert_eq!(titles[..listed.len()], listed);
    assert_eq!(json["sections"].as_object().unwrap().len(), listed.len());
}

#[test]
fn the_questions_of_the_readme_are_those_that_explain_shows() {
    let listed: Vec<String> = rows(&readme(), "What the report says")
        .iter()
        .map(|row| row[1].clone())
        .collect();
    let questions: Vec<&str> = rundown::sections::SECTIONS
        .iter()
        .map(|spec| spec.question)
        .collect();
    assert_eq!(listed, questions);
}

#[test]
fn the_message_in_the_readme_is_the_one_that_the_sample_data_gives() {
    let readme = readme();
    let (_, block) = readme.split_once("```text\nwarning: ").unwrap();
    let block = block.split("\n```").next().unwrap();
    let folder = samples();
    let done = rundown(folder.path(), &["report", "sample_data"]).ends(0);
    assert!(
        done.err.contains(&format!("warning: {block}\n")),
        "{}",
        done.err
    );
}

#[test]
fn the_json_paths_in_the_readme_exist() {
    let text = readme();
    let folder = samples();
    let json = report(folder.path(), &["sample_data"]);
    let paths: Vec<String> = quoted(&text)
        .into_iter()
        .filter(|word| word.starts_with("sections."))
        .collect();
    let mut met = 0;
    for path in paths.iter().filter(|path| !path.contains('<')) {
        let pointer = format!("/{}", path.replace('.', "/").replace("[0]", "/0"));
        assert!(json.pointer(&pointer).is_some(), "{path}");
        met += 1;
    }
    assert!(met >= 2, "{paths:?}");
}

#[test]
fn the_findings_of_the_samples_are_those_that_their_readme_lists() {
    let text = std::fs::read_to_string(project().join("sample_data/README.md")).unwrap();
    let listed: Vec<String> = rows(&text, "Findings")
        .iter()
        .map(|row| format!("{} {}, {}, {}", quoted(&row[0])[0], row[1], row[2], row[3]))
        .collect();
    let folder = samples();
    let json = report(folder.path(), &["sample_data"]);
    let found = json["sections"]["findings"]["findings"].as_array().unwrap();
    let found: Vec<String> = found.iter().map(finding).collect();
    assert_eq!(found, listed);
    // The samples have a story for every kind of finding.
    let kinds: BTreeSet<&str> = found
        .iter()
        .filter_map(|row| row.split(' ').next())
        .collect();
    let rules = std::fs::read_to_string(project().join("docs/FINDINGS.md")).unwrap();
    let known: BTreeSet<String> = rows(&rules, "Findings")
        .iter()
        .map(|row| quoted(&row[0])[0].clone())
        .collect();
    assert_eq!(kinds, known.iter().map(String::as_str).collect());
}

/// A finding as a row of the README has it: its kind, what it is about, since when, and its runs.
fn finding(row: &serde_json::Value) -> String {
    let text = |key: &str| row[key].as_str();
    let of_scan: Vec<&str> = ["source", "scan"].into_iter().filter_map(text).collect();
    let about = if of_scan.is_empty() {
        text("system").unwrap_or("–").to_owned()
    } else {
        of_scan.join(" / ")
    };
    let since = text("since").map_or("–".to_owned(), |since| since[..16].replace('T', " "));
    format!(
        "{} {about}, {since}, {}",
        text("kind").unwrap(),
        row["runs"]
    )
}

/// What stands in the fence of this language below a heading.
fn fence(text: &str, heading: &str, language: &str) -> String {
    let (_, section) = text.split_once(&format!("\n## {heading}\n")).unwrap();
    let (_, inside) = section.split_once(&format!("```{language}\n")).unwrap();
    inside.split("```").next().unwrap().to_owned()
}

/// Two jobs, each under its id, as the mapping of the README expects them.
const JOBS: &str = r#"{"jobs": {
    "j1": {"name": "load", "state": "SUCCESS", "timing": {"started": 1793498400, "took": 90.5},
        "parts": [{"rows": 2}, {"rows": 3}]},
    "j2": {"name": "load", "state": "ABORTED", "timing": {"started": 1793584800, "took": 1},
        "parts": []}}}"#;

#[test]
fn the_mapping_of_the_readme_is_guessed_then_corrected_and_used() {
    let folder = crate::folder_of(&[("jobs.json", JOBS)]);
    let commands = fence(&readme(), "Your own mapping", "sh");
    let commands: Vec<&str> = commands.lines().collect();
    let [guess, check, report_it] = commands[..] else {
        panic!("{commands:?}");
    };
    let run = |line: &str| {
        let words = words(line);
        let args: Vec<&str> = words[1..].iter().map(String::as_str).collect();
        rundown(folder.path(), &args).ends(0).out()
    };
    run(guess);
    let guessed = std::fs::read_to_string(folder.path().join("jobs.toml")).unwrap();
    for line in [
        "input.records = \"jobs.*\"",
        "run_id = \"@key\"",
        "status = \"state\"",
    ] {
        assert!(guessed.contains(line), "{line}\n{guessed}");
    }
    let corrected = fence(&readme(), "Your own mapping", "toml");
    std::fs::write(folder.path().join("jobs.toml"), corrected).unwrap();
    let checked = run(check);
    assert!(checked.contains("2 records read, 2 usable"), "{checked}");
    assert!(checked.contains("SUCCESS → completed"), "{checked}");
    run(report_it);
    let json = report(
        folder.path(),
        &["jobs.json", "--mapping", "jobs.toml", "--last", "all"],
    );
    let figures = &json["sections"]["overview"]["figures"];
    assert_eq!(
        (&figures["succeeded"], &figures["cancelled"]),
        (&1.into(), &1.into())
    );
    // The newest run comes first; 90.5 s are 90,500 ms, and 2 + 3 rows are 5.
    let runs = json["sections"]["runs"]["runs"].as_array().unwrap();
    let first = runs.iter().find(|run| run["run_id"] == "j1").unwrap();
    assert_eq!(
        (&first["duration_ms"], &first["row_count"]),
        (&90_500.into(), &5.into())
    );
}

#[test]
fn the_schedulers_of_the_readme_make_the_weekly_report() {
    let text = readme();
    let cron = fence(&text, "The weekly report", "cron");
    let task = fence(&text, "The weekly report", "bat");
    let folder = samples_as(&["exports"]);
    let profile = fence(&text, "Configuration", "toml");
    std::fs::write(folder.path().join("rundown.toml"), profile).unwrap();
    for line in [cron, task] {
        let (_, line) = line.trim().split_once("&& ").unwrap();
        let line = line.trim_end_matches('"');
        let words = words(line);
        let mut args: Vec<&str> = words[1..].iter().map(String::as_str).collect();
        args.extend(["--max-age", "36600d"]);
        rundown(folder.path(), &args).ends(0);
        for name in ["week.html", "week.json"] {
            std::fs::remove_file(folder.path().join(name)).expect(line);
        }
    }
}

/// Runs SQL by the `duckdb` package of Python and gives the rows of each query, or nothing where there is none.
#[expect(clippy::print_stderr, reason = "a test that skips says so")]
fn duckdb(folder: &std::path::Path, sql: &str) -> Option<Vec<serde_json::Value>> {
    const PROGRAM: &str = "\
import duckdb, json, sys
connection = duckdb.connect()
for query in duckdb.extract_statements(sys.argv[1]):
    cursor = connection.execute(query)
    names = [column[0] for column in cursor.description]
    print(json.dumps([dict(zip(names, row)) for row in cursor.fetchall()], default=str))
";
    let python = |program: &str| {
        let mut command = std::process::Command::new("python3");
        command.current_dir(folder).args(["-c", program, sql]);
        command.output()
    };
    let is_there = python("import duckdb").is_ok_and(|output| output.status.success());
    if !is_there {
        eprintln!("skipped: the recipes need python3 with the package duckdb");
        return None;
    }
    let output = python(PROGRAM).unwrap();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{sql}\n{errors}");
    let lines = String::from_utf8(output.stdout).unwrap();
    let rows = lines
        .lines()
        .map(|line| serde_json::from_str(line).unwrap());
    Some(rows.collect())
}

#[test]
fn the_recipes_of_the_readme_give_the_numbers_of_the_report() {
    let folder = samples_as(&["exports"]);
    let text = readme();
    for line in fence(&text, "Ad hoc analysis", "sh").lines() {
        let words = words(line);
        let args: Vec<&str> = words[1..].iter().map(String::as_str).collect();
        rundown(folder.path(), &args).ends(0);
    }
    let json = report(folder.path(), &["exports", "--last", "all"]);
    let sections = &json["sections"];
    let (_, recipes) = text.split_once("\n## Ad hoc analysis\n").unwrap();
    let recipes = recipes.split("\n## ").next().unwrap();
    let recipes: Vec<&str> = recipes
        .split("```sql\n")
        .skip(1)
        .map(|rest| rest.split("```").next().unwrap())
        .collect();
    let Some(results) = duckdb(folder.path(), &recipes.concat()) else {
        return;
    };
    // The first makes a view; the others have rows.
    let [_, rates, long, hours, errors, missing, failing] = &results[..] else {
        panic!("{} recipes", results.len());
    };
    let sum = |rows: &serde_json::Value, key: &str| -> i64 {
        let rows = rows.as_array().unwrap();
        // Sums of 128 bits come as text.
        rows.iter()
            .map(|row| {
                row[key]
                    .as_i64()
                    .unwrap_or_else(|| row[key].to_string().trim_matches('"').parse().unwrap())
            })
            .sum()
    };
    let figures = &sections["overview"]["figures"];
    assert_eq!(sum(rates, "runs"), figures["runs"]);
    for failed in [hours, errors] {
        assert_eq!(sum(failed, "failed"), figures["failed"]);
    }
    let gaps = &sections["gaps"]["figures"];
    assert_eq!(sum(missing, "missing"), gaps["missing"]);
    assert_eq!(sum(missing, "discovered"), gaps["discovered"]);
    let longest = &sections["durations"]["scans"][0];
    let minutes = longest["p95_ms"].as_f64().unwrap() / 60_000.0;
    assert_eq!(long[0]["scan"], longest["scan"]);
    assert!((long[0]["p95_minutes"].as_f64().unwrap() - minutes).abs() < 1e-9);
    let stopped = sections["findings"]["findings"].as_array().unwrap();
    let stopped = stopped
        .iter()
        .find(|finding| finding["kind"] == "stopped_succeeding");
    let evidence = &stopped.unwrap()["evidence"];
    let failing = failing.as_array().unwrap();
    assert!(failing.iter().any(|row| row["evidence"] == *evidence));
}

#[test]
fn the_configuration_of_the_readme_makes_the_weekly_report() {
    let folder = samples_as(&["exports"]);
    let text = fence(&readme(), "Configuration", "toml");
    std::fs::write(folder.path().join("rundown.toml"), &text).unwrap();
    let commands = fence(&readme(), "Configuration", "sh");
    let mut listed = String::new();
    for line in commands.lines() {
        let words = words(line);
        let mut args: Vec<&str> = words[1..].iter().map(String::as_str).collect();
        // The samples grow old; the command line wins over the file.
        args.extend(["--max-age", "36600d"]);
        listed = rundown(folder.path(), &args).ends(0).out();
        let json = std::fs::read_to_string(folder.path().join("week.json")).unwrap();
        let json: serde_json::Value = serde_json::from_str(&json).unwrap();
        assert_eq!(json["title"], "The week in runs", "{line}");
        assert_eq!(json["time_zone"], "Europe/Berlin", "{line}");
        // The newest whole week; with --last 4w, the four that end with the newest day.
        let first = if line.contains("weekly --last") || line.contains("config") {
            "2026-10-23"
        } else {
            "2026-11-09"
        };
        assert_eq!(json["window"]["first"], first, "{line}: {}", json["window"]);
    }
    assert_eq!(
        names(folder.path()),
        ["exports/", "rundown.toml", "week.html", "week.json"]
    );
    assert!(
        listed.contains("# rundown.toml:7 [profile.weekly]"),
        "{listed}"
    );
}
