use crate::diagnostic::{Diagnostic, Rule, Severity};
use crate::keywords::Verdict;
use crate::keywords::config::Verdict as Config;
use crate::rules::SourceMember;

pub(crate) static RULE: Rule = Rule {
    id: "config-rule-name",
    severity: Severity::Error,
    hard: false,
    since: "0.1.0",
    summary: "A keyword is the name of an AWS Config rule where its identifier is wanted.",
    why: "",
};

pub(super) fn check(source: &SourceMember<'_>, found: &mut Vec<Diagnostic>) {
    let (Some(keyword), Some(Verdict::Config(Config::RuleName(identifier)))) = (source.keyword, &source.verdict) else {
        return;
    };
    let message = format!("`{keyword}` is the name of an AWS Config rule; Audit Manager knows it by its identifier");
    let fault = source.keyword_finding(&RULE, message).help(format!("write `{identifier}`"));
    found.push(fault.fix(source.replace_keyword(identifier, true)));
}
