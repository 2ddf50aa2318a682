//! The API documentation.

use std::{fs, os::unix::fs::PermissionsExt as _, path::PathBuf};

use anyhow::Result;

use crate::process::{self, cargo, target_directory};

/// rustdoc labels items with their features, and makes JSON, only where unstable options are allowed. That
/// is said to rustdoc alone: compilers and build scripts would see it too, and everything would be
/// compiled again.
const RUSTDOC: &str = "#!/bin/sh
RUSTC_BOOTSTRAP=1 exec rustdoc \"$@\"
";

/// Builds the documentation of every crate of ours as docs.rs does: all features on, each item labelled with
/// the feature it needs (`--cfg docsrs`), and warnings denied, broken links included.
pub(crate) fn run() -> Result<()> {
    let mut doc = cargo(&["doc", "--locked", "--workspace", "--all-features", "--no-deps"]);
    process::run(
        doc.env("RUSTDOC", unstable_rustdoc()?)
            .env("RUSTDOCFLAGS", "--cfg docsrs -D warnings"),
    )
}

/// A rustdoc that takes unstable options.
pub(crate) fn unstable_rustdoc() -> Result<PathBuf> {
    let folder = target_directory().join("tools");
    fs::create_dir_all(&folder)?;
    let program = folder.join("rustdoc-unstable");
    fs::write(&program, RUSTDOC)?;
    fs::set_permissions(&program, fs::Permissions::from_mode(0o755))?;
    Ok(program)
}
