//! The engine port over the service.

use std::sync::Arc;

use async_trait::async_trait;
use futures::{StreamExt, TryStreamExt, stream};
use ocr_core::{
    Error, ErrorKind, Result,
    clock::Clock,
    engine::{Cancellation, EngineCapabilities, OcrContext, OcrEngine, OcrRequest, PageStream},
    model::{EngineInfo, Feature, MediaType},
};

use super::{
    calls::PacedApi,
    client::{JobRef, SdkTextract, TextractApi},
    config::TextractConfig,
    errors::FaultKind,
    page_run::PageRun,
    quota::{Operation, Quotas},
    service::{Service, VERSION},
    sqs::{Completions, MessageQueue},
};
use ocr_vision::{
    document::DocumentOpener,
    pages::{cancellable, wanted_pages},
};

/// Languages the service reads.
const LANGUAGES: [&str; 6] = ["en", "es", "de", "it", "fr", "pt"];
/// A job that does not exist: asking for it costs nothing and shows whether the service lets us ask.
const NO_JOB: &str = "ocr-platform-check";

/// The engine that reads with AWS Textract. Cheap to clone.
#[derive(Debug, Clone)]
pub struct TextractEngine {
    service: Arc<Service>,
}

impl TextractEngine {
    /// The service of AWS, or of the configured endpoint; `opener` decodes documents. Nothing is sent yet.
    ///
    /// # Errors
    /// `Config` when the region is not known.
    pub async fn connect(
        config: TextractConfig,
        opener: DocumentOpener,
        clock: Arc<dyn Clock>,
    ) -> Result<Self> {
        let sdk = config.load().await?;
        let region = sdk.region().map(ToString::to_string);
        let api = Arc::new(SdkTextract::new(&sdk));
        let queue = config.queue_of(&sdk);
        let config = TextractConfig { region, ..config };
        Ok(Self::new(api, queue, config, opener, clock))
    }

    /// The same over any implementation of the calls: for tests, and for services that speak otherwise.
    /// `queue` is read when the configuration waits for messages.
    #[doc(hidden)]
    pub fn new(
        api: Arc<dyn TextractApi>,
        queue: Option<Arc<dyn MessageQueue>>,
        config: TextractConfig,
        opener: DocumentOpener,
        clock: Arc<dyn Clock>,
    ) -> Self {
        let quotas = Quotas::new(&config.quotas);
        let calls = PacedApi::new(api, quotas, config.timeouts.quota_wait);
        let service = Service {
            calls,
            opener,
            region: config.region.clone().unwrap_or_default(),
            config,
            completions: queue.map(Completions::new),
            clock,
        };
        Self {
            service: Arc::new(service),
        }
    }

    fn info(&self) -> EngineInfo {
        EngineInfo::new(self.name(), VERSION)
    }
}

#[async_trait]
impl OcrEngine for TextractEngine {
    fn name(&self) -> &'static str {
        "textract"
    }

    fn capabilities(&self) -> EngineCapabilities {
        EngineCapabilities::new(MediaType::ALL.to_vec(), Cancellation::Immediate, VERSION)
            .with_languages(LANGUAGES.map(Into::into).to_vec())
            .with_features(Feature::ALL.to_vec())
            .with_prices(self.service.page_prices())
    }

    async fn check(&self) -> Result<()> {
        let job = JobRef {
            id: NO_JOB.into(),
            analysis: false,
        };
        let calls = &self.service.calls;
        let asked = calls.work(Operation::GetText, || calls.api.get(&job, None)).await;
        match asked {
            Ok(_) => Ok(()),
            Err(fault) if matches!(fault.kind, FaultKind::JobGone | FaultKind::BadRequest) => Ok(()),
            Err(fault) => Err(fault.into_error("check")),
        }
    }

    async fn recognize(&self, request: OcrRequest, context: OcrContext) -> Result<PageStream> {
        request.check(self.name(), &self.capabilities())?;
        if context.cancel.is_cancelled() {
            return Err(Error::new(ErrorKind::Cancelled, "reading was cancelled"));
        }
        let opened = self.service.opener.open(&request.document).await;
        let open = opened.map_err(|error| match error.kind() {
            // The media type was accepted before, so content that cannot be opened is invalid input,
            // not an unsupported type.
            ErrorKind::Unsupported | ErrorKind::UnsupportedMediaType => {
                Error::new(ErrorKind::InvalidInput, error.message()).with_source(error)
            }
            _ => error,
        })?;
        let wanted = wanted_pages(open.page_count(), request.pages.as_ref())?;
        let total = u32::try_from(wanted.len()).unwrap_or(u32::MAX);
        let unread = wanted
            .into_iter()
            .filter(|number| !request.skip.contains(number))
            .collect();
        let run = PageRun::new(
            Arc::clone(&self.service),
            open,
            request,
            context.checkpoint,
            unread,
            total,
        );
        let pages = stream::once(run.begin()).try_flatten();
        Ok(PageStream::new(
            self.info(),
            total,
            cancellable(pages, context.cancel).boxed(),
        ))
    }
}
