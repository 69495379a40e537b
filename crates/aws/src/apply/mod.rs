//! Carries out a plan. It decides nothing and writes nothing that the plan does not show.

mod create;
mod request;

use std::collections::BTreeMap;

use controlsync_core::applied::{ChangeResult, Failure};
use controlsync_core::plan::{Body, CATALOG_TAG, Change, ControlTarget, FrameworkBody, Kind, ObjectType, Plan};
use futures_util::{StreamExt as _, stream};

use crate::account::{CONCURRENCY, get_tags};
use crate::client::Client;

/// Carries out the changes of a plan: controls before frameworks, deletions last. Gives one result a change, in the same
/// order; `progress` is called as each is known.
pub async fn apply(client: &Client, plan: &Plan, progress: impl Fn(&Change, &ChangeResult)) -> Vec<ChangeResult> {
    let mut run = Run { client, plan, created: BTreeMap::new(), results: vec![None; plan.changes.len()] };
    for object in [ObjectType::Control, ObjectType::Framework] {
        run.changes(|change| change.object == object && change.kind != Kind::Delete, &progress).await;
        run.settle_names(object, &progress).await;
    }
    for object in [ObjectType::Framework, ObjectType::Control] {
        run.changes(|change| change.object == object && change.kind == Kind::Delete, &progress).await;
    }
    run.results.into_iter().map(|result| result.unwrap_or(ChangeResult::NotStarted)).collect()
}

/// A plan that is being carried out.
struct Run<'a> {
    client: &'a Client,
    plan: &'a Plan,
    /// The ids of the controls that are there now and were not before, by name.
    created: BTreeMap<String, String>,
    results: Vec<Option<ChangeResult>>,
}

impl Run<'_> {
    /// Carries out some changes, several at once.
    async fn changes(&mut self, chosen: impl Fn(&Change) -> bool, progress: &impl Fn(&Change, &ChangeResult)) {
        let changes = self.plan.changes.iter().enumerate().filter(|(_, change)| chosen(change));
        let (client, plan, created) = (self.client, self.plan, &self.created);
        let this = &*self;
        let running = stream::iter(changes.map(|(index, change)| async move {
            let result = match this.still_holding(change) {
                holding if holding.is_empty() => one(client, plan, change, created).await,
                by => ChangeResult::Blocked { by },
            };
            // Whether a new object is the only one of its name is known when all are made.
            if !matches!((change.kind, &result), (Kind::Create, ChangeResult::Applied { .. })) {
                progress(change, &result);
            }
            (index, result)
        }));
        let done: Vec<(usize, ChangeResult)> = running.buffer_unordered(CONCURRENCY).collect().await;
        for (index, result) in done {
            self.results[index] = Some(result);
        }
    }

    /// Frameworks that should have given up a control before it is deleted, and did not: a control set that loses its last
    /// control may go, and its id with it.
    fn still_holding(&self, deletion: &Change) -> Vec<String> {
        let is_open = deletion.blocked_by.is_empty() && !self.client.stop().asked();
        if deletion.kind != Kind::Delete || deletion.object != ObjectType::Control || !is_open {
            return Vec::new();
        }
        let holders = deletion.touches.as_ref().and_then(|touches| touches.frameworks.as_ref());
        let failed = self.plan.changes.iter().zip(&self.results).filter(|(change, result)| {
            let holds = holders.is_none_or(|holders| holders.iter().any(|held| change.id.as_ref() == Some(&held.id)));
            let done = result.as_ref().is_some_and(ChangeResult::is_done);
            change.object == ObjectType::Framework && change.kind != Kind::Delete && holds && !done
        });
        failed.map(|(change, _)| format!("framework {}", change.name)).collect()
    }
}

async fn one(client: &Client, plan: &Plan, change: &Change, created: &BTreeMap<String, String>) -> ChangeResult {
    if !change.blocked_by.is_empty() {
        return ChangeResult::Blocked { by: change.blocked_by.clone() };
    }
    if !change.writes() {
        return ChangeResult::Unchanged;
    }
    if client.stop().asked() {
        return ChangeResult::NotStarted;
    }
    if let Some(Body::Framework(body)) = &change.body {
        let missing = missing_controls(body, created);
        if !missing.is_empty() {
            return ChangeResult::Blocked { by: missing };
        }
    }
    let Some(client) = client.turn().await else { return ChangeResult::NotStarted };
    let written = match change.kind {
        Kind::Create => create::create(&client, change, created).await,
        Kind::Delete => delete(&client, plan, change).await,
        _ => update(&client, change, created).await,
    };
    match written {
        Ok(id) => ChangeResult::Applied { id },
        Err(failure) => ChangeResult::Failed(failure),
    }
}

/// Controls that this run should have created and did not.
fn missing_controls(body: &FrameworkBody, created: &BTreeMap<String, String>) -> Vec<String> {
    let targets = body.control_sets.iter().flat_map(|set| &set.controls);
    let missing = targets.filter_map(|target| match target {
        ControlTarget::Created(name) if !created.contains_key(name) => Some(format!("control {name}")),
        _ => None,
    });
    missing.collect()
}

/// Changes an object that is there. The tags come last: they record what was applied, so that a run that breaks off before
/// is taken up again.
async fn update(client: &Client, change: &Change, created: &BTreeMap<String, String>) -> Result<String, Failure> {
    let (id, arn) = held(change)?;
    match &change.body {
        Some(Body::Control(body)) => request::update_control(client, id, body).await?,
        Some(Body::Framework(body)) => request::update_framework(client, id, body, created).await?,
        None => {}
    }
    request::tag(client, arn, &change.tags).await?;
    Ok(id.to_owned())
}

/// Deletes an object, if it still carries the name of the catalogue: somebody may have taken it out in the meantime.
async fn delete(client: &Client, plan: &Plan, change: &Change) -> Result<String, Failure> {
    let (id, _) = held(change)?;
    if let Some(tags) = get_tags(client, change.object, id).await? {
        if tags.get(CATALOG_TAG) != Some(&plan.catalog) {
            return Err(refused(
                change,
                format!("it no longer carries the tag `{CATALOG_TAG}` with the value `{}`", plan.catalog),
                "It was not deleted: it is not this catalogue's any more.",
            ));
        }
        request::delete(client, change.object, id).await?;
    }
    Ok(id.to_owned())
}

fn held(change: &Change) -> Result<(&str, &str), Failure> {
    change.id.as_deref().zip(change.arn.as_deref()).ok_or_else(|| {
        let message = format!("the plan has no id of {:?}", change.name);
        refused(change, message, "This is a fault of controlsync; nothing was sent. Please report it.")
    })
}

/// A change that is not even asked for.
fn refused(change: &Change, message: String, help: &str) -> Failure {
    let operation = match (change.kind, change.object) {
        (Kind::Delete, ObjectType::Control) => "DeleteControl",
        (Kind::Delete, ObjectType::Framework) => "DeleteAssessmentFramework",
        (_, ObjectType::Control) => "UpdateControl",
        (_, ObjectType::Framework) => "UpdateAssessmentFramework",
    };
    Failure {
        operation,
        code: None,
        message,
        fields: Vec::new(),
        help: Some(help.to_owned()),
        unclear: false,
        transient: false,
    }
}
