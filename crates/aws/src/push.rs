//! Updates the objects of a bucket to match the files of a catalog. All decisions, including the order, are made by the
//! plan.

use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet};

use controlsync_core::change_result::Failure;
use controlsync_core::config::FILE_NAME;
use controlsync_core::push::{Action, FileOrigin, PushPlan, Stored, Task, TaskResult, path_of};
use controlsync_core::source::{FileId, Sources};
use futures_util::{StreamExt as _, TryStreamExt as _, stream};

use crate::s3::{self, Bucket};
use crate::sender::Stop;

/// Maximum number of concurrent requests.
const CONCURRENCY: usize = 8;

/// Location of a catalog in a bucket.
#[derive(Clone, Debug)]
pub struct Destination {
    bucket: Bucket,
    prefix: String,
}

impl Destination {
    /// Creates a destination from a bucket and the key prefix of the catalog.
    pub fn new(bucket: Bucket, prefix: String) -> Self {
        Self { bucket, prefix }
    }

    /// Returns the address, such as `s3://bucket/prefix/`.
    pub fn address(&self) -> String {
        format!("s3://{}/{}", self.bucket.name(), self.prefix)
    }

    /// Returns the stored configuration; `None` if there is none.
    ///
    /// # Errors
    ///
    /// A request failed.
    pub async fn configuration(&self) -> Result<Option<Vec<u8>>, Failure> {
        let object = self.bucket.get(&self.key(FILE_NAME)).await?;
        Ok(object.map(|object| object.bytes))
    }

    fn key(&self, path: &str) -> String {
        format!("{}{path}", self.prefix)
    }

    /// Returns all objects with the prefix.
    ///
    /// # Errors
    ///
    /// A request failed.
    pub async fn stored(&self) -> Result<Vec<Stored>, Failure> {
        let listed = self.bucket.list(&self.prefix).await?;
        let stored = listed.iter().filter_map(|object| {
            Some(Stored { path: object.key.strip_prefix(&self.prefix)?.to_owned(), size: object.size })
        });
        Ok(stored.collect())
    }

    /// Returns the files whose objects have the same SHA-256 checksum. An ETag is not comparable: it depends on how the
    /// object was encrypted and uploaded. `progress` is called after each file.
    ///
    /// # Errors
    ///
    /// A request failed.
    pub async fn same(
        &self,
        sources: &Sources,
        files: &[FileId],
        progress: impl Fn(usize),
    ) -> Result<BTreeSet<FileId>, Failure> {
        let (progress, done) = (&progress, &Cell::new(0));
        let compared = stream::iter(files.iter().map(|file| async move {
            let source = sources.get(*file);
            let local = s3::sha256(source.text_or_empty().as_bytes());
            let stored = match path_of(source) {
                Some(path) => self.bucket.checksum(&self.key(path)).await?,
                None => None,
            };
            done.set(done.get() + 1);
            progress(done.get());
            Ok((stored == Some(local)).then_some(*file))
        }));
        let same: Vec<Option<FileId>> = compared.buffer_unordered(CONCURRENCY).try_collect().await?;
        Ok(same.into_iter().flatten().collect())
    }

    /// Applies the plan, with the origins of the files as metadata of their objects. Returns one result per task, in
    /// the same order; `progress` is called with each.
    pub async fn push(
        &self,
        sources: &Sources,
        work: &PushPlan,
        origins: &BTreeMap<FileId, FileOrigin>,
        stop: &Stop,
        progress: impl Fn(&Task, &TaskResult),
    ) -> Vec<TaskResult> {
        let mut results = Vec::new();
        let mut proceed = true;
        for phase in &work.phases {
            let progress = &progress;
            let running = stream::iter(phase.iter().enumerate().map(|(index, task)| async move {
                let result = if proceed && !stop.is_requested() {
                    let result = self.one(sources, task, origins).await;
                    result.map_or_else(TaskResult::Failed, |()| TaskResult::Done)
                } else {
                    TaskResult::NotStarted
                };
                progress(task, &result);
                (index, result)
            }));
            let mut of_phase: Vec<(usize, TaskResult)> = running.buffer_unordered(CONCURRENCY).collect().await;
            of_phase.sort_unstable_by_key(|(index, _)| *index);
            proceed &= of_phase.iter().all(|(_, result)| *result == TaskResult::Done);
            results.extend(of_phase.into_iter().map(|(_, result)| result));
        }
        results
    }

    async fn one(&self, sources: &Sources, task: &Task, origins: &BTreeMap<FileId, FileOrigin>) -> Result<(), Failure> {
        let key = self.key(&task.path);
        match task.action {
            Action::Upload(file) => {
                let bytes = sources.get(file).text_or_empty().as_bytes().to_vec();
                let (sha256, metadata) = (s3::sha256(&bytes), origins.get(&file).map(FileOrigin::metadata));
                self.bucket.put(&key, bytes, &sha256, &metadata.unwrap_or_default()).await
            }
            Action::Delete => self.bucket.delete(&key).await,
        }
    }
}
