//! `GET /api/tasks/{task_id}/pages`

use axum::{Json, extract::State};
use ocr_core::{model::PageText, service::OcrService};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::http::{
    api::Envelope,
    error::ApiError,
    problem::Problem,
    request::{InScope, Params, TaskPath},
};

/// Most pages in one answer.
const MAX_PAGES: u32 = 50;

/// Which pages.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct PagesParams {
    /// First page, from 1.
    from: Option<u32>,
    /// Last page; at most 50 pages are sent.
    to: Option<u32>,
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
    let from = params.from.unwrap_or(1).max(1);
    let last = from.saturating_add(MAX_PAGES - 1);
    let to = params.to.unwrap_or(last).min(last);
    Ok(Envelope::new(Pages {
        pages: service.pages(scope, id, from, to).await?,
    }))
}
