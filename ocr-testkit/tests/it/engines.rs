//! The fake engine and a small recogniser pass the suites of engines.

use std::sync::Arc;

use ocr_core::{
    Error, ErrorKind, Result,
    model::PageText,
    page::{PageImage, PageRecognizer, RecognizeOptions, RecognizerCapabilities},
};
use ocr_testkit::{
    FakeEngine,
    documents::{Typeset, image_pdf, jpeg, png, text_pdf, tiff, webp},
    engine::{EngineFixture, SampleDocument},
    recognizer::RecognizerFixture,
};

fn samples() -> Vec<SampleDocument> {
    use ocr_core::model::MediaType::{Jpeg, Pdf, Png, Tiff, Webp};
    let page = Typeset::card().page("three pages of text");
    let pages = [page.clone(), page.clone(), page.clone()];
    [
        (Pdf, text_pdf(&["one", "two", "three"])),
        (Pdf, image_pdf(&pages)),
        (Png, png(&page)),
        (Jpeg, jpeg(&page, 80)),
        (Tiff, tiff(&pages)),
        (Webp, webp(&page)),
    ]
    .map(|(media_type, bytes)| SampleDocument::new(media_type, bytes, 3))
    .to_vec()
}

mod fake {
    use super::*;

    async fn fresh() -> EngineFixture {
        EngineFixture::new(
            Arc::new(FakeEngine::new(["first page", "", "third page"])),
            samples(),
        )
    }

    ocr_testkit::engine_conformance!(fresh);
}

mod fake_for_pdf_only {
    use super::*;
    use ocr_core::model::MediaType;

    async fn fresh() -> EngineFixture {
        let engine = FakeEngine::new(["first page", "", "third page"]).ignoring_cancel();
        EngineFixture::new(
            Arc::new(engine.with_media_types([MediaType::Pdf])),
            samples().into_iter().take(2).collect(),
        )
    }

    ocr_testkit::engine_conformance!(fresh);
}

mod fallback {
    use super::*;
    use ocr_core::{
        clock::SystemClock,
        engine::OcrEngine,
        layers::{BreakerPolicy, Fallback},
    };

    async fn fresh() -> EngineFixture {
        let pages = ["first page", "", "third page"];
        let broken =
            FakeEngine::new(pages)
                .named("broken")
                .failing_at_page(2, ErrorKind::Unavailable, "not now");
        let engines: Vec<Arc<dyn OcrEngine>> = vec![Arc::new(broken), Arc::new(FakeEngine::new(pages))];
        let clock = Arc::new(SystemClock);
        EngineFixture::new(
            Arc::new(Fallback::new("auto", engines, BreakerPolicy::default(), clock)),
            samples(),
        )
    }

    ocr_testkit::engine_conformance!(fresh);
}

mod cascade {
    use super::*;
    use ocr_core::layers::Cascade;

    async fn fresh() -> EngineFixture {
        let pages = ["first page", "", "third page"];
        let cheap = FakeEngine::new(pages).named("cheap").with_confidence(3, 0.4);
        let dear = FakeEngine::new(pages).named("dear");
        EngineFixture::new(
            Arc::new(Cascade::new("cascade", Arc::new(cheap), Arc::new(dear), 0.8)),
            samples(),
        )
    }

    ocr_testkit::engine_conformance!(fresh);
}

/// Finds ink, but does not know letters.
#[derive(Debug)]
struct InkFinder;

impl PageRecognizer for InkFinder {
    fn name(&self) -> &'static str {
        "ink"
    }

    fn capabilities(&self) -> RecognizerCapabilities {
        RecognizerCapabilities::new("1")
    }

    fn recognize_page(&self, image: &PageImage, options: &RecognizeOptions) -> Result<PageText> {
        self.capabilities().check(self.name(), &options.features)?;
        if image.width() == 0 || image.height() == 0 {
            return Err(Error::new(ErrorKind::InvalidInput, "the page has no pixels"));
        }
        let (width, height) = (image.width(), image.height());
        if image.pixels().iter().all(|pixel| *pixel > 200) {
            return Ok(PageText::empty(1, width, height));
        }
        let mut page = ocr_testkit::samples::page(1, "ink");
        (page.width, page.height, page.rotation, page.skew) = (width, height, 0, 0.0);
        Ok(page)
    }
}

mod recognizer {
    use super::*;

    fn fresh() -> RecognizerFixture {
        RecognizerFixture::new(Arc::new(InkFinder)).with_reads(false)
    }

    ocr_testkit::recognizer_conformance!(fresh);
}
