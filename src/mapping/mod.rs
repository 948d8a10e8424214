//! From one vendor's record to canonical fields.

pub mod mapper;
pub mod preset;
pub mod reject;
pub mod template;
pub mod time;
pub mod values;
