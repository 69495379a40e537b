use crate::diagnostic::{Diagnostic, Rule, Severity};
use crate::keywords::Verdict;
use crate::keywords::config::{self, CUSTOM, Verdict as Config};
use crate::rules::SourceMember;

pub(crate) static RULE: Rule = Rule {
    id: "unknown-config-rule",
    severity: Severity::Error,
    hard: false,
    since: "0.1.0",
    summary: "A keyword is no AWS Config rule that Audit Manager knows.",
    why: "",
};

pub(super) fn check(source: &SourceMember<'_>, found: &mut Vec<Diagnostic>) {
    let (Some(keyword), Some(Verdict::Config(Config::Unknown))) = (source.keyword, &source.verdict) else { return };
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
