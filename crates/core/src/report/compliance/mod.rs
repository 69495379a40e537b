//! The compliance of a catalog in every output format.

mod report;
pub(crate) mod words;
pub mod text;
pub mod json;
pub mod markdown;
pub mod csv;

pub use report::Report;
