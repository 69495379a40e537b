//! The operations together, without HTTP.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use uuid::Uuid;

use super::{Handler, handler};
use crate::audit_manager::error::ServiceError;
use crate::audit_manager::library;
use crate::audit_manager::operation::Operation::{self, *};
use crate::audit_manager::options::{AuditManager, Quotas};
use crate::audit_manager::state::{AccountState, ObjectKind};
use crate::audit_manager::switches::{StandardWrite, Switches};

/// An account without a server.
pub(super) struct Account {
    pub(super) state: AccountState,
    pub(super) options: AuditManager,
}

impl Account {
    pub(super) fn new() -> Self {
        Self { state: library::new_account("000000000000", "us-east-1"), options: AuditManager::default() }
    }

    fn with(change: impl FnOnce(&mut Switches)) -> Self {
        let mut account = Self::new();
        change(&mut account.options.switches);
        account
    }

    pub(super) fn call(&mut self, operation: Operation, input: Value) -> Result<Value, ServiceError> {
        let answer = match handler(operation) {
            Handler::Read(work) => work(&self.state, &self.options, input),
            Handler::Write(work) => {
                let mut next = self.state.clone();
                work(&mut next, &self.options, input).inspect(|_| self.state = next)
            }
        };
        answer.map(Option::unwrap_or_default)
    }

    fn control(&mut self, name: &str) -> String {
        let input = json!({ "name": name, "controlMappingSources": [manual("m")], "description": "d" });
        id(&self.call(CreateControl, input).unwrap()["control"])
    }

    fn framework(&mut self, name: &str, sets: &[(&str, &[&str])]) -> String {
        let input = json!({ "name": name, "controlSets": control_sets(sets), "complianceType": "c" });
        id(&self.call(CreateAssessmentFramework, input).unwrap()["framework"])
    }

    pub(super) fn assessment(&mut self, framework: &str) -> String {
        let seed = json!({ "assessments": [{ "name": "a", "frameworkId": framework }] });
        serde_json::from_value::<crate::audit_manager::seed::AccountSeed>(seed)
            .unwrap()
            .add_to(&mut self.state, None)
            .unwrap();
        self.state.assessments.keys().next().unwrap().to_string()
    }

    fn framework_sets(&mut self, id: &str) -> Vec<(String, usize)> {
        let framework = &self.call(GetAssessmentFramework, json!({ "frameworkId": id })).unwrap()["framework"];
        sizes(&framework["controlSets"], "name")
    }

    fn assessment_sets(&mut self, id: &str) -> Vec<(String, usize)> {
        let assessment = &self.call(GetAssessment, json!({ "assessmentId": id })).unwrap()["assessment"];
        sizes(&assessment["framework"]["controlSets"], "id")
    }
}

pub(super) fn manual(name: &str) -> Value {
    json!({ "sourceName": name, "sourceType": "MANUAL" })
}

fn control_sets(sets: &[(&str, &[&str])]) -> Value {
    let set = |(name, controls): &(&str, &[&str])| {
        let controls: Vec<Value> = controls.iter().map(|id| json!({ "id": id })).collect();
        json!({ "name": name, "controls": controls })
    };
    sets.iter().map(set).collect()
}

fn id(resource: &Value) -> String {
    resource["id"].as_str().unwrap().to_owned()
}

fn sizes(sets: &Value, name: &str) -> Vec<(String, usize)> {
    let size = |set: &Value| (set[name].as_str().unwrap().to_owned(), set["controls"].as_array().unwrap().len());
    let mut sizes: Vec<_> = sets.as_array().unwrap().iter().map(size).collect();
    sizes.sort();
    sizes
}

fn error(result: Result<Value, ServiceError>) -> &'static str {
    result.unwrap_err().name()
}

#[test]
fn a_deleted_control_is_removed_from_frameworks_and_assessments() {
    for drop_emptied_sets in [true, false] {
        let mut account = Account::with(|switches| switches.drop_emptied_sets = drop_emptied_sets);
        let (one, two) = (account.control("one"), account.control("two"));
        let framework = account.framework("f", &[("both", &[&one, &two]), ("alone", &[&one])]);
        let assessment = account.assessment(&framework);
        let before = account.state.clone();
        account.call(DeleteControl, json!({ "controlId": one })).unwrap();

        let mut expected = vec![("both".to_owned(), 1)];
        if !drop_emptied_sets {
            expected.insert(0, ("alone".to_owned(), 0));
        }
        assert_eq!(account.framework_sets(&framework), expected);
        assert_eq!(account.assessment_sets(&assessment), expected);
        let updated = |state: &AccountState| state.frameworks[&framework.parse().unwrap()].last_updated_at;
        assert_eq!(updated(&account.state), updated(&before));
        assert_eq!(error(account.call(GetControl, json!({ "controlId": one }))), "ResourceNotFoundException");
    }
}

#[test]
fn a_deleted_control_changes_the_time_of_a_framework_if_the_switch_is_on() {
    let mut account = Account::with(|switches| switches.touch_on_cascade = true);
    let control = account.control("one");
    let framework = account.framework("f", &[("s", &[&control])]);
    let updated = |state: &AccountState| state.frameworks[&framework.parse().unwrap()].last_updated_at;
    let before = updated(&account.state);
    account.call(DeleteControl, json!({ "controlId": control })).unwrap();
    assert!(updated(&account.state) > before);
}

#[test]
fn assessments_keep_their_sets_when_the_framework_is_changed_or_deleted() {
    for reach in [false, true] {
        let mut account = Account::with(|switches| switches.framework_edits_reach_assessments = reach);
        let (one, two) = (account.control("one"), account.control("two"));
        let framework = account.framework("f", &[("s", &[&one])]);
        let assessment = account.assessment(&framework);
        let input = json!({
            "frameworkId": framework, "name": "f", "controlSets": control_sets(&[("s", &[&one, &two])]),
        });
        account.call(UpdateAssessmentFramework, input).unwrap();
        let expected = vec![("s".to_owned(), if reach { 2 } else { 1 })];
        assert_eq!(account.assessment_sets(&assessment), expected);
        account.call(DeleteAssessmentFramework, json!({ "frameworkId": framework })).unwrap();
        assert_eq!(account.assessment_sets(&assessment), expected);
    }
}

#[test]
fn an_update_replaces_sources_and_clears_or_keeps_omitted_fields() {
    for clear in [true, false] {
        let mut account = Account::with(|switches| switches.clear_omitted_fields = clear);
        let control = account.control("one");
        let input = json!({ "controlId": control, "name": "two", "controlMappingSources": [manual("a"), manual("b")] });
        let updated = account.call(UpdateControl, input).unwrap();
        let updated = &updated["control"];
        assert_eq!(updated["name"], "two");
        assert_eq!(updated["controlMappingSources"].as_array().unwrap().len(), 2);
        assert_eq!(updated.get("description"), (!clear).then_some(&json!("d")));
        assert!(updated["lastUpdatedAt"].as_f64() > updated["createdAt"].as_f64());
    }
}

#[test]
fn tags_do_not_change_times() {
    let mut account = Account::new();
    let control = account.control("one");
    let before = account.call(GetControl, json!({ "controlId": control })).unwrap();
    let arn = &before["control"]["arn"];
    account.call(TagResource, json!({ "resourceArn": arn, "tags": { "a": "1", "b": "2" } })).unwrap();
    account.call(UntagResource, json!({ "resourceArn": arn, "tagKeys": ["a", "none"] })).unwrap();
    let mut expected = before.clone();
    expected["control"]["tags"] = json!({ "b": "2" });
    assert_eq!(account.call(GetControl, json!({ "controlId": control })).unwrap(), expected);
    assert_eq!(
        account.call(ListTagsForResource, json!({ "resourceArn": arn })).unwrap(),
        json!({ "tags": { "b": "2" } })
    );
    let many: serde_json::Map<String, Value> = (0..50).map(|n| (format!("k{n}"), json!(""))).collect();
    let rejected = account.call(TagResource, json!({ "resourceArn": arn, "tags": many }));
    assert_eq!(error(rejected), "ValidationException");
    let elsewhere = arn.as_str().unwrap().replace("us-east-1", "eu-west-1");
    assert_eq!(
        error(account.call(ListTagsForResource, json!({ "resourceArn": elsewhere }))),
        "ResourceNotFoundException"
    );
}

#[test]
fn control_sets_keep_the_ids_that_are_sent() {
    let mut account = Account::new();
    let control = account.control("one");
    let framework = account.framework("f", &[("s", &[&control])]);
    let set = |account: &mut Account| {
        let framework = account.call(GetAssessmentFramework, json!({ "frameworkId": framework })).unwrap();
        id(&framework["framework"]["controlSets"][0])
    };
    let update = |account: &mut Account, id: Option<&str>| {
        let mut sets = control_sets(&[("renamed", &[&control])]);
        if let Some(id) = id {
            sets[0]["id"] = json!(id);
        }
        account.call(UpdateAssessmentFramework, json!({ "frameworkId": framework, "name": "f", "controlSets": sets }))
    };
    let first = set(&mut account);
    update(&mut account, Some(&first)).unwrap();
    assert_eq!(set(&mut account), first);
    assert_eq!(error(update(&mut account, Some("another"))), "ValidationException");
    update(&mut account, None).unwrap();
    let second = set(&mut account);
    assert_ne!(second, first);
    account.options.switches.new_ids_when_omitted = false;
    update(&mut account, None).unwrap();
    assert_eq!(set(&mut account), second);
}

#[test]
fn standard_and_core_resources_cannot_be_changed() {
    for (standard_write, expected) in [
        (StandardWrite::Invalid, "ValidationException"),
        (StandardWrite::Denied, "AccessDeniedException"),
        (StandardWrite::NotFound, "ResourceNotFoundException"),
    ] {
        let mut account = Account::with(|switches| switches.standard_write = standard_write);
        let core_control = |account: &Account| {
            let control = account.state.controls.iter().find(|(_, control)| control.kind == ObjectKind::Core);
            *control.unwrap().0
        };
        let control = core_control(&account);
        let arn = account.state.control_arn(control, ObjectKind::Core);
        let framework = *account.state.frameworks.keys().next().unwrap();
        let before = account.state.clone();
        for (operation, input) in [
            (UpdateControl, json!({ "controlId": control, "name": "n", "controlMappingSources": [manual("m")] })),
            (DeleteControl, json!({ "controlId": control })),
            (UpdateAssessmentFramework, json!({ "frameworkId": framework, "name": "n", "controlSets": [] })),
            (DeleteAssessmentFramework, json!({ "frameworkId": framework })),
            (TagResource, json!({ "resourceArn": arn, "tags": { "a": "b" } })),
        ] {
            assert_eq!(error(account.call(operation, input)), expected, "{operation:?}");
        }
        assert_eq!(account.state, before);
    }
}

#[test]
fn a_framework_can_contain_existing_controls_of_any_kind() {
    let mut account = Account::new();
    let ids: Vec<String> = account.state.controls.keys().map(Uuid::to_string).collect();
    let all: Vec<&str> = ids.iter().map(String::as_str).collect();
    account.framework("all", &[("s", &all)]);
    let unknown = Uuid::new_v4().to_string();
    let input = json!({ "name": "f", "controlSets": control_sets(&[("s", &[&unknown])]) });
    let rejected = account.call(CreateAssessmentFramework, input.clone()).unwrap_err();
    assert_eq!(rejected.name(), "ResourceNotFoundException");
    assert_eq!(rejected.body()["resourceId"], json!(unknown));
    account.options.switches.unknown_control_is_invalid = true;
    assert_eq!(error(account.call(CreateAssessmentFramework, input)), "ValidationException");
    account.options.switches.reject_core_controls_in_frameworks = true;
    let input = json!({ "name": "f", "controlSets": control_sets(&[("s", &all)]) });
    assert_eq!(error(account.call(CreateAssessmentFramework, input)), "ValidationException");
    let duplicate = json!({ "name": "f", "controlSets": control_sets(&[("s", &all[..1]), ("s", &[])]) });
    assert_eq!(error(account.call(CreateAssessmentFramework, duplicate)), "ValidationException");
}

#[test]
fn names_and_counts_are_limited_by_switches_and_quotas() {
    let mut account = Account::new();
    account.options.quotas = Quotas { custom_controls: 2, custom_frameworks: 1 };
    let one = account.control("one");
    account.framework("f", &[("s", &[&one])]);
    let create = |name: &str| json!({ "name": name, "controlMappingSources": [manual("m")] });
    assert_eq!(error(account.call(CreateControl, create("one"))), "ValidationException");
    let rename = json!({ "controlId": one, "name": "one", "controlMappingSources": [manual("m")] });
    account.call(UpdateControl, rename).unwrap();
    account.call(CreateControl, create("two")).unwrap();
    assert_eq!(error(account.call(CreateControl, create("three"))), "ServiceQuotaExceededException");
    let framework = json!({ "name": "g", "controlSets": control_sets(&[("s", &[&one])]) });
    assert_eq!(error(account.call(CreateAssessmentFramework, framework)), "ServiceQuotaExceededException");
    account.options.switches.reject_duplicate_names = false;
    account.options.quotas = Quotas::default();
    account.call(CreateControl, create("one")).unwrap();
}

#[test]
fn sources_are_ordered_by_id_unless_the_order_is_kept() {
    let names: Vec<String> = (0..20).map(|n| format!("s{n:02}")).collect();
    let input = json!({ "name": "n", "controlMappingSources": names.iter().map(|n| manual(n)).collect::<Vec<_>>() });
    for keep_order in [true, false] {
        let mut account = Account::with(|switches| switches.keep_order = keep_order);
        let answer = account.call(CreateControl, input.clone()).unwrap();
        let sources = answer["control"]["controlMappingSources"].as_array().unwrap();
        let returned: Vec<&str> = sources.iter().map(|source| source["sourceName"].as_str().unwrap()).collect();
        assert_eq!(returned == names, keep_order);
        assert_eq!(returned.iter().collect::<BTreeSet<_>>().len(), 20);
        assert_eq!(sources.is_sorted_by_key(|source| source["sourceId"].as_str()), !keep_order);
    }
}

#[test]
fn lists_have_only_the_metadata_of_controls_and_frameworks() {
    let mut account = Account::new();
    let control = account.control("one");
    account.framework("f", &[("s", &[&control]), ("t", &[&control])]);
    let controls = account.call(ListControls, json!({ "controlType": "Custom" })).unwrap();
    let fields: BTreeSet<&String> = controls["controlMetadataList"][0].as_object().unwrap().keys().collect();
    let expected = ["arn", "controlSources", "createdAt", "id", "lastUpdatedAt", "name"].map(str::to_owned);
    assert_eq!(fields, expected.iter().collect());
    let none = json!({ "controlType": "Custom", "controlCatalogId": "arn:aws:controlcatalog:::objective/x" });
    assert_eq!(account.call(ListControls, none).unwrap(), json!({ "controlMetadataList": [] }));
    let frameworks = account.call(ListAssessmentFrameworks, json!({ "frameworkType": "Custom" })).unwrap();
    let framework = &frameworks["frameworkMetadataList"][0];
    assert_eq!((&framework["controlsCount"], &framework["controlSetsCount"]), (&json!(2), &json!(2)));
    assert!(framework.get("tags").is_none() && framework.get("controlSets").is_none());
}
