//! Creating without ever making two of one name.
//!
//! A create has no token by which the service would know it again
//! (<https://docs.aws.amazon.com/audit-manager/latest/APIReference/API_CreateControl.html>): one whose answer is lost may
//! have been carried out, and two writers may create the same name at the same time.

use std::collections::BTreeMap;
use std::time::Duration;

use controlsync_core::change_result::{ChangeResult, Failure};
use controlsync_core::plan::{APPLIED_TAG, Body, CATALOG_TAG, Change, ChangeKind, ObjectType};

use super::request;
use super::{Done, Run, refused};
use crate::account::{Namesake, get_tags, namesakes};
use crate::client::Client;

/// How often a create is sent at most, each time after nobody was found to have the name.
const ATTEMPTS: u32 = 4;

/// Creates an object. After an unclear failure its name is looked up before anything is sent again.
pub(super) async fn create(client: &Client, change: &Change, created: &BTreeMap<String, String>) -> Done {
    let mut attempt = 1;
    loop {
        let answer = match &change.body {
            Some(Body::Control(body)) => request::create_control(client, body, &change.tags).await,
            Some(Body::Framework(body)) => request::create_framework(client, body, &change.tags, created).await,
            None => return Err(refused(change, "the plan does not say what to create".to_owned(), "Plan again.")),
        };
        let failure = match answer {
            Ok(done) => return Ok(done),
            Err(failure) if failure.unclear => failure,
            Err(failure) => return Err(failure),
        };
        // What is still under way shall have happened before it is looked for.
        client.back_off(attempt).await;
        match holder(client, change).await {
            Ok(Holder::Ours(id)) => return Ok((id, None)),
            Ok(Holder::Nobody) if attempt < ATTEMPTS && !client.stop().asked() => attempt += 1,
            Ok(Holder::Nobody | Holder::Another) | Err(_) => return Err(failure),
        }
    }
}

/// Who has the name of an object that was perhaps created.
enum Holder {
    /// An object that carries exactly the tags that the change sets, by its id.
    Ours(String),
    /// Another one: sent again, there would be two.
    Another,
    Nobody,
}

/// Of several that could be ours the youngest counts: if it is that of another writer of the same catalog, then the
/// older one is ours, and stays.
async fn holder(client: &Client, change: &Change) -> Result<Holder, Failure> {
    let mut namesakes = namesakes(client, change.object).await?;
    namesakes.retain(|namesake| namesake.name == change.name);
    namesakes.sort_by(|a, b| (b.created, &b.id).cmp(&(a.created, &a.id)));
    let holder = if namesakes.is_empty() { Holder::Nobody } else { Holder::Another };
    for namesake in namesakes {
        if is_same(client, change, &namesake.id).await? {
            return Ok(Holder::Ours(namesake.id));
        }
    }
    Ok(holder)
}

/// Whether an object is of this catalog and was brought to the same state.
async fn is_same(client: &Client, change: &Change, id: &str) -> Result<bool, Failure> {
    let Some(tags) = get_tags(client, change.object, id).await? else { return Ok(false) };
    let wanted = |key: &str| change.tags.set.get(key).map(|(_, value)| value);
    Ok([CATALOG_TAG, APPLIED_TAG].into_iter().all(|key| tags.get(key) == wanted(key)))
}

impl Run<'_> {
    /// Looks whether another writer has made an object of a name that this run has just made, or was refused. The older
    /// one stays; this run removes only what its own create returned.
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
            let told = !matches!(before, Some(ChangeResult::Applied { .. }));
            let held = by_name.as_ref().ok().and_then(|names| names.get(&change.name)).map(Vec::as_slice);
            let result = match before {
                Some(ChangeResult::Applied { id }) => self.keep_oldest(change, id, held.unwrap_or_default()).await,
                Some(ChangeResult::Failed(failure)) => match held {
                    Some([oldest, ..]) => match self.made_by_another(change, &oldest.id, None).await {
                        // What came of the request itself is not clear, so it may as well be this run's.
                        Ok(ChangeResult::CreatedConcurrently { kept, same: true, .. }) if failure.unclear => {
                            ChangeResult::Applied { id: kept }
                        }
                        Ok(result) => result,
                        Err(_) => ChangeResult::Failed(failure),
                    },
                    _ => ChangeResult::Failed(failure),
                },
                other => other.unwrap_or(ChangeResult::NotStarted),
            };
            if !told {
                progress(change, &result);
            }
            if object == ObjectType::Control
                && let ChangeResult::Applied { id } | ChangeResult::CreatedConcurrently { kept: id, .. } = &result
            {
                self.created.insert(change.name.clone(), id.clone());
            }
            self.results[index] = Some(result);
        }
    }

    /// The objects of the names, the oldest first.
    async fn namesakes(
        &self,
        object: ObjectType,
        doubtful: &[(usize, &Change)],
    ) -> Result<BTreeMap<String, Vec<Namesake>>, Failure> {
        let mut listed = namesakes(self.client, object).await?;
        // Where times are told in whole seconds, another writer can still come before us within the second.
        let made = |namesake: &&Namesake| {
            doubtful.iter().any(
                |(index, _)| matches!(&self.results[*index], Some(ChangeResult::Applied { id }) if *id == namesake.id),
            )
        };
        let mut times = listed.iter().filter(made).filter_map(|namesake| namesake.created).peekable();
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

    async fn keep_oldest(&self, change: &Change, id: String, held: &[Namesake]) -> ChangeResult {
        let older = held.first().filter(|oldest| oldest.id != id);
        let Some(oldest) = older.filter(|_| held.iter().any(|namesake| namesake.id == id)) else {
            return ChangeResult::Applied { id };
        };
        if let Err(failure) = request::delete(self.client, change.object, &id).await {
            let noun = change.object.noun();
            let cure = format!(
                "Another writer made a {noun} of this name at the same time ({}), and the one of this run ({id}) could not be \
                 removed: delete it.",
                oldest.id
            );
            return ChangeResult::Failed(Failure { help: Some(cure), ..failure });
        }
        match self.made_by_another(change, &oldest.id, Some(id)).await {
            Ok(result) => result,
            Err(failure) => ChangeResult::Failed(failure),
        }
    }

    async fn made_by_another(
        &self,
        change: &Change,
        kept: &str,
        removed: Option<String>,
    ) -> Result<ChangeResult, Failure> {
        let same = is_same(self.client, change, kept).await?;
        Ok(ChangeResult::CreatedConcurrently { kept: kept.to_owned(), removed, same })
    }
}
