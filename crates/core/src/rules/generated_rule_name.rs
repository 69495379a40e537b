use crate::diagnostic::{Diagnostic, Level, Rule};
use crate::keywords::KeywordMatch;
use crate::keywords::config::ConfigMatch;
use crate::rules::SourceItem;

pub(crate) static RULE: Rule = Rule {
    id: "generated-rule-name",
    level: Level::Warning,
    hard: false,
    since: "0.1.0",
    summary: "The name of a custom AWS Config rule includes the random ID that AWS appended.",
    why: "Conformance packs and organizations append a random ID to the names of the rules that they deploy. Audit \
          Manager expects the name [without that ID](\
          https://docs.aws.amazon.com/audit-manager/latest/userguide/control-issues.html): \
          `Custom_CustomRuleForAccount-conformance-pack`, not \
          `Custom_CustomRuleForAccount-conformance-pack-szsm1uv0w`. With the ID it might collect no evidence.\n\n\
          Remove the ID. Its format is inferred from AWS's examples: nine lowercase letters and digits after \
          `-conformance-pack-`, or eight with at least one digit at the end of a name that starts with \
          `OrgConfigRule-`. If the name of your own rule ends like that, ignore the finding with a reason. The fix is \
          safe for conformance packs only.",
};

pub(super) fn check(source: &SourceItem<'_>, found: &mut Vec<Diagnostic>) {
    let (Some(keyword), Some(KeywordMatch::Config(ConfigMatch::GeneratedName(who, name)))) =
        (source.keyword, &source.verdict)
    else {
        return;
    };
    let message = format!("`{keyword}` ends with the random ID that {who} appends to its rules");
    let finding = source.keyword_finding(&RULE, message).help(format!("remove the ID: `{name}`"));
    // The ID of a conformance pack has a distinct format; that of an organization rule could be a word.
    found.push(finding.fix(source.replace_keyword(name, name.ends_with("-conformance-pack"))));
}
