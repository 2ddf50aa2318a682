//! The API documentation.

use anyhow::Result;

use crate::process::{self, cargo};

/// Builds the documentation of every crate of ours with warnings denied, broken links included.
pub(crate) fn run() -> Result<()> {
    let mut doc = cargo(&["doc", "--locked", "--workspace", "--no-deps"]);
    process::run(doc.env("RUSTDOCFLAGS", "-D warnings"))
}
