use crate::diagnostic::{Diagnostic, Level, Rule};
use crate::rules::AllFiles;
use crate::suggest::closest;

pub(crate) static RULE: Rule = Rule {
    id: "missing-guard-rule",
    level: Level::Error,
    hard: false,
    since: "0.1.0",
    summary: "`customRule` names a file that the catalog does not have.",
    why: "The rule in the language of AWS CloudFormation Guard is a file of the catalog, below `rules/`. A conformance pack contains its \
          text, so without the file there is nothing to deploy.\n\n\
          Add the file, or correct the path. It is relative to the root directory of the catalog and ends in `.guard`.",
};

pub(super) fn check(all: &AllFiles<'_>, found: &mut Vec<Diagnostic>) {
    for (file, pointer, path) in all.guard_paths() {
        if all.catalog.guard_rules.contains(path) || !path.starts_with("rules/") {
            continue;
        }
        let meant = closest(path, all.catalog.guard_rules.iter().map(String::as_str));
        let help = meant
            .map_or_else(|| "add the file, or correct the path".to_owned(), |meant| format!("did you mean `{meant}`?"));
        let fix = meant.and_then(|meant| all.editor(file)?.replace_string(&pointer, meant, false));
        let message = format!("the catalog has no file `{path}`");
        found.push(all.finding(&RULE, file, &pointer, message).help(help).fix(fix));
    }
}
