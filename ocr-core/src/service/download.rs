//! URLs for reading the original file and the result document.

use super::OcrService;
use crate::{
    Error, ErrorKind, Result,
    blob::{BlobStoreExt as _, PresignRequest, PresignedRequest},
    id::TaskId,
    store::Scope,
};

impl OcrService {
    /// A URL for the original file, saved under its own name.
    pub async fn download_url(&self, scope: Scope, id: TaskId) -> Result<PresignedRequest> {
        let file = self.get(scope, id).await?.file;
        self.presign_get(&file.key, file.filename, file.media_type.as_str())
            .await
    }

    /// A URL for the result document. `Conflict` while there is none.
    pub async fn result_url(&self, scope: Scope, id: TaskId) -> Result<PresignedRequest> {
        let task = self.get(scope, id).await?;
        let result = task.result.ok_or_else(|| {
            let message = format!("there is no result: the task is {}", task.state.status);
            Error::new(ErrorKind::Conflict, message)
        })?;
        let stem = task
            .file
            .filename
            .rsplit_once('.')
            .map_or(task.file.filename.as_str(), |(stem, _)| stem);
        self.presign_get(&result.key, format!("{stem}_result.json"), "application/json")
            .await
    }

    async fn presign_get(&self, key: &str, filename: String, content_type: &str) -> Result<PresignedRequest> {
        let request = PresignRequest::Get {
            expires_in: self.platform.policies.download_url_ttl,
            filename,
            content_type: content_type.into(),
        };
        self.platform.blobs.presign(key.parse()?, request).await
    }
}
