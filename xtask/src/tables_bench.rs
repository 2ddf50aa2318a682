//! `cargo xtask bench-tables`: how well tables are found.

use anyhow::Result;

use crate::process::{self, built, cargo};

/// Builds what measures, and runs it with `options`.
pub(crate) fn run(options: &[String]) -> Result<()> {
    process::run(&mut cargo(&[
        "build",
        "--locked",
        "--release",
        "-p",
        "ocr-benches",
        "--features",
        "tables",
    ]))?;
    process::run(built("release", "tables").args(options))
}
