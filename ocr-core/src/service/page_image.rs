//! A page of a document as a picture, upright as in the result.

use bytes::Bytes;

use super::OcrService;
use crate::{
    Error, ErrorKind, Result,
    digest::sha256_hex,
    engine::DocumentSource,
    id::TaskId,
    model::{QuarterTurn, Task},
    store::Scope,
};

/// A picture that can be drawn, and what tells it from others.
#[derive(Debug, Clone)]
pub struct PageImageRef {
    document: DocumentSource,
    number: u32,
    width: u32,
    turn: QuarterTurn,
    /// Changes when the picture does: as when another attempt turned the page another way.
    pub version: String,
}

impl OcrService {
    /// The picture of page `number` (one-based), at most `width` pixels across, so that the boxes of the
    /// result fit it. Nothing is drawn yet.
    ///
    /// # Errors
    /// `NotFound` when the task is not in `scope`.
    pub async fn page_image(
        &self,
        scope: Scope,
        id: TaskId,
        number: u32,
        width: u32,
    ) -> Result<PageImageRef> {
        let task = self.get(scope, id).await?;
        self.picture_of(task, number, width).await
    }

    /// The same of a task in the trash, for whoever wants to know whether to restore it.
    ///
    /// # Errors
    /// `NotFound` when the task is not in the trash of `scope`.
    pub async fn trashed_page_image(
        &self,
        scope: Scope,
        id: TaskId,
        number: u32,
        width: u32,
    ) -> Result<PageImageRef> {
        let task = self.trashed(scope, id).await?;
        self.picture_of(task, number, width).await
    }

    async fn picture_of(&self, task: Task, number: u32, width: u32) -> Result<PageImageRef> {
        let Task { id, file, .. } = task;
        // Whose it is has been checked, and what is in the trash is seen by the platform alone.
        let store = &self.platform.store;
        let read = store.pages(Scope::system(), id, number, number).await?;
        let rotation = read.first().map_or(0, |page| page.rotation);
        let version = sha256_hex(format!("{} {number} {width} {rotation}", file.sha256));
        let blobs = self.platform.blobs.clone();
        Ok(PageImageRef {
            document: DocumentSource::new(blobs, file.key.parse()?, file.size, file.sha256),
            number,
            width,
            turn: QuarterTurn::from_degrees(rotation.into()),
            version,
        })
    }

    /// Draws a picture, as a JPEG.
    ///
    /// # Errors
    /// `NotFound` for a page the document does not have, `InvalidInput` for one that cannot be drawn,
    /// `Unsupported` when the platform draws no pages.
    pub async fn draw_page_image(&self, image: PageImageRef) -> Result<Bytes> {
        let renderer =
            self.platform.page_renderer.as_ref().ok_or_else(|| {
                Error::new(ErrorKind::Unsupported, "this platform draws no pictures of pages")
            })?;
        renderer
            .render(image.document, image.number, image.width, image.turn)
            .await
    }
}
