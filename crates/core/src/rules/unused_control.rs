use std::collections::BTreeSet;

use crate::diagnostic::{Diagnostic, Level, Rule};
use crate::rules::Whole;
use crate::source::FileKind;

pub(crate) static RULE: Rule = Rule {
    id: "unused-control",
    level: Level::Info,
    hard: false,
    since: "0.1.0",
    summary: "A control is in no framework of the catalog.",
    why: "A control collects evidence in assessments, and these are made from frameworks. One that is in no \
          framework is made in the account, counts towards [its quota of 500](\
          https://docs.aws.amazon.com/audit-manager/latest/userguide/service-quotas.html), and collects nothing.\n\n\
          Add it to a control set, or remove its file. Frameworks outside the catalog are not known here: where \
          one of them has the control, ignore the finding and say which. A catalog without any framework, or with \
          one that has controls by `id`, has no such findings.",
};

pub(super) fn check(whole: &Whole<'_>, found: &mut Vec<Diagnostic>) {
    let catalog = whole.catalog;
    let mut frameworks = whole.sources.iter().filter(|(_, source)| source.kind() == FileKind::Framework).peekable();
    // A catalog without frameworks leaves them to somebody else; what one uses that cannot be read is not known.
    if frameworks.peek().is_none() || frameworks.any(|(file, _)| catalog.document(file).is_none()) {
        return;
    }
    // Which controls are meant by their ids, only the account knows.
    if whole.references().any(|reference| reference.node.get("id").is_some()) {
        return;
    }
    let used: BTreeSet<&str> = whole.references().filter_map(|reference| reference.name()).collect();
    for (name, entry) in catalog.controls.iter().filter(|(name, _)| !used.contains(name.as_str())) {
        let message = format!("no framework of the catalog uses the control `{name}`");
        let fault = whole.finding(&RULE, entry.file, "/name", message);
        found.push(fault.help("add it to a control set: on its own it collects no evidence"));
    }
}
