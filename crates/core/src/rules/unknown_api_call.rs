use crate::diagnostic::{Diagnostic, Rule, Severity};
use crate::keywords::Verdict;
use crate::keywords::api_call::{self, Verdict as ApiCall};
use crate::model::SourceType;
use crate::rules::SourceMember;

pub(crate) static RULE: Rule = Rule {
    id: "unknown-api-call",
    severity: Severity::Error,
    hard: false,
    since: "0.1.0",
    summary: "A keyword is no API call that Audit Manager makes.",
    why: "",
};

pub(super) fn check(source: &SourceMember<'_>, found: &mut Vec<Diagnostic>) {
    let (Some(keyword), Some(Verdict::ApiCall(ApiCall::Unknown))) = (source.keyword, &source.verdict) else { return };
    let Some(list) = source.list().filter(|_| !source.holds_several()) else { return };
    let count = list.iter().len();
    let message = format!("`{keyword}` is none of the {count} API calls in {}", source.list_in_words());
    let fault = source.keyword_finding(&RULE, message);
    let events = source.parsed.keywords.list(SourceType::Cloudtrail);
    found.push(match api_call::closest(list, keyword) {
        _ if events.is_some_and(|events| events.contains(keyword)) => {
            fault.help("it is an event: to collect it when it happens, use the source type `AWS_Cloudtrail`")
        }
        Some(meant) => fault.help(format!("did you mean `{meant}`?")).fix(source.replace_keyword(meant, false)),
        None => fault.help("choose a listed call, such as `iam_ListUsers`, or another type of source"),
    });
}
