//! Reads errors: hides secrets in them and, where asked, personal data; sorts them into categories; groups them by
//! signature.
//!
//! Everything here looks at one text alone, so order and company change nothing. All rules are data, in
//! `rules/`, and each list is versioned.

mod category;
mod hidden;
mod literals;
mod mask;
mod patterns;
mod privacy;
mod signature;
#[cfg(test)]
mod texts;
mod token;

pub use category::{Category, CategoryRules, ErrorRules, Verdict, action, category};
pub use hidden::{Hidden, meaning};
pub use mask::{Masker, mask, mask_rules_count, mask_rules_version};
pub use privacy::{Classes, Privacy, privacy_rules_version};
pub use signature::{signature, signature_id, signature_rules_version, signature_traced};
pub use token::{RedactKey, without_tokens};

/// Reads the rules, which takes some milliseconds, so that they are ready when the first error comes. A pattern is built when
/// a text comes that needs it.
pub fn prepare() {
    // A text that no rule knows is looked at by all of them.
    let _category = category(Some("-"), Some("-"));
    signature::prepare();
}
