use crate::diagnostic::{Diagnostic, Level, Rule};
use crate::keywords::KeywordMatch;
use crate::keywords::config::ConfigMatch;
use crate::rules::SourceItem;

pub(crate) static RULE: Rule = Rule {
    id: "config-rule-name",
    level: Level::Error,
    hard: false,
    since: "0.1.0",
    summary: "A keyword is the name of an AWS Config rule instead of its identifier.",
    why: "Audit Manager looks up managed rules by identifier, such as `INCOMING_SSH_DISABLED`, and not by the name \
          that the AWS Config console shows, such as `restricted-ssh`. AWS documents that keywords are case sensitive \
          and that an incorrect one [might collect no evidence](\
          https://docs.aws.amazon.com/audit-manager/latest/APIReference/API_SourceKeyword.html), without an error.\n\n\
          Use the identifier. It stays the same if the rule is deployed under another name: AWS Config shows it as \
          `Source.SourceIdentifier`. The fix replaces the name.\n\n\
          The names come from [AWS Config's list of managed rules](\
          https://docs.aws.amazon.com/config/latest/developerguide/managed-rules-by-aws-config.html), the identifiers \
          from [Audit Manager's list](\
          https://docs.aws.amazon.com/audit-manager/latest/userguide/control-data-sources-config.html). \
          `keywords/AWS_Config.txt` in the catalog replaces the built-in list of identifiers.",
};

pub(super) fn check(source: &SourceItem<'_>, found: &mut Vec<Diagnostic>) {
    let (Some(keyword), Some(KeywordMatch::Config(ConfigMatch::RuleName(identifier)))) =
        (source.keyword, &source.verdict)
    else {
        return;
    };
    let message = format!("`{keyword}` is the name of an AWS Config rule; Audit Manager expects its identifier");
    let finding = source.keyword_finding(&RULE, message).help(format!("use `{identifier}`"));
    found.push(finding.fix(source.replace_keyword(identifier, true)));
}
