//! The engine port over the service.

use std::sync::Arc;

use async_trait::async_trait;
use futures::{StreamExt, TryStreamExt, stream};
use ocr_core::{
    Error, ErrorKind, Result,
    clock::Clock,
    engine::{Cancellation, EngineCapabilities, OcrContext, OcrEngine, OcrRequest, PageStream},
    model::{EngineInfo, Feature, MediaType, Usage},
};

use super::{
    calls::PacedApi,
    client::{JobRef, SdkTextract, TextractApi, Wanted},
    config::TextractConfig,
    errors::FaultKind,
    quota::{Operation, Quotas},
    reading::Reading,
    sqs::{Completions, MessageQueue},
};
use crate::local::{PageSource, cancellable, wanted_pages};

/// Version of the service's interface; the models behind it change without a name.
const VERSION: &str = "2018-06-27";
/// Languages the service reads.
const LANGUAGES: [&str; 6] = ["en", "es", "de", "it", "fr", "pt"];
/// A job that does not exist: asking for it costs nothing and shows whether the service lets us ask.
const NO_JOB: &str = "ocr-platform-check";

/// The engine that reads with AWS Textract. Cheap to clone.
#[derive(Debug, Clone)]
pub struct TextractEngine {
    service: Arc<Service>,
}

/// What all documents share.
#[derive(Debug)]
pub(super) struct Service {
    pub(super) calls: PacedApi,
    pub(super) pages: PageSource,
    pub(super) config: TextractConfig,
    pub(super) region: String,
    pub(super) completions: Option<Completions>,
    pub(super) clock: Arc<dyn Clock>,
}

impl TextractEngine {
    /// The service of AWS, or of the configured endpoint; `pages` decodes documents. Nothing is sent yet.
    ///
    /// # Errors
    /// `Config` when the region is not known.
    pub async fn connect(config: TextractConfig, pages: PageSource, clock: Arc<dyn Clock>) -> Result<Self> {
        let sdk = config.load().await?;
        let region = sdk.region().map(ToString::to_string);
        let api = Arc::new(SdkTextract::new(&sdk));
        let queue = config.queue_of(&sdk);
        let config = TextractConfig { region, ..config };
        Ok(Self::new(api, queue, config, pages, clock))
    }

    /// The same over any implementation of the calls: for tests, and for services that speak otherwise.
    /// `queue` is read when the configuration waits for messages.
    pub fn new(
        api: Arc<dyn TextractApi>,
        queue: Option<Arc<dyn MessageQueue>>,
        config: TextractConfig,
        pages: PageSource,
        clock: Arc<dyn Clock>,
    ) -> Self {
        let quotas = Quotas::new(&config.quotas);
        let calls = PacedApi::new(api, quotas, config.timeouts.quota_wait);
        let service = Service {
            calls,
            pages,
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
        EngineInfo {
            name: self.name().into(),
            version: VERSION.into(),
        }
    }
}

impl Service {
    /// What the service bills for `pages` pages.
    pub(super) fn usage(&self, wanted: &Wanted, pages: u32) -> Usage {
        self.config.prices.usage(
            &self.region,
            &wanted.features,
            pages,
            self.config.pages_this_month,
        )
    }

    /// Who read, in a version of the service's models.
    pub(super) fn reader(model: Option<&str>) -> EngineInfo {
        EngineInfo {
            name: "textract".into(),
            version: model.unwrap_or(VERSION).into(),
        }
    }
}

#[async_trait]
impl OcrEngine for TextractEngine {
    fn name(&self) -> &'static str {
        "textract"
    }

    fn capabilities(&self) -> EngineCapabilities {
        EngineCapabilities {
            media_types: MediaType::ALL.to_vec(),
            languages: LANGUAGES.map(Into::into).to_vec(),
            features: Feature::ALL.to_vec(),
            cancellation: Cancellation::Immediate,
            version: VERSION.into(),
        }
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
        let open = self.service.pages.open(&request.document).await?;
        let wanted = wanted_pages(open.count(), request.pages.as_ref())?;
        let total = u32::try_from(wanted.len()).unwrap_or(u32::MAX);
        let unread = wanted
            .into_iter()
            .filter(|number| !request.skip.contains(number))
            .collect();
        let reading = Reading::new(
            Arc::clone(&self.service),
            open,
            request,
            context.checkpoint,
            unread,
            total,
        );
        let pages = stream::once(reading.begin()).try_flatten();
        Ok(PageStream {
            engine: self.info(),
            total,
            pages: cancellable(pages, context.cancel).boxed(),
        })
    }
}
