//! Logs to standard error.

use tracing_subscriber::{EnvFilter, fmt};

/// Starts logging as `OCR_LOG` and `OCR_LOG_FORMAT` say. Called once, by the program.
pub(crate) fn init(default_filter: &str) {
    let filter = EnvFilter::try_from_env("OCR_LOG").unwrap_or_else(|_| EnvFilter::new(default_filter));
    let logs = fmt().with_env_filter(filter).with_writer(std::io::stderr);
    let json = std::env::var("OCR_LOG_FORMAT").is_ok_and(|format| format == "json");
    // A second start in one process keeps the first.
    let _ = if json {
        logs.json().try_init()
    } else {
        logs.with_target(false).try_init()
    };
}
