//! Who may reach the bucket: nobody without a signature, and pages of our origins.

use aws_sdk_s3::types::{CorsConfiguration, CorsRule, PublicAccessBlockConfiguration};
use ocr_core::Result;

use super::{build_error, merged};
use crate::s3::{
    S3BlobStore,
    error::{has_code, s3_error},
};

/// Id of our rule for other origins.
const RULE: &str = "ocr-direct-upload";
/// How long browsers may remember the answer to a preflight request.
const MAX_AGE_SECONDS: i32 = 3600;

impl S3BlobStore {
    /// Blocks public access: bucket policies and ACLs that would grant it have no effect.
    pub(super) async fn block_public_access(&self) -> Result<bool> {
        let blocked = PublicAccessBlockConfiguration::builder()
            .block_public_acls(true)
            .ignore_public_acls(true)
            .block_public_policy(true)
            .restrict_public_buckets(true)
            .build();
        let got = self
            .client
            .get_public_access_block()
            .bucket(&self.config.bucket)
            .send();
        let present = match got.await {
            Ok(got) => got.public_access_block_configuration,
            Err(error) if has_code(&error, "NoSuchPublicAccessBlockConfiguration") => None,
            Err(error) => return Err(s3_error("setup", error)),
        };
        if present.as_ref() == Some(&blocked) {
            return Ok(false);
        }
        self.client
            .put_public_access_block()
            .bucket(&self.config.bucket)
            .public_access_block_configuration(blocked)
            .send()
            .await
            .map_err(|error| s3_error("setup", error))?;
        Ok(true)
    }

    /// Lets pages of `origins` read and write with the links they were given.
    pub(super) async fn allow_origins(&self, origins: &[String]) -> Result<bool> {
        let rule = CorsRule::builder()
            .id(RULE)
            .set_allowed_origins(Some(origins.to_vec()))
            .allowed_methods("GET")
            .allowed_methods("HEAD")
            .allowed_methods("PUT")
            // What a link asks to be sent with it.
            .allowed_headers("*")
            .expose_headers("ETag")
            .max_age_seconds(MAX_AGE_SECONDS)
            .build()
            .map_err(build_error)?;
        let got = self.client.get_bucket_cors().bucket(&self.config.bucket).send();
        let present = match got.await {
            Ok(got) => got.cors_rules.unwrap_or_default(),
            Err(error) if has_code(&error, "NoSuchCORSConfiguration") => Vec::new(),
            Err(error) => return Err(s3_error("setup", error)),
        };
        let Some(rules) = merged(present, &[rule], CorsRule::id) else {
            return Ok(false);
        };
        let configuration = CorsConfiguration::builder()
            .set_cors_rules(Some(rules))
            .build()
            .map_err(build_error)?;
        self.client
            .put_bucket_cors()
            .bucket(&self.config.bucket)
            .cors_configuration(configuration)
            .send()
            .await
            .map_err(|error| s3_error("setup", error))?;
        Ok(true)
    }
}
