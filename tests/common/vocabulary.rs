//! The words, messages, places and odd instants that made-up runs are built of.

use chrono_tz::Tz;

/// Year, month and day.
pub(crate) type Date = (i32, u32, u32);

/// Zones and a date near which something happens there: clocks change, a year ends, February has 29 days.
pub(crate) const PLACES: [(Tz, [Date; 3]); 6] = [
    (Tz::UTC, [(2024, 2, 29), (2023, 12, 31), (2025, 6, 30)]),
    (
        Tz::Europe__Berlin,
        [(2024, 3, 31), (2024, 10, 27), (2025, 12, 31)],
    ),
    (
        Tz::America__Sao_Paulo,
        [(2018, 11, 4), (2018, 2, 18), (2019, 1, 1)],
    ),
    (
        Tz::Asia__Kolkata,
        [(2024, 1, 1), (2024, 2, 29), (2025, 8, 3)],
    ),
    (
        Tz::Pacific__Auckland,
        [(2024, 4, 7), (2024, 9, 29), (2023, 12, 31)],
    ),
    (
        Tz::America__St_Johns,
        [(2024, 3, 10), (2024, 11, 3), (2025, 2, 28)],
    ),
];

/// Words for each status, canonical and as vendors spell them, with some that nobody knows.
#[rustfmt::skip]
pub(crate) const STATUS: [&str; 30] = [
    "completed", "Completed", "Succeeded", "succeeded", "SUCCEEDED", "completed", "Succeeded",
    "Completed", "partial", "PartialSucceeded", "Partially completed", "Completed with exceptions",
    "CompleteWithWarning", "failed", "Failed", "FAILED", "failed", "cancelled", "Canceled",
    "Cancelled", "in_progress", "In Progress", "Running", "TransientFailure", "Canceling",
    "queued", "Accepted", "throttled", "unknown", "Exploded",
];
pub(crate) const NO_INGESTION: [&str; 4] = ["None", "SourceUnknown", "N/A", "none"];
#[rustfmt::skip]
pub(crate) const ACTIVE: [&str; 8] = [
    "InProgress", "in_progress", "Running", "Queued", "Accepted", "Delayed", "NotStarted",
    "Throttled",
];
#[rustfmt::skip]
pub(crate) const TERMINAL: [&str; 6] = [
    "Succeeded", "completed", "PartialSucceeded", "Failed", "failed", "Canceled",
];

/// Whole messages; the oracle knows the category of each by a part of it.
pub(crate) const ERRORS: [&str; 16] = [
    "Login failed for user '<token-identified principal>'",
    "The server was not found or was not accessible",
    "Execution Timeout Expired",
    "The data source credential \"XXXXXXXXXX\" is deleted from current Integration Runtime node with payload",
    "Java Runtime Environment cannot be found on the Self-hosted Integration Runtime machine.",
    "Failed to get access token with given credential to access Power BI tenant.",
    "Remote name could not be resolved",
    "Unable to read data from the transport connection: An existing connection was forcibly closed by the remote host",
    "This endpoint does not support BlobStorageEvents or SoftDelete",
    "Not authorized to access account",
    "The operation \"List\" is not enabled in this key vault's access policy.",
    "Internal system error. Please contact support with correlationId:0a1b2c3d-1111-4222-8333-0123456789ab System Error, contact support.",
    "Authentication Key is not assigned yet",
    "Not authorized to access this Purview account. This Purview account is behind a private endpoint. Please access the account from a client in the same virtual network",
    "Failed to get access token by using service principal. ADAL Error: service_unavailable, The remote server returned an error: (503) Server Unavailable.",
    "You did a bad thing",
];
pub(crate) const ERROR_CODES: [&str; 2] =
    ["Scan_CollectionOutOfBound", "ScanHistory_ActiveRunExist"];

#[rustfmt::skip]
pub(crate) const COUNTS: [&str; 11] = [
    "assets_discovered", "assets_classified", "assets_failed", "assets_ingested",
    "assets_ingest_failed", "assets_pending", "relationships_ingested", "relationships_failed",
    "file_count", "byte_count", "row_count",
];

/// Instants that stand for no timestamp: in the years 1, 1970, 1999, 2101 and 9999.
pub(crate) const NO_TIMES: [i64; 5] = [
    -62_135_596_800_000_000,
    0,
    928_195_200_000_000,
    4_147_027_200_000_000,
    253_402_214_400_000_000,
];
