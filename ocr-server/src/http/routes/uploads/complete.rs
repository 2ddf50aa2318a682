//! `POST /api/uploads/{file_id}/complete`

use axum::{
    Json,
    extract::State,
    http::{HeaderMap, StatusCode},
};
use ocr_core::{
    id::FileId,
    service::{OcrService, SubmitRequest},
    store::Created,
};

use crate::http::{
    api::{Accepted, CompleteUpload, Envelope},
    caller::Asking,
    error::ApiError,
    problem::Problem,
    request::{JsonBody, Segments, idempotency_key},
    routes::same::same_as,
};

/// Creates the task of a file that was uploaded. Completing twice gives the same task.
#[utoipa::path(
    post, path = "/api/uploads/{file_id}/complete", tag = "uploads",
    params(
        ("file_id" = String, Path, description = "From the beginning of the upload"),
        ("Idempotency-Key" = Option<String>, Header, description = "Makes the request repeatable"),
    ),
    request_body = CompleteUpload,
    responses(
        (status = 202, body = Envelope<Accepted>),
        (status = 404, body = Problem, content_type = "application/problem+json"),
        (status = 408, body = Problem, content_type = "application/problem+json"),
        (status = 409, body = Problem, content_type = "application/problem+json"),
        (status = 413, body = Problem, content_type = "application/problem+json"),
        (status = 415, body = Problem, content_type = "application/problem+json"),
        (status = 422, body = Problem, content_type = "application/problem+json"),
        (status = 507, body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn complete(
    State(service): State<OcrService>,
    asking: Asking,
    Segments(file_id): Segments<String>,
    headers: HeaderMap,
    JsonBody(body): JsonBody<CompleteUpload>,
) -> Result<(StatusCode, Json<Envelope<Accepted>>), ApiError> {
    let owner = asking.owner(body.user_id.as_deref())?;
    let file_id: FileId = file_id.parse()?;
    let request = SubmitRequest::new(body.filename)
        .with_options(body.options.into_model(&service.platform().policies)?)
        .with_idempotency_key(idempotency_key(&headers)?);
    let created = service.complete_upload(owner, file_id, request).await?;
    Ok(accepted(&service, created).await)
}

/// The answer when a file that came in pieces has its task.
pub(crate) async fn accepted(
    service: &OcrService,
    created: Created,
) -> (StatusCode, Json<Envelope<Accepted>>) {
    let message = "File uploaded and queued for processing".to_owned();
    let task = created.into_task();
    let accepted = Accepted {
        task_id: task.id.0,
        message,
        same_as: same_as(service, &task).await,
        tasks: Vec::new(),
    };
    (StatusCode::ACCEPTED, Envelope::new(accepted))
}
