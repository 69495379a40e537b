//! AWS API calls: a closed list of `service_Action`
//! (<https://docs.aws.amazon.com/audit-manager/latest/userguide/control-data-sources-api.html>).

use std::sync::LazyLock;

use super::List;
use super::action::{self, underscored};
use super::list::of_services;

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
    /// A call without the prefix of its service: the listed calls of this name.
    Unprefixed(Vec<&'k str>),
    /// Not in the list.
    Unknown,
}

pub(super) fn look_up<'k>(list: &'k List, keyword: &str) -> ApiCallMatch<'k> {
    if list.contains(keyword) {
        return ApiCallMatch::Known;
    }
    let written = underscored(keyword);
    if let Some(meant) = list.ignoring_case(&written) {
        return ApiCallMatch::Misspelled(meant);
    }
    let mut of_action = list.of_action(&written);
    action::common_first(&mut of_action);
    if of_action.is_empty() { ApiCallMatch::Unknown } else { ApiCallMatch::Unprefixed(of_action) }
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
            ("ListGroups", ApiCallMatch::Unprefixed(vec!["iam_ListGroups"])),
        ] {
            assert_eq!(look_up(&LIST, keyword), expected, "{keyword}");
        }
    }
}
