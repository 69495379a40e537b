use crate::diagnostic::{Diagnostic, Level, Rule};
use crate::model::SourceType;
use crate::rules::SourceMember;

pub(crate) static RULE: Rule = Rule {
    id: "mismatched-set-up-option",
    level: Level::Error,
    hard: false,
    since: "0.1.0",
    summary: "The set-up option does not go with the type of the data source.",
    why: "`Procedural_Controls_Mapping` belongs to manual sources, `System_Controls_Mapping` to all others. Audit \
          Manager [infers the option from the type](\
          https://docs.aws.amazon.com/audit-manager/latest/APIReference/API_CreateControlMappingSource.html) where \
          it is missing. AWS does not document what it does with one that contradicts the type.\n\n\
          Leave `sourceSetUpOption` out, or write the one that goes with the type. The fix does the latter; for a \
          manual source it is not a safe one, because the type may be what is wrong.",
};

pub(super) fn check(source: &SourceMember<'_>, found: &mut Vec<Diagnostic>) {
    let (Some(source_type), Some(option)) = (source.source_type, source.text("sourceSetUpOption")) else { return };
    let wanted = source_type.set_up_option();
    let known = SourceType::ALL.iter().any(|of| of.set_up_option() == option);
    if option == wanted || !known {
        return;
    }
    let message = format!("`{option}` does not go with the type `{}`", source_type.name());
    let fault = source.finding(&RULE, "sourceSetUpOption", message);
    let fault = fault.help(format!("write `{wanted}`, or leave it out: it follows from the type"));
    // A manual source that is set up as an automated one may have been meant to be one.
    let safe = source_type != SourceType::Manual;
    found.push(fault.fix(source.replace("sourceSetUpOption", wanted, safe)));
}
