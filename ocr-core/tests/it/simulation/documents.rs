//! Documents that say what they hold, and an engine that reads it.

use std::{fmt::Write as _, sync::Arc};

use async_trait::async_trait;
use bytes::Bytes;
use futures::{StreamExt, stream};
use ocr_core::{
    Error, ErrorKind, Result,
    engine::{Cancellation, EngineCapabilities, OcrContext, OcrEngine, OcrRequest, PageStream},
    model::{EngineInfo, MediaType, PageText},
};
use ocr_testkit::samples;
use tokio_util::sync::CancellationToken;

use super::{life::Life, weather::Weather};

/// Different documents of a run. Few, so that the same bytes come twice now and then.
pub(super) const DOCUMENTS: u64 = 6;
/// Maximum number of bytes of a document.
const MAX_BYTES: u64 = 1_000;

/// A document of one to three pages. The last of them all cannot be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Document(pub(super) u64);

impl Document {
    pub(super) fn bytes(self) -> Bytes {
        format!("%PDF-1.7 document {}", self.0).into()
    }

    /// The document with these bytes.
    pub(super) fn of(bytes: &[u8]) -> Option<Self> {
        let text = std::str::from_utf8(bytes).ok()?;
        text.strip_prefix("%PDF-1.7 document ")?.parse().ok().map(Self)
    }

    pub(super) fn is_readable(self) -> bool {
        self.0 + 1 < DOCUMENTS
    }

    fn pages(self) -> u32 {
        u32::try_from(self.0 % 3).unwrap_or(0) + 1
    }

    fn page(self, number: u32) -> String {
        format!("page {number} of document {}", self.0)
    }

    /// The text that its result must hold.
    pub(super) fn text(self) -> String {
        let mut text = self.page(1);
        for number in 2..=self.pages() {
            let _ = write!(text, "\u{c}{}", self.page(number));
        }
        text
    }
}

/// Reads a [`Document`]. A page takes time, may fail, and its process may die over it.
#[derive(Debug, Clone)]
pub(super) struct Reader {
    pub(super) life: Arc<Life>,
    pub(super) weather: Arc<Weather>,
}

impl Reader {
    async fn page(self, document: Document, number: u32, cancel: CancellationToken) -> Result<PageText> {
        self.life.pass("page").await;
        let pause = self.weather.dice.millis(5, 600);
        tokio::select! {
            biased;
            () = cancel.cancelled() => return Err(Error::new(ErrorKind::Cancelled, "reading was cancelled")),
            () = tokio::time::sleep(pause) => {}
        }
        if self.weather.breaks(20) {
            return Err(Error::new(ErrorKind::Unavailable, "the engine is busy"));
        }
        Ok(samples::page_of_lines(number, &[&document.page(number)]))
    }
}

#[async_trait]
impl OcrEngine for Reader {
    fn name(&self) -> &'static str {
        "reader"
    }

    fn capabilities(&self) -> EngineCapabilities {
        EngineCapabilities::new(vec![MediaType::Pdf], Cancellation::Immediate, "1")
    }

    async fn check(&self) -> Result<()> {
        Ok(())
    }

    async fn recognize(&self, request: OcrRequest, context: OcrContext) -> Result<PageStream> {
        let bytes = request.document.open().await?.body.collect(MAX_BYTES).await?;
        let document = Document::of(&bytes).filter(|document| document.is_readable());
        let document = document.ok_or_else(|| Error::new(ErrorKind::InvalidInput, "the file is broken"))?;
        let missing: Vec<u32> = (1..=document.pages())
            .filter(|number| !request.skip.contains(number))
            .collect();
        let reader = self.clone();
        let pages = stream::iter(missing)
            .then(move |number| reader.clone().page(document, number, context.cancel.clone()));
        Ok(PageStream::new(
            EngineInfo::new(self.name(), "1"),
            document.pages(),
            pages.boxed(),
        ))
    }
}
