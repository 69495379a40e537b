use crate::diagnostic::{Diagnostic, Level, Rule};
use crate::keywords::KeywordMatch;
use crate::keywords::{api_call, config, security_hub};
use crate::rules::SourceMember;

pub(crate) static RULE: Rule = Rule {
    id: "misspelled-keyword",
    level: Level::Error,
    hard: false,
    since: "0.1.0",
    summary: "A keyword differs from the one that is meant in case or punctuation only.",
    why: "Audit Manager [compares keywords letter by letter](\
          https://docs.aws.amazon.com/audit-manager/latest/APIReference/API_SourceKeyword.html), case included. AWS \
          documents that it might not recognise one in another spelling and then collects no evidence; nothing \
          reports it.\n\n\
          Write the keyword as Audit Manager lists it. People write `CIS.1.2` for the control `1.2`, or \
          `iam:ListGroups`, as in an IAM policy, for the call `iam_ListGroups`. The fix writes the listed form.\n\n\
          The lists are those of Audit Manager's pages for [AWS Config](\
          https://docs.aws.amazon.com/audit-manager/latest/userguide/control-data-sources-config.html), [Security \
          Hub](https://docs.aws.amazon.com/audit-manager/latest/userguide/control-data-sources-ash.html) and [API \
          calls](https://docs.aws.amazon.com/audit-manager/latest/userguide/control-data-sources-api.html); \
          `keywords/<type>.txt` in the catalog replaces the one of a type.",
};

pub(super) fn check(source: &SourceMember<'_>, found: &mut Vec<Diagnostic>) {
    let (Some(keyword), Some(verdict)) = (source.keyword, &source.verdict) else { return };
    let meant = match verdict {
        KeywordMatch::Config(config::ConfigMatch::Misspelled(meant)) => meant.as_ref(),
        KeywordMatch::SecurityHub(security_hub::SecurityHubMatch::Misspelled(meant))
        | KeywordMatch::ApiCall(api_call::ApiCallMatch::Misspelled(meant)) => meant,
        _ => return,
    };
    let message = format!("`{keyword}` is not how Audit Manager writes this keyword");
    let fault = source.keyword_finding(&RULE, message).help(format!("write `{}`", SourceMember::written(meant)));
    found.push(fault.fix(source.replace_keyword(meant, true)));
}
