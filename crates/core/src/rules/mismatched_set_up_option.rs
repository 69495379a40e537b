use crate::diagnostic::{Diagnostic, Rule, Severity};
use crate::model::SourceType;
use crate::rules::SourceMember;

pub(crate) static RULE: Rule = Rule {
    id: "mismatched-set-up-option",
    severity: Severity::Error,
    hard: false,
    since: "0.1.0",
    summary: "The set-up option does not go with the type of the data source.",
    why: "",
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
