//! `GET /api/tasks/{task_id}/download`

use std::sync::Arc;

use axum::{Json, extract::State, http::HeaderMap};
use ocr_core::service::OcrService;

use crate::http::{
    HttpSettings,
    api::{DownloadLink, Envelope, absolute},
    error::ApiError,
    problem::Problem,
    request::{InScope, TaskPath, base_url},
};

/// Where the original file can be read for an hour.
#[utoipa::path(
    get, path = "/api/tasks/{task_id}/download", tag = "tasks",
    params(("task_id" = String, Path, description = "The task"), ("userId" = Option<String>, Query, description = "The owner")),
    responses(
        (status = 200, body = Envelope<DownloadLink>),
        (status = 404, body = Problem, content_type = "application/problem+json"),
        (status = 422, body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn download(
    State(service): State<OcrService>,
    State(settings): State<Arc<HttpSettings>>,
    InScope(scope): InScope,
    TaskPath(id): TaskPath,
    headers: HeaderMap,
) -> Result<Json<Envelope<DownloadLink>>, ApiError> {
    let link = service.download_url(scope, id).await?;
    let base = base_url(&settings, &headers);
    Ok(Envelope::new(DownloadLink {
        download_url: absolute(&link, &base),
        expires_at: link.expires_at,
    }))
}
