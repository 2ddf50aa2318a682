//! Queues of others, by `measure.mjs`.

use std::{path::Path, process::Stdio, time::Duration};

use anyhow::{Context as _, Result, bail};
use tokio::process::Command;

use crate::{Amount, report::Figures};

/// Longest time one measurement may take.
const LIMIT: Duration = Duration::from_mins(15);

/// Measures `system` with the script and the packages in `folder`.
pub(crate) async fn measure(folder: &Path, system: &str, url: &str, amount: Amount) -> Result<Figures> {
    let output = Command::new("node")
        .arg("measure.mjs")
        .arg(system)
        .arg(url)
        .arg(amount.jobs.to_string())
        .arg(amount.latencies.to_string())
        .current_dir(folder)
        .stdin(Stdio::null())
        .stderr(Stdio::inherit())
        .kill_on_drop(true)
        .output();
    let output = tokio::time::timeout(LIMIT, output)
        .await
        .with_context(|| format!("{system} did not end in time"))?
        .context("node could not be started")?;
    if !output.status.success() {
        bail!("measuring {system} failed: {}", output.status);
    }
    serde_json::from_slice(&output.stdout).with_context(|| format!("{system} printed no figures"))
}
