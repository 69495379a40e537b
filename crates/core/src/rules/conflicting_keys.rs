use crate::diagnostic::{Diagnostic, Level, Rule};
use crate::model::ControlRef;
use crate::rules::Parsed;

pub(crate) static RULE: Rule = Rule {
    id: "conflicting-keys",
    level: Level::Error,
    hard: true,
    since: "0.1.0",
    summary: "Two members of an object say the same thing, each in its way.",
    why: "`datasources` is the name that [AWS's sample catalog](\
          https://github.com/aws-samples/enterprise-controls-catalog-via-aws-audit-manager) gives to a control's \
          sources, `controlMappingSources` the one of [the API](\
          https://docs.aws.amazon.com/audit-manager/latest/APIReference/API_CreateControl.html). Both are read, as one \
          member. Where a file has both, nobody can say which sources the control shall have.\n\n\
          Bring the sources together under one of them, and remove the other.\n\n\
          In the same way an item of a control set says with one of `standard`, `core` and `id` which control it is. \
          With two of them nobody can say which one counts. Keep one.",
};

pub(super) fn check(parsed: &Parsed<'_>, found: &mut Vec<Diagnostic>) {
    references(parsed, found);
    let root = &parsed.document.root;
    let (Some(first), Some(_)) = (root.entry("datasources"), root.entry("controlMappingSources")) else { return };
    let message = "`controlMappingSources` and `datasources` are two names of one member";
    let fault = parsed.finding_at_key(&RULE, "/controlMappingSources", message);
    found.push(fault.related(parsed.file, first.key_span, "the other one").help("keep one of them"));
}

/// Items of control sets that say in two ways which control they are.
fn references(parsed: &Parsed<'_>, found: &mut Vec<Diagnostic>) {
    for (pointer, node) in parsed.references() {
        let mut keys = node.entries().iter().filter(|entry| ControlRef::KEYS.contains(&entry.key.as_str()));
        let (Some(first), Some(second)) = (keys.next(), keys.next()) else { continue };
        let message = format!("`{}` and `{}` both say which control this is", first.key, second.key);
        let fault = parsed.finding_at_key(&RULE, &format!("{pointer}/{}", second.key), message);
        found.push(fault.related(parsed.file, first.key_span, "the other one").help("keep one of them"));
    }
}
