//! For editors: the schemas with the keywords of each type of source, so that they complete and explain them.
//!
//! Looser than `lint`, which has the last word: a keyword that no list has is not underlined where it can be right.

use serde_json::{Map, Value as Json, json as value};

use super::json;
use crate::keywords::{Keywords, security_hub};
use crate::model::SourceType;
use crate::schema;
use crate::source::FileKind;

/// The schema of controls for editors.
pub fn control() -> String {
    let mut schema = base(FileKind::Control);
    let types = SourceType::ALL.iter().map(|source_type| {
        value!({
            "if": { "required": ["sourceType"], "properties": { "sourceType": { "const": source_type.name() } } },
            "then": { "properties": of_type(*source_type) },
        })
    });
    let types: Vec<Json> = types.collect();
    if let Some(source) = schema.pointer_mut("/$defs/source").and_then(Json::as_object_mut) {
        source.insert("allOf".to_owned(), types.into());
    }
    if let Some(definitions) = schema.pointer_mut("/$defs").and_then(Json::as_object_mut) {
        definitions
            .extend(SourceType::ALL.iter().map(|source_type| (keyword_name(*source_type), keyword(*source_type))));
    }
    explain(&mut schema, "/$defs/source/properties/sourceType", |word| {
        SourceType::from_name(word).map(about_type).unwrap_or_default().to_owned()
    });
    explain(&mut schema, "/$defs/source/properties/sourceFrequency", |word| {
        format!("The call is made {}.", word.to_ascii_lowercase())
    });
    json::print(&schema)
}

/// The schema of frameworks for editors.
pub fn framework() -> String {
    json::print(&base(FileKind::Framework))
}

/// The schema of `controlsync.toml` for editors, with the rules that can be named.
pub fn config() -> String {
    let mut schema = base(FileKind::Config);
    let rules = schema.pointer_mut("/properties/lint/properties/rules").and_then(Json::as_object_mut);
    if let Some(rules) = rules {
        let of_rule = |rule: &crate::diagnostic::Rule| {
            let levels = if rule.hard { value!(["error"]) } else { value!(["off", "info", "warning", "error"]) };
            (rule.id.to_owned(), value!({ "description": rule.summary, "enum": levels }))
        };
        let mut known: Vec<(String, Json)> = crate::rules::all().map(of_rule).collect();
        known.sort_by(|a, b| a.0.cmp(&b.0));
        rules.insert("properties".to_owned(), Json::Object(known.into_iter().collect()));
    }
    json::print(&schema)
}

/// The schema itself, under an id of its own.
fn base(kind: FileKind) -> Json {
    let mut schema = schema::json(kind);
    if let Some(Json::String(id)) = schema.get_mut("$id") {
        *id = id.replace(":schema:", ":schema:editor:");
    }
    schema
}

/// What goes with a type of source.
fn of_type(source_type: SourceType) -> Json {
    let manual = source_type == SourceType::Manual;
    let input = if manual { vec!["UPLOAD_FILE", "INPUT_TEXT"] } else { vec!["SELECT_FROM_LIST"] };
    let keyword = value!({ "$ref": format!("#/$defs/{}", keyword_name(source_type)) });
    value!({
        "sourceSetUpOption": { "enum": [source_type.set_up_option()] },
        "sourceKeyword": { "properties": { "keywordInputType": { "enum": input }, "keywordValue": keyword } },
    })
}

fn keyword_name(source_type: SourceType) -> String {
    format!("keyword of {}", source_type.name()).replace(' ', "_")
}

/// The keywords of a type of source.
fn keyword(source_type: SourceType) -> Json {
    let mut keyword = Map::new();
    keyword.insert("description".to_owned(), about_keyword(source_type).into());
    if let Some(list) = Keywords::default().list(source_type) {
        let words: Vec<&str> = list.iter().collect();
        // Of the events no list is whole, and eleven thousand words say nothing of each.
        let known = if source_type == SourceType::Cloudtrail {
            value!({ "enum": words })
        } else {
            let about: Vec<String> = words.iter().map(|word| about_word(source_type, word)).collect();
            value!({ "enum": words, "markdownEnumDescriptions": about })
        };
        let other = match source_type {
            SourceType::Config => Some(value!({ "pattern": "^Custom_." })),
            SourceType::Cloudtrail => Some(value!({ "pattern": "^[a-zA-Z0-9-]+_[a-zA-Z0-9]+$" })),
            _ => None,
        };
        let any: Vec<Json> = std::iter::once(known).chain(other).collect();
        keyword.insert("anyOf".to_owned(), any.into());
    }
    Json::Object(keyword)
}

fn about_type(source_type: SourceType) -> &'static str {
    match source_type {
        SourceType::Config => "Evaluations of an AWS Config rule, when it is evaluated.",
        SourceType::SecurityHub => "Findings of a Security Hub control, on its schedule.",
        SourceType::ApiCall => "The answer of an API call, as often as `sourceFrequency` says.",
        SourceType::Cloudtrail => "An event of AWS CloudTrail, when it happens.",
        SourceType::Manual => "What people upload or write.",
        SourceType::CommonControl => "What the AWS Control Catalog collects for a common control.",
        SourceType::CoreControl => "What AWS collects for a core control of Audit Manager.",
    }
}

fn about_keyword(source_type: SourceType) -> &'static str {
    match source_type {
        SourceType::Config => {
            "The identifier of a managed rule in capitals, or `Custom_` and the name of a custom rule."
        }
        SourceType::SecurityHub => {
            "The id that a standard gives the control: `1.2` (CIS), `PCI.IAM.1`, `IAM.1` (FSBP)."
        }
        SourceType::ApiCall => "One of the API calls that Audit Manager makes, `service_Action`.",
        SourceType::Cloudtrail => "The event, `service_Event`; none that only reads.",
        SourceType::Manual => "Not used: people collect the evidence.",
        SourceType::CommonControl => "The ARN of the common control, `arn:aws:controlcatalog:::common-control/…`.",
        SourceType::CoreControl => "The id of the core control, a UUID.",
    }
}

/// One line about a keyword, as Markdown.
fn about_word(source_type: SourceType, word: &str) -> String {
    match source_type {
        SourceType::Config => {
            let name = crate::keywords::config::rule_name(word);
            format!("AWS Config rule [{name}]({})", crate::keywords::page::config_rule(word))
        }
        SourceType::SecurityHub => {
            let control = security_hub::CONTROLS.iter().find(|control| control.keyword == word);
            control.map_or_else(String::new, |control| {
                format!("{}, control {} of Security Hub", control.standard, control.consolidated)
            })
        }
        _ => {
            let (service, action) = word.split_once('_').unwrap_or((word, ""));
            format!("`{action}` of the service `{service}`")
        }
    }
}

/// Describes the values of a member.
fn explain(schema: &mut Json, pointer: &str, about: impl Fn(&str) -> String) {
    let Some(member) = schema.pointer_mut(pointer).and_then(Json::as_object_mut) else { return };
    let words = member.get("enum").and_then(Json::as_array).cloned().unwrap_or_default();
    let about: Vec<String> = words.iter().map(|word| about(word.as_str().unwrap_or_default())).collect();
    member.insert("markdownEnumDescriptions".to_owned(), about.into());
}
