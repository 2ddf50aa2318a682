//! A fallback: several engines in order; when one fails, the next one reads.

use std::{collections::VecDeque, sync::Arc, time::Duration};

use async_trait::async_trait;
use futures::{StreamExt, stream, stream::BoxStream};

use super::{BreakerPolicy, breaker::Breaker};
use crate::{
    Error, ErrorKind, Result,
    clock::{Clock, Timestamp},
    engine::{
        Cancellation, EngineCapabilities, OcrContext, OcrEngine, OcrRequest, PageStream, is_of_checkpoint,
    },
    model::{EngineInfo, Feature, MediaType, PageText},
};

/// Reads with the first engine that works.
///
/// An engine that fails for a reason that is not the document's (unreachable, timeout, wrong
/// configuration) is followed by the next one, which reads the missing pages. A circuit breaker for each
/// engine skips one that keeps failing. An error in the document is final. Throttling is passed on: the
/// task is tried again later, because another engine would give another result.
#[derive(Debug)]
pub struct Fallback {
    name: &'static str,
    choices: Arc<[Choice]>,
    clock: Arc<dyn Clock>,
}

#[derive(Debug)]
struct Choice {
    engine: Arc<dyn OcrEngine>,
    breaker: Breaker,
}

impl Fallback {
    /// The engine `name`, which asks `engines` in this order.
    pub fn new(
        name: &'static str,
        engines: Vec<Arc<dyn OcrEngine>>,
        policy: BreakerPolicy,
        clock: Arc<dyn Clock>,
    ) -> Self {
        let choices = engines.into_iter().map(|engine| Choice {
            engine,
            breaker: Breaker::new(policy),
        });
        Self {
            name,
            choices: choices.collect(),
            clock,
        }
    }

    fn version(&self) -> String {
        let versions: Vec<String> = self
            .choices
            .iter()
            .map(|choice| {
                format!(
                    "{} {}",
                    choice.engine.name(),
                    choice.engine.capabilities().version
                )
            })
            .collect();
        versions.join(", else ")
    }
}

#[async_trait]
impl OcrEngine for Fallback {
    fn name(&self) -> &'static str {
        self.name
    }

    /// The union of what the engines can do, with the slowest of their cancellation levels.
    fn capabilities(&self) -> EngineCapabilities {
        let all: Vec<EngineCapabilities> = self
            .choices
            .iter()
            .map(|choice| choice.engine.capabilities())
            .collect();
        let any = |able: &dyn Fn(&EngineCapabilities) -> bool| all.iter().any(able);
        let languages = if any(&|one| one.languages.is_empty()) {
            Vec::new()
        } else {
            let mut languages: Vec<String> = all.iter().flat_map(|one| one.languages.clone()).collect();
            languages.sort_unstable();
            languages.dedup();
            languages
        };
        EngineCapabilities {
            media_types: MediaType::ALL
                .into_iter()
                .filter(|media_type| any(&|one| one.media_types.contains(media_type)))
                .collect(),
            languages,
            features: Feature::ALL
                .into_iter()
                .filter(|feature| any(&|one| one.features.contains(feature)))
                .collect(),
            cancellation: all
                .iter()
                .map(|one| one.cancellation)
                .max()
                .unwrap_or(Cancellation::Immediate),
            version: self.version(),
            // Any of them may be the one that reads.
            prices: all.iter().flat_map(|one| one.prices.clone()).collect(),
        }
    }

    /// Succeeds when one of the engines can read now.
    async fn check(&self) -> Result<()> {
        let mut first = None;
        for choice in self.choices.iter() {
            match choice.engine.check().await {
                Ok(()) => return Ok(()),
                Err(error) => first = first.or(Some(error)),
            }
        }
        Err(first.unwrap_or_else(|| Error::new(ErrorKind::Config, "this engine is made of no engines")))
    }

    async fn recognize(&self, request: OcrRequest, context: OcrContext) -> Result<PageStream> {
        let able = |choice: &Choice| {
            let capabilities = choice.engine.capabilities();
            capabilities.reads(request.media_type, &request.features)
        };
        let waiting: VecDeque<usize> = (0..self.choices.len())
            .filter(|index| able(&self.choices[*index]))
            .collect();
        if waiting.is_empty() {
            let message = format!(
                "none of the engines of {} reads this document as asked",
                self.name
            );
            return Err(Error::new(ErrorKind::Unsupported, message));
        }
        let mut run = FallbackRun {
            choices: Arc::clone(&self.choices),
            clock: Arc::clone(&self.clock),
            waiting,
            request,
            context,
            current: None,
            delivered: Vec::new(),
            failure: None,
            rests_until: None,
            done: false,
        };
        let total = run.begin().await?;
        let pages = stream::unfold(
            run,
            |mut run| async move { run.next().await.map(|page| (page, run)) },
        );
        Ok(PageStream {
            engine: EngineInfo {
                name: self.name.into(),
                version: self.version(),
            },
            total,
            pages: pages.boxed(),
        })
    }
}

/// One document, on its way through the engines.
struct FallbackRun {
    choices: Arc<[Choice]>,
    clock: Arc<dyn Clock>,
    waiting: VecDeque<usize>,
    request: OcrRequest,
    context: OcrContext,
    current: Option<(usize, EngineInfo, BoxStream<'static, Result<PageText>>)>,
    delivered: Vec<u32>,
    failure: Option<Error>,
    rests_until: Option<Timestamp>,
    done: bool,
}

impl FallbackRun {
    /// Starts the next engine that is fit; the number of pages it finds.
    async fn begin(&mut self) -> Result<u32> {
        while let Some(index) = self.waiting.pop_front() {
            let choice = &self.choices[index];
            if let Err(until) = choice.breaker.permit(self.clock.now()) {
                self.rests_until = Some(self.rests_until.map_or(until, |known| known.min(until)));
                continue;
            }
            let mut request = self.request.clone();
            request.skip.extend(&self.delivered);
            let context = self.context.scoped(choice.engine.name());
            match choice.engine.recognize(request, context).await {
                Ok(stream) => {
                    self.current = Some((index, stream.engine, stream.pages));
                    return Ok(stream.total);
                }
                Err(error) => self.judge(index, error)?,
            }
        }
        Err(self.exhausted())
    }

    /// The next page from whichever engine reads it.
    async fn next(&mut self) -> Option<Result<PageText>> {
        while !self.done {
            let Some((index, engine, pages)) = &mut self.current else {
                match self.begin().await {
                    Ok(_) => continue,
                    Err(error) => return Some(self.end(error)),
                }
            };
            let (index, next) = (*index, pages.next().await);
            match next {
                Some(Ok(mut page)) => {
                    page.engine.get_or_insert_with(|| engine.clone());
                    self.choices[index].breaker.succeeded();
                    self.delivered.push(page.number);
                    return Some(Ok(page));
                }
                Some(Err(error)) => {
                    self.current = None;
                    if let Err(error) = self.judge(index, error) {
                        return Some(self.end(error));
                    }
                }
                None => {
                    self.choices[index].breaker.succeeded();
                    self.done = true;
                }
            }
        }
        None
    }

    /// Notes a failure of the engine; an error that another engine would not mend is given back.
    fn judge(&mut self, index: usize, error: Error) -> Result<()> {
        let choice = &self.choices[index];
        if is_of_checkpoint(&error) || error.kind() == ErrorKind::LeaseLost {
            return Err(error);
        }
        if blames_the_engine(&error) {
            tracing::warn!(
                ?error,
                engine = choice.engine.name(),
                "an engine failed; the next one reads on"
            );
            choice.breaker.failed(self.clock.now());
            self.failure = self.failure.take().or(Some(error));
            return Ok(());
        }
        if !matches!(error.kind(), ErrorKind::Cancelled | ErrorKind::RateLimited) {
            choice.breaker.succeeded();
        }
        Err(error)
    }

    fn end(&mut self, error: Error) -> Result<PageText> {
        self.done = true;
        Err(error)
    }

    /// No engine is left: the first failure, or `RateLimited` with the time until a breaker allows the next
    /// trial.
    fn exhausted(&mut self) -> Error {
        if let Some(failure) = self.failure.take() {
            return failure;
        }
        let now = self.clock.now();
        let wait = self
            .rests_until
            .and_then(|until| (until - now).to_std().ok())
            .unwrap_or(Duration::from_secs(1));
        // Every breaker is open, so nothing was tried: no failure is counted.
        Error::new(
            ErrorKind::RateLimited,
            "every engine has failed lately; waiting for one",
        )
        .with_retry_after(wait)
    }
}

/// Whether another engine may succeed with the same document.
fn blames_the_engine(error: &Error) -> bool {
    matches!(
        error.kind(),
        ErrorKind::Unavailable
            | ErrorKind::Timeout
            | ErrorKind::Internal
            | ErrorKind::Config
            | ErrorKind::Unauthenticated
            | ErrorKind::PermissionDenied
    )
}
