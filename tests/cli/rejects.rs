//! Records that were set aside, in a file of their own.

use serde_json::Value;

use crate::{folder_of, rundown};

#[test]
fn every_reject_is_written_whatever_the_report_lists() {
    let mut text =
        "scan,run_id,status,started_at,row_count\nd,good,failed,2026-11-01T02:00:00Z,1\n"
            .to_owned();
    for number in 0..1_500 {
        text.push_str(&format!("d,r{number},failed,noon,1\n"));
    }
    let broken = "{\"a\":1,}\n".repeat(1_200);
    let folder = folder_of(&[("a.csv", &text), ("b.json", &broken)]);
    let at = folder.path();
    let args = ["--rejects", "bad.ndjson", "--max-rejects", "100%"];
    for command in ["report", "check", "convert"] {
        let more: &[&str] = if command == "check" {
            &[]
        } else {
            &["-o", "out.json"]
        };
        let more = if command == "convert" {
            &["-o", "out.ndjson", "--force"]
        } else {
            more
        };
        let all = [&[command, "a.csv", "b.json"], &args[..], more].concat();
        rundown(at, &all).ends(0);
        let lines: Vec<Value> = std::fs::read_to_string(at.join("bad.ndjson"))
            .unwrap()
            .lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect();
        assert_eq!(lines.len(), 2_700, "{command}");
        assert_eq!(lines[1_499]["line"], 1_502);
        // The header has 40 bytes and the good row 37, with their line ends.
        assert_eq!(
            lines[0],
            serde_json::json!({
                "rejected": "E-TIME", "path": "a.csv", "line": 3, "byte": 77, "column": "started_at", "index": 4, "value": "noon",
                "hint": "expected a time such as 2026-01-31T08:15:00Z"
            })
        );
        assert_eq!(
            (&lines[2_699]["path"], &lines[2_699]["line"]),
            (&"b.json".into(), &1_200.into())
        );
    }
    // Nothing is lost by a wrong name, and nothing usable is no reason to write nothing.
    for name in ["a.csv", "out.ndjson"] {
        let done = rundown(at, &["check", "a.csv", "--rejects", name]).ends(2);
        assert!(done.err.contains(name), "{}", done.err);
    }
    assert_eq!(std::fs::read_to_string(at.join("a.csv")).unwrap(), text);
    std::fs::write(
        at.join("c.csv"),
        text.replace("d,good,failed,2026-11-01T02:00:00Z,1\n", ""),
    )
    .unwrap();
    rundown(at, &["check", "c.csv", "--rejects", "new.ndjson"]).ends(3);
    let lines = std::fs::read_to_string(at.join("new.ndjson")).unwrap();
    assert_eq!(lines.lines().count(), 1_500);
}
