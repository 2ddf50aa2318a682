//! `ocr-server storage`

use std::{process::ExitCode, sync::Arc};

use anyhow::{Result, bail};
use ocr_adapters::s3::BucketSettings;
use ocr_core::clock::SystemClock;

use crate::{
    cli::StorageAction,
    compose,
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
    let bucket = compose::bucket(settings, Arc::new(SystemClock)).await?;
    let wanted = BucketSettings {
        cors_origins: origin,
        ..BucketSettings::default()
    };
    for step in bucket.setup(&wanted).await? {
        println!("{step}");
    }
    Ok(ExitCode::SUCCESS)
}
