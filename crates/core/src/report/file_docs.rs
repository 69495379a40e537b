//! The page about the files: every member and its limits, from the schemas.

use std::fmt::Write as _;

use serde_json::Value as Json;

use crate::schema;
use crate::source::FileKind;

/// What is pasted in from Audit Manager and means nothing in a file.
const IGNORED: &str = "#/$defs/responseMember";

const ABOUT: &str = "\
# Files

What stands in the files of a catalog. A text that a file leaves out is empty, but for the description of a framework, which
then stays as it is. What a value must match stands as a regular expression. Generated from the JSON Schemas in `schemas/`: run
`cargo run -q -p controlsync-core --example generate`.
";

/// The page, as Markdown.
pub fn markdown() -> String {
    let mut page = ABOUT.to_owned();
    for (title, place, kind) in [
        ("Controls", "`.yaml`, `.yml` or `.json` below `controls/`, one control a file", FileKind::Control),
        ("Frameworks", "`.yaml`, `.yml` or `.json` below `frameworks/`, one framework a file", FileKind::Framework),
        (
            "Configuration",
            "`controlsync.toml` beside these folders; see [configuration](../configuration.md)",
            FileKind::Config,
        ),
    ] {
        let root = schema::json(kind);
        let mut table = Table { root: &root, rows: String::new(), ignored: Vec::new(), told: Vec::new() };
        table.members(&root, "");
        let _ =
            write!(page, "\n## {title}\n\n{place}.\n\n| member | value | what it is |\n|---|---|---|\n{}", table.rows);
        if !table.ignored.is_empty() {
            let _ = write!(
                page,
                "\nWhat Audit Manager prints besides is accepted and ignored: {}.\n",
                table.ignored.join(", ")
            );
        }
    }
    page
}

/// The members of a kind of file.
struct Table<'a> {
    root: &'a Json,
    rows: String,
    ignored: Vec<String>,
    /// What several members share, and the first of them.
    told: Vec<(&'a str, String)>,
}

impl<'a> Table<'a> {
    /// A row for each member of an object, and then those of what it holds.
    fn members(&mut self, object: &'a Json, path: &str) {
        let required: Vec<&str> =
            object["required"].as_array().into_iter().flatten().filter_map(Json::as_str).collect();
        for (name, member) in object["properties"].as_object().into_iter().flatten() {
            let needed = if required.contains(&name.as_str()) { ", **required**" } else { "" };
            let path = format!("{path}{name}");
            let reference = member["$ref"].as_str();
            if reference == Some(IGNORED) {
                self.ignored.push(format!("`{path}`"));
                continue;
            }
            let told = self.told.iter().find(|(told, _)| reference == Some(told));
            if let Some((_, same)) = told {
                let _ = writeln!(
                    self.rows,
                    "| `{path}` | as `{same}`{needed} | The same under the name that the API has for it. |"
                );
                continue;
            }
            self.told.extend(reference.map(|reference| (reference, path.clone())));
            let member = resolved(self.root, member);
            let meaning = member["description"].as_str().unwrap_or_default().replace('|', "\\|");
            let _ = writeln!(self.rows, "| `{path}` | {}{needed} | {meaning} |", form(self.root, member));
            let item = resolved(self.root, &member["items"]);
            for choice in [item, resolved(self.root, &item["then"])] {
                self.members(choice, &format!("{path}[]."));
            }
            self.members(member, &format!("{path}."));
        }
    }
}

fn resolved<'a>(root: &'a Json, schema: &'a Json) -> &'a Json {
    let pointer = schema["$ref"].as_str().and_then(|reference| reference.strip_prefix('#'));
    pointer.and_then(|pointer| root.pointer(pointer)).unwrap_or(schema)
}

/// What a value looks like.
fn form(root: &Json, schema: &Json) -> String {
    if let Some(words) = schema["enum"].as_array() {
        let words: Vec<String> = words.iter().filter_map(Json::as_str).map(|word| format!("`{word}`")).collect();
        return words.join(", ");
    }
    let number = |name: &str| schema[name].as_u64();
    match schema["type"].as_str() {
        Some("array") => {
            let item = resolved(root, &schema["items"]);
            let of = match item["type"].as_str() {
                Some("object") => "maps".to_owned(),
                Some(_) => format!("values: {}", form(root, item)),
                None => "texts and maps".to_owned(),
            };
            let least = number("minItems").map_or(String::new(), |least| format!("at least {least} "));
            format!("list of {least}{of}")
        }
        Some("object") if schema["properties"].is_object() => "map".to_owned(),
        Some("object") => {
            let most = number("maxProperties").map_or(String::new(), |most| format!("at most {most} "));
            let keys = schema["propertyNames"].as_object().map(|_| {
                let not = schema["propertyNames"]["not"]["pattern"].as_str();
                let not = not.map_or(String::new(), |not| format!(" and not `{}`", not.replace('|', "\\|")));
                format!("keys: {}{not}; ", text(&schema["propertyNames"]))
            });
            let values = form(root, resolved(root, &schema["additionalProperties"]));
            format!("map of {most}values; {}values: {values}", keys.unwrap_or_default())
        }
        Some("string") => text(schema),
        _ => "any".to_owned(),
    }
}

/// What a text looks like.
fn text(schema: &Json) -> String {
    let length = match (schema["minLength"].as_u64(), schema["maxLength"].as_u64()) {
        (Some(least), Some(most)) => format!(" of {least} to {most} characters"),
        (None, Some(most)) => format!(" of at most {most} characters"),
        (Some(_), None) => " that is not empty".to_owned(),
        (None, None) => String::new(),
    };
    let pattern = schema["pattern"].as_str().map(|pattern| format!(", `{}`", pattern.replace('|', "\\|")));
    format!("text{length}{}", pattern.unwrap_or_default())
}
