//! Compares an object of the file with one of the account: the fields that differ, and the request that updates them.

use std::collections::BTreeSet;

use serde_json::{Value as Json, json};

use super::actual::{AccountControl, AccountControlSet, AccountFramework, AccountSource};
use super::matching::pair;
use super::references::{ResolvedControl, ResolvedSet};
use super::{ControlBody, ControlTarget, FieldChange, FrameworkBody, SetBody, SourceBody};
use crate::model::{Control, DataSource, Framework};

/// Compares a string field.
fn text(fields: &mut Vec<FieldChange>, pointer: String, old: &str, new: &str) {
    if old != new {
        fields.push(FieldChange { pointer, old: shown_text(old), new: shown_text(new) });
    }
}

/// The service treats an empty string like a missing one; neither is shown.
fn shown_text(text: &str) -> Option<Json> {
    (!text.is_empty()).then(|| Json::from(text))
}

fn optional(fields: &mut Vec<FieldChange>, pointer: String, old: Option<&str>, new: Option<&str>) {
    if new.is_some() && old != new {
        fields.push(FieldChange { pointer, old: old.map(Json::from), new: new.map(Json::from) });
    }
}

/// Everything that differs between a control of the file and the live one; everything in the file if there is none.
pub(super) fn control(desired: &Control, live: Option<&AccountControl>) -> (Vec<FieldChange>, ControlBody) {
    let empty = AccountControl::default();
    let old = live.unwrap_or(&empty);
    let mut fields = Vec::new();
    text(&mut fields, "/description".into(), &old.description, &desired.description);
    text(&mut fields, "/testingInformation".into(), &old.testing_information, &desired.testing_information);
    text(&mut fields, "/actionPlanTitle".into(), &old.action_plan_title, &desired.action_plan_title);
    text(
        &mut fields,
        "/actionPlanInstructions".into(),
        &old.action_plan_instructions,
        &desired.action_plan_instructions,
    );
    let mut live_sources: Vec<&AccountSource> = old.sources.iter().collect();
    live_sources.sort_by(|a, b| a.id.cmp(&b.id));
    let pairs = pair_sources(&desired.sources, &live_sources);
    let mut sources = Vec::new();
    for (index, (source, partner)) in desired.sources.iter().zip(&pairs).enumerate() {
        let pointer = format!("/{}/{index}", desired.sources_member);
        let partner = partner.map(|at| live_sources[at]);
        let body = source_body(source, partner);
        match partner {
            Some(old) => fields.extend(source_differences(source, &body, old, &pointer)),
            None => fields.push(FieldChange { pointer, old: None, new: Some(shown_body(&body)) }),
        }
        sources.push(body);
    }
    for (at, old) in live_sources.iter().enumerate() {
        if !pairs.contains(&Some(at)) {
            let pointer = format!("/{}", desired.sources_member);
            fields.push(FieldChange { pointer, old: Some(shown_live(old)), new: None });
        }
    }
    let body = ControlBody {
        name: desired.name.clone(),
        description: desired.description.clone(),
        testing_information: desired.testing_information.clone(),
        action_plan_title: desired.action_plan_title.clone(),
        action_plan_instructions: desired.action_plan_instructions.clone(),
        sources,
    };
    (fields, body)
}

fn pair_sources(desired: &[DataSource], live: &[&AccountSource]) -> Vec<Option<usize>> {
    let name = |d: &DataSource, h: &&AccountSource| d.name == h.name_in_files();
    // The service chooses the keyword of a manual source.
    let kind = |d: &DataSource, h: &&AccountSource| {
        d.source_type.name() == h.source_type && (d.source_type.is_manual() || d.keyword == h.keyword)
    };
    let both = |d: &DataSource, h: &&AccountSource| name(d, h) && kind(d, h);
    let equal = |d: &DataSource, h: &&AccountSource| source_differences(d, &source_body(d, Some(h)), h, "").is_empty();
    pair(desired, live, &[&both, &name, &kind], &equal)
}

/// What is sent for a data source: the values of the file, else the live values that the service filled in, else the
/// service's defaults.
fn source_body(desired: &DataSource, live: Option<&AccountSource>) -> SourceBody {
    let same_type = live.filter(|live| live.source_type == desired.source_type.name());
    let manual = desired.source_type.is_manual();
    let kept = |of: fn(&AccountSource) -> Option<String>| same_type.and_then(of);
    let keyword = desired.keyword.clone().or_else(|| if manual { kept(|live| live.keyword.clone()) } else { None });
    let selected = || (!manual && keyword.is_some()).then(|| "SELECT_FROM_LIST".to_owned());
    SourceBody {
        id: live.map(|live| live.id.clone()),
        name: desired.name.clone(),
        description: desired.description.clone(),
        set_up_option: (desired.set_up_option.clone())
            .or_else(|| kept(|live| live.set_up_option.clone()))
            .unwrap_or_else(|| desired.source_type.set_up_option().to_owned()),
        source_type: desired.source_type,
        input_type: desired.input_type.clone().or_else(|| kept(|live| live.input_type.clone())).or_else(selected),
        keyword,
        frequency: desired.frequency.clone().or_else(|| kept(|live| live.frequency.clone())),
        troubleshooting: desired.troubleshooting.clone(),
    }
}

/// Everything that sending a data source would change. A field that the service fills in, but that neither the account
/// nor the file sets, does not count.
fn source_differences(
    desired: &DataSource,
    body: &SourceBody,
    live: &AccountSource,
    pointer: &str,
) -> Vec<FieldChange> {
    let mut fields = Vec::new();
    let at = |key: &str| format!("{pointer}/{key}");
    // The model of the API allows a data source without a name.
    if live.name_in_files() != body.name {
        text(&mut fields, at("sourceName"), &live.name, &body.name);
    }
    text(&mut fields, at("sourceDescription"), &live.description, &body.description);
    text(&mut fields, at("sourceType"), &live.source_type, body.source_type.name());
    let optional = [
        ("sourceSetUpOption", &live.set_up_option, Some(body.set_up_option.as_str()), desired.set_up_option.is_none()),
        ("sourceKeyword/keywordValue", &live.keyword, body.keyword.as_deref(), false),
        ("sourceKeyword/keywordInputType", &live.input_type, body.input_type.as_deref(), desired.input_type.is_none()),
        ("sourceFrequency", &live.frequency, body.frequency.as_deref(), false),
    ];
    for (key, old, new, filled_in) in optional {
        if old.is_some() || !filled_in {
            text(&mut fields, at(key), old.as_deref().unwrap_or_default(), new.unwrap_or_default());
        }
    }
    text(&mut fields, at("troubleshootingText"), &live.troubleshooting, &body.troubleshooting);
    fields
}

/// A complete data source as a plan shows it: field by field, without empty ones.
fn shown(fields: [(&str, Option<&str>); 8]) -> Json {
    let filled =
        fields.into_iter().filter_map(|(key, value)| Some((key.to_owned(), value.filter(|v| !v.is_empty())?.into())));
    Json::Object(filled.collect())
}

fn shown_body(source: &SourceBody) -> Json {
    shown([
        ("sourceName", Some(&source.name)),
        ("sourceType", Some(source.source_type.name())),
        ("sourceSetUpOption", Some(&source.set_up_option)),
        ("keywordInputType", source.input_type.as_deref()),
        ("keywordValue", source.keyword.as_deref()),
        ("sourceFrequency", source.frequency.as_deref()),
        ("sourceDescription", Some(&source.description)),
        ("troubleshootingText", Some(&source.troubleshooting)),
    ])
}

fn shown_live(source: &AccountSource) -> Json {
    shown([
        ("sourceName", Some(&source.name)),
        ("sourceType", Some(&source.source_type)),
        ("sourceSetUpOption", source.set_up_option.as_deref()),
        ("keywordInputType", source.input_type.as_deref()),
        ("keywordValue", source.keyword.as_deref()),
        ("sourceFrequency", source.frequency.as_deref()),
        ("sourceDescription", Some(&source.description)),
        ("troubleshootingText", Some(&source.troubleshooting)),
    ])
}

/// Everything that differs between a framework of the file and the live one; everything in the file if there is none.
pub(super) fn framework(
    desired: &Framework,
    sets: &[ResolvedSet<'_>],
    live: Option<&AccountFramework>,
) -> (Vec<FieldChange>, FrameworkBody) {
    let empty = AccountFramework::default();
    let old = live.unwrap_or(&empty);
    let mut fields = Vec::new();
    optional(&mut fields, "/description".into(), old.description.as_deref(), desired.description.as_deref());
    text(&mut fields, "/complianceType".into(), &old.compliance_type, &desired.compliance_type);
    let mut live_sets: Vec<&AccountControlSet> = old.control_sets.iter().collect();
    live_sets.sort_by(|a, b| a.id.cmp(&b.id));
    let name = |d: &ResolvedSet<'_>, h: &&AccountControlSet| d.name == h.name;
    let controls = |d: &ResolvedSet<'_>, h: &&AccountControlSet| {
        d.controls.len() == h.controls.len()
            && d.controls.keys().all(|target| matches!(target, ControlTarget::Id(id) if h.controls.contains_key(id)))
    };
    let pairs = pair(sets, &live_sets, &[&name, &controls], &controls);
    let mut bodies = Vec::new();
    for (index, (set, partner)) in sets.iter().zip(&pairs).enumerate() {
        let pointer = format!("/controlSets/{index}");
        let partner = partner.map(|at| live_sets[at]);
        match partner {
            Some(old) => set_differences(&mut fields, set, old, &pointer),
            None => fields.push(FieldChange { pointer, old: None, new: Some(desired_set(set)) }),
        }
        bodies.push(SetBody {
            id: partner.map(|old| old.id.clone()),
            name: set.name.to_owned(),
            controls: in_order(set).into_iter().map(|(target, _)| target.clone()).collect(),
        });
    }
    for (at, old) in live_sets.iter().enumerate() {
        if !pairs.contains(&Some(at)) {
            let names: BTreeSet<&String> = old.controls.values().collect();
            let old = json!({ "name": old.name, "controls": names });
            fields.push(FieldChange { pointer: "/controlSets".into(), old: Some(old), new: None });
        }
    }
    let body = FrameworkBody {
        name: desired.name.clone(),
        description: desired.description.clone().or_else(|| old.description.clone()),
        compliance_type: desired.compliance_type.clone(),
        control_sets: bodies,
    };
    (fields, body)
}

fn set_differences(fields: &mut Vec<FieldChange>, desired: &ResolvedSet<'_>, live: &AccountControlSet, pointer: &str) {
    text(fields, format!("{pointer}/name"), &live.name, desired.name);
    for (target, control) in in_order(desired) {
        if !matches!(target, ControlTarget::Id(id) if live.controls.contains_key(id)) {
            let pointer = format!("{pointer}/controls/{}", control.index);
            fields.push(FieldChange { pointer, old: None, new: Some(json!(control.shown)) });
        }
    }
    let mut removed: Vec<&String> = live
        .controls
        .iter()
        .filter(|(id, _)| !desired.controls.contains_key(&ControlTarget::Id((*id).clone())))
        .map(|(_, name)| name)
        .collect();
    removed.sort();
    for name in removed {
        fields.push(FieldChange { pointer: format!("{pointer}/controls"), old: Some(json!(name)), new: None });
    }
}

fn desired_set(set: &ResolvedSet<'_>) -> Json {
    let names: Vec<&String> = in_order(set).into_iter().map(|(_, control)| &control.shown).collect();
    json!({ "name": set.name, "controls": names })
}

/// The controls of a set in the order of the file.
fn in_order<'s>(set: &'s ResolvedSet<'_>) -> Vec<(&'s ControlTarget, &'s ResolvedControl)> {
    let mut controls: Vec<_> = set.controls.iter().collect();
    controls.sort_by_key(|(_, control)| control.index);
    controls
}
