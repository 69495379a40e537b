//! What can be wrong with a file before its meaning is looked at.

use crate::diagnostic::Rule;

/// The file is not valid YAML, JSON or TOML.
pub static SYNTAX_ERROR: Rule = Rule::error("syntax-error", "The file is not valid YAML, JSON or TOML.");
/// The file holds no definition.
pub static EMPTY_FILE: Rule = Rule::error("empty-file", "The file holds no definition.");
/// The file holds more than one YAML document.
pub static MULTIPLE_DOCUMENTS: Rule = Rule::error("multiple-documents", "The file holds more than one YAML document.");
/// A key is there twice in one mapping.
pub static DUPLICATE_KEY: Rule = Rule::error("duplicate-key", "A key is there twice in one mapping.");
/// A merge key (`<<`) is used, which YAML 1.2 does not have.
pub static MERGE_KEY: Rule = Rule::error("merge-key", "A merge key (`<<`) is used, which YAML 1.2 does not have.");
/// A key is a list, a mapping or an alias.
pub static COMPLEX_KEY: Rule = Rule::error("complex-key", "A key is a list, a mapping or an alias.");
/// An alias names an anchor that is not there.
pub static UNRESOLVED_ALIAS: Rule = Rule::error("unresolved-alias", "An alias names an anchor that is not there.");
/// A YAML tag is used that has no meaning here.
pub static UNSUPPORTED_TAG: Rule = Rule::error("unsupported-tag", "A YAML tag is used that has no meaning here.");
/// Lists and mappings are nested deeper than 64 levels.
pub static NESTING_TOO_DEEP: Rule =
    Rule::error("nesting-too-deep", "Lists and mappings are nested deeper than 64 levels.");
/// Anchors and aliases bring in more than the budget allows.
pub static ALIAS_EXPANSION: Rule =
    Rule::error("alias-expansion", "Anchors and aliases bring in more than the budget allows.");
/// The file holds more values than the budget allows.
pub static FILE_TOO_COMPLEX: Rule =
    Rule::error("file-too-complex", "The file holds more values than the budget allows.");
/// The file is larger than 1 MiB.
pub static FILE_TOO_LARGE: Rule = Rule::error("file-too-large", "The file is larger than 1 MiB.");
/// The file is not UTF-8.
pub static INVALID_ENCODING: Rule = Rule::error("invalid-encoding", "The file is not UTF-8.");
/// The file is a symbolic link, which is not followed.
pub static SYMBOLIC_LINK: Rule = Rule::error("symbolic-link", "The file is a symbolic link, which is not followed.");

/// All of them.
pub static ALL: &[&Rule] = &[
    &SYNTAX_ERROR,
    &EMPTY_FILE,
    &MULTIPLE_DOCUMENTS,
    &DUPLICATE_KEY,
    &MERGE_KEY,
    &COMPLEX_KEY,
    &UNRESOLVED_ALIAS,
    &UNSUPPORTED_TAG,
    &NESTING_TOO_DEEP,
    &ALIAS_EXPANSION,
    &FILE_TOO_COMPLEX,
    &FILE_TOO_LARGE,
    &INVALID_ENCODING,
    &SYMBOLIC_LINK,
];
