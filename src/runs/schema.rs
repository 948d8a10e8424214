//! The canonical vocabulary: which fields a run has, and which words its statuses use.

/// How the values of a [`Field`] are kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Text, dictionary-encoded.
    Text,
    /// The run's own id: text that seldom repeats.
    RunId,
    /// A [`Status`].
    Status,
    /// An instant: microseconds since 1970-01-01T00:00:00Z.
    Time,
    /// A count, milliseconds or bytes.
    Int,
}

macro_rules! fields {
    ($($variant:ident $key:literal $kind:ident $label:literal),* $(,)?) => {
        /// A field that an export can state. The order is the order of the schema.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        #[repr(u8)]
        #[expect(missing_docs, reason = "each field is described in the README, by its key")]
        pub enum Field { $($variant),* }

        impl Field {
            /// Every field in schema order.
            pub const ALL: &[Field] = &[$(Field::$variant),*];

            /// Column name, snake case.
            pub fn key(self) -> &'static str {
                match self { $(Field::$variant => $key),* }
            }

            /// How the values are kept.
            pub fn kind(self) -> Kind {
                match self { $(Field::$variant => Kind::$kind),* }
            }

            /// Heading for a reader.
            pub fn label(self) -> &'static str {
                match self { $(Field::$variant => $label),* }
            }
        }
    };
}

fields! {
    System "system" Text "System",
    Account "account" Text "Account",
    Source "source" Text "Source",
    SourceType "source_type" Text "Source type",
    Collection "collection" Text "Collection",
    Scan "scan" Text "Scan",
    RunId "run_id" RunId "Run id",
    ParentId "parent_id" Text "Parent run",
    RunType "run_type" Text "Run type",
    Trigger "trigger" Text "Trigger",
    Category "category" Text "Category",
    Status "status" Status "Run status",
    DiscoveryStatus "discovery_status" Status "Scan (discovery) status",
    IngestionStatus "ingestion_status" Status "Ingestion status",
    QueuedAt "queued_at" Time "Queued",
    StartedAt "started_at" Time "Started",
    EndedAt "ended_at" Time "Ended",
    DiscoveryStartedAt "discovery_started_at" Time "Discovery started",
    DiscoveryEndedAt "discovery_ended_at" Time "Discovery ended",
    IngestionStartedAt "ingestion_started_at" Time "Ingestion started",
    IngestionEndedAt "ingestion_ended_at" Time "Ingestion ended",
    DurationMs "duration_ms" Int "Duration",
    QueueMs "queue_ms" Int "Time in queue",
    AssetsDiscovered "assets_discovered" Int "Assets discovered",
    AssetsClassified "assets_classified" Int "Assets classified",
    AssetsFailed "assets_failed" Int "Assets failed in discovery",
    AssetsIngested "assets_ingested" Int "Assets ingested",
    AssetsIngestFailed "assets_ingest_failed" Int "Assets failed in ingestion",
    AssetsPending "assets_pending" Int "Assets still processing",
    RelationshipsIngested "relationships_ingested" Int "Relationships ingested",
    RelationshipsFailed "relationships_failed" Int "Relationships failed",
    FileReader "file_reader" Text "File reader",
    FileCount "file_count" Int "Number of files",
    ByteCount "byte_count" Int "File size",
    RowCount "row_count" Int "Rows",
    ErrorCode "error_code" Text "Error code",
    ErrorMessage "error_message" Text "Error",
    ErrorPhase "error_phase" Text "Failed phase",
    ObservedAt "observed_at" Time "Recorded",
}

impl Field {
    /// The field with this key, if there is one.
    pub fn of(key: &str) -> Option<Field> {
        Field::ALL.iter().copied().find(|field| field.key() == key)
    }

    /// Position in the schema.
    pub fn index(self) -> usize {
        self as usize
    }

    /// Counts that two records of one run must agree on.
    pub fn is_count(self) -> bool {
        self.kind() == Kind::Int && !matches!(self, Field::DurationMs | Field::QueueMs)
    }

    /// Fields that say which run it is; an unfinished record may supply them.
    pub fn is_identity(self) -> bool {
        matches!(
            self,
            Field::Account
                | Field::Source
                | Field::SourceType
                | Field::Collection
                | Field::Scan
                | Field::ParentId
        )
    }
}

macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident $key:literal $label:literal $meaning:literal),* $(,)? }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        #[repr(u8)]
        pub enum $name { $($(#[$vdoc])* $variant),* }

        impl $name {
            /// Every word in declared order.
            pub const ALL: &[$name] = &[$($name::$variant),*];

            /// The word as it stands in data.
            pub fn key(self) -> &'static str {
                match self { $($name::$variant => $key),* }
            }

            /// The word as a reader sees it.
            pub fn label(self) -> &'static str {
                match self { $($name::$variant => $label),* }
            }

            /// What the word means.
            pub fn meaning(self) -> &'static str {
                match self { $($name::$variant => $meaning),* }
            }
        }
    };
}

words! {
    /// What an export says about a run or about one of its phases.
    Status {
        /// Done without exceptions.
        Completed "completed" "Completed" "Finished without exceptions.",
        /// Done, some things failed.
        Partial "partial" "Partially completed" "Finished, but with exceptions: some assets or relationships failed.",
        /// Ended by an error.
        Failed "failed" "Failed" "Ended by an error.",
        /// Stopped on purpose.
        Cancelled "cancelled" "Cancelled" "Stopped by a person or by the service before it finished.",
        /// Working.
        InProgress "in_progress" "In progress" "Was still running when the export was made. A retry after a transient failure counts as running.",
        /// Waiting.
        Queued "queued" "Queued" "Accepted, and waits for an integration runtime. Waiting is not charged.",
        /// Waiting for a free slot.
        Throttled "throttled" "Throttled" "Waits because the account is over its limit of concurrent scans. Waiting is not charged.",
        /// A word outside the vocabulary.
        Unknown "unknown" "Unknown" "The export uses a status word that rundown does not know. The word is quoted under Inputs.",
    }
}

words! {
    /// The end of a run: the worst of its own status, discovery's and ingestion's. Declared from best to worst.
    Outcome {
        /// Every stated status completed.
        Succeeded "succeeded" "Succeeded" "Every stated status is completed, without exceptions.",
        /// Completed with exceptions.
        Partial "partial" "Partial" "Finished with exceptions: the worst status is partially completed.",
        /// Unknown status, or none.
        Unknown "unknown" "Unknown" "No status is stated, or a word that rundown does not know.",
        /// Not finished.
        Active "active" "Active" "Not finished in this export: queued, throttled or in progress.",
        /// Stopped.
        Cancelled "cancelled" "Cancelled" "The run or one of its phases was stopped before it finished.",
        /// Failed.
        Failed "failed" "Failed" "The run, its discovery or its ingestion failed.",
    }
}

impl Status {
    /// The outcome that this status alone would give.
    pub fn outcome(self) -> Outcome {
        match self {
            Status::Completed => Outcome::Succeeded,
            Status::Partial => Outcome::Partial,
            Status::Failed => Outcome::Failed,
            Status::Cancelled => Outcome::Cancelled,
            Status::InProgress | Status::Queued | Status::Throttled => Outcome::Active,
            Status::Unknown => Outcome::Unknown,
        }
    }
}

impl Outcome {
    /// The worst of the statuses that are present; `Unknown` when none is.
    pub fn of(statuses: impl IntoIterator<Item = Option<Status>>) -> Outcome {
        statuses
            .into_iter()
            .flatten()
            .map(Status::outcome)
            .max()
            .unwrap_or(Outcome::Unknown)
    }

    /// Terminal 2, unknown 1, active 0: a finished record describes its run better than an unfinished one.
    pub fn finality(self) -> u8 {
        match self {
            Outcome::Succeeded | Outcome::Partial | Outcome::Failed | Outcome::Cancelled => 2,
            Outcome::Unknown => 1,
            Outcome::Active => 0,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_outcome_is_the_worst_of_those_present() {
        assert_eq!(
            Outcome::of([
                Some(Status::Completed),
                Some(Status::Completed),
                Some(Status::Failed)
            ]),
            Outcome::Failed
        );
        assert_eq!(
            Outcome::of([Some(Status::Completed), None, Some(Status::Partial)]),
            Outcome::Partial
        );
        assert_eq!(
            Outcome::of([Some(Status::Queued), Some(Status::Unknown), None]),
            Outcome::Active
        );
        assert_eq!(
            Outcome::of([Some(Status::Cancelled), Some(Status::InProgress), None]),
            Outcome::Cancelled
        );
        assert_eq!(
            Outcome::of([Some(Status::Unknown), Some(Status::Partial), None]),
            Outcome::Unknown
        );
        assert_eq!(Outcome::of([None, None, None]), Outcome::Unknown);
    }
}
