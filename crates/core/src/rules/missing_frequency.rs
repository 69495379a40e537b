use crate::diagnostic::{Diagnostic, Level, Rule};
use crate::rules::SourceItem;
use crate::source_type::Frequency;

pub(crate) static RULE: Rule = Rule {
    id: "missing-frequency",
    level: Level::Warning,
    hard: false,
    since: "0.1.0",
    summary: "A data source for an API call does not set a frequency.",
    why: "Audit Manager makes an API call [daily, weekly or monthly](\
          https://docs.aws.amazon.com/audit-manager/latest/userguide/control-data-sources-api.html), as set in the \
          data source. Without `sourceFrequency`, the service chooses. AWS does not document how, nor whether it \
          rejects the data source; a plan compares the frequency only if the file sets it.\n\n\
          Set how often evidence is collected: `DAILY`, `WEEKLY` or `MONTHLY`. A change [takes effect at the next \
          midnight UTC](https://docs.aws.amazon.com/audit-manager/latest/userguide/edit-controls.html) in all active \
          assessments.",
};

pub(super) fn check(source: &SourceItem<'_>, found: &mut Vec<Diagnostic>) {
    if source.source_type.is_none_or(|of| of.frequency() != Frequency::OfControl)
        || source.node.get("sourceFrequency").is_some_and(|value| !value.is_null())
    {
        return;
    }
    let message = "missing `sourceFrequency` for an API call";
    let finding = source.finding(&RULE, "sourceType", message);
    found.push(
        finding
            .help(format!("add `{}`, `WEEKLY` or `MONTHLY`", source.parsed.source.entry("sourceFrequency", "DAILY"))),
    );
}
