//! `cargo xtask public-api`: what the published crates offer is what the committed listings say, so that
//! whoever changes it sees it in review.

use std::path::PathBuf;

use anyhow::{Context, Result, bail};

use crate::{
    docs::unstable_rustdoc,
    process::{cargo, run, target_directory},
};

/// The crates that others depend on.
const PUBLISHED: [&str; 7] = [
    "ocr-core",
    "ocr-layout",
    "ocr-documents",
    "ocr-formats",
    "ocr-vision",
    "ocr-adapters",
    "ocr-testkit",
];

/// Where the listings are, one file a crate.
const LISTINGS: &str = "docs/reference/api";

/// Fails when the public API differs from its listing, or names a type of a vendor.
pub(crate) fn check() -> Result<()> {
    list(&[]).context("cargo xtask public-api --write renews the listings; a vendor's type has to go")?;
    println!("the public API is what {LISTINGS} says");
    Ok(())
}

/// Writes the listings anew.
pub(crate) fn write() -> Result<()> {
    list(&["--write"])
}

fn list(flags: &[&str]) -> Result<()> {
    let documentation = target_directory().join("doc");
    let files: Vec<PathBuf> = PUBLISHED
        .iter()
        .map(|name| documentation.join(name.replace('-', "_")).with_extension("json"))
        .collect();
    let mut doc = cargo(&[
        "doc",
        "--locked",
        "--no-deps",
        "--workspace",
        "--all-features",
        "--lib",
    ]);
    doc.env("RUSTDOC", unstable_rustdoc()?)
        .env("RUSTDOCFLAGS", "-Z unstable-options --output-format json");
    run(&mut doc)?;
    if let Some(missing) = files.iter().find(|file| !file.is_file()) {
        bail!("{} was not made", missing.display());
    }
    let mut listing = cargo(&["run", "--quiet", "--locked", "--package", "api-listing", "--"]);
    run(listing.args(flags).arg(LISTINGS).args(files))
}
