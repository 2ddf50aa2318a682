//! The engine: pages read inside this process.

use std::{path::Path, sync::Arc};

use anyhow::Result;
use ocr_core::{
    Error, ErrorKind,
    model::PageText,
    page::{PageImage, PageRecognizer, RecognizeOptions, RecognizerCapabilities},
};
use ocr_documents::Limits;
use ocr_vision::{
    LocalEngine,
    ppocr::{ModelVariant, PpOcr},
};

/// PP-OCR where `OCR_MODELS_DIR` names the directory of its models, else an engine that reads only
/// pages with a text layer.
pub(crate) fn load() -> Result<LocalEngine> {
    let recognizer: Arc<dyn PageRecognizer> = match std::env::var_os("OCR_MODELS_DIR") {
        Some(models) => Arc::new(PpOcr::load(Path::new(&models), ModelVariant::Small)?),
        None => Arc::new(TextLayersOnly),
    };
    Ok(LocalEngine::in_process(recognizer, 2, Limits::default()))
}

/// Stands in where there are no models: pages with a text layer never ask for it.
#[derive(Debug)]
struct TextLayersOnly;

impl PageRecognizer for TextLayersOnly {
    fn name(&self) -> &'static str {
        "text-layer"
    }

    fn capabilities(&self) -> RecognizerCapabilities {
        RecognizerCapabilities::new(env!("CARGO_PKG_VERSION"))
    }

    fn recognize_page(&self, _image: &PageImage, _options: &RecognizeOptions) -> ocr_core::Result<PageText> {
        let message = "this page is a picture: set OCR_MODELS_DIR to the models that read it";
        Err(Error::new(ErrorKind::Unsupported, message))
    }
}
