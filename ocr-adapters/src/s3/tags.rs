//! Tags, and what the tag `deleted` means to the lifecycle of the bucket.

use std::collections::BTreeMap;

use async_trait::async_trait;
use aws_sdk_s3::types::{MetadataDirective, Tag, Tagging, TaggingDirective};
use ocr_core::{
    Error, ErrorKind, Result,
    blob::{BlobKey, TagBlobs},
};

use super::{S3BlobStore, error::s3_error, setup::DELETED};

#[async_trait]
impl TagBlobs for S3BlobStore {
    /// Replaces the tags of an object.
    ///
    /// The rules of the bucket count the days of a deleted document from when its object was
    /// created, so a document older than that would go on the day it is deleted. Copying the object
    /// onto itself makes its days begin now.
    async fn tag(&self, key: BlobKey, tags: BTreeMap<String, String>) -> Result<()> {
        if tags.get(DELETED.0).is_some_and(|value| value == DELETED.1) {
            match self.copy_onto_itself(&key, &tags).await {
                Err(error) if error.kind() == ErrorKind::NotFound => return Err(error),
                Err(error) => tracing::warn!(
                    ?error,
                    %key,
                    "a deleted file keeps its age; the lifecycle of the bucket may remove it early"
                ),
                Ok(()) => return Ok(()),
            }
        }
        if tags.is_empty() {
            // Not every server takes an empty set.
            return self.delete_tags(&key).await;
        }
        self.put_tags(&key, &tags).await
    }

    async fn tags(&self, key: BlobKey) -> Result<BTreeMap<String, String>> {
        let tags = self
            .client
            .get_object_tagging()
            .bucket(&self.config.bucket)
            .key(key.as_str())
            .send()
            .await
            .map_err(|error| s3_error("tags", error))?;
        Ok(tags.tag_set.into_iter().map(|tag| (tag.key, tag.value)).collect())
    }
}

impl S3BlobStore {
    async fn delete_tags(&self, key: &BlobKey) -> Result<()> {
        let delete = self.client.delete_object_tagging();
        let deleted = delete.bucket(&self.config.bucket).key(key.as_str()).send().await;
        deleted.map(drop).map_err(|error| s3_error("tag", error))
    }

    async fn put_tags(&self, key: &BlobKey, tags: &BTreeMap<String, String>) -> Result<()> {
        let tags = tags
            .iter()
            .map(|(name, value)| Tag::builder().key(name).value(value).build())
            .collect::<Result<Vec<_>, _>>()
            .and_then(|tags| Tagging::builder().set_tag_set(Some(tags)).build())
            .map_err(|error| {
                Error::new(ErrorKind::Internal, "the tags could not be written down").with_source(error)
            })?;
        self.client
            .put_object_tagging()
            .bucket(&self.config.bucket)
            .key(key.as_str())
            .tagging(tags)
            .send()
            .await
            .map(drop)
            .map_err(|error| s3_error("tag", error))
    }

    async fn copy_onto_itself(&self, key: &BlobKey, tags: &BTreeMap<String, String>) -> Result<()> {
        let bucket = &self.config.bucket;
        let head = self.client.head_object().bucket(bucket).key(key.as_str()).send();
        let head = head.await.map_err(|error| s3_error("tag", error))?;
        let tagging = serde_urlencoded::to_string(tags).map_err(|error| {
            Error::new(ErrorKind::Internal, "the tags could not be written down").with_source(error)
        })?;
        let (encryption, kms_key) = self.encryption();
        self.client
            .copy_object()
            .bucket(bucket)
            .key(key.as_str())
            // Keys have no characters that must be encoded.
            .copy_source(format!("{bucket}/{key}"))
            .set_copy_source_if_match(head.e_tag)
            // S3 refuses a copy onto itself unless something changes.
            .metadata_directive(MetadataDirective::Replace)
            .set_metadata(head.metadata)
            .set_content_type(head.content_type)
            .tagging_directive(TaggingDirective::Replace)
            .tagging(tagging)
            .set_server_side_encryption(encryption)
            .set_ssekms_key_id(kms_key)
            .send()
            .await
            .map(drop)
            .map_err(|error| s3_error("tag", error))
    }
}
