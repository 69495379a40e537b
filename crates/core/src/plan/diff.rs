//! One object of the file against one of the account: the fields that differ, and the request that would mend them.

use std::collections::BTreeSet;

use serde_json::{Value as Json, json};

use super::actual::{AccountControl, AccountControlSet, AccountFramework, AccountSource};
use super::matching::pair;
use super::references::{Member, ResolvedSet};
use super::{ControlBody, ControlTarget, FieldChange, FrameworkBody, SetBody, SourceBody};
use crate::model::{Control, DataSource, Framework, SourceType};

/// Fields with text on both sides.
fn text(fields: &mut Vec<FieldChange>, pointer: String, old: &str, new: &str) {
    if old != new {
        fields.push(FieldChange { pointer, old: filled(old), new: filled(new) });
    }
}

/// An empty text and no text are the same to the service; shown as nothing.
fn filled(text: &str) -> Option<Json> {
    (!text.is_empty()).then(|| Json::from(text))
}

fn stated(fields: &mut Vec<FieldChange>, pointer: String, old: Option<&str>, new: Option<&str>) {
    if new.is_some() && old != new {
        fields.push(FieldChange { pointer, old: old.map(Json::from), new: new.map(Json::from) });
    }
}

/// Everything that differs between a control of the file and one of the account; all of the file where there is none.
pub(super) fn control(desired: &Control, held: Option<&AccountControl>) -> (Vec<FieldChange>, ControlBody) {
    let empty = AccountControl::default();
    let old = held.unwrap_or(&empty);
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
    let mut held: Vec<&AccountSource> = old.sources.iter().collect();
    held.sort_by(|a, b| a.id.cmp(&b.id));
    let pairs = pair_sources(&desired.sources, &held);
    let mut sources = Vec::new();
    for (index, (source, partner)) in desired.sources.iter().zip(&pairs).enumerate() {
        let pointer = format!("/{}/{index}", desired.sources_member);
        let partner = partner.map(|at| held[at]);
        let body = source_body(source, partner);
        match partner {
            Some(old) => fields.extend(source_differences(source, &body, old, &pointer)),
            None => fields.push(FieldChange { pointer, old: None, new: Some(shown_body(&body)) }),
        }
        sources.push(body);
    }
    for (at, old) in held.iter().enumerate() {
        if !pairs.contains(&Some(at)) {
            let pointer = format!("/{}", desired.sources_member);
            fields.push(FieldChange { pointer, old: Some(shown_held(old)), new: None });
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

fn pair_sources(desired: &[DataSource], held: &[&AccountSource]) -> Vec<Option<usize>> {
    let name = |d: &DataSource, h: &&AccountSource| d.name == h.name;
    // The keyword of a manual source is the service's own.
    let kind = |d: &DataSource, h: &&AccountSource| {
        d.source_type.name() == h.source_type && (d.source_type == SourceType::Manual || d.keyword == h.keyword)
    };
    let both = |d: &DataSource, h: &&AccountSource| name(d, h) && kind(d, h);
    let equal = |d: &DataSource, h: &&AccountSource| source_differences(d, &source_body(d, Some(h)), h, "").is_empty();
    pair(desired, held, &[&both, &name, &kind], &equal)
}

/// What is sent for a source: everything that the file states, else what the account holds of what the service fills in,
/// else what the service would fill in.
fn source_body(desired: &DataSource, held: Option<&AccountSource>) -> SourceBody {
    let same_type = held.filter(|held| held.source_type == desired.source_type.name());
    let manual = desired.source_type == SourceType::Manual;
    let kept = |of: fn(&AccountSource) -> Option<String>| same_type.and_then(of);
    let keyword = desired.keyword.clone().or_else(|| if manual { kept(|held| held.keyword.clone()) } else { None });
    let selected = || (!manual && keyword.is_some()).then(|| "SELECT_FROM_LIST".to_owned());
    SourceBody {
        id: held.map(|held| held.id.clone()),
        name: desired.name.clone(),
        description: desired.description.clone(),
        set_up_option: (desired.set_up_option.clone())
            .or_else(|| kept(|held| held.set_up_option.clone()))
            .unwrap_or_else(|| desired.source_type.set_up_option().to_owned()),
        source_type: desired.source_type,
        input_type: desired.input_type.clone().or_else(|| kept(|held| held.input_type.clone())).or_else(selected),
        keyword,
        frequency: desired.frequency.clone().or_else(|| kept(|held| held.frequency.clone())),
        troubleshooting: desired.troubleshooting.clone(),
    }
}

/// Everything that sending a source would change. What the service fills in by itself, and neither holds nor is told by
/// the file, is no difference.
fn source_differences(
    desired: &DataSource,
    body: &SourceBody,
    held: &AccountSource,
    pointer: &str,
) -> Vec<FieldChange> {
    let mut fields = Vec::new();
    let at = |member: &str| format!("{pointer}/{member}");
    text(&mut fields, at("sourceName"), &held.name, &body.name);
    text(&mut fields, at("sourceDescription"), &held.description, &body.description);
    text(&mut fields, at("sourceType"), &held.source_type, body.source_type.name());
    let optional = [
        ("sourceSetUpOption", &held.set_up_option, Some(body.set_up_option.as_str()), desired.set_up_option.is_none()),
        ("sourceKeyword/keywordValue", &held.keyword, body.keyword.as_deref(), false),
        ("sourceKeyword/keywordInputType", &held.input_type, body.input_type.as_deref(), desired.input_type.is_none()),
        ("sourceFrequency", &held.frequency, body.frequency.as_deref(), false),
    ];
    for (member, old, new, filled_in) in optional {
        if old.is_some() || !filled_in {
            text(&mut fields, at(member), old.as_deref().unwrap_or_default(), new.unwrap_or_default());
        }
    }
    text(&mut fields, at("troubleshootingText"), &held.troubleshooting, &body.troubleshooting);
    fields
}

/// A whole source as a plan shows it: by member, without what is empty.
fn shown(members: [(&str, Option<&str>); 8]) -> Json {
    let filled =
        members.into_iter().filter_map(|(key, value)| Some((key.to_owned(), value.filter(|v| !v.is_empty())?.into())));
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

fn shown_held(source: &AccountSource) -> Json {
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

/// Everything that differs between a framework of the file and one of the account; all of the file where there is none.
pub(super) fn framework(
    desired: &Framework,
    sets: &[ResolvedSet<'_>],
    held: Option<&AccountFramework>,
) -> (Vec<FieldChange>, FrameworkBody) {
    let empty = AccountFramework::default();
    let old = held.unwrap_or(&empty);
    let mut fields = Vec::new();
    stated(&mut fields, "/description".into(), old.description.as_deref(), desired.description.as_deref());
    text(&mut fields, "/complianceType".into(), &old.compliance_type, &desired.compliance_type);
    let mut held: Vec<&AccountControlSet> = old.control_sets.iter().collect();
    held.sort_by(|a, b| a.id.cmp(&b.id));
    let name = |d: &ResolvedSet<'_>, h: &&AccountControlSet| d.name == h.name;
    let members = |d: &ResolvedSet<'_>, h: &&AccountControlSet| {
        d.controls.len() == h.controls.len()
            && d.controls.keys().all(|target| matches!(target, ControlTarget::Id(id) if h.controls.contains_key(id)))
    };
    let pairs = pair(sets, &held, &[&name, &members], &members);
    let mut bodies = Vec::new();
    for (index, (set, partner)) in sets.iter().zip(&pairs).enumerate() {
        let pointer = format!("/controlSets/{index}");
        let partner = partner.map(|at| held[at]);
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
    for (at, old) in held.iter().enumerate() {
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

fn set_differences(fields: &mut Vec<FieldChange>, desired: &ResolvedSet<'_>, held: &AccountControlSet, pointer: &str) {
    text(fields, format!("{pointer}/name"), &held.name, desired.name);
    for (target, member) in in_order(desired) {
        if !matches!(target, ControlTarget::Id(id) if held.controls.contains_key(id)) {
            let pointer = format!("{pointer}/controls/{}", member.index);
            fields.push(FieldChange { pointer, old: None, new: Some(json!(member.shown)) });
        }
    }
    let mut removed: Vec<&String> = held
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
    let names: Vec<&String> = in_order(set).into_iter().map(|(_, member)| &member.shown).collect();
    json!({ "name": set.name, "controls": names })
}

/// The controls of a set in the order of the file.
fn in_order<'s>(set: &'s ResolvedSet<'_>) -> Vec<(&'s ControlTarget, &'s Member)> {
    let mut controls: Vec<_> = set.controls.iter().collect();
    controls.sort_by_key(|(_, member)| member.index);
    controls
}
