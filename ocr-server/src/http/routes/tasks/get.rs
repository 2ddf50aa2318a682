//! `GET /api/tasks/{task_id}`

use axum::{Json, extract::State};
use ocr_core::{model::Task, service::OcrService, store::Scope};

use crate::http::{
    api::{Envelope, OneTask, TaskView},
    error::ApiError,
    problem::Problem,
    request::{InScope, TaskPath},
};

/// One task.
#[utoipa::path(
    get, path = "/api/tasks/{task_id}", tag = "tasks",
    params(("task_id" = String, Path, description = "The task"), ("userId" = Option<String>, Query, description = "The owner")),
    responses(
        (status = 200, body = Envelope<OneTask>),
        (status = 404, body = Problem, content_type = "application/problem+json"),
        (status = 422, body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn get(
    State(service): State<OcrService>,
    InScope(scope): InScope,
    TaskPath(id): TaskPath,
) -> Result<Json<Envelope<OneTask>>, ApiError> {
    let task = service.get(scope, id).await?;
    Ok(Envelope::new(with_filing(&service, scope, task).await?))
}

/// A task with how its document is filed.
pub(super) async fn with_filing(service: &OcrService, scope: Scope, task: Task) -> Result<OneTask, ApiError> {
    let filed = service.filings(scope, vec![task.id]).await?.into_iter().next();
    let filing = filed.map(|filed| filed.filing).unwrap_or_default();
    let takeover_at = service.takeover_at(&task);
    Ok(OneTask {
        task: TaskView::from(task)
            .with_takeover(takeover_at)
            .with_filing(filing),
    })
}
