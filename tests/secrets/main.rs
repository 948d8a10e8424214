//! Nothing secret is in anything that is written, and nothing ordinary is hidden.
#![allow(
    clippy::unwrap_used,
    reason = "a test may panic, and says by that what is wrong"
)]

mod call;
mod canaries;
mod forms;
mod made;
mod options;
mod privacy;
mod speed;
mod survive;
mod table;
