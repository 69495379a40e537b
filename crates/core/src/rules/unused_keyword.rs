use crate::diagnostic::{Diagnostic, Level, Rule};
use crate::rules::SourceItem;
use crate::source_type::KeywordForm;

pub(crate) static RULE: Rule = Rule {
    id: "unused-keyword",
    level: Level::Warning,
    hard: false,
    since: "0.1.0",
    summary: "A manual data source has a keyword.",
    why: "Users add the evidence of a manual data source, and nothing uses its keyword. In the file and in the \
          console, it looks like an automated check that does not exist.\n\n\
          Remove the keyword. If you need the check, use the type that the keyword belongs to, such as `AWS_Config`. \
          The fix removes the keyword; it is not a safe fix, because only you know which of the two is correct.",
};

pub(super) fn check(source: &SourceItem<'_>, found: &mut Vec<Diagnostic>) {
    if source.source_type.is_none_or(|of| of.keyword().form != KeywordForm::Unused) || source.keyword.is_none() {
        return;
    }
    let message = "the keyword has no effect: users add the evidence of a manual data source";
    let finding = source.keyword_finding(&RULE, message);
    let help = "remove it, or use the type that it belongs to";
    let alone = source.node.get("sourceKeyword").is_some_and(|keyword| keyword.entries().len() == 1);
    let (parent, key) = if alone { ("", "sourceKeyword") } else { ("sourceKeyword", "keywordValue") };
    found.push(finding.help(help).fix(source.remove(parent, key, false)));
}
