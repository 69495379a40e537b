use crate::diagnostic::{Diagnostic, Rule, Severity};
use crate::rules::Parsed;

pub(crate) static RULE: Rule = Rule {
    id: "conflicting-keys",
    severity: Severity::Error,
    hard: true,
    since: "0.1.0",
    summary: "A control has both `datasources` and `controlMappingSources`.",
    why: "`datasources` is the name that [AWS's sample catalogue](\
          https://github.com/aws-samples/enterprise-controls-catalog-via-aws-audit-manager) gives to a control's \
          sources, `controlMappingSources` the one of [the API](\
          https://docs.aws.amazon.com/audit-manager/latest/APIReference/API_CreateControl.html). Both are read, as one \
          member. Where a file has both, nobody can say which sources the control shall have.\n\n\
          Bring the sources together under one of them, and remove the other.",
};

pub(super) fn check(parsed: &Parsed<'_>, found: &mut Vec<Diagnostic>) {
    let root = &parsed.document.root;
    let (Some(first), Some(_)) = (root.entry("datasources"), root.entry("controlMappingSources")) else { return };
    let message = "`controlMappingSources` and `datasources` are two names of one member";
    let fault = parsed.finding_at_key(&RULE, "/controlMappingSources", message);
    found.push(fault.related(parsed.file, first.key_span, "the other one").help("keep one of them"));
}
