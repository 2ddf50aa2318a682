//! `ocr-server storage`

use std::process::ExitCode;
#[cfg(feature = "s3")]
use std::sync::Arc;

use anyhow::{Result, bail};
#[cfg(feature = "s3")]
use ocr_adapters::s3::BucketSettings;
#[cfg(feature = "s3")]
use ocr_core::clock::SystemClock;

#[cfg(feature = "s3")]
use crate::compose;
use crate::{
    cli::StorageAction,
    config::{BlobChoice, Settings},
};

/// Sets the bucket up, and says what was changed.
pub(super) async fn run(settings: &Settings, action: StorageAction) -> Result<ExitCode> {
    let StorageAction::Setup { origin } = action;
    if settings.blobs != BlobChoice::S3 {
        bail!(
            "documents are kept in {}, which needs no setup; choose OCR_BLOBS=s3",
            settings.blobs
        );
    }
    set_up(settings, origin).await?;
    Ok(ExitCode::SUCCESS)
}

#[cfg(feature = "s3")]
async fn set_up(settings: &Settings, origin: Vec<String>) -> Result<()> {
    let bucket = compose::bucket(settings, Arc::new(SystemClock)).await?;
    let wanted = BucketSettings::default().with_cors_origins(origin);
    for step in bucket.setup(&wanted).await? {
        println!("{step}");
    }
    Ok(())
}

#[cfg(not(feature = "s3"))]
#[expect(clippy::unused_async, reason = "the other one makes requests")]
async fn set_up(_settings: &Settings, _origin: Vec<String>) -> Result<()> {
    Err(crate::build_features::not_built("S3", "s3"))
}
