//! Reports in a real browser: what is shown, in which colours and widths, and what happens on a click.
//!
//! These tests need Chromium and say aloud where there is none; axe-core (`AXE_CORE`, or `node_modules` of the project)
//! judges whether everybody can use the page.
#![cfg(unix)]
#![allow(
    clippy::unwrap_used,
    clippy::format_push_string,
    reason = "a test may panic, and need not be fast"
)]

mod devtools;
mod every;
mod inspect;
mod questions;
#[allow(dead_code, reason = "a part of it is used here")]
#[path = "../markdown/reader.rs"]
mod reader;
mod reports;
mod script;
#[path = "../hostile/strings.rs"]
mod strings;
mod use_it;
