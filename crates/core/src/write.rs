//! From a control or a framework to the text of its file.
//!
//! The text has the same meaning for this program and for every other parser: strings that a YAML 1.1 or 1.2 parser
//! could read as another type are quoted. Reading the text returns the same definition.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use crate::characters::is_hidden;
use crate::demand::Demand;
use crate::document::{ambiguous, is_plain_string};
use crate::model::{Control, ControlRef, CustomRule, DataSource, Evaluator, Framework, Remediation, RemediationValue};

/// Format of a written definition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// YAML, multi-line strings as block scalars.
    Yaml,
    /// YAML, every string on one line, so that a comment can precede it.
    YamlLines,
    /// JSON, for `.json` files.
    Json,
}

/// Returns the text of a control's file, without the tags that the configuration sets for all objects.
pub fn control(control: &Control, default_tags: &BTreeMap<String, String>, form: Form) -> String {
    let mut entries = Entries::default();
    entries.text("name", &control.name);
    entries.non_empty("description", &control.description);
    entries.non_empty("testingInformation", &control.testing_information);
    entries.non_empty("actionPlanTitle", &control.action_plan_title);
    entries.non_empty("actionPlanInstructions", &control.action_plan_instructions);
    if let Some(severity) = control.severity {
        entries.text("severity", severity.name());
    }
    entries.optional("procedureUrl", control.procedure_url.as_ref());
    entries.tags(&control.tags, default_tags);
    if control.sources != [DataSource::manual_attestation()] {
        entries.push(control.sources_member, Tree::List(control.sources.iter().map(source).collect()));
    }
    entries.names("renamedFrom", &control.renamed_from);
    render(&entries.into(), form)
}

/// Returns the text of a framework's file, see [`control`].
pub fn framework(framework: &Framework, default_tags: &BTreeMap<String, String>, form: Form) -> String {
    let mut entries = Entries::default();
    entries.text("name", &framework.name);
    entries.optional("description", framework.description.as_ref());
    entries.non_empty("complianceType", &framework.compliance_type);
    let sets = framework.control_sets.iter().map(|set| {
        let mut entries = Entries::default();
        entries.text("name", &set.name);
        entries.push("controls", Tree::List(set.controls.iter().map(reference).collect()));
        entries.into()
    });
    entries.push("controlSets", Tree::List(sets.collect()));
    entries.tags(&framework.tags, default_tags);
    entries.names("renamedFrom", &framework.renamed_from);
    render(&entries.into(), form)
}

fn source(source: &DataSource) -> Tree {
    let mut entries = Entries::default();
    entries.text("sourceName", &source.name);
    entries.non_empty("sourceDescription", &source.description);
    entries.optional("sourceSetUpOption", source.set_up_option.as_ref());
    entries.text("sourceType", source.source_type.name());
    entries.optional("sourceFrequency", source.frequency.as_ref());
    let mut keyword = Entries::default();
    keyword.optional("keywordInputType", source.input_type.as_ref());
    keyword.optional("keywordValue", source.keyword.as_ref());
    if !keyword.0.is_empty() {
        entries.push("sourceKeyword", keyword.into());
    }
    entries.non_empty("troubleshootingText", &source.troubleshooting);
    let demands = source.required_parameters.iter().map(|(name, of)| (name.clone(), demand(of)));
    entries.non_empty_mapping("requiredParameters", demands.collect());
    entries.extend("remediation", source.remediation.as_ref().map(remediation));
    entries.extend("customRule", source.custom_rule.as_ref().map(custom_rule));
    entries.into()
}

fn demand(demand: &Demand) -> Tree {
    if let Some(exactly) = &demand.exactly {
        return Tree::Text(exactly.clone());
    }
    let mut entries = Entries::default();
    let number = |bound: &Option<String>| bound.clone().map(Tree::Literal);
    entries.extend("atLeast", number(&demand.at_least));
    entries.extend("atMost", number(&demand.at_most));
    entries.names("oneOf", &demand.one_of);
    entries.names("includes", &demand.includes);
    entries.names("within", &demand.within);
    entries.extend("list", demand.list.map(|form| Tree::Text(form.name().to_owned())));
    entries.into()
}

fn remediation(remediation: &Remediation) -> Tree {
    let mut entries = Entries::default();
    entries.text("ssmDocument", &remediation.ssm_document);
    entries.optional("automationRole", remediation.automation_role.as_ref());
    entries.extend("automatic", remediation.automatic.map(|automatic| Tree::Literal(automatic.to_string())));
    let value = |value: &RemediationValue| match value {
        RemediationValue::One(text) => Tree::Text(text.clone()),
        RemediationValue::List(texts) => Tree::List(texts.iter().cloned().map(Tree::Text).collect()),
    };
    let parameters = remediation.parameters.iter().map(|(name, of)| (name.clone(), value(of)));
    entries.non_empty_mapping("parameters", parameters.collect());
    entries.into()
}

fn custom_rule(rule: &CustomRule) -> Tree {
    let mut entries = Entries::default();
    match &rule.evaluator {
        Evaluator::Guard(path) => entries.text("guard", path),
        Evaluator::Lambda(arn) => entries.text("lambda", arn),
    }
    entries.names("resourceTypes", &rule.resource_types);
    entries.optional("trigger", rule.trigger.as_ref());
    entries.into()
}

fn reference(reference: &ControlRef) -> Tree {
    let (key, value) = match reference {
        ControlRef::Name(name) => return Tree::Text(name.clone()),
        ControlRef::Standard(name) => ("standard", name),
        ControlRef::Core(name) => ("core", name),
        ControlRef::Id(id) => ("id", id),
    };
    Tree::Mapping(vec![(key.to_owned(), Tree::Text(value.clone()))])
}

/// A value to write.
#[derive(Clone, Debug)]
pub(crate) enum Tree {
    /// A string.
    Text(String),
    /// A number or a boolean.
    Literal(String),
    /// A list.
    List(Vec<Tree>),
    /// A mapping, in this order.
    Mapping(Vec<(String, Tree)>),
}

/// The entries of a mapping.
#[derive(Default)]
pub(crate) struct Entries(Vec<(String, Tree)>);

impl From<Entries> for Tree {
    fn from(entries: Entries) -> Self {
        Self::Mapping(entries.0)
    }
}

impl Entries {
    pub(crate) fn push(&mut self, key: &str, value: Tree) {
        self.0.push((key.to_owned(), value));
    }

    pub(crate) fn text(&mut self, key: &str, text: &str) {
        self.push(key, Tree::Text(text.to_owned()));
    }

    /// Adds a string unless it is empty: empty and missing are the same.
    fn non_empty(&mut self, key: &str, text: &str) {
        if !text.is_empty() {
            self.text(key, text);
        }
    }

    fn optional(&mut self, key: &str, text: Option<&String>) {
        if let Some(text) = text {
            self.text(key, text);
        }
    }

    fn extend(&mut self, key: &str, value: Option<Tree>) {
        self.0.extend(value.map(|value| (key.to_owned(), value)));
    }

    fn non_empty_mapping(&mut self, key: &str, entries: Vec<(String, Tree)>) {
        if !entries.is_empty() {
            self.push(key, Tree::Mapping(entries));
        }
    }

    pub(crate) fn names(&mut self, key: &str, names: &[String]) {
        if !names.is_empty() {
            self.push(key, Tree::List(names.iter().cloned().map(Tree::Text).collect()));
        }
    }

    fn tags(&mut self, tags: &BTreeMap<String, String>, default_tags: &BTreeMap<String, String>) {
        let own = tags.iter().filter(|(key, value)| default_tags.get(*key) != Some(value));
        self.non_empty_mapping("tags", own.map(|(key, value)| (key.clone(), Tree::Text(value.clone()))).collect());
    }
}

/// Returns the text of a value.
pub(crate) fn render(tree: &Tree, form: Form) -> String {
    let mut out = String::new();
    match form {
        Form::Json => {
            json(&mut out, tree, 0);
            out.push('\n');
        }
        Form::Yaml | Form::YamlLines => yaml(&mut out, tree, 0, form == Form::Yaml),
    }
    out
}

fn indent(out: &mut String, columns: usize) {
    out.extend(std::iter::repeat_n(' ', columns));
}

/// Writes the lines of a value; the caller has indented the first one.
fn yaml(out: &mut String, tree: &Tree, column: usize, blocks: bool) {
    match tree {
        Tree::Text(text) => scalar(out, text, column, blocks),
        Tree::Literal(text) => {
            out.push_str(text);
            out.push('\n');
        }
        Tree::List(items) => {
            for (index, item) in items.iter().enumerate() {
                if index > 0 {
                    indent(out, column);
                }
                out.push_str("- ");
                match item {
                    Tree::Text(text) => scalar(out, text, column + 2, blocks),
                    item => yaml(out, item, column + 2, blocks),
                }
            }
        }
        Tree::Mapping(entries) => {
            for (index, (key, value)) in entries.iter().enumerate() {
                if index > 0 {
                    indent(out, column);
                }
                out.push_str(&yaml_key(key));
                out.push(':');
                match value {
                    Tree::Text(text) => {
                        out.push(' ');
                        scalar(out, text, column + 2, blocks);
                    }
                    Tree::Literal(text) => {
                        out.push(' ');
                        out.push_str(text);
                        out.push('\n');
                    }
                    Tree::List(items) if items.is_empty() => out.push_str(" []\n"),
                    Tree::Mapping(entries) if entries.is_empty() => out.push_str(" {}\n"),
                    value => {
                        out.push('\n');
                        indent(out, column + 2);
                        yaml(out, value, column + 2, blocks);
                    }
                }
            }
        }
    }
}

/// Writes a string and the end of its line; the lines of a block scalar start at a column.
fn scalar(out: &mut String, text: &str, column: usize, blocks: bool) {
    if is_plain(text) {
        out.push_str(text);
    } else if blocks && is_block(text) {
        let body = text.trim_end_matches('\n');
        out.push_str(match text.len() - body.len() {
            0 => "|-",
            1 => "|",
            _ => "|+",
        });
        for line in text.strip_suffix('\n').unwrap_or(text).split('\n') {
            out.push('\n');
            if !line.is_empty() {
                indent(out, column);
                out.push_str(line);
            }
        }
    } else {
        out.push_str(&quoted(text, true));
    }
    out.push('\n');
}

/// Whether a string needs no quotes for any parser.
fn is_plain(text: &str) -> bool {
    const PUNCTUATION: &str = " _-./,;:!?+=%$&'\"()@#*<>[]{}–—‘’“”…§•€£°×";
    let allowed = |c: char| c.is_ascii_alphanumeric() || PUNCTUATION.contains(c) || (!c.is_ascii() && is_letter(c));
    let starts = text.starts_with(|c: char| c.is_ascii_alphabetic() || (!c.is_ascii() && is_letter(c)));
    let word = text.bytes().all(|byte| byte.is_ascii_alphanumeric());
    is_id(text)
        || starts
            && !text.ends_with([' ', ':'])
        && !text.contains(": ")
        && !text.contains(" #")
        && text.chars().all(allowed)
        && !ambiguous(text)
        // All words with a special meaning are single words.
        && (!word || is_plain_string(text))
}

/// Whether a string is the ID of an object: with its hyphens, no parser reads it as a number or a date.
fn is_id(text: &str) -> bool {
    let digit = |(at, byte): (usize, u8)| match at {
        8 | 13 | 18 | 23 => byte == b'-',
        _ => byte.is_ascii_hexdigit(),
    };
    text.len() == 36 && text.bytes().enumerate().all(digit)
}

/// Whether a character is a visible letter or digit, which no parser reads as a line break or space.
fn is_letter(c: char) -> bool {
    c.is_alphanumeric() && !is_hidden(c)
}

fn is_plain_key(text: &str) -> bool {
    is_plain_string(text) && !ambiguous(text) && !text.contains([' ', '(', ')'])
}

fn yaml_key(key: &str) -> String {
    if is_plain_key(key) { key.to_owned() } else { quoted(key, true) }
}

/// Whether a multi-line string can be a block scalar that every parser reads the same, and that no editor changes by
/// removing trailing whitespace.
fn is_block(text: &str) -> bool {
    let is_safe_line = |line: &str| !line.ends_with([' ', '\t']) && !line.starts_with('\t');
    text.contains('\n')
        && !text.starts_with(['\n', ' '])
        && text.split('\n').all(is_safe_line)
        && !text.chars().any(|c| c != '\n' && c != '\t' && is_hidden(c))
}

/// Returns a string in double quotes with invisible characters escaped. JSON has no single escape for characters above
/// U+FFFF, so these are not escaped there.
fn quoted(text: &str, yaml: bool) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            c if is_hidden(c) && u32::from(c) <= 0xffff => {
                let _ = write!(out, "\\u{:04x}", u32::from(c));
            }
            c if is_hidden(c) && yaml => {
                let _ = write!(out, "\\U{:08x}", u32::from(c));
            }
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

fn json(out: &mut String, tree: &Tree, column: usize) {
    let inner = column + 2;
    match tree {
        Tree::Text(text) => out.push_str(&quoted(text, false)),
        Tree::Literal(text) => out.push_str(text),
        Tree::List(items) if items.is_empty() => out.push_str("[]"),
        Tree::Mapping(entries) if entries.is_empty() => out.push_str("{}"),
        Tree::List(items) => {
            for (index, item) in items.iter().enumerate() {
                out.push_str(if index == 0 { "[\n" } else { ",\n" });
                indent(out, inner);
                json(out, item, inner);
            }
            out.push('\n');
            indent(out, column);
            out.push(']');
        }
        Tree::Mapping(entries) => {
            for (index, (key, value)) in entries.iter().enumerate() {
                out.push_str(if index == 0 { "{\n" } else { ",\n" });
                indent(out, inner);
                out.push_str(&quoted(key, false));
                out.push_str(": ");
                json(out, value, inner);
            }
            out.push('\n');
            indent(out, column);
            out.push('}');
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(text: &str) -> String {
        let mut out = String::new();
        scalar(&mut out, text, 2, true);
        out
    }

    #[test]
    #[expect(clippy::too_many_lines, reason = "a list of strings")]
    fn ambiguous_strings_are_quoted() {
        for text in [
            "",
            " ",
            "yes",
            "No",
            "on",
            "OFF",
            "n",
            "y",
            "null",
            "Null",
            "~",
            "true",
            "FALSE",
            "1",
            "1_000",
            "0x1",
            "0o7",
            "1:30",
            "1e3",
            ".inf",
            ".nan",
            "2024-01-31",
            "=",
            "<<",
            "-",
            "- a",
            "a: b",
            "a:",
            "a #b",
            "#a",
            "*a",
            "&a",
            "!a",
            "|",
            ">",
            "'a'",
            "\"a\"",
            "%a",
            "@a",
            "`a`",
            "[a]",
            "{a}",
            "?",
            "? a",
            " a",
            "a ",
            "a\tb",
            "a\rb",
            "a\u{85}b",
            "a\u{2028}b",
            "\u{feff}a",
            "a\u{200b}",
            "a\u{a0}b",
            "---",
            "...",
            "\n",
            "\na",
            " a\nb",
            "a \nb",
            "a\u{e0001}",
        ] {
            assert!(written(text).starts_with('"'), "{text:?}: {}", written(text));
        }
        for text in
            ["a", "A sentence, with (much) in it: no.", "yEs", "nope", "a:b", "a#b", "Prüfung – “neu”", "IAM.1", "日本"]
        {
            let plain = format!("{text}\n");
            let expected = if text.contains(": ") { format!("\"{text}\"\n") } else { plain };
            assert_eq!(written(text), expected);
        }
    }

    #[test]
    fn multi_line_strings_are_block_scalars_if_nothing_is_lost() {
        assert_eq!(written("a\nb"), "|-\n  a\n  b\n");
        assert_eq!(written("a\n\n  b\n"), "|\n  a\n\n    b\n");
        assert_eq!(written("a\n\n"), "|+\n  a\n\n");
        assert_eq!(written("a\r\nb"), "\"a\\r\\nb\"\n");
        assert_eq!(written("a\n\tb"), "\"a\\n\\tb\"\n");
    }

    #[test]
    fn invisible_characters_are_escaped() {
        assert_eq!(
            quoted("\u{0}\u{7f}\u{85}\u{2028}\u{feff}\u{e0001}\\\"", true),
            r#""\u0000\u007f\u0085\u2028\ufeff\U000e0001\\\"""#
        );
    }
}
