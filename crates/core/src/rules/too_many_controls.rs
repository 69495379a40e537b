use crate::diagnostic::{Diagnostic, Level, Rule};
use crate::document::Node;
use crate::quotas::CONTROLS_PER_FRAMEWORK;
use crate::rules::Parsed;

pub(crate) static RULE: Rule = Rule {
    id: "too-many-controls",
    level: Level::Warning,
    hard: false,
    since: "0.1.0",
    summary: "A framework has more controls than Audit Manager allows.",
    why: "A framework that the service rejects fails only when it is applied, after its controls were changed. The \
          quota of 1,400 is not documented: AWS's [page on quotas](\
          https://docs.aws.amazon.com/audit-manager/latest/userguide/service-quotas.html) does not give a number, and \
          the largest AWS framework, NIST SP 800-53 Rev. 5, has [1,007 controls](\
          https://docs.aws.amazon.com/audit-manager/latest/userguide/framework-issues.html). A control in two control \
          sets counts twice.\n\n\
          Split the framework. An assessment uses one framework, so split it the way the assessments should be split. \
          If AWS has raised your quota (L-724DD74D in Service Quotas), set `controls_per_framework` under `[quotas]` in \
          `controlsync.toml`.",
};

pub(super) fn check(parsed: &Parsed<'_>, found: &mut Vec<Diagnostic>) {
    let sets = parsed.document.root.get("controlSets").map(Node::items).unwrap_or_default();
    let count: usize = sets.iter().map(|set| set.get("controls").map(Node::items).unwrap_or_default().len()).sum();
    let quota = parsed.quotas.of(&CONTROLS_PER_FRAMEWORK);
    if count > quota {
        let message = format!("the framework has {count} controls; an account can have {quota} in a framework");
        let help = format!(
            "split the framework or, if AWS has raised your quota, set `{}` under `[quotas]` in controlsync.toml",
            CONTROLS_PER_FRAMEWORK.key
        );
        found.push(parsed.finding_at_key(&RULE, "/controlSets", message).help(help));
    }
}
