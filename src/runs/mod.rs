//! From records to runs: the canonical schema, reconciliation and the window.

pub mod calendar;
pub mod export;
pub mod filter;
pub mod frame;
pub mod reconcile;
pub mod records;
pub mod run_id;
pub mod schema;
