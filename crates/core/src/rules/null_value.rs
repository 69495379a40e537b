use crate::diagnostic::{Diagnostic, Level, Rule};
use crate::document::pointer_to;
use crate::rules::Parsed;
use crate::schema;

pub(crate) static RULE: Rule = Rule {
    id: "null-value",
    level: Level::Warning,
    hard: false,
    since: "0.1.0",
    summary: "An optional key has no value.",
    why: "A key without a value, or with `null`, is the same as no key: the field is empty in the account, or has its \
          default. Programs that write JSON often leave such keys behind, and a reader cannot tell whether a value was \
          forgotten.\n\n\
          Write the value, or remove the key. The fix removes it. A key that a definition needs, such as `name` or \
          `datasources`, is an error without a value.",
};

pub(super) fn check(parsed: &Parsed<'_>, found: &mut Vec<Diagnostic>) {
    for (parent, key) in schema::optional_nulls(parsed.source.kind(), parsed.document) {
        let message = format!("`{key}` has no value");
        let finding = parsed.finding_at_key(&RULE, &pointer_to(&parent, &key), message);
        found.push(finding.help("write a value, or remove it").fix(parsed.editor().remove_entry(&parent, &key, true)));
    }
}
