//! Formatting and clippy.

use anyhow::Result;

use crate::process::{self, cargo};

/// Features of `ocr-adapters` that must also work alone, in the program of somebody who needs one.
const ADAPTERS: [&str; 10] = [
    "sqlite",
    "postgres",
    "redis",
    "s3",
    "fs",
    "local",
    "ppocr",
    "tesseract",
    "models",
    "textract",
];

/// Checks formatting, then runs clippy with warnings denied: the workspace as it is by default and
/// with all features, the server without what is optional, and each adapter alone.
pub(crate) fn run() -> Result<()> {
    process::run(&mut cargo(&["fmt", "--all", "--check"]))?;
    clippy(&["--workspace", "--all-targets"])?;
    clippy(&["--workspace", "--all-targets", "--all-features"])?;
    // The embedded profile alone.
    clippy(&["-p", "ocr-server", "--no-default-features"])?;
    clippy(&["-p", "ocr-adapters", "--no-default-features"])?;
    for feature in ADAPTERS {
        clippy(&[
            "-p",
            "ocr-adapters",
            "--no-default-features",
            "--features",
            feature,
        ])?;
    }
    Ok(())
}

fn clippy(selection: &[&str]) -> Result<()> {
    let mut clippy = cargo(&["clippy", "--locked"]);
    process::run(clippy.args(selection).args(["--", "-D", "warnings"]))
}
