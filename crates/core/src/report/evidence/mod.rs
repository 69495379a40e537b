//! The evidence of a catalog in every output format that only it has; its findings have those of `lint`.

pub(crate) mod words;
pub mod text;
pub mod json;
pub mod markdown;
pub mod csv;
