use crate::demand::{Demand, DemandProblem};
use crate::diagnostic::{Diagnostic, Level, Rule};
use crate::document::{Node, Value, pointer_to};
use crate::rules::SourceItem;

pub(crate) static RULE: Rule = Rule {
    id: "mismatched-parameter",
    level: Level::Error,
    hard: false,
    since: "0.1.0",
    summary: "A demand does not fit the type of the parameter.",
    why: "Each parameter of a managed rule has a type. AWS Config passes all of them as strings and rejects a value of another \
          type; a bound such as `atMost` has a meaning for numbers only, and `includes` and `within` for lists only.\n\n\
          Write a value or a bound of the type. A `String` that holds a list, such as `authorizedTcpPorts`, needs \
          `list: csv` or `list: ports`.\n\n\
          The parameters come from [AWS Config's pages about managed rules](\
          https://docs.aws.amazon.com/config/latest/developerguide/managed-rules-by-aws-config.html) of July 2026.",
};

pub(super) fn check(source: &SourceItem<'_>, found: &mut Vec<Diagnostic>) {
    for entry in source.demands() {
        let demand = Demand::from_node(&entry.value);
        let path = pointer_to("requiredParameters", &entry.key);
        if demand.is_empty() {
            // The schema reports other keys.
            if is_mapping(&entry.value) && entry.value.entries().iter().all(|bound| bound.key == "list") {
                let message = format!("`{}` has no bound", entry.key);
                let help = "add `atMost`, `atLeast`, `oneOf`, `includes` or `within`, or write the exact value";
                found.push(source.finding_at_key(&RULE, &path, message).help(help));
            }
            continue;
        }
        let Some(parameter) = source.managed_rule().and_then(|rule| rule.parameter(&entry.key)) else { continue };
        if let Some(DemandProblem { key, message, help }) = demand.problem(parameter.of) {
            let path = if key.is_empty() { path } else { pointer_to(&path, key) };
            let message = format!("`{}` of `{}`: {message}", entry.key, source.keyword.unwrap_or_default());
            found.push(source.finding(&RULE, &path, message).help(help));
        }
    }
}

const fn is_mapping(node: &Node) -> bool {
    matches!(node.value, Value::Mapping(_))
}
