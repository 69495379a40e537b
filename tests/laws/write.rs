//! Written definitions are read back unchanged.

use std::collections::BTreeMap;

use controlsync_core::check::{Checked, Options, check};
use controlsync_core::demand::{Demand, ListForm};
use controlsync_core::model::{
    Control, ControlRef, ControlSet, CustomRule, DataSource, Evaluator, Framework, Remediation, RemediationValue,
    Severity,
};
use controlsync_core::source::{Content, FileKind, Source, Sources};
use controlsync_core::source_type::SourceType;
use controlsync_core::write::{self, Form};
use proptest::collection::{btree_map, vec};
use proptest::option;
use proptest::prelude::*;

fn text() -> impl Strategy<Value = String> {
    const PARTS: &[&str] = &[
        "yes",
        "null",
        "~",
        "1_000",
        "0x1",
        "1:30",
        "2024-01-31",
        "=",
        "<<",
        "- ",
        ": ",
        " #",
        "#",
        "*",
        "&",
        "!",
        "|",
        ">",
        "'",
        "\"",
        "\\",
        "%",
        "@",
        "`",
        "[",
        "{",
        "?",
        "---",
        "...",
        ":",
        "\n",
        "\n\n",
        "\r",
        "\r\n",
        "\u{85}",
        "\u{2028}",
        "\t",
        " ",
        "\u{a0}",
        "\u{feff}",
        "\u{0}",
        "\u{7f}",
        "\u{fffe}",
        "\u{e0001}",
        "é",
        "日本",
        "a",
        "line",
    ];
    let part = prop_oneof![
        6 => proptest::sample::select(PARTS).prop_map(str::to_owned),
        1 => any::<char>().prop_map(String::from),
        1 => "[a-z ]{0,99}",
    ];
    vec(part, 0..9).prop_map(|parts| parts.concat())
}

fn name() -> impl Strategy<Value = String> {
    // Names cannot contain backslashes, and names of control sets cannot contain underscores.
    let name = text().prop_map(|text| text.replace(['\\', '_'], "").chars().take(300).collect::<String>());
    name.prop_map(|name| if name.is_empty() { "n".to_owned() } else { name })
}

fn tags() -> impl Strategy<Value = BTreeMap<String, String>> {
    let value = text().prop_map(|text| -> String {
        text.replace(['\n', '\r', '\u{85}', '\u{2028}', '\u{2029}'], "").chars().take(255).collect()
    });
    btree_map("(yes|1|=|<<|a:b|[a-zA-Z0-9+,./:;<=_-]{1,9})", value, 0..4)
        .prop_map(|tags| tags.into_iter().filter(|(key, _)| !key.starts_with("aws:")).collect())
}

fn source() -> impl Strategy<Value = DataSource> {
    let optional =
        |values: &'static [&'static str]| option::of(proptest::sample::select(values).prop_map(str::to_owned));
    (
        (name(), text(), text(), proptest::sample::select(SourceType::ALL)),
        optional(&["System_Controls_Mapping", "Procedural_Controls_Mapping"]),
        optional(&["SELECT_FROM_LIST", "UPLOAD_FILE", "INPUT_TEXT"]),
        option::of("[a-zA-Z_0-9 ().:/\n-]{1,20}"),
        optional(&["DAILY", "WEEKLY", "MONTHLY"]),
    )
        .prop_map(
            |((name, description, troubleshooting, source_type), set_up_option, input_type, keyword, frequency)| {
                DataSource {
                    name,
                    description,
                    set_up_option,
                    source_type,
                    input_type,
                    keyword,
                    frequency,
                    troubleshooting,
                    required_parameters: BTreeMap::new(),
                    remediation: None,
                    custom_rule: None,
                }
            },
        )
        .prop_flat_map(|source| {
            let demands = btree_map("[a-zA-Z0-9]{1,9}", demand(), 0..3);
            (Just(source), demands, option::of(remediation()), option::of(custom_rule()))
        })
        .prop_map(|(source, required_parameters, remediation, custom_rule)| DataSource {
            required_parameters,
            remediation,
            custom_rule,
            ..source
        })
}

/// A value of a parameter: a string that is not trimmed when it is read.
fn value() -> impl Strategy<Value = String> {
    prop_oneof!["(yes|1|-2|true|0x1|2027-01-31|1\\.50|)", text()].prop_map(|text| text.trim().to_owned())
}

fn demand() -> impl Strategy<Value = Demand> {
    let number = || option::of("(0|-?[1-9][0-9]{0,3}(\\.[0-9]{1,2})?)");
    let list = option::of(proptest::sample::select([ListForm::Csv, ListForm::Ports].as_slice()));
    let bounds = (number(), number(), vec(value(), 0..3), vec(value(), 0..3), vec(value(), 0..3), list).prop_map(
        |(at_most, at_least, one_of, includes, within, list)| Demand {
            exactly: None,
            at_most,
            at_least,
            one_of,
            includes,
            within,
            list,
        },
    );
    prop_oneof![value().prop_map(|exactly| Demand { exactly: Some(exactly), ..Demand::default() }), bounds]
}

fn remediation() -> impl Strategy<Value = Remediation> {
    let value =
        prop_oneof![text().prop_map(RemediationValue::One), vec(text(), 1..3).prop_map(RemediationValue::List),];
    let role = option::of(Just("arn:aws:iam::111122223333:role/Remediation".to_owned()));
    let automatic = option::of(any::<bool>());
    ("[a-zA-Z0-9_.:/-]{3,9}", role, automatic, btree_map("[a-zA-Z]{1,9}", value, 0..3)).prop_map(
        |(ssm_document, automation_role, automatic, parameters)| Remediation {
            ssm_document,
            automation_role,
            automatic,
            parameters,
        },
    )
}

fn custom_rule() -> impl Strategy<Value = CustomRule> {
    let function = "arn:aws:lambda:eu-west-1:111122223333:function:check";
    let evaluator = prop_oneof![
        "rules/[a-z é]{1,9}\\.guard".prop_map(Evaluator::Guard),
        Just(Evaluator::Lambda(function.to_owned())),
    ];
    let trigger = option::of(proptest::sample::select(["changes", "periodic"].as_slice()).prop_map(str::to_owned));
    (evaluator, vec("AWS::[A-Z][a-z]{1,5}::[A-Z][a-z]{1,5}", 0..3), trigger)
        .prop_map(|(evaluator, resource_types, trigger)| CustomRule { evaluator, resource_types, trigger })
}

pub fn control() -> impl Strategy<Value = Control> {
    let sources_key = proptest::sample::select(["datasources", "controlMappingSources"].as_slice());
    let in_files = (
        option::of(proptest::sample::select(Severity::ALL.as_slice())),
        option::of("https?://[a-z.]{1,9}/[a-zA-Z0-9#?=&%]{0,9}"),
    );
    let texts = [text(), text(), text(), text()];
    (name(), vec(name(), 0..3), texts, tags(), vec(source(), 1..4), sources_key, in_files).prop_map(
        |(
            name,
            renamed_from,
            [description, testing, title, instructions],
            tags,
            sources,
            sources_member,
            (severity, procedure_url),
        )| Control {
            name,
            renamed_from,
            description,
            testing_information: testing,
            action_plan_title: title.chars().take(300).collect(),
            action_plan_instructions: instructions,
            severity,
            procedure_url,
            tags,
            sources,
            sources_member,
        },
    )
}

pub fn framework() -> impl Strategy<Value = Framework> {
    let reference = prop_oneof![
        name().prop_map(ControlRef::Name),
        name().prop_map(ControlRef::Standard),
        name().prop_map(ControlRef::Core),
        "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}".prop_map(ControlRef::Id),
    ];
    let sets = btree_map(name(), vec(reference, 1..4), 1..3);
    let description = option::of(text().prop_filter("a text", |text| !text.is_empty()));
    (name(), vec(name(), 0..3), description, text(), tags(), sets).prop_map(
        |(name, renamed_from, description, compliance, tags, sets)| Framework {
            name,
            renamed_from,
            description,
            compliance_type: compliance.chars().take(100).collect(),
            tags,
            control_sets: sets.into_iter().map(|(name, controls)| ControlSet { name, controls }).collect(),
        },
    )
}

fn read(path: &str, kind: FileKind, text: &str) -> Checked {
    let source = Source::new(path, kind, Content::Bytes(text.as_bytes().to_vec()));
    check(Sources::new(vec![source]), &Options::default())
}

fn forms() -> impl Strategy<Value = Form> {
    proptest::sample::select([Form::Yaml, Form::YamlLines, Form::Json].as_slice())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn a_written_control_is_read_back_unchanged(control in control(), form in forms()) {
        let text = write::control(&control, &BTreeMap::new(), form);
        let checked = read("controls/a.yaml", FileKind::Control, &text);
        let read = checked.catalog.controls.get(&control.name).map(|entry| &entry.value);
        prop_assert_eq!(read, Some(&control), "{}\n{:#?}", text, checked.diagnostics);
        if form == Form::Json {
            prop_assert!(serde_json::from_str::<serde_json::Value>(&text).is_ok(), "{}", text);
        }
    }

    #[test]
    fn a_written_framework_is_read_back_unchanged(framework in framework(), form in forms()) {
        let text = write::framework(&framework, &BTreeMap::new(), form);
        let checked = read("frameworks/a.yaml", FileKind::Framework, &text);
        let read = checked.catalog.frameworks.get(&framework.name).map(|entry| &entry.value);
        prop_assert_eq!(read, Some(&framework), "{}\n{:#?}", text, checked.diagnostics);
    }
}
