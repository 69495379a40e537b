use std::collections::BTreeSet;

use crate::diagnostic::{Diagnostic, Level, Rule};
use crate::rules::AllFiles;
use crate::schema::is_spelling;
use crate::suggest::closest;

pub(crate) static RULE: Rule = Rule {
    id: "unused-exception",
    level: Level::Warning,
    hard: false,
    since: "0.1.0",
    summary: "An exception is for a check that no control uses.",
    why: "An exception names the check whose result does not count: the keyword of a data source of type `AWS_Config` or \
          `AWS_Security_Hub`. If no control of the catalog has a data source with it, the exception has no effect: the \
          check may be misspelled, or its control was removed.\n\n\
          Correct the check, or remove the file.",
};

pub(super) fn check(all: &AllFiles<'_>, found: &mut Vec<Diagnostic>) {
    if all.catalog.exceptions.is_empty() {
        return;
    }
    let used: BTreeSet<&str> = all.checks().collect();
    // A file that is checked on its own.
    if used.is_empty() {
        return;
    }
    for entry in &all.catalog.exceptions {
        let check = entry.value.check.as_str();
        if used.contains(check) {
            continue;
        }
        let meant = closest(check, used.iter().copied()).filter(|meant| is_spelling(check, meant));
        let help = meant.map_or_else(
            || "write the keyword of a data source, or remove the file".to_owned(),
            |meant| format!("did you mean `{meant}`?"),
        );
        let fix = meant.and_then(|meant| all.editor(entry.file)?.replace_string("/check", meant, false));
        let message = format!("no control uses the check `{check}`");
        found.push(all.finding(&RULE, entry.file, "/check", message).help(help).fix(fix));
    }
}
