//! An engine that reads what it was told to read.

use std::{
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use futures::{StreamExt, stream};
use ocr_core::{
    Error, ErrorKind, Result,
    engine::{Cancellation, EngineCapabilities, OcrContext, OcrEngine, OcrRequest, PagePrice, PageStream},
    model::{EngineInfo, Feature, MediaType, PageSelection, PageText, Usage},
};

use crate::{documents::magic, samples};

/// Maximum number of bytes of a document the fake looks at.
const MAX_BYTES: u64 = 64 * 1024 * 1024;

/// An engine that reads what it was told to read, whatever the document says. It does look at the
/// first bytes, and refuses a document that is not of its announced type.
///
/// Clones share the record of calls. Pauses are those of tokio, so a paused runtime skips them.
#[derive(Debug, Clone)]
pub struct FakeEngine {
    script: Script,
    record: Arc<Record>,
}

#[derive(Debug, Clone)]
struct Script {
    name: &'static str,
    version: &'static str,
    /// What tells the picture of each page from others; empty where this is not known.
    pictures: Vec<String>,
    pages: Vec<PageText>,
    features: Vec<Feature>,
    price: Option<u64>,
    media_types: Vec<MediaType>,
    page_delay: Duration,
    bad_page: Option<(u32, Fault)>,
    hangs_at: Option<u32>,
    first_attempts: Option<(u32, Fault)>,
    ignores_cancel: bool,
}

#[derive(Debug, Clone)]
struct Fault {
    kind: ErrorKind,
    message: String,
}

impl Fault {
    fn error(&self) -> Error {
        Error::new(self.kind, self.message.clone()).at("fake", "recognize")
    }
}

#[derive(Debug, Default)]
struct Record {
    calls: Mutex<Vec<FakeCall>>,
    read: Mutex<Vec<u32>>,
    attempts: AtomicU32,
}

/// What one call asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct FakeCall {
    /// Type of the document.
    pub media_type: MediaType,
    /// Languages expected.
    pub languages: Vec<String>,
    /// Pages wanted.
    pub pages: Option<PageSelection>,
    /// Pages that were stored already.
    pub skip: Vec<u32>,
    /// What was to be found beyond the text.
    pub features: Vec<Feature>,
}

impl FakeEngine {
    /// An engine that reads one page for each of `pages`, with that text, at once.
    pub fn new<T: AsRef<str>>(pages: impl IntoIterator<Item = T>) -> Self {
        let pages = (1..)
            .zip(pages)
            .map(|(number, text)| match text.as_ref() {
                "" => PageText::empty(number, 2480, 3508),
                text => samples::page(number, text).with_engine(None),
            })
            .collect();
        Self {
            script: Script {
                name: "fake",
                version: "1",
                pictures: Vec::new(),
                pages,
                features: Vec::new(),
                price: None,
                media_types: MediaType::ALL.to_vec(),
                page_delay: Duration::ZERO,
                bad_page: None,
                hangs_at: None,
                first_attempts: None,
                ignores_cancel: false,
            },
            record: Arc::default(),
        }
    }

    /// The same, reading only these types of document.
    pub fn with_media_types(mut self, media_types: impl Into<Vec<MediaType>>) -> Self {
        self.script.media_types = media_types.into();
        self
    }

    /// The same under another name.
    pub fn named(mut self, name: &'static str) -> Self {
        self.script.name = name;
        self
    }

    /// The same in another version than `1`.
    pub fn with_version(mut self, version: &'static str) -> Self {
        self.script.version = version;
        self
    }

    /// The same, telling pictures of pages apart by these names, one for each page: a page of a picture that it read
    /// before is taken over. Its pages are without warnings.
    pub fn with_pictures<T: Into<String>>(mut self, pictures: impl IntoIterator<Item = T>) -> Self {
        self.script.pictures = pictures.into_iter().map(Into::into).collect();
        for page in &mut self.script.pages {
            page.warnings.clear();
        }
        self
    }

    /// The same, claiming to find these features; it finds nothing.
    pub fn with_features(mut self, features: impl Into<Vec<Feature>>) -> Self {
        self.script.features = features.into();
        self
    }

    /// The same, with this confidence on page `number`, in its words too.
    pub fn with_confidence(mut self, number: u32, confidence: f32) -> Self {
        for page in self.script.pages.iter_mut().filter(|page| page.number == number) {
            for block in &mut page.blocks {
                let words = block.lines.iter_mut().flat_map(|line| &mut line.words);
                words.for_each(|word| word.confidence = confidence);
            }
            page.update_confidence();
        }
        self
    }

    /// The same, giving page `number` empty, with an error and a warning, as one that cannot be read.
    pub fn with_unreadable_page(mut self, number: u32) -> Self {
        for page in self.script.pages.iter_mut().filter(|page| page.number == number) {
            *page = PageText::empty(number, 0, 0).with_error(ErrorKind::InvalidInput);
            page.warnings.push("this page could not be read".into());
        }
        self
    }

    /// The same, charging so many millionths of a dollar for each page.
    pub fn charging(mut self, micros_a_page: u64) -> Self {
        self.script.price = Some(micros_a_page);
        self
    }

    /// The same, taking `delay` for each page.
    pub fn with_page_delay(mut self, delay: Duration) -> Self {
        self.script.page_delay = delay;
        self
    }

    /// The same, ending every attempt with an error instead of page `number`.
    pub fn failing_at_page(mut self, number: u32, kind: ErrorKind, message: impl Into<String>) -> Self {
        let message = message.into();
        self.script.bad_page = Some((number, Fault { kind, message }));
        self
    }

    /// The same, never finishing page `number` unless cancelled.
    pub fn hanging_at_page(mut self, number: u32) -> Self {
        self.script.hangs_at = Some(number);
        self
    }

    /// The same, failing the first `attempts` calls before any page.
    pub fn failing_attempts(mut self, attempts: u32, kind: ErrorKind, message: impl Into<String>) -> Self {
        let message = message.into();
        self.script.first_attempts = Some((attempts, Fault { kind, message }));
        self
    }

    /// The same, going on when cancelled.
    pub fn ignoring_cancel(mut self) -> Self {
        self.script.ignores_cancel = true;
        self
    }

    /// What every call asked for, in order.
    pub fn calls(&self) -> Vec<FakeCall> {
        self.record
            .calls
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// Numbers of all pages that were read, in order, one entry for each time.
    pub fn pages_read(&self) -> Vec<u32> {
        self.record
            .read
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    fn info(&self) -> EngineInfo {
        EngineInfo::new(self.script.name, self.script.version)
    }

    fn note(&self, request: &OcrRequest) {
        let call = FakeCall {
            media_type: request.media_type,
            languages: request.languages.clone(),
            pages: request.pages.clone(),
            skip: request.skip.clone(),
            features: request.features.clone(),
        };
        self.record
            .calls
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(call);
    }

    /// A page costs the same whatever is to be found in it.
    fn prices(&self) -> Vec<PagePrice> {
        let of = |price| {
            let features = [Vec::new(), self.script.features.clone()];
            features.map(|features| PagePrice::new(features, price))
        };
        self.script.price.into_iter().flat_map(of).collect()
    }

    fn refusal(&self, request: &OcrRequest) -> Option<Error> {
        let attempt = self.record.attempts.fetch_add(1, Ordering::Relaxed);
        if let Err(error) = request.check(self.script.name, &self.capabilities()) {
            return Some(error.at("fake", "recognize"));
        }
        let (attempts, fault) = self.script.first_attempts.as_ref()?;
        (attempt < *attempts).then(|| fault.error())
    }

    /// Page `page`, after its pause.
    async fn read(self, page: PageText, context: OcrContext, options: String) -> Result<PageText> {
        let script = &self.script;
        let picture = script.pictures.get(page.number.saturating_sub(1) as usize);
        let same_pages = &context.same_pages;
        let digest = picture.and_then(|picture| same_pages.digest(&self.info(), &options, picture));
        if let Some(digest) = &digest
            && let Some(same) = same_pages.find(digest).await
        {
            return Ok(same.with_number(page.number).with_elapsed_ms(1_u64));
        }
        let work = async {
            if script.hangs_at == Some(page.number) {
                std::future::pending::<()>().await;
            }
            if !script.page_delay.is_zero() {
                tokio::time::sleep(script.page_delay).await;
            }
        };
        if script.ignores_cancel {
            work.await;
        } else {
            tokio::select! {
                biased;
                () = context.cancel.cancelled() => {
                    return Err(Error::new(ErrorKind::Cancelled, "reading was cancelled").at("fake", "recognize"));
                }
                () = work => {}
            }
        }
        if let Some((number, fault)) = &script.bad_page
            && *number == page.number
        {
            return Err(fault.error());
        }
        if let Some(cost_micros) = script.price {
            let usage = Usage::new(1, cost_micros);
            context.checkpoint.charge(usage, &page.number).await?;
        }
        self.record
            .read
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(page.number);
        Ok(match digest {
            Some(digest) => context.same_pages.remember(page, digest),
            None => page,
        })
    }
}

#[async_trait]
impl OcrEngine for FakeEngine {
    fn name(&self) -> &'static str {
        self.script.name
    }

    fn capabilities(&self) -> EngineCapabilities {
        EngineCapabilities::new(
            self.script.media_types.clone(),
            if self.script.ignores_cancel {
                Cancellation::Detach
            } else {
                Cancellation::Immediate
            },
            self.script.version,
        )
        .with_features(self.script.features.clone())
        .with_prices(self.prices())
    }

    async fn check(&self) -> Result<()> {
        Ok(())
    }

    async fn recognize(&self, request: OcrRequest, context: OcrContext) -> Result<PageStream> {
        self.note(&request);
        if let Some(error) = self.refusal(&request) {
            return Err(error);
        }
        let bytes = request.document.open().await?.body.collect(MAX_BYTES).await?;
        if magic(&bytes) != Some(request.media_type) {
            let message = format!("the file is not a readable {} document", request.media_type);
            return Err(Error::new(ErrorKind::InvalidInput, message).at("fake", "recognize"));
        }
        let chosen = |page: &&PageText| request.pages.as_ref().is_none_or(|p| p.contains(page.number));
        let wanted: Vec<PageText> = self.script.pages.iter().filter(chosen).cloned().collect();
        let total = u32::try_from(wanted.len()).unwrap_or(u32::MAX);
        let skip = request.skip;
        let missing = wanted
            .into_iter()
            .filter(move |page| !skip.contains(&page.number));
        let engine = self.clone();
        let options = format!("{:?} {:?}", request.languages, request.features);
        let pages = stream::iter(missing)
            .then(move |page| engine.clone().read(page, context.clone(), options.clone()))
            .scan(false, |failed, page| {
                // The stream ends after an error.
                let next = (!*failed).then_some(page);
                *failed = *failed || next.as_ref().is_some_and(Result::is_err);
                std::future::ready(next)
            });
        Ok(PageStream::new(self.info(), total, pages.boxed()))
    }
}
