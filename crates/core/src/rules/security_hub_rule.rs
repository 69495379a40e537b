use crate::diagnostic::{Diagnostic, Level, Rule};
use crate::keywords::KeywordMatch;
use crate::keywords::config::ConfigMatch;
use crate::rules::SourceItem;

pub(crate) static RULE: Rule = Rule {
    id: "security-hub-rule",
    level: Level::Error,
    hard: false,
    since: "0.1.0",
    summary: "A keyword is an AWS Config rule that Security Hub deployed for itself.",
    why: "Security Hub deploys rules whose names start with `securityhub-` and end with an ID. Audit Manager [does not \
          collect their evaluations](\
          https://docs.aws.amazon.com/audit-manager/latest/userguide/control-data-sources-config.html) as evidence from \
          AWS Config; their results are findings of Security Hub.\n\n\
          Use a data source of type `AWS_Security_Hub` with the ID of the control that the rule belongs to. Which \
          rule belongs to which control is from [AWS's catalog in OSCAL](\
          https://github.com/awslabs/oscal-content-for-aws-services) of April 2026.",
};

pub(super) fn check(source: &SourceItem<'_>, found: &mut Vec<Diagnostic>) {
    let (Some(keyword), Some(KeywordMatch::Config(ConfigMatch::OfSecurityHub(controls)))) =
        (source.keyword, &source.verdict)
    else {
        return;
    };
    let message =
        format!("`{keyword}` is a rule of Security Hub, which Audit Manager does not collect from AWS Config");
    let help = if controls.is_empty() {
        "use the type `AWS_Security_Hub` with the ID of the rule's control".to_owned()
    } else {
        format!("use the type `AWS_Security_Hub` with {}", SourceItem::controls_in_words(controls))
    };
    found.push(source.keyword_finding(&RULE, message).help(help));
}
