//! Generated catalogs: few names, so that definitions interact.

use controlsync_core::source::{Content, FileKind, Source, Sources};
use proptest::collection::{btree_map, vec};
use proptest::option;
use proptest::prelude::*;
use serde_json::{Map, Value as Json, json};

/// The files of a catalog.
#[derive(Clone, Debug)]
pub struct Files {
    /// Controls by file name.
    pub controls: Vec<(String, Json)>,
    /// Frameworks by file name.
    pub frameworks: Vec<(String, Json)>,
}

impl Files {
    /// Returns the files as sources.
    pub fn sources(&self) -> Sources {
        let file = |directory: &str, kind, (name, value): &(String, Json)| {
            Source::new(format!("{directory}/{name}.json"), kind, Content::Bytes(value.to_string().into_bytes()))
        };
        let controls = self.controls.iter().map(|entry| file("controls", FileKind::Control, entry));
        let frameworks = self.frameworks.iter().map(|entry| file("frameworks", FileKind::Framework, entry));
        Sources::new(controls.chain(frameworks).collect())
    }
}

impl Files {
    /// Returns the files with every object and every reference renamed.
    pub fn renamed(&self) -> Self {
        let mut files = self.clone();
        for (_, value) in files.controls.iter_mut().chain(&mut files.frameworks) {
            let old = value["name"].as_str().unwrap_or_default().to_owned();
            value["name"] = format!("new {old}").into();
            value["renamedFrom"] = json!(["", old]);
        }
        for (_, framework) in &mut files.frameworks {
            for set in framework["controlSets"].as_array_mut().into_iter().flatten() {
                for name in set["controls"].as_array_mut().into_iter().flatten() {
                    *name = format!("new {}", name.as_str().unwrap_or_default()).into();
                }
            }
        }
        for (number, (_, value)) in files.controls.iter_mut().chain(&mut files.frameworks).enumerate() {
            value["renamedFrom"][0] = format!("never existed {number}").into();
        }
        files
    }
}

/// Strings with arbitrary characters, including line breaks and control characters.
fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        Just(String::new()),
        "[a-z ]{1,12}",
        "\\PC{1,20}",
        "[ \\n\\t:#'\"&*{}\\[\\]-]{1,10}",
        Just("1.10".to_owned())
    ]
}

fn tags() -> impl Strategy<Value = Json> {
    btree_map("[A-C]", "[a-z]{0,3}", 0..4).prop_map(|tags| json!(tags))
}

fn insert(object: &mut Map<String, Json>, name: &str, value: Option<impl Into<Json>>) {
    if let Some(value) = value {
        object.insert(name.to_owned(), value.into());
    }
}

/// Automated source types with two keywords each.
const AUTOMATED: [(&str, [&str; 2]); 4] = [
    ("AWS_Config", ["ENCRYPTED_VOLUMES", "Custom_my rule"]),
    ("AWS_Security_Hub", ["1.2", "IAM.1"]),
    ("AWS_API_Call", ["iam_ListGroups", "iam_ListUsers"]),
    ("AWS_Cloudtrail", ["iam_CreateUser", "iam_DeleteUser"]),
];

fn source() -> impl Strategy<Value = Json> {
    let name = "[ab]";
    let kind = prop_oneof![Just(("MANUAL", ["", ""])), proptest::sample::select(AUTOMATED.as_slice())];
    let keyword = 0..2_usize;
    let frequency = option::of(prop_oneof![Just("DAILY"), Just("WEEKLY")]);
    (name, kind, keyword, frequency, any::<bool>(), option::of(text()), option::of(text())).prop_map(
        |(name, (kind, keywords), keyword, frequency, with_defaults, description, troubleshooting)| {
            let mut source = Map::new();
            source.insert("sourceName".into(), name.into());
            source.insert("sourceType".into(), kind.into());
            let manual = kind == "MANUAL";
            if !manual {
                source.insert("sourceKeyword".into(), json!({ "keywordValue": keywords[keyword] }));
            }
            if with_defaults {
                let option = if manual { "Procedural_Controls_Mapping" } else { "System_Controls_Mapping" };
                source.insert("sourceSetUpOption".into(), option.into());
                let input = if manual { "INPUT_TEXT" } else { "SELECT_FROM_LIST" };
                let keyword = source.entry("sourceKeyword").or_insert_with(|| json!({}));
                keyword["keywordInputType"] = input.into();
            }
            insert(&mut source, "sourceFrequency", frequency.filter(|_| kind == "AWS_API_Call"));
            insert(&mut source, "sourceDescription", description);
            insert(&mut source, "troubleshootingText", troubleshooting);
            Json::Object(source)
        },
    )
}

fn control(name: String) -> impl Strategy<Value = Json> {
    (option::of(text()), option::of(text()), option::of(vec(source(), 1..6)), tags(), any::<bool>()).prop_map(
        move |(description, title, sources, tags, api_name)| {
            let mut control = Map::new();
            control.insert("name".into(), name.clone().into());
            insert(&mut control, "description", description);
            insert(&mut control, "actionPlanTitle", title);
            insert(&mut control, if api_name { "controlMappingSources" } else { "datasources" }, sources);
            control.insert("tags".into(), tags);
            Json::Object(control)
        },
    )
}

fn framework(name: String, controls: usize) -> impl Strategy<Value = Json> {
    let controls = vec((0..controls).prop_map(|number| format!("control {number}")), 1..5);
    // Names of control sets are unique in a framework.
    let sets = btree_map("[STU]", controls, 1..4).prop_map(|sets| {
        sets.into_iter().map(|(name, controls)| json!({ "name": name, "controls": controls })).collect::<Vec<_>>()
    });
    let sets = sets.prop_shuffle();
    let description = option::of("[a-z]{1,9}");
    (description, option::of("[A-Z]{0,5}"), sets, tags()).prop_map(move |(description, compliance, sets, tags)| {
        let mut framework = Map::new();
        framework.insert("name".into(), name.clone().into());
        insert(&mut framework, "description", description);
        insert(&mut framework, "complianceType", compliance);
        framework.insert("controlSets".into(), sets.into());
        framework.insert("tags".into(), tags);
        Json::Object(framework)
    })
}

/// Number of controls and frameworks in every catalog, so that two catalogs are two versions of the same one.
pub const CONTROLS: usize = 4;
const FRAMEWORKS: usize = 2;

/// Returns valid catalogs.
pub fn files() -> impl Strategy<Value = Files> {
    let controls: Vec<_> = (0..CONTROLS).map(|number| control(format!("control {number}"))).collect();
    let frameworks: Vec<_> = (0..FRAMEWORKS).map(|number| framework(format!("framework {number}"), CONTROLS)).collect();
    (controls, frameworks, any::<bool>()).prop_map(|(controls, frameworks, in_subdirectory)| {
        let prefix = if in_subdirectory { "team/" } else { "" };
        let named = |values: Vec<Json>| {
            values.into_iter().enumerate().map(|(number, value)| (format!("{prefix}{number}"), value)).collect()
        };
        Files { controls: named(controls), frameworks: named(frameworks) }
    })
}
