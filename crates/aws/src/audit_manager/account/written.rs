//! The objects that a run wrote, so that the next run need not read them again.
//!
//! The response to a write contains the new state of the object. A later change has a later update time, unless it
//! falls into the same tick of the service's clock: so nothing is kept if the time is a whole second.

use aws_sdk_auditmanager::types;
use controlsync_core::plan::{AccountControl, AccountFramework, ObjectType, Stamp, TagChange};

use super::{Reading, convert, list};

/// An object after a write.
#[derive(Clone, Debug)]
pub struct Written {
    id: String,
    arn: String,
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
        Some(Self { id, arn, state: WrittenObject::Control(stamp, convert::control(control)) })
    }

    pub(crate) fn framework(framework: &types::Framework) -> Option<Self> {
        let detail = convert::framework(framework);
        let controls: usize = detail.control_sets.iter().map(|set| set.controls.len()).sum();
        let counts = i32::try_from(detail.control_sets.len()).ok().zip(i32::try_from(controls).ok());
        let updated = updated([framework.last_updated_at(), framework.created_at()]);
        let stamp = updated.map(|updated| Stamp { updated, counts });
        let (id, arn) = (framework.id()?.to_owned(), convert::text(framework.arn()));
        Some(Self { id, arn, state: WrittenObject::Framework(stamp, detail) })
    }

    pub(crate) fn tags(object: ObjectType, id: &str, tags: &TagChange) -> Self {
        Self { id: id.to_owned(), arn: String::new(), state: WrittenObject::Tags(object, tags.clone()) }
    }

    pub(crate) fn id(&self) -> &str {
        &self.id
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
        for Written { id, arn, state } in written {
            self.learn_account(&arn);
            match state {
                WrittenObject::Control(stamp, detail) => self.kept.keep_control(id, detail, stamp),
                WrittenObject::Framework(stamp, detail) => self.kept.keep_framework(id, detail, stamp),
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
