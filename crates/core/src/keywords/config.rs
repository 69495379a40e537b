//! AWS Config: identifiers of managed rules, and `Custom_` with the name of a custom rule
//! (<https://docs.aws.amazon.com/audit-manager/latest/userguide/control-data-sources-config.html>).

use std::borrow::Cow;
use std::sync::LazyLock;

use super::List;
use super::security_hub::{self, Control};

/// Prefix of the names of custom rules.
pub(crate) const CUSTOM: &str = "Custom_";

/// Identifiers that Audit Manager lists.
pub(super) static LIST: LazyLock<List> =
    LazyLock::new(|| List::built_in(include_str!("data/AWS_Config.txt"), Cow::Borrowed));

/// Identifiers of AWS Config that Audit Manager does not list.
pub(super) static UNLISTED: LazyLock<List> = LazyLock::new(|| List::built_in(UNLISTED_DATA, Cow::Borrowed));

pub(super) static UNLISTED_DATA: &str = include_str!("data/AWS_Config.unlisted.txt");

/// Rule names that do not follow from the identifier, as `name identifier` lines.
pub(super) static NAMES: LazyLock<List> =
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
    /// `Custom_` and the name or the identifier of a managed rule: its identifier.
    ManagedAsCustom(Cow<'k, str>),
    /// A rule that Security Hub deploys for itself: the keywords of its controls.
    OfSecurityHub(Vec<Control>),
    /// The process check of a conformance pack.
    ProcessCheck,
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
    // `CUSTOM_SCHEMA_REGISTRY_POLICY_ATTACHED` is an identifier.
    let identifier = if keyword.starts_with(CUSTOM) { None } else { identifier_of(list, keyword) };
    let Some(identifier) = identifier else {
        if let Some(found) = custom(list, keyword) {
            return found;
        }
        let is_check = keyword.trim().replace('-', "_").eq_ignore_ascii_case(PROCESS_CHECK);
        return if is_check { ConfigMatch::ProcessCheck } else { ConfigMatch::Unknown };
    };
    if identifier == keyword {
        ConfigMatch::Unlisted
    } else if keyword.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-') {
        ConfigMatch::RuleName(identifier.into())
    } else {
        ConfigMatch::Misspelled(identifier.into())
    }
}

/// Identifier of the rule with which conformance packs ask for manual checks
/// (<https://docs.aws.amazon.com/config/latest/developerguide/process-checks.html>).
pub(crate) const PROCESS_CHECK: &str = "AWS_CONFIG_PROCESS_CHECK";

/// Returns the identifier of the managed rule that a name, or an identifier in another spelling, means.
fn identifier_of(list: &List, written: &str) -> Option<String> {
    // `s3-bucket-versioning-enabled`, `S3-BUCKET…` and `s3_bucket…` are all spellings of the rule name.
    let name = written.trim().to_ascii_lowercase().replace(['_', ' '], "-");
    let irregular = NAMES.starting_with(&format!("{name} ")).next().and_then(|line| line.split_once(' '));
    let identifier = match irregular {
        Some((_, identifier)) => identifier.to_owned(),
        None => name.to_ascii_uppercase().replace('-', "_"),
    };
    if list.contains(&identifier) || is_managed(&identifier) {
        return Some(identifier);
    }
    // `S3BucketLoggingEnabled`, as in a template.
    let mut known = list.iter().chain(LIST.iter()).chain(UNLISTED.iter());
    known.find(|known| letters_of(known).eq(letters_of(&identifier))).map(str::to_owned)
}

/// Returns an identifier without its underscores.
fn letters_of(identifier: &str) -> impl Iterator<Item = u8> {
    identifier.bytes().filter(|byte| *byte != b'_')
}

/// Looks up the keyword of a custom rule, and the name of a rule that can only be one; `None` for other keywords.
fn custom(list: &List, keyword: &str) -> Option<ConfigMatch<'static>> {
    // `CUSTOM_…` may be the identifier of a rule that is newer than the list.
    if is_identifier(keyword) {
        return None;
    }
    let is_custom = keyword.get(..CUSTOM.len() - 1).is_some_and(|start| start.eq_ignore_ascii_case("custom"));
    let prefix = keyword.get(..CUSTOM.len()).filter(|_| is_custom);
    let separator = prefix.and_then(|prefix| prefix.chars().next_back());
    let Some(prefix) = prefix.filter(|_| matches!(separator, Some('_' | '-' | ':' | ' '))) else {
        return deployed(keyword.trim());
    };
    let name = keyword[CUSTOM.len()..].trim();
    if name.is_empty() {
        return Some(ConfigMatch::NamelessCustom);
    }
    // `securityhub-enabled` is a managed rule.
    if let Some(identifier) = identifier_of(list, name) {
        return Some(ConfigMatch::ManagedAsCustom(identifier.into()));
    }
    if let Some(controls) = security_hub::controls_of_rule(name) {
        return Some(ConfigMatch::OfSecurityHub(controls));
    }
    Some(if prefix != CUSTOM || name.len() != keyword.len() - CUSTOM.len() {
        ConfigMatch::MisspelledCustom(format!("{CUSTOM}{name}"))
    } else if let Some((who, name)) = without_generated_id(name) {
        ConfigMatch::GeneratedName(who, format!("{CUSTOM}{name}"))
    } else {
        ConfigMatch::Known
    })
}

/// Looks up the name of a rule without `Custom_` that Security Hub, a conformance pack or an organization deployed; `None` for
/// other names.
fn deployed(name: &str) -> Option<ConfigMatch<'static>> {
    if let Some(controls) = security_hub::controls_of_rule(name) {
        return Some(ConfigMatch::OfSecurityHub(controls));
    }
    if let Some((who, name)) = without_generated_id(name) {
        return Some(ConfigMatch::GeneratedName(who, format!("{CUSTOM}{name}")));
    }
    let of_pack = name.strip_suffix(OF_PACK).is_some_and(|name| !name.is_empty());
    let of_organization = name.strip_prefix(OF_ORGANIZATION).is_some_and(|name| !name.is_empty());
    (of_pack || of_organization).then(|| ConfigMatch::MisspelledCustom(format!("{CUSTOM}{name}")))
}

/// End of the names of rules that a conformance pack deploys, without the ID.
pub(crate) const OF_PACK: &str = "-conformance-pack";
/// Start of the names of rules that an organization deploys.
const OF_ORGANIZATION: &str = "OrgConfigRule-";

/// Returns a rule name without the ID that a conformance pack or an organization appends
/// (<https://docs.aws.amazon.com/audit-manager/latest/userguide/control-issues.html>).
pub(crate) fn without_generated_id(name: &str) -> Option<(&'static str, &str)> {
    let (rest, id) = name.rsplit_once('-')?;
    let random =
        |length: usize| id.len() == length && id.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit());
    if rest.ends_with(OF_PACK) && random(9) {
        Some(("a conformance pack", rest))
    } else if rest.starts_with(OF_ORGANIZATION) && random(8) && !is_word(id) {
        Some(("an organization", rest))
    } else {
        None
    }
}

/// Whether letters can be a word rather than a random ID.
fn is_word(letters: &str) -> bool {
    let vowels = letters.chars().filter(|letter| "aeiou".contains(*letter)).count();
    vowels > 1 && letters.bytes().all(|byte| byte.is_ascii_alphabetic())
}

/// Whether it is the identifier of a managed rule, listed by Audit Manager or not.
pub(crate) fn is_managed(identifier: &str) -> bool {
    LIST.contains(identifier) || UNLISTED.contains(identifier)
}

/// Returns the identifier of the managed rule behind a Security Hub control; `None` if its rule is one that only Security Hub has.
pub(crate) fn behind_hub_control(keyword: &str) -> Option<String> {
    let control = security_hub::CONTROLS.iter().find(|control| control.keyword == keyword)?;
    let rule = security_hub::RULES.iter().find(|rule| rule.control == control.consolidated)?;
    identifier_of(&LIST, rule.name).filter(|identifier| is_managed(identifier))
}

/// Returns the identifier of the managed rule with a name, if it is in a list.
pub(crate) fn listed_identifier(list: &List, name: &str) -> Option<String> {
    identifier_of(list, name).filter(|identifier| list.contains(identifier))
}

/// Whether a keyword has the form of an identifier: `IAM_USER_MFA_ENABLED`.
pub(crate) fn is_identifier(keyword: &str) -> bool {
    let is_word =
        |word: &str| !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit());
    keyword.contains('_') && keyword.split('_').all(is_word)
}

/// Returns the name of the managed rule with an identifier.
pub(crate) fn rule_name(identifier: &str) -> String {
    let irregular = NAMES.iter().find_map(|line| line.strip_suffix(identifier)?.strip_suffix(' '));
    irregular.map_or_else(|| identifier.to_ascii_lowercase().replace('_', "-"), str::to_owned)
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
            ("BEDROCKAGENTCORE_GATEWAY_AUTHORIZER_ENABLED", ConfigMatch::Unlisted),
            ("AWS_CONFIG_PROCESS_CHECK", ConfigMatch::ProcessCheck),
            ("aws-config-process-check", ConfigMatch::ProcessCheck),
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
            ("Custom_OrgConfigRule-y-dbgzfbxa", generated("an organization", "Custom_OrgConfigRule-y")),
            ("x-conformance-pack-szsm1uv0w", generated("a conformance pack", "Custom_x-conformance-pack")),
            ("OrgConfigRule-y-dbgzf8ba", generated("an organization", "Custom_OrgConfigRule-y")),
            ("x-conformance-pack", ConfigMatch::MisspelledCustom("Custom_x-conformance-pack".to_owned())),
            ("OrgConfigRule-y", ConfigMatch::MisspelledCustom("Custom_OrgConfigRule-y".to_owned())),
            ("Custom_OrgConfigRule-key-rotation", ConfigMatch::Known),
            ("Custom_IAM_USER_MFA_ENABLED", ConfigMatch::ManagedAsCustom("IAM_USER_MFA_ENABLED".into())),
            ("Custom_iam-user-mfa-enabled", ConfigMatch::ManagedAsCustom("IAM_USER_MFA_ENABLED".into())),
            ("Custom_restricted-ssh", ConfigMatch::ManagedAsCustom("INCOMING_SSH_DISABLED".into())),
            ("customer-managed-keys", ConfigMatch::Unknown),
        ] {
            assert_eq!(verdict(keyword), expected, "{keyword}");
        }
    }
}
