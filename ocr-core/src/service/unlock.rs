//! Read a document that opens with a password.

use std::fmt;

use bytes::Bytes;

use super::{OcrService, SubmitRequest};
use crate::{
    Error, ErrorKind, Result,
    blob::GetOptions,
    id::TaskId,
    model::{Task, TaskStatus},
    store::{Created, Scope},
};

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
    /// own with the same options, and puts the locked one in the trash.
    ///
    /// The password is used here and now: it is in no row, blob, message or log. What is stored from then on is the
    /// document without its protection. Dropping the future leaves at most a blob that is collected later, or both
    /// tasks.
    ///
    /// # Errors
    /// `PasswordRequired` when it is another password, `Conflict` when the task does not wait for one,
    /// `Unsupported` where the platform opens nothing, `NotFound` when the task is not in `scope`; else what
    /// [`OcrService::submit`] says.
    pub async fn unlock(&self, scope: Scope, id: TaskId, password: Password) -> Result<Created> {
        let task = self.get(scope, id).await?;
        if !is_locked(&task) {
            let message = "the document does not wait for a password";
            return Err(Error::new(ErrorKind::Conflict, message));
        }
        let blob = self
            .platform
            .blobs
            .get(task.file.key.parse()?, GetOptions::default())
            .await?;
        let size = blob.meta.size;
        let locked = blob.body.collect(size).await?;
        let open = self.without_password(locked, password).await?;
        let request = SubmitRequest::new(task.file.filename).with_options(task.options);
        let created = self.submit(task.owner, request, open.into()).await?;
        if let Err(error) = self.delete(scope, id).await {
            tracing::warn!(?error, task = %id, "a locked document stays beside the one that was opened");
        }
        Ok(created)
    }

    async fn without_password(&self, locked: Bytes, password: Password) -> Result<Bytes> {
        let formats = self.platform.formats.clone();
        let formats = formats.ok_or_else(|| {
            Error::new(
                ErrorKind::Unsupported,
                "this platform opens no documents with a password",
            )
        })?;
        let opened = tokio::task::spawn_blocking(move || formats.unlock(&locked, &password.0));
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
