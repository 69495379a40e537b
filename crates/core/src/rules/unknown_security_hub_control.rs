use crate::diagnostic::{Diagnostic, Rule, Severity};
use crate::keywords::Verdict;
use crate::keywords::security_hub::{self, Verdict as Hub};
use crate::rules::SourceMember;

pub(crate) static RULE: Rule = Rule {
    id: "unknown-security-hub-control",
    severity: Severity::Error,
    hard: false,
    since: "0.1.0",
    summary: "A keyword is no Security Hub control that Audit Manager knows.",
    why: "",
};

pub(super) fn check(source: &SourceMember<'_>, found: &mut Vec<Diagnostic>) {
    let (Some(keyword), Some(Verdict::SecurityHub(Hub::Unknown))) = (source.keyword, &source.verdict) else { return };
    let Some(list) = source.list().filter(|_| !source.holds_several()) else { return };
    let message = format!("`{keyword}` is no Security Hub control in {}", source.list_in_words());
    let fault = source.keyword_finding(&RULE, message);
    found.push(match (security_hub::closest(list, keyword), security_hub::of_service(list, keyword)) {
        (Some(meant), _) => fault.help(format!("did you mean `{meant}`?")).fix(source.replace_keyword(meant, false)),
        (None, ids) if !ids.is_empty() => fault.help(format!("listed for that service: {}", ids.join(", "))),
        _ => fault.help("write the id of a standard's control: `1.2` (CIS), `PCI.IAM.1` (PCI DSS) or `IAM.1` (FSBP)"),
    });
}
