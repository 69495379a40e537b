use crate::diagnostic::{Diagnostic, Level, Rule};
use crate::rules::SourceItem;

pub(crate) static RULE: Rule = Rule {
    id: "several-keywords",
    level: Level::Error,
    hard: false,
    since: "0.1.0",
    summary: "A keyword contains several keywords.",
    why: "A data source has one keyword. Audit Manager reads the complete string as one keyword, finds no such rule, \
          control, API call or event, and [might collect no evidence](\
          https://docs.aws.amazon.com/audit-manager/latest/APIReference/API_SourceKeyword.html), without an error.\n\n\
          Write one data source for each keyword, and give each its own name. A control can have [up to 100](\
          https://docs.aws.amazon.com/audit-manager/latest/userguide/customize-control-from-scratch.html).",
};

pub(super) fn check(source: &SourceItem<'_>, found: &mut Vec<Diagnostic>) {
    let parts = source.several();
    if parts.is_empty() {
        return;
    }
    let message = format!("the value contains {} keywords; Audit Manager reads it as one", parts.len());
    let shown: Vec<String> = parts.iter().map(|part| format!("`{}`", SourceItem::written(part))).collect();
    let help = format!("write a data source for each: {}", shown.join(", "));
    found.push(source.keyword_finding(&RULE, message).help(help));
}
