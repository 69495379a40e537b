//! Rules for plans; one file per rule.

pub(crate) mod ambiguous_name;
pub(crate) mod end_of_support_control;
pub(crate) mod completed_rename;
pub(crate) mod duplicate_object;
pub(crate) mod owned_by_another_catalog;
pub(crate) mod missing_control;
pub(crate) mod pruned_control;
pub(crate) mod quota_exceeded;
pub(crate) mod too_many_account_tags;
pub(crate) mod unmanaged_object;
pub(crate) mod unreadable_object;

use crate::diagnostic::Rule;

/// All of them, by ID.
pub(crate) static ALL: &[&Rule] = &[
    &ambiguous_name::RULE,
    &end_of_support_control::RULE,
    &completed_rename::RULE,
    &duplicate_object::RULE,
    &owned_by_another_catalog::RULE,
    &missing_control::RULE,
    &pruned_control::RULE,
    &quota_exceeded::RULE,
    &too_many_account_tags::RULE,
    &unmanaged_object::RULE,
    &unreadable_object::RULE,
];
