//! One run as the program exports it: every canonical field, and the outcome.

use serde_json::{Map, Value, json};

use super::reconcile::Run;
use super::times::json_time;

/// All that is known of a run, but for which phase an error belongs to.
pub(crate) fn facts(run: &Run) -> Value {
    let mut facts = Map::new();
    let mut state = |name: &str, value: Value| facts.insert(name.to_owned(), value);
    let rec = &run.rec;
    state("outcome", json!(run.outcome));
    state("system", json!(rec.system));
    for (name, text) in [
        ("account", &rec.account),
        ("source", &rec.source),
        ("source_type", &rec.source_type),
        ("collection", &rec.collection),
        ("scan", &rec.scan),
        ("run_id", &rec.run_id),
        ("parent_id", &rec.parent_id),
        ("run_type", &rec.run_type),
        ("trigger", &rec.trigger),
        ("category", &rec.category),
        ("file_reader", &rec.file_reader),
        ("error_code", &rec.error_code),
        ("error_message", &rec.error_message),
    ] {
        state(name, json!(text));
    }
    for (name, status) in [
        ("status", rec.status),
        ("discovery_status", rec.discovery_status),
        ("ingestion_status", rec.ingestion_status),
    ] {
        state(name, json!(status));
    }
    for (name, time) in [
        ("queued_at", rec.queued_at),
        ("started_at", rec.started_at),
        ("ended_at", rec.ended_at),
        ("discovery_started_at", rec.discovery_started_at),
        ("discovery_ended_at", rec.discovery_ended_at),
        ("ingestion_started_at", rec.ingestion_started_at),
        ("ingestion_ended_at", rec.ingestion_ended_at),
        ("observed_at", rec.observed_at),
    ] {
        state(name, json_time(time));
    }
    for (name, number) in [
        ("duration_ms", rec.duration_ms),
        ("queue_ms", rec.queue_ms),
        ("assets_discovered", rec.assets_discovered),
        ("assets_classified", rec.assets_classified),
        ("assets_failed", rec.assets_failed),
        ("assets_ingested", rec.assets_ingested),
        ("assets_ingest_failed", rec.assets_ingest_failed),
        ("assets_pending", rec.assets_pending),
        ("relationships_ingested", rec.relationships_ingested),
        ("relationships_failed", rec.relationships_failed),
        ("file_count", rec.file_count),
        ("byte_count", rec.byte_count),
        ("row_count", rec.row_count),
    ] {
        state(name, json!(number));
    }
    Value::Object(facts)
}
