//! `POST /api/tasks/{task_id}/restore`

use axum::{Json, extract::State};
use ocr_core::{service::OcrService, store::Scope};

use super::get::with_filing;
use crate::http::{
    api::{Envelope, OneTask},
    error::ApiError,
    problem::Problem,
    request::{InScope, TaskPath, named_user},
};

/// Takes a task out of the trash.
#[utoipa::path(
    post, path = "/api/tasks/{task_id}/restore", tag = "tasks",
    params(("task_id" = String, Path, description = "The task"), ("userId" = Option<String>, Query, description = "The owner; needed where nobody signs in")),
    responses(
        (status = 200, body = Envelope<OneTask>),
        (status = 404, body = Problem, content_type = "application/problem+json"),
        (status = 422, body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn restore(
    State(service): State<OcrService>,
    InScope(scope): InScope,
    TaskPath(id): TaskPath,
) -> Result<Json<Envelope<OneTask>>, ApiError> {
    let task = service.restore(Scope::owner(named_user(scope)?), id).await?;
    Ok(Envelope::new(with_filing(&service, scope, task).await?))
}
