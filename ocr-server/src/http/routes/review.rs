//! `/api/review`

use axum::{Json, extract::State};
use ocr_core::{
    pagination::{Cursor, PageRequest},
    service::{CommonCorrection, DoubtfulDocument, DoubtfulPage, OcrService, ReviewProgress},
    store::Scope,
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::search::FoundWordView;
use crate::http::{
    api::Envelope,
    error::ApiError,
    problem::Problem,
    request::{InScope, Params, named_user},
};

/// Confidence under which words are doubtful, when the request does not say.
const DEFAULT_BELOW: f32 = 0.8;
/// Documents that are looked at when the request does not say.
const DEFAULT_LIMIT: u16 = 20;
/// Most documents that are looked at: all their pages are read.
const MAX_LIMIT: u16 = 50;
/// Changes in the table when the request does not say, and most of them.
const DEFAULT_CHANGES: usize = 50;
const MAX_CHANGES: usize = 500;

/// What is to be reviewed.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct ReviewParams {
    /// Confidence under which words are doubtful, 0..=1; 0.8 when absent.
    below: Option<f32>,
    /// How many documents are looked at, 1..=50; 20 when absent.
    #[param(minimum = 1, maximum = 50)]
    limit: Option<u16>,
    /// `nextCursor` of the answer before.
    cursor: Option<String>,
}

/// How much of the table.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct CommonParams {
    /// How many changes, 1..=500; 50 when absent.
    #[param(minimum = 1, maximum = 500)]
    limit: Option<usize>,
}

/// A part of the queue of pages to be reviewed.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ReviewView {
    /// Documents with doubtful words, the newest first.
    documents: Vec<DoubtfulDocumentView>,
    /// How many documents were looked at.
    looked_at: usize,
    /// How far the review of those is.
    progress: ReviewProgressView,
    /// Send it back as `cursor` for the rest of the queue; null at its end.
    next_cursor: Option<String>,
}

/// How far a review is.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ReviewProgressView {
    /// Words that were doubtful as they were read.
    words: usize,
    /// Those of them that still are.
    words_left: usize,
    /// Pages that hold or held doubtful words.
    pages: usize,
    /// Those of them that still do.
    pages_left: usize,
}

/// A document with doubtful words.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct DoubtfulDocumentView {
    task_id: Uuid,
    filename: String,
    /// Pages with doubtful words, ascending, at most 100.
    pages: Vec<DoubtfulPageView>,
    /// Pages that were reviewed, ascending, at most 100: they held doubtful words and do not any more.
    reviewed: Vec<u32>,
    /// Whether it has more pages with doubtful words.
    more: bool,
}

/// A page with doubtful words.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct DoubtfulPageView {
    /// From 1.
    number: u32,
    /// How many of its words are doubtful.
    doubtful: usize,
    /// How many were doubtful as the page was read.
    as_read: usize,
    /// How many words it has.
    total: usize,
    /// The first doubtful words, in reading order, at most 50.
    words: Vec<FoundWordView>,
}

/// What people change most often.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CommonView {
    /// The most frequent first.
    corrections: Vec<CommonCorrectionView>,
    /// How many documents were looked at.
    documents: usize,
    /// Whether only the newest 1,000 documents were looked at.
    sampled: bool,
}

/// A change that people made.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CommonCorrectionView {
    /// The engine that read.
    engine: String,
    /// What was read.
    original: String,
    /// What was written instead; empty for what was deleted.
    text: String,
    /// How often.
    count: u32,
}

impl From<DoubtfulDocument> for DoubtfulDocumentView {
    fn from(document: DoubtfulDocument) -> Self {
        Self {
            task_id: document.task.id.0,
            filename: document.task.file.filename,
            pages: document.pages.into_iter().map(DoubtfulPageView::from).collect(),
            reviewed: document.reviewed,
            more: document.more,
        }
    }
}

impl From<DoubtfulPage> for DoubtfulPageView {
    fn from(page: DoubtfulPage) -> Self {
        Self {
            number: page.number,
            doubtful: page.doubtful,
            as_read: page.as_read,
            total: page.total,
            words: page.words.into_iter().map(FoundWordView::from).collect(),
        }
    }
}

impl From<ReviewProgress> for ReviewProgressView {
    fn from(progress: ReviewProgress) -> Self {
        Self {
            words: progress.words,
            words_left: progress.words_left,
            pages: progress.pages,
            pages_left: progress.pages_left,
        }
    }
}

impl From<CommonCorrection> for CommonCorrectionView {
    fn from(correction: CommonCorrection) -> Self {
        Self {
            engine: correction.engine,
            original: correction.original,
            text: correction.text,
            count: correction.count,
        }
    }
}

/// Pages whose words are doubtful. A word that was corrected, or confirmed by `set-text` with what it says, is not
/// doubtful any more. An answer may hold no document although more follow.
#[utoipa::path(
    get, path = "/api/review", tag = "corrections",
    params(("userId" = String, Query, description = "The owner, a UUID"), ReviewParams),
    responses(
        (status = 200, body = Envelope<ReviewView>),
        (status = 422, body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn queue(
    State(service): State<OcrService>,
    InScope(scope): InScope,
    Params(params): Params<ReviewParams>,
) -> Result<Json<Envelope<ReviewView>>, ApiError> {
    let scope = Scope::owner(named_user(scope)?);
    let limit = params.limit.unwrap_or(DEFAULT_LIMIT);
    if limit > MAX_LIMIT {
        return Err(ApiError::invalid(format!(
            "limit must be between 1 and {MAX_LIMIT}"
        )));
    }
    let request = PageRequest::first(limit)?.after(params.cursor.map(Cursor::from_client));
    let below = params.below.unwrap_or(DEFAULT_BELOW);
    let queue = service.review_queue(scope, below, request).await?;
    Ok(Envelope::new(ReviewView {
        documents: queue
            .documents
            .into_iter()
            .map(DoubtfulDocumentView::from)
            .collect(),
        looked_at: queue.looked_at,
        progress: queue.progress.into(),
        next_cursor: queue.next.map(|cursor| cursor.as_str().to_owned()),
    }))
}

/// What was corrected most often, by engine. What was undone does not count.
#[utoipa::path(
    get, path = "/api/review/common", tag = "corrections",
    params(("userId" = String, Query, description = "The owner, a UUID"), CommonParams),
    responses(
        (status = 200, body = Envelope<CommonView>),
        (status = 422, body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn common(
    State(service): State<OcrService>,
    InScope(scope): InScope,
    Params(params): Params<CommonParams>,
) -> Result<Json<Envelope<CommonView>>, ApiError> {
    let scope = Scope::owner(named_user(scope)?);
    let limit = params.limit.unwrap_or(DEFAULT_CHANGES).clamp(1, MAX_CHANGES);
    let found = service.common_corrections(scope, limit).await?;
    Ok(Envelope::new(CommonView {
        corrections: found
            .corrections
            .into_iter()
            .map(CommonCorrectionView::from)
            .collect(),
        documents: found.documents,
        sampled: found.sampled,
    }))
}
