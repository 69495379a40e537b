//! Creates objects without creating duplicate names.
//!
//! Create requests have no idempotency token
//! (<https://docs.aws.amazon.com/audit-manager/latest/APIReference/API_CreateControl.html>): one without a response may
//! have been processed, and two writers may create the same name concurrently.

use std::collections::BTreeMap;
use std::time::Duration;

use controlsync_core::change_result::{ChangeResult, Failure, FailureKind};
use controlsync_core::plan::{APPLIED_TAG, Body, CATALOG_TAG, Change, ChangeKind, ObjectType};

use super::references::once_known;
use super::request::{self, Done};
use super::run::{Run, refused};
use crate::audit_manager::account::{Namesake, get_tags, namesakes};
use crate::audit_manager::client::Client;

/// Maximum number of create attempts, each after checking that the name does not exist.
const ATTEMPTS: u32 = 3;
/// How often the name is looked up before the request is sent again: lists may lag. With half a second before the first look, and
/// twice as long before each of the next, a request that was processed has 7.5 seconds to show.
const LOOKS: u32 = 4;

/// Creates an object. After an unclear failure, its name is looked up before the request is repeated.
pub(super) async fn create(client: &Client, change: &Change, created: &BTreeMap<String, String>) -> Done {
    let mut attempt = 1;
    loop {
        let answer = match &change.body {
            Some(Body::Control(body)) => request::create_control(client, body, &change.tags).await,
            Some(Body::Framework(body)) => {
                let send = || request::create_framework(client, body, &change.tags, created);
                once_known(client, body, created, send).await
            }
            None => {
                let failure = refused(change, "the plan has no object to create".to_owned(), "Plan again.");
                return Err(Failure { kind: FailureKind::Internal, ..failure });
            }
        };
        let failure = match answer {
            Ok(done) => return Ok(done),
            Err(failure) if failure.unclear => failure,
            Err(failure) => return Err(failure),
        };
        match look_for(client, change).await {
            Ok(NameOwner::Ours(id)) => return Ok((id, None)),
            Ok(NameOwner::None) if attempt < ATTEMPTS && !client.stop().is_requested() => attempt += 1,
            Ok(NameOwner::None | NameOwner::Another) | Err(_) => return Err(failure),
        }
    }
}

/// Looks for the object of a request without a clear response, until it is there or should have been: the request may still be in
/// progress, and lists may lag.
async fn look_for(client: &Client, change: &Change) -> Result<NameOwner, Failure> {
    for look in 1..=LOOKS {
        client.settle(look).await;
        match find_owner(client, change).await? {
            NameOwner::None if client.stop().is_requested() => break,
            NameOwner::None => {}
            owner => return Ok(owner),
        }
    }
    Ok(NameOwner::None)
}

/// Which object has the name of an object that may have been created.
enum NameOwner {
    /// An object with exactly the tags that the change sets, by its ID.
    Ours(String),
    /// Another one: repeating the request would create a duplicate.
    Another,
    /// No object.
    None,
}

/// If several objects could be ours, the newest counts: if that is of another writer of the same catalog, then the
/// older one is ours and is kept.
async fn find_owner(client: &Client, change: &Change) -> Result<NameOwner, Failure> {
    let mut namesakes = namesakes(client, change.object).await?;
    namesakes.retain(|namesake| namesake.name == change.name);
    namesakes.sort_by(|a, b| (b.created, &b.id).cmp(&(a.created, &a.id)));
    let owner = if namesakes.is_empty() { NameOwner::None } else { NameOwner::Another };
    for namesake in namesakes {
        if is_same(client, change, &namesake.id).await? {
            return Ok(NameOwner::Ours(namesake.id));
        }
    }
    Ok(owner)
}

/// Whether an object is owned by this catalog and has the same applied state.
async fn is_same(client: &Client, change: &Change, id: &str) -> Result<bool, Failure> {
    let Some(tags) = get_tags(client, change.object, id).await? else { return Ok(false) };
    let wanted = |key: &str| change.tags.set.get(key).map(|(_, value)| value);
    Ok([CATALOG_TAG, APPLIED_TAG].into_iter().all(|key| tags.get(key) == wanted(key)))
}

impl Run<'_> {
    /// Checks whether another writer created an object with a name that this run just created or was refused. The older
    /// one is kept; this run deletes only what its own request created.
    pub(super) async fn settle_names(&mut self, object: ObjectType, progress: &impl Fn(&Change, &ChangeResult)) {
        let changes: Vec<(usize, &Change)> = (self.plan.changes.iter().enumerate())
            .filter(|(_, change)| change.object == object && change.kind == ChangeKind::Create)
            .collect();
        let doubtful = |index: usize| match &self.results[index] {
            Some(ChangeResult::Applied { .. }) => true,
            Some(ChangeResult::Failed(failure)) => {
                failure.unclear || failure.code.as_deref() == Some("ValidationException")
            }
            _ => false,
        };
        let doubtful: Vec<(usize, &Change)> = changes.into_iter().filter(|(index, _)| doubtful(*index)).collect();
        if doubtful.is_empty() {
            return;
        }
        let by_name = self.namesakes(object, &doubtful).await;
        for (index, change) in doubtful {
            let before = self.results[index].take();
            let reported = !matches!(before, Some(ChangeResult::Applied { .. }));
            let live = by_name.as_ref().ok().and_then(|names| names.get(&change.name)).map(Vec::as_slice);
            let result = match before {
                Some(ChangeResult::Applied { id, altered }) => {
                    self.keep_oldest(change, id, altered, live.unwrap_or_default()).await
                }
                Some(ChangeResult::Failed(failure)) => match live {
                    Some([oldest, ..]) => match self.created_by_another(change, &oldest.id, None).await {
                        // The result of the request is unclear, so the object may be this run's.
                        Ok(ChangeResult::CreatedConcurrently { kept, same: true, .. }) if failure.unclear => {
                            ChangeResult::Applied { id: kept, altered: Vec::new() }
                        }
                        Ok(result) => result,
                        Err(_) => ChangeResult::Failed(failure),
                    },
                    _ => ChangeResult::Failed(failure),
                },
                other => other.unwrap_or(ChangeResult::NotStarted),
            };
            if !reported {
                progress(change, &result);
            }
            if object == ObjectType::Control
                && let ChangeResult::Applied { id, .. } | ChangeResult::CreatedConcurrently { kept: id, .. } = &result
            {
                self.created.insert(change.name.clone(), id.clone());
            }
            self.results[index] = Some(result);
        }
    }

    /// Returns the objects by name, the oldest first.
    async fn namesakes(
        &self,
        object: ObjectType,
        doubtful: &[(usize, &Change)],
    ) -> Result<BTreeMap<String, Vec<Namesake>>, Failure> {
        let mut listed = namesakes(self.client, object).await?;
        // If times are whole seconds, an object created by another writer within the second may still count as older.
        let is_ours = |namesake: &&Namesake| {
            doubtful.iter().any(
                |(index, _)| matches!(&self.results[*index], Some(ChangeResult::Applied { id, .. }) if *id == namesake.id),
            )
        };
        let mut times = listed.iter().filter(is_ours).filter_map(|namesake| namesake.created).peekable();
        if times.peek().is_some() && times.all(|at| at % 1000 == 0) {
            tokio::time::sleep(Duration::from_secs(1)).await;
            listed = namesakes(self.client, object).await?;
        }
        listed.sort_by(|a, b| (a.created, &a.id).cmp(&(b.created, &b.id)));
        let mut by_name: BTreeMap<String, Vec<Namesake>> = BTreeMap::new();
        for namesake in listed {
            by_name.entry(namesake.name.clone()).or_default().push(namesake);
        }
        Ok(by_name)
    }

    async fn keep_oldest(
        &self,
        change: &Change,
        id: String,
        altered: Vec<&'static str>,
        live: &[Namesake],
    ) -> ChangeResult {
        let older = live.first().filter(|oldest| oldest.id != id);
        let Some(oldest) = older.filter(|_| live.iter().any(|namesake| namesake.id == id)) else {
            return ChangeResult::Applied { id, altered };
        };
        if let Err(failure) = request::delete(self.client, change.object, &id).await {
            let noun = change.object.noun();
            let help = format!(
                "Another writer created a {noun} with this name at the same time ({}), and the one of this run ({id}) \
                 could not be deleted: delete it.",
                oldest.id
            );
            return ChangeResult::Failed(Failure { help: Some(help), ..failure });
        }
        match self.created_by_another(change, &oldest.id, Some(id)).await {
            Ok(result) => result,
            Err(failure) => ChangeResult::Failed(failure),
        }
    }

    async fn created_by_another(
        &self,
        change: &Change,
        kept: &str,
        removed: Option<String>,
    ) -> Result<ChangeResult, Failure> {
        let same = is_same(self.client, change, kept).await?;
        Ok(ChangeResult::CreatedConcurrently { kept: kept.to_owned(), removed, same })
    }
}
