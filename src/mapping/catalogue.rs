//! The presets among which one is chosen for each file.

use std::collections::BTreeSet;
use std::sync::{Arc, OnceLock};

use anyhow::{Context, Result, bail};
use serde::Deserialize;

use super::preset::{Preset, all_present};

/// The TOML of the built-in presets, by name.
pub const SOURCES: [(&str, &str); 8] = [
    ("adf", include_str!("presets/adf.toml")),
    ("airflow", include_str!("presets/airflow.toml")),
    ("dbt", include_str!("presets/dbt.toml")),
    (
        "github-actions",
        include_str!("presets/github-actions.toml"),
    ),
    ("native", include_str!("presets/native.toml")),
    ("purview", include_str!("presets/purview.toml")),
    (
        "purview-monitor",
        include_str!("presets/purview-monitor.toml"),
    ),
    ("zscaler-uvm", include_str!("presets/zscaler-uvm.toml")),
];

/// The built-in presets in order of name.
pub fn built_in() -> Result<&'static [Arc<Preset>]> {
    static PRESETS: OnceLock<Result<Vec<Arc<Preset>>, String>> = OnceLock::new();
    let loaded = PRESETS.get_or_init(|| {
        SOURCES
            .into_iter()
            .map(|(name, text)| {
                Preset::parse_named(text, name)
                    .with_context(|| format!("preset {name}"))
                    .map(Arc::new)
                    .map_err(|error| format!("{error:#}"))
            })
            .collect()
    });
    match loaded {
        Ok(presets) => Ok(presets),
        Err(error) => bail!("{error}"),
    }
}

/// A kind of file that is known and holds no run records.
#[derive(Clone, Debug, Deserialize)]
pub struct NoRuns {
    /// What it is, and what to do.
    pub what: String,
    /// It commonly lies beside exports; without this, an export has failed.
    #[serde(default)]
    pub harmless: bool,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct NoRunsKinds {
    kinds: Vec<NoRunsKind>,
}

#[derive(Debug, Deserialize)]
struct NoRunsKind {
    recognise: Vec<Vec<String>>,
    #[serde(flatten)]
    kind: NoRuns,
}

/// What a file with these paths is, when it is known to hold no run records.
pub fn no_runs(present: &BTreeSet<String>) -> Result<Option<NoRuns>> {
    let known: NoRunsKinds = toml::from_str(include_str!("presets/no-runs.toml"))?;
    Ok(known
        .kinds
        .into_iter()
        .find(|kind| all_present(&kind.recognise, present))
        .map(|known| known.kind))
}

/// The presets among which one is chosen: a user's mappings, then the built-in ones.
#[derive(Clone, Debug, Default)]
pub struct Catalogue {
    /// `--mapping`.
    pub mappings: Vec<Arc<Preset>>,
    /// `--preset`: this one, whatever the keys.
    pub forced: Option<Arc<Preset>>,
}

/// What recognition came to.
#[derive(Debug)]
pub enum Choice {
    /// This preset.
    Preset(Arc<Preset>),
    /// Two presets fit equally well.
    Tie(String, String),
    /// None fits.
    Unknown,
}

impl Catalogue {
    /// The preset or mapping with this name.
    pub fn find(&self, name: &str) -> Result<Arc<Preset>> {
        let known = || self.mappings.iter().chain(built_in().unwrap_or_default());
        known()
            .find(|preset| preset.name == name)
            .cloned()
            .with_context(|| {
                let names: Vec<_> = known().map(|preset| preset.name.as_str()).collect();
                format!(
                    "no preset {name:?}\n       expected one of {}",
                    names.join(", ")
                )
            })
    }

    /// The preset for records with these paths: the one that is forced; else a mapping that recognises them or
    /// recognises everything; else of the built-in ones that recognise them, the one that reads most of them.
    pub fn choose(&self, present: &BTreeSet<String>) -> Result<Choice> {
        if let Some(forced) = &self.forced {
            return Ok(Choice::Preset(Arc::clone(forced)));
        }
        if let Some(mapping) = self
            .mappings
            .iter()
            .find(|mapping| mapping.recognises(present))
        {
            return Ok(Choice::Preset(Arc::clone(mapping)));
        }
        let mut fitting: Vec<_> = built_in()?
            .iter()
            .filter(|preset| preset.recognises(present))
            .map(|preset| (preset.score(present), preset))
            .collect();
        fitting.sort_by(|a, b| b.0.cmp(&a.0).then_with(|| a.1.name.cmp(&b.1.name)));
        Ok(match fitting.as_slice() {
            [] => Choice::Unknown,
            [(best, one), (next, other), ..] if best == next => {
                Choice::Tie(one.name.clone(), other.name.clone())
            }
            [(_, preset), ..] => Choice::Preset(Arc::clone(preset)),
        })
    }

    /// Where JSON documents hold records by a mapping that reads every file; else where any preset says they may, most
    /// specific first. True when nothing else is to be looked for.
    pub fn record_paths(&self) -> Result<(Vec<&str>, bool)> {
        let only = self.forced.as_ref().or_else(|| {
            self.mappings
                .iter()
                .find(|mapping| mapping.recognise.is_empty())
        });
        if let Some(preset) = only.filter(|preset| !preset.input.records.is_empty()) {
            let paths = preset.input.records.iter().map(String::as_str);
            return Ok((paths.collect(), true));
        }
        let paths = self.mappings.iter().chain(built_in()?);
        let paths = paths.flat_map(|preset| &preset.input.records);
        Ok((paths.map(String::as_str).collect(), false))
    }

    /// How well the names of a header fit what is known: 0 when nothing recognises them.
    pub fn header_score(&self, names: &BTreeSet<String>) -> Result<usize> {
        let own = self.forced.iter().chain(&self.mappings);
        // One name alone may as well be the title of a sheet.
        let own = own
            .map(|preset| preset.score(names))
            .filter(|&score| score > 1);
        let known = built_in()?
            .iter()
            .filter(|preset| preset.recognises(names))
            .map(|preset| preset.score(names));
        Ok(own.chain(known).max().unwrap_or(0))
    }

    /// The preset that reads most of these paths, of those that do not recognise them, and what it misses.
    pub fn nearest(&self, present: &BTreeSet<String>) -> Option<(Arc<Preset>, Vec<Vec<String>>)> {
        let (score, preset) = built_in()
            .unwrap_or_default()
            .iter()
            .map(|preset| (preset.score(present), preset))
            .max_by(|a, b| a.0.cmp(&b.0).then_with(|| b.1.name.cmp(&a.1.name)))?;
        let missing = preset
            .recognise
            .iter()
            .filter(|any| !all_present(std::slice::from_ref(*any), present))
            .cloned()
            .collect();
        (score > 1).then(|| (Arc::clone(preset), missing))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mapping::path::Path;

    fn present(keys: &[&str]) -> BTreeSet<String> {
        keys.iter().map(|key| Path::new(key).joined()).collect()
    }

    fn recognised(keys: &[&str]) -> Option<String> {
        match Catalogue::default().choose(&present(keys)).unwrap() {
            Choice::Preset(preset) => Some(preset.name.clone()),
            Choice::Tie(one, other) => panic!("{one} and {other}"),
            Choice::Unknown => None,
        }
    }

    #[test]
    fn built_in_presets_are_valid() {
        let names: Vec<_> = built_in()
            .unwrap()
            .iter()
            .map(|preset| preset.name.as_str())
            .collect();
        assert_eq!(names, SOURCES.map(|(name, _)| name));
        no_runs(&BTreeSet::new()).unwrap();
    }

    #[test]
    fn each_kind_is_recognised_by_its_keys() {
        for (keys, name) in [
            (
                "id status startTime endTime runType assetsDiscovered",
                Some("purview"),
            ),
            (
                "Id Status StartTime EndTime RunType ScanLevelType Code Message",
                Some("purview"),
            ),
            (
                "dataSource scanName runId status scanType startTime endTime duration assetsDiscovered",
                Some("purview"),
            ),
            (
                "scan_name data_source run_id run_start run_end run_status scan_level",
                Some("purview"),
            ),
            (
                "time properties properties.scanResultId resultType category resourceId",
                Some("purview-monitor"),
            ),
            (
                "TimeGenerated ScanResultId ResultType ScanName DataSourceName Type",
                Some("purview-monitor"),
            ),
            (
                "status id category data_retrieval_type start_time",
                Some("zscaler-uvm"),
            ),
            ("scan started_at outcome", Some("native")),
            (
                "runId pipelineName runStart runEnd status lastUpdated",
                Some("adf"),
            ),
            (
                "TimeGenerated RunId PipelineName Status Start End",
                Some("adf"),
            ),
            (
                "activityRunId pipelineRunId pipelineName activityName activityRunStart status",
                Some("adf"),
            ),
            (
                "dag_id dag_run_id state start_date end_date run_type",
                Some("airflow"),
            ),
            (
                "dag_id run_id state execution_date start_date end_date",
                Some("airflow"),
            ),
            (
                "task_id dag_id run_id state start_date map_index",
                Some("airflow"),
            ),
            (
                "databaseId attempt conclusion status createdAt startedAt updatedAt workflowName",
                Some("github-actions"),
            ),
            (
                "id run_attempt conclusion status created_at run_started_at updated_at name head_branch",
                Some("github-actions"),
            ),
            (
                "unique_id status timing execution_time thread_id ^.metadata ^.metadata.invocation_id",
                Some("dbt"),
            ),
            ("name value", None),
        ] {
            let keys: Vec<_> = keys.split(' ').collect();
            assert_eq!(recognised(&keys).as_deref(), name, "{keys:?}");
        }
    }
}
