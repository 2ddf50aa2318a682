//! `ocr-server migrate`

use std::process::ExitCode;

use crate::{compose, config::Settings};

/// Brings the database schema up to date.
pub(super) async fn run(settings: &Settings) -> anyhow::Result<ExitCode> {
    compose::open_database(settings).await?.close().await;
    println!("the database in {} is up to date", settings.data_dir.display());
    Ok(ExitCode::SUCCESS)
}
