//! Default encryption of objects.

use aws_sdk_s3::types::{
    ServerSideEncryption, ServerSideEncryptionByDefault, ServerSideEncryptionConfiguration,
    ServerSideEncryptionRule,
};
use ocr_core::Result;

use super::build_error;
use crate::s3::{
    S3BlobStore,
    error::{has_code, s3_error},
};

impl S3BlobStore {
    /// Encrypts with the KMS key of the configuration; without one with any key, if only that of S3.
    pub(super) async fn encrypt_by_default(&self) -> Result<bool> {
        let present = self.present_encryption().await?;
        let kms_key = self.config.kms_key_id.as_deref();
        let enough = match kms_key {
            None => !present.is_empty(),
            Some(key) => present.iter().any(|default| {
                default.sse_algorithm == ServerSideEncryption::AwsKms
                    && default.kms_master_key_id.as_deref() == Some(key)
            }),
        };
        if enough {
            return Ok(false);
        }
        let algorithm = match kms_key {
            Some(_) => ServerSideEncryption::AwsKms,
            None => ServerSideEncryption::Aes256,
        };
        let default = ServerSideEncryptionByDefault::builder()
            .sse_algorithm(algorithm)
            .set_kms_master_key_id(kms_key.map(ToOwned::to_owned))
            .build()
            .map_err(build_error)?;
        let rule = ServerSideEncryptionRule::builder()
            .apply_server_side_encryption_by_default(default)
            // One key for many objects: S3 asks KMS a hundredth as often.
            .set_bucket_key_enabled(kms_key.map(|_| true))
            .build();
        let configuration = ServerSideEncryptionConfiguration::builder()
            .rules(rule)
            .build()
            .map_err(build_error)?;
        self.client
            .put_bucket_encryption()
            .bucket(&self.config.bucket)
            .server_side_encryption_configuration(configuration)
            .send()
            .await
            .map_err(|error| s3_error("setup", error))?;
        Ok(true)
    }

    async fn present_encryption(&self) -> Result<Vec<ServerSideEncryptionByDefault>> {
        let got = self
            .client
            .get_bucket_encryption()
            .bucket(&self.config.bucket)
            .send();
        let configuration = match got.await {
            Ok(got) => got.server_side_encryption_configuration,
            Err(error) if has_code(&error, "ServerSideEncryptionConfigurationNotFoundError") => None,
            Err(error) => return Err(s3_error("setup", error)),
        };
        let rules = configuration.map(|configuration| configuration.rules);
        let defaults = rules.unwrap_or_default().into_iter();
        Ok(defaults
            .filter_map(|rule| rule.apply_server_side_encryption_by_default)
            .collect())
    }
}
