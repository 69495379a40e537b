use crate::diagnostic::{Diagnostic, Rule, Severity};
use crate::keywords::Verdict;
use crate::keywords::config::Verdict as Config;
use crate::rules::SourceMember;

pub(crate) static RULE: Rule = Rule {
    id: "generated-rule-name",
    severity: Severity::Warning,
    hard: false,
    since: "0.1.0",
    summary: "A custom AWS Config rule is named with the random id that AWS has appended.",
    why: "",
};

pub(super) fn check(source: &SourceMember<'_>, found: &mut Vec<Diagnostic>) {
    let (Some(keyword), Some(Verdict::Config(Config::GeneratedName(who, name)))) = (source.keyword, &source.verdict)
    else {
        return;
    };
    let message = format!("`{keyword}` ends in the random id that {who} gives its rules");
    let fault = source.keyword_finding(&RULE, message).help(format!("leave the id out: `{name}`"));
    // The id of a conformance pack has a form of its own; that of an organization rule could be a word.
    found.push(fault.fix(source.replace_keyword(name, name.ends_with("-conformance-pack"))));
}
