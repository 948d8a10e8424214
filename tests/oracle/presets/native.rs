//! Files with the program's own column names.

use super::Row;
use crate::oracle::Rec;

pub(super) fn record(row: &Row<'_>) -> Result<Rec, String> {
    Ok(Rec {
        system: row
            .text(&["system"])
            .or(row.given("system"))
            .unwrap_or("other".to_owned()),
        account: row.text(&["account"]).or(row.given("account")),
        source: row.text(&["source"]).or(row.given("source")),
        source_type: row.text(&["sourcetype"]),
        collection: row.text(&["collection"]),
        scan: row.text(&["scan"]).or(row.given("scan")),
        run_id: row.run_id(&["runid"]),
        parent_id: row.run_id(&["parentid"]),
        run_type: row.lower(&["runtype"]),
        trigger: row.lower(&["trigger"]),
        category: row.lower(&["category"]),
        status: row.status(&["status", "outcome"]),
        discovery_status: row.status(&["discoverystatus"]),
        ingestion_status: row.ingestion(&["ingestionstatus"]),
        queued_at: row.time(&["queuedat"])?,
        started_at: row.time(&["startedat"])?,
        ended_at: row.time(&["endedat"])?,
        discovery_started_at: row.time(&["discoverystartedat"])?,
        discovery_ended_at: row.time(&["discoveryendedat"])?,
        ingestion_started_at: row.time(&["ingestionstartedat"])?,
        ingestion_ended_at: row.time(&["ingestionendedat"])?,
        duration_ms: row.count(&["durationms"])?,
        queue_ms: row.count(&["queuems"])?,
        assets_discovered: row.count(&["assetsdiscovered"])?,
        assets_classified: row.count(&["assetsclassified"])?,
        assets_failed: row.count(&["assetsfailed"])?,
        assets_ingested: row.count(&["assetsingested"])?,
        assets_ingest_failed: row.count(&["assetsingestfailed"])?,
        assets_pending: row.count(&["assetspending"])?,
        relationships_ingested: row.count(&["relationshipsingested"])?,
        relationships_failed: row.count(&["relationshipsfailed"])?,
        file_reader: row.text(&["filereader"]),
        file_count: row.count(&["filecount"])?,
        byte_count: row.count(&["bytecount"])?,
        row_count: row.count(&["rowcount"])?,
        error_code: row.text(&["errorcode"]),
        error_message: row.text(&["errormessage"]),
        error_phase: row.text(&["errorphase"]),
        observed_at: row.time(&["observedat"])?,
        estimated_start: None,
    })
}
