//! Brings the objects of a bucket to what the files of a catalog say. It decides nothing: what is done, and in which
//! order, is the work's.

use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet};

use controlsync_core::change_result::Failure;
use controlsync_core::config::FILE_NAME;
use controlsync_core::push::{Action, FileOrigin, PushPlan, Stored, Task, TaskResult, path_of};
use controlsync_core::source::{FileId, Sources};
use futures_util::{StreamExt as _, TryStreamExt as _, stream};

use crate::bucket::{self, Bucket};
use crate::client::Stop;

/// How many requests are under way at once.
const CONCURRENCY: usize = 8;

/// Where a catalog stands in a bucket.
#[derive(Clone, Debug)]
pub struct Destination {
    bucket: Bucket,
    prefix: String,
}

impl Destination {
    /// A bucket, and what the keys of the catalog's objects begin with.
    pub fn new(bucket: Bucket, prefix: String) -> Self {
        Self { bucket, prefix }
    }

    /// Its address, such as `s3://bucket/prefix/`.
    pub fn address(&self) -> String {
        format!("s3://{}/{}", self.bucket.name(), self.prefix)
    }

    /// The configuration that is there; none where there is none.
    ///
    /// # Errors
    ///
    /// A request failed for good.
    pub async fn configuration(&self) -> Result<Option<Vec<u8>>, Failure> {
        let object = self.bucket.get(&self.key(FILE_NAME)).await?;
        Ok(object.map(|object| object.bytes))
    }

    fn key(&self, path: &str) -> String {
        format!("{}{path}", self.prefix)
    }

    /// Everything below the prefix.
    ///
    /// # Errors
    ///
    /// A request failed for good.
    pub async fn stored(&self) -> Result<Vec<Stored>, Failure> {
        let listed = self.bucket.list(&self.prefix).await?;
        let stored = listed.iter().filter_map(|object| {
            Some(Stored { path: object.key.strip_prefix(&self.prefix)?.to_owned(), size: object.size })
        });
        Ok(stored.collect())
    }

    /// Which of some files have an object with the same SHA-256 checksum. An ETag would not tell: it depends on how an
    /// object was encrypted and uploaded. `progress` is called as each is known.
    ///
    /// # Errors
    ///
    /// A request failed for good.
    pub async fn same(
        &self,
        sources: &Sources,
        files: &[FileId],
        progress: impl Fn(usize),
    ) -> Result<BTreeSet<FileId>, Failure> {
        let (progress, done) = (&progress, &Cell::new(0));
        let looked_at = stream::iter(files.iter().map(|file| async move {
            let source = sources.get(*file);
            let ours = bucket::sha256(source.text_or_empty().as_bytes());
            let theirs = match path_of(source) {
                Some(path) => self.bucket.checksum(&self.key(path)).await?,
                None => None,
            };
            done.set(done.get() + 1);
            progress(done.get());
            Ok((theirs == Some(ours)).then_some(*file))
        }));
        let same: Vec<Option<FileId>> = looked_at.buffer_unordered(CONCURRENCY).try_collect().await?;
        Ok(same.into_iter().flatten().collect())
    }

    /// Carries out the work, with the origins of the files as metadata of their objects. Gives one result a task, in the
    /// same order; `progress` is called as each is known.
    pub async fn push(
        &self,
        sources: &Sources,
        work: &PushPlan,
        origins: &BTreeMap<FileId, FileOrigin>,
        stop: &Stop,
        progress: impl Fn(&Task, &TaskResult),
    ) -> Vec<TaskResult> {
        let mut results = Vec::new();
        let mut going_on = true;
        for phase in &work.phases {
            let progress = &progress;
            let carried_out = stream::iter(phase.iter().enumerate().map(|(index, task)| async move {
                let result = if going_on && !stop.asked() {
                    let result = self.one(sources, task, origins).await;
                    result.map_or_else(TaskResult::Failed, |()| TaskResult::Done)
                } else {
                    TaskResult::NotStarted
                };
                progress(task, &result);
                (index, result)
            }));
            let mut of_phase: Vec<(usize, TaskResult)> = carried_out.buffer_unordered(CONCURRENCY).collect().await;
            of_phase.sort_unstable_by_key(|(index, _)| *index);
            going_on &= of_phase.iter().all(|(_, result)| *result == TaskResult::Done);
            results.extend(of_phase.into_iter().map(|(_, result)| result));
        }
        results
    }

    async fn one(&self, sources: &Sources, task: &Task, origins: &BTreeMap<FileId, FileOrigin>) -> Result<(), Failure> {
        let key = self.key(&task.path);
        match task.action {
            Action::Upload(file) => {
                let bytes = sources.get(file).text_or_empty().as_bytes().to_vec();
                let (sha256, metadata) = (bucket::sha256(&bytes), origins.get(&file).map(FileOrigin::metadata));
                self.bucket.put(&key, bytes, &sha256, &metadata.unwrap_or_default()).await
            }
            Action::Delete => self.bucket.delete(&key).await,
        }
    }
}
