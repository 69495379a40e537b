//! Applies a plan. It decides nothing and writes nothing that the plan does not show.

pub(in crate::audit_manager) mod request;
mod run;
mod references;
mod create;

use std::collections::BTreeMap;

use controlsync_core::change_result::{ChangeResult, Failure, FailureKind};
use controlsync_core::plan::{
    Body, CATALOG_TAG, Change, ChangeKind, ControlTarget, FrameworkBody, ObjectType, Plan, Reason,
};
use futures_util::{StreamExt as _, stream};

use self::references::once_known;
use self::request::Done;
use self::run::{Run, refused};
use crate::audit_manager::account::{CONCURRENCY, Written, get_tags};
use crate::audit_manager::client::Client;

/// Results of an apply.
#[derive(Clone, Debug, Default)]
pub struct Applied {
    /// One result per change, in the order of the plan.
    pub results: Vec<ChangeResult>,
    /// The written objects, for [`crate::audit_manager::account::Reading::keep_written`].
    pub written: Vec<Written>,
}

/// Applies the changes of a plan: controls before frameworks, deletions last. `progress` is called with each result.
pub async fn apply(client: &Client, plan: &Plan, progress: impl Fn(&Change, &ChangeResult)) -> Applied {
    let results = vec![None; plan.changes.len()];
    let mut run = Run { client, plan, created: BTreeMap::new(), results, written: Vec::new() };
    for object in [ObjectType::Control, ObjectType::Framework] {
        run.changes(|change| change.object == object && change.kind != ChangeKind::Delete, &progress).await;
        run.settle_names(object, &progress).await;
    }
    for object in [ObjectType::Framework, ObjectType::Control] {
        run.changes(|change| change.object == object && change.kind == ChangeKind::Delete, &progress).await;
    }
    let Run { results, mut written, .. } = run;
    let results: Vec<_> = results.into_iter().map(|result| result.unwrap_or(ChangeResult::NotStarted)).collect();
    // Objects that conflicted with another writer were deleted again.
    let is_kept = |written: &Written| {
        results.iter().any(|result| matches!(result, ChangeResult::Applied { id, .. } if id == written.id()))
    };
    written.retain(is_kept);
    Applied { results, written }
}

impl Run<'_> {
    /// Applies the selected changes, several at a time.
    async fn changes(&mut self, chosen: impl Fn(&Change) -> bool, progress: &impl Fn(&Change, &ChangeResult)) {
        let changes = self.plan.changes.iter().enumerate().filter(|(_, change)| chosen(change));
        let (client, plan, created) = (self.client, self.plan, &self.created);
        let this = &*self;
        let running = stream::iter(changes.map(|(index, change)| async move {
            let (result, written) = match this.still_using(change) {
                users if users.is_empty() => one(client, plan, change, created).await,
                by => (ChangeResult::Blocked { by }, None),
            };
            // Whether the name of a new object is unique is known only after all are created.
            if !matches!((change.kind, &result), (ChangeKind::Create, ChangeResult::Applied { .. })) {
                progress(change, &result);
            }
            (index, result, written)
        }));
        let done: Vec<(usize, ChangeResult, Option<Written>)> = running.buffer_unordered(CONCURRENCY).collect().await;
        for (index, result, written) in done {
            self.results[index] = Some(result);
            self.written.extend(written);
        }
    }

    /// Returns the frameworks that should have been updated to not contain a control before its deletion, but were not:
    /// the service may drop a control set that loses its last control, and with it the ID of the set.
    fn still_using(&self, deletion: &Change) -> Vec<Reason> {
        let is_open = !deletion.is_blocked() && !self.client.stop().is_requested();
        if deletion.kind != ChangeKind::Delete || deletion.object != ObjectType::Control || !is_open {
            return Vec::new();
        }
        let users = deletion.impact.as_ref().and_then(|impact| impact.frameworks.as_ref());
        let failed = self.plan.changes.iter().zip(&self.results).filter(|(change, result)| {
            let contains = users.is_none_or(|users| users.iter().any(|user| change.id.as_ref() == Some(&user.id)));
            let done = result.as_ref().is_some_and(ChangeResult::is_done);
            change.object == ObjectType::Framework && change.kind != ChangeKind::Delete && contains && !done
        });
        failed.map(|(change, _)| Reason::Change(ObjectType::Framework, change.name.clone())).collect()
    }
}

async fn one(
    client: &Client,
    plan: &Plan,
    change: &Change,
    created: &BTreeMap<String, String>,
) -> (ChangeResult, Option<Written>) {
    if change.is_blocked() {
        return (ChangeResult::Blocked { by: change.blocked_by.clone() }, None);
    }
    if !change.writes() {
        return (ChangeResult::Unchanged, None);
    }
    if client.stop().is_requested() {
        return (ChangeResult::NotStarted, None);
    }
    if let Some(Body::Framework(body)) = &change.body {
        let missing = missing_controls(body, created);
        if !missing.is_empty() {
            return (ChangeResult::Blocked { by: missing }, None);
        }
    }
    let Some(client) = client.turn().await else { return (ChangeResult::NotStarted, None) };
    let done = match change.kind {
        ChangeKind::Create => create::create(&client, change, created).await,
        ChangeKind::Delete => delete(&client, plan, change).await,
        _ => update(&client, change, created).await,
    };
    match done {
        Ok((id, written)) => {
            let altered = written.as_ref().zip(change.body.as_ref());
            let altered = altered.map_or(Vec::new(), |(written, body)| written.altered(body));
            (ChangeResult::Applied { id, altered }, written)
        }
        Err(failure) => (ChangeResult::Failed(failure), None),
    }
}

/// Returns the controls that this run should have created, but did not.
fn missing_controls(body: &FrameworkBody, created: &BTreeMap<String, String>) -> Vec<Reason> {
    let targets = body.control_sets.iter().flat_map(|set| &set.controls);
    let missing = targets.filter_map(|target| match target {
        ControlTarget::Created(name) if !created.contains_key(name) => {
            Some(Reason::Change(ObjectType::Control, name.clone()))
        }
        _ => None,
    });
    missing.collect()
}

/// Updates an existing object. Tags are written last: they record what was applied, so that an interrupted update is
/// repeated by the next run.
async fn update(client: &Client, change: &Change, created: &BTreeMap<String, String>) -> Done {
    let (id, arn) = existing(change)?;
    let written = match &change.body {
        Some(Body::Control(body)) => request::update_control(client, id, body).await?,
        Some(Body::Framework(body)) => {
            let send = || request::update_framework(client, id, body, created);
            once_known(client, body, created, send).await?
        }
        None => Some(Written::tags(change.object, id, &change.tags)),
    };
    request::tag(client, arn, &change.tags).await?;
    Ok((id.to_owned(), written.map(|written| written.with(&change.tags))))
}

/// Deletes an object if the catalog still owns it: the tag may have been removed in the meantime.
async fn delete(client: &Client, plan: &Plan, change: &Change) -> Done {
    let (id, _) = existing(change)?;
    if let Some(tags) = get_tags(client, change.object, id).await? {
        if tags.get(CATALOG_TAG) != Some(&plan.catalog) {
            return Err(refused(
                change,
                format!("it no longer has the tag `{CATALOG_TAG}` with the value `{}`", plan.catalog),
                "It was not deleted: this catalog no longer owns it.",
            ));
        }
        request::delete(client, change.object, id).await?;
    }
    Ok((id.to_owned(), None))
}

fn existing(change: &Change) -> Result<(&str, &str), Failure> {
    change.id.as_deref().zip(change.arn.as_deref()).ok_or_else(|| {
        let message = format!("the plan has no ID for {:?}", change.name);
        let help = "This is a bug in controlsync; nothing was sent. Please report it.";
        Failure { kind: FailureKind::Internal, ..refused(change, message, help) }
    })
}
