//! The schemas, compiled once.

use std::sync::LazyLock;

use jsonschema::Validator;
use serde_json::Value as Json;

use crate::source::FileKind;

/// A schema, compiled once.
pub(super) struct Compiled {
    pub(super) json: Json,
    pub(super) validator: Validator,
}

impl Compiled {
    #[expect(clippy::expect_used, reason = "the schemas are part of the program; tests compile each of them")]
    fn of(kind: FileKind) -> Self {
        let json: Json = serde_json::from_str(text(kind).unwrap_or("{}")).expect("a schema is JSON");
        let validator = jsonschema::draft202012::new(&json).expect("a schema is valid");
        Self { json, validator }
    }
}

/// Returns the text of the schema for a file kind; `None` if it has no schema.
pub const fn text(kind: FileKind) -> Option<&'static str> {
    Some(match kind {
        FileKind::Config => include_str!("../../../../schemas/config.schema.json"),
        FileKind::Control => include_str!("../../../../schemas/control.schema.json"),
        FileKind::Framework => include_str!("../../../../schemas/framework.schema.json"),
        FileKind::Exception => include_str!("../../../../schemas/exception.schema.json"),
        FileKind::GuardRule | FileKind::Keywords | FileKind::Ignored => return None,
    })
}

/// Returns the schema for a file kind as JSON; null if it has no schema.
pub fn json(kind: FileKind) -> Json {
    compiled(kind).map(|schema| schema.json.clone()).unwrap_or_default()
}

pub(super) fn compiled(kind: FileKind) -> Option<&'static Compiled> {
    static CONFIG: LazyLock<Compiled> = LazyLock::new(|| Compiled::of(FileKind::Config));
    static CONTROL: LazyLock<Compiled> = LazyLock::new(|| Compiled::of(FileKind::Control));
    static FRAMEWORK: LazyLock<Compiled> = LazyLock::new(|| Compiled::of(FileKind::Framework));
    static EXCEPTION: LazyLock<Compiled> = LazyLock::new(|| Compiled::of(FileKind::Exception));
    Some(match kind {
        FileKind::Config => &CONFIG,
        FileKind::Control => &CONTROL,
        FileKind::Framework => &FRAMEWORK,
        FileKind::Exception => &EXCEPTION,
        FileKind::GuardRule | FileKind::Keywords | FileKind::Ignored => return None,
    })
}
