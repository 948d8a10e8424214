"""What the scripts of the two engines share, so that neither has an advantage: columns, words, signatures."""

import json
import pathlib

TEXTS = [
    "system", "account", "source", "source_type", "collection", "scan", "run_id", "run_type", "trigger",
    "status", "discovery_status", "ingestion_status", "error_code", "error_message", "error_phase",
]
TIMES = [
    "queued_at", "started_at", "ended_at", "discovery_started_at", "discovery_ended_at",
    "ingestion_started_at", "ingestion_ended_at", "observed_at",
]
COUNTS = [
    "assets_discovered", "assets_classified", "assets_failed", "assets_ingested", "assets_ingest_failed",
    "assets_pending", "relationships_ingested", "relationships_failed",
]
# Few words, each in many records.
REPEATING = ["system", "account", "source", "scan", "run_type", "status", "discovery_status", "ingestion_status"]
# As the example `generate` orders them. A CSV file is read by position.
COLUMNS = [
    "system", "account", "source", "source_type", "collection", "scan", "run_id", "run_type", "trigger",
    "status", "discovery_status", "ingestion_status", "queued_at", "started_at", "ended_at",
    "discovery_started_at", "discovery_ended_at", "ingestion_started_at", "ingestion_ended_at",
    "assets_discovered", "assets_classified", "assets_failed", "assets_ingested", "assets_ingest_failed",
    "assets_pending", "relationships_ingested", "relationships_failed", "error_code", "error_message",
    "error_phase", "observed_at",
]
# The columns that the tables need. An engine reads no other where its format lets it.
NEEDED = [
    "system", "account", "source", "scan", "run_id", "run_type", "status", "discovery_status",
    "ingestion_status", "queued_at", "started_at", "ended_at", "observed_at", "assets_discovered",
    "assets_ingested", "assets_ingest_failed", "assets_pending", "error_message",
]
TIMES_NEEDED = [name for name in NEEDED if name in TIMES]
SCAN = ["system", "account", "source", "scan"]
STATUSES = ["status", "discovery_status", "ingestion_status"]
ACTIVE = ["in_progress", "queued", "throttled"]
KNOWN = ["failed", "cancelled", *ACTIVE, "partial", "completed"]
OUTCOMES = ["succeeded", "partial", "failed", "cancelled", "active", "unknown"]
WINDOW_DAYS = 30
DAY_MICROS = 86_400_000_000

# Variable parts of a message, in order. Both engines know this syntax (RE2 and Rust's `regex`).
SIGNATURE_RULES = [
    (r"[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}", "<guid>"),
    (r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]+)?Z?", "<time>"),
    (r"[0-9]{1,3}(?:\.[0-9]{1,3}){3}", "<ip>"),
    (r"[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*\.example", "<host>"),
    (r"Password=[^;]*|sig=[^: ]*", "<secret>"),
    (r"(?:/[A-Za-z0-9_.-]+)+", "<path>"),
    (r"""'[^' ]*'|"[^" ]*"|\[[^\] ]*\]""", "<name>"),
    (r"[0-9]+", "<n>"),
]
NO_TEXT = "(no error text)"


def write_tables(path, tables):
    """Writes the tables, a list of row objects by name of the table."""
    pathlib.Path(path).write_text(json.dumps(tables), encoding="utf-8")
