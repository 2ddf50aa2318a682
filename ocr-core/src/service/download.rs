//! URLs for reading the original file and the result document.

use super::OcrService;
use crate::{
    Result,
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

    /// A URL for the result document, with its corrections as they are now. `Conflict` while there is none.
    pub async fn result_url(&self, scope: Scope, id: TaskId) -> Result<PresignedRequest> {
        let task = self.get(scope, id).await?;
        let key = self.current_result(scope, &task).await?;
        let stem = stem(&task.file.filename);
        self.presign_get(&key, format!("{stem}_result.json"), "application/json")
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

/// The name of a file without its ending.
pub(super) fn stem(filename: &str) -> &str {
    filename.rsplit_once('.').map_or(filename, |(stem, _)| stem)
}
