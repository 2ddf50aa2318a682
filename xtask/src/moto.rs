//! moto, a stand-in for AWS that tests start as a server.

use std::path::PathBuf;

use anyhow::{Context, Result};

use crate::process::{self, command, succeeds, target_directory};

/// moto with what its server and S3 need; the rest of its extras would be three times as much.
const PACKAGES: [&str; 3] = ["moto[s3]==5.2.5", "flask==3.1.3", "flask-cors==6.0.5"];

/// Installs moto into the directory of build output, unless it is there. Returns where Python finds it.
pub(crate) fn install() -> Result<PathBuf> {
    let folder = target_directory().join("tools").join("moto");
    let mut probe = command("python3");
    probe.env("PYTHONPATH", &folder);
    // Another one may be installed elsewhere; the tests use this one.
    if folder.join("moto").is_dir() && succeeds(probe.args(["-c", "import moto.server"])) {
        return Ok(folder);
    }
    let mut pip = command("python3");
    pip.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check"]);
    pip.args(["--root-user-action=ignore", "--upgrade"]);
    process::run(pip.arg("--target").arg(&folder).args(PACKAGES))
        .context("moto, a stand-in for AWS, could not be installed")?;
    Ok(folder)
}
