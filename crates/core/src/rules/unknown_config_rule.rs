use crate::diagnostic::{Diagnostic, Level, Rule};
use crate::keywords::KeywordMatch;
use crate::keywords::config::{CUSTOM, ConfigMatch, is_identifier};
use crate::keywords::intended;
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
          `Custom_` and the name of a custom rule. If the keyword has a typo, the fix uses the identifier that was \
          probably meant. An identifier may also be newer than the list: `controlsync keywords --refresh` writes \
          the list of your account.\n\n\
          `AWS_CONFIG_PROCESS_CHECK` stands for a manual check in a conformance pack; Audit Manager has the type \
          `MANUAL` for it.\n\n\
          The list is [Audit Manager's](\
          https://docs.aws.amazon.com/audit-manager/latest/userguide/control-data-sources-config.html) of April 2026; \
          `keywords/AWS_Config.txt` in the catalog replaces it.",
};

pub(super) fn check(source: &SourceItem<'_>, found: &mut Vec<Diagnostic>) {
    let (Some(keyword), Some(KeywordMatch::Config(verdict))) = (source.keyword, &source.verdict) else { return };
    if source.has_several() {
        return;
    }
    let message = format!("`{keyword}` is not an AWS Config rule in {}", source.list_in_words());
    let finding = source.keyword_finding(&RULE, message);
    match verdict {
        ConfigMatch::ProcessCheck => {
            let message = format!("`{keyword}` is not a rule: it asks users of a conformance pack for a manual check");
            let help = "use the type `MANUAL` without a keyword";
            found.push(source.keyword_finding(&RULE, message).help(help));
        }
        ConfigMatch::Unknown => {
            let meant = source.list().and_then(|list| intended::config_rule(list, keyword));
            found.push(match meant {
                Some(meant) => {
                    finding.help(format!("did you mean `{meant}`?")).fix(source.replace_keyword(meant, false))
                }
                None if is_identifier(keyword) => finding.help(SourceItem::if_newer()),
                None => finding.help(format!(
                    "use the uppercase identifier of a managed rule, or `{CUSTOM}` and the name of a custom rule"
                )),
            });
        }
        _ => {}
    }
}
