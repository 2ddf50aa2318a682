//! `DELETE /api/tasks/{task_id}`

use axum::{Json, extract::State};
use ocr_core::{service::OcrService, store::Scope};

use crate::http::{
    api::Done,
    error::ApiError,
    problem::Problem,
    request::{InScope, TaskPath, named_user},
};

/// Puts a task in the trash, from which it can be restored for 30 days.
#[utoipa::path(
    delete, path = "/api/tasks/{task_id}", tag = "tasks",
    params(("task_id" = String, Path, description = "The task"), ("userId" = Option<String>, Query, description = "The owner; needed where nobody signs in")),
    responses(
        (status = 200, body = Done),
        (status = 404, body = Problem, content_type = "application/problem+json"),
        (status = 422, body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn delete(
    State(service): State<OcrService>,
    InScope(scope): InScope,
    TaskPath(id): TaskPath,
) -> Result<Json<Done>, ApiError> {
    service.delete(Scope::owner(named_user(scope)?), id).await?;
    Ok(Done::new("Task and associated files deleted successfully"))
}
