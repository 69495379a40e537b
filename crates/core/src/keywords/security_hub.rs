//! AWS Security Hub: ids of controls, as the standards number them
//! (<https://docs.aws.amazon.com/audit-manager/latest/userguide/control-data-sources-ash.html>).

use std::sync::LazyLock;

use super::List;
use crate::suggest::closest as closest_of;

static DATA: &str = include_str!("data/AWS_Security_Hub.txt");

/// The ids that Audit Manager lists.
pub(super) static LIST: LazyLock<List> = LazyLock::new(|| {
    List::built_in(DATA, |body| {
        let ids: Vec<&str> = body.lines().filter_map(|line| line.split('\t').next()).collect();
        ids.join("\n").into()
    })
});

/// A control of a standard.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Control {
    /// The id that Audit Manager wants.
    pub keyword: &'static str,
    /// The standard.
    pub standard: &'static str,
    /// The id that Security Hub shows for it, whatever the standard.
    pub consolidated: &'static str,
}

/// All controls that Audit Manager lists, sorted by their keyword.
pub static CONTROLS: LazyLock<Vec<Control>> = LazyLock::new(|| {
    let control = |line: &'static str| {
        let mut parts = line.split('\t');
        Some(Control { keyword: parts.next()?, standard: parts.next()?, consolidated: parts.next()? })
    };
    DATA.lines().filter(|line| !line.starts_with('#')).filter_map(control).collect()
});

/// The standard whose ids are those that Security Hub shows.
pub(crate) const FOUNDATIONAL: &str = "AWS FSBP";

/// What a keyword is to Security Hub.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum SecurityHubMatch<'k> {
    /// An id of a standard.
    Known,
    /// An id that Security Hub shows and no standard has: the ids of the standards.
    Consolidated(Vec<Control>),
    /// An id in another spelling.
    Misspelled(&'k str),
    /// Nothing that is known.
    Unknown,
}

pub(super) fn look_up<'k>(list: &'k List, keyword: &str) -> SecurityHubMatch<'k> {
    if list.contains(keyword) {
        return SecurityHubMatch::Known;
    }
    // Security Hub writes `CIS.1.2` and `cis-aws-foundations-benchmark/v/1.2.0/1.2` in its own findings.
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

/// The ids of other standards for a control of the foundational one.
pub(crate) fn elsewhere<'k>(list: &'k List, keyword: &'k str) -> impl Iterator<Item = &'static Control> + 'k {
    let foundational = |control: &Control| control.keyword == keyword && control.standard == FOUNDATIONAL;
    let consolidated = CONTROLS.iter().find(|control| foundational(control)).map(|control| control.consolidated);
    CONTROLS.iter().filter(move |control| {
        Some(control.consolidated) == consolidated && control.standard != FOUNDATIONAL && list.contains(control.keyword)
    })
}

/// The id that was most likely meant: the same number with other letters. Of numbers none is closer than another, so there
/// is none for an id of the CIS benchmark, such as `1.1`.
pub(crate) fn closest<'k>(list: &'k List, keyword: &str) -> Option<&'k str> {
    let (service, number) = keyword.rsplit_once('.')?;
    if !service.contains(char::is_alphabetic) {
        return None;
    }
    closest_of(keyword, list.iter().filter(|id| id.rsplit_once('.').is_some_and(|(_, of)| of == number)))
}

/// The ids that the list has for the service of an id, such as `S3.` of `S3.99`.
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
    fn ids_of_standards_are_told_from_others() {
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
    fn what_was_meant_keeps_its_number() {
        assert_eq!(closest(&LIST, "IMA.5"), Some("IAM.5"));
        assert_eq!(closest(&LIST, "S3.999"), None);
        assert_eq!(elsewhere(&LIST, "IAM.5").map(|control| control.keyword).collect::<Vec<_>>(), ["1.2"]);
        assert_eq!(elsewhere(&LIST, "1.2").count(), 0);
        assert_eq!(of_service(&LIST, "PCI.ELBv2.7"), ["PCI.ELBv2.1"]);
    }
}
