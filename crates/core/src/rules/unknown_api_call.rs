use crate::diagnostic::{Diagnostic, Level, Rule};
use crate::keywords::KeywordMatch;
use crate::keywords::api_call::{self, ApiCallMatch};
use crate::model::SourceType;
use crate::rules::SourceMember;

pub(crate) static RULE: Rule = Rule {
    id: "unknown-api-call",
    level: Level::Error,
    hard: false,
    since: "0.1.0",
    summary: "A keyword is no API call that Audit Manager makes.",
    why: "Audit Manager makes only the calls of [a closed list](\
          https://docs.aws.amazon.com/audit-manager/latest/userguide/control-data-sources-api.html), 108 of them in \
          April 2026. AWS documents that keywords are case sensitive and that a wrong one [might collect no \
          evidence](https://docs.aws.amazon.com/audit-manager/latest/APIReference/API_SourceKeyword.html); \
          nothing reports it.\n\n\
          Choose a call of the list. To collect who does something, use the type `AWS_Cloudtrail` with the event. \
          For everything else write a custom AWS Config rule, or a manual source.\n\n\
          `keywords/AWS_API_Call.txt` in the catalog replaces the built-in list.",
};

pub(super) fn check(source: &SourceMember<'_>, found: &mut Vec<Diagnostic>) {
    let (Some(keyword), Some(KeywordMatch::ApiCall(ApiCallMatch::Unknown))) = (source.keyword, &source.verdict) else {
        return;
    };
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
