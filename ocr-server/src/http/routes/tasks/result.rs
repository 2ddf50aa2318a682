//! `GET /api/tasks/{task_id}/result`

use std::sync::Arc;

use axum::{
    body::Body,
    extract::State,
    http::{HeaderMap, HeaderValue, header},
    response::{IntoResponse, Response},
};
use ocr_core::{
    formats::RenditionOptions,
    service::{OcrService, Rendition},
};
use serde::Deserialize;
use utoipa::IntoParams;

use crate::http::{
    HttpSettings,
    api::{Envelope, ResultLink, absolute},
    clients::{USER_FILE_POLICY, attachment},
    error::ApiError,
    problem::Problem,
    request::{InScope, Params, TaskPath, base_url},
};

/// In which format.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct ResultParams {
    /// Name of a format, as `GET /api/formats` lists them.
    format: Option<String>,
}

/// Where the result document can be read for an hour; with a format, the whole result in it as a file.
#[utoipa::path(
    get, path = "/api/tasks/{task_id}/result", tag = "tasks",
    params(
        ("task_id" = String, Path, description = "The task"),
        ("userId" = Option<String>, Query, description = "The owner"),
        ResultParams,
    ),
    responses(
        (status = 200, content((Envelope<ResultLink> = "application/json"), (Vec<u8> = "application/octet-stream"))),
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
    Params(params): Params<ResultParams>,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    if let Some(format) = params.format {
        let options = RenditionOptions::new();
        return Ok(file(service.rendition(scope, id, &format, options).await?));
    }
    let link = service.result_url(scope, id).await?;
    let base = base_url(&settings, &headers);
    let answer = Envelope::new(ResultLink {
        result_url: absolute(&link, &base),
        expires_at: link.expires_at,
    });
    Ok(answer.into_response())
}

/// A rendition as a download, and never as a page of ours.
pub(in crate::http::routes) fn file(rendition: Rendition) -> Response {
    let size = rendition.blob.body.length();
    let mut response = Body::from_stream(rendition.blob.body.into_stream()).into_response();
    let headers = response.headers_mut();
    if let Ok(media_type) = HeaderValue::from_str(&rendition.format.media_type) {
        headers.insert(header::CONTENT_TYPE, media_type);
    }
    if let Some(size) = size {
        headers.insert(header::CONTENT_LENGTH, HeaderValue::from(size));
    }
    headers.insert(header::CONTENT_DISPOSITION, attachment(&rendition.filename));
    headers.insert(header::CONTENT_SECURITY_POLICY, USER_FILE_POLICY);
    // Another attempt makes another result.
    headers.insert(
        header::CACHE_CONTROL,
        HeaderValue::from_static("private, no-cache"),
    );
    response
}
