//! Logs to standard error.

use anyhow::{Context, Result};
use tracing_subscriber::{EnvFilter, fmt};

use crate::config::{LogFormat, LogSettings};

/// Starts logging, with `default_filter` where the settings name none. Called once, by the program.
///
/// # Errors
/// For a filter that cannot be understood.
pub(crate) fn init(settings: &LogSettings, default_filter: &str) -> Result<()> {
    let filter = settings.filter.as_deref().unwrap_or(default_filter);
    let filter = EnvFilter::builder()
        .parse(filter)
        .with_context(|| format!("OCR_LOG={filter} cannot be understood"))?;
    let logs = fmt().with_env_filter(filter).with_writer(std::io::stderr);
    // A second start in one process keeps the first.
    let _ = match settings.format {
        LogFormat::Json => logs.json().try_init(),
        LogFormat::Text => logs.with_target(false).try_init(),
    };
    Ok(())
}
