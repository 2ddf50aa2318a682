//! The bucket itself.

use aws_sdk_s3::types::{BucketLocationConstraint, CreateBucketConfiguration};
use ocr_core::{ErrorKind, Result};

use crate::s3::{
    S3BlobStore,
    error::{has_code, s3_error},
};

/// The region whose name S3 does not want to be told.
const UNNAMED_REGION: &str = "us-east-1";

impl S3BlobStore {
    /// Creates the bucket; `false` when we have it already.
    pub(super) async fn create_bucket(&self) -> Result<bool> {
        let bucket = &self.config.bucket;
        let head = self.client.head_bucket().bucket(bucket).send().await;
        match head.map_err(|error| s3_error("setup", error)) {
            Ok(_) => return Ok(false),
            Err(error) if error.kind() == ErrorKind::NotFound => {}
            Err(error) => return Err(error),
        }
        let region = self.client.config().region().map(ToString::to_string);
        let location = region.filter(|region| region != UNNAMED_REGION).map(|region| {
            CreateBucketConfiguration::builder()
                .location_constraint(BucketLocationConstraint::from(region.as_str()))
                .build()
        });
        let created = self
            .client
            .create_bucket()
            .bucket(bucket)
            .set_create_bucket_configuration(location)
            .send()
            .await;
        match created {
            Ok(_) => Ok(true),
            // Somebody of ours was faster.
            Err(error) if has_code(&error, "BucketAlreadyOwnedByYou") => Ok(false),
            Err(error) => Err(s3_error("setup", error)),
        }
    }
}
