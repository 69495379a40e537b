use crate::diagnostic::{Diagnostic, Level, Rule};
use crate::document::{Node, Value};
use crate::model::SourceType;
use crate::rules::SourceMember;

pub(crate) static RULE: Rule = Rule {
    id: "missing-keyword",
    level: Level::Error,
    hard: false,
    since: "0.1.0",
    summary: "An automated data source does not say what to look for.",
    why: "The keyword says what an automated source collects: which rule, which control, which call or which event. \
          Without one the source has nothing to look for. In [the API](\
          https://docs.aws.amazon.com/audit-manager/latest/APIReference/API_SourceKeyword.html) the member is \
          optional; whether the service refuses such a source is not documented.\n\n\
          Add `sourceKeyword` with `keywordValue`. Where people are to add the evidence, make it a source of type \
          `MANUAL`.",
};

pub(super) fn check(source: &SourceMember<'_>, found: &mut Vec<Diagnostic>) {
    let Some(source_type) = source.source_type.filter(|of| *of != SourceType::Manual) else { return };
    let keyword = source.node.get("sourceKeyword");
    let value = keyword.and_then(|keyword| keyword.get("keywordValue"));
    let blank = value.and_then(Node::as_str).is_some_and(|text| !text.is_empty() && text.trim().is_empty());
    // What is empty or no text is told by the schema.
    let told = value.is_some() || keyword.is_some_and(|keyword| !matches!(keyword.value, Value::Mapping(_)));
    if told && !blank {
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
    let (member, help) = match (keyword, blank) {
        (_, true) => ("sourceKeyword/keywordValue", format!("write {wanted}")),
        (Some(_), _) => ("sourceKeyword", format!("add `keywordValue`, {wanted}")),
        (None, _) => ("sourceType", format!("add `sourceKeyword` with `keywordValue`, {wanted}")),
    };
    found.push(source.finding(&RULE, member, message).help(help));
}
