//! Functions of AWS CloudFormation in their short form, `!Ref Name`, which is the long form `{Ref: Name}`
//! (<https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference.html>).

use super::{Entry, Node, Value};
use crate::source::Span;

/// Tags and the keys of the long form.
const FUNCTIONS: [(&str, &str); 20] = [
    ("!And", "Fn::And"),
    ("!Base64", "Fn::Base64"),
    ("!Cidr", "Fn::Cidr"),
    ("!Condition", "Condition"),
    ("!Equals", "Fn::Equals"),
    ("!FindInMap", "Fn::FindInMap"),
    ("!GetAZs", "Fn::GetAZs"),
    ("!GetAtt", "Fn::GetAtt"),
    ("!If", "Fn::If"),
    ("!ImportValue", "Fn::ImportValue"),
    ("!Join", "Fn::Join"),
    ("!Length", "Fn::Length"),
    ("!Not", "Fn::Not"),
    ("!Or", "Fn::Or"),
    ("!Ref", "Ref"),
    ("!Select", "Fn::Select"),
    ("!Split", "Fn::Split"),
    ("!Sub", "Fn::Sub"),
    ("!ToJsonString", "Fn::ToJsonString"),
    ("!Transform", "Fn::Transform"),
];

/// Returns the key of the long form of a tag; `None` for other tags.
pub(super) fn long_form(tag: &str) -> Option<&'static str> {
    FUNCTIONS.iter().find(|(short, _)| *short == tag).map(|(_, long)| *long)
}

/// Returns the long form of a function with its argument.
pub(super) fn call(function: &str, argument: Node) -> Node {
    let span = argument.span;
    let key_span = Span { start: span.start, end: span.start };
    let entry = Entry { key: function.to_owned(), key_span, value: argument };
    Node { value: Value::Mapping(vec![entry]), span, anchor: None }
}
