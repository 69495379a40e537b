//! The generated files of this repository.

use super::{editor_schema, file_docs, rule_docs};
use crate::catalog_path;

/// Returns all generated files: the path from the root of the repository, and the text.
pub fn files() -> Vec<(&'static str, String)> {
    vec![
        ("docs/reference/files.md", file_docs::markdown()),
        ("docs/reference/rules.md", rule_docs::markdown()),
        ("cdk/lib/catalog-paths.ts", catalog_paths()),
        ("schemas/editor/config.schema.json", editor_schema::config()),
        ("schemas/editor/control.schema.json", editor_schema::control()),
        ("schemas/editor/exception.schema.json", editor_schema::exception()),
        ("schemas/editor/framework.schema.json", editor_schema::framework()),
    ]
}

/// Returns the places of a catalog in TypeScript, for the stack.
fn catalog_paths() -> String {
    let places: Vec<String> = catalog_path::places().iter().map(|place| format!("  '{place}',\n")).collect();
    format!(
        "// Where a catalog has files, below its prefix. Generated from crates/core/src/catalog_path.rs by\n\
         // `cargo run -q -p controlsync-core --example generate`.\n\
         export const CATALOG_PATHS = [\n{}] as const;\n",
        places.concat()
    )
}
