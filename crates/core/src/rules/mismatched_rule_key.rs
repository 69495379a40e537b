use crate::diagnostic::{Diagnostic, Level, Rule};
use crate::keywords::config::CUSTOM;
use crate::rules::SourceItem;
use crate::source_type::KeywordForm;

pub(crate) static RULE: Rule = Rule {
    id: "mismatched-rule-key",
    level: Level::Error,
    hard: false,
    since: "0.1.0",
    summary: "A key for AWS Config rules is on another data source.",
    why: "`requiredParameters`, `remediation` and `customRule` describe a rule of AWS Config. A data source of another type has no \
          rule, and a managed rule is not a custom one: there, the key has no effect.\n\n\
          Move the key to the data source that it belongs to. `customRule` belongs to a keyword that starts with \
          `Custom_`.",
};

pub(super) fn check(source: &SourceItem<'_>, found: &mut Vec<Diagnostic>) {
    let Some(source_type) = source.source_type else { return };
    let of_rule = source_type.keyword().form == KeywordForm::ConfigRule;
    for key in ["requiredParameters", "remediation", "customRule"] {
        if source.node.entry(key).is_none() {
            continue;
        }
        let custom = source.keyword.is_some_and(|keyword| keyword.starts_with(CUSTOM));
        let (message, help) = match () {
            () if !of_rule => (
                format!("`{key}` has no effect: a data source of type `{}` has no AWS Config rule", source_type.name()),
                "move it to a data source of type `AWS_Config`",
            ),
            () if key == "customRule" && !custom => (
                "`customRule` has no effect: the keyword does not name a custom rule".to_owned(),
                "remove it, or write `Custom_` and the name of the rule as the keyword",
            ),
            () => continue,
        };
        found.push(source.finding_at_key(&RULE, key, message).help(help));
    }
}
