use crate::diagnostic::{Diagnostic, Level, Rule};
use crate::model::ControlRef;
use crate::rules::Parsed;

pub(crate) static RULE: Rule = Rule {
    id: "conflicting-keys",
    level: Level::Error,
    hard: true,
    since: "0.1.0",
    summary: "An object has two keys with the same meaning.",
    why: "`datasources` is the key for data sources in [AWS's sample catalog](\
          https://github.com/aws-samples/enterprise-controls-catalog-via-aws-audit-manager), `controlMappingSources` \
          the key in [the API](https://docs.aws.amazon.com/audit-manager/latest/APIReference/API_CreateControl.html). \
          controlsync reads both as the same key. If a file has both, it is unclear which data sources the control \
          should have.\n\n\
          Merge the data sources under one of the two keys, and remove the other.\n\n\
          Likewise, an item of a control set identifies its control by one of `standard`, `core` and `id`. If it has \
          two of them, it is unclear which one applies. Keep one.",
};

pub(super) fn check(parsed: &Parsed<'_>, found: &mut Vec<Diagnostic>) {
    references(parsed, found);
    let root = &parsed.document.root;
    let (Some(first), Some(_)) = (root.entry("datasources"), root.entry("controlMappingSources")) else { return };
    let message = "`controlMappingSources` and `datasources` are two names for the same key";
    let finding = parsed.finding_at_key(&RULE, "/controlMappingSources", message);
    found.push(finding.related(parsed.file, first.key_span, "the other one").help("keep one of them"));
}

/// Items of control sets that identify their control twice.
fn references(parsed: &Parsed<'_>, found: &mut Vec<Diagnostic>) {
    for (pointer, node) in parsed.references() {
        let mut keys = node.entries().iter().filter(|entry| ControlRef::KEYS.contains(&entry.key.as_str()));
        let (Some(first), Some(second)) = (keys.next(), keys.next()) else { continue };
        let message = format!("`{}` and `{}` both identify the control", first.key, second.key);
        let finding = parsed.finding_at_key(&RULE, &format!("{pointer}/{}", second.key), message);
        found.push(finding.related(parsed.file, first.key_span, "the other one").help("keep one of them"));
    }
}
