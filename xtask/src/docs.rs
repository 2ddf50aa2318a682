//! The API documentation.

use std::{
    env,
    ffi::OsString,
    process::{Command, ExitCode},
};

use anyhow::{Context, Result};

use crate::process::{self, cargo};

/// Set for a program that is to be `rustdoc` with unstable features allowed.
const AS_RUSTDOC: &str = "OCR_XTASK_AS_RUSTDOC";

/// Builds the documentation of every crate of ours as docs.rs does: all features on, each item labelled with
/// the feature it needs (`--cfg docsrs`), and warnings denied, broken links included.
///
/// Labels are an unstable feature of rustdoc. Cargo is given this program for rustdoc, which allows them for
/// rustdoc alone: allowed for cargo as a whole, every dependency would be built once more.
pub(crate) fn run() -> Result<()> {
    let mut doc = cargo(&["doc", "--locked", "--workspace", "--all-features", "--no-deps"]);
    let this = env::current_exe().context("the path of xtask is not known")?;
    process::run(
        doc.env("RUSTDOC", this)
            .env(AS_RUSTDOC, "1")
            .env("RUSTDOCFLAGS", "--cfg docsrs -D warnings"),
    )
}

/// Runs rustdoc with the arguments of this program, when it was started in its place.
pub(crate) fn run_as_rustdoc() -> Option<ExitCode> {
    env::var_os(AS_RUSTDOC)?;
    let arguments: Vec<OsString> = env::args_os().skip(1).collect();
    let status = Command::new("rustdoc")
        .args(arguments)
        .env("RUSTC_BOOTSTRAP", "1")
        .status();
    Some(match status {
        Ok(status) if status.success() => ExitCode::SUCCESS,
        Ok(_) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("xtask: rustdoc could not be started: {error}");
            ExitCode::FAILURE
        }
    })
}
