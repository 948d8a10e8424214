//! Azure Data Factory and Synapse: pipeline runs and activity runs, from the API and from Log Analytics.

use super::{Row, joined, trigger};
use crate::oracle::{Rec, words};

pub(super) fn record(row: &Row<'_>) -> Result<Rec, String> {
    if row.text(&["activityrunid"]).is_some() {
        activity(row)
    } else {
        pipeline(row)
    }
}

/// The factory or the workspace.
fn source(row: &Row<'_>) -> Option<String> {
    let ids = [row.text(&["id"]), row.text(&["resourceid"])];
    ["factories", "workspaces"]
        .iter()
        .find_map(|name| {
            ids.iter()
                .flatten()
                .find_map(|id| words::segment_after(id, name))
        })
        .or(row.given("source"))
}

fn pipeline(row: &Row<'_>) -> Result<Rec, String> {
    let status = row.status(&["status"]);
    let ended_at = row.time(&["runend", "end", "lastupdated"])?;
    Ok(Rec {
        system: "adf".to_owned(),
        account: row.given("account"),
        source: source(row),
        scan: row.text(&["pipelinename"]),
        run_id: row.run_id(&["runid"]),
        parent_id: row.run_id(&["invokedby/pipelinerunid"]),
        trigger: trigger(
            row.text(&["invokedby/invokedbytype"]),
            &[
                ("Manual", "manual"),
                ("ScheduleTrigger", "scheduled"),
                ("TumblingWindowTrigger", "scheduled"),
            ],
        ),
        status,
        started_at: row.time(&["runstart", "start"])?,
        ended_at: ended_at.filter(|_| words::is_finished(status)),
        duration_ms: row.count(&["durationinms"])?,
        error_code: row.text(&["errorcode"]),
        error_message: row.text(&["message", "errormessage"]),
        observed_at: row.time(&["lastupdated", "timegenerated"])?,
        ..Rec::default()
    })
}

fn activity(row: &Row<'_>) -> Result<Rec, String> {
    let status = row.status(&["status"]);
    let ended_at = row.time(&["activityrunend", "end"])?;
    Ok(Rec {
        system: "adf".to_owned(),
        account: row.given("account"),
        source: source(row),
        scan: joined(
            &[row.text(&["pipelinename"]), row.text(&["activityname"])],
            " / ",
        ),
        run_id: row.run_id(&["activityrunid"]),
        parent_id: row.run_id(&["pipelinerunid"]),
        status,
        started_at: row.time(&["activityrunstart", "start"])?,
        ended_at: ended_at.filter(|_| words::is_finished(status)),
        duration_ms: row.count(&["durationinms"])?,
        assets_discovered: row.count(&["output/rowsread"])?,
        assets_ingested: row.count(&["output/rowscopied"])?,
        assets_ingest_failed: row.count(&["output/rowsskipped"])?,
        error_code: row.text(&["error/errorcode", "errorcode"]),
        error_message: row.text(&["error/message", "errormessage"]),
        observed_at: row.time(&["lastupdated", "timegenerated"])?,
        ..Rec::default()
    })
}
