//! Read a document that opens with a password.

use std::fmt;

use bytes::Bytes;
use tokio::sync::OwnedSemaphorePermit;

use super::{OcrService, SubmitRequest, filing_of};
use crate::{
    Error, ErrorKind, Result,
    account_store::AuditAction,
    blob::GetOptions,
    id::TaskId,
    model::{CollectionChange, FilingChange, Task, TaskStatus},
    store::{Created, Scope},
};

/// Maximum number of documents that are opened at once: what a stranger's file makes of memory and time is bounded by
/// nothing else.
pub(super) const MAX_OPENING: usize = 1;

/// What opens a document. It is shown by no `Debug`, and nothing but [`OcrService::unlock`] sees it.
#[derive(Clone)]
pub struct Password(String);

impl Password {
    /// This password.
    pub fn new(password: impl Into<String>) -> Self {
        Self(password.into())
    }
}

impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Password(..)")
    }
}

impl OcrService {
    /// Takes the password off the file of a task that failed for want of it, submits what is left as a task of its
    /// own with the same options, filed in the same way, and puts the locked one in the trash. Asked again within 24 hours,
    /// it gives the task that it made, as long as that is there.
    ///
    /// One document is opened at a time, and what was begun goes on when whoever asked for it does not wait any more.
    ///
    /// The password is used here and now: it is in no row, blob, message or log. What is stored from then on is the
    /// document without its protection. Dropping the future leaves at most a blob that is collected later, or both
    /// tasks.
    ///
    /// # Errors
    /// `PasswordRequired` when it is another password, `Conflict` when the task does not wait for one,
    /// `Unavailable` while another document is opened, `Unsupported` where the platform opens nothing, `NotFound` when
    /// the task is not in `scope`; else what [`OcrService::submit`] says.
    pub async fn unlock(&self, scope: Scope, id: TaskId, password: Password) -> Result<Created> {
        let task = self.get(scope, id).await?;
        if !is_locked(&task) {
            let message = "the document does not wait for a password";
            return Err(Error::new(ErrorKind::Conflict, message));
        }
        // Before the file is in memory, too.
        let permit = self.opening.clone().try_acquire_owned().map_err(|error| {
            let message = "another document is being opened; try again";
            Error::new(ErrorKind::Unavailable, message).with_source(error)
        })?;
        let blob = self
            .platform
            .blobs
            .get(task.file.key.parse()?, GetOptions::default())
            .await?;
        let size = blob.meta.size;
        let locked = blob.body.collect(size).await?;
        let open = self.without_password(locked, password, permit).await?;
        let request = SubmitRequest::new(task.file.filename)
            .with_options(task.options)
            .with_idempotency_key(format!("unlock-{id}"));
        let created = self.submit(task.owner, request, open.into()).await?;
        self.record_change(scope.into(), AuditAction::DocumentUnlocked, id)
            .await;
        let (Created::New(opened) | Created::Existing(opened)) = &created;
        if let Err(error) = self.file_alike(scope, id, opened.id).await {
            tracing::warn!(?error, task = %opened.id, "a document that was opened is not filed as the locked one was");
        }
        if let Err(error) = self.delete(scope, id).await {
            tracing::warn!(?error, task = %id, "a locked document stays beside the one that was opened");
        }
        Ok(created)
    }

    /// Files the document of `opened` as that of `locked` is, unless somebody filed it already.
    async fn file_alike(&self, scope: Scope, locked: TaskId, opened: TaskId) -> Result<()> {
        let filing = filing_of(&self.platform, locked).await?;
        if filing.is_empty() || !filing_of(&self.platform, opened).await?.is_empty() {
            return Ok(());
        }
        let collection = filing.collection.map(CollectionChange::Enter);
        let change = FilingChange::default()
            .with_labels(filing.labels)
            .with_collection(collection.unwrap_or_default())
            .with_note(filing.note);
        self.change_filings(scope, vec![opened], change).await?;
        Ok(())
    }

    /// The work holds the permit, and not whoever waits for it: it goes on when they are gone.
    async fn without_password(
        &self,
        locked: Bytes,
        password: Password,
        permit: OwnedSemaphorePermit,
    ) -> Result<Bytes> {
        let formats = self.platform.formats.clone();
        let formats = formats.ok_or_else(|| {
            Error::new(
                ErrorKind::Unsupported,
                "this platform opens no documents with a password",
            )
        })?;
        let opened = tokio::task::spawn_blocking(move || {
            let _permit = permit;
            formats.unlock(&locked, &password.0)
        });
        match opened.await {
            Ok(opened) => opened.map(Bytes::from),
            Err(error) => {
                Err(Error::new(ErrorKind::Internal, "the document could not be opened").with_source(error))
            }
        }
    }
}

/// Whether a task failed for want of a password.
fn is_locked(task: &Task) -> bool {
    let wants = |code: &str| code == ErrorKind::PasswordRequired.as_str();
    task.status() == TaskStatus::Failed
        && task
            .state
            .failure
            .as_ref()
            .is_some_and(|failure| wants(&failure.code))
}
