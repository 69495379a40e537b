//! AWS Security Hub: control IDs of the standards
//! (<https://docs.aws.amazon.com/audit-manager/latest/userguide/control-data-sources-ash.html>).

use std::collections::BTreeSet;
use std::sync::LazyLock;

use super::List;
use crate::suggest::closest_within;

static DATA: &str = include_str!("data/AWS_Security_Hub.txt");
pub(super) static RULE_DATA: &str = include_str!("data/AWS_Security_Hub.rules.txt");
static CIS_DATA: &str = include_str!("data/AWS_Security_Hub.cis.txt");

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
    let control = |[keyword, standard, consolidated]: [&'static str; 3]| Control { keyword, standard, consolidated };
    rows(DATA).map(control).collect()
});

/// The AWS Config rule behind a control.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RuleBehind {
    /// Consolidated control ID.
    pub control: &'static str,
    /// Name of the rule: that of a managed rule, or of one that only Security Hub has.
    pub name: &'static str,
}

/// The AWS Config rules behind controls
/// (<https://github.com/awslabs/oscal-content-for-aws-services>).
pub(crate) static RULES: LazyLock<Vec<RuleBehind>> = LazyLock::new(|| {
    let rule = |[control, name, _]: [&'static str; 3]| RuleBehind { control, name };
    rows(RULE_DATA).map(rule).collect()
});

/// Returns the rows of a table.
fn rows<const N: usize>(data: &'static str) -> impl Iterator<Item = [&'static str; N]> {
    let lines = data.lines().filter(|line| !line.starts_with('#'));
    lines.filter_map(|line| line.split('\t').collect::<Vec<_>>().try_into().ok())
}

/// The standard whose IDs are the consolidated control IDs.
pub(crate) const FOUNDATIONAL: &str = "AWS FSBP";
/// The standards that Audit Manager supports, for messages.
pub(crate) const STANDARDS: &str = "only CIS v1.2.0, PCI DSS v3.2.1 and AWS FSBP v1.0.0";
const CIS: &str = "CIS v1.2.0";
pub(crate) const PCI: &str = "PCI DSS";

/// Result of looking up a Security Hub control.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum SecurityHubMatch<'k> {
    /// An ID of a standard.
    Known,
    /// A consolidated control ID that is not an ID of a standard: the IDs of the standards.
    Consolidated(Vec<Control>),
    /// An ID in another spelling.
    Misspelled(&'k str),
    /// An ID of the CIS benchmark without its version: the ID in the version that is listed.
    Unversioned(&'k str),
    /// An ID of a standard, or of a version, that is not listed: its name, and the IDs of the same control.
    OtherStandard(String, Vec<Control>),
    /// Not an ID of the listed standard that is written before it: its name, and the IDs of the same control.
    NotInStandard(String, Vec<Control>),
    /// A control that Security Hub has, but Audit Manager does not list.
    Unlisted(RuleBehind),
    /// Not known.
    Unknown,
}

/// A control as findings, ARNs and people write it, such as `cis-aws-foundations-benchmark/v/1.2.0/1.2` or `CIS.1.2`.
struct Written<'t> {
    standard: Option<Standard<'t>>,
    version: Option<&'t str>,
    id: &'t str,
}

/// A standard that is named before the ID.
enum Standard<'t> {
    Cis,
    Pci,
    Foundational,
    /// No standard: the consolidated control.
    Consolidated,
    /// Another one.
    Other(&'t str),
}

impl<'t> Written<'t> {
    /// Reads a control; `None` if something other than a standard and its version is before the ID.
    fn parse(keyword: &'t str) -> Option<Self> {
        let bare = keyword.trim().trim_start_matches('[').trim_end_matches(']');
        let (before, id) = match bare.rfind(|c: char| c == '/' || c.is_whitespace()) {
            Some(at) => (&bare[..at], bare[at + 1..].trim()),
            None => ["CIS.", "CIS-", "FSBP.", "FSBP-"]
                .iter()
                .find(|prefix| bare.get(..prefix.len()).is_some_and(|start| start.eq_ignore_ascii_case(prefix)))
                .map_or(("", bare), |prefix| (&bare[..prefix.len() - 1], &bare[prefix.len()..])),
        };
        if before.is_empty() {
            return Some(Self { standard: None, version: None, id });
        }
        // In an ARN, the standard comes after the account and the type of the resource.
        let before = if before.starts_with("arn:") { before.rsplit(':').next()? } else { before };
        let before = ["control/", "ruleset/", "standards/", "subscription/"]
            .iter()
            .find_map(|part| before.strip_prefix(part))
            .unwrap_or(before);
        let before = before.strip_suffix("/rule").unwrap_or(before);
        let mut words = before.split(|c: char| c == '/' || c.is_whitespace());
        let version = words.clone().find(|word| is_version(word)).map(|word| word.trim_start_matches(['v', 'V']));
        let name = words.find(|word| !word.is_empty())?;
        let is = |start: &str| name.get(..start.len()).is_some_and(|found| found.eq_ignore_ascii_case(start));
        let standard = match () {
            () if is("cis") => Standard::Cis,
            () if is("pci") => Standard::Pci,
            () if is("fsbp") || is("aws-foundational") => Standard::Foundational,
            () if is("security-control") => Standard::Consolidated,
            () if is("nist") || is("aws-resource-tagging") || is("service-managed") => Standard::Other(name),
            () => return None,
        };
        Some(Self { standard: Some(standard), version, id })
    }

    /// Whether the version, if there is one, is this one; `1.2` is the same as `1.2.0`.
    fn is_version(&self, version: &str) -> bool {
        self.version.is_none_or(|written| written == version || version.strip_suffix(".0") == Some(written))
    }

    /// Returns the name of a standard with the version that is written.
    fn with_version(&self, standard: &str) -> String {
        self.version.map_or_else(|| standard.to_owned(), |version| format!("{standard} v{version}"))
    }
}

fn is_version(word: &str) -> bool {
    let number = word.trim_start_matches(['v', 'V']);
    number.starts_with(|c: char| c.is_ascii_digit()) && number.bytes().all(|b| b.is_ascii_digit() || b == b'.')
}

pub(super) fn look_up<'k>(list: &'k List, keyword: &str) -> SecurityHubMatch<'k> {
    if list.contains(keyword) {
        return SecurityHubMatch::Known;
    }
    let Some(written) = Written::parse(keyword) else { return SecurityHubMatch::Unknown };
    let id = written.id;
    let listed = |standard: &str| {
        let found = list.ignoring_case(id)?;
        // A list of the catalog can have newer IDs.
        let of =
            CONTROLS.iter().find(|control| control.keyword == found).map_or(FOUNDATIONAL, |control| control.standard);
        (of == standard).then_some(found)
    };
    let consolidated = |ids: &[&str]| -> Vec<Control> {
        let same = |control: &&Control| ids.iter().any(|id| control.consolidated.eq_ignore_ascii_case(id));
        CONTROLS.iter().filter(same).filter(|control| list.contains(control.keyword)).copied().collect()
    };
    let unless_foundational = || match consolidated(&[id]) {
        candidates if !candidates.is_empty() => SecurityHubMatch::Consolidated(candidates),
        _ => RULES
            .iter()
            .find(|rule| rule.control.eq_ignore_ascii_case(id))
            .map_or(SecurityHubMatch::Unknown, |rule| SecurityHubMatch::Unlisted(*rule)),
    };
    let with = |standard: &str| (written.with_version(standard), consolidated(&[id]));
    let other = |standard: &str| {
        let (name, same) = with(standard);
        SecurityHubMatch::OtherStandard(name, same)
    };
    let not_in = |standard: &str| {
        let (name, same) = with(standard);
        SecurityHubMatch::NotInStandard(name, same)
    };
    let misspelled = |found: Option<&'k str>| found.map(SecurityHubMatch::Misspelled);
    match &written.standard {
        None => misspelled(list.ignoring_case(id)).unwrap_or_else(unless_foundational),
        Some(Standard::Cis) if written.version.is_none() => {
            listed(CIS).map_or_else(|| not_in("CIS"), SecurityHubMatch::Unversioned)
        }
        Some(Standard::Cis) if written.is_version("1.2.0") => misspelled(listed(CIS)).unwrap_or_else(|| not_in("CIS")),
        Some(Standard::Cis) => {
            let ids = written.version.map(|version| consolidated_of_cis(version, id)).unwrap_or_default();
            let ids = if ids.is_empty() { vec![id] } else { ids };
            SecurityHubMatch::OtherStandard(written.with_version("CIS"), consolidated(&ids))
        }
        // `IAM.1` can be meant as `PCI.IAM.1` or as the consolidated control, which can be different ones.
        Some(Standard::Pci) if written.is_version("3.2.1") => misspelled(listed(PCI)).unwrap_or_else(|| not_in(PCI)),
        Some(Standard::Pci) => other(PCI),
        Some(Standard::Foundational) if written.is_version("1.0.0") => {
            misspelled(listed(FOUNDATIONAL)).unwrap_or_else(|| not_in(FOUNDATIONAL))
        }
        Some(Standard::Foundational) => other(FOUNDATIONAL),
        Some(Standard::Consolidated) => misspelled(listed(FOUNDATIONAL)).unwrap_or_else(unless_foundational),
        Some(Standard::Other(name)) => other(name),
    }
}

/// Returns the consolidated IDs of a recommendation of the CIS benchmark in a version.
fn consolidated_of_cis(version: &str, recommendation: &str) -> Vec<&'static str> {
    let same = |of: &str| of == version || of.strip_suffix(".0") == Some(version);
    let of_version = rows(CIS_DATA).find(|[of, _]: &[&str; 2]| same(of)).map_or("", |[_, controls]| controls);
    of_version
        .split("; ")
        .filter_map(|entry| entry.split_once(' '))
        .filter(|(of, _)| *of == recommendation)
        .flat_map(|(_, ids)| ids.split(' '))
        .collect()
}

/// Returns the IDs in other standards of a control of the foundational one.
pub(crate) fn elsewhere<'k>(list: &'k List, keyword: &'k str) -> impl Iterator<Item = &'static Control> + 'k {
    let foundational = |control: &Control| control.keyword == keyword && control.standard == FOUNDATIONAL;
    let consolidated = CONTROLS.iter().find(|control| foundational(control)).map(|control| control.consolidated);
    CONTROLS.iter().filter(move |control| {
        Some(control.consolidated) == consolidated && control.standard != FOUNDATIONAL && list.contains(control.keyword)
    })
}

/// Returns the ID that a misspelled one was meant to be: the same number, and a service with a typo. There is none for IDs of the CIS
/// benchmark, such as `1.1`, because no number is closer than another, and none if the service exists.
pub(crate) fn intended<'k>(list: &'k List, keyword: &str) -> Option<&'k str> {
    let (service, number) = keyword.trim().rsplit_once('.')?;
    let known: BTreeSet<&str> =
        list.iter().chain(RULES.iter().map(|rule| rule.control)).filter_map(service_of).collect();
    let exists = known.iter().any(|known| known.eq_ignore_ascii_case(service));
    if exists || !service.contains(char::is_alphabetic) {
        return None;
    }
    // One other letter makes another service, if the name is short.
    let may_be_meant = |known: &&str| service.len() >= MIN_LETTERS || sorted_letters(service) == sorted_letters(known);
    let meant = closest_within(service, known.into_iter().filter(may_be_meant), 1)?;
    list.ignoring_case(&format!("{meant}.{number}"))
}

/// Shortest name of a service in which a wrong letter is a typo.
const MIN_LETTERS: usize = 6;

fn sorted_letters(word: &str) -> Vec<u8> {
    let mut letters = word.to_ascii_lowercase().into_bytes();
    letters.sort_unstable();
    letters
}

fn service_of(id: &str) -> Option<&str> {
    Some(id.rsplit_once('.')?.0)
}

/// Returns the listed IDs of the service of an ID, such as `S3.` for `S3.99`.
pub(crate) fn of_service<'k>(list: &'k List, keyword: &str) -> Vec<&'k str> {
    let prefix = keyword.rsplit_once('.').map(|(service, _)| format!("{service}."));
    let mut ids: Vec<&str> = prefix.map(|prefix| list.starting_with(&prefix).collect()).unwrap_or_default();
    ids.sort_by_key(|id| id.rsplit('.').next().and_then(|number| number.parse::<u32>().ok()));
    ids
}

/// Returns the keywords for the control behind the name of an AWS Config rule that Security Hub deployed for itself, such as
/// `securityhub-iam-root-access-key-check-000270f5`; `None` for other names.
pub(crate) fn controls_of_rule(name: &str) -> Option<Vec<Control>> {
    let name = name.get(PREFIX.len()..).filter(|_| name[..PREFIX.len()].eq_ignore_ascii_case(PREFIX))?;
    let is_id = |id: &str| (6..=8).contains(&id.len()) && id.bytes().all(|byte| byte.is_ascii_hexdigit());
    let name = name.rsplit_once('-').filter(|(_, id)| is_id(id)).map_or(name, |(name, _)| name);
    let of_rule = |control: &&Control| {
        RULES.iter().any(|rule| rule.name.eq_ignore_ascii_case(name) && rule.control == control.consolidated)
    };
    Some(CONTROLS.iter().filter(of_rule).copied().collect())
}

/// Prefix of the names of rules that Security Hub deploys.
const PREFIX: &str = "securityhub-";

#[cfg(test)]
mod tests {
    use super::*;

    fn keywords(controls: &[Control]) -> Vec<&'static str> {
        controls.iter().map(|control| control.keyword).collect()
    }

    #[test]
    fn ids_of_standards_and_their_spellings_are_recognized() {
        let verdict = |keyword| look_up(&LIST, keyword);
        for known in ["1.2", "PCI.IAM.1", "IAM.5", "Opensearch.1"] {
            assert_eq!(verdict(known), SecurityHubMatch::Known, "{known}");
        }
        for (keyword, meant) in [
            ("iam.5", "IAM.5"),
            ("OpenSearch.1", "Opensearch.1"),
            ("[IAM.5]", "IAM.5"),
            ("FSBP.IAM.5", "IAM.5"),
            ("cis-aws-foundations-benchmark/v/1.2.0/1.2", "1.2"),
            ("CIS AWS Foundations Benchmark v1.2.0/1.2", "1.2"),
            ("CIS v1.2 1.14", "1.14"),
            ("arn:aws:securityhub:::ruleset/cis-aws-foundations-benchmark/v/1.2.0/rule/1.14", "1.14"),
            ("arn:aws:securityhub:us-east-1:111122223333:control/pci-dss/v/3.2.1/PCI.IAM.1", "PCI.IAM.1"),
            ("arn:aws:securityhub:us-east-1:111122223333:security-control/IAM.5", "IAM.5"),
            ("aws-foundational-security-best-practices/v/1.0.0/IAM.5", "IAM.5"),
        ] {
            assert_eq!(verdict(keyword), SecurityHubMatch::Misspelled(meant), "{keyword}");
        }
        for keyword in ["CIS.1.2", "CIS 1.2", "cis-1.2"] {
            assert_eq!(verdict(keyword), SecurityHubMatch::Unversioned("1.2"), "{keyword}");
        }
        for keyword in ["S3.999", "see/IAM.5", "not IAM.5", "/"] {
            assert_eq!(verdict(keyword), SecurityHubMatch::Unknown, "{keyword}");
        }
        let only_cis = List::from_file("keywords/AWS_Security_Hub.txt", "1.2\n1.3\n");
        let SecurityHubMatch::Consolidated(candidates) = look_up(&only_cis, "IAM.5") else { panic!() };
        assert_eq!(keywords(&candidates), ["1.2"]);
    }

    #[test]
    fn another_standard_or_version_is_not_a_spelling() {
        for (keyword, standard, expected) in [
            ("cis-aws-foundations-benchmark/v/1.4.0/1.14", "CIS v1.4.0", vec!["1.4", "IAM.3", "PCI.IAM.3"]),
            ("CIS v5.0.0 1.13", "CIS v5.0.0", vec!["1.4", "IAM.3", "PCI.IAM.3"]),
            ("CIS AWS Foundations Benchmark v3.0.0/1.20", "CIS v3.0.0", vec![]),
            ("cis-aws-foundations-benchmark/v/1.4.0/IAM.5", "CIS v1.4.0", vec!["1.2", "IAM.5"]),
            ("nist-800-53/v/5.0.0/IAM.5", "nist-800-53 v5.0.0", vec!["1.2", "IAM.5"]),
            ("pci-dss/v/4.0.1/IAM.5", "PCI DSS v4.0.1", vec!["1.2", "IAM.5"]),
        ] {
            let SecurityHubMatch::OtherStandard(of, candidates) = look_up(&LIST, keyword) else { panic!("{keyword}") };
            assert_eq!((of.as_str(), keywords(&candidates)), (standard, expected), "{keyword}");
        }
        for (keyword, standard, expected) in [
            ("pci-dss/v/3.2.1/IAM.1", "PCI DSS v3.2.1", vec!["1.22", "IAM.1", "PCI.IAM.1"]),
            ("cis-aws-foundations-benchmark/v/1.2.0/9.9", "CIS v1.2.0", vec![]),
            ("CIS.9.9", "CIS", vec![]),
            ("FSBP.IAM.99", "AWS FSBP", vec![]),
        ] {
            let SecurityHubMatch::NotInStandard(of, candidates) = look_up(&LIST, keyword) else { panic!("{keyword}") };
            assert_eq!((of.as_str(), keywords(&candidates)), (standard, expected), "{keyword}");
        }
    }

    #[test]
    fn controls_that_only_security_hub_has_are_told_apart() {
        let SecurityHubMatch::Unlisted(rule) = look_up(&LIST, "AppConfig.1") else { panic!() };
        assert_eq!(rule.name, "appconfig-application-tagged");
        assert_eq!(intended(&LIST, "AppConfig.1"), None);
    }

    #[test]
    fn suggestions_keep_the_number_and_the_service() {
        for (written, meant) in [
            ("IMA.5", Some("IAM.5")),
            ("AIM.5", Some("IAM.5")),
            ("CloudTrial.1", Some("CloudTrail.1")),
            ("CloudTrailx.1", Some("CloudTrail.1")),
            ("1.1", None),
            ("S3.999", None),
            ("S3.10", None),
            ("ELB.17", None),
            ("DMX.1", None),
        ] {
            assert_eq!(intended(&LIST, written), meant, "{written}");
        }
        assert_eq!(elsewhere(&LIST, "IAM.5").map(|control| control.keyword).collect::<Vec<_>>(), ["1.2"]);
        assert_eq!(elsewhere(&LIST, "1.2").count(), 0);
        assert_eq!(of_service(&LIST, "PCI.ELBv2.7"), ["PCI.ELBv2.1"]);
    }

    #[test]
    fn rules_of_security_hub_lead_to_its_controls() {
        let found = controls_of_rule("securityhub-iam-root-access-key-check-000270f5").unwrap();
        assert_eq!(keywords(&found), ["1.12", "IAM.4", "PCI.IAM.4"]);
        assert_eq!(controls_of_rule("securityhub-iam-root-access-key-check"), Some(found));
        assert_eq!(controls_of_rule("securityhub-new-check-000270f5"), Some(Vec::new()));
        assert_eq!(controls_of_rule("my-rule"), None);
    }
}
