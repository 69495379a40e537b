//! Reads the catalog from the bucket. Files that have not changed since an earlier run come from the saved state.

use std::collections::{BTreeMap, BTreeSet};

use controlsync_aws::s3::{Bucket, Listed, Object};
use controlsync_core::catalog_path::kind_of;
use controlsync_core::change_result::Failure;
use controlsync_core::push::{AUTHOR_METADATA, COMMIT_METADATA};
use controlsync_core::run::Upload;
use controlsync_core::source::{Content, FileKind, MAX_FILE_BYTES, Source, Sources};
use futures_util::{StreamExt as _, stream};
use percent_encoding::percent_decode_str;
use serde::{Deserialize, Serialize};

/// Concurrent requests.
const CONCURRENCY: usize = 16;
/// How often the bucket is listed if files change in between.
const ATTEMPTS: usize = 3;

/// A file of the catalog, as it was last read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CachedFile {
    /// ETag. It changes with the content.
    pub etag: String,
    /// Content.
    pub text: String,
    /// The commit it was uploaded from.
    pub commit: Option<String>,
    /// The author of that commit.
    pub author: Option<String>,
}

/// Files by key, as they were last read.
pub type Files = BTreeMap<String, CachedFile>;

/// Reads the catalog. Of `files`, those that have not changed are not read again; what was read is kept there even if reading fails later.
/// `changed` is told each file that is new, changed or removed, possibly more than once.
///
/// # Errors
///
/// A request fails permanently, or files keep changing.
pub async fn read(
    bucket: &Bucket,
    prefix: &str,
    files: &mut Files,
    changed: &mut impl FnMut(Upload),
) -> Result<Sources, Failure> {
    for _ in 0..ATTEMPTS {
        let listed = bucket.list(prefix).await?;
        let wanted: Vec<(Listed, FileKind)> = listed
            .into_iter()
            .filter_map(|listed| {
                let kind = kind_of(listed.key.strip_prefix(prefix)?)?;
                Some((listed, kind))
            })
            .collect();
        let present: BTreeSet<&str> = wanted.iter().map(|(listed, _)| listed.key.as_str()).collect();
        let removed: Vec<String> = files.keys().filter(|key| !present.contains(key.as_str())).cloned().collect();
        for key in removed {
            files.remove(&key);
            changed(Upload { path: path(&key, prefix), removed: true, ..Upload::default() });
        }
        if let Some(sources) = contents(bucket, prefix, &wanted, files, changed).await? {
            return Ok(Sources::new(sources));
        }
    }
    Err(Failure::transient("GetObject", "files change faster than they can be read"))
}

fn path(key: &str, prefix: &str) -> String {
    key.strip_prefix(prefix).unwrap_or(key).to_owned()
}

/// The contents of the listed files. `None` if one of them has changed since it was listed.
async fn contents(
    bucket: &Bucket,
    prefix: &str,
    wanted: &[(Listed, FileKind)],
    files: &mut Files,
    changed: &mut impl FnMut(Upload),
) -> Result<Option<Vec<Source>>, Failure> {
    let is_known = |listed: &Listed| files.get(&listed.key).is_some_and(|file| file.etag == listed.etag);
    let is_read = |listed: &Listed, kind| kind != FileKind::Ignored && listed.size <= MAX_FILE_BYTES;
    let unknown = wanted.iter().filter(|(listed, kind)| is_read(listed, *kind) && !is_known(listed));
    let unknown: Vec<&Listed> = unknown.map(|(listed, _)| listed).collect();
    let requests = unknown.into_iter().map(|listed| async move { (listed, bucket.get_listed(listed).await) });
    let mut answers = stream::iter(requests).buffered(CONCURRENCY);
    // Not cached: files that are not UTF-8 or cannot be read.
    let mut uncached: BTreeMap<String, Content> = BTreeMap::new();
    while let Some((listed, answer)) = answers.next().await {
        match answer {
            Ok(Some(object)) => {
                if let Some(content) = keep(files, changed, prefix, listed, object) {
                    uncached.insert(listed.key.clone(), content);
                }
            }
            Ok(None) => return Ok(None),
            Err(failure) if failure.transient => return Err(failure),
            Err(failure) => {
                uncached.insert(listed.key.clone(), Content::Unreadable(failure.to_string()));
            }
        }
    }
    let mut sources = Vec::with_capacity(wanted.len());
    for (listed, kind) in wanted {
        let content = match (uncached.remove(&listed.key), files.get(&listed.key)) {
            (Some(content), _) => content,
            _ if *kind == FileKind::Ignored => Content::Bytes(Vec::new()),
            _ if listed.size > MAX_FILE_BYTES => Content::TooLarge(listed.size),
            (None, Some(file)) => Content::Bytes(file.text.clone().into_bytes()),
            (None, None) => return Ok(None),
        };
        sources.push(Source::new(path(&listed.key, prefix), *kind, content));
    }
    Ok(Some(sources))
}

/// Caches a file. Returns the content of one that is not UTF-8 and so cannot be cached.
fn keep(
    files: &mut Files,
    changed: &mut impl FnMut(Upload),
    prefix: &str,
    listed: &Listed,
    object: Object,
) -> Option<Content> {
    let metadata = |name: &str| {
        let value = object.metadata.get(name).filter(|value| !value.is_empty())?;
        Some(percent_decode_str(value).decode_utf8_lossy().into_owned())
    };
    let (commit, author) = (metadata(COMMIT_METADATA), metadata(AUTHOR_METADATA));
    let upload =
        Upload { path: path(&listed.key, prefix), removed: false, commit: commit.clone(), author: author.clone() };
    match String::from_utf8(object.bytes) {
        Ok(text) => {
            // Uploading the same bytes again is not a change.
            if files.get(&listed.key).is_none_or(|before| before.text != text) {
                changed(upload);
            }
            files.insert(listed.key.clone(), CachedFile { etag: listed.etag.clone(), text, commit, author });
            None
        }
        Err(error) => {
            files.remove(&listed.key);
            Some(Content::Bytes(error.into_bytes()))
        }
    }
}
