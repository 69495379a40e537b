use crate::diagnostic::{Diagnostic, Level, Rule};
use crate::keywords::KeywordMatch;
use crate::keywords::cloudtrail::CloudtrailMatch;
use crate::rules::SourceItem;

pub(crate) static RULE: Rule = Rule {
    id: "unprefixed-cloudtrail-event",
    level: Level::Error,
    hard: false,
    since: "0.1.0",
    summary: "A CloudTrail event does not have the prefix of its service.",
    why: "Events of different services can have the same name, so Audit Manager puts the prefix of the service before \
          the name: [`signin_ConsoleLogin`](\
          https://docs.aws.amazon.com/audit-manager/latest/userguide/control-data-sources-cloudtrail.html), not \
          `ConsoleLogin`. Without the prefix, the keyword [might collect no evidence](\
          https://docs.aws.amazon.com/audit-manager/latest/APIReference/API_SourceKeyword.html), without an error.\n\n\
          Write `service_Event`. In CloudTrail, the `eventSource` of the event shows the service: \
          `signin.amazonaws.com` is `signin`. If only one known service has the event, the fix adds its prefix; the \
          built-in list is not from AWS, so it is a guess. `keywords/AWS_Cloudtrail.txt` in the catalog replaces the \
          list.",
};

pub(super) fn check(source: &SourceItem<'_>, found: &mut Vec<Diagnostic>) {
    let (Some(keyword), Some(KeywordMatch::Cloudtrail(CloudtrailMatch::Unprefixed(candidates)))) =
        (source.keyword, &source.verdict)
    else {
        return;
    };
    if source.has_several() {
        return;
    }
    let message = format!("`{keyword}` does not have the prefix of its service");
    let finding = source.keyword_finding(&RULE, message);
    found.push(match candidates.as_slice() {
        [] => finding.help("write `service_Event`, such as `iam_CreateUser`"),
        [only] => finding.help(format!("did you mean `{only}`?")).fix(source.replace_keyword(only, false)),
        few if few.len() <= MOST_SHOWN => {
            let shown: Vec<String> = few.iter().map(|word| format!("`{word}`")).collect();
            finding.help(format!("write {}", shown.join(" or ")))
        }
        many => finding.help(format!(
            "{} services have an event with this name: write `service_{}`, such as `{}`",
            many.len(),
            keyword.trim(),
            many[0]
        )),
    });
}

const MOST_SHOWN: usize = 5;
