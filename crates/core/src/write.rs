//! From a control or a framework to the text of its file.
//!
//! What is written says what the definition says, to this program and to every other reader: texts that a reader of YAML
//! 1.1 or 1.2 could take for something else are in quotes. Reading the text gives the same definition again.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use crate::document::{ambiguous, is_plain_string};
use crate::model::{Control, ControlRef, DataSource, Framework};

/// How a definition is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// YAML, texts of several lines as blocks.
    Yaml,
    /// YAML, every text on one line: a comment can stand above each.
    YamlLines,
    /// JSON, for files whose name ends so.
    Json,
}

/// The text of a control's file. Tags that the configuration gives every object need not be in it.
pub fn control(control: &Control, default_tags: &BTreeMap<String, String>, form: Form) -> String {
    let mut members = Members::default();
    members.text("name", &control.name);
    members.filled("description", &control.description);
    members.filled("testingInformation", &control.testing_information);
    members.filled("actionPlanTitle", &control.action_plan_title);
    members.filled("actionPlanInstructions", &control.action_plan_instructions);
    members.tags(&control.tags, default_tags);
    if control.sources != [DataSource::manual_attestation()] {
        members.push(control.sources_member, Tree::List(control.sources.iter().map(source).collect()));
    }
    members.names("renamedFrom", &control.renamed_from);
    render(&members.into(), form)
}

/// The text of a framework's file; as [`control`].
pub fn framework(framework: &Framework, default_tags: &BTreeMap<String, String>, form: Form) -> String {
    let mut members = Members::default();
    members.text("name", &framework.name);
    members.stated("description", framework.description.as_ref());
    members.filled("complianceType", &framework.compliance_type);
    let sets = framework.control_sets.iter().map(|set| {
        let mut members = Members::default();
        members.text("name", &set.name);
        members.push("controls", Tree::List(set.controls.iter().map(reference).collect()));
        members.into()
    });
    members.push("controlSets", Tree::List(sets.collect()));
    members.tags(&framework.tags, default_tags);
    members.names("renamedFrom", &framework.renamed_from);
    render(&members.into(), form)
}

fn source(source: &DataSource) -> Tree {
    let mut members = Members::default();
    members.text("sourceName", &source.name);
    members.filled("sourceDescription", &source.description);
    members.stated("sourceSetUpOption", source.set_up_option.as_ref());
    members.text("sourceType", source.source_type.name());
    members.stated("sourceFrequency", source.frequency.as_ref());
    let mut keyword = Members::default();
    keyword.stated("keywordInputType", source.input_type.as_ref());
    keyword.stated("keywordValue", source.keyword.as_ref());
    if !keyword.0.is_empty() {
        members.push("sourceKeyword", keyword.into());
    }
    members.filled("troubleshootingText", &source.troubleshooting);
    members.into()
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

/// What is written.
enum Tree {
    Text(String),
    List(Vec<Tree>),
    Mapping(Vec<(String, Tree)>),
}

#[derive(Default)]
struct Members(Vec<(String, Tree)>);

impl From<Members> for Tree {
    fn from(members: Members) -> Self {
        Self::Mapping(members.0)
    }
}

impl Members {
    fn push(&mut self, key: &str, value: Tree) {
        self.0.push((key.to_owned(), value));
    }

    fn text(&mut self, key: &str, text: &str) {
        self.push(key, Tree::Text(text.to_owned()));
    }

    /// An empty text and none are the same.
    fn filled(&mut self, key: &str, text: &str) {
        if !text.is_empty() {
            self.text(key, text);
        }
    }

    fn stated(&mut self, key: &str, text: Option<&String>) {
        if let Some(text) = text {
            self.text(key, text);
        }
    }

    fn names(&mut self, key: &str, names: &[String]) {
        if !names.is_empty() {
            self.push(key, Tree::List(names.iter().cloned().map(Tree::Text).collect()));
        }
    }

    fn tags(&mut self, tags: &BTreeMap<String, String>, default_tags: &BTreeMap<String, String>) {
        let own = tags.iter().filter(|(key, value)| default_tags.get(*key) != Some(value));
        let own: Vec<_> = own.map(|(key, value)| (key.clone(), Tree::Text(value.clone()))).collect();
        if !own.is_empty() {
            self.push("tags", Tree::Mapping(own));
        }
    }
}

fn render(tree: &Tree, form: Form) -> String {
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

/// The lines of a list or a mapping; the caller has indented the first one.
fn yaml(out: &mut String, tree: &Tree, column: usize, blocks: bool) {
    match tree {
        Tree::Text(text) => scalar(out, text, column, blocks),
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

/// A text and the end of its line; the lines of a block start at a column.
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

/// Whether a text can stand without quotes and is a text to everybody.
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
        // Whatever is one of the words that mean something is a single word.
        && (!word || is_plain_string(text))
}

/// Whether a text is the id of an object: with all its hyphens no number and no date to anybody.
fn is_id(text: &str) -> bool {
    let digit = |(at, byte): (usize, u8)| match at {
        8 | 13 | 18 | 23 => byte == b'-',
        _ => byte.is_ascii_hexdigit(),
    };
    text.len() == 36 && text.bytes().enumerate().all(digit)
}

/// A letter that everybody sees and that is nobody's line break or blank.
fn is_letter(c: char) -> bool {
    c.is_alphanumeric() && !is_hidden(c)
}

fn is_plain_key(text: &str) -> bool {
    is_plain_string(text) && !ambiguous(text) && !text.contains([' ', '(', ')'])
}

fn yaml_key(key: &str) -> String {
    if is_plain_key(key) { key.to_owned() } else { quoted(key, true) }
}

/// Whether a text of several lines can be a block that every reader takes for this text, and that no editor spoils by
/// taking blanks away that nobody sees.
fn is_block(text: &str) -> bool {
    let line_is_fine = |line: &str| !line.ends_with([' ', '\t']) && !line.starts_with('\t');
    text.contains('\n')
        && !text.starts_with(['\n', ' '])
        && text.split('\n').all(line_is_fine)
        && !text.chars().any(|c| c != '\n' && c != '\t' && is_hidden(c))
}

/// What does not show, moves the cursor or ends a line for some: control characters, blanks that are none, line
/// separators, marks of direction, what belongs to no text.
fn is_hidden(c: char) -> bool {
    c.is_control()
        || (c.is_whitespace() && c != ' ')
        || u32::from(c) & 0xfffe == 0xfffe
        || matches!(c,
            '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{180e}' | '\u{200b}'..='\u{200f}'
            | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{fdd0}'..='\u{fdef}'
            | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}' | '\u{e000}'..='\u{f8ff}'
            | '\u{e0000}'..='\u{e0fff}' | '\u{f0000}'..='\u{10ffff}')
}

/// A text in double quotes; what does not show is an escape. JSON has none for characters beyond the first plane.
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
    fn texts_that_somebody_takes_for_something_else_are_quoted() {
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
    fn several_lines_are_a_block_where_nothing_is_lost() {
        assert_eq!(written("a\nb"), "|-\n  a\n  b\n");
        assert_eq!(written("a\n\n  b\n"), "|\n  a\n\n    b\n");
        assert_eq!(written("a\n\n"), "|+\n  a\n\n");
        assert_eq!(written("a\r\nb"), "\"a\\r\\nb\"\n");
        assert_eq!(written("a\n\tb"), "\"a\\n\\tb\"\n");
    }

    #[test]
    fn what_does_not_show_is_an_escape() {
        assert_eq!(
            quoted("\u{0}\u{7f}\u{85}\u{2028}\u{feff}\u{e0001}\\\"", true),
            r#""\u0000\u007f\u0085\u2028\ufeff\U000e0001\\\"""#
        );
    }
}
