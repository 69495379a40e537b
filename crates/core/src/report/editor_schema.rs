//! JSON Schemas for editors, which complete and explain the keywords of each source type.
//!
//! They are less strict than `lint`: a keyword that is in no list is not underlined if it may be valid.

use serde_json::{Map, Value as Json, json as value};

use super::json;
use crate::keywords::{Keywords, ManagedRule, Parameter, managed_rules, security_hub};
use crate::schema;
use crate::source::FileKind;
use crate::source_type::{KeywordForm, SourceType};

/// Returns the schema of controls.
pub fn control() -> String {
    let mut schema = base(FileKind::Control);
    let types = SourceType::ALL.iter().map(|source_type| {
        let mut then = value!({ "properties": of_type(*source_type) });
        if source_type.keyword().form == KeywordForm::ConfigRule {
            then["allOf"] = managed_rules().iter().filter_map(parameters).collect();
        }
        value!({
            "if": { "required": ["sourceType"], "properties": { "sourceType": { "const": source_type.name() } } },
            "then": then,
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
        SourceType::from_name(word).map(SourceType::about).unwrap_or_default().to_owned()
    });
    explain(&mut schema, "/$defs/source/properties/sourceFrequency", |word| {
        format!("The call is made {}.", word.to_ascii_lowercase())
    });
    json::print(&schema)
}

/// Returns the schema of exceptions.
pub fn exception() -> String {
    json::print(&base(FileKind::Exception))
}

/// Returns the schema of frameworks.
pub fn framework() -> String {
    json::print(&base(FileKind::Framework))
}

/// Returns the schema of `controlsync.toml`, with all rules.
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

/// Returns the schema with an ID of its own.
fn base(kind: FileKind) -> Json {
    let mut schema = schema::json(kind);
    if let Some(Json::String(id)) = schema.get_mut("$id") {
        *id = id.replace(":schema:", ":schema:editor:");
    }
    schema
}

/// Returns the set-up option, the input types and the keywords of a source type.
fn of_type(source_type: SourceType) -> Json {
    let keyword = value!({ "$ref": format!("#/$defs/{}", keyword_name(source_type)) });
    value!({
        "sourceSetUpOption": { "enum": [source_type.set_up_option()] },
        "sourceKeyword": { "properties": { "keywordInputType": { "enum": source_type.input_types() }, "keywordValue": keyword } },
    })
}

/// Returns the schema of the parameters of a managed rule; `None` if it has none.
fn parameters(rule: &ManagedRule) -> Option<Json> {
    if rule.parameters.is_empty() {
        return None;
    }
    let about = |parameter: &Parameter| {
        let required = if parameter.required { " Required." } else { "" };
        let default = parameter.default.map_or_else(String::new, |of| format!(" Default in the console: {of}."));
        let about = format!("Parameter of the rule: {}.{required}{default}", parameter.of.noun());
        (parameter.name.to_owned(), value!({ "description": about }))
    };
    let parameters: Map<String, Json> = rule.parameters.iter().map(about).collect();
    let keyword =
        value!({ "required": ["keywordValue"], "properties": { "keywordValue": { "const": rule.identifier } } });
    Some(value!({
        "if": { "required": ["sourceKeyword"], "properties": { "sourceKeyword": keyword } },
        "then": { "properties": { "requiredParameters": { "properties": parameters } } },
    }))
}

fn keyword_name(source_type: SourceType) -> String {
    format!("keyword of {}", source_type.name()).replace(' ', "_")
}

/// Returns the schema of the keywords of a source type.
fn keyword(source_type: SourceType) -> Json {
    let mut keyword = Map::new();
    keyword.insert("description".to_owned(), source_type.keyword().about.into());
    if let Some(list) = Keywords::default().list(source_type) {
        let words: Vec<&str> = list.iter().collect();
        // The list of events is incomplete, and its eleven thousand entries have no descriptions.
        let known = if source_type.keyword().form == KeywordForm::CloudtrailEvent {
            value!({ "enum": words })
        } else {
            let about: Vec<String> = words.iter().map(|word| about_word(source_type, word)).collect();
            value!({ "enum": words, "markdownEnumDescriptions": about })
        };
        let other = match source_type.keyword().form {
            KeywordForm::ConfigRule => Some(value!({ "pattern": "^Custom_." })),
            KeywordForm::CloudtrailEvent => Some(value!({ "pattern": "^[a-zA-Z0-9-]+_[a-zA-Z0-9]+$" })),
            _ => None,
        };
        let any: Vec<Json> = std::iter::once(known).chain(other).collect();
        keyword.insert("anyOf".to_owned(), any.into());
    }
    Json::Object(keyword)
}

/// Returns a line about a keyword, as Markdown.
fn about_word(source_type: SourceType, word: &str) -> String {
    match source_type.keyword().form {
        KeywordForm::ConfigRule => {
            let name = crate::keywords::config::rule_name(word);
            format!("AWS Config rule [{name}]({})", crate::keywords::page::config_rule(word))
        }
        KeywordForm::SecurityHubControl => {
            let control = security_hub::CONTROLS.iter().find(|control| control.keyword == word);
            control.map_or_else(String::new, |control| {
                format!("{}, Security Hub control {}", control.standard, control.consolidated)
            })
        }
        _ => {
            let (service, action) = word.split_once('_').unwrap_or((word, ""));
            format!("`{action}` of the service `{service}`")
        }
    }
}

/// Describes the values of a key.
fn explain(schema: &mut Json, pointer: &str, about: impl Fn(&str) -> String) {
    let Some(property) = schema.pointer_mut(pointer).and_then(Json::as_object_mut) else { return };
    let words = property.get("enum").and_then(Json::as_array).cloned().unwrap_or_default();
    let about: Vec<String> = words.iter().map(|word| about(word.as_str().unwrap_or_default())).collect();
    property.insert("markdownEnumDescriptions".to_owned(), about.into());
}
