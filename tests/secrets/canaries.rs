//! A secret of its own is planted in every place that a log has, in every format, and none is in anything that is written.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use aho_corasick::AhoCorasick;

use crate::call::rundown;
use crate::made::{base64, made};
use crate::table::{Table, write};

const ALNUM: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

/// Native columns of text that are taken as they are.
const TEXTS: [&str; 15] = [
    "system",
    "account",
    "source",
    "source_type",
    "collection",
    "scan",
    "run_id",
    "parent_id",
    "run_type",
    "trigger",
    "category",
    "file_reader",
    "error_code",
    "error_message",
    "error_phase",
];

/// Native columns of words that are known or unknown.
const STATUSES: [&str; 3] = ["status", "discovery_status", "ingestion_status"];

/// Native columns of times and numbers, where a text makes a reject.
const READ: [&str; 20] = [
    "queued_at",
    "started_at",
    "ended_at",
    "discovery_started_at",
    "discovery_ended_at",
    "ingestion_started_at",
    "ingestion_ended_at",
    "observed_at",
    "duration_ms",
    "queue_ms",
    "assets_discovered",
    "assets_classified",
    "assets_failed",
    "assets_ingested",
    "assets_ingest_failed",
    "assets_pending",
    "relationships_ingested",
    "file_count",
    "byte_count",
    "row_count",
];

const FORMATS: [&str; 4] = ["csv", "json", "ndjson", "parquet"];

/// The secrets that were planted.
#[derive(Default)]
struct Planted {
    /// Where each was planted.
    places: Vec<String>,
    secrets: Vec<String>,
}

impl Planted {
    /// A new secret for this place.
    fn secret(&mut self, place: impl Into<String>, marks: &str) -> String {
        let number = self.secrets.len() as u64;
        let half = |seed| format!("{}7{number:03}", made(ALNUM, 8, seed));
        let secret = format!("{}{marks}{}", half(2 * number + 11), half(2 * number + 12));
        self.places.push(place.into());
        self.secrets.push(secret.clone());
        secret
    }

    /// A text that holds a new secret, in another form each time.
    fn text(&mut self, place: impl Into<String>) -> String {
        let secret = self.secret(place, "/+");
        let connection = format!("Server=tcp:a;Database=b;Password={secret};Encrypt=yes");
        match self.secrets.len() % 10 {
            0 => format!("failed: {connection}"),
            1 => format!("GET https://a/b?sv=1&sig={secret}&se=2026-12-01 said 403"),
            2 => format!("sent Authorization: Bearer {secret}"),
            3 => format!(
                "cannot open postgres://etl:{}@db:5432/x",
                secret.replace('/', "%2F")
            ),
            4 => format!("body {{\"client_secret\": \"{secret}\", \"scope\": \"x\"}}"),
            5 => format!("body {{\\\"password\\\":\\\"{secret}\\\"}}"),
            6 => format!("setting {} is wrong", base64(connection.as_bytes())),
            7 => format!("POST https://hooks.slack.com/services/T1/B1/{secret}"),
            8 => format!("sqlcmd -S a -U sa -P {secret} -Q x"),
            _ => format!("export SMTP_PASSWORD={secret}"),
        }
    }

    /// The same for a name, in which not every character may stand.
    fn name(&mut self, place: impl Into<String>) -> String {
        let secret = self.secret(place, "-");
        match self.secrets.len() % 4 {
            0 => format!("Password={secret}"),
            1 => format!("sig={secret}"),
            2 => format!("Bearer {secret}"),
            _ => format!("client_secret={secret}"),
        }
    }

    /// What looks for every secret: each half of it, as escapes leave letters and digits alone, and the whole in base64.
    fn finder(&self) -> Finder<'_> {
        let mut patterns = Vec::new();
        let mut of = Vec::new();
        for (at, secret) in self.secrets.iter().enumerate() {
            for pattern in forms(secret) {
                patterns.push(pattern);
                of.push(at);
            }
        }
        Finder {
            // Keys are told in small letters.
            search: AhoCorasick::builder()
                .ascii_case_insensitive(true)
                .build(&patterns)
                .unwrap(),
            of,
            planted: self,
        }
    }
}

struct Finder<'a> {
    search: AhoCorasick,
    of: Vec<usize>,
    planted: &'a Planted,
}

impl Finder<'_> {
    /// The places whose secret stands in these bytes.
    fn found(&self, bytes: &[u8]) -> BTreeSet<&str> {
        let found = self.search.find_overlapping_iter(bytes);
        found
            .map(|found| self.planted.places[self.of[found.pattern().as_usize()]].as_str())
            .collect()
    }
}

/// How a secret may be written: as it is, by halves, escaped for URLs, HTML and JSON, and in base64 however it is aligned.
fn forms(secret: &str) -> Vec<String> {
    let half = secret.len() / 2 - 1;
    let escaped = |escape: fn(char) -> String| -> String {
        let keep = |c: char| c.is_ascii_alphanumeric();
        let each = secret.chars();
        each.map(|c| if keep(c) { c.to_string() } else { escape(c) })
            .collect()
    };
    let mut forms = vec![
        secret.to_owned(),
        secret[..half].to_owned(),
        secret[secret.len() - half..].to_owned(),
        escaped(|c| format!("%{:02X}", u32::from(c))),
        escaped(|c| format!("&#{};", u32::from(c))),
        escaped(|c| format!("\\u{:04x}", u32::from(c))),
    ];
    for before in 0..3 {
        let bytes = [&b"   "[..before], secret.as_bytes()].concat();
        let encoded = base64(&bytes);
        // The characters that depend on what stands before and behind are left out.
        let end = bytes.len() * 8 / 6;
        forms.push(encoded[(before * 8).div_ceil(6)..end].to_owned());
    }
    forms
}

/// A row with these values, and what else makes a run of it.
fn row(number: usize, own: &[(&str, String)]) -> Vec<(String, String)> {
    let mut row: BTreeMap<String, String> = [
        ("scan", "daily".to_owned()),
        ("source", "sql-1".to_owned()),
        ("run_id", format!("run-{number}")),
        ("status", "failed".to_owned()),
        (
            "started_at",
            format!("2026-11-{:02}T02:00:00Z", number % 28 + 1),
        ),
    ]
    .into_iter()
    .map(|(name, value)| (name.to_owned(), value))
    .collect();
    for (name, value) in own {
        row.insert((*name).to_owned(), value.clone());
    }
    row.into_iter().collect()
}

fn put(folder: &Path, name: &str, bytes: &[u8]) {
    let path = folder.join(name);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, bytes).unwrap();
}

/// Plants secrets in files of every format below `in`.
fn plant(folder: &Path, planted: &mut Planted) {
    let mut number = 0;
    for format in FORMATS {
        let mut rows = Vec::new();
        for name in TEXTS.iter().chain(&STATUSES).chain(&READ) {
            number += 1;
            let text = planted.text(format!("{format}: value of {name}"));
            rows.push(row(number, &[(name, text)]));
        }
        put(
            folder,
            &format!("in/values.{format}"),
            &write(&Table::of(&rows), format),
        );
        // A column or key that nobody asks for, and one that stands for a field only by --column.
        let unused = planted.name(format!("{format}: name of a column"));
        number += 1;
        let rows = [row(number, &[(&unused, "1".to_owned())])];
        put(
            folder,
            &format!("in/column.{format}"),
            &write(&Table::of(&rows), format),
        );
        // Files and folders.
        let file = planted.name(format!("{format}: name of a file"));
        let inside = planted.name(format!("{format}: name of a folder"));
        for path in [
            format!("in/{file}.{format}"),
            format!("in/{inside}/runs.{format}"),
        ] {
            number += 1;
            put(
                folder,
                &path,
                &write(&Table::of(&[row(number, &[])]), format),
            );
        }
        // A file that nobody knows, by its columns and by its name.
        let strange = planted.name(format!("{format}: name of a column of an unknown file"));
        let file = planted.name(format!("{format}: name of an unknown file"));
        let rows = [vec![
            (strange, "1".to_owned()),
            ("other".to_owned(), "2".to_owned()),
        ]];
        put(
            folder,
            &format!("in/{file}.{format}"),
            &write(&Table::of(&rows), format),
        );
    }
    // Rows and texts that cannot be split into values.
    let text = planted.text("csv: row with a field too many");
    put(
        folder,
        "in/wide.csv",
        format!("scan,run_id,status,started_at,error_message\na,w1,failed,2026-11-01,{text},x,y\n")
            .as_bytes(),
    );
    let text = planted.name("csv: field whose quotation mark is not closed");
    put(
        folder,
        "in/quote.csv",
        format!("scan,run_id,status,started_at,error_message\na,q0,failed,2026-11-01,x\na,q1,failed,2026-11-01,\"{text}\n").as_bytes(),
    );
    let twice = planted.name("csv: name of a column that stands twice");
    put(
        folder,
        "in/twice.csv",
        format!("scan,run_id,status,started_at,{twice},{twice}\na,t1,failed,2026-11-01,1,2\n")
            .as_bytes(),
    );
    let note = planted.name("csv: line before the header");
    put(
        folder,
        "in/note.csv",
        format!("{note}\n\nscan,run_id,status,started_at\na,n1,failed,2026-11-01\n").as_bytes(),
    );
    let total = planted.name("csv: total below the rows");
    put(
        folder,
        "in/total.csv",
        format!("scan,run_id,status,started_at\na,f1,failed,2026-11-01\nTotal: {total},,,\n")
            .as_bytes(),
    );
    let key = planted.name("json: key that stands twice");
    put(
        folder,
        "in/twice.json",
        format!("[{{\"scan\":\"a\",\"run_id\":\"k1\",\"status\":\"failed\",\"started_at\":\"2026-11-01\",\"{key}\":1,\"{key}\":2}}]").as_bytes(),
    );
    let text = planted.name("ndjson: line that is cut");
    let cut = planted.name("json: document that is cut");
    let whole =
        "{\"scan\":\"a\",\"run_id\":\"c1\",\"status\":\"failed\",\"started_at\":\"2026-11-01\"}";
    put(
        folder,
        "in/cut.ndjson",
        format!("{whole}\n{{\"scan\":\"a\",\"run_id\":\"c2\",\"error_message\":\"{text}")
            .as_bytes(),
    );
    put(
        folder,
        "in/cut.json",
        format!("[{whole},\n{{\"scan\":\"a\",\"error_message\":\"{cut}").as_bytes(),
    );
    presets(folder, planted);
}

/// Plants secrets in texts of the vendors' own records.
fn presets(folder: &Path, planted: &mut Planted) {
    let mut text = |name: &str| serde_json::Value::String(planted.text(name));
    let purview = serde_json::json!({"value": [{
        "id": text("purview: id"),
        "parentId": text("purview: parent"),
        "resourceId": text("purview: resource"),
        "status": text("purview: status"),
        "scanLevelType": text("purview: level"),
        "runType": text("purview: trigger"),
        "startTime": "2026-11-03T02:00:00Z",
        "endTime": "2026-11-03T02:10:00Z",
        "queuedTime": text("purview: time"),
        "error": {"code": text("purview: code"), "message": text("purview: message"),
            "details": [{"code": "x", "message": text("purview: deepest message")}]},
        "dataSourceType": text("purview: source type"),
        "scanRulesetVersion": 1,
        "discoveryExecutionDetails": {"statistics": {"assets": {"discovered": text("purview: count")}}},
        "ingestionExecutionDetails": {"status": text("purview: ingestion")},
        "diagnostics": {"notifications": [{"message": text("purview: notification")}]},
    }]});
    let adf = serde_json::json!({"value": [{
        "runId": text("adf: id"),
        "pipelineName": text("adf: pipeline"),
        "status": "Failed",
        "runStart": "2026-11-03T02:00:00Z",
        "runEnd": "2026-11-03T02:10:00Z",
        "lastUpdated": "2026-11-03T02:10:00Z",
        "runGroupId": "x",
        "isLatest": true,
        "invokedBy": {"name": text("adf: trigger"), "invokedByType": text("adf: kind of trigger"), "id": "1"},
        "message": text("adf: message"),
        "id": text("adf: resource"),
    }]});
    let airflow = serde_json::json!({"dag_runs": [{
        "dag_id": text("airflow: dag"),
        "dag_run_id": text("airflow: run"),
        "state": "failed",
        "run_type": text("airflow: type"),
        "start_date": "2026-11-03T02:00:00Z",
        "end_date": "2026-11-03T02:10:00Z",
        "logical_date": "2026-11-03T02:00:00Z",
        "note": text("airflow: note"),
        "external_trigger": false,
        "conf": {"password": text("airflow: configuration")},
    }], "total_entries": 1});
    let github = serde_json::json!({"total_count": 1, "workflow_runs": [{
        "id": 1, "name": text("github: workflow"), "event": text("github: event"),
        "status": "completed", "conclusion": text("github: conclusion"), "run_attempt": 1,
        "display_title": text("github: title"), "head_branch": text("github: branch"),
        "created_at": "2026-11-03T02:00:00Z", "updated_at": "2026-11-03T02:10:00Z",
        "run_started_at": "2026-11-03T02:00:00Z", "html_url": text("github: address"),
        "repository": {"full_name": text("github: repository")},
    }]});
    for (name, document) in [
        ("purview", purview),
        ("adf", adf),
        ("airflow", airflow),
        ("github", github),
    ] {
        put(
            folder,
            &format!("in/presets/{name}.json"),
            document.to_string().as_bytes(),
        );
    }
    let mut cells = Vec::new();
    for name in ["ID", "Category", "Status", "Message"] {
        cells.push(planted.name(format!("zscaler: {name}")));
    }
    put(
        folder,
        "in/presets/uvm.csv",
        format!("Run ID,Category,Status,Start time,End time,Message\n\"{}\",\"{}\",\"{}\",2026-11-03 02:00:00,2026-11-03 02:10:00,\"{}\"\n", cells[0], cells[1], cells[2], cells[3]).as_bytes(),
    );
}

/// Every file below a folder.
fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path));
        } else {
            found.push(path);
        }
    }
    found
}

/// Strings under this key, anywhere.
fn strings(value: &serde_json::Value, key: &str, into: &mut BTreeSet<String>) {
    match value {
        serde_json::Value::Object(object) => {
            for (name, value) in object {
                if let (true, Some(text)) = (name == key, value.as_str()) {
                    into.insert(text.to_owned());
                }
                strings(value, key, into);
            }
        }
        serde_json::Value::Array(values) => {
            for value in values {
                strings(value, key, into);
            }
        }
        _ => {}
    }
}

#[test]
fn no_planted_secret_is_in_anything_that_is_written() {
    let folder = tempfile::tempdir().unwrap();
    let mut planted = Planted::default();
    plant(folder.path(), &mut planted);
    let title = planted.text("--title");
    let sets: Vec<String> = ["account", "collection", "source_type", "trigger"]
        .iter()
        .map(|name| format!("{name}={}", planted.name(format!("--set {name}"))))
        .collect();
    let mapping_title = planted.name("title of a mapping");
    let mapping_name = planted.name("name of a mapping");
    put(
        folder.path(),
        "own.toml",
        format!("name = \"{mapping_name}\"\ntitle = \"{mapping_title}\"\nsystem = \"own\"\n[fields]\nscan = \"job\"\nstatus = \"how\"\nstarted_at = \"begun\"\n").as_bytes(),
    );
    put(
        folder.path(),
        "own.csv",
        b"job,how,begun\nload,failed,2026-11-01\nload,completed,2026-11-02\n",
    );
    put(folder.path(), "key", b"0123456789abcdef0123456789abcdef");
    let missing = planted.name("file that does not exist");
    let unknown = planted.name("option that does not exist");
    let gate = planted.name("rule of a gate");
    assert!(
        planted.secrets.len() >= 200,
        "{} secrets",
        planted.secrets.len()
    );

    let common = ["--max-rejects", "100%", "--last", "all"];
    let mut done = Vec::new();
    let mut call = |args: &[&str]| {
        let ended = rundown(folder.path(), args);
        let code = ended.code;
        done.push(ended);
        code
    };
    let with = |first: &[&str], last: &[&str]| -> Vec<String> {
        [first, &["in"], &common[..], last]
            .concat()
            .into_iter()
            .map(str::to_owned)
            .collect()
    };
    let report = [
        "-o",
        "out/a.html",
        "-o",
        "out/a.md",
        "-o",
        "out/a.json",
        "-o",
        "out/a.txt",
        "--max-chars",
        "0",
        "--tables",
        "out/tables",
        "--charts",
        "out/charts",
        "--rejects",
        "out/rejects.ndjson",
        "--title",
        &title,
        "--set",
        &sets[0],
        "--set",
        &sets[1],
        "--set",
        &sets[2],
        "--set",
        &sets[3],
    ];
    std::fs::create_dir(folder.path().join("out")).unwrap();
    let args = with(&["report"], &report);
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    let code = call(&args);
    assert_eq!(code, Some(0), "the report is written");
    let json: serde_json::Value =
        serde_json::from_slice(&std::fs::read(folder.path().join("out/a.json")).unwrap()).unwrap();
    let rows: [&[&str]; 11] = [
        &["report", "-o", "out/b.md"],
        &[
            "report",
            "-o",
            "out/p.html",
            "-o",
            "out/p.json",
            "--privacy",
            "--tables",
            "out/private",
        ],
        &[
            "report",
            "-o",
            "out/k.json",
            "-o",
            "out/k.md",
            "--redact-key",
            "key",
            "--privacy=email,host",
        ],
        &["summary"],
        &[
            "summary",
            "--color",
            "always",
            "--fail-if",
            "failed > 100000",
        ],
        &["check", "--rejects", "out/checked.ndjson"],
        &["convert", "-o", "out/runs.csv"],
        &["convert", "-o", "out/runs.ndjson"],
        &["convert", "-o", "out/runs.parquet"],
        &["explain", "success_rate"],
        &["explain", "inputs.masked"],
    ];
    for row in rows {
        let args = match row[0] {
            "explain" => with(row, &[]),
            command => with(&[command], &row[1..]),
        };
        let mut args: Vec<&str> = args.iter().map(String::as_str).collect();
        if row[0] == "convert" {
            args.retain(|arg| !["--last", "all"].contains(arg));
        }
        call(&args);
    }
    for format in FORMATS {
        call(&[
            "check",
            &format!("in/values.{format}"),
            "--init-mapping",
            "-",
        ]);
    }
    // Text in a Parquet file may be compressed, so what it holds is converted back.
    call(&[
        "convert",
        "out/runs.parquet",
        "-o",
        "-",
        "--format",
        "ndjson",
    ]);
    let (mut ids, mut scans, mut errors) = (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
    strings(&json["sections"]["runs"], "run_id", &mut ids);
    strings(&json["sections"]["scans"], "scan", &mut scans);
    strings(&json["sections"]["errors"]["signatures"], "id", &mut errors);
    let found = (ids.len(), scans.len(), errors.len());
    assert!(found.0 > 10 && found.1 > 5 && found.2 > 2, "{found:?}");
    for id in ids.iter().take(6) {
        call(
            &with(&["run", id], &[])
                .iter()
                .map(String::as_str)
                .collect::<Vec<_>>(),
        );
    }
    for scan in scans.iter().take(6) {
        call(
            &with(&["scan", scan], &["--format", "html"])
                .iter()
                .map(String::as_str)
                .collect::<Vec<_>>(),
        );
    }
    for id in errors.iter().take(6) {
        call(
            &with(&["explain", "error", id], &[])
                .iter()
                .map(String::as_str)
                .collect::<Vec<_>>(),
        );
    }
    for command in ["summary", "check"] {
        call(&[command, "own.csv", "--mapping", "own.toml"]);
    }
    call(&[
        "report",
        "own.csv",
        "--mapping",
        "own.toml",
        "-o",
        "out/own.json",
    ]);
    // What is wrong with a call is told as well.
    call(&["report", &missing]);
    call(&["report", "in", &format!("--{unknown}")]);
    call(&["report", "in", "--fail-if", &gate]);
    call(&["report", "in", "--set", &gate]);
    call(&["report", "in", "--title", &title, "--tz", &gate]);
    call(&["config", "in", "--title", &title]);

    let finder = planted.finder();
    let mut leaks = Vec::new();
    let mut look = |what: String, bytes: &[u8]| {
        for place in finder.found(bytes) {
            leaks.push(format!("{place} in {what}"));
        }
    };
    for ended in &done {
        assert_ne!(ended.code, Some(70), "{:?}", ended.args);
        let what = ended.args[..ended.args.len().min(3)].join(" ");
        look(format!("standard output of {what}"), &ended.out);
        look(format!("standard error of {what}"), &ended.err);
    }
    let written = files(&folder.path().join("out"));
    for path in &written {
        let name = path
            .strip_prefix(folder.path())
            .unwrap()
            .display()
            .to_string();
        look(name.clone(), name.as_bytes());
        look(name, &std::fs::read(path).unwrap());
    }
    assert!(written.len() > 30, "{} files", written.len());
    assert!(
        leaks.is_empty(),
        "{} leaks\n{}",
        leaks.len(),
        leaks.join("\n")
    );
    // What was hidden is counted, by class.
    let masked = json["sections"]["inputs"]["masked"].as_array().unwrap();
    let classes: BTreeSet<&str> = masked
        .iter()
        .map(|row| row["class"].as_str().unwrap())
        .collect();
    for class in [
        "password",
        "sas",
        "token",
        "secret",
        "credential",
        "webhook",
    ] {
        assert!(classes.contains(class), "{class} in {classes:?}");
    }
}

#[test]
fn the_finder_finds_what_is_not_hidden_in_every_form() {
    let mut planted = Planted::default();
    for number in 0..20 {
        planted.secret(
            format!("place {number}"),
            if number % 2 == 0 { "/+" } else { "-" },
        );
    }
    let finder = planted.finder();
    for (secret, place) in planted.secrets.iter().zip(&planted.places) {
        let json = serde_json::to_string(secret).unwrap();
        let url = secret.replace('/', "%2F").replace('+', "%2B");
        let html = secret.replace('/', "&#x2f;").replace('+', "&#43;");
        let mut texts = vec![secret.clone(), json, url, html];
        for before in ["", "a", "ab", "abc"] {
            texts.push(base64(format!("{before}{secret}{before}").as_bytes()));
        }
        for text in texts {
            let found = finder.found(format!("<p>{text}</p>").as_bytes());
            assert!(
                found.contains(place.as_str()) && found.len() == 1,
                "{text}: {found:?}"
            );
        }
    }
    assert!(finder.found(b"an ordinary text").is_empty());
}

#[test]
fn a_word_that_is_no_secret_is_found_in_the_reports() {
    // The same way as above, with words instead of secrets: they are there, so the way is good.
    let folder = tempfile::tempdir().unwrap();
    let mut planted = Planted::default();
    let words: Vec<String> = (0..8)
        .map(|n| planted.secret(format!("word {n}"), "-"))
        .collect();
    let rows: Vec<_> = words
        .iter()
        .enumerate()
        .map(|(at, word)| {
            row(
                at,
                &[
                    ("error_message", format!("no table {word} there")),
                    ("scan", word.clone()),
                ],
            )
        })
        .collect();
    for format in FORMATS {
        let name = format!("in/runs.{format}");
        put(folder.path(), &name, &write(&Table::of(&rows), format));
        let finder = planted.finder();
        for kind in ["html", "markdown", "json", "text"] {
            let done = rundown(
                folder.path(),
                &["report", &name, "-o", "-", "--format", kind],
            );
            assert_eq!(done.code, Some(0), "{}", String::from_utf8_lossy(&done.err));
            let found = finder.found(&done.out).len();
            // The short text lists the first five errors and the first findings only.
            assert!(
                found == words.len() || kind == "text" && found > 0,
                "{format} {kind}: {found}"
            );
        }
    }
}
