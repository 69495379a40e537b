//! The objects of one question: created, remembered, and deleted when it is answered.

use std::collections::HashMap;

use aws_sdk_auditmanager::types::{Control, Framework};
use controlsync_core::change_result::{Failure, FailureKind};
use controlsync_core::plan::ObjectType;
use controlsync_core::probe::{Left, PREFIX, Refused, TAG};

use super::lists;
use super::requests::{self, NewControl, NewFramework, NewSet, NewSource};
use crate::audit_manager::apply::request;
use crate::audit_manager::client::Client;

/// Attempts to see or to use what was just created: with the waits of the client, half a minute.
pub(super) const LOOKS: u32 = 6;

/// What the service did with a request: accepted, or refused with a reason of its own.
pub(super) type Verdict<T> = Result<T, Refused>;

/// A probe while it runs.
pub(super) struct Trial<'a> {
    client: &'a Client,
    /// Deletes also after a stop, which ends the questions.
    cleaner: Client,
    run: &'a str,
    /// Number of names given.
    names: u32,
    /// What exists.
    objects: Vec<Left>,
    /// Whether an object may exist whose ID is unknown: the response to a create was lost.
    lost: bool,
}

impl<'a> Trial<'a> {
    pub(super) fn new(client: &'a Client, run: &'a str) -> Self {
        Self { client, cleaner: client.for_run(), run, names: 0, objects: Vec::new(), lost: false }
    }

    pub(super) const fn client(&self) -> &'a Client {
        self.client
    }

    /// A name that nothing else has.
    pub(super) fn name(&mut self) -> String {
        self.names += 1;
        format!("{PREFIX}{}-{}", self.run, self.names)
    }

    /// The tags of all objects.
    pub(super) fn tags(&self) -> HashMap<String, String> {
        HashMap::from([(TAG.to_owned(), self.run.to_owned())])
    }

    /// A control with a manual source, to be changed by the question.
    pub(super) fn control(&mut self) -> NewControl {
        let sources = vec![NewSource::manual("Checked by hand")];
        NewControl { name: self.name(), sources, tags: self.tags(), ..NewControl::default() }
    }

    /// A framework with one set.
    pub(super) fn framework(&mut self, controls: &[String]) -> NewFramework {
        let set = NewSet { name: "First".to_owned(), controls: controls.to_vec(), ..NewSet::default() };
        NewFramework { name: self.name(), sets: vec![set], tags: self.tags(), ..NewFramework::default() }
    }

    /// Tries to create a control.
    pub(super) async fn try_control(&mut self, new: &NewControl) -> Result<Verdict<Control>, Failure> {
        let created = requests::create_control(self.client, new).await;
        self.remember(ObjectType::Control, &new.name, created.as_ref().map(Control::id));
        verdict(created)
    }

    /// Tries to create a framework.
    pub(super) async fn try_framework(&mut self, new: &NewFramework) -> Result<Verdict<Framework>, Failure> {
        let created = requests::create_framework(self.client, new).await;
        self.remember(ObjectType::Framework, &new.name, created.as_ref().map(Framework::id));
        verdict(created)
    }

    fn remember(&mut self, object: ObjectType, name: &str, created: Result<Option<&str>, &Failure>) {
        match created {
            Ok(id) => {
                self.objects.push(Left { object, id: id.unwrap_or_default().to_owned(), name: name.to_owned() });
            }
            Err(failure) => self.lost |= failure.unclear,
        }
    }

    /// Creates a control that a question starts from. Returns its ID.
    pub(super) async fn created(&mut self, new: &NewControl) -> Result<String, Failure> {
        let created = self.try_control(new).await?.map_err(|refused| unexpected(&refused))?;
        Ok(created.id.unwrap_or_default())
    }

    /// Creates a control that a question starts from, and reads it.
    pub(super) async fn create(&mut self, new: &NewControl) -> Result<Control, Failure> {
        let id = self.created(new).await?;
        requests::get_control(self.client, &id).await
    }

    /// Creates controls that a framework can have. Returns their IDs.
    pub(super) async fn controls(&mut self, count: usize) -> Result<Vec<String>, Failure> {
        let mut ids = Vec::new();
        for _ in 0..count {
            let new = self.control();
            ids.push(self.create(&new).await?.id().unwrap_or_default().to_owned());
        }
        Ok(ids)
    }

    /// Creates a framework that a question starts from, and reads it. New controls may be unknown to frameworks for a while.
    pub(super) async fn create_framework(&mut self, new: &NewFramework) -> Result<Framework, Failure> {
        let mut look = 1;
        loop {
            match self.try_framework(new).await? {
                Ok(created) => return requests::get_framework(self.client, created.id().unwrap_or_default()).await,
                Err(refused) if look == LOOKS => return Err(unexpected(&refused)),
                Err(_) => self.client.settle(look).await,
            }
            look += 1;
        }
    }

    /// Deletes a control that the question is done with, or whose deletion is the question.
    pub(super) async fn without(&mut self, id: &str) -> Result<Verdict<()>, Failure> {
        let deleted = verdict(request::delete(self.client, ObjectType::Control, id).await)?;
        if deleted.is_ok() {
            self.objects.retain(|known| known.id != id);
        }
        Ok(deleted)
    }

    /// Deletes all objects, frameworks first. What cannot be deleted is tried again at the end.
    ///
    /// # Errors
    ///
    /// An object could not be deleted: nothing more must be created, or the account would fill up.
    pub(super) async fn clear(&mut self) -> Result<(), Failure> {
        let (remaining, cleared) = delete_all(&self.cleaner, std::mem::take(&mut self.objects)).await;
        self.objects = remaining;
        cleared
    }

    /// Deletes what exists, also what was created by a request whose response was lost. Returns what could not be deleted, and the
    /// number of requests of all deletions.
    pub(super) async fn finish(mut self) -> (Vec<Left>, usize) {
        // What remains is looked at below.
        let _ = self.clear().await;
        let looks = if self.lost { LOOKS } else { 1 };
        for look in 1..=looks {
            for object in [ObjectType::Framework, ObjectType::Control] {
                let Ok(listed) = lists::all(&self.cleaner, object).await else { continue };
                let ours = format!("{PREFIX}{}-", self.run);
                for entry in listed.into_iter().filter(|entry| entry.name.contains(&ours)) {
                    if !self.objects.iter().any(|known| known.id == entry.id) {
                        self.objects.push(Left { object, id: entry.id, name: entry.name });
                    }
                }
            }
            let _ = self.clear().await;
            if look < looks {
                self.cleaner.settle(look).await;
            }
        }
        let mut left = Vec::new();
        for one in self.objects {
            if !is_gone(&self.cleaner, &one).await {
                left.push(one);
            }
        }
        (left, self.cleaner.sent())
    }
}

/// Deletes objects, frameworks first. Returns those that could not be deleted, and the last reason.
pub(super) async fn delete_all(client: &Client, mut objects: Vec<Left>) -> (Vec<Left>, Result<(), Failure>) {
    objects.sort_by_key(|one| one.object == ObjectType::Control);
    let (mut remaining, mut deleted) = (Vec::new(), Ok(()));
    for one in objects {
        if let Err(failure) = request::delete(client, one.object, &one.id).await {
            remaining.push(one);
            deleted = Err(failure);
        }
    }
    (remaining, deleted)
}

/// Whether an object does not exist: the response to its deletion may have been lost.
async fn is_gone(client: &Client, one: &Left) -> bool {
    let found = match one.object {
        ObjectType::Control => requests::get_control(client, &one.id).await.map(drop),
        ObjectType::Framework => requests::get_framework(client, &one.id).await.map(drop),
    };
    found.is_err_and(|failure| failure.code.as_deref() == Some("ResourceNotFoundException"))
}

/// Tells a refusal, which is an answer, from everything that says nothing about the service: a missing permission, a full account,
/// throttling, an error of the service or of the network.
pub(super) fn verdict<T>(answer: Result<T, Failure>) -> Result<Verdict<T>, Failure> {
    match answer {
        Ok(answer) => Ok(Ok(answer)),
        Err(failure) if is_refusal(&failure) => Ok(Err(Refused::new(&failure))),
        Err(failure) => Err(failure),
    }
}

fn is_refusal(failure: &Failure) -> bool {
    let code = failure.code.as_deref();
    failure.kind == FailureKind::Service
        && !failure.transient
        && code.is_some_and(|code| code != "ServiceQuotaExceededException")
        && !failure.is_denied()
}

fn unexpected(refused: &Refused) -> Failure {
    let message = format!("the service refused what the question needs: {}: {}", refused.code, refused.message);
    Failure::new(refused.operation, message)
}
