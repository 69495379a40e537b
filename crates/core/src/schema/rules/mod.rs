//! Rules for schema violations; one file per rule.

pub(crate) mod empty_list;
pub(crate) mod empty_string;
pub(crate) mod forbidden_character;
pub(crate) mod invalid_tag_key;
pub(crate) mod missing_key;
pub(crate) mod nested_control;
pub(crate) mod reserved_tag_key;
pub(crate) mod string_too_long;
pub(crate) mod too_many_tags;
pub(crate) mod unknown_key;
pub(crate) mod invalid_value;
pub(crate) mod unquoted_string;
pub(crate) mod wrong_type;

use crate::diagnostic::Rule;

/// All of them, by ID.
pub(crate) static ALL: &[&Rule] = &[
    &empty_list::RULE,
    &empty_string::RULE,
    &forbidden_character::RULE,
    &invalid_tag_key::RULE,
    &missing_key::RULE,
    &nested_control::RULE,
    &reserved_tag_key::RULE,
    &string_too_long::RULE,
    &too_many_tags::RULE,
    &unknown_key::RULE,
    &invalid_value::RULE,
    &unquoted_string::RULE,
    &wrong_type::RULE,
];
