use crate::diagnostic::{Diagnostic, Level, Rule};
use crate::model::SourceType;
use crate::rules::SourceMember;

pub(crate) static RULE: Rule = Rule {
    id: "unused-frequency",
    level: Level::Warning,
    hard: false,
    since: "0.1.0",
    summary: "A data source that is no API call has a frequency.",
    why: "Only AWS API calls have [a frequency](\
          https://docs.aws.amazon.com/audit-manager/latest/userguide/change-evidence-collection-frequency.html). \
          Evidence of AWS Config comes when a rule is evaluated, that of Security Hub on its own schedule, that of \
          CloudTrail when an event happens. A frequency there promises what nobody keeps; AWS does not document \
          whether the service refuses it.\n\n\
          Remove the line. The fix does that.",
};

pub(super) fn check(source: &SourceMember<'_>, found: &mut Vec<Diagnostic>) {
    let Some(source_type) = source.source_type.filter(|of| *of != SourceType::ApiCall) else { return };
    if source.text("sourceFrequency").is_none() {
        return;
    }
    let when = match source_type {
        SourceType::Config => "when the rule is evaluated",
        SourceType::SecurityHub => "on the schedule of Security Hub",
        SourceType::Cloudtrail => "when the event happens",
        SourceType::Manual => "when people add it",
        _ => "as the sources behind it do",
    };
    let message = format!("`sourceFrequency` says nothing here: `{}` collects evidence {when}", source_type.name());
    let fault = source.finding(&RULE, "sourceFrequency", message).help("remove the line");
    found.push(fault.fix(source.remove("", "sourceFrequency", true)));
}
