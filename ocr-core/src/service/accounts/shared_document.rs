//! What a link lets whoever opened it read: one document, and nothing else. The one place where the secret of a link
//! becomes a [`Scope`], which does not leave it.

use std::time::Duration;

use bytes::Bytes;

use crate::{
    Error, ErrorKind, Result,
    account_store::AuditAction,
    formats::{FormatInfo, RenditionOptions},
    model::{PageText, Task},
    service::{OcrService, PageImageRef, Rendition},
    share_store::Share,
    store::Scope,
};

/// For how long whoever opened a link reads on without opening it again, unless the link ends before.
pub const VISIT_LIFETIME: Duration = Duration::from_hours(12);

/// What whoever opened a link may read. Each reading is recorded as a view of the document.
#[derive(Debug, Clone)]
pub struct SharedDocument {
    documents: OcrService,
    share: Share,
}

impl SharedDocument {
    pub(super) const fn new(documents: OcrService, share: Share) -> Self {
        Self { documents, share }
    }

    /// The link.
    pub const fn share(&self) -> &Share {
        &self.share
    }

    const fn scope(&self) -> Scope {
        Scope::owner(self.share.owner)
    }

    /// What is known of the document.
    ///
    /// # Errors
    /// `NotFound` once it is deleted, here and below.
    pub async fn task(&self) -> Result<Task> {
        self.documents.get(self.scope(), self.share.task).await
    }

    /// Its text, in the format of plain text.
    ///
    /// # Errors
    /// `Conflict` while there is no result.
    pub async fn text(&self) -> Result<(FormatInfo, Bytes)> {
        let result = self.documents.result(self.scope(), self.share.task).await?;
        self.seen(AuditAction::DocumentViewed).await;
        self.documents.written("text", result.document).await
    }

    /// Its pages that were read so far, from `from` to `to`, as they were corrected.
    pub async fn pages(&self, from: u32, to: u32) -> Result<Vec<PageText>> {
        let pages = self
            .documents
            .pages(self.scope(), self.share.task, from, to)
            .await?;
        self.seen(AuditAction::DocumentViewed).await;
        Ok(pages)
    }

    /// The picture of a page, as [`OcrService::page_image`]. Nothing is drawn yet.
    pub async fn page_image(&self, number: u32, width: u32) -> Result<PageImageRef> {
        let image = self
            .documents
            .page_image(self.scope(), self.share.task, number, width)
            .await?;
        self.seen(AuditAction::DocumentViewed).await;
        Ok(image)
    }

    /// The result in one of the formats of the link.
    ///
    /// # Errors
    /// `PermissionDenied` for another format, `Conflict` while there is no result.
    pub async fn rendition(&self, format: &str) -> Result<Rendition> {
        if !self.share.formats.iter().any(|given| given == format) {
            let message = "the result is not given away in this format";
            return Err(Error::new(ErrorKind::PermissionDenied, message));
        }
        let rendition = self
            .documents
            .rendition(self.scope(), self.share.task, format, RenditionOptions::new())
            .await?;
        self.seen(AuditAction::DocumentDownloaded).await;
        Ok(rendition)
    }

    async fn seen(&self, action: AuditAction) {
        self.documents.record_view(action, self.share.task).await;
    }
}
