//! `POST /api/uploads`

use std::sync::Arc;

use axum::{
    Json,
    extract::State,
    http::{HeaderMap, StatusCode},
};
use ocr_core::{
    blob::PresignedRequest,
    service::{NewUpload, OcrService, UploadTicket},
};

use crate::http::{
    HttpSettings,
    api::{BeginUpload, Envelope, UploadLink, absolute},
    caller::Asking,
    error::ApiError,
    problem::Problem,
    request::{JsonBody, base_url},
};

/// Begins the upload of one file straight into the blob store. The answer holds a request: send it within
/// 15 minutes, then complete the upload.
#[utoipa::path(
    post, path = "/api/uploads", tag = "uploads",
    request_body = BeginUpload,
    responses(
        (status = 201, body = Envelope<UploadLink>),
        (status = 408, body = Problem, content_type = "application/problem+json"),
        (status = 413, body = Problem, content_type = "application/problem+json"),
        (status = 415, body = Problem, content_type = "application/problem+json"),
        (status = 422, body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn begin(
    State(service): State<OcrService>,
    State(settings): State<Arc<HttpSettings>>,
    asking: Asking,
    headers: HeaderMap,
    JsonBody(body): JsonBody<BeginUpload>,
) -> Result<(StatusCode, Json<Envelope<UploadLink>>), ApiError> {
    let owner = asking.owner(body.user_id.as_deref())?;
    let upload = NewUpload::new(
        body.filename,
        body.size,
        body.content_type
            .unwrap_or_else(|| "application/octet-stream".into()),
    )
    .with_sha256(body.sha256);
    let UploadTicket { file_id, request, .. } = service.begin_upload(owner, upload).await?;
    let upload_url = absolute(&request, &base_url(&settings, &headers));
    let PresignedRequest {
        method,
        headers,
        expires_at,
        ..
    } = request;
    let link = UploadLink {
        file_id: file_id.0,
        method,
        upload_url,
        headers,
        expires_at,
    };
    Ok((StatusCode::CREATED, Envelope::new(link)))
}
