//! The engine port over a page recogniser.

mod driver;

use std::{path::Path, sync::Arc};

use async_trait::async_trait;
use ocr_core::{
    Error, ErrorKind, Result,
    engine::{Cancellation, EngineCapabilities, OcrContext, OcrEngine, OcrRequest, PageStream, SamePages},
    model::{EngineInfo, MediaType},
    page::{PageRecognizer, RecognizerCapabilities},
};
use ocr_documents::Limits;
use tokio_util::sync::CancellationToken;

pub use self::driver::ReadOptions;
use crate::{document::DocumentOpener, sandbox::ProcessPool};

/// An engine that reads pages on this machine. Cheap to clone.
///
/// ```
/// use std::sync::Arc;
///
/// use ocr_core::{
///     Result,
///     model::PageText,
///     page::{PageImage, PageRecognizer, RecognizeOptions, RecognizerCapabilities},
/// };
/// use ocr_documents::Limits;
/// use ocr_vision::LocalEngine;
///
/// /// Finds nothing on any page.
/// #[derive(Debug)]
/// struct Blind;
///
/// impl PageRecognizer for Blind {
///     fn name(&self) -> &'static str {
///         "blind"
///     }
///     fn capabilities(&self) -> RecognizerCapabilities {
///         RecognizerCapabilities::new("1")
///     }
///     fn recognize_page(&self, image: &PageImage, options: &RecognizeOptions) -> Result<PageText> {
///         self.capabilities().check(self.name(), &options.features)?;
///         Ok(PageText::empty(1, image.width(), image.height()))
///     }
/// }
///
/// let engine = LocalEngine::in_process(Arc::new(Blind), 2, Limits::default());
/// ```
#[derive(Debug, Clone)]
pub struct LocalEngine {
    name: &'static str,
    capabilities: RecognizerCapabilities,
    opener: DocumentOpener,
}

impl LocalEngine {
    /// Decodes documents and reads their pages with `recognizer` in threads of this process, `parallel` pages at
    /// once: for documents you trust. A decoder that runs away or asks for too much memory takes the process with
    /// it.
    pub fn in_process(recognizer: Arc<dyn PageRecognizer>, parallel: usize, limits: Limits) -> Self {
        Self {
            name: recognizer.name(),
            capabilities: recognizer.capabilities(),
            opener: DocumentOpener::in_process(limits).with_recognizer(recognizer, parallel),
        }
    }

    /// The engine `name` in the processes of `pool`, which can do what it says itself: for documents of strangers.
    /// A process is started to be asked.
    ///
    /// # Errors
    /// When no process can be started.
    pub async fn in_processes(name: &'static str, pool: ProcessPool) -> Result<Self> {
        let capabilities = pool.capabilities().await?;
        Ok(Self::declared(name, capabilities, pool))
    }

    /// The same where it is known what the engine in the processes can do; none is started yet.
    /// [`OcrEngine::check`] compares.
    pub fn declared(name: &'static str, capabilities: RecognizerCapabilities, pool: ProcessPool) -> Self {
        Self {
            name,
            capabilities,
            opener: DocumentOpener::in_processes(pool),
        }
    }

    /// Reads a file of this machine, without any store.
    ///
    /// # Errors
    /// As [`OcrEngine::recognize`].
    pub async fn read_file(
        &self,
        path: &Path,
        options: ReadOptions,
        cancel: CancellationToken,
    ) -> Result<PageStream> {
        self.capabilities.check(self.name, &options.features)?;
        let document = self.opener.open_file(path).await?;
        driver::read(
            document,
            self.opener.parallel(),
            self.info(),
            options,
            SamePages::none(),
            cancel,
        )
    }

    fn info(&self) -> EngineInfo {
        EngineInfo::new(self.name, self.capabilities.version.clone())
    }
}

#[async_trait]
impl OcrEngine for LocalEngine {
    fn name(&self) -> &'static str {
        self.name
    }

    fn capabilities(&self) -> EngineCapabilities {
        EngineCapabilities::new(
            MediaType::ALL.to_vec(),
            if self.opener.is_killable() {
                Cancellation::Immediate
            } else {
                Cancellation::BetweenPages
            },
            self.capabilities.version.clone(),
        )
        .with_languages(self.capabilities.languages.clone())
        .with_features(self.capabilities.features.clone())
    }

    async fn check(&self) -> Result<()> {
        let found = self.opener.capabilities().await?;
        let missing = |feature| !found.features.contains(feature);
        match self.capabilities.features.iter().find(|feature| missing(feature)) {
            Some(feature) => {
                let message = format!("{} was said to find {feature}, and does not", self.name);
                Err(Error::new(ErrorKind::Config, message))
            }
            None => Ok(()),
        }
    }

    async fn recognize(&self, request: OcrRequest, context: OcrContext) -> Result<PageStream> {
        request.check(self.name, &self.capabilities())?;
        let document = self.opener.open(&request.document).await?;
        let options = ReadOptions {
            languages: request.languages,
            pages: request.pages,
            skip: request.skip,
            features: request.features,
            text_layer: request.text_layer,
        };
        driver::read(
            document,
            self.opener.parallel(),
            self.info(),
            options,
            context.same_pages,
            context.cancel,
        )
    }
}
