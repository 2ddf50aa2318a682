//! `ocr-server migrate`

use std::process::ExitCode;

use crate::{compose, config::Settings};

/// Brings the schemas of the chosen databases up to date. Safe to run from many processes at once.
pub(super) async fn run(settings: &Settings) -> anyhow::Result<ExitCode> {
    compose::migrate(settings).await?;
    println!(
        "store {} and queue {} are up to date",
        settings.store, settings.queue
    );
    Ok(ExitCode::SUCCESS)
}
