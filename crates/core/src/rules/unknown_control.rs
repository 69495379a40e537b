use std::collections::BTreeMap;

use crate::catalog::MAX_SUGGESTIONS;
use crate::diagnostic::{Diagnostic, Level, Rule};
use crate::rules::Whole;
use crate::suggest::Known;

pub(crate) static RULE: Rule = Rule {
    id: "unknown-control",
    level: Level::Warning,
    hard: false,
    since: "0.1.0",
    summary: "A framework names a control that the catalog does not define.",
    why: "A framework lists controls by name, and controlsync looks up [the ids that the service wants](\
          https://docs.aws.amazon.com/audit-manager/latest/APIReference/API_CreateAssessmentFrameworkControl.html). \
          The catalog defines no control of this name. The name may be misspelt or the control's file may be \
          missing; or the control is a custom one that only the account holds. `lint` cannot know the account, so this \
          is a warning.\n\n\
          Mend the name, or add the control below `controls/`. Where the account is to have the control, leave the \
          line and ignore the finding: `plan` looks for it, and stops at the framework where the account lacks it too \
          (`missing-control`).\n\n\
          Catalogs that define all their controls do well to make it an error under `[lint.rules]`.",
};

pub(super) fn check(whole: &Whole<'_>, found: &mut Vec<Diagnostic>) {
    let catalog = whole.catalog;
    let known = catalog.controls.keys().chain(&catalog.unusable_controls);
    let mut known = Known::new(known.map(String::as_str), MAX_SUGGESTIONS);
    let mut suggestions: BTreeMap<&str, Option<&str>> = BTreeMap::new();
    for reference in whole.references() {
        let Some(name) = reference.name().filter(|name| !catalog.defines_control(name)) else { continue };
        let meant = *suggestions.entry(name).or_insert_with(|| known.closest(name));
        let elsewhere = "a custom control that only the account holds is found when planning";
        let help = meant.map_or_else(
            || format!("define it under `controls/`; {elsewhere}"),
            |meant| format!("did you mean `{meant}`?"),
        );
        let pointer = reference.pointer();
        let message = format!("the catalog defines no control named `{name}`");
        // `AC-3` is as good a name as `AC-2`, which may be all that the catalog has.
        let misspelt = meant.filter(|meant| digits(meant).eq(digits(name)));
        let fix = misspelt.and_then(|meant| whole.editor(reference.file)?.replace_text(&pointer, meant, false));
        found.push(whole.finding(&RULE, reference.file, &pointer, message).help(help).fix(fix));
    }
}

fn digits(name: &str) -> impl Iterator<Item = char> {
    name.chars().filter(char::is_ascii_digit)
}
