//! Removing, many objects in one request.

use aws_sdk_s3::types::{Delete, ObjectIdentifier};
use ocr_core::{Error, ErrorKind, Result, blob::BlobKey};

use super::{
    S3BlobStore,
    error::{answered, s3_error},
};

/// Maximum number of objects S3 removes in one request (`DeleteObjects` in the API reference of S3).
const MAX_KEYS: usize = 1000;

impl S3BlobStore {
    /// Removes objects. All are tried; the error is that of one of the first that could not be removed.
    pub(super) async fn remove(&self, keys: &[BlobKey]) -> Result<()> {
        let mut outcome = Ok(());
        for keys in keys.chunks(MAX_KEYS) {
            let removed = match keys {
                // Every server that speaks the protocol knows this request.
                [key] => self.remove_one(key).await,
                keys => self.remove_many(keys).await,
            };
            outcome = outcome.and(removed);
        }
        outcome
    }

    async fn remove_one(&self, key: &BlobKey) -> Result<()> {
        let delete = self.client.delete_object();
        let deleted = delete.bucket(&self.config.bucket).key(key.as_str()).send().await;
        match deleted.map_err(|error| s3_error("delete", error)) {
            // Some servers say so.
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
            other => other.map(drop),
        }
    }

    async fn remove_many(&self, keys: &[BlobKey]) -> Result<()> {
        let objects = keys
            .iter()
            .map(|key| ObjectIdentifier::builder().key(key.as_str()).build())
            .collect::<Result<Vec<_>, _>>()
            .and_then(|objects| {
                // Only what could not be removed is answered.
                Delete::builder().set_objects(Some(objects)).quiet(true).build()
            })
            .map_err(|error| {
                let message = "the list of objects could not be written down";
                Error::new(ErrorKind::Internal, message).with_source(error)
            })?;
        let delete = self.client.delete_objects().bucket(&self.config.bucket);
        let answer = delete.delete(objects).send().await;
        let errors = answer.map_err(|error| s3_error("delete", error))?.errors;
        let refused = errors
            .into_iter()
            .flatten()
            .map(|refused| answered("delete", refused.code().unwrap_or_default()))
            .find(|error| error.kind() != ErrorKind::NotFound);
        refused.map_or(Ok(()), Err)
    }
}
