//! Validates JSON output against the published schemas, which allow other keys: programs that read the output must
//! ignore them. Here they are errors, so every key is in a schema.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use jsonschema::{Registry, Validator};
use serde_json::Value as Json;

/// Validators by the name of their schema.
static VALIDATORS: LazyLock<BTreeMap<&str, Validator>> = LazyLock::new(|| {
    let schemas =
        ["compliance", "controls", "evidence", "evidence-run", "export", "gaps", "lint", "plan", "probe", "run"].map(
            |name| {
                let path = format!("{}/../../schemas/output/{name}.schema.json", env!("CARGO_MANIFEST_DIR"));
                let mut schema: Json = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
                close(&mut schema);
                (name, schema)
            },
        );
    let resources = schemas.iter().map(|(_, schema)| (schema["$id"].as_str().unwrap(), schema));
    let registry = Registry::new().extend(resources).unwrap().prepare().unwrap();
    let validator = |schema| jsonschema::options().with_registry(&registry).build(schema).unwrap();
    schemas.iter().map(|(name, schema)| (*name, validator(schema))).collect()
});

/// Makes keys that a schema does not name an error.
fn close(schema: &mut Json) {
    match schema {
        Json::Object(object) => {
            object.values_mut().for_each(close);
            if object.contains_key("properties") {
                object.insert("additionalProperties".to_owned(), false.into());
            }
        }
        Json::Array(items) => items.iter_mut().for_each(close),
        _ => {}
    }
}

/// Fails unless a document is valid by the schema with a name.
pub fn validate(schema: &str, document: &str) {
    let document: Json = serde_json::from_str(document).unwrap_or_else(|error| panic!("{error}: {document}"));
    let errors: Vec<String> =
        VALIDATORS[schema].iter_errors(&document).map(|error| format!("{}: {error}", error.instance_path())).collect();
    assert!(errors.is_empty(), "not valid by {schema}.schema.json:\n{}\n{document:#}", errors.join("\n"));
}
