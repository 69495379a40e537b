//! An account that is being read.

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_auditmanager::types::AccountStatus;
use controlsync_core::catalog::Catalog;
use controlsync_core::change_result::Failure;
use controlsync_core::identifiers::Arn;
use controlsync_core::plan::{
    AccountAssessment, AccountControl, AccountFramework, AccountObject, Actual, Detail, Needs, ObjectType, Options,
    Plan, Stamp, Step, Unconfirmed, Usage, step,
};
use controlsync_core::source::Sources;
use futures_util::{StreamExt as _, stream};

use super::convert;
use super::list::{self, Listed};
use super::snapshot::{Snapshot, SnapshotKey};
use crate::audit_manager::client::Client;
use crate::audit_manager::failure;
use crate::sender::Repeat;

/// Maximum number of concurrent requests.
pub(crate) const CONCURRENCY: usize = 8;

/// An account that is being read: first its lists, then what a plan needs. What an earlier run read is reused if it has
/// not changed since.
#[derive(Debug)]
pub struct Reading {
    client: Client,
    actual: Actual,
    key: Option<SnapshotKey>,
    /// The address that responded.
    endpoint: Option<String>,
    /// Start time by the clock of the service, in milliseconds since 1970.
    started: Option<i64>,
    /// What earlier runs read.
    known: Snapshot,
    /// What was needed so far.
    rounds: Vec<Needs>,
    /// What earlier runs read, with what this run read.
    pub(super) kept: Snapshot,
}

impl Reading {
    /// Lists the account.
    ///
    /// # Errors
    ///
    /// Audit Manager is not set up, or a request failed.
    pub async fn start(client: &Client) -> Result<Self, Failure> {
        let (status, controls, frameworks) =
            tokio::join!(account_status(client), list::custom_controls(client), list::custom_frameworks(client));
        // Fails early if Audit Manager is not set up; without permission to check, the lists decide.
        if let Ok(Some(status)) = status
            && status != AccountStatus::Active
        {
            return Err(failure::not_set_up(status.as_str(), client.region()));
        }
        let Listed { objects: controls, started, endpoint } = controls?;
        let frameworks = frameworks?.objects;
        let first = controls.first().map(|live| &live.arn).or_else(|| frameworks.first().map(|live| &live.arn));
        let account = first.and_then(|arn| account_of(arn)).or_else(|| client.account().map(str::to_owned));
        let region = client.region().to_owned();
        let key = account.clone().zip(endpoint.clone());
        let key = key.map(|(account, endpoint)| SnapshotKey { account, region, endpoint });
        let region = client.region().to_owned();
        let actual = Actual { account, region, controls, frameworks, ..Actual::default() };
        let (rounds, kept) = (Vec::new(), Snapshot::new(key.as_ref()));
        Ok(Self { client: client.clone(), actual, key, endpoint, started, known: Snapshot::default(), rounds, kept })
    }

    /// Returns the snapshot key of the account; `None` if the account ID is unknown, so that nothing can be cached.
    pub const fn key(&self) -> Option<&SnapshotKey> {
        self.key.as_ref()
    }

    /// Returns the endpoint that answered, if one did.
    pub fn endpoint(&self) -> Option<&str> {
        self.endpoint.as_deref()
    }

    /// Learns the account ID from an ARN: that of an empty account is unknown until an object was created.
    pub(super) fn learn_account(&mut self, arn: &str) {
        if self.key.is_none()
            && let (Some(account), Some(endpoint)) = (account_of(arn), self.endpoint.clone())
        {
            let key = SnapshotKey { account, region: self.actual.region.clone(), endpoint };
            self.kept.set_key(&key);
            self.key = Some(key);
        }
    }

    /// Returns what was read so far.
    pub const fn actual(&self) -> &Actual {
        &self.actual
    }

    /// Uses what an earlier run read, if it is of the same account, Region and endpoint.
    pub fn remember(&mut self, mut snapshot: Snapshot) {
        let is_same = match &self.key {
            Some(key) => snapshot.is_of(key),
            // With empty lists the account may be unknown. Then only the objects that are missing in them count.
            None => self.endpoint.as_ref().is_some_and(|endpoint| snapshot.is_of_place(&self.actual.region, endpoint)),
        };
        if !is_same {
            return;
        }
        // That a list has what was written is nothing new to keep.
        snapshot.forget_listed(&self.actual);
        self.actual.unconfirmed = snapshot.written.clone();
        self.kept.written = snapshot.written.clone();
        if self.key.is_some() {
            self.kept.take_over(&snapshot, &self.actual);
            self.known = snapshot;
        }
    }

    /// Returns the snapshot for later runs; `None` if it has nothing new.
    pub fn to_keep(&self) -> Option<&Snapshot> {
        (self.key.is_some() && self.kept != self.known).then_some(&self.kept)
    }

    /// Plans, and reads what the plan needs. `progress` is called with the number of details read and the number to
    /// read.
    ///
    /// # Errors
    ///
    /// A request failed.
    pub async fn plan(
        &mut self,
        catalog: &Catalog,
        sources: &Sources,
        options: &Options,
        progress: impl Fn(usize, usize),
    ) -> Result<Plan, Failure> {
        loop {
            match step(catalog, sources, &self.actual, options) {
                Step::Done(plan) => return Ok(*plan),
                Step::Read(needs) => Box::pin(self.read(&needs, &progress)).await?,
            }
        }
    }

    /// Reads what is needed.
    ///
    /// # Errors
    ///
    /// A request failed, or the same was needed before: what was read then did not help, and would not help again.
    pub async fn read(&mut self, needs: &Needs, progress: &impl Fn(usize, usize)) -> Result<(), Failure> {
        if self.rounds.contains(needs) {
            return Err(failure::learned_nothing(needs));
        }
        self.rounds.push(needs.clone());
        if needs.standard {
            self.actual.standard = Some(self.first_listed(list::standard_controls(&self.client).await?));
        }
        if needs.core {
            self.actual.core = Some(self.first_listed(list::core_controls(&self.client).await?));
        }
        self.confirm(needs, progress).await?;
        let (controls, failure) = self.controls(needs, progress).await;
        for (id, detail) in controls {
            self.put_control(id, detail);
        }
        if let Some(failure) = failure {
            return Err(failure);
        }
        let (frameworks, unreadable) = self.frameworks(needs, progress).await;
        for (id, detail) in frameworks {
            self.put_framework(&id, detail);
        }
        let unreadable = match unreadable {
            // Unknown usage is reported, but does not stop the run.
            Some(failure) if !needs.impact => return Err(failure),
            unreadable => unreadable,
        };
        if needs.impact {
            let assessments = self.assessments(progress).await;
            let mut unknown = unreadable.as_ref().map(ToString::to_string);
            let assessments = assessments.map_err(|failure| {
                unknown.get_or_insert_with(|| failure.to_string());
            });
            self.actual.impact =
                Some(Usage { frameworks: unreadable.is_none(), assessments: assessments.ok(), unknown });
        }
        Ok(())
    }

    /// Returns the entries of a list that no earlier list has: an ID is one object, which is read once.
    fn first_listed(&self, mut listed: Vec<AccountObject<AccountControl>>) -> Vec<AccountObject<AccountControl>> {
        let lists = [Some(&self.actual.controls), self.actual.standard.as_ref(), self.actual.core.as_ref()];
        let known: BTreeSet<&str> = lists.into_iter().flatten().flatten().map(|live| live.id.as_str()).collect();
        listed.retain(|live| !known.contains(live.id.as_str()));
        listed
    }

    /// Looks for objects that an earlier run wrote and that no list has: they are used if they still exist, with that name.
    async fn confirm(&mut self, needs: &Needs, progress: &impl Fn(usize, usize)) -> Result<(), Failure> {
        let Unconfirmed { controls, frameworks } = &self.actual.unconfirmed;
        let controls: Vec<&String> = needs.unconfirmed.iter().filter(|id| controls.contains_key(*id)).collect();
        let frameworks: Vec<&String> = needs.unconfirmed.iter().filter(|id| frameworks.contains_key(*id)).collect();
        let (controls, failure) = all(&self.client, &controls, progress, |id| get_control(&self.client, id)).await;
        failure.map_or(Ok(()), Err)?;
        let (frameworks, failure) =
            all(&self.client, &frameworks, progress, |id| get_framework(&self.client, id)).await;
        failure.map_or(Ok(()), Err)?;
        for (id, answer) in controls {
            let live = self.confirmed(id, answer);
            self.actual.controls.extend(live);
        }
        for (id, answer) in frameworks {
            let live = self.confirmed(id, answer);
            self.actual.frameworks.extend(live);
        }
        Ok(())
    }

    fn confirmed<T>(&mut self, id: String, answer: Answer<T>) -> Option<AccountObject<T>> {
        let Unconfirmed { controls, frameworks } = &mut self.actual.unconfirmed;
        let name = controls.remove(&id).or_else(|| frameworks.remove(&id))?;
        let Answer { detail, arn, .. } = answer;
        if detail.get().is_none() || answer.name != name {
            self.kept.written.controls.remove(&id);
            self.kept.written.frameworks.remove(&id);
            return None;
        }
        self.learn_account(&arn);
        Some(AccountObject { id, arn, name, stamp: None, detail })
    }

    async fn controls(&mut self, needs: &Needs, progress: &impl Fn(usize, usize)) -> Read<AccountControl> {
        let mut ids = Vec::new();
        for id in &needs.controls {
            let stamp = self.actual.control(id).and_then(|live| live.stamp);
            match self.known.control(id, stamp) {
                Some(detail) => self.put_control(id.clone(), Answer::cached(detail.clone())),
                None => ids.push(id),
            }
        }
        ids.extend(needs.fresh.iter().filter(|id| self.actual.control(id).is_some()));
        all(&self.client, &ids, progress, |id| get_control(&self.client, id)).await
    }

    async fn frameworks(&mut self, needs: &Needs, progress: &impl Fn(usize, usize)) -> Read<AccountFramework> {
        let mut ids = Vec::new();
        for id in &needs.frameworks {
            let stamp = self.actual.frameworks.iter().find(|live| live.id == *id).and_then(|live| live.stamp);
            match self.known.framework(id, stamp) {
                Some(detail) => self.put_framework(id, Answer::cached(detail.clone())),
                None => ids.push(id),
            }
        }
        let listed: BTreeSet<&str> = self.actual.frameworks.iter().map(|live| live.id.as_str()).collect();
        ids.extend(needs.fresh.iter().filter(|id| listed.contains(id.as_str())));
        all(&self.client, &ids, progress, |id| get_framework(&self.client, id)).await
    }

    async fn assessments(&mut self, progress: &impl Fn(usize, usize)) -> Result<Vec<AccountAssessment>, Failure> {
        let listed = list::active_assessments(&self.client).await?;
        self.kept.keep_active(&listed.iter().map(|item| item.id.clone()).collect());
        let mut found = Vec::new();
        let mut unknown = Vec::new();
        for item in listed {
            match self.known.assessment(&item.id, item.stamp) {
                Some(known) => {
                    self.kept.keep_assessment(known.clone(), item.stamp);
                    found.push(known.clone());
                }
                None => unknown.push(item),
            }
        }
        let ids: Vec<&String> = unknown.iter().map(|item| &item.id).collect();
        let names: BTreeMap<&String, &list::Item> = unknown.iter().map(|item| (&item.id, item)).collect();
        let get = |id: String| get_assessment(&self.client, names.get(&id).map_or("", |item| &item.name), id);
        let (read, failure) = all(&self.client, &ids, progress, get).await;
        for (id, answer) in read {
            let Some(assessment) = answer.detail.get().cloned() else { continue };
            let stamp = names.get(&id).and_then(|item| item.stamp).filter(|stamp| self.is_settled(*stamp));
            self.kept.keep_assessment(assessment.clone(), stamp);
            found.push(assessment);
        }
        failure.map_or(Ok(found), Err)
    }

    fn put_control(&mut self, id: String, answer: Answer<AccountControl>) {
        let lists = [Some(&mut self.actual.controls), self.actual.standard.as_mut(), self.actual.core.as_mut()];
        let Some(live) = lists.into_iter().flatten().flatten().find(|live| live.id == id) else {
            let Answer { detail, name, arn, .. } = answer;
            let live = detail.get().is_some().then(|| AccountObject { id: id.clone(), arn, name, stamp: None, detail });
            self.actual.unlisted.insert(id, live);
            return;
        };
        let stamp = answer.unchanged_since(live.stamp);
        live.detail = answer.detail;
        if let (Detail::Fresh(detail), Some(stamp)) = (&live.detail, stamp) {
            let detail = detail.clone();
            self.kept.keep_control(id, detail, Some(stamp).filter(|stamp| self.is_settled(*stamp)));
        }
    }

    fn put_framework(&mut self, id: &str, answer: Answer<AccountFramework>) {
        let Some(live) = self.actual.frameworks.iter_mut().find(|live| live.id == id) else { return };
        let stamp = answer.unchanged_since(live.stamp);
        live.detail = answer.detail;
        if let (Detail::Fresh(detail), Some(stamp)) = (&live.detail, stamp) {
            let detail = detail.clone();
            self.kept.keep_framework(id.to_owned(), detail, Some(stamp).filter(|stamp| self.is_settled(*stamp)));
        }
    }

    /// Whether any later change of an object has a later update time: the service may report times in whole seconds.
    fn is_settled(&self, stamp: Stamp) -> bool {
        const SETTLED: i64 = 2000;
        self.started.is_some_and(|started| stamp.updated + SETTLED <= started)
    }
}

/// Whether two times in milliseconds are the same at the coarser resolution of the two: a list may have whole seconds where the object
/// itself has milliseconds, or the reverse.
fn is_same_time(one: i64, other: i64) -> bool {
    const SECOND: i64 = 1000;
    let is_whole = one.rem_euclid(SECOND) == 0 || other.rem_euclid(SECOND) == 0;
    one == other || (is_whole && one.div_euclid(SECOND) == other.div_euclid(SECOND))
}

/// Returns the account ID of an ARN.
fn account_of(arn: &str) -> Option<String> {
    Arn::parse(arn)?.account().map(str::to_owned)
}

/// An object in full.
struct Answer<T> {
    detail: Detail<T>,
    arn: String,
    name: String,
    /// Time of the last update, or of creation, in milliseconds since 1970.
    updated: Option<i64>,
}

impl<T> Answer<T> {
    const fn cached(detail: T) -> Self {
        Self { detail: Detail::Cached(detail), arn: String::new(), name: String::new(), updated: None }
    }

    const fn gone() -> Self {
        Self { detail: Detail::Gone, arn: String::new(), name: String::new(), updated: None }
    }

    /// Returns the stamp of the list if the object has not changed since. A change within the same second is not overlooked even if
    /// times are in whole seconds: what is not settled is not kept.
    fn unchanged_since(&self, listed: Option<Stamp>) -> Option<Stamp> {
        listed.filter(|stamp| self.updated.is_some_and(|updated| is_same_time(stamp.updated, updated)))
    }
}

/// The objects that could be read, and why reading stopped.
type Read<T> = (Vec<(String, Answer<T>)>, Option<Failure>);

/// Reads the details of objects. One that is listed but not found counts as `Gone`: if it counted as missing, it would
/// be created again.
async fn all<T, F>(
    client: &Client,
    ids: &[&String],
    progress: &impl Fn(usize, usize),
    get: impl Fn(String) -> F,
) -> Read<T>
where
    F: Future<Output = Result<Answer<T>, Failure>>,
{
    let requests = ids.iter().map(|id| {
        let request = get((*id).clone());
        async move { Ok::<_, Failure>(((*id).clone(), request.await?)) }
    });
    let mut requests = stream::iter(requests).buffered(CONCURRENCY);
    let mut read = Vec::with_capacity(ids.len());
    while let Some(answer) = requests.next().await {
        match answer {
            Ok(answer) => read.push(answer),
            Err(failure) => return (read, Some(failure)),
        }
        progress(read.len(), ids.len());
        if client.stop().is_requested() && read.len() < ids.len() {
            return (read, Some(failure::stopped()));
        }
    }
    (read, None)
}

fn if_found<T>(answer: Result<T, Failure>) -> Result<Option<T>, Failure> {
    match answer {
        Ok(answer) => Ok(Some(answer)),
        Err(failure) if failure.code.as_deref() == Some("ResourceNotFoundException") => Ok(None),
        Err(failure) => Err(failure),
    }
}

async fn account_status(client: &Client) -> Result<Option<AccountStatus>, Failure> {
    let request = client.sdk().get_account_status();
    let answer = client.call("GetAccountStatus", Repeat::Freely, || request.clone().send()).await?;
    Ok(answer.status().cloned())
}

async fn get_control(client: &Client, id: String) -> Result<Answer<AccountControl>, Failure> {
    let request = client.sdk().get_control().control_id(id);
    let answer = client.call("GetControl", Repeat::Freely, || request.clone().send()).await;
    let answer = if_found(answer)?;
    let Some(control) = answer.as_ref().and_then(|answer| answer.control()) else { return Ok(Answer::gone()) };
    Ok(Answer {
        detail: Detail::Fresh(convert::control(control)),
        arn: convert::text(control.arn()),
        name: convert::text(control.name()),
        updated: list::millis(control.last_updated_at().or(control.created_at())),
    })
}

async fn get_framework(client: &Client, id: String) -> Result<Answer<AccountFramework>, Failure> {
    let request = client.sdk().get_assessment_framework().framework_id(id);
    let answer = client.call("GetAssessmentFramework", Repeat::Freely, || request.clone().send()).await;
    let answer = if_found(answer)?;
    let Some(framework) = answer.as_ref().and_then(|answer| answer.framework()) else { return Ok(Answer::gone()) };
    Ok(Answer {
        detail: Detail::Fresh(convert::framework(framework)),
        arn: convert::text(framework.arn()),
        name: convert::text(framework.name()),
        updated: list::millis(framework.last_updated_at().or(framework.created_at())),
    })
}

/// Reads the current tags of an object; `None` if it does not exist.
pub(crate) async fn get_tags(
    client: &Client,
    object: ObjectType,
    id: &str,
) -> Result<Option<BTreeMap<String, String>>, Failure> {
    Ok(match object {
        ObjectType::Control => get_control(client, id.to_owned()).await?.detail.get().map(|detail| detail.tags.clone()),
        ObjectType::Framework => {
            get_framework(client, id.to_owned()).await?.detail.get().map(|detail| detail.tags.clone())
        }
    })
}

async fn get_assessment(client: &Client, name: &str, id: String) -> Result<Answer<AccountAssessment>, Failure> {
    let request = client.sdk().get_assessment().assessment_id(&id);
    let answer = client.call("GetAssessment", Repeat::Freely, || request.clone().send()).await;
    let answer = if_found(answer)?;
    let Some(assessment) = answer.as_ref().and_then(|answer| answer.assessment()) else { return Ok(Answer::gone()) };
    let detail = Detail::Fresh(convert::assessment(&id, name, assessment));
    Ok(Answer { detail, arn: String::new(), name: name.to_owned(), updated: None })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_compared_at_the_coarser_resolution() {
        for (one, other, same) in [
            (5_300, 5_300, true),
            (5_300, 5_301, false),
            (5_000, 5_300, true),
            (5_999, 5_000, true),
            (5_000, 5_000, true),
            (5_000, 6_000, false),
            (5_999, 6_000, false),
            (6_000, 5_999, false),
        ] {
            assert_eq!(is_same_time(one, other), same, "{one} {other}");
        }
    }
}
