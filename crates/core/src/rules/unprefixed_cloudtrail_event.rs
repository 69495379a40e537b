use crate::diagnostic::{Diagnostic, Rule, Severity};
use crate::keywords::Verdict;
use crate::keywords::cloudtrail::Verdict as Cloudtrail;
use crate::rules::SourceMember;

pub(crate) static RULE: Rule = Rule {
    id: "unprefixed-cloudtrail-event",
    severity: Severity::Error,
    hard: false,
    since: "0.1.0",
    summary: "A CloudTrail event lacks the prefix of its service.",
    why: "",
};

pub(super) fn check(source: &SourceMember<'_>, found: &mut Vec<Diagnostic>) {
    let (Some(keyword), Some(Verdict::Cloudtrail(Cloudtrail::Unprefixed(candidates)))) =
        (source.keyword, &source.verdict)
    else {
        return;
    };
    if source.holds_several() {
        return;
    }
    let message = format!("`{keyword}` lacks the prefix of its service");
    let fault = source.keyword_finding(&RULE, message);
    found.push(match candidates.as_slice() {
        [] => fault.help("write `service_Event`, such as `iam_CreateUser`"),
        [only] => fault.help(format!("did you mean `{only}`?")).fix(source.replace_keyword(only, false)),
        several => {
            let shown: Vec<String> = several.iter().take(MOST_SHOWN).map(|word| format!("`{word}`")).collect();
            let more = several.len().saturating_sub(MOST_SHOWN);
            let more = if more > 0 { format!(" and {more} more") } else { String::new() };
            fault.help(format!("it could be {}{more}", shown.join(", ")))
        }
    });
}

const MOST_SHOWN: usize = 5;
