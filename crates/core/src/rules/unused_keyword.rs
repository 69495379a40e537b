use crate::diagnostic::{Diagnostic, Level, Rule};
use crate::model::SourceType;
use crate::rules::SourceMember;

pub(crate) static RULE: Rule = Rule {
    id: "unused-keyword",
    level: Level::Warning,
    hard: false,
    since: "0.1.0",
    summary: "A manual data source has a keyword.",
    why: "The evidence of a manual source comes from people, and nothing looks for its keyword. Whoever reads the \
          file, or the control in the console, takes it for an automated check that is not there.\n\n\
          Remove the keyword. If the check was meant, choose the type that the keyword belongs to, such as \
          `AWS_Config`. The fix removes it; it is not a safe one, because only you know which of the two is right.",
};

pub(super) fn check(source: &SourceMember<'_>, found: &mut Vec<Diagnostic>) {
    if source.source_type != Some(SourceType::Manual) || source.keyword.is_none() {
        return;
    }
    let message = "the keyword says nothing here: people add the evidence of a manual source";
    let fault = source.keyword_finding(&RULE, message);
    let help = "remove it, or choose the type of the service that it belongs to";
    let alone = source.node.get("sourceKeyword").is_some_and(|keyword| keyword.entries().len() == 1);
    let (parent, member) = if alone { ("", "sourceKeyword") } else { ("sourceKeyword", "keywordValue") };
    found.push(fault.help(help).fix(source.remove(parent, member, false)));
}
