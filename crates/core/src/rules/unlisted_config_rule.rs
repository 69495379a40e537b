use crate::diagnostic::{Diagnostic, Level, Rule};
use crate::keywords::KeywordMatch;
use crate::keywords::config::ConfigMatch;
use crate::rules::SourceMember;

pub(crate) static RULE: Rule = Rule {
    id: "unlisted-config-rule",
    level: Level::Warning,
    hard: false,
    since: "0.1.0",
    summary: "AWS Config has the rule, but Audit Manager does not list it.",
    why: "AWS Config has more managed rules than Audit Manager [lists](\
          https://docs.aws.amazon.com/audit-manager/latest/userguide/control-data-sources-config.html): some 800 \
          against 326. AWS does not document what happens with the others; most likely a source with one of them \
          collects no evidence.\n\n\
          Choose a listed rule, or let a custom rule make the check and write `Custom_` and its name. Where the \
          console of your account offers the rule, take the account's list: `controlsync keywords --refresh` \
          writes it to `keywords/AWS_Config.txt`, where it replaces the built-in one, which is of April 2026.",
};

pub(super) fn check(source: &SourceMember<'_>, found: &mut Vec<Diagnostic>) {
    let (Some(keyword), Some(KeywordMatch::Config(ConfigMatch::Unlisted))) = (source.keyword, &source.verdict) else {
        return;
    };
    let message = format!("AWS Config has a rule `{keyword}`, but {} lacks it", source.list_in_words());
    let help = "Audit Manager most likely collects no evidence for it; choose a listed rule, or wrap the check in a \
                custom rule and write `Custom_` and its name";
    found.push(source.keyword_finding(&RULE, message).help(help));
}
