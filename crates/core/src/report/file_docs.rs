//! The reference page about files: every key and its limits, from the schemas.

use std::fmt::Write as _;

use serde_json::Value as Json;

use crate::schema;
use crate::source::FileKind;

const ABOUT: &str = "\
# Files

The keys in the files of a catalog. A string that is left out is empty, except the description of a framework, which
then stays unchanged. Patterns are regular expressions. Generated from the JSON Schemas in `schemas/` by
`cargo run -q -p controlsync-core --example generate`.
";

/// Returns the page as Markdown.
pub fn markdown() -> String {
    let mut page = ABOUT.to_owned();
    for (title, location, kind) in [
        ("Controls", "`.yaml`, `.yml` or `.json` below `controls/`, one control per file", FileKind::Control),
        ("Frameworks", "`.yaml`, `.yml` or `.json` below `frameworks/`, one framework per file", FileKind::Framework),
        (
            "Exceptions",
            "`.yaml`, `.yml` or `.json` below `exceptions/`, one exception per file; see [the guide](../guide/parameters-and-exceptions.md)",
            FileKind::Exception,
        ),
        (
            "Configuration",
            "`controlsync.toml` next to these directories; see [configuration](../configuration.md)",
            FileKind::Config,
        ),
    ] {
        let root = schema::json(kind);
        let mut table = Table { root: &root, rows: String::new(), ignored: Vec::new(), seen: Vec::new() };
        table.keys(&root, "");
        let _ =
            write!(page, "\n## {title}\n\n{location}.\n\n| key | value | description |\n|---|---|---|\n{}", table.rows);
        if !table.ignored.is_empty() {
            let _ = write!(
                page,
                "\nOther fields of Audit Manager's responses are accepted and ignored: {}.\n",
                table.ignored.join(", ")
            );
        }
    }
    page
}

/// The keys of a kind of file.
struct Table<'a> {
    root: &'a Json,
    rows: String,
    ignored: Vec<String>,
    /// Definitions that several keys share, with the first of these keys.
    seen: Vec<(&'a str, String)>,
}

impl<'a> Table<'a> {
    /// Adds a row for each key of an object, followed by the rows of its value.
    fn keys(&mut self, object: &'a Json, path: &str) {
        let required: Vec<&str> =
            object["required"].as_array().into_iter().flatten().filter_map(Json::as_str).collect();
        for (name, property) in object["properties"].as_object().into_iter().flatten() {
            let needed = if required.contains(&name.as_str()) { ", **required**" } else { "" };
            let path = format!("{path}{name}");
            let reference = property["$ref"].as_str();
            if schema::is_read_only_field(property) {
                self.ignored.push(format!("`{path}`"));
                continue;
            }
            let seen = self.seen.iter().find(|(seen, _)| reference == Some(seen));
            if let Some((_, same)) = seen {
                let _ = writeln!(
                    self.rows,
                    "| `{path}` | same as `{same}`{needed} | The same key under its name in the API. |"
                );
                continue;
            }
            self.seen.extend(reference.map(|reference| (reference, path.clone())));
            let property = resolved(self.root, property);
            let meaning = property["description"].as_str().unwrap_or_default().replace('|', "\\|");
            let _ = writeln!(self.rows, "| `{path}` | {}{needed} | {meaning} |", form(self.root, property));
            let item = resolved(self.root, &property["items"]);
            for choice in [item, resolved(self.root, &item["then"])] {
                self.keys(choice, &format!("{path}[]."));
            }
            self.keys(property, &format!("{path}."));
            // Of a mapping with free keys.
            let value = resolved(self.root, &property["additionalProperties"]);
            self.keys(resolved(self.root, &value["then"]), &format!("{path}.NAME."));
        }
    }
}

fn resolved<'a>(root: &'a Json, schema: &'a Json) -> &'a Json {
    let pointer = schema["$ref"].as_str().and_then(|reference| reference.strip_prefix('#'));
    pointer.and_then(|pointer| root.pointer(pointer)).unwrap_or(schema)
}

/// Describes the values of a key.
fn form(root: &Json, schema: &Json) -> String {
    if let Some(words) = schema["enum"].as_array() {
        let words: Vec<String> = words.iter().filter_map(Json::as_str).map(|word| format!("`{word}`")).collect();
        return words.join(", ");
    }
    if let (Some(then), Some(other)) = (schema.get("then"), schema.get("else")) {
        return format!("{}, or {}", form(root, resolved(root, other)), form(root, resolved(root, then)));
    }
    if let Some(types) = schema["type"].as_array() {
        let types: Vec<&str> = types.iter().filter_map(Json::as_str).collect();
        return types.join(" or ");
    }
    let number = |name: &str| schema[name].as_u64();
    match schema["type"].as_str() {
        Some("array") => {
            let item = resolved(root, &schema["items"]);
            let of = match item["type"].as_str() {
                Some("object") => "mappings".to_owned(),
                Some(_) => format!("values: {}", form(root, item)),
                None if item["type"].is_array() => format!("values: {}", form(root, item)),
                None => "strings and mappings".to_owned(),
            };
            let least = number("minItems").map_or(String::new(), |least| format!("at least {least} "));
            format!("list of {least}{of}")
        }
        Some("object") if schema["properties"].is_object() => "mapping".to_owned(),
        Some("object") => {
            let most = number("maxProperties").map_or(String::new(), |most| format!("at most {most} "));
            let keys = schema["propertyNames"].as_object().map(|_| {
                let not = schema["propertyNames"]["not"]["pattern"].as_str();
                let not = not.map_or(String::new(), |not| format!(" and not `{}`", not.replace('|', "\\|")));
                format!("keys: {}{not}; ", text(&schema["propertyNames"]))
            });
            let values = form(root, resolved(root, &schema["additionalProperties"]));
            format!("mapping of {most}entries; {}values: {values}", keys.unwrap_or_default())
        }
        Some("string") => text(schema),
        Some(simple @ ("number" | "boolean" | "integer")) => simple.to_owned(),
        _ => "any".to_owned(),
    }
}

/// Describes a string.
fn text(schema: &Json) -> String {
    let length = match (schema["minLength"].as_u64(), schema["maxLength"].as_u64()) {
        (Some(least), Some(most)) => format!(" of {least} to {most} characters"),
        (None, Some(most)) => format!(" of at most {most} characters"),
        (Some(_), None) => " that is not empty".to_owned(),
        (None, None) => String::new(),
    };
    let pattern = schema["pattern"].as_str().map(|pattern| format!(", `{}`", pattern.replace('|', "\\|")));
    format!("string{length}{}", pattern.unwrap_or_default())
}
