//! AWS documentation page of a keyword, if its URL reliably follows from the keyword.

use crate::source_type::{KeywordForm, SourceType};

use super::{config, security_hub};

/// Returns the URL of the page; `None` if there is none or it is unknown.
pub(crate) fn page(source_type: SourceType, keyword: &str) -> Option<String> {
    match source_type.keyword().form {
        KeywordForm::ConfigRule => config::is_managed(keyword).then(|| config_rule(keyword)),
        KeywordForm::SecurityHubControl => security_hub_control(keyword).or_else(|| source_type.page()),
        _ => source_type.page(),
    }
}

/// Returns the page of the managed rule with an identifier.
pub(crate) fn config_rule(identifier: &str) -> String {
    format!("https://docs.aws.amazon.com/config/latest/developerguide/{}.html", config::rule_name(identifier))
}

/// Returns the anchor of a control on the page of its service: `S3.8` is at `s3-controls.html#s3-8`.
fn security_hub_control(keyword: &str) -> Option<String> {
    let id = security_hub::CONTROLS.iter().find(|control| control.keyword == keyword)?.consolidated;
    let (service, number) = id.split_once('.')?;
    let plain = !service.is_empty() && service.bytes().all(|byte| byte.is_ascii_alphanumeric());
    let numbered = !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
    let service = service.to_ascii_lowercase();
    (plain && numbered).then(|| {
        format!("https://docs.aws.amazon.com/securityhub/latest/userguide/{service}-controls.html#{service}-{number}")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keywords_have_documentation_pages() {
        for (source_type, keyword, end) in [
            (SourceType::Config, "INCOMING_SSH_DISABLED", Some("developerguide/restricted-ssh.html")),
            (SourceType::Config, "ACCESS_KEYS_ROTATED", Some("developerguide/access-keys-rotated.html")),
            (SourceType::Config, "Custom_my-rule", None),
            (SourceType::Config, "\"><script>", None),
            (SourceType::SecurityHub, "S3.8", Some("userguide/s3-controls.html#s3-8")),
            (SourceType::SecurityHub, "1.10", Some("userguide/iam-controls.html#iam-16")),
            (SourceType::SecurityHub, "PCI.KMS.1", Some("userguide/control-data-sources-ash.html")),
            (SourceType::SecurityHub, "\"><script>", Some("userguide/control-data-sources-ash.html")),
            (SourceType::ApiCall, "iam_ListUsers", Some("userguide/control-data-sources-api.html")),
            (SourceType::Cloudtrail, "iam_CreateUser", Some("userguide/control-data-sources-cloudtrail.html")),
            (SourceType::Manual, "anything", None),
        ] {
            let found = page(source_type, keyword);
            assert_eq!(found.is_some(), end.is_some(), "{keyword}");
            assert!(found.is_none_or(|found| end.is_some_and(|end| found.ends_with(end))), "{keyword}");
        }
    }
}
