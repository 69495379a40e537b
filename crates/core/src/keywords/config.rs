//! AWS Config: identifiers of managed rules, and `Custom_` with the name of a custom rule
//! (<https://docs.aws.amazon.com/audit-manager/latest/userguide/control-data-sources-config.html>).

use std::borrow::Cow;
use std::sync::LazyLock;

use super::List;
use crate::suggest::Words;

/// Prefix of the names of custom rules.
pub(crate) const CUSTOM: &str = "Custom_";

/// Identifiers that Audit Manager lists.
pub(super) static LIST: LazyLock<List> =
    LazyLock::new(|| List::built_in(include_str!("data/AWS_Config.txt"), Cow::Borrowed));

/// Identifiers of AWS Config that Audit Manager does not list.
static UNLISTED: LazyLock<List> =
    LazyLock::new(|| List::built_in(include_str!("data/AWS_Config.unlisted.txt"), Cow::Borrowed));

/// Rule names that do not follow from the identifier, as `name identifier` lines.
static NAMES: LazyLock<List> =
    LazyLock::new(|| List::built_in(include_str!("data/AWS_Config.names.txt"), Cow::Borrowed));

/// Result of looking up an AWS Config keyword.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum ConfigMatch<'k> {
    /// An identifier that Audit Manager lists, or a custom rule.
    Known,
    /// A custom rule whose name ends with an ID that AWS appended: what appended it, and the name without it.
    GeneratedName(&'static str, String),
    /// A custom rule with a misspelled prefix or extra whitespace: the intended keyword.
    MisspelledCustom(String),
    /// `Custom_` without a name.
    NamelessCustom,
    /// The name of a managed rule: its identifier.
    RuleName(Cow<'k, str>),
    /// An identifier in another spelling.
    Misspelled(Cow<'k, str>),
    /// An identifier of AWS Config that Audit Manager does not list.
    Unlisted,
    /// Not known.
    Unknown,
}

pub(super) fn look_up<'k>(list: &'k List, keyword: &str) -> ConfigMatch<'k> {
    if list.contains(keyword) {
        return ConfigMatch::Known;
    }
    if keyword.starts_with(CUSTOM) {
        return custom(keyword).unwrap_or(ConfigMatch::Unknown);
    }
    // `s3-bucket-versioning-enabled`, `S3-BUCKET…` and `s3_bucket…` are all spellings of the rule name.
    let name = keyword.trim().to_ascii_lowercase().replace(['_', ' '], "-");
    let identifier = NAMES.starting_with(&format!("{name} ")).next().and_then(|line| line.split_once(' '));
    let identifier = match identifier {
        Some((_, identifier)) => identifier.to_owned(),
        None => name.to_ascii_uppercase().replace('-', "_"),
    };
    if !list.contains(&identifier) && !UNLISTED.contains(&identifier) && !LIST.contains(&identifier) {
        return custom(keyword).unwrap_or(ConfigMatch::Unknown);
    }
    if identifier == keyword {
        ConfigMatch::Unlisted
    } else if keyword == name {
        ConfigMatch::RuleName(identifier.into())
    } else {
        ConfigMatch::Misspelled(identifier.into())
    }
}

/// Looks up the keyword of a custom rule; `None` for other keywords.
fn custom(keyword: &str) -> Option<ConfigMatch<'static>> {
    let prefix = keyword.get(..CUSTOM.len())?;
    if !prefix.get(..CUSTOM.len() - 1)?.eq_ignore_ascii_case("custom") {
        return None;
    }
    let name = match prefix.as_bytes()[CUSTOM.len() - 1] {
        b'_' | b'-' | b':' | b' ' => keyword[CUSTOM.len()..].trim(),
        _ => return None,
    };
    Some(if name.is_empty() {
        ConfigMatch::NamelessCustom
    } else if prefix != CUSTOM || name.len() != keyword.len() - CUSTOM.len() {
        ConfigMatch::MisspelledCustom(format!("{CUSTOM}{name}"))
    } else if let Some((who, name)) = without_generated_id(name) {
        ConfigMatch::GeneratedName(who, format!("{CUSTOM}{name}"))
    } else {
        ConfigMatch::Known
    })
}

/// Returns a rule name without the ID that a conformance pack or an organization appends
/// (<https://docs.aws.amazon.com/audit-manager/latest/userguide/control-issues.html>).
fn without_generated_id(name: &str) -> Option<(&'static str, &str)> {
    let (rest, id) = name.rsplit_once('-')?;
    let random =
        |length: usize| id.len() == length && id.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit());
    if rest.ends_with("-conformance-pack") && random(9) {
        Some(("a conformance pack", rest))
    } else if rest.starts_with("OrgConfigRule-") && random(8) && id.bytes().any(|byte| byte.is_ascii_digit()) {
        Some(("an organization", rest))
    } else {
        None
    }
}

/// Whether it is the identifier of a managed rule, listed by Audit Manager or not.
pub(crate) fn is_managed(identifier: &str) -> bool {
    LIST.contains(identifier) || UNLISTED.contains(identifier)
}

/// Returns the name of the managed rule with an identifier.
pub(crate) fn rule_name(identifier: &str) -> String {
    let irregular = NAMES.iter().find_map(|line| line.strip_suffix(identifier)?.strip_suffix(' '));
    irregular.map_or_else(|| identifier.to_ascii_lowercase().replace('_', "-"), str::to_owned)
}

/// Returns the most likely intended identifier.
pub(crate) fn closest<'k>(list: &'k List, own: bool, keyword: &str) -> Option<&'k str> {
    static WORDS: LazyLock<Words<'static>> = LazyLock::new(|| Words::new(LIST.iter()));
    if own { Words::new(list.iter()).closest(keyword) } else { WORDS.closest(keyword) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn verdict(keyword: &str) -> ConfigMatch<'static> {
        look_up(&LIST, keyword)
    }

    #[test]
    fn names_and_spellings_are_mapped_to_identifiers() {
        for (keyword, expected) in [
            ("INCOMING_SSH_DISABLED", ConfigMatch::Known),
            ("restricted-ssh", ConfigMatch::RuleName("INCOMING_SSH_DISABLED".into())),
            ("cloudtrail-enabled", ConfigMatch::RuleName("CLOUD_TRAIL_ENABLED".into())),
            ("CLOUDTRAIL-ENABLED", ConfigMatch::Misspelled("CLOUD_TRAIL_ENABLED".into())),
            ("iam-user-mfa-enabled", ConfigMatch::RuleName("IAM_USER_MFA_ENABLED".into())),
            ("iam_user_mfa_enabled", ConfigMatch::Misspelled("IAM_USER_MFA_ENABLED".into())),
            ("ACMPCA_CERTIFICATE_AUTHORITY_TAGGED", ConfigMatch::Unlisted),
            (
                "acmpca-certificate-authority-tagged",
                ConfigMatch::RuleName("ACMPCA_CERTIFICATE_AUTHORITY_TAGGED".into()),
            ),
            ("S3_BUCKET_NONSENSE", ConfigMatch::Unknown),
        ] {
            assert_eq!(verdict(keyword), expected, "{keyword}");
        }
    }

    #[test]
    fn every_rule_name_is_mapped_to_its_identifier() {
        for identifier in LIST.iter().chain(UNLISTED.iter()) {
            let name = rule_name(identifier);
            assert_eq!(verdict(&name), ConfigMatch::RuleName(identifier.into()), "{name}");
        }
        assert_eq!(NAMES.iter().len(), 6);
    }

    #[test]
    fn custom_rules_are_recognized() {
        let generated = |who, name: &str| ConfigMatch::GeneratedName(who, name.to_owned());
        for (keyword, expected) in [
            ("Custom_my-rule", ConfigMatch::Known),
            ("Custom_gc01_check_alerts_flag_misuse-conformance-pack", ConfigMatch::Known),
            ("Custom_", ConfigMatch::NamelessCustom),
            ("CUSTOM_my-rule", ConfigMatch::MisspelledCustom("Custom_my-rule".to_owned())),
            ("custom-my-rule", ConfigMatch::MisspelledCustom("Custom_my-rule".to_owned())),
            ("Custom_ my-rule", ConfigMatch::MisspelledCustom("Custom_my-rule".to_owned())),
            (
                "Custom_CustomRuleForAccount-conformance-pack-szsm1uv0w",
                generated("a conformance pack", "Custom_CustomRuleForAccount-conformance-pack"),
            ),
            (
                "Custom_OrgConfigRule-s3-bucket-versioning-enabled-dbgzf8ba",
                generated("an organization", "Custom_OrgConfigRule-s3-bucket-versioning-enabled"),
            ),
            ("Custom_OrgConfigRule-key-rotation", ConfigMatch::Known),
            ("customer-managed-keys", ConfigMatch::Unknown),
        ] {
            assert_eq!(verdict(keyword), expected, "{keyword}");
        }
    }
}
