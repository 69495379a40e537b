//! Conformance packs of AWS Config
//! (<https://docs.aws.amazon.com/config/latest/developerguide/conformance-packs.html>).

pub mod import;
