//! Which scans there are.

use super::errors;
use super::random::{Random, Series};
use super::time::{SECOND, Ticks};

/// The Purview account and the tenant's subscription that own everything.
pub(crate) const ACCOUNT: &str = "example-data-map";
pub(crate) const SUBSCRIPTION: &str = "11111111-2222-3333-4444-555555555555";

/// Parts of the period in which positions are counted.
pub(crate) const PERIOD: i64 = 1_000_000;

/// What a scan does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Habit {
    Full,
    /// Incremental, and every seventh run full.
    Incremental,
    /// Ingests more than it discovers.
    Lineage,
}

/// A part of the period in which most runs of a scan fail for one reason.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Outage {
    pub(crate) from: i64,
    pub(crate) to: i64,
    pub(crate) template: usize,
}

/// One scan of one source.
#[derive(Debug)]
pub(crate) struct Scan {
    pub(crate) source: String,
    pub(crate) source_type: &'static str,
    /// The source in Azure; empty for sources elsewhere.
    pub(crate) resource_id: String,
    pub(crate) collection: &'static str,
    pub(crate) name: &'static str,
    pub(crate) habit: Habit,
    /// Assets that discovery finds at the start of the period.
    pub(crate) assets: i64,
    /// Usual duration of discovery.
    pub(crate) discovery: Ticks,
    pub(crate) outage: Option<Outage>,
}

/// Scans of one source.
const SCANS_OF_A_SOURCE: i64 = 3;

/// Type of a source, start of its name, and its resource provider if it is in Azure.
const SOURCE_TYPES: &[(&str, &str, &str)] = &[
    ("AzureSqlDatabase", "sql", "Microsoft.Sql/servers"),
    ("AdlsGen2", "adls", "Microsoft.Storage/storageAccounts"),
    ("AzureSynapse", "syn", "Microsoft.Synapse/workspaces"),
    ("AzureDataExplorer", "adx", "Microsoft.Kusto/clusters"),
    (
        "AzureCosmosDb",
        "cosmos",
        "Microsoft.DocumentDB/databaseAccounts",
    ),
    (
        "DatabricksUnityCatalog",
        "dbx",
        "Microsoft.Databricks/workspaces",
    ),
    ("SqlServerDatabase", "mssql", ""),
    ("Snowflake", "snow", ""),
    ("PowerBI", "pbi", ""),
    ("Oracle", "ora", ""),
    ("AmazonS3", "s3", ""),
    ("SapS4Hana", "s4", ""),
];

/// Part of a source's name, and its collection.
const DOMAINS: &[(&str, &str)] = &[
    ("sales", "Sales"),
    ("crm", "Sales"),
    ("finance", "Finance"),
    ("ledger", "Finance"),
    ("hr", "People"),
    ("erp", "Operations"),
    ("stock", "Operations"),
    ("lake", "Data platform"),
    ("web", "Marketing"),
    ("claims", "Customer care"),
];

impl Scan {
    pub(crate) fn new(seed: u64, index: i64) -> Scan {
        let source = index / SCANS_OF_A_SOURCE;
        // Shared by the scans of a source.
        let mut random = Random::of(seed, Series::Scan, source);
        let &(source_type, prefix, provider) = random.pick(SOURCE_TYPES);
        let &(domain, collection) = random.pick(DOMAINS);
        let source = format!("{prefix}-{domain}-{source:04}");
        let resource_id = if provider.is_empty() {
            String::new()
        } else {
            format!(
                "/subscriptions/{SUBSCRIPTION}/resourceGroups/rg-{domain}/providers/{provider}/{source}"
            )
        };

        let mut random = Random::of(!seed, Series::Scan, index);
        let (name, habit) = match index % SCANS_OF_A_SOURCE {
            0 => ("daily-incremental", Habit::Incremental),
            1 => ("weekly-full", Habit::Full),
            _ if random.percent(30) => ("lineage-extraction", Habit::Lineage),
            _ if random.percent(50) => ("hourly-incremental", Habit::Incremental),
            _ => ("monthly-full", Habit::Full),
        };
        let assets = 20 << random.below(12);
        Scan {
            source,
            source_type,
            resource_id,
            collection,
            name,
            habit,
            assets: assets + random.below(assets),
            discovery: SECOND * random.between(40, 2_400),
            outage: random.percent(5).then(|| {
                let from = random.below(PERIOD);
                Outage {
                    from,
                    // Half of them last to the end.
                    to: from + random.between(1, PERIOD * 4 / 5),
                    template: errors::choose(&mut random),
                }
            }),
        }
    }
}
