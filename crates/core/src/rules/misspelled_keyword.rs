use crate::diagnostic::{Diagnostic, Level, Rule};
use crate::keywords::KeywordMatch;
use crate::keywords::{api_call, config, security_hub};
use crate::rules::SourceItem;

pub(crate) static RULE: Rule = Rule {
    id: "misspelled-keyword",
    level: Level::Error,
    hard: false,
    since: "0.1.0",
    summary: "A keyword differs from a known keyword only in case or punctuation.",
    why: "Audit Manager [compares keywords exactly](\
          https://docs.aws.amazon.com/audit-manager/latest/APIReference/API_SourceKeyword.html), including case. AWS \
          documents that it might not recognize another spelling and then collects no evidence, without an error.\n\n\
          Write the keyword exactly as Audit Manager lists it. Common mistakes are `CIS.1.2` for the control `1.2`, \
          and `iam:ListGroups`, as in an IAM policy, for the call `iam_ListGroups`. The fix uses the listed \
          spelling. For `CIS.1.2` it is not a safe one: Audit Manager lists CIS v1.2.0, and the number means another \
          control in other versions.\n\n\
          The lists come from Audit Manager's pages for [AWS Config](\
          https://docs.aws.amazon.com/audit-manager/latest/userguide/control-data-sources-config.html), [Security \
          Hub](https://docs.aws.amazon.com/audit-manager/latest/userguide/control-data-sources-ash.html) and [API \
          calls](https://docs.aws.amazon.com/audit-manager/latest/userguide/control-data-sources-api.html); \
          `keywords/<type>.txt` in the catalog replaces the list for a type.",
};

pub(super) fn check(source: &SourceItem<'_>, found: &mut Vec<Diagnostic>) {
    let (Some(keyword), Some(verdict)) = (source.keyword, &source.verdict) else { return };
    let (meant, safe) = match verdict {
        KeywordMatch::Config(config::ConfigMatch::Misspelled(meant)) => (meant.as_ref(), true),
        KeywordMatch::SecurityHub(security_hub::SecurityHubMatch::Misspelled(meant))
        | KeywordMatch::ApiCall(api_call::ApiCallMatch::Misspelled(meant)) => (*meant, true),
        // The number can be that of another version of the benchmark.
        KeywordMatch::SecurityHub(security_hub::SecurityHubMatch::Unversioned(meant)) => (*meant, false),
        _ => return,
    };
    let message = format!("`{keyword}` is misspelled: Audit Manager compares keywords exactly");
    let finding = source.keyword_finding(&RULE, message).help(format!("use `{}`", SourceItem::written(meant)));
    found.push(finding.fix(source.replace_keyword(meant, safe)));
}
