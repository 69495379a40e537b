//! Pulled files match the account, for arbitrary content.

use std::collections::{BTreeMap, BTreeSet};

use controlsync_core::catalog_path;
use controlsync_core::plan::{Adopt, ChangeKind};
use controlsync_core::pull::{self, Pulled, Step, Target};
use controlsync_core::source::{Content, FileKind, Source, Sources};
use proptest::collection::{btree_map, vec};
use proptest::option;
use serde_json::{Value as Json, json};

use controlsync_aws::audit_manager::account::Reading;
use controlsync_core::change_result::ChangeResult;
use controlsync_core::check::{Options, check};
use controlsync_core::plan::{self, Plan};
use controlsync_emulator::Switches;
use proptest::prelude::*;

use crate::laws::{catalog, switches};
use crate::support::{Account, checked, options, runtime};

/// Files of a directory, by path.
type Folder = BTreeMap<String, String>;

fn sources(folder: &Folder) -> Sources {
    let file = |(path, text): (&String, &String)| {
        let kind = catalog_path::kind_of(path).unwrap_or(FileKind::Ignored);
        Source::new(path.clone(), kind, Content::Bytes(text.clone().into_bytes()))
    };
    Sources::new(folder.iter().map(file).collect())
}

async fn pull(account: &Account, folder: &Folder, unmanaged: bool) -> Pulled {
    let options = pull::Options { unmanaged, ..pull::Options::default() };
    let target = Target {
        checked: check(sources(folder), &options.check),
        files: folder.keys().cloned().collect(),
        folders: BTreeSet::new(),
    };
    let mut reading = Reading::start(&account.client).await.unwrap();
    loop {
        match pull::step(&target, reading.actual(), &options) {
            Step::Done(pulled) => return *pulled,
            Step::Read(needs) => reading.read(&needs, &|_, _| {}).await.unwrap(),
        }
    }
}

async fn plan_of(account: &Account, folder: &Folder, adopt: Adopt) -> Plan {
    let checked = check(sources(folder), &Options::default());
    let mut reading = Reading::start(&account.client).await.unwrap();
    let options = plan::Options { adopt, ..plan::Options::default() };
    reading.plan(&checked.catalog, &checked.sources, &options, |_, _| {}).await.unwrap()
}

fn written(pulled: &Pulled) -> Folder {
    pulled.files.iter().map(|file| (file.path.clone(), file.text.clone())).collect()
}

/// Strings that some parsers misread or truncate.
#[expect(clippy::too_many_lines, reason = "a list of strings")]
fn hostile() -> impl Strategy<Value = String> {
    const WORDS: &[&str] = &[
        "yes",
        "No",
        "on",
        "n",
        "null",
        "~",
        "true",
        "1_000",
        "0x1",
        "1:30",
        "1.10",
        "2024-01-31",
        "=",
        "<<",
        ".inf",
        "- a",
        "a: b",
        "a #b",
        "# a",
        "*a",
        "&a",
        "!a",
        "|",
        ">",
        "'",
        "\"",
        "%",
        "@",
        "`",
        "[a",
        "{a",
        "? a",
        "---",
        "...",
        "a:",
        "$",
        "# controlsync: ignore x",
        "TODO",
    ];
    const ENDS: &[&str] = &[
        "\n",
        "\r",
        "\r\n",
        "\u{85}",
        "\u{2028}",
        "\u{2029}",
        "\t",
        " ",
        "\u{a0}",
        "\u{feff}",
        "\u{0}",
        "\u{1b}",
        "\u{7f}",
        "\u{fffe}",
        "\u{e0001}",
        "\u{200d}",
        "\u{10ffff}",
    ];
    let part = prop_oneof![
        3 => proptest::sample::select(WORDS).prop_map(str::to_owned),
        3 => proptest::sample::select(ENDS).prop_map(str::to_owned),
        1 => "[ -~]{1,20}",
        1 => "\\PC{1,8}",
        1 => any::<char>().prop_map(String::from),
        1 => "[a-z ]{150,250}",
    ];
    let text = prop_oneof![vec(part, 0..5).prop_map(|parts| parts.concat()), "([ -~]{0,9}\n){1,4}"];
    text.prop_map(|text| text.chars().take(1000).collect())
}

fn name() -> impl Strategy<Value = String> {
    hostile()
        .prop_map(|text| text.chars().filter(|c| *c != '\\').take(300).collect::<String>())
        .prop_filter("a name", |name| !name.is_empty())
}

fn tags() -> impl Strategy<Value = Json> {
    let value = hostile().prop_map(|text| {
        text.chars().filter(|c| !"\n\r\u{85}\u{2028}\u{2029}".contains(*c)).take(255).collect::<String>()
    });
    btree_map("([A-C]|yes|1|=|<<|a:b|0x1|[+,./:;<=_-]{1,3})", value, 0..4).prop_map(|tags| json!(tags))
}

fn source() -> impl Strategy<Value = Json> {
    let keyword = prop_oneof![
        Just("ENCRYPTED_VOLUMES".to_owned()),
        Just("IAM.1".to_owned()),
        Just("iam_ListUsers".to_owned()),
        "[a-zA-Z_0-9 ().:/\n-]{1,20}"
    ];
    let kind = proptest::sample::select(
        ["AWS_Config", "AWS_Security_Hub", "AWS_API_Call", "AWS_Cloudtrail", "MANUAL", "Common_Control"].as_slice(),
    );
    let set_up = option::weighted(
        0.2,
        proptest::sample::select(["System_Controls_Mapping", "Procedural_Controls_Mapping"].as_slice()),
    );
    let input =
        option::weighted(0.3, proptest::sample::select(["SELECT_FROM_LIST", "UPLOAD_FILE", "INPUT_TEXT"].as_slice()));
    let frequency = option::of(proptest::sample::select(["DAILY", "WEEKLY"].as_slice()));
    (name(), kind, option::of(keyword), set_up, input, frequency, option::of(hostile()), option::of(hostile()))
        .prop_map(|(name, kind, keyword, set_up, input, frequency, description, troubleshooting)| {
            let mut source = json!({ "sourceName": name, "sourceType": kind });
            if keyword.is_some() || input.is_some() {
                source["sourceKeyword"] = json!({ "keywordValue": keyword, "keywordInputType": input });
            }
            for (key, value) in [
                ("sourceSetUpOption", set_up.map(str::to_owned)),
                ("sourceFrequency", frequency.map(str::to_owned)),
                ("sourceDescription", description),
                ("troubleshootingText", troubleshooting),
            ] {
                if let Some(value) = value {
                    source[key] = value.into();
                }
            }
            source
        })
}

const CORE: &str = "7c3f5a9e-0d6e-4f5b-8f57-00000000c0de";

/// Controls and frameworks that users created in the console.
fn seed() -> impl Strategy<Value = Json> {
    let texts = (option::of(hostile()), option::of(hostile()), option::of(hostile()));
    let control = (name(), texts, vec(source(), 1..4), tags()).prop_map(
        |(name, (description, testing, title), sources, tags)| {
            json!({ "name": name, "description": description, "testingInformation": testing,
            "actionPlanTitle": title.map(|title| title.chars().take(300).collect::<String>()),
            "controlMappingSources": sources, "tags": tags })
        },
    );
    let set = (name(), vec(0..4_usize, 1..4), any::<bool>());
    let framework = (name(), option::of(hostile()), vec(set, 1..3), tags());
    (vec(control, 1..4), vec(framework, 0..3)).prop_map(|(mut controls, frameworks)| {
        let mut seen = BTreeSet::new();
        controls.retain(|control| seen.insert(control["name"].to_string()));
        for (number, control) in controls.iter_mut().enumerate() {
            control["id"] = format!("7c3f5a9e-0d6e-4f5b-8f57-{:012}", number + 1).into();
        }
        let ids: Vec<Json> = controls.iter().map(|control| control["id"].clone()).collect();
        controls.push(json!({ "id": CORE, "type": "Core", "name": "yes: a core control" }));
        let mut seen = BTreeSet::new();
        let frameworks: Vec<Json> = frameworks
            .into_iter()
            .filter(|(name, ..)| seen.insert(name.clone()))
            .map(|(name, description, sets, tags)| {
                let mut names = BTreeSet::new();
                let sets: Vec<Json> = sets
                    .into_iter()
                    .map(|(name, controls, core)| (name.replace('_', "-"), controls, core))
                    .filter(|(name, ..)| names.insert(name.clone()))
                    .map(|(name, controls, core)| {
                        let numbers: BTreeSet<usize> = controls.iter().map(|number| number % ids.len()).collect();
                        let mut controls: Vec<Json> = numbers.into_iter().map(|number| ids[number].clone()).collect();
                        controls.extend(core.then(|| CORE.into()));
                        json!({ "name": name, "controls": controls })
                    })
                    .collect();
                json!({ "name": name, "description": description, "controlSets": sets, "tags": tags })
            })
            .collect();
        json!({ "controls": controls, "frameworks": frameworks })
    })
}

fn errors(folder: &Folder) -> Vec<String> {
    let checked = check(sources(folder), &Options::default());
    let errors = checked.diagnostics.iter().filter(|found| found.level == controlsync_core::diagnostic::Level::Error);
    errors.map(|found| format!("{}: {}", found.rule.id, found.message)).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn applied_objects_are_pulled_without_differences(first in catalog(), switches in switches()) {
        runtime().block_on(async {
            // A file has the texts of the account, and the record of what was applied those that were sent.
            let in_own_form = switches.normalize_texts || switches.drop_empty_tags;
            let account = Account::new(switches).await;
            let (_, results) = account.apply(&checked(&first, "default"), &options()).await;
            prop_assert!(results.iter().all(ChangeResult::is_done), "{:#?}", results);
            let pulled = pull(&account, &Folder::new(), false).await;
            prop_assert!(pulled.is_complete(), "{:#?}", pulled);
            let folder = written(&pulled);
            prop_assert_eq!(errors(&folder), [""; 0]);
            let plan = plan_of(&account, &folder, Adopt::Identical).await;
            let is_same = |change: &controlsync_core::plan::Change| {
                change.kind == ChangeKind::Unchanged || (in_own_form && change.kind == ChangeKind::Retag)
            };
            prop_assert!(plan.changes.iter().all(is_same), "{:#?}\n{:#?}", plan.changes, folder);
            prop_assert_eq!(plan.changes.len(), first.controls.len() + first.frameworks.len());
            let again = pull(&account, &folder, false).await;
            prop_assert!(again.is_complete() && again.files.is_empty(), "{:#?}", again);
            Ok(())
        })?;
    }

    #[test]
    fn objects_of_the_console_can_be_pulled_and_adopted_unchanged(seed in seed()) {
        runtime().block_on(async {
            let account = Account::new(Switches::default()).await;
            account.emulator.seed(serde_json::from_value(seed).unwrap()).await.unwrap();
            let pulled = pull(&account, &Folder::new(), true).await;
            prop_assert!(pulled.is_complete(), "{:#?}", pulled);
            let folder = written(&pulled);
            prop_assert_eq!(errors(&folder), [""; 0]);
            let plan = plan_of(&account, &folder, Adopt::Identical).await;
            for change in &plan.changes {
                prop_assert_eq!(change.kind, ChangeKind::Adopt);
                prop_assert!(change.fields.is_empty() && change.blocked_by.is_empty(), "{:#?}\n{:#?}", change, folder);
                prop_assert!(change.tags.remove.is_empty());
            }
            prop_assert_eq!(plan.changes.len(), pulled.files.len());
            let again = pull(&account, &folder, true).await;
            prop_assert!(again.is_complete() && again.files.is_empty(), "{:#?}", again);
            Ok(())
        })?;
    }
}
