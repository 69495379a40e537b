use crate::diagnostic::{Diagnostic, Level, Rule};
use crate::keywords::KeywordMatch;
use crate::keywords::config::ConfigMatch;
use crate::rules::SourceItem;

pub(crate) static RULE: Rule = Rule {
    id: "unlisted-config-rule",
    level: Level::Warning,
    hard: false,
    since: "0.1.0",
    summary: "AWS Config has the rule, but Audit Manager does not list it.",
    why: "AWS Config has more managed rules than Audit Manager [lists](\
          https://docs.aws.amazon.com/audit-manager/latest/userguide/control-data-sources-config.html): about 800 \
          compared to 326. AWS does not document what happens with the others; most likely a data source for one of \
          them collects no evidence.\n\n\
          Use a listed rule, or run the check in a custom rule and write `Custom_` and its name. If the console of \
          your account offers the rule, use the account's list: `controlsync keywords --refresh` writes it to \
          `keywords/AWS_Config.txt`, which replaces the built-in list of April 2026.",
};

pub(super) fn check(source: &SourceItem<'_>, found: &mut Vec<Diagnostic>) {
    let (Some(keyword), Some(KeywordMatch::Config(ConfigMatch::Unlisted))) = (source.keyword, &source.verdict) else {
        return;
    };
    let message = format!("AWS Config has a rule `{keyword}`, but it is not in {}", source.list_in_words());
    let help = "Audit Manager most likely collects no evidence for it: use a listed rule, or run the check in a custom \
                rule and write `Custom_` and its name";
    found.push(source.keyword_finding(&RULE, message).help(help));
}
