//! An engine that needs no models: it reads pages that were born digital.

use std::sync::Arc;

use ocr_core::{
    Error, ErrorKind, Result,
    model::PageText,
    page::{PageImage, PageRecognizer, RecognizeOptions, RecognizerCapabilities},
};
use ocr_documents::Limits;
use ocr_vision::LocalEngine;

/// Reads text layers. For pictures of text put `ocr_vision::ppocr::PpOcr` in the place of the
/// recognizer, or add `ocr_adapters::textract::TextractEngine` to the platform.
pub(crate) fn text_layers() -> LocalEngine {
    LocalEngine::in_process(Arc::new(TextLayersOnly), 2, Limits::default())
}

#[derive(Debug)]
struct TextLayersOnly;

impl PageRecognizer for TextLayersOnly {
    fn name(&self) -> &'static str {
        "text-layer"
    }

    fn capabilities(&self) -> RecognizerCapabilities {
        RecognizerCapabilities::new(env!("CARGO_PKG_VERSION"))
    }

    /// Asked only for pages without a text layer.
    fn recognize_page(&self, _image: &PageImage, _options: &RecognizeOptions) -> Result<PageText> {
        let message = "this page is a picture, and this example has no engine for pictures";
        Err(Error::new(ErrorKind::Unsupported, message))
    }
}
