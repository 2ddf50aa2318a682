//! `/api/uploads/parts`: a file in parts, so that an upload that broke off goes on where it stopped.

use axum::{
    Json,
    body::Body,
    extract::State,
    http::{HeaderMap, StatusCode, header},
};
use futures::TryStreamExt;
use ocr_core::{
    blob::ByteStream,
    id::FileId,
    service::{OcrService, PART_BYTES, SubmitRequest},
};

use super::complete::accepted;
use crate::http::{
    api::{Accepted, BeginParts, CompleteParts, Envelope, PartsLink, StoredParts},
    error::ApiError,
    problem::Problem,
    request::{InScope, JsonBody, Segments, idempotency_key, named_user},
};

/// Begins an upload in parts: PUT each part, in any order and as often as need be, then complete it.
#[utoipa::path(
    post, path = "/api/uploads/parts", tag = "uploads",
    params(("userId" = String, Query, description = "The owner, a UUID")),
    request_body = BeginParts,
    responses(
        (status = 201, body = Envelope<PartsLink>),
        (status = 408, body = Problem, content_type = "application/problem+json"),
        (status = 413, body = Problem, content_type = "application/problem+json"),
        (status = 415, body = Problem, content_type = "application/problem+json"),
        (status = 422, body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn begin(
    State(service): State<OcrService>,
    InScope(scope): InScope,
    JsonBody(body): JsonBody<BeginParts>,
) -> Result<(StatusCode, Json<Envelope<PartsLink>>), ApiError> {
    let link = PartsLink {
        file_id: service.begin_parts(named_user(scope)?, body.size).await?.0,
        part_size: PART_BYTES,
    };
    Ok((StatusCode::CREATED, Envelope::new(link)))
}

/// Stores one part, all of `partSize` bytes but the last.
#[utoipa::path(
    put, path = "/api/uploads/parts/{file_id}/{number}", tag = "uploads",
    params(
        ("file_id" = String, Path, description = "From the beginning of the upload"),
        ("number" = u32, Path, description = "The part, from 0"),
        ("userId" = String, Query, description = "The owner, a UUID"),
    ),
    request_body(content = Vec<u8>, content_type = "application/octet-stream"),
    responses(
        (status = 204, description = "The part is durable"),
        (status = 408, body = Problem, content_type = "application/problem+json"),
        (status = 413, body = Problem, content_type = "application/problem+json"),
        (status = 422, body = Problem, content_type = "application/problem+json"),
        (status = 507, body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn put(
    State(service): State<OcrService>,
    InScope(scope): InScope,
    Segments((file_id, number)): Segments<(String, String)>,
    headers: HeaderMap,
    body: Body,
) -> Result<StatusCode, ApiError> {
    let file_id: FileId = file_id.parse()?;
    let number = number
        .parse()
        .map_err(|_| ApiError::invalid("the number of a part is a whole number, from 0"))?;
    let length = headers
        .get(header::CONTENT_LENGTH)
        .and_then(|value| value.to_str().ok()?.parse().ok());
    let body = ByteStream::new(body.into_data_stream().map_err(std::io::Error::other), length);
    service
        .put_part(named_user(scope)?, file_id, number, body)
        .await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Which parts are stored, so that a client knows where to go on.
#[utoipa::path(
    get, path = "/api/uploads/parts/{file_id}", tag = "uploads",
    params(
        ("file_id" = String, Path, description = "From the beginning of the upload"),
        ("userId" = String, Query, description = "The owner, a UUID"),
    ),
    responses(
        (status = 200, body = Envelope<StoredParts>),
        (status = 422, body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn list(
    State(service): State<OcrService>,
    InScope(scope): InScope,
    Segments(file_id): Segments<String>,
) -> Result<Json<Envelope<StoredParts>>, ApiError> {
    let file_id: FileId = file_id.parse()?;
    let parts = service.parts(named_user(scope)?, file_id).await?;
    Ok(Envelope::new(StoredParts {
        numbers: parts.into_keys().collect(),
    }))
}

/// Puts the parts together and creates the task. Completing twice gives the same task.
#[utoipa::path(
    post, path = "/api/uploads/parts/{file_id}/complete", tag = "uploads",
    params(
        ("file_id" = String, Path, description = "From the beginning of the upload"),
        ("userId" = String, Query, description = "The owner, a UUID"),
        ("Idempotency-Key" = Option<String>, Header, description = "Makes the request repeatable"),
    ),
    request_body = CompleteParts,
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
    InScope(scope): InScope,
    Segments(file_id): Segments<String>,
    headers: HeaderMap,
    JsonBody(body): JsonBody<CompleteParts>,
) -> Result<(StatusCode, Json<Envelope<Accepted>>), ApiError> {
    let file_id: FileId = file_id.parse()?;
    let request = SubmitRequest::new(body.filename)
        .with_options(body.options.into_model(&service.platform().policies)?)
        .with_idempotency_key(idempotency_key(&headers)?);
    let created = service
        .complete_parts(named_user(scope)?, file_id, body.size, request)
        .await?;
    Ok(accepted(&service, created).await)
}
