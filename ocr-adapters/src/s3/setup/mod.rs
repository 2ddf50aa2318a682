//! `storage setup`: makes the settings of the bucket what the platform expects, and says what it
//! changed.
//!
//! Rules that somebody else wrote stay: ours are told by their ids, which begin with `ocr-`.

mod access;
mod bucket;
mod encryption;
mod lifecycle;

use std::fmt;

use aws_sdk_s3::error::BuildError;
use derive_setters::Setters;
use ocr_core::{Error, ErrorKind, Result};

use super::S3BlobStore;

/// The tag that marks the objects of a deleted task.
pub(super) const DELETED: (&str, &str) = ("deleted", "true");

/// The wanted settings of the bucket.
#[derive(Debug, Clone, Setters)]
#[setters(prefix = "with_")]
#[non_exhaustive]
pub struct BucketSettings {
    /// Origins of pages that read and write objects directly, as `https://ocr.example.com`; without
    /// any, the rules for other origins are left alone.
    pub cors_origins: Vec<String>,
    /// Days after which objects of deleted tasks move to Glacier: 7.
    pub archive_after_days: u16,
    /// Days after which objects of deleted tasks, and versions that were replaced, are removed: 30.
    /// At least as long as tasks can be restored.
    pub expire_after_days: u16,
    /// Days after which the parts of broken uploads are removed: 7.
    pub abort_after_days: u16,
}

impl Default for BucketSettings {
    fn default() -> Self {
        Self {
            cors_origins: Vec::new(),
            archive_after_days: 7,
            expire_after_days: 30,
            abort_after_days: 7,
        }
    }
}

/// One setting of the bucket.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct SetupStep {
    /// Which, as `default encryption`.
    pub setting: &'static str,
    /// What became of it.
    pub outcome: SetupOutcome,
}

/// What became of a setting.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum SetupOutcome {
    /// It was changed.
    Changed,
    /// It was as it should be.
    AlreadySo,
    /// The server does not offer it.
    Unsupported,
}

impl fmt::Display for SetupOutcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Changed => "changed",
            Self::AlreadySo => "already so",
            Self::Unsupported => "not supported by this server",
        })
    }
}

impl fmt::Display for SetupStep {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.setting, self.outcome)
    }
}

impl S3BlobStore {
    /// Creates the bucket if it does not exist, and makes its settings what the platform expects:
    /// encryption by default, the lifecycle of deleted documents, no public access, and access for
    /// our pages. Doing it again changes nothing. A setting that the server does not know is
    /// reported, not an error.
    ///
    /// # Errors
    /// `Config` when these credentials may not do it or the bucket belongs to somebody else. What was
    /// changed before stays changed.
    pub async fn setup(&self, settings: &BucketSettings) -> Result<Vec<SetupStep>> {
        let mut steps = vec![
            step("bucket", self.create_bucket().await)?,
            step("default encryption", self.encrypt_by_default().await)?,
            step("no public access", self.block_public_access().await)?,
            step("lifecycle", self.set_lifecycle(settings).await)?,
        ];
        if !settings.cors_origins.is_empty() {
            let origins = self.allow_origins(&settings.cors_origins).await;
            steps.push(step("access from pages", origins)?);
        }
        Ok(steps)
    }
}

/// A setting that was changed or not.
fn step(setting: &'static str, changed: Result<bool>) -> Result<SetupStep> {
    let outcome = match changed {
        Ok(true) => SetupOutcome::Changed,
        Ok(false) => SetupOutcome::AlreadySo,
        Err(error) if error.kind() == ErrorKind::Unsupported => SetupOutcome::Unsupported,
        Err(error) => return Err(error.with_context("setting", setting)),
    };
    Ok(SetupStep { setting, outcome })
}

/// Our rules beside those of others; `None` when they are all there already.
fn merged<R: PartialEq + Clone>(
    present: Vec<R>,
    ours: &[R],
    id: impl Fn(&R) -> Option<&str>,
) -> Option<Vec<R>> {
    if ours.iter().all(|rule| present.contains(rule)) {
        return None;
    }
    let is_ours = |rule: &R| ours.iter().any(|our| id(our) == id(rule));
    let mut rules: Vec<R> = present.into_iter().filter(|rule| !is_ours(rule)).collect();
    rules.extend_from_slice(ours);
    Some(rules)
}

/// The port error for a setting of ours that the client refuses to write down.
fn build_error(error: BuildError) -> Error {
    Error::new(
        ErrorKind::Internal,
        "a setting of the bucket could not be written down",
    )
    .with_source(error)
    .at("s3", "setup")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, Clone, PartialEq)]
    struct Rule(Option<&'static str>, u8);

    impl Rule {
        fn id(&self) -> Option<&str> {
            self.0
        }
    }

    fn rule(id: &'static str, days: u8) -> Rule {
        Rule(Some(id), days)
    }

    #[test]
    fn rules_of_others_stay() {
        let present = vec![rule("theirs", 1), rule("ours", 1)];
        assert_eq!(
            merged(present.clone(), &[rule("ours", 2)], Rule::id),
            Some(vec![rule("theirs", 1), rule("ours", 2)])
        );
        assert_eq!(merged(present, &[rule("ours", 1)], Rule::id), None);
    }
}
