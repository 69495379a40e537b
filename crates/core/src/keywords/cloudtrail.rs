//! AWS CloudTrail: `service_Event`
//! (<https://docs.aws.amazon.com/audit-manager/latest/userguide/control-data-sources-cloudtrail.html>).
//!
//! AWS publishes no list of supported events. The built-in list is derived from the IAM actions and the operations that change
//! something. It contains unsupported events and lacks some supported ones, so a keyword that is not in it may still be valid.
//! The list of excluded events is from AWS. Data events, and IAM actions whose events have another name, have lists of their own.

use std::borrow::Cow;
use std::sync::LazyLock;

use super::{List, ListOrigin, action};

/// Events that Audit Manager most likely collects.
pub(super) static LIST: LazyLock<List> =
    LazyLock::new(|| List::built_in(include_str!("data/AWS_Cloudtrail.txt"), super::list::of_services));

/// Events that Audit Manager does not collect.
pub(super) static EXCLUDED: LazyLock<List> =
    LazyLock::new(|| List::built_in(include_str!("data/AWS_Cloudtrail.excluded.txt"), Cow::Borrowed));

/// Data events, which Audit Manager does not collect.
static DATA_EVENTS: LazyLock<List> =
    LazyLock::new(|| List::built_in(include_str!("data/AWS_Cloudtrail.data.txt"), super::list::of_services));

/// IAM actions whose events have other names, as lines `service_Action Event Event`.
static RENAMED: &str = include_str!("data/AWS_Cloudtrail.renamed.txt");

/// Result of looking up an event.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum CloudtrailMatch<'k> {
    /// An event in the list.
    Known,
    /// An event that AWS lists as excluded.
    Excluded,
    /// A data event.
    Data,
    /// An IAM action: the keywords of the events that CloudTrail records for it.
    Renamed(Vec<String>),
    /// An event without the prefix of its service: the keywords with this event, those of common services first.
    Unprefixed(Vec<&'k str>),
    /// A listed event in another spelling.
    Misspelled(&'k str),
    /// A read-only event.
    ReadOnly,
    /// Not in the list.
    Unknown,
}

pub(super) fn look_up<'k>(list: &'k List, keyword: &str) -> CloudtrailMatch<'k> {
    if list.contains(keyword) {
        return match () {
            () if !is_derived(list) => CloudtrailMatch::Known,
            () if DATA_EVENTS.contains(keyword) => CloudtrailMatch::Data,
            () => events_of(keyword).map_or(CloudtrailMatch::Known, CloudtrailMatch::Renamed),
        };
    }
    let written = action::underscored(keyword);
    if EXCLUDED.ignoring_case(&written).is_some_and(|event| !list.contains(event)) {
        return CloudtrailMatch::Excluded;
    }
    let Some((service, event)) = written.split_once('_') else {
        let mut of_action = list.of_action(&written);
        action::common_first(&mut of_action);
        return CloudtrailMatch::Unprefixed(of_action);
    };
    // Only within its service: the complete list is long.
    let prefix = format!("{}_", service.to_ascii_lowercase());
    if let Some(meant) = list.starting_with(&prefix).find(|word| word.eq_ignore_ascii_case(&written)) {
        return CloudtrailMatch::Misspelled(meant);
    }
    if is_read_only(event) { CloudtrailMatch::ReadOnly } else { CloudtrailMatch::Unknown }
}

/// Whether an event is read-only, by its name: Audit Manager has not collected such events since May 2023
/// (<https://docs.aws.amazon.com/audit-manager/latest/userguide/doc-history.html>).
fn is_read_only(event: &str) -> bool {
    ["Describe", "Get", "List"]
        .iter()
        .any(|verb| event.strip_prefix(verb).is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_uppercase())))
}

/// Returns the keywords of the events of an IAM action, if they have other names than the action.
fn events_of(action: &str) -> Option<Vec<String>> {
    let (_, events) = RENAMED.lines().filter_map(|line| line.split_once(' ')).find(|(of, _)| *of == action)?;
    let service = action::service_of(action);
    Some(events.split(' ').map(|event| format!("{service}_{event}")).collect())
}

/// Whether the list is the built-in one, which is not from AWS.
pub(crate) fn is_derived(list: &List) -> bool {
    matches!(list.origin(), ListOrigin::BuiltIn { .. })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_and_their_spellings_are_recognized() {
        for (keyword, expected) in [
            ("iam_CreateUser", CloudtrailMatch::Known),
            ("signin_ConsoleLogin", CloudtrailMatch::Known),
            ("ConsoleLogin", CloudtrailMatch::Unprefixed(vec!["signin_ConsoleLogin"])),
            ("kms_Decrypt", CloudtrailMatch::Excluded),
            ("kinesisvideo_DescribeStream", CloudtrailMatch::Excluded),
            ("sts:AssumeRole", CloudtrailMatch::Excluded),
            ("iam:CreateUser", CloudtrailMatch::Misspelled("iam_CreateUser")),
            ("IAM_createuser", CloudtrailMatch::Misspelled("iam_CreateUser")),
            ("iam_ListUsers", CloudtrailMatch::ReadOnly),
            ("s3_GetawayCar", CloudtrailMatch::Unknown),
            ("iam_CreateUsr", CloudtrailMatch::Unknown),
            ("s3_PutObject", CloudtrailMatch::Data),
            ("s3_PutBucketEncryption", CloudtrailMatch::Known),
            (
                "s3_PutBucketCORS",
                CloudtrailMatch::Renamed(vec!["s3_PutBucketCors".to_owned(), "s3_DeleteBucketCors".to_owned()]),
            ),
        ] {
            assert_eq!(look_up(&LIST, keyword), expected, "{keyword}");
        }
        let own = List::from_file("keywords/AWS_Cloudtrail.txt", "kms_Decrypt\n");
        assert_eq!(look_up(&own, "kms:Decrypt"), CloudtrailMatch::Misspelled("kms_Decrypt"));
    }
}
