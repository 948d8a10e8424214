//! The shapes of exports, one file each.

mod adf;
mod github;
mod monitor;
mod native;
mod purview;
mod uvm;

use clap::ValueEnum;

use super::json::{Envelope, Json};
use super::run::{Record, Run, Status};
use super::table::Table;

pub(crate) use monitor::{ACCOUNT_ID, delivered_at};

/// The shape of an export.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum ShapeName {
    /// rundown's own columns
    Native,
    /// Microsoft Purview, scan runs
    Purview,
    /// Microsoft Purview, diagnostic log: one record an event
    PurviewMonitor,
    /// Zscaler UVM, source runs
    ZscalerUvm,
    /// Azure Data Factory, pipeline runs
    Adf,
    /// GitHub Actions, workflow runs
    GithubActions,
}

/// How runs are written in one vendor's way.
pub(crate) struct Shape {
    /// As CSV and Parquet, if there is such an export.
    pub(crate) flat: Option<Form>,
    /// As NDJSON and JSON.
    pub(crate) json: Form,
    /// What stands around the records of a JSON document.
    pub(crate) envelope: Envelope,
}

/// How runs become records.
pub(crate) struct Form {
    pub(crate) body: Body,
    pub(crate) states: States,
    /// What a reader of these records can know of the end of a run.
    pub(crate) outcome: fn(&Run) -> Status,
}

/// How a record is written.
pub(crate) enum Body {
    Table(&'static Table),
    Nested(fn(&Record<'_>, &mut Json)),
}

/// Which states of a run are written.
pub(crate) enum States {
    /// The final one, and with `--repeats` sometimes an earlier one.
    Final,
    /// Each, in order of time.
    Each(fn(&Run) -> Vec<Run>),
}

/// What stands around records that are a plain list.
const LIST: Envelope = Envelope {
    open: "[",
    close: "]",
};

impl ShapeName {
    pub(crate) fn shape(self) -> &'static Shape {
        match self {
            ShapeName::Native => &native::SHAPE,
            ShapeName::Purview => &purview::SHAPE,
            ShapeName::PurviewMonitor => &monitor::SHAPE,
            ShapeName::ZscalerUvm => &uvm::SHAPE,
            ShapeName::Adf => &adf::SHAPE,
            ShapeName::GithubActions => &github::SHAPE,
        }
    }
}
