//! Logs to standard error.

use std::time::Duration;

use anyhow::{Context, Result};
use ocr_core::layers::{CallObserver, EndedCall};
use tracing_subscriber::{EnvFilter, fmt};

use crate::config::{LogFormat, LogSettings};

/// A call to a part of the platform that takes longer is told as a warning, unless it is one that waits.
const SLOW_CALL: Duration = Duration::from_secs(5);

/// Notes every call to store, queue, blobs, notifier, search index, corrections and filings in the log.
#[derive(Debug)]
pub(crate) struct CallLog;

impl CallObserver for CallLog {
    fn ended(&self, call: &EndedCall) {
        let EndedCall {
            port,
            adapter,
            operation,
            elapsed,
            repeats,
            failure,
            ..
        } = call;
        let failure = failure.map(ocr_core::ErrorKind::as_str);
        let elapsed_ms = elapsed.as_millis();
        // Waiting for work, and sending or reading a large document, take their time.
        if *elapsed > SLOW_CALL && !matches!(*operation, "wait" | "put" | "get") {
            tracing::warn!(
                port,
                adapter,
                operation,
                elapsed_ms,
                repeats,
                failure,
                "a call was slow"
            );
        } else {
            tracing::trace!(
                port,
                adapter,
                operation,
                elapsed_ms,
                repeats,
                failure,
                "a call ended"
            );
        }
    }
}

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
