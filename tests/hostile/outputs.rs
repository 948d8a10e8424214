//! Hostile logs from file to output, through the program.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::{Command, Output};

use serde_json::{Map, Value, json};

use crate::html::assert_harmless;
use crate::strings::{HOSTILE, TEXTS};
use crate::{assert_tame, reader};

fn rundown(folder: &Path, args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_rundown"))
        .current_dir(folder)
        .env_clear()
        .envs(std::env::var_os("SystemRoot").map(|root| ("SystemRoot", root)))
        .args(args)
        .output()
        .unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).expect("every output is UTF-8")
}

/// For each text a run that has it in every field and failed, and one whose status it is.
fn runs() -> String {
    let mut lines = String::new();
    for (number, &hostile) in HOSTILE.iter().enumerate() {
        let mut run = Map::new();
        for field in TEXTS {
            run.insert(field.to_owned(), json!(hostile));
        }
        let day = 1 + number % 28;
        run.insert("run_id".to_owned(), json!(format!("{hostile}{number}")));
        run.insert("status".to_owned(), json!("failed"));
        run.insert(
            "started_at".to_owned(),
            json!(format!("2026-11-{day:02}T02:00:00Z")),
        );
        lines.push_str(&format!("{}\n", Value::Object(run)));
        let other = json!({
            "source": "plain", "scan": "plain", "run_id": format!("plain-{number}"), "status": hostile,
            "discovery_status": hostile, "started_at": format!("2026-11-{day:02}T03:00:00Z"),
        });
        lines.push_str(&format!("{other}\n"));
    }
    lines
}

fn csv(rows: impl IntoIterator<Item = Vec<String>>) -> Vec<u8> {
    let mut writer = csv::WriterBuilder::new()
        .flexible(true)
        .from_writer(Vec::new());
    for row in rows {
        writer.write_record(row).unwrap();
    }
    writer.into_inner().unwrap()
}

fn row(cells: &[&str]) -> Vec<String> {
    cells.iter().map(|cell| (*cell).to_owned()).collect()
}

/// A row for each text, which stands where a time must be, and behind it a cell too many for every other one.
fn rejected(texts: &[&str]) -> Vec<u8> {
    let header = row(&["scan", "run_id", "status", "started_at"]);
    let bad = texts.iter().enumerate().map(|(number, &hostile)| {
        let mut cells = row(&[hostile, hostile, "failed", hostile]);
        cells.extend((number % 2 == 1).then(|| hostile.to_owned()));
        cells
    });
    let good = row(&["good", "good-1", "failed", "2026-11-02"]);
    csv([header, good].into_iter().chain(bad))
}

/// A name that a file may have: as much of the text as the system takes.
fn file_name(hostile: &str) -> String {
    let name = hostile.replace(['/', '\0'], "_");
    // A name that begins with a dot is hidden.
    let mut name = if name.starts_with('.') {
        format!("_{name}")
    } else {
        name
    };
    while name.len() > 200 {
        name.pop();
    }
    name
}

/// A folder `in` of all that can be hostile; on Windows, names cannot.
fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let inputs = folder.path().join("in");
    std::fs::create_dir(&inputs).unwrap();
    std::fs::write(inputs.join("runs.ndjson"), runs()).unwrap();
    std::fs::write(inputs.join("bad.csv"), rejected(HOSTILE)).unwrap();
    // Columns that nobody knows.
    let mut header = row(&["scan", "run_id", "status", "started_at"]);
    let mut cells = row(&["good", "good-2", "failed", "2026-11-02"]);
    for hostile in HOSTILE {
        header.push((*hostile).to_owned());
        cells.push((*hostile).to_owned());
    }
    std::fs::write(inputs.join("wide.csv"), csv([header, cells])).unwrap();
    if cfg!(unix) {
        for (number, hostile) in HOSTILE.iter().enumerate() {
            let name = file_name(hostile);
            let own = inputs.join(&name);
            std::fs::create_dir_all(&own).unwrap();
            let run = row(&["good", &format!("file-{number}"), "failed", "2026-11-02"]);
            let header = row(&["scan", "run_id", "status", "started_at"]);
            // Half of the files hold something to complain of.
            let bad = row(&[
                "good",
                "x",
                "failed",
                if number % 2 == 0 {
                    "soon"
                } else {
                    "2026-11-03"
                },
            ]);
            std::fs::write(own.join(format!("{name}.csv")), csv([header, run, bad])).unwrap();
        }
    }
    folder
}

/// Whether a spreadsheet would take a cell, or a part of it where the separator is another one, for a formula.
fn is_formula(cell: &str) -> bool {
    let is_number = cell.parse::<f64>().is_ok();
    let mut parts = cell.split([';', '\t', '\r', '\n']);
    !is_number
        && parts.any(|part| {
            let blank = |c: char| c.is_whitespace() || crate::acts(c);
            part.trim_start_matches(blank).starts_with([
                '=', '+', '-', '@', '\u{ff1d}', '\u{ff0b}', '\u{ff0d}', '\u{ff20}',
            ])
        })
}

/// The texts of a JSON document, keys left out.
fn texts_of(value: &Value, into: &mut BTreeSet<String>) {
    match value {
        Value::String(text) => {
            into.insert(text.clone());
        }
        Value::Array(items) => items.iter().for_each(|item| texts_of(item, into)),
        Value::Object(map) => map.values().for_each(|item| texts_of(item, into)),
        _ => {}
    }
}

#[test]
fn no_output_obeys_a_hostile_log() {
    let folder = folder();
    let at = |name: &str| folder.path().join(name);
    let read = |name: &str| text(&std::fs::read(at(name)).unwrap());
    let output = rundown(
        folder.path(),
        &[
            "report",
            "in",
            "-o",
            "a.html",
            "-o",
            "a.md",
            "-o",
            "a.json",
            "-o",
            "a.txt",
            "--tables",
            "tables",
            "--rejects",
            "rejects.ndjson",
            "--max-rejects",
            "100%",
            "--last",
            "all",
            "--max-chars",
            "0",
        ],
    );
    let err = text(&output.stderr);
    assert_eq!(output.status.code(), Some(0), "{err}");
    assert_tame("stderr", &err);
    assert_tame("text", &read("a.txt"));

    // JSON has every text as it was, and names what acts by its number.
    let source = read("a.json");
    assert_tame("JSON", &source);
    let json: Value = serde_json::from_str(&source).unwrap();
    let section = |section: &str, block: &str| json["sections"][section][block].as_array().unwrap();
    let scans = section("scans", "scans");
    let names: BTreeSet<&str> = scans
        .iter()
        .filter_map(|scan| scan["scan"].as_str())
        .collect();
    for hostile in HOSTILE {
        let name = hostile.trim();
        assert!(
            names.iter().any(|known| known.trim() == name),
            "no scan is {name:?}"
        );
    }
    assert_eq!(names.len(), HOSTILE.len() + 2, "and two of ours");

    // A page has a row for each, and nothing else of them.
    let page = assert_harmless("HTML", &read("a.html"), &[]);
    let table = |id: &str, at: usize| {
        let section = page
            .named(0, "section")
            .into_iter()
            .find(|&at| page.attribute(at, "id") == id);
        let tables = page.named(section.unwrap(), "table");
        let mut tables = tables.into_iter().filter(|&at| {
            !page
                .ancestors(at)
                .iter()
                .any(|&above| page.name(above) == "td")
        });
        page.children(tables.nth(at).unwrap(), "tbody").len()
    };
    assert_eq!(table("scans", 0), section("scans", "source_types").len());
    assert_eq!(table("scans", 1), scans.len());
    assert_eq!(table("errors", 1), section("errors", "signatures").len());
    assert_eq!(table("inputs", 0), section("inputs", "systems").len());
    assert_eq!(table("inputs", 1), section("inputs", "files").len());
    assert_eq!(table("inputs", 2), section("inputs", "rejects").len());

    // Markdown calls nobody, links nothing, and has no HTML but ours.
    let markdown = read("a.md");
    assert_tame("Markdown", &markdown);
    let reading = reader::read(&markdown);
    assert_eq!(reading.others, 0);
    assert!(reading.is_balanced() && reading.has_our_html_only());
    let in_tables = reading
        .tables
        .iter()
        .map(|rows| rows.len() - 1)
        .max()
        .unwrap();
    assert!(in_tables >= 15);

    // No cell of a table is a formula.
    let mut cells = 0;
    for entry in std::fs::read_dir(at("tables")).unwrap() {
        let path = entry.unwrap().path();
        let table = text(&std::fs::read(&path).unwrap());
        for record in csv::Reader::from_reader(table.as_bytes()).records() {
            for cell in &record.unwrap() {
                assert_tame(&path.to_string_lossy(), cell);
                assert!(!is_formula(cell), "{}: {cell:?}", path.display());
                cells += 1;
            }
        }
    }
    assert!(cells > 2_000, "{cells}");

    // Every reject is one line, with its text as it was.
    let lines = read("rejects.ndjson");
    assert_tame("--rejects", &lines);
    let mut quoted = BTreeSet::new();
    for line in lines.lines() {
        texts_of(&serde_json::from_str(line).unwrap(), &mut quoted);
    }
    let rejected = json["sections"]["inputs"]["reconciliation"]["rejected"]
        .as_u64()
        .unwrap();
    assert_eq!(lines.lines().count() as u64, rejected);
    // A row of another width is quoted as it is written, with its quotation marks doubled.
    let bare = |text: &str| text.replace('"', "");
    let quoted: Vec<String> = quoted.iter().map(|text| bare(text)).collect();
    for hostile in HOSTILE.iter().filter(|text| text.len() < 100) {
        let line = bare(hostile.trim().lines().next().unwrap());
        let start: String = line.chars().take(8).collect();
        let is_there = quoted.iter().any(|text| text.contains(&start));
        assert!(is_there, "{hostile:?} is not quoted");
    }

    // What is printed instead of a report.
    for args in [
        &["summary", "in", "--max-rejects", "100%", "--last", "all"][..],
        &["check", "in"],
        &["scan", "plain", "in", "--max-rejects", "100%"],
        &["explain", "unmapped_status", "in", "--max-rejects", "100%"],
    ] {
        let output = rundown(folder.path(), args);
        assert_tame(&format!("{args:?}, stdout"), &text(&output.stdout));
        assert_tame(&format!("{args:?}, stderr"), &text(&output.stderr));
        assert!(
            !output.stdout.is_empty(),
            "{args:?}: {}",
            text(&output.stderr)
        );
    }
}

#[test]
fn what_is_said_of_a_file_that_cannot_be_used_is_tame() {
    let folder = tempfile::tempdir().unwrap();
    let mut said = String::new();
    for few in HOSTILE.chunks(5) {
        // The terminal shows the first rejects only, so there are no more than that.
        std::fs::write(folder.path().join("bad.csv"), rejected(few)).unwrap();
        // Columns of which none is known, as CSV and as JSON.
        let header: Vec<String> = few.iter().map(|&text| text.to_owned()).collect();
        let cells = header.clone();
        std::fs::write(folder.path().join("other.csv"), csv([header, cells])).unwrap();
        let keys: Map<String, Value> = few
            .iter()
            .map(|key| ((*key).to_owned(), json!(key)))
            .collect();
        std::fs::write(folder.path().join("other.json"), json!([keys]).to_string()).unwrap();
        for (file, code) in [("bad.csv", 0), ("other.csv", 3), ("other.json", 3)] {
            let args = ["report", file, "-o", "out.json", "--max-rejects", "100%"];
            let output = rundown(folder.path(), &args);
            let err = text(&output.stderr);
            assert_eq!(output.status.code(), Some(code), "{few:?}\n{err}");
            assert_tame(file, &err);
            said.push_str(&err);
        }
        // Names of files that are not there.
        for name in few
            .iter()
            .filter(|name| !name.contains('\0') && !name.starts_with('-'))
        {
            let output = rundown(folder.path(), &["summary", name]);
            let err = text(&output.stderr);
            assert!(err.starts_with("error: "), "{name:?}: {err}");
            assert_tame("a name", &err);
            said.push_str(&err);
        }
    }
    // The texts were told, and by their names.
    assert!(said.contains("<U+202E>") && said.contains("<U+001B>") && said.contains("javascript:"));
}

#[test]
fn a_ticket_about_a_hostile_run_is_tame() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("runs.ndjson"), runs()).unwrap();
    let link = "https://portal.example/{source}/{scan}/{run_id}";
    for (number, hostile) in HOSTILE.iter().enumerate().step_by(7) {
        if hostile.contains('\0') || hostile.starts_with('-') {
            continue;
        }
        let id = format!("{}{number}", hostile.trim_start());
        let output = rundown(
            folder.path(),
            &[
                "run",
                &id,
                "runs.ndjson",
                "--link",
                link,
                "-o",
                "a.html",
                "-o",
                "a.md",
                "-o",
                "a.txt",
            ],
        );
        let err = text(&output.stderr);
        assert_eq!(output.status.code(), Some(0), "{hostile:?}: {err}");
        let read = |name: &str| text(&std::fs::read(folder.path().join(name)).unwrap());
        for (name, text) in [
            ("stderr", err.clone()),
            ("a.md", read("a.md")),
            ("a.txt", read("a.txt")),
        ] {
            assert_tame(&format!("{hostile:?} {name}"), &text);
        }
        // The one address of the page is that of the portal, and its parts are encoded.
        let html = read("a.html");
        let page = crate::page::read(&html);
        let links: Vec<String> = page
            .named(0, "a")
            .into_iter()
            .map(|at| page.attribute(at, "href").to_owned())
            .filter(|href| href.starts_with("https://portal.example/"))
            .collect();
        for link in &links {
            let path = link.strip_prefix("https://portal.example/").unwrap();
            let is_encoded = |c: char| c.is_ascii_alphanumeric() || "-._~%/".contains(c);
            assert!(path.chars().all(is_encoded), "{hostile:?}: {link}");
            assert_eq!(path.matches('/').count(), 2, "{hostile:?}: {link}");
        }
        let links: Vec<&str> = links.iter().map(String::as_str).collect();
        assert_harmless(&format!("{hostile:?}"), &html, &links);
    }
}
