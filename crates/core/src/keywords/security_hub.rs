//! AWS Security Hub: control IDs of the standards
//! (<https://docs.aws.amazon.com/audit-manager/latest/userguide/control-data-sources-ash.html>).

use std::sync::LazyLock;

use super::List;
use crate::suggest::closest as closest_of;

static DATA: &str = include_str!("data/AWS_Security_Hub.txt");

/// IDs that Audit Manager lists.
pub(super) static LIST: LazyLock<List> = LazyLock::new(|| {
    List::built_in(DATA, |body| {
        let ids: Vec<&str> = body.lines().filter_map(|line| line.split('\t').next()).collect();
        ids.join("\n").into()
    })
});

/// A control of a standard.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Control {
    /// ID that Audit Manager expects.
    pub keyword: &'static str,
    /// Name of the standard.
    pub standard: &'static str,
    /// Consolidated control ID that Security Hub shows, the same in all standards.
    pub consolidated: &'static str,
}

/// All controls that Audit Manager lists, sorted by keyword.
pub static CONTROLS: LazyLock<Vec<Control>> = LazyLock::new(|| {
    let control = |line: &'static str| {
        let mut parts = line.split('\t');
        Some(Control { keyword: parts.next()?, standard: parts.next()?, consolidated: parts.next()? })
    };
    DATA.lines().filter(|line| !line.starts_with('#')).filter_map(control).collect()
});

/// The standard whose IDs are the consolidated control IDs.
pub(crate) const FOUNDATIONAL: &str = "AWS FSBP";

/// Result of looking up a Security Hub control.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum SecurityHubMatch<'k> {
    /// An ID of a standard.
    Known,
    /// A consolidated control ID that is not an ID of a standard: the IDs of the standards.
    Consolidated(Vec<Control>),
    /// An ID in another spelling.
    Misspelled(&'k str),
    /// Not known.
    Unknown,
}

pub(super) fn look_up<'k>(list: &'k List, keyword: &str) -> SecurityHubMatch<'k> {
    if list.contains(keyword) {
        return SecurityHubMatch::Known;
    }
    // Findings of Security Hub contain `CIS.1.2` and `cis-aws-foundations-benchmark/v/1.2.0/1.2`.
    let bare = keyword.trim().trim_start_matches('[').trim_end_matches(']');
    let id = bare.rsplit('/').next().unwrap_or(bare);
    let without_standard = ["CIS.", "CIS ", "CIS-", "FSBP.", "FSBP "]
        .iter()
        .find_map(|prefix| id.get(..prefix.len())?.eq_ignore_ascii_case(prefix).then(|| &id[prefix.len()..]));
    let spellings = [Some(id), without_standard];
    if let Some(found) = spellings.into_iter().flatten().find_map(|spelling| list.ignoring_case(spelling)) {
        return SecurityHubMatch::Misspelled(found);
    }
    let candidates: Vec<Control> = CONTROLS
        .iter()
        .filter(|control| control.consolidated.eq_ignore_ascii_case(id) && list.contains(control.keyword))
        .copied()
        .collect();
    if candidates.is_empty() { SecurityHubMatch::Unknown } else { SecurityHubMatch::Consolidated(candidates) }
}

/// Returns the IDs in other standards of a control of the foundational one.
pub(crate) fn elsewhere<'k>(list: &'k List, keyword: &'k str) -> impl Iterator<Item = &'static Control> + 'k {
    let foundational = |control: &Control| control.keyword == keyword && control.standard == FOUNDATIONAL;
    let consolidated = CONTROLS.iter().find(|control| foundational(control)).map(|control| control.consolidated);
    CONTROLS.iter().filter(move |control| {
        Some(control.consolidated) == consolidated && control.standard != FOUNDATIONAL && list.contains(control.keyword)
    })
}

/// Returns the most likely intended ID: the same number with other letters. There is none for IDs of the CIS benchmark,
/// such as `1.1`, because no number is closer than another.
pub(crate) fn closest<'k>(list: &'k List, keyword: &str) -> Option<&'k str> {
    let (service, number) = keyword.rsplit_once('.')?;
    if !service.contains(char::is_alphabetic) {
        return None;
    }
    closest_of(keyword, list.iter().filter(|id| id.rsplit_once('.').is_some_and(|(_, of)| of == number)))
}

/// Returns the listed IDs of the service of an ID, such as `S3.` for `S3.99`.
pub(crate) fn of_service<'k>(list: &'k List, keyword: &str) -> Vec<&'k str> {
    let prefix = keyword.rsplit_once('.').map(|(service, _)| format!("{service}."));
    let mut ids: Vec<&str> = prefix.map(|prefix| list.starting_with(&prefix).collect()).unwrap_or_default();
    ids.sort_by_key(|id| id.rsplit('.').next().and_then(|number| number.parse::<u32>().ok()));
    ids
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_of_standards_and_their_spellings_are_recognized() {
        let verdict = |keyword| look_up(&LIST, keyword);
        for known in ["1.2", "PCI.IAM.1", "IAM.5", "Opensearch.1"] {
            assert_eq!(verdict(known), SecurityHubMatch::Known, "{known}");
        }
        for (keyword, meant) in [
            ("iam.5", "IAM.5"),
            ("OpenSearch.1", "Opensearch.1"),
            ("CIS.1.2", "1.2"),
            ("CIS 1.2", "1.2"),
            ("[IAM.5]", "IAM.5"),
        ] {
            assert_eq!(verdict(keyword), SecurityHubMatch::Misspelled(meant), "{keyword}");
        }
        assert_eq!(verdict("cis-aws-foundations-benchmark/v/1.2.0/1.2"), SecurityHubMatch::Misspelled("1.2"));
        assert_eq!(verdict("S3.999"), SecurityHubMatch::Unknown);
        assert_eq!((closest(&LIST, "AIM.5"), closest(&LIST, "1.1")), (Some("IAM.5"), None));
        let only_cis = List::from_file("keywords/AWS_Security_Hub.txt", "1.2\n1.3\n");
        let SecurityHubMatch::Consolidated(candidates) = look_up(&only_cis, "IAM.5") else { panic!() };
        assert_eq!(candidates.iter().map(|control| control.keyword).collect::<Vec<_>>(), ["1.2"]);
    }

    #[test]
    fn suggestions_keep_the_number() {
        assert_eq!(closest(&LIST, "IMA.5"), Some("IAM.5"));
        assert_eq!(closest(&LIST, "S3.999"), None);
        assert_eq!(elsewhere(&LIST, "IAM.5").map(|control| control.keyword).collect::<Vec<_>>(), ["1.2"]);
        assert_eq!(elsewhere(&LIST, "1.2").count(), 0);
        assert_eq!(of_service(&LIST, "PCI.ELBv2.7"), ["PCI.ELBv2.1"]);
    }
}
