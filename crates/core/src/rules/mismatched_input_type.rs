use crate::diagnostic::{Diagnostic, Level, Rule};
use crate::model::SourceType;
use crate::rules::SourceMember;

pub(crate) static RULE: Rule = Rule {
    id: "mismatched-input-type",
    level: Level::Error,
    hard: false,
    since: "0.1.0",
    summary: "The input type of a keyword does not go with the type of the data source.",
    why: "`SELECT_FROM_LIST` belongs to automated sources, `UPLOAD_FILE` and `INPUT_TEXT` belong to [manual ones](\
          https://docs.aws.amazon.com/audit-manager/latest/APIReference/API_SourceKeyword.html). AWS does not \
          document whether it refuses other combinations or takes them and collects nothing.\n\n\
          Leave `keywordInputType` out of an automated source. For a manual one it says what people are asked for, \
          a file or a text; which of the two is meant, only you know, so that there is a fix for automated sources \
          only.",
};

pub(super) fn check(source: &SourceMember<'_>, found: &mut Vec<Diagnostic>) {
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
    let message = format!("`{input}` does not go with the type `{}`", source_type.name());
    let fault = source.finding(&RULE, "sourceKeyword/keywordInputType", message);
    found.push(if manual {
        fault.help("write `UPLOAD_FILE` or `INPUT_TEXT`, or leave it out")
    } else {
        fault.help("write `SELECT_FROM_LIST`, or leave it out: it follows from the type").fix(source.replace(
            "sourceKeyword/keywordInputType",
            "SELECT_FROM_LIST",
            true,
        ))
    });
}
