//! The objects of a bucket: the files of a catalog, and the state of the function.

use std::collections::{BTreeMap, HashMap};
use std::future::Future;

use aws_sdk_s3::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_s3::operation::get_object::GetObjectOutput;
use aws_sdk_s3::primitives::{ByteStream, SdkBody};
use aws_sdk_s3::types::{ChecksumAlgorithm, ChecksumMode};
use base64::prelude::{BASE64_STANDARD, Engine as _};
use controlsync_core::change_result::{Failure, FailureKind};
use sha2::{Digest as _, Sha256};

use crate::causes::reasons;
use crate::failure::{self, Class};
use crate::pages::all_pages;
use crate::sender::{Repeat, Sender};

/// A bucket. The SDK retries failed requests: reading, or writing the same bytes again, is safe.
#[derive(Clone, Debug)]
pub struct Bucket {
    sdk: aws_sdk_s3::Client,
    name: String,
    sender: Sender,
}

/// An object of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    /// Key.
    pub key: String,
    /// ETag: changes with the content.
    pub etag: String,
    /// Size in bytes.
    pub size: u64,
}

/// An object that was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Object {
    /// Content.
    pub bytes: Vec<u8>,
    /// ETag.
    pub etag: String,
    /// Metadata, by lowercase name.
    pub metadata: BTreeMap<String, String>,
}

/// Result of a conditional write.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Written {
    /// The object was written; its new ETag.
    Done(String),
    /// Another writer changed the object first; nothing was written.
    Changed,
}

/// Returns a SHA-256 checksum in the format of the service: base64.
pub fn sha256(bytes: &[u8]) -> String {
    BASE64_STANDARD.encode(Sha256::digest(bytes))
}

fn failed<E>(operation: &'static str, error: &SdkError<E>) -> Failure
where
    E: ProvideErrorMetadata + std::error::Error + Send + Sync + 'static,
{
    let failure = failure::of_service(operation, error);
    let help = || help(operation, failure.code.as_deref(), status(error), failure::classify(error));
    let help = failure.help.clone().or_else(help);
    Failure { help, ..failure }
}

fn help(operation: &str, code: Option<&str>, status: Option<u16>, class: Class) -> Option<String> {
    let help = match (code, status) {
        (Some("NoSuchBucket"), _) => "Check the name of the bucket.",
        (Some("PermanentRedirect" | "AuthorizationHeaderMalformed"), _) => {
            "The bucket is in another Region: use that Region."
        }
        (Some("AccessDenied"), _) | (_, Some(403)) => return Some(denied(operation)),
        _ if class == Class::NotSent => "Check the network, the Region and AWS_ENDPOINT_URL_S3.",
        _ => return None,
    };
    Some(help.to_owned())
}

/// The permission that an operation needs
/// (<https://docs.aws.amazon.com/AmazonS3/latest/userguide/using-with-s3-policy-actions.html>).
fn denied(operation: &str) -> String {
    let permission = match operation {
        "ListObjectsV2" => "s3:ListBucket on the bucket",
        "PutObject" => "s3:PutObject on the object",
        "DeleteObject" => "s3:DeleteObject on the object",
        _ => "s3:GetObject on the object",
    };
    format!("The credentials lack {permission}, or a permission on its encryption key.")
}

fn status<E>(error: &SdkError<E>) -> Option<u16> {
    error.raw_response().map(|response| response.status().as_u16())
}

impl Bucket {
    pub(crate) fn new(sdk: aws_sdk_s3::Client, sender: Sender, name: &str) -> Self {
        Self { sdk, sender, name: name.to_owned() }
    }

    /// Returns the name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Returns the same bucket for another run, with a count of zero operations.
    #[must_use]
    pub fn for_run(&self) -> Self {
        Self { sender: self.sender.for_run(), ..self.clone() }
    }

    /// Returns the number of operations so far.
    pub fn sent(&self) -> usize {
        self.sender.sent()
    }

    /// Sends a request. Each may be repeated: what it writes depends on nothing that it has written before.
    async fn send<T, E, F>(&self, send: impl Fn() -> F) -> Result<T, SdkError<E>>
    where
        E: ProvideErrorMetadata + std::error::Error + 'static,
        F: Future<Output = Result<T, SdkError<E>>>,
    {
        self.sender.send(Repeat::Freely, failure::classify, send).await
    }

    /// Lists all objects whose keys start with a prefix, in the order of their keys.
    ///
    /// # Errors
    ///
    /// A request failed.
    pub async fn list(&self, prefix: &str) -> Result<Vec<Listed>, Failure> {
        let request = self.sdk.list_objects_v2().bucket(&self.name).prefix(prefix);
        let mut found = all_pages(
            "ListObjectsV2",
            |listed: &Listed| listed.key.clone(),
            |token| {
                let request = request.clone().set_continuation_token(token);
                async move {
                    let page =
                        self.send(|| request.clone().send()).await.map_err(|error| failed("ListObjectsV2", &error))?;
                    let listed = page.contents().iter().filter_map(|object| {
                        Some(Listed {
                            key: object.key()?.to_owned(),
                            etag: object.e_tag().unwrap_or_default().to_owned(),
                            size: object.size().and_then(|size| u64::try_from(size).ok()).unwrap_or_default(),
                        })
                    });
                    Ok((listed.collect(), page.next_continuation_token().map(str::to_owned)))
                }
            },
        )
        .await?;
        found.sort_by(|a, b| a.key.cmp(&b.key));
        Ok(found)
    }

    /// Returns an object as it was listed; `None` if it was deleted or replaced.
    ///
    /// # Errors
    ///
    /// A request failed.
    pub async fn get_listed(&self, listed: &Listed) -> Result<Option<Object>, Failure> {
        self.get_if(&listed.key, Some(&listed.etag)).await
    }

    /// Returns an object; `None` if there is none with the key.
    ///
    /// # Errors
    ///
    /// A request failed.
    pub async fn get(&self, key: &str) -> Result<Option<Object>, Failure> {
        self.get_if(key, None).await
    }

    async fn get_if(&self, key: &str, etag: Option<&str>) -> Result<Option<Object>, Failure> {
        let request = self.sdk.get_object().bucket(&self.name).key(key).set_if_match(etag.map(str::to_owned));
        match self.send(|| request.clone().send()).await {
            Ok(answer) => read(answer).await.map(Some),
            Err(error) if matches!(status(&error), Some(404 | 412)) && error.code() != Some("NoSuchBucket") => Ok(None),
            Err(error) => Err(failed("GetObject", &error)),
        }
    }

    /// Writes an object if its current ETag matches; without an ETag, only if it does not exist yet.
    ///
    /// # Errors
    ///
    /// A request failed.
    pub async fn replace(&self, key: &str, bytes: Vec<u8>, etag: Option<&str>) -> Result<Written, Failure> {
        let send = || {
            let request = self.sdk.put_object().bucket(&self.name).key(key).content_type("application/json");
            let request = match etag {
                Some(etag) => request.if_match(etag),
                None => request.if_none_match("*"),
            };
            request.body(ByteStream::from(bytes.clone())).send()
        };
        match self.send(send).await {
            Ok(answer) => Ok(Written::Done(answer.e_tag().unwrap_or_default().to_owned())),
            // 409 if another write to the same key is in progress; 404 if the object to replace was deleted.
            Err(error) if matches!(status(&error), Some(404 | 409 | 412)) && error.code() != Some("NoSuchBucket") => {
                Ok(Written::Changed)
            }
            Err(error) => Err(failed("PutObject", &error)),
        }
    }

    /// Returns the SHA-256 checksum of an object, in base64; `None` if it has none, or does not exist.
    ///
    /// # Errors
    ///
    /// A request failed.
    pub async fn checksum(&self, key: &str) -> Result<Option<String>, Failure> {
        let request = self.sdk.head_object().bucket(&self.name).key(key).checksum_mode(ChecksumMode::Enabled);
        match self.send(|| request.clone().send()).await {
            Ok(answer) => Ok(answer.checksum_sha256().map(str::to_owned)),
            Err(error) if status(&error) == Some(404) => Ok(None),
            Err(error) => Err(failed("HeadObject", &error)),
        }
    }

    /// Writes an object with its SHA-256 checksum, in base64, in one part.
    ///
    /// # Errors
    ///
    /// A request failed.
    pub async fn put(
        &self,
        key: &str,
        bytes: Vec<u8>,
        sha256: &str,
        metadata: &BTreeMap<String, String>,
    ) -> Result<(), Failure> {
        let metadata: HashMap<String, String> =
            metadata.iter().map(|(name, value)| (name.clone(), value.clone())).collect();
        let send = || {
            let request = self.sdk.put_object().bucket(&self.name).key(key).set_metadata(Some(metadata.clone()));
            let request = request.checksum_algorithm(ChecksumAlgorithm::Sha256).checksum_sha256(sha256);
            request.body(ByteStream::from(bytes.clone())).send()
        };
        let done = self.send(send).await;
        done.map(drop).map_err(|error| failed("PutObject", &error))
    }

    /// Writes an object with a type, whether it exists or not.
    ///
    /// # Errors
    ///
    /// A request failed.
    pub async fn write(&self, key: &str, bytes: Vec<u8>, content_type: &str) -> Result<(), Failure> {
        // Attempts share the bytes: there can be many.
        let body = SdkBody::from(bytes);
        let send = || {
            let request = self.sdk.put_object().bucket(&self.name).key(key).content_type(content_type);
            request.body(ByteStream::new(body.try_clone().unwrap_or_else(SdkBody::taken))).send()
        };
        let done = self.send(send).await;
        done.map(drop).map_err(|error| failed("PutObject", &error))
    }

    /// Deletes an object. Not an error if it no longer exists.
    ///
    /// # Errors
    ///
    /// A request failed.
    pub async fn delete(&self, key: &str) -> Result<(), Failure> {
        let request = self.sdk.delete_object().bucket(&self.name).key(key);
        let sent = self.send(|| request.clone().send()).await;
        sent.map(drop).map_err(|error| failed("DeleteObject", &error))
    }
}

async fn read(answer: GetObjectOutput) -> Result<Object, Failure> {
    let etag = answer.e_tag().unwrap_or_default().to_owned();
    let metadata = answer.metadata().into_iter().flatten();
    let metadata = metadata.map(|(name, value)| (name.to_ascii_lowercase(), value.clone())).collect();
    match answer.body.collect().await {
        Ok(bytes) => Ok(Object { bytes: bytes.to_vec(), etag, metadata }),
        Err(error) => {
            let kind = FailureKind::Network;
            Err(Failure { kind, ..Failure::transient("GetObject", reasons(&error)) })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_refusal_has_help() {
        let refused = |operation, code, status| help(operation, code, status, Class::Refused).unwrap_or_default();
        let elsewhere = refused("ListObjectsV2", Some("PermanentRedirect"), Some(301));
        assert_eq!(elsewhere, "The bucket is in another Region: use that Region.");
        assert_eq!(refused("ListObjectsV2", Some("NoSuchBucket"), Some(404)), "Check the name of the bucket.");
        for (operation, permission) in [
            ("ListObjectsV2", "s3:ListBucket on the bucket"),
            ("PutObject", "s3:PutObject on the object"),
            ("DeleteObject", "s3:DeleteObject on the object"),
            ("HeadObject", "s3:GetObject on the object"),
        ] {
            let expected = format!("The credentials lack {permission}, or a permission on its encryption key.");
            assert_eq!(refused(operation, None, Some(403)), expected);
        }
        assert_eq!(help("GetObject", Some("InternalError"), Some(500), Class::Unclear), None);
    }
}
