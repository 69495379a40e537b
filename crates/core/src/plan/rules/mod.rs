//! What can stand in the way of a change; one file a rule.

pub(crate) mod ambiguous_name;
pub(crate) mod end_of_support_control;
pub(crate) mod finished_rename;
pub(crate) mod foreign_object;
pub(crate) mod missing_control;
pub(crate) mod pruned_control;
pub(crate) mod quota_exceeded;
pub(crate) mod too_many_account_tags;
pub(crate) mod unmanaged_object;
pub(crate) mod unread_object;

use crate::diagnostic::Rule;

/// All of them, by id.
pub(crate) static ALL: &[&Rule] = &[
    &ambiguous_name::RULE,
    &end_of_support_control::RULE,
    &finished_rename::RULE,
    &foreign_object::RULE,
    &missing_control::RULE,
    &pruned_control::RULE,
    &quota_exceeded::RULE,
    &too_many_account_tags::RULE,
    &unmanaged_object::RULE,
    &unread_object::RULE,
];
