//! AWS CloudTrail: `service_Event`
//! (<https://docs.aws.amazon.com/audit-manager/latest/userguide/control-data-sources-cloudtrail.html>).
//!
//! AWS publishes no list of supported events. The built-in list is derived from the IAM actions that change something.
//! It contains unsupported events and lacks some supported ones, so a keyword that is not in it may still be valid. The
//! list of excluded events is from AWS.

use std::borrow::Cow;
use std::sync::LazyLock;

use super::{List, ListOrigin, api_call};
use crate::suggest::closest as closest_of;

/// Events that Audit Manager most likely collects.
pub(super) static LIST: LazyLock<List> =
    LazyLock::new(|| List::built_in(include_str!("data/AWS_Cloudtrail.txt"), super::list::of_services));

/// Events that Audit Manager does not collect.
static EXCLUDED: LazyLock<List> =
    LazyLock::new(|| List::built_in(include_str!("data/AWS_Cloudtrail.excluded.txt"), Cow::Borrowed));

/// Result of looking up an event.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum CloudtrailMatch<'k> {
    /// An event in the list.
    Known,
    /// An event that AWS lists as excluded.
    Excluded,
    /// An event without the prefix of its service: the keywords with this event.
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
        return CloudtrailMatch::Known;
    }
    let written = api_call::underscored(keyword);
    if EXCLUDED.ignoring_case(&written).is_some_and(|event| !list.contains(event)) {
        return CloudtrailMatch::Excluded;
    }
    let Some((service, event)) = written.split_once('_') else {
        return CloudtrailMatch::Unprefixed(list.of_action(&written));
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

/// Returns the most likely intended event: one of the same service, or the same event of a service with a similar name.
pub(crate) fn closest<'k>(list: &'k List, keyword: &str) -> Option<&'k str> {
    let written = api_call::underscored(keyword);
    let (service, event) = written.split_once('_')?;
    let prefix = format!("{}_", service.to_ascii_lowercase());
    let same_service = closest_of(&written, list.starting_with(&prefix));
    same_service.or_else(|| closest_of(&written, list.of_action(event)))
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
        ] {
            assert_eq!(look_up(&LIST, keyword), expected, "{keyword}");
        }
        let own = List::from_file("keywords/AWS_Cloudtrail.txt", "kms_Decrypt\n");
        assert_eq!(look_up(&own, "kms:Decrypt"), CloudtrailMatch::Misspelled("kms_Decrypt"));
        assert_eq!(closest(&LIST, "iam_CreateUsr"), Some("iam_CreateUser"));
        assert_eq!(closest(&LIST, "quantum_Leap"), None);
        assert_eq!(closest(&LIST, "cloudtrial_StartLogging"), Some("cloudtrail_StartLogging"));
    }
}
