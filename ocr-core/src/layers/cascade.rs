//! A cascade: a cheap engine reads every page, and pages with a low confidence are read again by an
//! expensive engine.

use std::{collections::BTreeMap, sync::Arc};

use async_trait::async_trait;
use futures::{StreamExt, stream, stream::BoxStream};

use crate::{
    Error, ErrorKind, Result,
    engine::{EngineCapabilities, OcrContext, OcrEngine, OcrRequest, PagePrice, PageStream},
    model::{EngineInfo, Feature, PageSelection, PageText, TextOrigin},
};

/// Reads every page with a cheap engine, and pages with a low confidence again with an expensive one.
///
/// Pages whose mean confidence is below the threshold, and pages that could not be read, are sent to the
/// second engine. Of the two results the one with the higher confidence is kept. Each page names the
/// engine that read it. Where the first engine lacks a feature that was asked for, the second reads
/// everything.
#[derive(Debug)]
pub struct Cascade {
    name: &'static str,
    pair: Arc<Pair>,
}

#[derive(Debug)]
struct Pair {
    first: Arc<dyn OcrEngine>,
    second: Arc<dyn OcrEngine>,
    threshold: f32,
}

impl Cascade {
    /// The engine `name`: `first` reads, and pages with a mean confidence below `threshold` (0..=1) go
    /// to `second`.
    pub fn new(
        name: &'static str,
        first: Arc<dyn OcrEngine>,
        second: Arc<dyn OcrEngine>,
        threshold: f32,
    ) -> Self {
        let pair = Pair {
            first,
            second,
            threshold,
        };
        Self {
            name,
            pair: Arc::new(pair),
        }
    }

    fn version(&self) -> String {
        let Pair {
            first,
            second,
            threshold,
        } = &*self.pair;
        format!(
            "{} {}, below {threshold} {} {}",
            first.name(),
            first.capabilities().version,
            second.name(),
            second.capabilities().version
        )
    }
}

#[async_trait]
impl OcrEngine for Cascade {
    fn name(&self) -> &'static str {
        self.name
    }

    /// Media types and languages of the first engine, features of both, and the slower of the two
    /// cancellation levels.
    fn capabilities(&self) -> EngineCapabilities {
        let first = self.pair.first.capabilities();
        let second = self.pair.second.capabilities();
        let mut features = first.features;
        features.extend(second.features);
        features.sort_unstable();
        features.dedup();
        EngineCapabilities {
            media_types: first.media_types,
            languages: first.languages,
            features,
            cancellation: first.cancellation.max(second.cancellation),
            version: self.version(),
            prices: both_read(&first.prices, &second.prices),
        }
    }

    /// Succeeds when both engines can read now.
    async fn check(&self) -> Result<()> {
        self.pair.first.check().await?;
        self.pair.second.check().await
    }

    async fn recognize(&self, request: OcrRequest, context: OcrContext) -> Result<PageStream> {
        let pair = &self.pair;
        let found = pair.first.capabilities().features;
        let featured = request.features.iter().all(|feature| found.contains(feature));
        let begun = if featured { &pair.first } else { &pair.second };
        let stream = begun
            .recognize(request.clone(), context.scoped(begun.name()))
            .await?;
        let total = stream.total;
        let run = CascadeRun {
            pair: Arc::clone(pair),
            request,
            context,
            total,
            delivered: Vec::new(),
            doubtful: BTreeMap::new(),
            step: if featured {
                Step::First(stream.engine, stream.pages)
            } else {
                Step::Second(stream.engine, stream.pages)
            },
        };
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

/// What pages cost at most: both engines read each of them.
fn both_read(first: &[PagePrice], second: &[PagePrice]) -> Vec<PagePrice> {
    let price_in = |prices: &[PagePrice], features: &[Feature]| {
        let same = |price: &&PagePrice| price.features == features;
        prices.iter().find(same).map_or(0, |price| price.cost_micros)
    };
    first
        .iter()
        .chain(second)
        .map(|price| {
            let features = &price.features;
            let sum = price_in(first, features).saturating_add(price_in(second, features));
            PagePrice::new(features.clone(), sum)
        })
        .collect()
}

/// One document on its way through both engines.
struct CascadeRun {
    pair: Arc<Pair>,
    request: OcrRequest,
    context: OcrContext,
    total: u32,
    delivered: Vec<u32>,
    /// Pages of the first engine with a low confidence; `None` for a page that it could not read.
    doubtful: BTreeMap<u32, Option<PageText>>,
    step: Step,
}

enum Step {
    First(EngineInfo, BoxStream<'static, Result<PageText>>),
    Second(EngineInfo, BoxStream<'static, Result<PageText>>),
    /// Pages that were sent to the second engine and have not come back.
    Rest,
    Done,
}

impl CascadeRun {
    async fn next(&mut self) -> Option<Result<PageText>> {
        loop {
            let outcome = match &mut self.step {
                Step::First(engine, pages) => {
                    let engine = engine.clone();
                    let next = pages.next().await;
                    self.after_first(engine, next).await
                }
                Step::Second(engine, pages) => {
                    let engine = engine.clone();
                    let next = pages.next().await;
                    self.after_second(&engine, next)
                }
                Step::Rest => match self.doubtful.pop_first() {
                    Some((_, Some(page))) => Some(Ok(page)),
                    Some((number, None)) => Some(Err(unreadable(number))),
                    None => {
                        self.step = Step::Done;
                        None
                    }
                },
                Step::Done => return None,
            };
            if let Some(outcome) = outcome {
                if outcome.is_err() {
                    self.step = Step::Done;
                }
                return Some(outcome);
            }
        }
    }

    /// Passes confident pages on at once, holds the others back, and starts the second engine when the first
    /// one is done.
    async fn after_first(
        &mut self,
        engine: EngineInfo,
        next: Option<Result<PageText>>,
    ) -> Option<Result<PageText>> {
        match next {
            Some(Ok(mut page)) => {
                page.engine.get_or_insert(engine);
                if self.is_doubtful(&page) {
                    self.doubtful.insert(page.number, Some(page));
                    return None;
                }
                self.delivered.push(page.number);
                Some(Ok(page))
            }
            Some(Err(error)) if is_about_the_page(&error) => {
                tracing::debug!(%error, "pages the first engine could not read go to the second");
                for number in self.missing() {
                    self.doubtful.insert(number, None);
                }
                self.begin_second().await.err().map(Err)
            }
            Some(Err(error)) => Some(Err(error)),
            None => self.begin_second().await.err().map(Err),
        }
    }

    async fn begin_second(&mut self) -> Result<()> {
        let Some(selection) = PageSelection::of(self.doubtful.keys().copied()) else {
            self.step = Step::Rest;
            return Ok(());
        };
        let second = &self.pair.second;
        let request = OcrRequest {
            pages: Some(selection),
            skip: Vec::new(),
            ..self.request.clone()
        };
        match second
            .recognize(request, self.context.scoped(second.name()))
            .await
        {
            Ok(stream) => {
                self.step = Step::Second(stream.engine, stream.pages);
                Ok(())
            }
            Err(error) => self.without_second(error),
        }
    }

    /// Keeps the result with the higher confidence.
    fn after_second(
        &mut self,
        engine: &EngineInfo,
        next: Option<Result<PageText>>,
    ) -> Option<Result<PageText>> {
        match next {
            Some(Ok(mut page)) => {
                page.engine.get_or_insert_with(|| engine.clone());
                let before = self.doubtful.remove(&page.number).flatten();
                Some(Ok(better(before, page)))
            }
            Some(Err(error)) => self.without_second(error).err().map(Err),
            None => {
                self.step = Step::Rest;
                None
            }
        }
    }

    /// When the second engine refuses the document, the pages of the first engine stand. Any other failure
    /// fails the attempt, so that a later attempt can still get the better result.
    fn without_second(&mut self, error: Error) -> Result<()> {
        if self.doubtful.is_empty() || !is_about_the_page(&error) {
            return Err(error);
        }
        let warning = format!("a second engine could not read this page: {error}");
        for page in self.doubtful.values_mut().flatten() {
            page.warnings.push(warning.clone());
        }
        self.step = Step::Rest;
        Ok(())
    }

    fn is_doubtful(&self, page: &PageText) -> bool {
        failed(page)
            || page
                .confidence
                .is_some_and(|confidence| confidence < self.pair.threshold)
    }

    /// Wanted pages that neither engine has delivered.
    fn missing(&self) -> Vec<u32> {
        let all = self.total as usize;
        let wanted: Vec<u32> = match &self.request.pages {
            // Chosen pages that do not exist are behind all that do.
            Some(pages) => pages.iter().take(all).collect(),
            None => (1..=self.total).collect(),
        };
        let heard = |number: &u32| {
            self.request.skip.contains(number)
                || self.delivered.contains(number)
                || self.doubtful.contains_key(number)
        };
        wanted.into_iter().filter(|number| !heard(number)).collect()
    }
}

/// A page that could not be read comes empty and with a warning.
fn failed(page: &PageText) -> bool {
    page.error.is_some() || (page.source == TextOrigin::Empty && !page.warnings.is_empty())
}

fn better(before: Option<PageText>, after: PageText) -> PageText {
    match before {
        Some(before) if !failed(&before) && before.confidence >= after.confidence => before,
        _ => after,
    }
}

fn is_about_the_page(error: &Error) -> bool {
    matches!(
        error.kind(),
        ErrorKind::InvalidInput
            | ErrorKind::Unsupported
            | ErrorKind::UnsupportedMediaType
            | ErrorKind::TooLarge
    )
}

fn unreadable(number: u32) -> Error {
    Error::new(
        ErrorKind::InvalidInput,
        format!("page {number} cannot be read by either engine"),
    )
}
