use crate::diagnostic::{Diagnostic, Level, Rule};
use crate::document::pointer_to;
use crate::keywords::managed_rules_date;
use crate::rules::SourceItem;
use crate::suggest::closest;

pub(crate) static RULE: Rule = Rule {
    id: "unknown-parameter",
    level: Level::Error,
    hard: false,
    since: "0.1.0",
    summary: "`requiredParameters` names a parameter that the rule does not have.",
    why: "AWS Config rejects a managed rule with a parameter that it does not have, and compares names exactly: \
          `MaxAccessKeyAge` is not `maxAccessKeyAge`. A demand on such a parameter can never be met.\n\n\
          Use the name of the rule's parameter. The fix corrects the spelling; it is a safe fix if only case or \
          punctuation differs.\n\n\
          The parameters come from [AWS Config's pages about managed rules](\
          https://docs.aws.amazon.com/config/latest/developerguide/managed-rules-by-aws-config.html) of July 2026.",
};

pub(super) fn check(source: &SourceItem<'_>, found: &mut Vec<Diagnostic>) {
    let Some(rule) = source.managed_rule() else { return };
    for entry in source.demands() {
        if rule.parameters.iter().any(|parameter| parameter.name == entry.key) {
            continue;
        }
        let names: Vec<&str> = rule.parameters.iter().map(|parameter| parameter.name).collect();
        let meant = closest(&entry.key, names.iter().copied());
        let help = match (meant, names.as_slice()) {
            (Some(meant), _) => format!("did you mean `{meant}`?"),
            (None, []) => "remove it: the rule has no parameters".to_owned(),
            (None, names) => format!("parameters of the rule: {}", names.join(", ")),
        };
        let date = managed_rules_date();
        let message = format!("`{}` has no parameter `{}` in the table of {date}", rule.identifier, entry.key);
        let fix = meant.and_then(|meant| source.rename("requiredParameters", &entry.key, meant));
        found.push(
            source.finding_at_key(&RULE, &pointer_to("requiredParameters", &entry.key), message).help(help).fix(fix),
        );
    }
}
