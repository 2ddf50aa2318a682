//! A page of a document as a picture, upright as in the result.

use bytes::Bytes;

use super::OcrService;
use crate::{
    Error, ErrorKind, Result, digest::sha256_hex, engine::DocumentSource, id::TaskId, model::QuarterTurn,
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
        let file = self.get(scope, id).await?.file;
        let read = self.original_pages(scope, id, number, number).await?;
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
