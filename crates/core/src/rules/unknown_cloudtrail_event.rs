use crate::diagnostic::{Diagnostic, Level, Rule};
use crate::keywords::KeywordMatch;
use crate::keywords::cloudtrail::{self, CloudtrailMatch};
use crate::rules::SourceMember;

pub(crate) static RULE: Rule = Rule {
    id: "unknown-cloudtrail-event",
    level: Level::Warning,
    hard: false,
    since: "0.1.0",
    summary: "A keyword is no CloudTrail event that is known.",
    why: "AWS documents that keywords are case sensitive and that a wrong one [might collect no evidence](\
          https://docs.aws.amazon.com/audit-manager/latest/APIReference/API_SourceKeyword.html). Audit Manager \
          writes an event as the prefix of its service, an underscore and the name: [`cloudtrail_StartLogging`](\
          https://docs.aws.amazon.com/audit-manager/latest/userguide/control-data-sources-cloudtrail.html). It \
          collects management events and events of global services, but no data and no Insights events.\n\n\
          AWS prints no list of the events. The built-in one is derived from the IAM actions that write, tag or \
          manage permissions; it has events that Audit Manager never collects and lacks some that it does. So this \
          is a warning: compare the keyword with the `eventSource` and `eventName` of such an event in CloudTrail.\n\n\
          `keywords/AWS_Cloudtrail.txt` in the catalog replaces the list. In an account with Audit Manager, \
          `controlsync keywords --refresh` writes its own.",
};

pub(super) fn check(source: &SourceMember<'_>, found: &mut Vec<Diagnostic>) {
    let (Some(keyword), Some(KeywordMatch::Cloudtrail(verdict))) = (source.keyword, &source.verdict) else { return };
    let Some(list) = source.list().filter(|_| !source.holds_several()) else { return };
    let meant = match verdict {
        CloudtrailMatch::Misspelled(meant) => Some(*meant),
        CloudtrailMatch::Unknown => cloudtrail::closest(list, keyword),
        _ => return,
    };
    let message = format!("`{keyword}` is not in {}", source.list_in_words());
    let fault = source.keyword_finding(&RULE, message);
    found.push(match meant {
        Some(meant) => fault.help(format!("did you mean `{meant}`?")).fix(source.replace_keyword(meant, false)),
        None if cloudtrail::is_derived(list) => fault.help(
            "AWS prints no list of these events; compare it with the event's eventSource and eventName in CloudTrail",
        ),
        None => fault.help("choose an event of the list"),
    });
}
