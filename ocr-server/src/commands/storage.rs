//! `ocr-server storage`

#[cfg(feature = "s3")]
use std::sync::Arc;
use std::{process::ExitCode, time::Duration};

use anyhow::{Result, bail};
#[cfg(feature = "s3")]
use ocr_adapters::s3::BucketSettings;
#[cfg(feature = "s3")]
use ocr_core::clock::SystemClock;
use ocr_core::{duties, platform::Platform};

use crate::{
    cli::StorageAction,
    compose,
    config::{BlobChoice, Settings},
};

/// Does what `action` says, and says what was done.
pub(super) async fn run(settings: &Settings, action: StorageAction) -> Result<ExitCode> {
    match action {
        StorageAction::Setup { origin } => {
            if settings.blobs != BlobChoice::S3 {
                bail!(
                    "documents are kept in {}, which needs no setup; choose OCR_BLOBS=s3",
                    settings.blobs
                );
            }
            set_up(settings, origin).await?;
        }
        StorageAction::Orphans { minutes, remove } => {
            let composition = compose::open(settings).await?;
            let age = Duration::from_secs(u64::from(minutes) * 60);
            let outcome = list_orphans(&composition.platform, age, remove).await;
            composition.close().await;
            outcome?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// Prints the keys of what belongs to no task, and removes it if that is asked for.
async fn list_orphans(platform: &Platform, age: Duration, remove: bool) -> Result<()> {
    let orphans = duties::orphans(platform, age).await?;
    for key in &orphans {
        println!("{key}");
    }
    let (count, done) = if remove {
        (duties::remove_orphans(platform, orphans).await?, "removed")
    } else {
        (orphans.len(), "found")
    };
    println!("{count} blobs that belong to no task {done}");
    Ok(())
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
