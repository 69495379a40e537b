use crate::diagnostic::{Diagnostic, Level, Rule};
use crate::keywords::KeywordMatch;
use crate::keywords::config::{self, CUSTOM, ConfigMatch};
use crate::rules::SourceItem;

pub(crate) static RULE: Rule = Rule {
    id: "unknown-config-rule",
    level: Level::Error,
    hard: false,
    since: "0.1.0",
    summary: "A keyword is not an AWS Config rule that Audit Manager supports.",
    why: "The keyword is neither an identifier that Audit Manager lists, nor one that AWS Config has, nor a custom \
          rule. AWS documents that keywords are case sensitive and that an incorrect one [might collect no evidence](\
          https://docs.aws.amazon.com/audit-manager/latest/APIReference/API_SourceKeyword.html), without an error.\n\n\
          Use the uppercase identifier of a managed rule, which AWS Config shows as `Source.SourceIdentifier`, or \
          `Custom_` and the name of a custom rule. The fix uses the most similar identifier; it is a guess.\n\n\
          The list is [Audit Manager's](\
          https://docs.aws.amazon.com/audit-manager/latest/userguide/control-data-sources-config.html) of April 2026; \
          `keywords/AWS_Config.txt` in the catalog replaces it.",
};

pub(super) fn check(source: &SourceItem<'_>, found: &mut Vec<Diagnostic>) {
    let (Some(keyword), Some(KeywordMatch::Config(ConfigMatch::Unknown))) = (source.keyword, &source.verdict) else {
        return;
    };
    if source.has_several() {
        return;
    }
    let message = format!("`{keyword}` is not an AWS Config rule in {}", source.list_in_words());
    let finding = source.keyword_finding(&RULE, message);
    let meant = source.list().and_then(|list| config::closest(list, source.has_own_list(), keyword));
    found.push(match meant {
        Some(meant) => finding.help(format!("did you mean `{meant}`?")).fix(source.replace_keyword(meant, false)),
        None => finding.help(format!(
            "use the uppercase identifier of a managed rule, or `{CUSTOM}` and the name of a custom rule"
        )),
    });
}
