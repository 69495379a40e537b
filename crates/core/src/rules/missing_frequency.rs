use crate::diagnostic::{Diagnostic, Level, Rule};
use crate::model::SourceType;
use crate::rules::SourceMember;

pub(crate) static RULE: Rule = Rule {
    id: "missing-frequency",
    level: Level::Warning,
    hard: false,
    since: "0.1.0",
    summary: "An API call does not say how often it is made.",
    why: "Audit Manager makes an API call [daily, weekly or monthly](\
          https://docs.aws.amazon.com/audit-manager/latest/userguide/control-data-sources-api.html), as the source \
          says. Without `sourceFrequency` the service decides. AWS does not document how, nor whether it refuses \
          the source; in the plan controlsync compares the frequency only where the file states it.\n\n\
          Say how often the evidence is needed: `DAILY`, `WEEKLY` or `MONTHLY`. A change of it [takes effect at the \
          next midnight UTC](https://docs.aws.amazon.com/audit-manager/latest/userguide/edit-controls.html) in \
          all active assessments.",
};

pub(super) fn check(source: &SourceMember<'_>, found: &mut Vec<Diagnostic>) {
    if source.source_type != Some(SourceType::ApiCall) || source.node.entry("sourceFrequency").is_some() {
        return;
    }
    let message = "the source does not say how often the API call is made";
    let fault = source.finding(&RULE, "sourceType", message);
    found.push(fault.help("add `sourceFrequency: DAILY`, `WEEKLY` or `MONTHLY`"));
}
