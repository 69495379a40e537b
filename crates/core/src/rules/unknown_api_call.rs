use crate::diagnostic::{Diagnostic, Level, Rule};
use crate::keywords::KeywordMatch;
use crate::keywords::api_call::ApiCallMatch;
use crate::keywords::intended;
use crate::rules::SourceItem;
use crate::source_type::SourceType;

pub(crate) static RULE: Rule = Rule {
    id: "unknown-api-call",
    level: Level::Error,
    hard: false,
    since: "0.1.0",
    summary: "A keyword is not an API call that Audit Manager supports.",
    why: "Audit Manager makes only the calls on [a fixed list](\
          https://docs.aws.amazon.com/audit-manager/latest/userguide/control-data-sources-api.html), 108 of them in \
          April 2026. AWS documents that keywords are case sensitive and that an incorrect one [might collect no \
          evidence](https://docs.aws.amazon.com/audit-manager/latest/APIReference/API_SourceKeyword.html), without an \
          error.\n\n\
          Use a call from the list. To collect who does something, use the type `AWS_Cloudtrail` with the event. For \
          anything else, write a custom AWS Config rule, or use a manual data source.\n\n\
          `keywords/AWS_API_Call.txt` in the catalog replaces the built-in list.",
};

pub(super) fn check(source: &SourceItem<'_>, found: &mut Vec<Diagnostic>) {
    let (Some(keyword), Some(KeywordMatch::ApiCall(verdict))) = (source.keyword, &source.verdict) else { return };
    let candidates = match verdict {
        ApiCallMatch::Unknown => &[][..],
        ApiCallMatch::Unprefixed(candidates) => candidates.as_slice(),
        ApiCallMatch::Known | ApiCallMatch::Misspelled(_) => return,
    };
    let Some(list) = source.list().filter(|_| !source.has_several()) else { return };
    let count = list.iter().len();
    let message = format!("`{keyword}` is not one of the {count} API calls in {}", source.list_in_words());
    let finding = source.keyword_finding(&RULE, message);
    let events = source.parsed.keywords.list(SourceType::Cloudtrail);
    found.push(match (intended::action(list, keyword), candidates) {
        (None, []) if events.is_some_and(|events| events.contains(keyword)) => {
            finding.help("it is an event: to collect it when it happens, use the type `AWS_Cloudtrail`")
        }
        (Some(meant), _) | (None, &[meant]) => {
            finding.help(format!("did you mean `{meant}`?")).fix(source.replace_keyword(meant, false))
        }
        (None, []) => finding.help("use a listed call, such as `iam_ListUsers`, or another data source type"),
        (None, several) => {
            let shown: Vec<String> = several.iter().map(|word| format!("`{word}`")).collect();
            finding.help(format!("write {}", shown.join(" or ")))
        }
    });
}
