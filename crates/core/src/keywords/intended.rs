//! Which keyword a misspelled one was meant to be, by the lists of all types.

use std::collections::HashMap;
use std::sync::LazyLock;

use super::action::{service_of, underscored};
use super::typo::Vocabulary;
use super::{List, api_call, cloudtrail, config};

/// Other names of services, and the prefixes that keywords have instead. Names that mean several services have several.
const ALIASES: &[(&str, &[&str])] = &[
    ("apigatewayv2", &["apigateway"]),
    ("cloudhsmv2", &["cloudhsm"]),
    ("cloudwatchlogs", &["logs"]),
    ("cloudwatch-logs", &["logs"]),
    ("cognito", &["cognito-idp", "cognito-identity"]),
    ("directoryservice", &["ds"]),
    ("docdb", &["rds"]),
    ("dynamo", &["dynamodb"]),
    ("efs", &["elasticfilesystem"]),
    ("elb", &["elasticloadbalancing", "elasticloadbalancingv2"]),
    ("elbv2", &["elasticloadbalancingv2", "elasticloadbalancing"]),
    ("elasticloadbalancing", &["elasticloadbalancingv2"]),
    ("elasticloadbalancingv2", &["elasticloadbalancing"]),
    ("emr", &["elasticmapreduce"]),
    ("eventbridge", &["events"]),
    ("monitoring", &["cloudwatch"]),
    ("neptune", &["rds"]),
    ("opensearch", &["es"]),
    ("secrets-manager", &["secretsmanager"]),
    ("sfn", &["states"]),
    ("sso-admin", &["sso"]),
    ("stepfunctions", &["states"]),
    ("systems-manager", &["ssm"]),
];

/// Returns the keyword that a misspelled one was meant to be: the same action under the prefix that keywords have, or an action of
/// the same service with a typo; `None` if it may be a correct one.
pub(crate) fn action<'k>(list: &'k List, keyword: &str) -> Option<&'k str> {
    static WORDS: LazyLock<Vocabulary> = LazyLock::new(|| {
        let keywords = api_call::LIST.iter().chain(cloudtrail::LIST.iter()).chain(cloudtrail::EXCLUDED.iter());
        Vocabulary::of(keywords.filter_map(|keyword| Some(keyword.split_once('_')?.1)))
    });
    let written = underscored(keyword);
    let (service, action) = written.split_once('_')?;
    let service = service.to_ascii_lowercase();
    let of_action = list.of_action(action);
    let aliases = ALIASES.iter().find(|(alias, _)| *alias == service).map_or(&[][..], |(_, prefixes)| prefixes);
    let under = |prefix: &&str| of_action.iter().copied().find(|word| service_of(word) == *prefix);
    aliases.iter().find_map(under).or_else(|| {
        let prefix = format!("{service}_");
        // Only actions are compared: one letter makes another service.
        let actions = list.starting_with(&prefix).map(|word| &word[prefix.len()..]);
        let meant = WORDS.intended(action, actions)?;
        list.of_action(meant).into_iter().find(|word| service_of(word) == service)
    })
}

/// Returns the identifier that a misspelled one, or the name of a rule, was meant to be; `None` if it may be a correct one.
///
/// Without plurals and participles, identifiers are still distinct. In a name, so they are without a number or `CHECK` at the end:
/// `iam-password-policy-2` is a second rule for `IAM_PASSWORD_POLICY`.
pub(crate) fn config_rule<'k>(list: &'k List, keyword: &str) -> Option<&'k str> {
    static WORDS: LazyLock<Vocabulary> =
        LazyLock::new(|| Vocabulary::of(config::LIST.iter().chain(config::UNLISTED.iter())));
    static BY_STEMS: LazyLock<ByForm> = LazyLock::new(|| by_form(&[stems]));
    static BY_START: LazyLock<ByForm> = LazyLock::new(|| by_form(&STARTS));
    let written = keyword.trim().to_ascii_uppercase().replace([' ', '-'], "_");
    let of_pack = NAMES_IN_PACKS.iter().find(|(name, _)| letters(name) == letters(&written));
    let same_name = of_pack.map(|(_, identifier)| *identifier).or_else(|| BY_STEMS.get(&stems(&written)).copied());
    let same_name = same_name.or_else(|| {
        // `…_ENABLED_CHECK` may be another rule than `…_ENABLED`, but the name of a rule is free.
        let is_name = !config::is_identifier(keyword.trim());
        let find = |form: fn(&str) -> String| BY_START.get(&form(&written)).copied();
        is_name.then(|| STARTS.iter().find_map(|form| find(*form))).flatten()
    });
    same_name.or_else(|| {
        // The first word is the service. A name such as `S3BucketLoggingEnabeld` has only letters.
        let service = written.split_once('_').map_or_else(|| written.get(..2), |(service, _)| Some(service))?;
        WORDS.intended(keyword, list.starting_with(service).chain(config::UNLISTED.starting_with(service)))
    })
}

/// Names of rules in AWS's sample conformance packs that follow neither from the identifier nor from the name of the rule
/// (<https://github.com/awslabs/aws-config-rules/tree/master/aws-config-conformance-packs>).
const NAMES_IN_PACKS: &[(&str, &str)] = &[
    ("ALB_WAF_ENABLED_WAFV2", "ALB_WAF_ENABLED"),
    ("API_GW_ASSOCIATED_WITH_WAF_WAFV2", "API_GW_ASSOCIATED_WITH_WAF"),
    ("CLOUDFRONT_ASSOCIATED_WITH_WAF_WAFV2", "CLOUDFRONT_ASSOCIATED_WITH_WAF"),
    ("EC2_EBS_OPTIMIZED_INSTANCE", "EBS_OPTIMIZED_INSTANCE"),
    ("EC2_INSTANCES_IN_VPC", "INSTANCES_IN_VPC"),
    ("KMS_BACKING_KEY_ROTATION_ENABLED", "CMK_BACKING_KEY_ROTATION_ENABLED"),
];

/// Identifiers by a form in which they are compared.
type ByForm = HashMap<String, &'static str>;

fn by_form(forms: &[fn(&str) -> String]) -> ByForm {
    let identifiers = config::LIST.iter().chain(config::UNLISTED.iter()).map(|known| (known.to_owned(), known));
    let irregular = config::NAMES.iter().filter_map(|line| line.split_once(' '));
    let names = irregular.map(|(name, known)| (name.to_ascii_uppercase().replace('-', "_"), known));
    identifiers.chain(names).flat_map(|(name, known)| forms.iter().map(move |form| (form(&name), known))).collect()
}

/// Returns the letters of an identifier.
fn letters(identifier: &str) -> String {
    identifier.replace('_', "")
}

/// Returns the letters of an identifier without the `S` of plurals and the `D` of participles.
fn stems(identifier: &str) -> String {
    let is_inflected = |word: &&str| word.len() > SHORT && (word.ends_with('S') || word.ends_with("ED"));
    let stem = |word| Some(word).filter(is_inflected).map_or(word, |word| &word[..word.len() - 1]);
    identifier.split('_').map(stem).collect()
}

/// Forms of a name without its end.
const STARTS: [fn(&str) -> String; 2] = [|name| start(&stems(name)), |name| start(&letters(name))];

/// Returns letters without a number and `CHECK` at the end.
fn start(letters: &str) -> String {
    let letters = letters.trim_end_matches(|c: char| c.is_ascii_digit());
    letters.strip_suffix("CHECK").unwrap_or(letters).to_owned()
}

/// Length of words whose `S` at the end is not that of a plural, such as `DMS`.
const SHORT: usize = 3;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn typos_are_corrected_within_their_service() {
        for (list, written, expected) in [
            (&api_call::LIST, "iam_ListGruops", Some("iam_ListGroups")),
            (&api_call::LIST, "efs_DescribeFileSystems", Some("elasticfilesystem_DescribeFileSystems")),
            (&api_call::LIST, "kms_ReEncrypt", None),
            (&cloudtrail::LIST, "iam_CreateUsr", Some("iam_CreateUser")),
            (&cloudtrail::LIST, "s3_DeleteBucketCorz", Some("s3_DeleteBucketCors")),
            (&cloudtrail::LIST, "cloudtrial_StartLogging", None),
            (&cloudtrail::LIST, "quantum_Leap", None),
        ] {
            assert_eq!(action(list, written), expected, "{written}");
        }
        for (written, expected) in [
            ("IAM_USER_MFA_ENABELD", Some("IAM_USER_MFA_ENABLED")),
            ("ACMPCA_CERTIFICATE_AUTHORITY_TAGED", Some("ACMPCA_CERTIFICATE_AUTHORITY_TAGGED")),
            ("S3_BUCKET_VERSIONING_ENABLE", Some("S3_BUCKET_VERSIONING_ENABLED")),
            ("iam-password-policy-2", Some("IAM_PASSWORD_POLICY")),
            ("lambda-functions-public-access-prohibited", Some("LAMBDA_FUNCTION_PUBLIC_ACCESS_PROHIBITED")),
            ("OpenSearchNodeToNodeEncryption", Some("OPENSEARCH_NODE_TO_NODE_ENCRYPTION_CHECK")),
            ("CloudfrontViewwePolicyHTTPS", Some("CLOUDFRONT_VIEWER_POLICY_HTTPS")),
            ("", None),
            ("2", None),
            ("IMA_USER_MFA_ENABLED", None),
            ("IAM_USER_KEYS_ENABLED", None),
        ] {
            assert_eq!(config_rule(&config::LIST, written), expected, "{written}");
        }
    }
}
