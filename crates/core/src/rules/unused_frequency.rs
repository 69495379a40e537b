use crate::diagnostic::{Diagnostic, Level, Rule};
use crate::rules::SourceItem;
use crate::source_type::Frequency;

pub(crate) static RULE: Rule = Rule {
    id: "unused-frequency",
    level: Level::Warning,
    hard: false,
    since: "0.1.0",
    summary: "A data source that is not an API call has a frequency.",
    why: "Only AWS API calls have [a frequency](\
          https://docs.aws.amazon.com/audit-manager/latest/userguide/change-evidence-collection-frequency.html). AWS \
          Config evidence is collected when a rule is evaluated, Security Hub evidence on its own schedule, and \
          CloudTrail evidence when an event happens. A frequency on such a data source is misleading; AWS does not \
          document whether the service rejects it.\n\n\
          Remove the line. The fix does that.",
};

pub(super) fn check(source: &SourceItem<'_>, found: &mut Vec<Diagnostic>) {
    let Some(source_type) = source.source_type else { return };
    let Frequency::Fixed(when) = source_type.frequency() else { return };
    if source.text("sourceFrequency").is_none() {
        return;
    }
    let message = format!("`sourceFrequency` has no effect: `{}` collects evidence {when}", source_type.name());
    let finding = source.finding(&RULE, "sourceFrequency", message).help("remove the line");
    found.push(finding.fix(source.remove("", "sourceFrequency", true)));
}
