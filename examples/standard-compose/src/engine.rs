//! An engine that needs no models: it reads pages that were born digital.

use std::sync::Arc;

use ocr_adapters::local::{Execution, LocalEngine};
use ocr_core::{
    Error, ErrorKind, Result,
    model::PageText,
    page::{PageImage, PageRecognizer, RecognizeOptions},
};
use ocr_documents::Limits;

/// Reads text layers. For pictures of text put `ocr_adapters::ppocr::PpOcr` in the place of the
/// recognizer, or add `ocr_adapters::textract::TextractEngine` to the platform.
pub(crate) fn text_layers() -> LocalEngine {
    let execution = Execution::InProcess {
        recognizer: Arc::new(TextLayersOnly),
        parallel: 2,
        limits: Limits::default(),
    };
    LocalEngine::new("text-layer", env!("CARGO_PKG_VERSION"), Vec::new(), execution)
}

#[derive(Debug)]
struct TextLayersOnly;

impl PageRecognizer for TextLayersOnly {
    fn name(&self) -> &'static str {
        "text-layer"
    }

    fn version(&self) -> String {
        env!("CARGO_PKG_VERSION").into()
    }

    /// Asked only for pages without a text layer.
    fn recognize_page(&self, _image: &PageImage, _options: &RecognizeOptions) -> Result<PageText> {
        let message = "this page is a picture, and this example has no engine for pictures";
        Err(Error::new(ErrorKind::Unsupported, message))
    }
}
