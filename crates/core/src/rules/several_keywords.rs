use crate::diagnostic::{Diagnostic, Level, Rule};
use crate::rules::SourceMember;

pub(crate) static RULE: Rule = Rule {
    id: "several-keywords",
    level: Level::Error,
    hard: false,
    since: "0.1.0",
    summary: "A keyword holds several.",
    why: "A data source has one keyword. Audit Manager takes the whole text for it, finds no such rule, control, \
          call or event, and [might collect no evidence](\
          https://docs.aws.amazon.com/audit-manager/latest/APIReference/API_SourceKeyword.html); nothing reports \
          it.\n\n\
          Write one data source for each keyword, each with a name of its own. A control takes [up to 100](\
          https://docs.aws.amazon.com/audit-manager/latest/userguide/customize-control-from-scratch.html).",
};

pub(super) fn check(source: &SourceMember<'_>, found: &mut Vec<Diagnostic>) {
    let parts = source.several();
    if parts.is_empty() {
        return;
    }
    let message = format!("the keyword holds {} keywords; Audit Manager takes the whole text for one", parts.len());
    let shown: Vec<String> = parts.iter().map(|part| format!("`{part}`")).collect();
    let help = format!("give each a data source of its own: {}", shown.join(", "));
    found.push(source.keyword_finding(&RULE, message).help(help));
}
