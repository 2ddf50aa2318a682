//! `GET /api/tasks/{task_id}/text`

use axum::{
    extract::State,
    http::header,
    response::{IntoResponse, Response},
};
use ocr_core::service::OcrService;

use crate::http::{
    error::ApiError,
    problem::Problem,
    request::{Caller, TaskPath},
};

/// The plain text of a completed task, in reading order; pages are separated by a form feed.
#[utoipa::path(
    get, path = "/api/tasks/{task_id}/text", tag = "tasks",
    params(("task_id" = String, Path, description = "The task"), ("userId" = Option<String>, Query, description = "The owner")),
    responses(
        (status = 200, body = String, content_type = "text/plain"),
        (status = 404, body = Problem, content_type = "application/problem+json"),
        (status = 422, body = Problem, content_type = "application/problem+json"),
        (status = 409, body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn text(
    State(service): State<OcrService>,
    caller: Caller,
    TaskPath(id): TaskPath,
) -> Result<Response, ApiError> {
    let result = service.result(caller.scope, id).await?;
    Ok(([(header::CONTENT_TYPE, "text/plain; charset=utf-8")], result.text).into_response())
}
