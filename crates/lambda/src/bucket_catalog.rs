//! Reads the catalog from the bucket: what an earlier run has read stands in for what has not changed since.

use std::collections::{BTreeMap, BTreeSet};

use controlsync_aws::bucket::{Bucket, Listed, Object};
use controlsync_core::catalog_path::kind_of;
use controlsync_core::change_result::Failure;
use controlsync_core::push::{AUTHOR_METADATA, COMMIT_METADATA};
use controlsync_core::run::Upload;
use controlsync_core::source::{Content, FileKind, MAX_FILE_BYTES, Source, Sources};
use futures_util::{StreamExt as _, stream};
use percent_encoding::percent_decode_str;

use crate::state::{CachedFile, FunctionState};

/// Requests in flight at once.
const CONCURRENCY: usize = 16;
/// How often the bucket is listed while files change.
const ATTEMPTS: usize = 3;

/// Reads the catalog, and keeps what was read, and what of it is new, changed or gone: whatever becomes of the run, the
/// next one need not read it again, and tells of it.
///
/// # Errors
///
/// A request failed for good, or files change all the time.
pub async fn read(bucket: &Bucket, prefix: &str, state: &mut FunctionState) -> Result<Sources, Failure> {
    for _ in 0..ATTEMPTS {
        let listed = bucket.list(prefix).await?;
        let wanted: Vec<(Listed, FileKind)> = listed
            .into_iter()
            .filter_map(|listed| {
                let kind = kind_of(listed.key.strip_prefix(prefix)?)?;
                Some((listed, kind))
            })
            .collect();
        let there: BTreeSet<&str> = wanted.iter().map(|(listed, _)| listed.key.as_str()).collect();
        let gone: Vec<String> = state.files.keys().filter(|key| !there.contains(key.as_str())).cloned().collect();
        for key in gone {
            state.files.remove(&key);
            state.add_upload(Upload { path: path(&key, prefix), removed: true, ..Upload::default() });
        }
        if let Some(sources) = contents(bucket, prefix, &wanted, state).await? {
            return Ok(Sources::new(sources));
        }
    }
    Err(Failure::passing("GetObject", "files change faster than they can be read"))
}

fn path(key: &str, prefix: &str) -> String {
    key.strip_prefix(prefix).unwrap_or(key).to_owned()
}

/// The contents of what is listed; none where something of it has changed since.
async fn contents(
    bucket: &Bucket,
    prefix: &str,
    wanted: &[(Listed, FileKind)],
    state: &mut FunctionState,
) -> Result<Option<Vec<Source>>, Failure> {
    let is_known = |listed: &Listed| state.files.get(&listed.key).is_some_and(|file| file.etag == listed.etag);
    let is_read = |listed: &Listed, kind| kind != FileKind::Stray && listed.size <= MAX_FILE_BYTES;
    let unknown = wanted.iter().filter(|(listed, kind)| is_read(listed, *kind) && !is_known(listed));
    let unknown: Vec<&Listed> = unknown.map(|(listed, _)| listed).collect();
    let requests = unknown.into_iter().map(|listed| async move { (listed, bucket.get_listed(listed).await) });
    let mut answers = stream::iter(requests).buffered(CONCURRENCY);
    // What cannot be kept: it has no text.
    let mut others: BTreeMap<String, Content> = BTreeMap::new();
    while let Some((listed, answer)) = answers.next().await {
        match answer {
            Ok(Some(object)) => {
                if let Some(content) = keep(state, prefix, listed, object) {
                    others.insert(listed.key.clone(), content);
                }
            }
            Ok(None) => return Ok(None),
            Err(failure) if failure.transient => return Err(failure),
            Err(failure) => {
                others.insert(listed.key.clone(), Content::Unreadable(failure.to_string()));
            }
        }
    }
    let mut sources = Vec::with_capacity(wanted.len());
    for (listed, kind) in wanted {
        let content = match (others.remove(&listed.key), state.files.get(&listed.key)) {
            (Some(content), _) => content,
            _ if *kind == FileKind::Stray => Content::Bytes(Vec::new()),
            _ if listed.size > MAX_FILE_BYTES => Content::TooLarge(listed.size),
            (None, Some(file)) => Content::Bytes(file.text.clone().into_bytes()),
            (None, None) => return Ok(None),
        };
        sources.push(Source::new(path(&listed.key, prefix), *kind, content));
    }
    Ok(Some(sources))
}

/// Keeps a file that was read; gives the content of one that has no text.
fn keep(state: &mut FunctionState, prefix: &str, listed: &Listed, object: Object) -> Option<Content> {
    let noted = |name: &str| {
        let value = object.metadata.get(name).filter(|value| !value.is_empty())?;
        Some(percent_decode_str(value).decode_utf8_lossy().into_owned())
    };
    let (commit, author) = (noted(COMMIT_METADATA), noted(AUTHOR_METADATA));
    let upload =
        Upload { path: path(&listed.key, prefix), removed: false, commit: commit.clone(), author: author.clone() };
    match String::from_utf8(object.bytes) {
        Ok(text) => {
            // The same bytes once more are no news.
            if state.files.get(&listed.key).is_none_or(|before| before.text != text) {
                state.add_upload(upload);
            }
            state.files.insert(listed.key.clone(), CachedFile { etag: listed.etag.clone(), text, commit, author });
            None
        }
        Err(error) => {
            state.files.remove(&listed.key);
            Some(Content::Bytes(error.into_bytes()))
        }
    }
}
