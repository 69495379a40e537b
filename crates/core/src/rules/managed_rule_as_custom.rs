use crate::diagnostic::{Diagnostic, Level, Rule};
use crate::keywords::KeywordMatch;
use crate::keywords::config::ConfigMatch;
use crate::rules::SourceItem;

pub(crate) static RULE: Rule = Rule {
    id: "managed-rule-as-custom",
    level: Level::Error,
    hard: false,
    since: "0.1.0",
    summary: "`Custom_` precedes the name of a managed AWS Config rule.",
    why: "`Custom_` is for [rules that you wrote](\
          https://docs.aws.amazon.com/audit-manager/latest/userguide/control-data-sources-config.html). A managed rule \
          has its identifier as the keyword, under whatever name it is deployed: `IAM_USER_MFA_ENABLED`, not \
          `Custom_IAM_USER_MFA_ENABLED` or `Custom_iam-user-mfa-enabled`. With `Custom_` it might collect no \
          evidence, without an error.\n\n\
          Use the identifier. If you have a custom rule with the name of a managed one, ignore the finding with a \
          reason; for that case, the fix is not a safe one.",
};

pub(super) fn check(source: &SourceItem<'_>, found: &mut Vec<Diagnostic>) {
    let (Some(keyword), Some(KeywordMatch::Config(ConfigMatch::ManagedAsCustom(identifier)))) =
        (source.keyword, &source.verdict)
    else {
        return;
    };
    let message = format!("`{keyword}` names a managed rule, whose keyword is its identifier");
    let finding = source.keyword_finding(&RULE, message).help(format!("use `{identifier}`"));
    found.push(finding.fix(source.replace_keyword(identifier, false)));
}
