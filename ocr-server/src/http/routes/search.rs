//! `GET /api/search`

use axum::{Json, extract::State};
use ocr_core::{
    id::TaskId,
    model::Polygon,
    pagination::OffsetCursor,
    search::{SearchQuery, Snippet},
    service::{FoundWord, OcrService, SearchHit, SearchRequest},
    store::Scope,
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::http::{
    api::Envelope,
    error::ApiError,
    problem::Problem,
    request::{InScope, Params, named_user},
};

/// Hits in one answer when the request does not say.
const DEFAULT_LIMIT: usize = 20;

/// What is searched for.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase")]
#[into_params(parameter_in = Query, rename_all = "camelCase")]
pub(crate) struct SearchParams {
    /// Words, "phrases", -unwanted, OR, beginnings*, near, and filters such as name: and date:.
    q: String,
    /// Only the document of this task.
    task_id: Option<String>,
    /// How many hits, 1..=100; 20 when absent.
    limit: Option<usize>,
    /// `nextCursor` of the answer before.
    cursor: Option<String>,
}

/// Pages that answer a query, best first.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct SearchAnswer {
    hits: Vec<HitView>,
    /// Send it back as `cursor` for the next hits; null at the end.
    next_cursor: Option<String>,
}

/// A page that answers a query.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct HitView {
    task_id: Uuid,
    /// The name the user gave the file.
    filename: String,
    /// Number of the page, from 1.
    page: u32,
    /// How literally the page answers: exact, confusable (characters that recognition takes for each other) or typing
    /// (an error of typing). Hits come in this order.
    exactness: &'static str,
    /// How well, among hits that answer as literally; comparable within one answer only. 0 for one that was not ranked,
    /// because more than 1000 newer ones answer too.
    score: f32,
    snippet: SnippetView,
    /// The words that were found, in reading order.
    words: Vec<FoundWordView>,
}

/// A piece of the page around what was found.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SnippetView {
    text: String,
    /// First character of each found part, and the one behind it: Unicode scalar values, from 0.
    ranges: Vec<[usize; 2]>,
}

/// A word that was found.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct FoundWordView {
    /// Its place among the words of the page, from 0 in reading order.
    index: u32,
    text: String,
    /// Its outline as in the result document: four points, in shares of the page.
    #[schema(value_type = Vec<Vec<f32>>)]
    polygon: Polygon,
    /// 0..=1.
    confidence: f32,
}

impl From<SearchHit> for HitView {
    fn from(hit: SearchHit) -> Self {
        Self {
            task_id: hit.task.id.0,
            filename: hit.task.file.filename,
            page: hit.page,
            exactness: hit.exactness.as_str(),
            score: hit.score,
            snippet: hit.snippet.into(),
            words: hit.words.into_iter().map(FoundWordView::from).collect(),
        }
    }
}

impl From<Snippet> for SnippetView {
    fn from(snippet: Snippet) -> Self {
        let pair = |range: std::ops::Range<usize>| [range.start, range.end];
        Self {
            text: snippet.text,
            ranges: snippet.ranges.into_iter().map(pair).collect(),
        }
    }
}

impl From<FoundWord> for FoundWordView {
    fn from(word: FoundWord) -> Self {
        Self {
            index: word.index,
            text: word.text,
            polygon: word.polygon,
            confidence: word.confidence,
        }
    }
}

/// Pages of everything that was read, in which words stand. An answer may hold fewer hits than `limit` although there
/// are more: what was deleted a moment ago is left out.
#[utoipa::path(
    get, path = "/api/search", tag = "tasks",
    params(("userId" = String, Query, description = "The owner, a UUID"), SearchParams),
    responses(
        (status = 200, body = Envelope<SearchAnswer>),
        (status = 422, body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn search(
    State(service): State<OcrService>,
    InScope(scope): InScope,
    Params(params): Params<SearchParams>,
) -> Result<Json<Envelope<SearchAnswer>>, ApiError> {
    let scope = Scope::owner(named_user(scope)?);
    let query = SearchQuery::parse(&params.q)?;
    let task: Option<TaskId> = params.task_id.as_deref().map(str::parse).transpose()?;
    let request = SearchRequest::first(params.limit.unwrap_or(DEFAULT_LIMIT))
        .with_task(task)
        .with_cursor(params.cursor.map(OffsetCursor::from_client));
    let found = service.search(scope, &query, request).await?;
    Ok(Envelope::new(SearchAnswer {
        hits: found.hits.into_iter().map(HitView::from).collect(),
        next_cursor: found.next.map(|cursor| cursor.as_str().to_owned()),
    }))
}
