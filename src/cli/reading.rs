//! Arguments that say what to read and how.

use std::collections::BTreeMap;
use std::num::NonZero;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context, Result, bail};
use chrono_tz::Tz;
use clap::{Args, ValueEnum};

use super::config::Files;
use super::{pair, size};
use crate::errors::{CategoryRules, Classes, ErrorRules, Masker, Privacy, RedactKey};
use crate::input::InputOptions;
use crate::input::decode::Encoding;
use crate::mapping::catalogue::Catalogue;
use crate::mapping::mapper::Supplied;
use crate::mapping::numbers::Decimal;
use crate::mapping::preset::Preset;
use crate::mapping::rule::Target;
use crate::mapping::template::{PathTemplate, text_field};
use crate::mapping::time::{DateOrder, TimeRules};
use crate::meter::Meter;
use crate::runs::schema::Field;
use crate::trust::{Most, Trust};

#[derive(Clone, Copy, Debug, ValueEnum)]
enum DateOrderArg {
    Dmy,
    Mdy,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum DecimalArg {
    Point,
    Comma,
}

/// What to read and how.
#[derive(Debug, Args)]
pub(super) struct Reading {
    /// Files, folders, patterns such as 'exports/*.csv', or - for standard input; folders are searched for .csv .tsv .txt
    /// .json .jsonl .ndjson .parquet, also with .gz or .zst
    #[arg(required = true, value_name = "INPUT")]
    pub(super) inputs: Vec<PathBuf>,
    /// Kind of record, where the keys do not tell
    #[arg(long, value_name = "NAME", help_heading = "Reading")]
    preset: Option<String>,
    /// Mapping of your own; may repeat
    #[arg(long, value_name = "FILE", help_heading = "Reading")]
    mapping: Vec<PathBuf>,
    /// Column or path that states a field, such as status=Outcome; may repeat
    #[arg(long, value_name = "FIELD=HEADER", value_parser = pair, help_heading = "Reading")]
    column: Vec<(String, String)>,
    /// Value for records that lack a field, such as account=contoso; may repeat
    #[arg(long, value_name = "FIELD=VALUE", value_parser = pair, help_heading = "Reading")]
    set: Vec<(String, String)>,
    /// Fields from the end of each path, such as '{source}/{scan}.json'
    #[arg(long, value_name = "PATTERN", help_heading = "Reading")]
    path_template: Option<String>,
    /// Time zone of times that state none [default: UTC]
    #[arg(long, value_name = "ZONE", help_heading = "Reading")]
    input_tz: Option<Tz>,
    /// Whether day or month comes first in dates such as 3/4/2026
    #[arg(long, value_enum, help_heading = "Reading")]
    date_order: Option<DateOrderArg>,
    /// What separates decimals in numbers such as 1.000
    #[arg(long, value_enum, help_heading = "Reading")]
    decimal: Option<DecimalArg>,
    /// Rules of your own for the causes of errors, asked before the built-in ones; may repeat
    #[arg(long, value_name = "FILE", help_heading = "Reading")]
    error_rules: Vec<PathBuf>,
    /// Encoding of texts that are not UTF-8 or UTF-16, such as windows-1252
    #[arg(long, value_name = "NAME", help_heading = "Reading")]
    encoding: Option<Encoding>,
    /// Rejected records that are too many, as a share or a number
    #[arg(
        long,
        value_name = "MOST",
        default_value = "5%",
        help_heading = "Reading"
    )]
    max_rejects: Most,
    /// End with exit code 3 when a record is set aside, a file is not recognised, or an export is not complete
    #[arg(long, help_heading = "Reading")]
    strict: bool,
    /// Hide these in texts too: email, ip, guid, host, user-path, as a list; all without a list
    #[arg(
        long,
        value_name = "CLASSES",
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = "all",
        help_heading = "Reading"
    )]
    privacy: Option<Classes>,
    /// File with a key of 16 bytes or more: what is hidden gets a token by which it can be told from others
    #[arg(long, value_name = "FILE", help_heading = "Reading")]
    redact_key: Option<PathBuf>,
    /// Most threads that work at the same time [default: one for each core]
    #[arg(long, value_name = "N", value_parser = number_of_threads, help_heading = "Resources")]
    pub(super) threads: Option<NonZero<usize>>,
    /// Memory that the call may need, such as 2GB: one that needs more ends with exit code 2 [default: no limit]
    #[arg(long, value_name = "SIZE", value_parser = memory, help_heading = "Resources")]
    memory: Option<u64>,
    /// File for every rejected record, as NDJSON
    #[arg(long, value_name = "FILE", help_heading = "Reading")]
    pub(super) rejects: Option<PathBuf>,
    /// Read before all others, when the command line is.
    #[command(flatten)]
    _configuration: Files,
}

/// A number of 1 or more.
fn number_of_threads(text: &str) -> Result<NonZero<usize>, String> {
    text.parse()
        .map_err(|_| format!("expected a number of threads, 1 or more; found {text:?}"))
}

/// A size above 0.
fn memory(text: &str) -> Result<u64, String> {
    size(text)
        .filter(|&bytes| bytes > 0)
        .map(|bytes| bytes as u64)
        .ok_or_else(|| format!("expected a size such as 500MB or 2GB; found {text:?}"))
}

fn read(path: &Path) -> Result<String> {
    std::fs::read_to_string(path).with_context(|| format!("{}: cannot be read", path.display()))
}

/// Reads a mapping. It is named after its file, unless it names itself.
fn mapping(path: &Path) -> Result<Preset> {
    let text = read(path)?;
    let stem = path
        .file_stem()
        .map(|stem| stem.to_string_lossy().into_owned())
        .unwrap_or_default();
    Preset::parse_named(&text, &stem).with_context(|| path.display().to_string())
}

impl Reading {
    /// The rules for the causes of errors.
    pub(super) fn error_rules(&self) -> Result<ErrorRules> {
        let read = |path: &PathBuf| {
            let text = read(path)?;
            let name = path.display().to_string();
            CategoryRules::from_toml(&text, &name).context(name)
        };
        let own = self.error_rules.iter().map(read).collect::<Result<_>>();
        own.map(ErrorRules::new).context("--error-rules")
    }

    /// How secrets and personal data are hidden. Fails when the key cannot be read or is short.
    pub(super) fn redaction(&self) -> Result<(Masker, Privacy)> {
        let key = self.redact_key.as_deref().map(RedactKey::read).transpose();
        let key = key.context("--redact-key")?.map(Arc::new);
        let classes = self.privacy.clone().unwrap_or_default();
        Ok((Masker::new(key.clone()), Privacy::new(classes, key)))
    }

    /// The options, with every name checked.
    pub(super) fn options(self, masker: Masker) -> Result<(Vec<PathBuf>, InputOptions)> {
        let mut set = BTreeMap::new();
        for (name, value) in self.set {
            let field = text_field(&name).with_context(|| format!("--set {name}={value}"))?;
            if field == Field::RunId {
                bail!("--set run_id: one id cannot stand for every record");
            }
            set.insert(field, value);
        }
        let mut columns = Vec::new();
        for (name, header) in self.column {
            let target = Target::of(&name)
                .map_err(anyhow::Error::msg)
                .with_context(|| format!("--column {name}={header}"))?;
            crate::mapping::rule::Source::path(&header)
                .map_err(anyhow::Error::msg)
                .with_context(|| format!("--column {name}={header}"))?;
            columns.push((target, header));
        }
        let template = self
            .path_template
            .as_deref()
            .map(PathTemplate::new)
            .transpose()
            .context("--path-template")?;
        let mappings = self
            .mapping
            .iter()
            .map(|path| mapping(path).map(Arc::new))
            .collect::<Result<_>>()
            .context("--mapping")?;
        let mut catalogue = Catalogue {
            mappings,
            forced: None,
        };
        if let Some(name) = &self.preset {
            catalogue.forced = Some(catalogue.find(name).context("--preset")?);
        }
        let input = InputOptions {
            catalogue,
            supplied: Supplied {
                set,
                columns,
                template,
                times: TimeRules {
                    zone: self.input_tz,
                    order: self.date_order.map(|order| match order {
                        DateOrderArg::Dmy => DateOrder::Dmy,
                        DateOrderArg::Mdy => DateOrder::Mdy,
                    }),
                },
                decimal: self.decimal.map(|decimal| match decimal {
                    DecimalArg::Point => Decimal::Point,
                    DecimalArg::Comma => Decimal::Comma,
                }),
                masker,
            },
            encoding: self.encoding,
            meter: Arc::new(Meter::new(self.memory)),
            survey: false,
            all_rejects: self.rejects.is_some(),
            trust: Trust {
                max_rejects: self.max_rejects,
                strict: self.strict,
            },
        };
        Ok((self.inputs, input))
    }
}
