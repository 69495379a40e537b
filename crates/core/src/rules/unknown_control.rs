use std::collections::BTreeMap;

use crate::catalog::MAX_SUGGESTIONS;
use crate::diagnostic::{Diagnostic, Level, Rule};
use crate::identifiers::control_id;
use crate::rules::AllFiles;
use crate::suggest::Known;

pub(crate) static RULE: Rule = Rule {
    id: "unknown-control",
    level: Level::Warning,
    hard: false,
    since: "0.1.0",
    summary: "A framework uses a control that the catalog does not define.",
    why: "A framework lists controls by name, and controlsync looks up [the IDs that the service requires](\
          https://docs.aws.amazon.com/audit-manager/latest/APIReference/API_CreateAssessmentFrameworkControl.html). \
          The catalog does not define a control with this name. The name may be misspelled, the file of the control \
          may be missing, or it is a custom control that only the account has. `lint` does not read the account, so \
          this is a warning.\n\n\
          Fix the name, or add the control under `controls/`. If the control should come from the account, keep the \
          line and ignore the finding: `plan` looks it up, and reports `missing-control` if the account does not have \
          it either.\n\n\
          If your catalog defines all of its controls, set this rule to `error` in `[lint.rules]`.",
};

pub(super) fn check(all: &AllFiles<'_>, found: &mut Vec<Diagnostic>) {
    let catalog = all.catalog;
    let known = catalog.controls.keys().chain(&catalog.unusable_controls);
    let mut known = Known::new(known.map(String::as_str), MAX_SUGGESTIONS);
    let mut suggestions: BTreeMap<&str, Option<&str>> = BTreeMap::new();
    for reference in all.references() {
        let Some(name) = reference.name().filter(|name| !catalog.defines_control(name)) else { continue };
        // `control-id-as-name` reports it.
        if control_id(name).is_some() {
            continue;
        }
        let meant = *suggestions.entry(name).or_insert_with(|| known.closest(name));
        let elsewhere = "`plan` looks up custom controls that only the account has";
        let help = meant.map_or_else(
            || format!("define it under `controls/`; {elsewhere}"),
            |meant| format!("did you mean `{meant}`?"),
        );
        let pointer = reference.pointer();
        let message = format!("the catalog does not define a control named `{name}`");
        let fix = meant.and_then(|meant| all.editor(reference.file)?.replace_string(&pointer, meant, false));
        found.push(all.finding(&RULE, reference.file, &pointer, message).help(help).fix(fix));
    }
}
