//! One document: what can be read for nothing, which way the rest goes, and what comes back.

use std::{collections::BTreeMap, sync::Arc, time::Instant};

use futures::{StreamExt, stream, stream::BoxStream};
use ocr_core::{
    Error, ErrorKind, Result,
    engine::{Checkpoint, OcrRequest},
    model::{MediaType, PageText},
};
use ocr_documents::PageFacts;

use super::{
    blocks::{self, PageSize},
    client::{Answer, Input, Wanted},
    engine::Service,
    errors::{Fault, FaultKind},
    in_flight::drained,
    job::Notes,
    routing::{Circumstances, Route, route},
};
use crate::local::{OpenPages, ScanLimits, Tolerance, forgiving};

/// Pages as they are read.
pub(super) type Pages = BoxStream<'static, Result<PageText>>;

/// A document on its way. Cheap to clone.
#[derive(Debug, Clone)]
pub(super) struct Reading(pub(super) Arc<Parts>);

#[derive(Debug)]
pub(super) struct Parts {
    pub(super) service: Arc<Service>,
    pub(super) open: OpenPages,
    pub(super) request: OcrRequest,
    pub(super) checkpoint: Checkpoint,
    pub(super) wanted: Wanted,
    /// Pages that are wanted and not stored.
    pub(super) unread: Vec<u32>,
    /// Pages that are wanted.
    total: u32,
}

/// What is known of the pages that are to be read.
pub(super) type Survey = BTreeMap<u32, Result<PageFacts>>;

impl Reading {
    pub(super) fn new(
        service: Arc<Service>,
        open: OpenPages,
        request: OcrRequest,
        checkpoint: Checkpoint,
        unread: Vec<u32>,
        total: u32,
    ) -> Self {
        let wanted = Wanted {
            features: request.features.clone(),
            queries: request.queries.clone(),
        };
        Self(Arc::new(Parts {
            service,
            open,
            request,
            checkpoint,
            wanted,
            unread,
            total,
        }))
    }

    /// Goes on with the job that an earlier attempt started, or chooses the way of the document.
    pub(super) async fn begin(self) -> Result<Pages> {
        let parts = &self.0;
        if parts.unread.is_empty() {
            return Ok(stream::empty().boxed());
        }
        let notes = Notes::load(&parts.checkpoint).await?;
        if notes.has_job_for(&self.fingerprint()) {
            let survey = self.survey(&parts.unread).await?;
            return self.by_job(notes, survey).await;
        }
        let mut survey = if self.needs_survey() {
            self.survey(&parts.unread).await?
        } else {
            Survey::new()
        };
        let free = self.text_layers(&mut survey);
        let rest: Vec<u32> = parts
            .unread
            .iter()
            .copied()
            .filter(|number| !free.iter().any(|page| page.number == *number))
            .collect();
        if rest.is_empty() {
            return Ok(stream::iter(free.into_iter().map(Ok)).boxed());
        }
        match route(
            &self.circumstances(&survey, rest.len()),
            &parts.service.config.limits,
        )? {
            Route::Pages => Ok(self.by_pages(notes, free, rest)),
            Route::Job => self.by_job(notes, survey).await,
            way @ (Route::Object | Route::ObjectElseJob) => match self.by_object(&notes, &survey).await {
                Err(fault) if fault.kind == FaultKind::TooLarge && way == Route::ObjectElseJob => {
                    self.by_job(notes, survey).await
                }
                Err(fault) => Err(fault.into_error("read")),
                Ok(page) => Ok(stream::iter([page]).boxed()),
            },
        }
    }

    /// The bucket and key under which the service can read the document itself.
    pub(super) fn object(&self) -> Option<(String, String)> {
        let document = &self.0.request.document;
        let bucket = self.0.service.config.bucket.as_ref()?;
        let store = document.store();
        (store.name() == "s3" && store.bucket() == *bucket)
            .then(|| (bucket.clone(), document.key().to_string()))
    }

    /// Whether anything depends on what is known of the pages: their text layers, or their sizes where the
    /// service reads the file itself.
    fn needs_survey(&self) -> bool {
        match self.0.request.media_type {
            MediaType::Pdf => true,
            MediaType::Tiff => self.object().is_some(),
            MediaType::Png | MediaType::Jpeg | MediaType::Webp => false,
        }
    }

    /// Looks at pages without recognising them. Fails when none of them can be read.
    async fn survey(&self, numbers: &[u32]) -> Result<Survey> {
        let parts = &self.0;
        let looks = stream::iter(numbers.to_vec()).map(|number| {
            let parts = Arc::clone(parts);
            async move { (number, parts.open.facts(number).await) }
        });
        let parallel = parts.service.pages.parallel();
        let mut survey: Survey = looks.buffer_unordered(parallel).collect().await;
        let stops = |outcome: &Result<PageFacts>| {
            let error = outcome.as_ref().err();
            error.is_some_and(|error| error.is_transient() || error.kind() == ErrorKind::Internal)
        };
        let none_is_readable = survey.values().all(Result::is_err);
        let reason = survey
            .iter()
            .find(|(_, outcome)| stops(outcome) || none_is_readable)
            .map(|(number, _)| *number);
        match reason.and_then(|number| survey.remove(&number)) {
            Some(Err(error)) => Err(error),
            _ => Ok(survey),
        }
    }

    /// Takes out the pages that carry their own text, unless more than the text is wanted.
    fn text_layers(&self, survey: &mut Survey) -> Vec<PageText> {
        if self.0.wanted.is_analysis() {
            return Vec::new();
        }
        let mut free = Vec::new();
        for (number, facts) in survey.iter_mut() {
            if let Ok(facts) = facts
                && let Some(mut page) = facts.text.take()
            {
                page.number = *number;
                free.push(page);
            }
        }
        free
    }

    fn circumstances(&self, survey: &Survey, unread: usize) -> Circumstances {
        let inches = |facts: &PageFacts| {
            let dpi = facts.dpi.filter(|dpi| *dpi > 0.0)?;
            Some(facts.width.max(facts.height) as f32 / dpi)
        };
        let longest = survey
            .values()
            .filter_map(|facts| facts.as_ref().ok().and_then(inches));
        Circumstances {
            media_type: self.0.request.media_type,
            size: self.0.request.document.size(),
            pages: self.0.open.count(),
            unread: u32::try_from(unread).unwrap_or(u32::MAX),
            reachable: self.object().is_some(),
            longest_inches: longest.max_by(f32::total_cmp),
            queries: self.0.wanted.queries.len(),
        }
    }

    /// Reads page by page, several at once, as pictures. Pages that cannot be read come empty, as long as
    /// others can.
    fn by_pages(self, notes: Notes, free: Vec<PageText>, rest: Vec<u32>) -> Pages {
        let tolerance = Tolerance::of(self.0.total, self.0.unread.len());
        let parallel = self.0.service.config.parallel_pages.max(1);
        let free = stream::iter(free.into_iter().map(|page| (page.number, Ok(page))));
        let notes = Arc::new(notes);
        let read = drained(rest, parallel, move |number| {
            let (reading, notes) = (self.clone(), Arc::clone(&notes));
            async move { reading.by_picture(&notes, number).await }
        });
        forgiving(free.chain(read), tolerance).boxed()
    }

    /// Draws a page and has it read.
    async fn by_picture(&self, notes: &Notes, number: u32) -> Result<PageText> {
        let started = Instant::now();
        let parts = &self.0;
        let limits = &parts.service.config.limits;
        let scan_limits = ScanLimits {
            max_side: limits.picture_side,
            max_bytes: limits.inline_bytes,
        };
        let scan = parts.open.scan(number, scan_limits).await?;
        let calls = &parts.service.calls;
        let operation = parts.wanted.read();
        let read = || calls.api.read(Input::Bytes(scan.jpeg.clone()), &parts.wanted);
        let answer = calls
            .work(operation, read)
            .await
            .map_err(|fault| fault.into_error("read"))?;
        self.bill(notes, &answer).await?;
        let size = PageSize {
            width: scan.width,
            height: scan.height,
            dpi: scan.dpi,
        };
        let mut page = only_page(&answer, number, size);
        if scan.reduced {
            let (width, height) = (scan.width, scan.height);
            page.warnings.push(format!(
                "this page was reduced to {width} x {height} pixels, as much as Textract takes"
            ));
        }
        page.elapsed_ms = elapsed(started);
        Ok(page)
    }

    /// Has the only page read where it is stored.
    async fn by_object(&self, notes: &Notes, survey: &Survey) -> Result<Result<PageText>, Fault> {
        let started = Instant::now();
        let parts = &self.0;
        let Some((bucket, key)) = self.object() else {
            return Ok(Err(unreachable_object()));
        };
        let calls = &parts.service.calls;
        let input = Input::Object { bucket, key };
        let read = || calls.api.read(input.clone(), &parts.wanted);
        let answer = calls.work(parts.wanted.read(), read).await?;
        if let Err(error) = self.bill(notes, &answer).await {
            return Ok(Err(error));
        }
        let mut page = only_page(&answer, 1, size_of(survey, 1));
        page.elapsed_ms = elapsed(started);
        Ok(Ok(page))
    }

    /// Notes what an answer that was given at once costs.
    async fn bill(&self, notes: &Notes, answer: &Answer) -> Result<()> {
        let usage = self.0.service.usage(&self.0.wanted, answer.pages.max(1));
        self.0.checkpoint.charge(usage, notes).await
    }
}

fn only_page(answer: &Answer, number: u32, size: PageSize) -> PageText {
    let mut pages = blocks::pages(&answer.blocks, |_| size);
    let mut page = pages
        .remove(&1)
        .unwrap_or_else(|| PageText::empty(number, size.width, size.height));
    page.number = number;
    page.engine = Some(Service::reader(answer.model.as_deref()));
    page
}

/// Size of a page; nothing when it could not be looked at.
pub(super) fn size_of(survey: &Survey, number: u32) -> PageSize {
    match survey.get(&number) {
        Some(Ok(facts)) => PageSize {
            width: facts.width,
            height: facts.height,
            dpi: facts.dpi,
        },
        _ => PageSize::default(),
    }
}

pub(super) fn elapsed(started: Instant) -> u64 {
    u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX)
}

pub(super) fn unreachable_object() -> Error {
    Error::new(
        ErrorKind::Internal,
        "the document is not where Textract can read it",
    )
    .at("textract", "read")
}
