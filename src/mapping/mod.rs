//! From one vendor's record to canonical fields.

pub mod catalogue;
pub mod crew;
pub mod evidence;
pub mod mapper;
pub mod numbers;
pub mod path;
pub mod plan;
pub mod preset;
pub mod reject;
pub mod rows;
pub mod rule;
pub mod source;
pub mod survey;
pub mod template;
pub mod time;
pub mod values;
