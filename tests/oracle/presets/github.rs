//! GitHub Actions: runs of workflows and their jobs, from the API, webhooks and the `gh` command.

use super::{Row, joined, trigger};
use crate::oracle::{Rec, words};

/// GitHub's words that mean something else here, or nothing.
const WORDS: [(&str, &str); 12] = [
    ("success", "completed"),
    ("neutral", "partial"),
    ("failure", "failed"),
    ("timed_out", "failed"),
    ("startup_failure", "failed"),
    ("cancelled", "cancelled"),
    ("skipped", "cancelled"),
    ("stale", "cancelled"),
    ("action_required", "in_progress"),
    ("waiting", "queued"),
    ("requested", "queued"),
    ("pending", "queued"),
];

pub(super) fn record(row: &Row<'_>) -> Result<Rec, String> {
    // `completed` only says that there is a conclusion.
    let conclusion = row.text(&["conclusion"]);
    let word = row
        .text(&["status"])
        .filter(|status| !status.eq_ignore_ascii_case("completed"))
        .or(conclusion.clone());
    let status = word.and_then(|word| row.own_status(&word, &WORDS));
    let common = Rec {
        system: "github-actions".to_owned(),
        account: row.given("account"),
        source: source(row),
        status,
        error_code: conclusion.filter(|word| {
            ["failure", "timedout", "startupfailure"].contains(&words::plain(word).as_str())
        }),
        ..Rec::default()
    };
    if row.text(&["runid"]).is_some() {
        return job(row, common);
    }
    let updated = row.time(&["updatedat"])?;
    let id = row.text(&["databaseid", "id"]);
    Ok(Rec {
        scan: row.text(&["workflowname", "name", "path"]),
        run_id: joined(&[id.clone(), row.text(&["attempt", "runattempt"])], "#").or(id),
        trigger: trigger(
            row.text(&["event"]),
            &[("schedule", "scheduled"), ("workflow_dispatch", "manual")],
        ),
        started_at: row.time(&["runstartedat", "startedat"])?,
        ended_at: updated.filter(|_| words::is_finished(status)),
        observed_at: updated,
        ..common
    })
}

fn job(row: &Row<'_>, common: Rec) -> Result<Rec, String> {
    Ok(Rec {
        scan: joined(&[row.text(&["workflowname"]), row.text(&["name"])], " / "),
        run_id: row.text(&["id"]),
        parent_id: joined(&[row.text(&["runid"]), row.text(&["runattempt"])], "#"),
        queued_at: row.time(&["createdat"])?,
        started_at: row.time(&["startedat"])?,
        ended_at: row.time(&["completedat"])?,
        ..common
    })
}

/// `OWNER/REPO`: stated, or read from an address.
fn source(row: &Row<'_>) -> Option<String> {
    row.text(&["repository/fullname"])
        .or_else(|| {
            let addresses = [row.text(&["htmlurl"]), row.text(&["url"])];
            addresses.iter().flatten().find_map(|url| repository(url))
        })
        .or(row.given("source"))
}

/// What stands between the host and `/actions/`, without the `repos` of the API.
fn repository(url: &str) -> Option<String> {
    let (_, path) = url.split_once("github.com/")?;
    let (name, _) = path.split_once("/actions/")?;
    words::text(name.trim_start_matches("repos/"))
}
