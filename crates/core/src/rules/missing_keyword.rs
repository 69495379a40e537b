use crate::diagnostic::{Diagnostic, Level, Rule};
use crate::document::{Node, Value};
use crate::rules::SourceItem;
use crate::source_type::KeywordForm;

pub(crate) static RULE: Rule = Rule {
    id: "missing-keyword",
    level: Level::Error,
    hard: false,
    since: "0.1.0",
    summary: "An automated data source has no keyword.",
    why: "The keyword determines what an automated data source collects: which rule, control, API call or event. \
          Without one, there is nothing to collect. In [the API](\
          https://docs.aws.amazon.com/audit-manager/latest/APIReference/API_SourceKeyword.html) the field is optional; \
          AWS does not document whether the service rejects such a data source.\n\n\
          Add `sourceKeyword` with `keywordValue`. If the evidence is collected manually, use the type `MANUAL`.",
};

pub(super) fn check(source: &SourceItem<'_>, found: &mut Vec<Diagnostic>) {
    let Some(source_type) = source.source_type.filter(|of| of.keyword().form != KeywordForm::Unused) else { return };
    // A key without a value is the same as none.
    let keyword = source.node.get("sourceKeyword").filter(|keyword| !keyword.is_null());
    let value = keyword.and_then(|keyword| keyword.get("keywordValue")).filter(|value| !value.is_null());
    let is_whitespace = value.and_then(Node::as_str).is_some_and(|text| !text.is_empty() && text.trim().is_empty());
    // The schema reports values that are empty or not strings.
    let reported = value.is_some() || keyword.is_some_and(|keyword| !matches!(keyword.value, Value::Mapping(_)));
    if reported && !is_whitespace {
        return;
    }
    let wanted = source_type.keyword().noun;
    let message = format!("a data source of type `{}` requires a keyword: {wanted}", source_type.name());
    let (path, help) = match (keyword, is_whitespace) {
        (_, true) => ("sourceKeyword/keywordValue", format!("write {wanted}")),
        (Some(_), _) => ("sourceKeyword", format!("add `keywordValue`, {wanted}")),
        (None, _) => ("sourceType", format!("add `sourceKeyword` with `keywordValue`, {wanted}")),
    };
    found.push(source.finding(&RULE, path, message).help(help));
}
