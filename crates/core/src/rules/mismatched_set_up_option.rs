use crate::diagnostic::{Diagnostic, Level, Rule};
use crate::rules::SourceItem;
use crate::source_type::SourceType;

pub(crate) static RULE: Rule = Rule {
    id: "mismatched-set-up-option",
    level: Level::Error,
    hard: false,
    since: "0.1.0",
    summary: "The set-up option does not match the type of its data source.",
    why: "`Procedural_Controls_Mapping` belongs to manual data sources, `System_Controls_Mapping` to all others. If \
          the option is missing, Audit Manager [infers it from the type](\
          https://docs.aws.amazon.com/audit-manager/latest/APIReference/API_CreateControlMappingSource.html). AWS does \
          not document what happens if the option contradicts the type.\n\n\
          Leave `sourceSetUpOption` out, or use the one that matches the type. The fix does the latter; for a manual \
          data source it is not a safe fix, because the type may be wrong.",
};

pub(super) fn check(source: &SourceItem<'_>, found: &mut Vec<Diagnostic>) {
    let (Some(source_type), Some(option)) = (source.source_type, source.text("sourceSetUpOption")) else { return };
    let wanted = source_type.set_up_option();
    let known = SourceType::ALL.iter().any(|of| of.set_up_option() == option);
    if option == wanted || !known {
        return;
    }
    let message = format!("`{option}` does not match the type `{}`", source_type.name());
    let finding = source.finding(&RULE, "sourceSetUpOption", message);
    let finding = finding.help(format!("use `{wanted}`, or leave it out: the service infers it from the type"));
    // A manual source with the option of an automated one may be intended to be automated.
    let safe = !source_type.is_manual();
    found.push(finding.fix(source.replace("sourceSetUpOption", wanted, safe)));
}
