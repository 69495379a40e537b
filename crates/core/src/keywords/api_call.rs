//! AWS API calls: a closed list of `service_Action`
//! (<https://docs.aws.amazon.com/audit-manager/latest/userguide/control-data-sources-api.html>).

use std::sync::LazyLock;

use super::List;
use super::list::of_services;
use crate::suggest::closest as closest_of;

/// The API calls that Audit Manager lists.
pub(super) static LIST: LazyLock<List> =
    LazyLock::new(|| List::built_in(include_str!("data/AWS_API_Call.txt"), of_services));

/// Result of looking up an API call.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum ApiCallMatch<'k> {
    /// An API call that Audit Manager lists.
    Known,
    /// A listed call in another spelling.
    Misspelled(&'k str),
    /// Not in the list.
    Unknown,
}

pub(super) fn look_up<'k>(list: &'k List, keyword: &str) -> ApiCallMatch<'k> {
    if list.contains(keyword) {
        return ApiCallMatch::Known;
    }
    match list.ignoring_case(&underscored(keyword)) {
        Some(meant) => ApiCallMatch::Misspelled(meant),
        None => ApiCallMatch::Unknown,
    }
}

/// Rewrites `iam:ListGroups`, `iam.ListGroups` and `iam ListGroups` as `iam_ListGroups`.
pub(super) fn underscored(keyword: &str) -> String {
    let keyword = keyword.trim();
    let keyword = keyword.strip_suffix("()").unwrap_or(keyword);
    // IAM and CloudTrail write `iam.amazonaws.com` for the service.
    keyword.replace(".amazonaws.com", "").replacen([':', '.', ' '], "_", 1)
}

/// Returns the most likely intended call: one of the same service, or the same action of another service.
pub(crate) fn closest<'k>(list: &'k List, keyword: &str) -> Option<&'k str> {
    let written = underscored(keyword);
    match written.split_once('_') {
        Some((service, _)) => {
            let of_service = format!("{}_", service.to_ascii_lowercase());
            closest_of(&written, list.starting_with(&of_service)).or_else(|| closest_of(&written, list.iter()))
        }
        None => list.iter().find(|word| word.split_once('_').is_some_and(|(_, action)| action == written)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn calls_and_their_spellings_are_recognized() {
        for (keyword, expected) in [
            ("iam_ListGroups", ApiCallMatch::Known),
            ("iam:ListGroups", ApiCallMatch::Misspelled("iam_ListGroups")),
            ("IAM_listgroups", ApiCallMatch::Misspelled("iam_ListGroups")),
            ("rds_DescribeDBSecurityGroups", ApiCallMatch::Misspelled("rds_DescribeDbSecurityGroups")),
            ("iam.amazonaws.com:ListGroups", ApiCallMatch::Misspelled("iam_ListGroups")),
            ("iam_CreateUser", ApiCallMatch::Unknown),
        ] {
            assert_eq!(look_up(&LIST, keyword), expected, "{keyword}");
        }
        assert_eq!(closest(&LIST, "iam_ListGroop"), Some("iam_ListGroups"));
        assert_eq!(closest(&LIST, "ListGroups"), Some("iam_ListGroups"));
        assert_eq!(closest(&LIST, "quantum_Leap"), None);
    }
}
