use std::collections::BTreeSet;

use crate::diagnostic::{Diagnostic, Level, Rule};
use crate::keywords::{Parameter, managed_rule};
use crate::rules::AllFiles;

pub(crate) static RULE: Rule = Rule {
    id: "missing-parameter",
    level: Level::Info,
    hard: false,
    since: "0.1.0",
    summary: "No control gives a parameter that the rule requires.",
    why: "AWS Config rejects some rules without a parameter that has no default. If no control of the catalog demands \
          anything of it, a conformance pack for the catalog cannot contain the rule, and nothing checks that the rule \
          which is deployed does what the control says.\n\n\
          Write under `requiredParameters` what the control demands. It has no effect in Audit Manager: the rule must be \
          deployed with the parameter.\n\n\
          The parameters come from [AWS Config's pages about managed rules](\
          https://docs.aws.amazon.com/config/latest/developerguide/managed-rules-by-aws-config.html) of July 2026.",
};

pub(super) fn check(all: &AllFiles<'_>, found: &mut Vec<Diagnostic>) {
    let mut given: BTreeSet<(&str, &str)> = BTreeSet::new();
    for demanded in all.demands() {
        given.insert((demanded.identifier, demanded.parameter));
    }
    let mut reported = BTreeSet::new();
    for (source, keyword) in all.config_keywords() {
        let Some(rule) = managed_rule(keyword).filter(|_| reported.insert(keyword)) else { continue };
        let missing = |parameter: &&Parameter| {
            parameter.required && parameter.default.is_none() && !given.contains(&(keyword, parameter.name))
        };
        let names: Vec<String> =
            rule.parameters.iter().filter(missing).map(|parameter| format!("`{}`", parameter.name)).collect();
        if names.is_empty() {
            continue;
        }
        let message = format!("`{keyword}` cannot be deployed without {}, which no control gives", names.join(" and "));
        let help = "write what the control demands under `requiredParameters`";
        let pointer = source.pointer("sourceKeyword/keywordValue");
        found.push(all.finding(&RULE, source.file, &pointer, message).help(help));
    }
}
