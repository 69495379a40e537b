use crate::diagnostic::{Diagnostic, Level, Rule};
use crate::rules::SourceItem;
use crate::source_type::SourceType;

pub(crate) static RULE: Rule = Rule {
    id: "mismatched-input-type",
    level: Level::Error,
    hard: false,
    since: "0.1.0",
    summary: "The input type of a keyword does not match the type of its data source.",
    why: "`SELECT_FROM_LIST` belongs to automated data sources, `UPLOAD_FILE` and `INPUT_TEXT` belong to [manual \
          ones](https://docs.aws.amazon.com/audit-manager/latest/APIReference/API_SourceKeyword.html). AWS does not \
          document whether it rejects other combinations, or accepts them and collects nothing.\n\n\
          Leave `keywordInputType` out of an automated data source. For a manual one, it sets whether evidence is a \
          file or text; only you know which one is correct, so there is a fix for automated data sources only.",
};

pub(super) fn check(source: &SourceItem<'_>, found: &mut Vec<Diagnostic>) {
    let Some(source_type) = source.source_type else { return };
    let input = source.node.get("sourceKeyword").and_then(|keyword| keyword.get("keywordInputType"));
    let Some(input) = input.and_then(|input| input.as_str()) else { return };
    let known = SourceType::ALL.iter().any(|of| of.input_types().contains(&input));
    if !known || source_type.input_types().contains(&input) {
        return;
    }
    let message = format!("`{input}` does not match the type `{}`", source_type.name());
    let finding = source.finding(&RULE, "sourceKeyword/keywordInputType", message);
    found.push(match source_type.input_types() {
        [only] => finding
            .help(format!("use `{only}`, or leave it out: the service infers it from the type"))
            .fix(source.replace("sourceKeyword/keywordInputType", only, true)),
        several => finding.help(format!("use `{}`, or leave it out", several.join("` or `"))),
    });
}
