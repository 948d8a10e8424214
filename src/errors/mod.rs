//! Reads errors: hides secrets in them, sorts them into categories, and groups them by signature.
//!
//! Everything here looks at one text alone, so order and company change nothing. All rules are data, in
//! `rules/`, and each list is versioned.

mod category;
mod mask;
mod patterns;
mod signature;

pub use category::{Category, CategoryRules, ErrorRules, Verdict, action, category};
pub use mask::{mask, mask_rules_count, mask_rules_version};
pub use signature::{signature, signature_id, signature_rules_version, signature_traced};

/// Builds the rules, which takes some milliseconds, so that they are ready when the first error comes.
pub fn prepare() {
    // A text that no rule knows is looked at by all of them.
    let _category = category(Some("-"), Some("-"));
    signature::prepare();
}
