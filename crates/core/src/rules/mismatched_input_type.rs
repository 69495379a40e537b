use crate::diagnostic::{Diagnostic, Level, Rule};
use crate::model::SourceType;
use crate::rules::SourceItem;

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
    let manual = source_type == SourceType::Manual;
    let fits = match input {
        "SELECT_FROM_LIST" => !manual,
        "UPLOAD_FILE" | "INPUT_TEXT" => manual,
        _ => return,
    };
    if fits {
        return;
    }
    let message = format!("`{input}` does not match the type `{}`", source_type.name());
    let finding = source.finding(&RULE, "sourceKeyword/keywordInputType", message);
    found.push(if manual {
        finding.help("use `UPLOAD_FILE` or `INPUT_TEXT`, or leave it out")
    } else {
        finding
            .help("use `SELECT_FROM_LIST`, or leave it out: the service infers it from the type")
            .fix(source.replace("sourceKeyword/keywordInputType", "SELECT_FROM_LIST", true))
    });
}
