//! `POST /api/tasks/{task_id}/copy`

use axum::{Json, extract::State, http::StatusCode};
use ocr_core::service::OcrService;

use crate::http::{
    api::{Accepted, Envelope, OptionsView},
    error::ApiError,
    problem::Problem,
    request::{InScope, JsonBody, TaskPath},
    routes::uploads::complete::accepted,
};

/// Reads the file of a task again, with other options, as a task of its own: both results stay.
#[utoipa::path(
    post, path = "/api/tasks/{task_id}/copy", tag = "tasks",
    params(("task_id" = String, Path, description = "The task"), ("userId" = Option<String>, Query, description = "The owner")),
    request_body = OptionsView,
    responses(
        (status = 202, body = Envelope<Accepted>),
        (status = 404, body = Problem, content_type = "application/problem+json"),
        (status = 408, body = Problem, content_type = "application/problem+json"),
        (status = 413, body = Problem, content_type = "application/problem+json"),
        (status = 415, body = Problem, content_type = "application/problem+json"),
        (status = 422, body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn copy(
    State(service): State<OcrService>,
    InScope(scope): InScope,
    TaskPath(id): TaskPath,
    JsonBody(options): JsonBody<OptionsView>,
) -> Result<(StatusCode, Json<Envelope<Accepted>>), ApiError> {
    let options = options.into_model(&service.platform().policies)?;
    let created = service.copy(scope, id, options).await?;
    Ok(accepted(&service, created).await)
}
