//! `GET /api/tasks/{task_id}/result`

use std::sync::Arc;

use axum::{Json, extract::State, http::HeaderMap};
use ocr_core::service::OcrService;

use crate::http::{
    HttpSettings,
    api::{Envelope, ResultLink, absolute},
    error::ApiError,
    problem::Problem,
    request::{InScope, TaskPath, base_url},
};

/// Where the result document can be read for an hour.
#[utoipa::path(
    get, path = "/api/tasks/{task_id}/result", tag = "tasks",
    params(("task_id" = String, Path, description = "The task"), ("userId" = Option<String>, Query, description = "The owner")),
    responses(
        (status = 200, body = Envelope<ResultLink>),
        (status = 404, body = Problem, content_type = "application/problem+json"),
        (status = 422, body = Problem, content_type = "application/problem+json"),
        (status = 409, body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn result(
    State(service): State<OcrService>,
    State(settings): State<Arc<HttpSettings>>,
    InScope(scope): InScope,
    TaskPath(id): TaskPath,
    headers: HeaderMap,
) -> Result<Json<Envelope<ResultLink>>, ApiError> {
    let link = service.result_url(scope, id).await?;
    let base = base_url(settings.public_url.as_deref(), &headers);
    Ok(Envelope::new(ResultLink {
        result_url: absolute(&link, &base),
        expires_at: link.expires_at,
    }))
}
