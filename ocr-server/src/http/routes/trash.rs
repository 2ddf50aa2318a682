//! `/api/trash`

use axum::{Json, extract::State};
use ocr_core::{service::OcrService, store::Scope};
use serde::Serialize;
use utoipa::ToSchema;

use crate::http::{
    api::{Done, Envelope},
    error::ApiError,
    problem::Problem,
    request::{InScope, TaskPath, named_user},
};

/// What emptying the trash came to.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct EmptiedTrash {
    /// How many documents were deleted for good.
    deleted: usize,
    /// Whether some are left: ask again.
    more: bool,
}

/// Deletes a document in the trash for good: file, text and corrections. It cannot be brought back.
#[utoipa::path(
    delete, path = "/api/trash/{task_id}", tag = "tasks",
    params(("task_id" = String, Path, description = "The task"), ("userId" = String, Query, description = "The owner, a UUID")),
    responses(
        (status = 200, body = Done),
        (status = 404, body = Problem, content_type = "application/problem+json"),
        (status = 422, body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn purge(
    State(service): State<OcrService>,
    InScope(scope): InScope,
    TaskPath(id): TaskPath,
) -> Result<Json<Done>, ApiError> {
    service.purge(Scope::owner(named_user(scope)?), id).await?;
    Ok(Done::new("The document was deleted for good"))
}

/// Deletes what is in the trash of a user for good, at most 1000 documents.
#[utoipa::path(
    delete, path = "/api/trash", tag = "tasks",
    params(("userId" = String, Query, description = "The owner, a UUID")),
    responses(
        (status = 200, body = Envelope<EmptiedTrash>),
        (status = 422, body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn empty(
    State(service): State<OcrService>,
    InScope(scope): InScope,
) -> Result<Json<Envelope<EmptiedTrash>>, ApiError> {
    let owner = named_user(scope)?;
    let emptied = service.empty_trash(owner).await?;
    Ok(Envelope::new(EmptiedTrash {
        deleted: emptied.removed,
        more: emptied.more,
    }))
}
