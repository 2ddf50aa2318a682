//! The port: a document in, a stream of pages out.

use std::sync::Arc;

use async_trait::async_trait;
use futures::{Stream, StreamExt, stream};
use ocr_core::{
    Error, ErrorKind, Result,
    digest::sha256_hex,
    engine::{Cancellation, EngineCapabilities, OcrContext, OcrEngine, OcrRequest, PageStream},
    model::{Block, BlockKind, EngineInfo, Line, MediaType, PageText, Polygon, TextOrigin, Word},
    page::{PageImage, PixelFormat},
};
use ocr_documents::{Document, Limits};

use crate::code39::{Found, read_row};

/// Rows of a page that are looked at; a code is higher than the distance between two of them.
const ROWS: usize = 32;

/// Reads the Code 39 barcode of each page.
#[derive(Debug, Clone, Copy, Default)]
pub struct Code39Engine {
    limits: Limits,
}

#[async_trait]
impl OcrEngine for Code39Engine {
    fn name(&self) -> &'static str {
        "code39"
    }

    fn capabilities(&self) -> EngineCapabilities {
        EngineCapabilities::new(
            MediaType::ALL.to_vec(),
            Cancellation::BetweenPages,
            env!("CARGO_PKG_VERSION"),
        )
    }

    async fn check(&self) -> Result<()> {
        Ok(())
    }

    async fn recognize(&self, request: OcrRequest, context: OcrContext) -> Result<PageStream> {
        request.check(self.name(), &self.capabilities())?;
        let source = &request.document;
        let bytes = source.open().await?.body.collect(self.limits.max_bytes).await?;
        if !source.sha256().is_empty() && sha256_hex(&bytes) != source.sha256() {
            return Err(Error::new(
                ErrorKind::Corrupt,
                "the stored file is not the one that was uploaded",
            ));
        }
        let limits = self.limits;
        let document = blocking(move || {
            // The media type was accepted before, so content that cannot be opened is invalid input,
            // not an unsupported type.
            Document::open(bytes.to_vec(), limits)
                .map_err(|error| Error::new(ErrorKind::InvalidInput, error.to_string()))
        })
        .await?;
        let chosen = |page: &u32| request.pages.as_ref().is_none_or(|pages| pages.contains(*page));
        let wanted: Vec<u32> = (1..=document.page_count()).filter(chosen).collect();
        if wanted.is_empty() {
            return Err(Error::new(
                ErrorKind::InvalidInput,
                "none of the chosen pages exists",
            ));
        }
        let total = u32::try_from(wanted.len()).unwrap_or(u32::MAX);
        let unread = wanted
            .into_iter()
            .filter(|page| !request.skip.contains(page))
            .collect();
        Ok(PageStream::new(
            EngineInfo::new(self.name(), self.capabilities().version),
            total,
            read_pages(Arc::new(document), unread, total > 1, context).boxed(),
        ))
    }
}

/// Reads `numbers` one by one; ends after the first error.
fn read_pages(
    document: Arc<Document>,
    numbers: Vec<u32>,
    forgiving: bool,
    context: OcrContext,
) -> impl Stream<Item = Result<PageText>> {
    let numbers = numbers.into_iter();
    stream::unfold(Some((document, numbers, context)), move |state| async move {
        let (document, mut numbers, context) = state?;
        let number = numbers.next()?;
        if context.cancel.is_cancelled() {
            return Some((
                Err(Error::new(ErrorKind::Cancelled, "reading was cancelled")),
                None,
            ));
        }
        let shared = Arc::clone(&document);
        match blocking(move || read_page(&shared, number)).await {
            Err(error) if forgiving && error.kind() == ErrorKind::InvalidInput => {
                // The other pages may be fine.
                let mut page = PageText::empty(number, 0, 0).with_error(error.kind());
                page.warnings
                    .push(format!("this page could not be read: {error}"));
                Some((Ok(page), Some((document, numbers, context))))
            }
            Err(error) => Some((Err(error), None)),
            Ok(page) => Some((Ok(page), Some((document, numbers, context)))),
        }
    })
}

fn read_page(document: &Document, number: u32) -> Result<PageText> {
    let image = document.image(number.saturating_sub(1))?;
    let mut page = PageText::empty(number, image.width(), image.height());
    page.dpi = image.dpi();
    if let Some((found, row)) = find(&image) {
        page.source = TextOrigin::Ocr;
        page.blocks = vec![block(&found, row, &image)];
        page.update_confidence();
    }
    Ok(page)
}

/// The first code on the page, and the row in which it was found.
fn find(image: &PageImage) -> Option<(Found, usize)> {
    let stride = image.width() as usize * image.format().channels();
    let rows = image.height() as usize;
    let step = (rows / ROWS).max(1);
    let mut lines = image
        .pixels()
        .chunks_exact(stride.max(1))
        .enumerate()
        .step_by(step);
    lines.find_map(|(row, line)| {
        let found = match image.format() {
            PixelFormat::Gray8 => read_row(line),
            // Green is close to how light a color looks.
            PixelFormat::Rgb8 => read_row(&line.iter().skip(1).step_by(3).copied().collect::<Vec<u8>>()),
        };
        Some((found?, row))
    })
}

fn block(found: &Found, row: usize, image: &PageImage) -> Block {
    let x = |pixel: usize| pixel as f32 / image.width() as f32;
    let y = |pixel: usize| pixel as f32 / image.height() as f32;
    let polygon = Polygon::from_box(x(found.left), y(row), x(found.right), y(row + 1)).clamped();
    // Code 39 has no weak matches: a wrong bar gives another character or none.
    let confidence = 1.0;
    let words = found
        .text
        .split_whitespace()
        .map(|text| Word::new(text.to_owned(), polygon, confidence));
    let line = Line::new(found.text.clone(), polygon, confidence, words.collect());
    Block::new(BlockKind::Paragraph, polygon, vec![line])
}

/// Runs CPU-bound work on a blocking thread.
async fn blocking<T: Send + 'static>(work: impl FnOnce() -> Result<T> + Send + 'static) -> Result<T> {
    tokio::task::spawn_blocking(work)
        .await
        .unwrap_or_else(|error| Err(Error::new(ErrorKind::Internal, "the reader stopped").with_source(error)))
}
