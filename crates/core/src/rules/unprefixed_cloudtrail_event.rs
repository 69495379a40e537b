use crate::diagnostic::{Diagnostic, Level, Rule};
use crate::keywords::KeywordMatch;
use crate::keywords::cloudtrail::CloudtrailMatch;
use crate::rules::SourceMember;

pub(crate) static RULE: Rule = Rule {
    id: "unprefixed-cloudtrail-event",
    level: Level::Error,
    hard: false,
    since: "0.1.0",
    summary: "A CloudTrail event lacks the prefix of its service.",
    why: "Events of different services bear the same name, so Audit Manager writes the prefix of the service before \
          it: [`signin_ConsoleLogin`](\
          https://docs.aws.amazon.com/audit-manager/latest/userguide/control-data-sources-cloudtrail.html), not \
          `ConsoleLogin`. Without it the keyword [might collect no evidence](\
          https://docs.aws.amazon.com/audit-manager/latest/APIReference/API_SourceKeyword.html), and nothing \
          reports it.\n\n\
          Write `service_Event`. In CloudTrail the `eventSource` of the event tells the service: \
          `signin.amazonaws.com` is `signin`. Where only one known service has such an event, the fix writes it; \
          the built-in list is not AWS's, so it is a guess. `keywords/AWS_Cloudtrail.txt` in the catalog replaces \
          the list.",
};

pub(super) fn check(source: &SourceMember<'_>, found: &mut Vec<Diagnostic>) {
    let (Some(keyword), Some(KeywordMatch::Cloudtrail(CloudtrailMatch::Unprefixed(candidates)))) =
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
        few if few.len() <= MOST_SHOWN => {
            let shown: Vec<String> = few.iter().map(|word| format!("`{word}`")).collect();
            fault.help(format!("write {}", shown.join(" or ")))
        }
        many => fault.help(format!(
            "{} services have an event of that name: write `service_{}`, such as `{}`",
            many.len(),
            keyword.trim(),
            many[0]
        )),
    });
}

const MOST_SHOWN: usize = 5;
