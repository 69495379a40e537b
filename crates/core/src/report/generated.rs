//! The files of this project that are made from what the program knows.

use super::{editor_schema, file_docs, rule_docs};

/// All of them: path from the root of the project, and text.
pub fn files() -> Vec<(&'static str, String)> {
    vec![
        ("docs/reference/files.md", file_docs::markdown()),
        ("docs/reference/rules.md", rule_docs::markdown()),
        ("schemas/editor/config.schema.json", editor_schema::config()),
        ("schemas/editor/control.schema.json", editor_schema::control()),
        ("schemas/editor/framework.schema.json", editor_schema::framework()),
    ]
}
