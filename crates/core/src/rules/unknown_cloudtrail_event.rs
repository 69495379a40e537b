use crate::diagnostic::{Diagnostic, Level, Rule};
use crate::keywords::KeywordMatch;
use crate::keywords::cloudtrail::{self, CloudtrailMatch};
use crate::keywords::intended;
use crate::rules::SourceItem;

pub(crate) static RULE: Rule = Rule {
    id: "unknown-cloudtrail-event",
    level: Level::Warning,
    hard: false,
    since: "0.1.0",
    summary: "A keyword is not a known CloudTrail event.",
    why: "AWS documents that keywords are case sensitive and that an incorrect one [might collect no evidence](\
          https://docs.aws.amazon.com/audit-manager/latest/APIReference/API_SourceKeyword.html), without an error. \
          Audit Manager writes an event as the prefix of its service, an underscore and the name: \
          [`cloudtrail_StartLogging`](\
          https://docs.aws.amazon.com/audit-manager/latest/userguide/control-data-sources-cloudtrail.html). It \
          collects management events and events of global services, but neither data events nor Insights events.\n\n\
          AWS does not publish a list of the events. The built-in one is derived from the IAM actions that write, tag \
          or manage permissions, and from the operations of the APIs; it contains events that Audit Manager never \
          collects, and lacks some that it does. The name of an event can differ from both. \
          This rule is therefore a warning: compare the keyword with the `eventSource` and `eventName` of such an \
          event in CloudTrail.\n\n\
          `keywords/AWS_Cloudtrail.txt` in the catalog replaces the list. In an account with Audit Manager, \
          `controlsync keywords --refresh` writes the account's list.",
};

pub(super) fn check(source: &SourceItem<'_>, found: &mut Vec<Diagnostic>) {
    let (Some(keyword), Some(KeywordMatch::Cloudtrail(verdict))) = (source.keyword, &source.verdict) else { return };
    let Some(list) = source.list().filter(|_| !source.has_several()) else { return };
    let meant = match verdict {
        CloudtrailMatch::Misspelled(meant) => Some(*meant),
        CloudtrailMatch::Unknown => intended::action(list, keyword),
        _ => return,
    };
    let message = format!("`{keyword}` is not in {}", source.list_in_words());
    let finding = source.keyword_finding(&RULE, message);
    found.push(match meant {
        Some(meant) => finding.help(format!("did you mean `{meant}`?")).fix(source.replace_keyword(meant, false)),
        None if cloudtrail::is_derived(list) => finding.help(
            "AWS publishes no list of events: compare it with the event's eventSource and eventName in CloudTrail",
        ),
        None => finding.help("use an event from the list"),
    });
}
