use crate::diagnostic::{Diagnostic, Level, Rule};
use crate::keywords::KeywordMatch;
use crate::keywords::config::ConfigMatch;
use crate::rules::SourceItem;

pub(crate) static RULE: Rule = Rule {
    id: "malformed-custom-rule",
    level: Level::Error,
    hard: false,
    since: "0.1.0",
    summary: "The keyword of a custom AWS Config rule does not have the required format.",
    why: "Audit Manager expects a custom AWS Config rule as `Custom_` and the name of the rule, with a capital C and \
          an underscore: [`Custom_my-custom-config-rule`](\
          https://docs.aws.amazon.com/audit-manager/latest/APIReference/API_SourceKeyword.html). In any other format \
          the keyword might collect no evidence, without an error.\n\n\
          Write `Custom_` and the name, exactly as AWS Config shows it. The rule must exist in each account in scope; \
          Audit Manager does not create it. The names of custom rules are not in any list, so controlsync cannot check \
          whether the rule exists.",
};

pub(super) fn check(source: &SourceItem<'_>, found: &mut Vec<Diagnostic>) {
    let (Some(keyword), Some(KeywordMatch::Config(verdict))) = (source.keyword, &source.verdict) else { return };
    let finding = |message| source.keyword_finding(&RULE, message);
    match verdict {
        ConfigMatch::MisspelledCustom(meant) => {
            let message = format!("`{keyword}` is not a valid keyword for a custom rule");
            found.push(finding(message).help(format!("use `{meant}`")).fix(source.replace_keyword(meant, true)));
        }
        ConfigMatch::NamelessCustom => {
            let message = format!("`{keyword}` does not contain the name of a custom rule");
            found.push(finding(message).help("write `Custom_` and the name of the rule"));
        }
        _ => {}
    }
}
