use crate::diagnostic::{Diagnostic, Level, Rule};
use crate::keywords::KeywordMatch;
use crate::keywords::config::ConfigMatch;
use crate::rules::SourceMember;

pub(crate) static RULE: Rule = Rule {
    id: "config-rule-name",
    level: Level::Error,
    hard: false,
    since: "0.1.0",
    summary: "A keyword is the name of an AWS Config rule where its identifier is wanted.",
    why: "Audit Manager looks for a managed rule by its identifier, such as `INCOMING_SSH_DISABLED`, and not by the \
          name that the AWS Config console shows, such as `restricted-ssh`. AWS documents that keywords are case \
          sensitive and that a wrong one [might collect no evidence](\
          https://docs.aws.amazon.com/audit-manager/latest/APIReference/API_SourceKeyword.html); nothing reports \
          it.\n\n\
          Write the identifier. It stays the same where somebody deployed the rule under another name: AWS Config \
          has it as `Source.SourceIdentifier`. The fix writes it.\n\n\
          The names come from [AWS Config's list of managed rules](\
          https://docs.aws.amazon.com/config/latest/developerguide/managed-rules-by-aws-config.html), the \
          identifiers from [Audit Manager's](\
          https://docs.aws.amazon.com/audit-manager/latest/userguide/control-data-sources-config.html). \
          `keywords/AWS_Config.txt` in the catalog replaces the built-in list of identifiers.",
};

pub(super) fn check(source: &SourceMember<'_>, found: &mut Vec<Diagnostic>) {
    let (Some(keyword), Some(KeywordMatch::Config(ConfigMatch::RuleName(identifier)))) =
        (source.keyword, &source.verdict)
    else {
        return;
    };
    let message = format!("`{keyword}` is the name of an AWS Config rule; Audit Manager knows it by its identifier");
    let fault = source.keyword_finding(&RULE, message).help(format!("write `{identifier}`"));
    found.push(fault.fix(source.replace_keyword(identifier, true)));
}
