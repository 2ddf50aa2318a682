//! Upload straight into the blob store: create, PUT, complete.

use super::{
    OcrService, SubmitRequest,
    blob_names::{display_name, stored_filename, upload_key},
    usage::Wanted,
};
use crate::{
    Error, ErrorKind, Result,
    blob::{
        BlobMeta, BlobStoreExt as _, GetOptions, PresignRequest, PresignedRequest, body_error, too_large,
    },
    builder::builder,
    digest::ContentHasher,
    id::{FileId, UserId},
    store::Created,
};

/// Maximum length of the MIME type of an upload, in bytes.
const MAX_CONTENT_TYPE: usize = 100;

/// A file a client wants to write itself.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct NewUpload {
    /// The name the user gave the file.
    pub filename: String,
    /// Size in bytes; the PUT must have exactly this many.
    pub size: u64,
    /// SHA-256 the bytes will have, lower-case hex, when the client knows it.
    pub sha256: Option<String>,
    /// MIME type of the PUT.
    pub content_type: String,
}

impl NewUpload {
    /// A file of this name and size in bytes, sent as this MIME type.
    pub fn new(filename: impl Into<String>, size: u64, content_type: impl Into<String>) -> Self {
        Self {
            filename: filename.into(),
            size,
            sha256: None,
            content_type: content_type.into(),
        }
    }
}

builder!(NewUpload {
    with_sha256(sha256: impl Into<Option<String>>) "The same with bytes that will have this SHA-256, lower-case hex."
});

/// A file id and the request that writes its bytes.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct UploadTicket {
    /// Names the upload when it is completed, together with the same file name.
    pub file_id: FileId,
    /// The request to send.
    pub request: PresignedRequest,
}

impl OcrService {
    /// Signs a request that writes one file straight into the blob store. Nothing is recorded until
    /// [`OcrService::complete_upload`].
    ///
    /// # Errors
    /// `TooLarge` beyond the policy's limit or a quota of bytes, `QuotaExceeded` beyond a quota of the owner,
    /// `InvalidInput` for an empty file, a malformed digest or a type that no header can carry, `Unsupported` when the
    /// blob store has no URLs.
    pub async fn begin_upload(&self, owner: UserId, upload: NewUpload) -> Result<UploadTicket> {
        let policies = &self.platform.policies;
        if upload.size > policies.max_upload_bytes {
            return Err(too_large(policies.max_upload_bytes));
        }
        if upload.size == 0 {
            return Err(Error::new(ErrorKind::InvalidInput, "the file is empty"));
        }
        let is_digest = |text: &String| {
            text.len() == 64
                && text
                    .bytes()
                    .all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b))
        };
        if !upload.sha256.as_ref().is_none_or(is_digest) {
            return Err(Error::new(
                ErrorKind::InvalidInput,
                "sha256 must be 64 lower-case hex digits",
            ));
        }
        // The client sends it in a header, and so does the blob store.
        let visible = |byte: u8| byte == b' ' || byte.is_ascii_graphic();
        let content_type = &upload.content_type;
        if !(1..=MAX_CONTENT_TYPE).contains(&content_type.len()) || !content_type.bytes().all(visible) {
            let message = format!("contentType must be 1 to {MAX_CONTENT_TYPE} visible ASCII characters");
            return Err(Error::new(ErrorKind::InvalidInput, message));
        }
        // While its sender has sent nothing yet; what is true when it is completed is checked then.
        drop(self.admit(owner, Wanted::document(upload.size)).await?);
        let file_id = FileId(self.platform.ids.next());
        let key = upload_key(owner, &stored_filename(file_id, &display_name(&upload.filename)))?;
        let request = PresignRequest::Put {
            expires_in: policies.upload_url_ttl,
            length: upload.size,
            sha256: upload.sha256,
            content_type: upload.content_type,
        };
        let request = self.platform.blobs.presign(key, request).await?;
        Ok(UploadTicket { file_id, request })
    }

    /// Creates the task of a file that was written with the ticket `file_id`. `request.filename`
    /// must be the name the ticket was made for. Completing twice gives the same task.
    ///
    /// # Errors
    /// `NotFound` when nothing was written; otherwise as [`OcrService::submit`].
    pub async fn complete_upload(
        &self,
        owner: UserId,
        file_id: FileId,
        request: SubmitRequest,
    ) -> Result<Created> {
        self.check_request(&request)?;
        let filename = display_name(&request.filename);
        let key = upload_key(owner, &stored_filename(file_id, &filename))?;
        let blobs = &self.platform.blobs;
        let meta = blobs.head(key.clone()).await?.ok_or_else(|| {
            Error::new(
                ErrorKind::NotFound,
                "nothing was uploaded under this id and file name",
            )
        })?;
        if meta.size > self.platform.policies.max_upload_bytes {
            blobs.remove(key).await?;
            return Err(too_large(self.platform.policies.max_upload_bytes));
        }
        let inspector = &self.platform.inspector;
        let range = 0..inspector.head_len() as u64;
        let head = blobs.get(key.clone(), GetOptions::range(range)).await?.body;
        let head = head.collect(inspector.head_len() as u64).await?;
        let media_type = match inspector.inspect(&filename, &head) {
            Ok(media_type) => media_type,
            Err(error) => {
                blobs.remove(key).await?;
                return Err(error);
            }
        };
        let meta = self.with_checksum(meta).await?;
        let created = self
            .create(owner, request, filename, file_id, media_type, meta)
            .await;
        if let Err(error) = &created
            && error.kind() == ErrorKind::TooLarge
        {
            // It never fits, whenever it is completed.
            self.discard(key).await;
        }
        created
    }

    /// The checksum of what is really stored, whatever the client or the store says of it.
    async fn with_checksum(&self, meta: BlobMeta) -> Result<BlobMeta> {
        let mut body = self
            .platform
            .blobs
            .get(meta.key.clone(), GetOptions::default())
            .await?
            .body;
        let mut hasher = ContentHasher::default();
        while let Some(piece) = body.next().await {
            hasher.update(&piece.map_err(body_error)?);
        }
        Ok(BlobMeta {
            sha256: Some(hasher.finish()),
            ..meta
        })
    }
}
