use crate::diagnostic::{Diagnostic, Level, Rule};
use crate::document::Node;
use crate::rules::Parsed;

pub(crate) static RULE: Rule = Rule {
    id: "too-many-controls",
    level: Level::Error,
    hard: false,
    since: "0.1.0",
    summary: "A framework has more controls than Audit Manager allows.",
    why: "A framework that the service rejects fails only when it is applied, after its controls were changed. The \
          limit of 1,400 is not documented: AWS's [page on quotas](\
          https://docs.aws.amazon.com/audit-manager/latest/userguide/service-quotas.html) does not give a number, and \
          the largest AWS framework, NIST SP 800-53 Rev. 5, has [1,007 controls](\
          https://docs.aws.amazon.com/audit-manager/latest/userguide/framework-issues.html). A control in two control \
          sets counts twice.\n\n\
          Split the framework. An assessment uses one framework, so split it the way the assessments should be split. \
          If your account allows more, set the level of this rule in `controlsync.toml`.",
};

/// The maximum number of controls in a framework.
const MOST: usize = 1400;

pub(super) fn check(parsed: &Parsed<'_>, found: &mut Vec<Diagnostic>) {
    let sets = parsed.document.root.get("controlSets").map(Node::items).unwrap_or_default();
    let count: usize = sets.iter().map(|set| set.get("controls").map(Node::items).unwrap_or_default().len()).sum();
    if count > MOST {
        let message = format!("the framework has {count} controls; at most {MOST} are allowed");
        found.push(parsed.finding_at_key(&RULE, "/controlSets", message).help("split the framework"));
    }
}
