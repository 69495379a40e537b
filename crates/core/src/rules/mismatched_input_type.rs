use crate::diagnostic::{Diagnostic, Rule, Severity};
use crate::model::SourceType;
use crate::rules::SourceMember;

pub(crate) static RULE: Rule = Rule {
    id: "mismatched-input-type",
    severity: Severity::Error,
    hard: false,
    since: "0.1.0",
    summary: "The input type of a keyword does not go with the type of the data source.",
    why: "",
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
