use crate::diagnostic::{Diagnostic, Rule, Severity};
use crate::keywords::Verdict;
use crate::keywords::config::Verdict as Config;
use crate::rules::SourceMember;

pub(crate) static RULE: Rule = Rule {
    id: "unlisted-config-rule",
    severity: Severity::Warning,
    hard: false,
    since: "0.1.0",
    summary: "AWS Config has the rule, but Audit Manager does not list it.",
    why: "",
};

pub(super) fn check(source: &SourceMember<'_>, found: &mut Vec<Diagnostic>) {
    let (Some(keyword), Some(Verdict::Config(Config::Unlisted))) = (source.keyword, &source.verdict) else { return };
    let message = format!("AWS Config has a rule `{keyword}`, but {} lacks it", source.list_in_words());
    let help = "Audit Manager most likely collects no evidence for it; choose a listed rule, or wrap the check in a \
                custom rule and write `Custom_` and its name";
    found.push(source.keyword_finding(&RULE, message).help(help));
}
