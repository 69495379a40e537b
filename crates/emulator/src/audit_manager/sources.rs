//! Data sources of a control: validation, and the values that the service fills in.

use std::collections::BTreeSet;

use uuid::Uuid;

use crate::audit_manager::error::ServiceError;
use crate::audit_manager::state::{AccountState, Keyword, ObjectKind, Source};
use crate::audit_manager::switches::Switches;
use crate::protocol::validate::Violation;

/// Maximum numbers of customer data sources, core controls and common controls in a control
/// (<https://docs.aws.amazon.com/audit-manager/latest/userguide/customize-control-from-scratch.html>).
const MAX_SOURCES: [(&str, usize); 3] = [("", 100), (CORE, 50), (COMMON, 5)];

const MANUAL: &str = "MANUAL";
const API_CALL: &str = "AWS_API_Call";
const CORE: &str = "Core_Control";
const COMMON: &str = "Common_Control";

/// Returns the data sources as the service stores them: validated, with IDs and the values that it fills in.
///
/// `current` are the data sources that the control has before the request; only their IDs may be sent.
///
/// # Errors
///
/// `ValidationException` with every invalid member.
pub(crate) fn complete(
    mut sources: Vec<Source>,
    current: &[Source],
    state: &AccountState,
    switches: &Switches,
) -> Result<Vec<Source>, ServiceError> {
    let mut violations = Vec::new();
    check_counts(&sources, switches, &mut violations);
    assign_ids(&mut sources, current, switches, &mut violations);
    for (at, source) in sources.iter().enumerate() {
        let mut report = |member: &str, message: &str| {
            let name = format!("controlMappingSources.{}.member.{member}", at + 1);
            violations.push(Violation { name, message: message.to_owned() });
        };
        if switches.reject_inconsistent_sources {
            check_consistency(source, &mut report);
        }
        if switches.reject_unknown_managed_sources {
            check_managed(source, state, &mut report);
        }
    }
    if !violations.is_empty() {
        return Err(ServiceError::fields(violations));
    }
    for source in &mut sources {
        fill_in(source, switches);
    }
    Ok(sources)
}

/// Returns `controlSources` of a control: a sorted list. The names of managed sources are not attested.
pub(crate) fn control_sources(sources: &[Source]) -> String {
    let names: BTreeSet<&str> = sources
        .iter()
        .filter_map(|source| match source.source_type.as_deref()? {
            "AWS_Cloudtrail" => Some("AWS CloudTrail"),
            "AWS_Config" => Some("AWS Config"),
            "AWS_Security_Hub" => Some("AWS Security Hub"),
            API_CALL => Some("AWS API calls"),
            MANUAL => Some("Manual"),
            COMMON => Some("Common controls"),
            CORE => Some("Core controls"),
            _ => None,
        })
        .collect();
    names.into_iter().collect::<Vec<_>>().join(", ")
}

fn check_counts(sources: &[Source], switches: &Switches, violations: &mut Vec<Violation>) {
    if !switches.enforce_source_counts {
        return;
    }
    for (kind, max) in MAX_SOURCES {
        let managed = |source: &Source| match source.source_type.as_deref() {
            Some(managed @ (CORE | COMMON)) => managed == kind,
            _ => kind.is_empty(),
        };
        let count = sources.iter().filter(|source| managed(source)).count();
        if count > max {
            let what = if kind.is_empty() { "data sources" } else { kind };
            violations.push(Violation {
                name: "controlMappingSources".to_owned(),
                message: format!("A control must have at most {max} {what}, not {count}"),
            });
        }
    }
}

fn assign_ids(sources: &mut [Source], current: &[Source], switches: &Switches, violations: &mut Vec<Violation>) {
    let mut taken = BTreeSet::new();
    for (at, source) in sources.iter().enumerate() {
        let Some(id) = source.source_id else { continue };
        let known = current.iter().any(|source| source.source_id == Some(id));
        if !known || !taken.insert(id) {
            violations.push(Violation {
                name: format!("controlMappingSources.{}.member.sourceId", at + 1),
                message: "Member must be the ID of a source of this control, and unique".to_owned(),
            });
        }
    }
    for source in sources.iter_mut().filter(|source| source.source_id.is_none()) {
        let same_name = |other: &&Source| {
            other.source_name == source.source_name && other.source_id.is_some_and(|id| !taken.contains(&id))
        };
        let kept = current.iter().find(same_name).and_then(|kept| kept.source_id);
        let id = kept.filter(|_| !switches.new_ids_when_omitted).unwrap_or_else(Uuid::new_v4);
        taken.insert(id);
        source.source_id = Some(id);
    }
}

fn check_consistency(source: &Source, report: &mut impl FnMut(&str, &str)) {
    if source.source_name.is_none() {
        report("sourceName", "Member must not be null");
    }
    let Some(source_type) = source.source_type.as_deref() else {
        report("sourceType", "Member must not be null");
        return;
    };
    if source.source_set_up_option.as_deref().is_some_and(|option| option != set_up_option(source_type)) {
        report("sourceSetUpOption", "Member must match the source type");
    }
    if source.source_frequency.is_some() && source_type != API_CALL {
        report("sourceFrequency", "Member is only valid for the source type AWS_API_Call");
    }
    let none = Keyword::default();
    let keyword = source.source_keyword.as_ref().unwrap_or(&none);
    let selected = keyword.keyword_input_type.as_deref().map(|input| input == "SELECT_FROM_LIST");
    if selected == Some(source_type == MANUAL) {
        report("sourceKeyword.keywordInputType", "Member must match the source type");
    }
    if source_type == MANUAL && keyword.keyword_value.is_some() {
        report("sourceKeyword.keywordValue", "Member is not valid for the source type MANUAL");
    }
    if source_type != MANUAL && keyword.keyword_value.is_none() {
        report("sourceKeyword.keywordValue", "Member must not be null");
    }
}

fn check_managed(source: &Source, state: &AccountState, report: &mut impl FnMut(&str, &str)) {
    let Some(keyword) = source.source_keyword.as_ref().and_then(|keyword| keyword.keyword_value.as_deref()) else {
        return;
    };
    let is_core = |id: Uuid| state.control(id).is_ok_and(|control| control.kind == ObjectKind::Core);
    let message = match source.source_type.as_deref() {
        Some(CORE) if !keyword.parse().is_ok_and(is_core) => "Member must be the ID of a core control",
        Some(COMMON) if !(keyword.starts_with("arn:") && keyword.contains(":controlcatalog:")) => {
            "Member must be the ARN of a common control"
        }
        _ => return,
    };
    report("sourceKeyword.keywordValue", message);
}

/// Fills in values that a data source may omit.
pub(crate) fn fill_in(source: &mut Source, switches: &Switches) {
    let Some(source_type) = source.source_type.as_deref() else { return };
    let manual = source_type == MANUAL;
    source.source_set_up_option.get_or_insert_with(|| set_up_option(source_type).to_owned());
    if switches.fill_in_keywords && (manual || source.source_keyword.is_some()) {
        let input_type = if manual { "UPLOAD_FILE" } else { "SELECT_FROM_LIST" };
        let keyword = source.source_keyword.get_or_insert_default();
        keyword.keyword_input_type.get_or_insert_with(|| input_type.to_owned());
    }
}

fn set_up_option(source_type: &str) -> &'static str {
    if source_type == MANUAL { "Procedural_Controls_Mapping" } else { "System_Controls_Mapping" }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::audit_manager::library;

    fn sources(value: Value) -> Vec<Source> {
        serde_json::from_value(value).unwrap()
    }

    fn create(value: Value, switches: &Switches) -> Result<Vec<Source>, ServiceError> {
        complete(sources(value), &[], &library::new_account("000000000000", "us-east-1"), switches)
    }

    fn rejected(value: Value) -> Vec<String> {
        match create(value, &Switches::default()) {
            Err(ServiceError::Validation { fields, .. }) => fields.into_iter().map(|field| field.name).collect(),
            Err(error) => panic!("{error:?}"),
            Ok(_) => Vec::new(),
        }
    }

    #[test]
    fn fills_in_the_omitted_values_of_a_manual_source() {
        let stored = create(json!([{ "sourceName": "m", "sourceType": "MANUAL" }]), &Switches::default()).unwrap();
        let mut stored = serde_json::to_value(&stored).unwrap();
        assert!(stored[0]["sourceId"].take().is_string());
        assert_eq!(
            stored,
            json!([{
                "sourceId": null,
                "sourceName": "m",
                "sourceSetUpOption": "Procedural_Controls_Mapping",
                "sourceType": "MANUAL",
                "sourceKeyword": { "keywordInputType": "UPLOAD_FILE" },
            }])
        );
    }

    #[test]
    fn contradictions_are_rejected_with_their_members() {
        let config = |more: Value| {
            let mut source = json!({
                "sourceName": "c", "sourceType": "AWS_Config", "sourceKeyword": { "keywordValue": "X" },
            });
            source.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            json!([source])
        };
        assert!(rejected(config(json!({}))).is_empty());
        let first = |member: &str| vec![format!("controlMappingSources.1.member.{member}")];
        assert_eq!(rejected(config(json!({ "sourceFrequency": "DAILY" }))), first("sourceFrequency"));
        assert_eq!(
            rejected(config(json!({ "sourceSetUpOption": "Procedural_Controls_Mapping" }))),
            first("sourceSetUpOption")
        );
        assert_eq!(rejected(config(json!({ "sourceKeyword": {} }))), first("sourceKeyword.keywordValue"));
        assert_eq!(rejected(config(json!({ "sourceType": "MANUAL" }))), first("sourceKeyword.keywordValue"));
        assert_eq!(rejected(config(json!({ "sourceType": "Core_Control" }))), first("sourceKeyword.keywordValue"));
        assert_eq!(rejected(config(json!({ "sourceType": "Common_Control" }))), first("sourceKeyword.keywordValue"));
        assert_eq!(
            rejected(json!([{}])),
            ["controlMappingSources.1.member.sourceName", "controlMappingSources.1.member.sourceType"]
        );
        let lenient = Switches { reject_inconsistent_sources: false, ..Switches::default() };
        assert!(create(json!([{}]), &lenient).is_ok());
    }

    #[test]
    fn counts_are_separate_for_each_kind() {
        let many = |kind: &str, keyword: &str, count: usize| {
            let source = json!({ "sourceName": "s", "sourceType": kind, "sourceKeyword": { "keywordValue": keyword } });
            rejected(Value::Array(vec![source; count]))
        };
        assert!(many("AWS_Config", "X", 100).is_empty());
        assert_eq!(many("AWS_Config", "X", 101), ["controlMappingSources"]);
        let common = "arn:aws:controlcatalog:::common-control/x";
        assert!(many("Common_Control", common, 5).is_empty());
        assert_eq!(many("Common_Control", common, 6), ["controlMappingSources"]);
    }

    #[test]
    fn ids_are_kept_only_if_they_are_sent() {
        let state = library::new_account("000000000000", "us-east-1");
        let manual = |names: &[&str]| {
            let one = |name| json!({ "sourceName": name, "sourceType": "MANUAL" });
            sources(names.iter().map(one).collect())
        };
        let strict = Switches::default();
        let current = complete(manual(&["a", "b"]), &[], &state, &strict).unwrap();

        let mut sent = manual(&["a", "c"]);
        sent[1].source_id = current[1].source_id;
        let updated = complete(sent.clone(), &current, &state, &strict).unwrap();
        assert_eq!(updated[1].source_id, current[1].source_id);
        assert_ne!(updated[0].source_id, current[0].source_id);

        let lenient = Switches { new_ids_when_omitted: false, ..strict.clone() };
        let updated = complete(sent.clone(), &current, &state, &lenient).unwrap();
        assert_eq!(updated[0].source_id, current[0].source_id);

        sent[0].source_id = current[1].source_id;
        assert!(complete(sent.clone(), &current, &state, &strict).is_err(), "a duplicate ID");
        sent[0].source_id = Some(Uuid::new_v4());
        assert!(complete(sent, &current, &state, &strict).is_err(), "an unknown ID");
    }

    #[test]
    fn control_sources_are_sorted_and_valid() {
        let all = [MANUAL, CORE, COMMON, API_CALL, "AWS_Security_Hub", "AWS_Config", "AWS_Cloudtrail", MANUAL];
        let all: Vec<Source> =
            all.map(|name| Source { source_type: Some(name.to_owned()), ..Source::default() }).into();
        let names = control_sources(&all);
        assert_eq!(
            names,
            "AWS API calls, AWS CloudTrail, AWS Config, AWS Security Hub, Common controls, Core controls, Manual"
        );
        assert!(names.len() <= 100);
    }
}
