//! One switch for each thing about the real service that nobody has said in public.

use serde::{Deserialize, Serialize};

/// How the emulator behaves where the real service's behaviour is not known.
///
/// The default is the side on which a careless client fails: what passes here should pass there. Names in JSON are the
/// same in camelCase (`rejectDuplicateNames`). `docs/emulator.md` lists them; a test holds it to this type.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
#[expect(clippy::struct_excessive_bools, reason = "independent yes-or-no questions about the service")]
pub struct Switches {
    /// Refuse a custom control or framework whose name another one has. Unknown: whether names are unique at all.
    pub reject_duplicate_names: bool,
    /// Refuse a framework that names a control set twice, or a control twice in one set. Unknown: whether it may.
    pub reject_repeated_members: bool,
    /// On update, clear an optional text that the request leaves out. Unknown: whether it is cleared or kept.
    pub clear_omitted_fields: bool,
    /// On update, give a new id to a source or control set sent without one; otherwise the one of the same name keeps
    /// its id. Unknown: which of the two.
    pub new_ids_when_omitted: bool,
    /// Fill in the keyword of a manual source (`UPLOAD_FILE`) and the input type of an automated one
    /// (`SELECT_FROM_LIST`). Observed: a manual source comes back with a keyword. Unknown: with which, and the rest.
    pub fill_in_keywords: bool,
    /// Refuse sources that contradict themselves: no name or type, another set-up option than the type has, a manual
    /// source with a keyword, an automated one without, a frequency for anything but an API call. Unknown: which of these
    /// the service refuses.
    pub reject_inconsistent_sources: bool,
    /// Refuse a `Core_Control` source whose keyword is no core control's id, and a `Common_Control` source whose keyword
    /// is no Control Catalog ARN. Unknown: whether it is looked at. (That other keywords are not is observed.)
    pub reject_unknown_managed_sources: bool,
    /// Refuse more than 100 sources of one's own, 50 core controls or 5 common controls in a control. Unknown: whether
    /// these documented limits hold outside the console.
    pub enforce_source_counts: bool,
    /// Bring changes of a framework to the assessments made from it. Unknown; all that is known suggests they stay.
    pub framework_edits_reach_assessments: bool,
    /// Remove a control set with its last control; otherwise it stays, empty. Unknown: which of the two.
    pub drop_emptied_sets: bool,
    /// Move the update time of the frameworks and assessments from which a deleted control vanishes. Unknown; without
    /// it a client cannot rely on the time to see the change.
    pub touch_on_cascade: bool,
    /// Return sources, control sets and controls in the order they were sent; otherwise by id. Unknown: which order the
    /// service returns; clients that know it sort.
    pub keep_order: bool,
    /// Refuse core controls in a custom framework. Unknown; off, since nothing says that they are refused.
    pub reject_core_controls_in_frameworks: bool,
    /// Answer a framework that names an unknown control with `ValidationException`, otherwise with
    /// `ResourceNotFoundException`. Both are modelled; unknown: which is sent.
    pub unknown_control_is_invalid: bool,
    /// What an update, deletion or tag of something that is AWS's own is answered with. Unknown: which error.
    pub standard_write: StandardWrite,
    /// Throttle with status 429, otherwise with 400. The model says 429 for other operations, the page of common errors
    /// says 400 for all.
    pub throttle_with_429: bool,
}

/// The answer to an attempt to change what is AWS's own.
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
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The page is the only list of switches outside this file.
    #[test]
    fn the_page_lists_every_switch_with_its_default() {
        let page = include_str!("../../../docs/emulator.md");
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
