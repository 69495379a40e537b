//! One switch for each unknown behavior of the service.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::protocol::pages::Pages;
use crate::protocol::time::Time;

/// Behavior of the emulator where that of the service is unknown.
///
/// The default is the side on which a careless client fails: a client that works here should work there. In JSON, the
/// names are in camelCase (`rejectDuplicateNames`). `docs/emulator.md` lists the switches; a test compares the list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
#[expect(clippy::struct_excessive_bools, reason = "independent yes-or-no questions about the service")]
pub struct Switches {
    /// Reject a custom control or framework whose name already exists. Unknown: whether names are unique.
    pub reject_duplicate_names: bool,
    /// Reject a framework with a duplicate control set name, or a duplicate control in a set. Unknown: whether
    /// duplicates are allowed.
    pub reject_repeated_members: bool,
    /// On update, clear optional texts that the request omits. Unknown: whether they are cleared or kept.
    pub clear_omitted_fields: bool,
    /// On update, give a new ID to a data source or control set sent without one; otherwise, one with the same name
    /// keeps its ID. Unknown: which.
    pub new_ids_when_omitted: bool,
    /// Fill in the keyword of a manual source (`UPLOAD_FILE`) and the input type of an automated one
    /// (`SELECT_FROM_LIST`). Observed: a manual source gets a keyword. Unknown: which keyword, and the rest.
    pub fill_in_keywords: bool,
    /// Reject sources without name or type, with a set-up option that does not match their type, manual ones with a
    /// keyword, automated ones without, and a frequency on anything but an API call. Unknown: which of these the
    /// service rejects.
    pub reject_inconsistent_sources: bool,
    /// Reject a `Core_Control` source whose keyword is not the ID of a core control, and a `Common_Control` source
    /// whose keyword is not a Control Catalog ARN. Unknown: whether it is checked. (Observed: other keywords are not.)
    pub reject_unknown_managed_sources: bool,
    /// Reject more than 100 customer sources, 50 core controls or 5 common controls in a control. Unknown: whether
    /// these documented limits apply outside the console.
    pub enforce_source_counts: bool,
    /// Apply changes of a framework to its assessments. Unknown, but unlikely.
    pub framework_edits_reach_assessments: bool,
    /// Remove a control set with its last control; otherwise it stays, empty. Unknown: which.
    pub drop_emptied_sets: bool,
    /// Change the update time of the frameworks and assessments from which a deleted control is removed. Unknown; if
    /// off, a client cannot rely on the time to detect the change.
    pub touch_on_cascade: bool,
    /// Return data sources, control sets and controls in the order they were sent; otherwise by ID. Unknown: the order
    /// of the service; careful clients sort.
    pub keep_order: bool,
    /// Reject core controls in a custom framework. Unknown; off, since no documentation says so.
    pub reject_core_controls_in_frameworks: bool,
    /// Return `ValidationException` for a framework with an unknown control, otherwise `ResourceNotFoundException`. The
    /// model has both; unknown: which.
    pub unknown_control_is_invalid: bool,
    /// The error for an update, deletion or tag of a standard or core resource. Unknown: which error.
    pub standard_write: StandardWrite,
    /// Throttle with status 429, otherwise with 400. The model says 429 for other operations, the AWS page of common
    /// errors says 400 for all.
    pub throttle_with_429: bool,
    /// What is wrong with the pages of lists. Observed in lists of other services, and in reports about clients of them.
    pub pages: Pages,
    /// Whether times are in whole seconds somewhere. Unknown: the documentation shows times with milliseconds, and in whole seconds.
    pub times: Times,
    /// Milliseconds for which a new control or framework is missing in lists. Unknown: whether lists lag.
    pub list_lag: u32,
    /// Milliseconds for which a new control is unknown to frameworks. Unknown: whether references lag.
    pub reference_lag: u32,
    /// Store texts and tag values without whitespace at their ends. Unknown.
    pub trim_texts: bool,
    /// Store texts and tag values in Unicode Normalization Form C, with line feeds alone at the ends of lines. Unknown.
    pub normalize_texts: bool,
    /// Do not store tags without a value. Unknown.
    pub drop_empty_tags: bool,
    /// Reject tag values with other characters than ASCII letters, digits, spaces and `_.:/=+-@`, as the user guide says
    /// (<https://docs.aws.amazon.com/audit-manager/latest/userguide/tagging.html>). Unknown: whether the service does.
    pub ascii_tag_values: bool,
}

/// Why a report of a probe cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("not a report of `controlsync probe --format json`: {0}")]
pub struct BehaviorError(#[from] serde_json::Error);

impl Switches {
    /// Returns the switches in the positions that a probe of a real account has found, all others by default. `report` is the JSON of
    /// `controlsync probe`.
    ///
    /// # Errors
    ///
    /// It is not such a report, or of a version with other switches.
    pub fn of_report(report: &str) -> Result<Self, BehaviorError> {
        #[derive(Deserialize)]
        struct Report {
            behavior: Switches,
        }
        let Report { behavior } = serde_json::from_str(report)?;
        Ok(behavior)
    }
}

/// Where times of controls and frameworks are in whole seconds, not in milliseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Times {
    /// Nowhere.
    Millis,
    /// In lists.
    SecondsInLists,
    /// In responses with one object.
    SecondsInObjects,
    /// Everywhere.
    Seconds,
}

impl Times {
    /// The time of an object in a list.
    pub(crate) fn in_list(self, time: Time) -> Value {
        time.seconds(matches!(self, Self::SecondsInLists | Self::Seconds))
    }

    /// The time of an object in a response of its own.
    pub(crate) fn in_object(self, time: Time) -> Value {
        time.seconds(matches!(self, Self::SecondsInObjects | Self::Seconds))
    }
}

/// The error for an attempt to change a standard or core resource.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum StandardWrite {
    /// `ValidationException`, 400.
    Invalid,
    /// `AccessDeniedException`, 403.
    Denied,
    /// `ResourceNotFoundException`, 404.
    NotFound,
}

impl Default for Switches {
    fn default() -> Self {
        Self {
            reject_duplicate_names: true,
            reject_repeated_members: true,
            clear_omitted_fields: true,
            new_ids_when_omitted: true,
            fill_in_keywords: true,
            reject_inconsistent_sources: true,
            reject_unknown_managed_sources: true,
            enforce_source_counts: true,
            framework_edits_reach_assessments: false,
            drop_emptied_sets: true,
            touch_on_cascade: false,
            keep_order: false,
            reject_core_controls_in_frameworks: false,
            unknown_control_is_invalid: false,
            standard_write: StandardWrite::Invalid,
            throttle_with_429: false,
            pages: Pages::Exact,
            times: Times::Millis,
            list_lag: 0,
            reference_lag: 0,
            trim_texts: false,
            normalize_texts: false,
            drop_empty_tags: false,
            ascii_tag_values: false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The page has the only other list of switches.
    #[test]
    fn the_page_lists_every_switch_with_its_default() {
        let page = include_str!("../../../../docs/emulator.md");
        let serde_json::Value::Object(switches) = serde_json::to_value(Switches::default()).unwrap() else {
            panic!("switches are an object");
        };
        let expected: Vec<String> = switches
            .iter()
            .map(|(name, default)| format!("| `{name}` | `{}` |", default.to_string().trim_matches('"')))
            .collect();
        let section = page.split("## Switches").nth(1).unwrap().split("\n## ").next().unwrap();
        let rows: Vec<&str> = section.lines().filter(|line| line.starts_with("| `")).collect();
        assert_eq!(rows.len(), expected.len(), "docs/emulator.md, Switches: {expected:#?}");
        for (row, expected) in rows.iter().zip(&expected) {
            assert!(
                row.starts_with(expected.as_str()),
                "docs/emulator.md, Switches: {row} should start with {expected}"
            );
        }
    }
}
