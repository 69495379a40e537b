use crate::diagnostic::{Diagnostic, Level, Rule};
use crate::keywords::KeywordMatch;
use crate::keywords::config::{self, CUSTOM, ConfigMatch};
use crate::rules::SourceMember;

pub(crate) static RULE: Rule = Rule {
    id: "unknown-config-rule",
    level: Level::Error,
    hard: false,
    since: "0.1.0",
    summary: "A keyword is no AWS Config rule that Audit Manager knows.",
    why: "The keyword is neither an identifier that Audit Manager lists, nor one that AWS Config has, nor a custom \
          rule. AWS documents that keywords are case sensitive and that a wrong one [might collect no evidence](\
          https://docs.aws.amazon.com/audit-manager/latest/APIReference/API_SourceKeyword.html); nothing reports \
          it.\n\n\
          Write the identifier of a managed rule in capitals, as AWS Config has it in `Source.SourceIdentifier`, or \
          `Custom_` and the name of a custom rule. The fix writes the closest identifier; it is a guess.\n\n\
          The list is [Audit Manager's](\
          https://docs.aws.amazon.com/audit-manager/latest/userguide/control-data-sources-config.html) of April \
          2026; `keywords/AWS_Config.txt` in the catalog replaces it.",
};

pub(super) fn check(source: &SourceMember<'_>, found: &mut Vec<Diagnostic>) {
    let (Some(keyword), Some(KeywordMatch::Config(ConfigMatch::Unknown))) = (source.keyword, &source.verdict) else {
        return;
    };
    if source.holds_several() {
        return;
    }
    let message = format!("`{keyword}` is no AWS Config rule in {}", source.list_in_words());
    let fault = source.keyword_finding(&RULE, message);
    let meant = source.list().and_then(|list| config::closest(list, source.has_own_list(), keyword));
    found.push(match meant {
        Some(meant) => fault.help(format!("did you mean `{meant}`?")).fix(source.replace_keyword(meant, false)),
        None => fault.help(format!(
            "write a managed rule's identifier in capitals, or `{CUSTOM}` and the name of a custom rule"
        )),
    });
}
