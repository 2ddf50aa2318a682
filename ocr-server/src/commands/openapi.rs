//! `ocr-server openapi`

use std::process::ExitCode;

/// Prints the OpenAPI description.
pub(super) fn run() -> anyhow::Result<ExitCode> {
    println!("{}", crate::http::openapi()?);
    Ok(ExitCode::SUCCESS)
}
