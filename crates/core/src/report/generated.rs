//! The generated files of this repository.

use super::{editor_schema, file_docs, rule_docs};

/// Returns all generated files: the path from the root of the repository, and the text.
pub fn files() -> Vec<(&'static str, String)> {
    vec![
        ("docs/reference/files.md", file_docs::markdown()),
        ("docs/reference/rules.md", rule_docs::markdown()),
        ("schemas/editor/config.schema.json", editor_schema::config()),
        ("schemas/editor/control.schema.json", editor_schema::control()),
        ("schemas/editor/exception.schema.json", editor_schema::exception()),
        ("schemas/editor/framework.schema.json", editor_schema::framework()),
    ]
}
