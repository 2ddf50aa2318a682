//! What becomes of objects in time.

use aws_sdk_s3::types::{
    AbortIncompleteMultipartUpload, BucketLifecycleConfiguration, ExpirationStatus, LifecycleExpiration,
    LifecycleRule, LifecycleRuleFilter, NoncurrentVersionExpiration, Tag, Transition, TransitionStorageClass,
};
use ocr_core::Result;

use super::{BucketSettings, DELETED, build_error, merged};
use crate::s3::{
    S3BlobStore,
    error::{has_code, s3_error},
};

impl S3BlobStore {
    /// Deleted documents go to Glacier and then away; so do replaced versions and broken uploads.
    pub(super) async fn set_lifecycle(&self, settings: &BucketSettings) -> Result<bool> {
        let ours = [
            deleted_documents(settings)?,
            replaced_versions(settings)?,
            broken_uploads(settings)?,
        ];
        let bucket = &self.config.bucket;
        let got = self
            .client
            .get_bucket_lifecycle_configuration()
            .bucket(bucket)
            .send();
        let present = match got.await {
            Ok(got) => got.rules.unwrap_or_default(),
            Err(error) if has_code(&error, "NoSuchLifecycleConfiguration") => Vec::new(),
            Err(error) => return Err(s3_error("setup", error)),
        };
        let Some(rules) = merged(present, &ours, LifecycleRule::id) else {
            return Ok(false);
        };
        let configuration = BucketLifecycleConfiguration::builder()
            .set_rules(Some(rules))
            .build()
            .map_err(build_error)?;
        self.client
            .put_bucket_lifecycle_configuration()
            .bucket(bucket)
            .lifecycle_configuration(configuration)
            .send()
            .await
            .map_err(|error| s3_error("setup", error))?;
        Ok(true)
    }
}

/// Of the classes of Glacier the one that is read at once: a task can be restored, and its
/// document shown, as long as it is not removed.
fn deleted_documents(settings: &BucketSettings) -> Result<LifecycleRule> {
    let tag = Tag::builder().key(DELETED.0).value(DELETED.1).build();
    let archive = Transition::builder()
        .days(settings.archive_after_days.into())
        .storage_class(TransitionStorageClass::GlacierIr)
        .build();
    let remove = LifecycleExpiration::builder()
        .days(settings.expire_after_days.into())
        .build();
    rule(
        "ocr-deleted-documents",
        LifecycleRuleFilter::builder()
            .tag(tag.map_err(build_error)?)
            .build(),
        |rule| rule.transitions(archive).expiration(remove),
    )
}

fn replaced_versions(settings: &BucketSettings) -> Result<LifecycleRule> {
    let versions = NoncurrentVersionExpiration::builder()
        .noncurrent_days(settings.expire_after_days.into())
        .build();
    // Marks of deletion that hide no version any more.
    let marks = LifecycleExpiration::builder()
        .expired_object_delete_marker(true)
        .build();
    rule("ocr-replaced-versions", every_object(), |rule| {
        rule.noncurrent_version_expiration(versions).expiration(marks)
    })
}

fn broken_uploads(settings: &BucketSettings) -> Result<LifecycleRule> {
    let abort = AbortIncompleteMultipartUpload::builder()
        .days_after_initiation(settings.abort_after_days.into())
        .build();
    rule("ocr-broken-uploads", every_object(), |rule| {
        rule.abort_incomplete_multipart_upload(abort)
    })
}

fn every_object() -> LifecycleRuleFilter {
    LifecycleRuleFilter::builder().prefix("").build()
}

fn rule(
    id: &str,
    filter: LifecycleRuleFilter,
    actions: impl FnOnce(
        aws_sdk_s3::types::builders::LifecycleRuleBuilder,
    ) -> aws_sdk_s3::types::builders::LifecycleRuleBuilder,
) -> Result<LifecycleRule> {
    let rule = LifecycleRule::builder()
        .id(id)
        .status(ExpirationStatus::Enabled)
        .filter(filter);
    actions(rule).build().map_err(build_error)
}
