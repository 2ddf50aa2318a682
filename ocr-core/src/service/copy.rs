//! Read the same document again, beside what was read before.

use super::{OcrService, SubmitRequest};
use crate::{
    Result,
    blob::GetOptions,
    id::TaskId,
    model::TaskOptions,
    store::{Created, Scope},
};

impl OcrService {
    /// Submits a copy of a task's file, to be read with `options`: the new result can be compared
    /// with the old one, and either can be deleted without the other. Dropping the future leaves at
    /// most a blob that is collected later.
    ///
    /// # Errors
    /// `NotFound` when the task is not in `scope`, `InvalidInput` for an unknown engine.
    pub async fn copy(&self, scope: Scope, id: TaskId, options: TaskOptions) -> Result<Created> {
        let task = self.get(scope, id).await?;
        let request = SubmitRequest {
            filename: task.file.filename,
            // Somebody asks for it to be read, not for what was read before.
            options: options.with_read_again(true),
            idempotency_key: None,
        };
        self.check_request(&request)?;
        let key = task.file.key.parse()?;
        let blob = self.platform.blobs.get(key, GetOptions::default()).await?;
        self.submit(task.owner, request, blob.body).await
    }
}
