use crate::diagnostic::{Diagnostic, Level, Rule};
use crate::keywords::KeywordMatch;
use crate::keywords::config::ConfigMatch;
use crate::rules::SourceMember;

pub(crate) static RULE: Rule = Rule {
    id: "malformed-custom-rule",
    level: Level::Error,
    hard: false,
    since: "0.1.0",
    summary: "A keyword names a custom AWS Config rule in a form that Audit Manager does not know.",
    why: "Audit Manager knows a custom AWS Config rule as `Custom_` and the name of the rule, with a capital C and \
          an underscore: [`Custom_my-custom-config-rule`](\
          https://docs.aws.amazon.com/audit-manager/latest/APIReference/API_SourceKeyword.html). In any other form \
          the keyword might collect no evidence, and nothing reports it.\n\n\
          Write `Custom_` and the name, exactly as AWS Config shows it. The rule must exist in each account in \
          scope; Audit Manager makes none. No list has the names of custom rules, so controlsync cannot tell \
          whether the rule exists.",
};

pub(super) fn check(source: &SourceMember<'_>, found: &mut Vec<Diagnostic>) {
    let (Some(keyword), Some(KeywordMatch::Config(verdict))) = (source.keyword, &source.verdict) else { return };
    let fault = |message| source.keyword_finding(&RULE, message);
    match verdict {
        ConfigMatch::MisspeltCustom(meant) => {
            let message = format!("`{keyword}` is not how Audit Manager names a custom rule");
            found.push(fault(message).help(format!("write `{meant}`")).fix(source.replace_keyword(meant, true)));
        }
        ConfigMatch::NamelessCustom => {
            let message = format!("`{keyword}` names no custom rule");
            found.push(fault(message).help("write `Custom_` and the name of the rule"));
        }
        _ => {}
    }
}
