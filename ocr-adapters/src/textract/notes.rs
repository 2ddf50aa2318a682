//! What is remembered of a document between attempts.

use std::collections::BTreeMap;

use ocr_core::{Result, clock::Timestamp, engine::Checkpoint};
use serde::{Deserialize, Serialize};

/// What is remembered of a document between attempts.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Notes {
    /// Jobs that were lost or failed and had to be started again.
    pub(super) restarts: u32,
    /// The job that reads the document.
    pub(super) job: Option<JobNote>,
    /// How often each page that the job left unread was asked for again.
    pub(super) repeats: BTreeMap<u32, u32>,
}

/// A job that was started.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct JobNote {
    pub(super) id: String,
    /// Whether it looks for more than the text.
    pub(super) analysis: bool,
    /// What it reads and looks for.
    pub(super) fingerprint: String,
    pub(super) started_at: Timestamp,
    /// Whether its price was noted.
    pub(super) billed: bool,
}

impl Notes {
    pub(super) async fn load(checkpoint: &Checkpoint) -> Result<Self> {
        Ok(checkpoint.load().await?.unwrap_or_default())
    }

    pub(super) fn has_job_for(&self, fingerprint: &str) -> bool {
        self.job
            .as_ref()
            .is_some_and(|job| job.fingerprint == fingerprint)
    }

    /// How often a page was asked for again.
    pub(super) fn repeats(&self, number: u32) -> u32 {
        self.repeats.get(&number).copied().unwrap_or_default()
    }

    /// Forgets a job that will give no answer.
    pub(super) fn lose_job(&mut self) {
        self.job = None;
        self.repeats.clear();
        self.restarts += 1;
    }
}
