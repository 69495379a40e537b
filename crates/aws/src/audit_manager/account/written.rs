//! The objects that a run wrote, so that the next run need not read them again.
//!
//! The response to a write contains the new state of the object. A later change has a later update time, unless it
//! falls into the same tick of the service's clock: so nothing is kept if the time is a whole second.

use std::collections::BTreeSet;

use aws_sdk_auditmanager::types;
use controlsync_core::plan::{AccountControl, AccountFramework, Body, ObjectType, SourceBody, Stamp, TagChange};

use super::{Reading, convert, list};

/// An object after a write.
#[derive(Clone, Debug)]
pub struct Written {
    id: String,
    arn: String,
    name: String,
    state: WrittenObject,
}

#[derive(Clone, Debug)]
enum WrittenObject {
    Control(Option<Stamp>, AccountControl),
    Framework(Option<Stamp>, AccountFramework),
    /// Only tags were written.
    Tags(ObjectType, TagChange),
}

/// Returns the update time, if no later change can have the same.
fn updated(times: [Option<&aws_sdk_auditmanager::primitives::DateTime>; 2]) -> Option<i64> {
    list::millis(times.into_iter().flatten().next()).filter(|millis| millis % 1000 != 0)
}

impl Written {
    pub(crate) fn control(control: &types::Control) -> Option<Self> {
        let updated = updated([control.last_updated_at(), control.created_at()]);
        let stamp = updated.map(|updated| Stamp { updated, counts: None });
        let (id, arn) = (control.id()?.to_owned(), convert::text(control.arn()));
        Some(Self {
            id,
            arn,
            name: convert::text(control.name()),
            state: WrittenObject::Control(stamp, convert::control(control)),
        })
    }

    pub(crate) fn framework(framework: &types::Framework) -> Option<Self> {
        let detail = convert::framework(framework);
        let controls: usize = detail.control_sets.iter().map(|set| set.controls.len()).sum();
        let counts = i32::try_from(detail.control_sets.len()).ok().zip(i32::try_from(controls).ok());
        let updated = updated([framework.last_updated_at(), framework.created_at()]);
        let stamp = updated.map(|updated| Stamp { updated, counts });
        let (id, arn) = (framework.id()?.to_owned(), convert::text(framework.arn()));
        Some(Self { id, arn, name: convert::text(framework.name()), state: WrittenObject::Framework(stamp, detail) })
    }

    pub(crate) fn tags(object: ObjectType, id: &str, tags: &TagChange) -> Self {
        Self {
            id: id.to_owned(),
            arn: String::new(),
            name: String::new(),
            state: WrittenObject::Tags(object, tags.clone()),
        }
    }

    pub(crate) fn id(&self) -> &str {
        &self.id
    }

    /// Returns the keys of the file whose texts the service returned in another form than they were sent.
    pub(crate) fn altered(&self, sent: &Body) -> Vec<&'static str> {
        let mut altered = Vec::new();
        let mut compare = |key: &'static str, same: bool| {
            if !same {
                altered.push(key);
            }
        };
        match (&self.state, sent) {
            (WrittenObject::Control(_, stored), Body::Control(sent)) => {
                compare("description", stored.description == sent.description);
                compare("testingInformation", stored.testing_information == sent.testing_information);
                compare("actionPlanTitle", stored.action_plan_title == sent.action_plan_title);
                compare("actionPlanInstructions", stored.action_plan_instructions == sent.action_plan_instructions);
                let stored: BTreeSet<[&str; 3]> = stored
                    .sources
                    .iter()
                    .map(|source| [source.name.as_str(), &source.description, &source.troubleshooting])
                    .collect();
                let texts = |source: &SourceBody| {
                    stored.contains(&[source.name.as_str(), &source.description, &source.troubleshooting])
                };
                compare("datasources", sent.sources.iter().all(texts));
            }
            (WrittenObject::Framework(_, stored), Body::Framework(sent)) => {
                let text = |text: &Option<String>| text.clone().unwrap_or_default();
                compare("description", text(&stored.description) == text(&sent.description));
                compare("complianceType", stored.compliance_type == sent.compliance_type);
                let names: BTreeSet<&str> = stored.control_sets.iter().map(|set| set.name.as_str()).collect();
                compare("controlSets", sent.control_sets.iter().all(|set| names.contains(set.name.as_str())));
            }
            _ => {}
        }
        altered
    }

    /// Returns the object with the tags that were written afterwards.
    pub(crate) fn with(mut self, tags: &TagChange) -> Self {
        match &mut self.state {
            WrittenObject::Control(_, AccountControl { tags: old, .. })
            | WrittenObject::Framework(_, AccountFramework { tags: old, .. }) => {
                retag(old, tags);
            }
            WrittenObject::Tags(..) => {}
        }
        self
    }
}

fn retag(old: &mut std::collections::BTreeMap<String, String>, tags: &TagChange) {
    old.retain(|key, _| !tags.remove.contains_key(key));
    old.extend(tags.set.iter().map(|(key, (_, new))| (key.clone(), new.clone())));
}

impl Reading {
    /// Keeps the written objects for the next run.
    pub fn keep_written(&mut self, written: Vec<Written>) {
        for Written { id, arn, name, state } in written {
            self.learn_account(&arn);
            match state {
                WrittenObject::Control(stamp, detail) => {
                    self.kept.written.controls.insert(id.clone(), name);
                    self.kept.keep_control(id, detail, stamp);
                }
                WrittenObject::Framework(stamp, detail) => {
                    self.kept.written.frameworks.insert(id.clone(), name);
                    self.kept.keep_framework(id, detail, stamp);
                }
                WrittenObject::Tags(ObjectType::Control, tags) => {
                    if let Some(detail) = self.kept.control_mut(&id) {
                        retag(&mut detail.tags, &tags);
                    }
                }
                WrittenObject::Tags(ObjectType::Framework, tags) => {
                    if let Some(detail) = self.kept.framework_mut(&id) {
                        retag(&mut detail.tags, &tags);
                    }
                }
            }
        }
    }
}
