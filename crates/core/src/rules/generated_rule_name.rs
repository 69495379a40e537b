use crate::diagnostic::{Diagnostic, Level, Rule};
use crate::keywords::KeywordMatch;
use crate::keywords::config::ConfigMatch;
use crate::rules::SourceMember;

pub(crate) static RULE: Rule = Rule {
    id: "generated-rule-name",
    level: Level::Warning,
    hard: false,
    since: "0.1.0",
    summary: "A custom AWS Config rule is named with the random id that AWS has appended.",
    why: "A conformance pack or an organization appends a random id to the names of the rules that it deploys. \
          Audit Manager wants the name [without that id](\
          https://docs.aws.amazon.com/audit-manager/latest/userguide/control-issues.html): \
          `Custom_CustomRuleForAccount-conformance-pack`, not \
          `Custom_CustomRuleForAccount-conformance-pack-szsm1uv0w`. With the id it might collect no evidence.\n\n\
          Leave the id out. How it looks is a guess from AWS's examples: nine lower-case letters and digits after \
          `-conformance-pack-`, eight with at least one digit at the end of a name that starts with \
          `OrgConfigRule-`. Where a name of your own ends like that, ignore the finding with a reason. The fix is \
          safe for conformance packs only.",
};

pub(super) fn check(source: &SourceMember<'_>, found: &mut Vec<Diagnostic>) {
    let (Some(keyword), Some(KeywordMatch::Config(ConfigMatch::GeneratedName(who, name)))) =
        (source.keyword, &source.verdict)
    else {
        return;
    };
    let message = format!("`{keyword}` ends in the random id that {who} gives its rules");
    let fault = source.keyword_finding(&RULE, message).help(format!("leave the id out: `{name}`"));
    // The id of a conformance pack has a form of its own; that of an organization rule could be a word.
    found.push(fault.fix(source.replace_keyword(name, name.ends_with("-conformance-pack"))));
}
