//! `GET /api/tasks/{task_id}/pages`

use axum::{Json, extract::State};
use ocr_core::{model::PageText, service::OcrService};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::http::{
    api::Envelope,
    error::ApiError,
    problem::Problem,
    request::{InScope, Params, TaskPath, page_range},
};

/// Most pages in one answer.
const MAX_PAGES: u32 = 50;

/// Which pages.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct PagesParams {
    /// First page, from 1.
    #[param(minimum = 1)]
    from: Option<u32>,
    /// Last page; at most 50 pages are sent.
    #[param(minimum = 1)]
    to: Option<u32>,
    /// Pages as they were read, without corrections.
    original: Option<bool>,
}

/// Pages of a task.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Pages {
    /// Pages as in the result document, ascending.
    #[schema(value_type = Vec<Object>)]
    pages: Vec<PageText>,
}

/// Pages read so far, also while the task runs: blocks, lines, words, boxes and confidence.
#[utoipa::path(
    get, path = "/api/tasks/{task_id}/pages", tag = "tasks",
    params(
        ("task_id" = String, Path, description = "The task"),
        ("userId" = Option<String>, Query, description = "The owner"),
        PagesParams,
    ),
    responses(
        (status = 200, body = Envelope<Pages>),
        (status = 404, body = Problem, content_type = "application/problem+json"),
        (status = 422, body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn pages(
    State(service): State<OcrService>,
    InScope(scope): InScope,
    TaskPath(id): TaskPath,
    Params(params): Params<PagesParams>,
) -> Result<Json<Envelope<Pages>>, ApiError> {
    let (from, to) = page_range(params.from, params.to, MAX_PAGES)?;
    let pages = if params.original == Some(true) {
        service.original_pages(scope, id, from, to).await?
    } else {
        service.pages(scope, id, from, to).await?
    };
    Ok(Envelope::new(Pages { pages }))
}
