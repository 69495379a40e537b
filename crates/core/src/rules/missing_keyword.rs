use crate::diagnostic::{Diagnostic, Rule, Severity};
use crate::model::SourceType;
use crate::rules::SourceMember;

pub(crate) static RULE: Rule = Rule {
    id: "missing-keyword",
    severity: Severity::Error,
    hard: false,
    since: "0.1.0",
    summary: "An automated data source does not say what to look for.",
    why: "",
};

pub(super) fn check(source: &SourceMember<'_>, found: &mut Vec<Diagnostic>) {
    let Some(source_type) = source.source_type.filter(|of| *of != SourceType::Manual) else { return };
    let keyword = source.node.get("sourceKeyword");
    // What has another type than a text is told by the schema.
    if keyword.is_some_and(|keyword| keyword.entry("keywordValue").is_some() || keyword.is_scalar()) {
        return;
    }
    let wanted = match source_type {
        SourceType::Config => "the identifier of the AWS Config rule",
        SourceType::SecurityHub => "the id of the Security Hub control",
        SourceType::ApiCall => "the API call",
        SourceType::Cloudtrail => "the CloudTrail event",
        SourceType::CoreControl => "the id of the core control",
        SourceType::CommonControl | SourceType::Manual => "the ARN of the common control",
    };
    let message = format!("a source of type `{}` needs a keyword: {wanted}", source_type.name());
    let member = if keyword.is_some() { "sourceKeyword" } else { "sourceType" };
    found.push(
        source.finding(&RULE, member, message).help(format!("add `sourceKeyword` with `keywordValue`, {wanted}")),
    );
}
