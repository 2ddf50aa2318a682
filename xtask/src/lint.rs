//! Formatting and clippy.

use anyhow::Result;

use crate::process::{self, cargo};

/// Crates with features that must also work alone, in the program of somebody who needs one.
const FEATURES: [(&str, &[&str]); 4] = [
    (
        "ocr-adapters",
        &["sqlite", "postgres", "redis", "s3", "fs", "textract"],
    ),
    ("ocr-vision", &["ppocr", "models", "onnxruntime", "tesseract"]),
    // The embedded profile; with all features it is the standard one too.
    ("ocr-server", &["failpoints"]),
    ("ocr-migrations", &["sqlite", "postgres"]),
];

/// Checks formatting, then runs clippy with warnings denied: the workspace as the tests build it and with all
/// features, then the crates that have features without any and with each alone.
pub(crate) fn run() -> Result<()> {
    process::run(&mut cargo(&["fmt", "--all", "--check"]))?;
    clippy(&["--workspace", "--all-targets"])?;
    clippy(&["--workspace", "--all-targets", "--all-features"])?;
    for (package, features) in FEATURES {
        clippy(&["-p", package, "--no-default-features"])?;
        for feature in features {
            clippy(&["-p", package, "--no-default-features", "--features", feature])?;
        }
    }
    Ok(())
}

fn clippy(selection: &[&str]) -> Result<()> {
    let mut clippy = cargo(&["clippy", "--locked"]);
    process::run(clippy.args(selection).args(["--", "-D", "warnings"]))
}
