//! One document and the pages of it that are to be read.

use std::{collections::BTreeMap, sync::Arc, time::Instant};

use futures::{StreamExt, stream, stream::BoxStream};
use ocr_core::{
    Error, ErrorKind, Result,
    engine::{Checkpoint, OcrRequest},
    model::PageText,
};
use ocr_documents::PageFacts;
use ocr_vision::document::OpenDocument;

use super::{blocks::PageSize, client::Wanted, service::Service};

/// Pages as they are read.
pub(super) type Pages = BoxStream<'static, Result<PageText>>;

/// A document on its way. Cheap to clone.
#[derive(Debug, Clone)]
pub(super) struct PageRun(pub(super) Arc<Parts>);

#[derive(Debug)]
pub(super) struct Parts {
    pub(super) service: Arc<Service>,
    pub(super) open: OpenDocument,
    pub(super) request: OcrRequest,
    pub(super) checkpoint: Checkpoint,
    pub(super) wanted: Wanted,
    /// Pages that are wanted and not stored.
    pub(super) unread: Vec<u32>,
    /// Number of pages that are wanted.
    pub(super) total: u32,
}

/// What is known of the pages that are to be read.
pub(super) type Survey = BTreeMap<u32, Result<PageFacts>>;

impl PageRun {
    pub(super) fn new(
        service: Arc<Service>,
        open: OpenDocument,
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

    /// The bucket and key under which the service can read the document itself.
    pub(super) fn object(&self) -> Option<(String, String)> {
        let document = &self.0.request.document;
        let bucket = self.0.service.config.bucket.as_ref()?;
        let store = document.store();
        (store.name() == "s3" && store.bucket() == *bucket)
            .then(|| (bucket.clone(), document.key().to_string()))
    }

    /// Looks at pages without recognising them. Fails when none of them can be read.
    pub(super) async fn survey(&self, numbers: &[u32]) -> Result<Survey> {
        let parts = &self.0;
        let looks = stream::iter(numbers.to_vec()).map(|number| {
            let parts = Arc::clone(parts);
            async move { (number, parts.open.facts(number).await) }
        });
        let parallel = parts.service.opener.parallel();
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
