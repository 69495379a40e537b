use std::collections::BTreeSet;

use crate::diagnostic::{Diagnostic, Level, Rule};
use crate::rules::AllFiles;
use crate::source::FileKind;

pub(crate) static RULE: Rule = Rule {
    id: "unused-control",
    level: Level::Info,
    hard: false,
    since: "0.1.0",
    summary: "A control is not used by any framework of the catalog.",
    why: "A control collects evidence in assessments, and assessments are created from frameworks. A control that no \
          framework uses is created in the account and counts toward [the quota of 500](\
          https://docs.aws.amazon.com/audit-manager/latest/userguide/service-quotas.html), but collects no \
          evidence.\n\n\
          Add it to a control set, or remove its file. controlsync does not know frameworks outside the catalog: if \
          one of them uses the control, ignore the finding and name the framework. A catalog without frameworks, or \
          with one that lists controls by `id`, has no such findings.",
};

pub(super) fn check(all: &AllFiles<'_>, found: &mut Vec<Diagnostic>) {
    let catalog = all.catalog;
    let mut frameworks = all.sources.iter().filter(|(_, source)| source.kind() == FileKind::Framework).peekable();
    // Without frameworks in the catalog, they are managed elsewhere; an invalid one could use any control.
    if frameworks.peek().is_none() || frameworks.any(|(file, _)| catalog.document(file).is_none()) {
        return;
    }
    // Only the account knows which controls IDs refer to.
    if all.references().any(|reference| reference.node.get("id").is_some()) {
        return;
    }
    let used: BTreeSet<&str> = all.references().filter_map(|reference| reference.name()).collect();
    for (name, entry) in catalog.controls.iter().filter(|(name, _)| !used.contains(name.as_str())) {
        let message = format!("no framework of the catalog uses the control `{name}`");
        let finding = all.finding(&RULE, entry.file, "/name", message);
        found.push(finding.help("add it to a control set: it collects evidence only as part of a framework"));
    }
}
