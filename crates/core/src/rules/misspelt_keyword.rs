use crate::diagnostic::{Diagnostic, Rule, Severity};
use crate::keywords::Verdict;
use crate::keywords::{api_call, config, security_hub};
use crate::rules::SourceMember;

pub(crate) static RULE: Rule = Rule {
    id: "misspelt-keyword",
    severity: Severity::Error,
    hard: false,
    since: "0.1.0",
    summary: "A keyword differs from the one that is meant in case or punctuation only.",
    why: "",
};

pub(super) fn check(source: &SourceMember<'_>, found: &mut Vec<Diagnostic>) {
    let (Some(keyword), Some(verdict)) = (source.keyword, &source.verdict) else { return };
    let meant = match verdict {
        Verdict::Config(config::Verdict::Misspelt(meant)) => meant.as_ref(),
        Verdict::SecurityHub(security_hub::Verdict::Misspelt(meant))
        | Verdict::ApiCall(api_call::Verdict::Misspelt(meant)) => meant,
        _ => return,
    };
    let message = format!("`{keyword}` is not how Audit Manager writes this keyword");
    let fault = source.keyword_finding(&RULE, message).help(format!("write `{}`", SourceMember::written(meant)));
    found.push(fault.fix(source.replace_keyword(meant, true)));
}
