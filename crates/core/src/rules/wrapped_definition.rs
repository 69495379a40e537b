use crate::diagnostic::{Diagnostic, Edit, Fix, Level, Rule};
use crate::document::{self, Entry, Node, Value};
use crate::edit::{line_end, line_start};
use crate::rules::Parsed;
use crate::source::{Content, FileKind, Source, Span};

pub(crate) static RULE: Rule = Rule {
    id: "wrapped-definition",
    level: Level::Error,
    hard: true,
    since: "0.1.0",
    summary: "A definition is inside a key, as the API returns it.",
    why: "`aws auditmanager get-control` prints a control inside the key [`control`](\
          https://docs.aws.amazon.com/audit-manager/latest/APIReference/API_GetControl.html), and \
          `get-assessment-framework` prints a framework inside `framework`. In a file, the keys are at the top level: a \
          file defines one control or one framework.\n\n\
          Move the keys to the top level. The fix does that. `controlsync pull` writes files for all objects of the \
          account.",
};

pub(super) fn check(parsed: &Parsed<'_>, found: &mut Vec<Diagnostic>) {
    let Value::Mapping(entries) = &parsed.document.root.value else { return };
    let kinds = [FileKind::Control, FileKind::Framework];
    let wrapper = |entry: &&Entry| kinds.iter().any(|kind| kind.noun() == entry.key);
    let Some(wrapper) = entries.iter().find(wrapper).filter(|entry| matches!(entry.value.value, Value::Mapping(_)))
    else {
        return;
    };
    let message = format!("the {} is inside the key `{}`", parsed.source.kind().noun(), wrapper.key);
    let pointer = format!("/{}", wrapper.key);
    let finding = parsed.finding_at_key(&RULE, &pointer, message);
    let help = "move the keys to the top level: a file defines one object";
    let fix = if entries.len() == 1 { unwrapped(parsed, wrapper.key_span, &wrapper.value) } else { None };
    found.push(finding.help(help).fix(fix));
}

/// Returns a fix that replaces the file with one of its values.
pub(super) fn unwrapped(parsed: &Parsed<'_>, key: Span, value: &Node) -> Option<Fix> {
    let text = parsed.source.text().ok()?;
    let inner = parsed.source.slice(value.span);
    let edit = if inner.starts_with('{') {
        let last = inner.rfind('\n').map_or("", |at| &inner[at + 1..]);
        let indentation = last.len() - last.trim_start_matches(' ').len();
        Edit { span: parsed.document.root.span, text: dedented(inner, indentation) }
    } else {
        let from = line_start(text, key.start as usize);
        let below = line_end(text, key.end as usize);
        let first = value.entries().first()?.key_span.start as usize;
        let indentation = first.checked_sub(line_start(text, first))?;
        Edit { span: Span::new(from, text.len()), text: dedented(text.get(below..)?, indentation) }
    };
    let span = edit.span;
    let after = [text.get(..span.start as usize)?, &edit.text, text.get(span.end as usize..)?].concat();
    let after = Source::new(parsed.source.path(), parsed.source.kind(), Content::Bytes(after.into_bytes()));
    let (after, errors) = document::parse(parsed.file, &after);
    let is_same = errors.is_empty() && after.is_some_and(|after| after.to_json() == value.to_json());
    let title = "move the keys to the top level".to_owned();
    is_same.then(|| Fix { title, safe: true, edits: vec![edit], scope: vec![String::new()] })
}

/// Removes up to this many spaces at the start of each line.
fn dedented(text: &str, indentation: usize) -> String {
    let line = |line: &str| {
        let spaces = line.len() - line.trim_start_matches(' ').len();
        line[spaces.min(indentation)..].to_owned()
    };
    text.split_inclusive('\n').map(line).collect()
}
