//! What becomes of files that are there before, and of those that are begun.

use crate::files::text;
use crate::{GOOD, folder_of, names, rundown};

#[test]
fn one_file_is_not_written_twice_under_two_names() {
    let folder = folder_of(&[("runs.csv", GOOD)]);
    let args = ["report", "runs.csv", "-o", "a.json", "-o", "./a.json"];
    let done = rundown(folder.path(), &args).ends(2);
    assert!(done.err.contains("named twice"), "{}", done.err);
    assert_eq!(names(folder.path()), ["runs.csv"]);
}

#[cfg(unix)]
mod unix {
    use std::fs::Permissions;
    use std::os::unix::fs::{PermissionsExt, symlink};
    use std::path::Path;
    use std::process::{Command, Stdio};
    use std::time::Duration;

    use super::*;
    use crate::command;

    fn mode(path: &Path) -> u32 {
        path.metadata().unwrap().permissions().mode() & 0o777
    }

    #[test]
    fn who_may_read_a_report_stays_the_same() {
        let folder = folder_of(&[("runs.csv", GOOD)]);
        let report = folder.path().join("a.json");
        let write = || rundown(folder.path(), &["report", "runs.csv", "-o", "a.json"]).ends(0);
        write();
        let new = mode(&report);
        std::fs::write(folder.path().join("plain"), "").unwrap();
        assert_eq!(new, mode(&folder.path().join("plain")));
        for wanted in [0o600, 0o640, 0o666] {
            std::fs::set_permissions(&report, Permissions::from_mode(wanted)).unwrap();
            write();
            assert_eq!(mode(&report), wanted, "{wanted:o}");
        }
    }

    #[test]
    fn a_link_stays_and_the_file_that_it_leads_to_is_replaced() {
        let folder = folder_of(&[("runs.csv", GOOD), ("web/old.json", "")]);
        symlink("web/old.json", folder.path().join("a.json")).unwrap();
        rundown(folder.path(), &["report", "runs.csv", "-o", "a.json"]).ends(0);
        assert!(folder.path().join("a.json").is_symlink());
        assert!(text(folder.path(), "web/old.json").contains("\"schema_version\""));
    }

    #[test]
    fn an_input_is_not_overwritten_under_another_name() {
        let folder = folder_of(&[("runs.json", "[]")]);
        let at = folder.path();
        let run = r#"[{"run_id":"r-1","status":"completed","started_at":"2026-11-01T02:00:00Z"}]"#;
        std::fs::write(at.join("runs.json"), run).unwrap();
        std::fs::hard_link(at.join("runs.json"), at.join("hard.json")).unwrap();
        symlink("runs.json", at.join("soft.json")).unwrap();
        for name in ["hard.json", "soft.json"] {
            let args = ["report", "runs.json", "-o", name, "--force"];
            let done = rundown(at, &args).ends(2);
            assert!(done.err.contains("is an input"), "{name}: {}", done.err);
        }
        assert_eq!(text(at, "runs.json"), run);
    }

    #[test]
    fn a_folder_that_may_not_be_written_is_named_and_nothing_is_left() {
        let folder = folder_of(&[("runs.csv", GOOD), ("closed/x", "")]);
        let closed = folder.path().join("closed");
        std::fs::set_permissions(&closed, Permissions::from_mode(0o555)).unwrap();
        if std::fs::write(closed.join("probe"), "").is_ok() {
            eprintln!("skipped: this user may write everywhere");
            return;
        }
        let args = ["report", "runs.csv", "-o", "a.json", "-o", "closed/b.json"];
        let done = rundown(folder.path(), &args).ends(2);
        assert!(
            done.err.contains("closed/b.json: cannot be written"),
            "{}",
            done.err
        );
        assert_eq!(names(folder.path()), ["closed/", "runs.csv"]);
        std::fs::set_permissions(&closed, Permissions::from_mode(0o755)).unwrap();
    }

    /// A log from a pipe is kept in a file until it is read.
    #[test]
    fn an_interrupted_call_ends_with_130_and_leaves_nothing() {
        for signal in ["INT", "TERM", "HUP"] {
            let folder = folder_of(&[("tmp/x", "")]);
            let kept = folder.path().join("tmp");
            let mut child = command(folder.path(), &["report", "-", "-o", "a.json"])
                .env("TMPDIR", &kept)
                .stdin(Stdio::piped())
                .stdout(Stdio::null())
                .stderr(Stdio::null())
                .spawn()
                .unwrap();
            let mut waited = 0;
            while names(&kept).len() < 2 {
                std::thread::sleep(Duration::from_millis(20));
                waited += 1;
                assert!(waited < 1_000, "the program keeps its input in TMPDIR");
            }
            let id = child.id().to_string();
            let sent = Command::new("kill").args(["-s", signal, &id]).status();
            assert!(sent.unwrap().success());
            // Waiting would close it, and the program would come to its end.
            let held = child.stdin.take();
            let ended = child.wait().unwrap();
            drop(held);
            assert_eq!(ended.code(), Some(130), "{signal}: {ended}");
            assert_eq!(names(&kept), ["x"], "{signal}");
            assert_eq!(names(folder.path()), ["tmp/"], "{signal}");
        }
    }
}
