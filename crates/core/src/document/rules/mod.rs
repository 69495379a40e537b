//! Rules for files that cannot be parsed; one file per rule.

pub(crate) mod alias_expansion;
pub(crate) mod complex_key;
pub(crate) mod duplicate_key;
pub(crate) mod empty_file;
pub(crate) mod file_too_complex;
pub(crate) mod file_too_large;
pub(crate) mod invalid_encoding;
pub(crate) mod merge_key;
pub(crate) mod multiple_documents;
pub(crate) mod nesting_too_deep;
pub(crate) mod symbolic_link;
pub(crate) mod syntax_error;
pub(crate) mod unreadable_file;
pub(crate) mod unresolved_alias;
pub(crate) mod unsupported_tag;

use crate::diagnostic::Rule;

/// All of them, by ID.
pub(crate) static ALL: &[&Rule] = &[
    &alias_expansion::RULE,
    &complex_key::RULE,
    &duplicate_key::RULE,
    &empty_file::RULE,
    &file_too_complex::RULE,
    &file_too_large::RULE,
    &invalid_encoding::RULE,
    &merge_key::RULE,
    &multiple_documents::RULE,
    &nesting_too_deep::RULE,
    &symbolic_link::RULE,
    &syntax_error::RULE,
    &unreadable_file::RULE,
    &unresolved_alias::RULE,
    &unsupported_tag::RULE,
];
