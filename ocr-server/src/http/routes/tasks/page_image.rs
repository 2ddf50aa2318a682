//! `GET /api/tasks/{task_id}/pages/{number}/image`

use std::num::NonZeroU32;

use axum::{
    extract::State,
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use ocr_core::{
    Error, ErrorKind,
    id::TaskId,
    service::{OcrService, PageImageRef},
};
use serde::Deserialize;
use utoipa::IntoParams;

use crate::http::{
    error::ApiError,
    problem::Problem,
    request::{InScope, Params, Segments},
};

/// Widths that are drawn: few, so that what was drawn is asked for again.
const WIDTHS: [u32; 7] = [160, 320, 640, 960, 1280, 1920, 2560];

/// How large.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct PageImageParams {
    /// Pixels across: 160, 320, 640, 960, 1280, 1920 or 2560; 960 when absent. A page with fewer
    /// pixels is not enlarged.
    width: Option<u32>,
    /// Of a document in the trash.
    #[serde(default)]
    deleted: bool,
    /// Has no effect: a client that keeps pictures by their address tells those of another turn apart.
    #[serde(rename = "turn")]
    _turn: Option<u32>,
}

/// A page as a picture, upright as in the result, so that the boxes of the result fit it.
#[utoipa::path(
    get, path = "/api/tasks/{task_id}/pages/{number}/image", tag = "tasks",
    params(
        ("task_id" = String, Path, description = "The task"),
        ("number" = u32, Path, description = "The page, from 1"),
        ("userId" = Option<String>, Query, description = "The owner"),
        PageImageParams,
    ),
    responses(
        (status = 200, body = Vec<u8>, content_type = "image/jpeg"),
        (status = 304, description = "The picture the client has is still right"),
        (status = 404, body = Problem, content_type = "application/problem+json"),
        (status = 415, body = Problem, content_type = "application/problem+json"),
        (status = 422, body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn page_image(
    State(service): State<OcrService>,
    InScope(scope): InScope,
    Segments((task, number)): Segments<(String, String)>,
    Params(params): Params<PageImageParams>,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let missing = || Error::new(ErrorKind::NotFound, "there is no such page");
    let id: TaskId = task.parse().map_err(|_| missing())?;
    let number: NonZeroU32 = number.parse().map_err(|_| missing())?;
    let width = known_width(params.width)?;
    let image = if params.deleted {
        service.trashed_page_image(scope, id, number.get(), width).await?
    } else {
        service.page_image(scope, id, number.get(), width).await?
    };
    drawn(&service, image, &headers).await
}

/// The width that is asked for, or the usual one.
///
/// # Errors
/// `InvalidInput` for one that is not drawn.
pub(in crate::http::routes) fn known_width(asked: Option<u32>) -> Result<u32, ApiError> {
    let width = asked.unwrap_or(960);
    if !WIDTHS.contains(&width) {
        let widths = WIDTHS.map(|width| width.to_string()).join(", ");
        return Err(ApiError::invalid(format!("width must be one of {widths}")));
    }
    Ok(width)
}

/// The answer that has the picture, unless the client has it already.
pub(in crate::http::routes) async fn drawn(
    service: &OcrService,
    image: PageImageRef,
    headers: &HeaderMap,
) -> Result<Response, ApiError> {
    let etag = format!("\"{}\"", image.version);
    let known = headers
        .get(header::IF_NONE_MATCH)
        .and_then(|known| known.to_str().ok());
    let mut response = if known.is_some_and(|known| known.contains(&etag)) {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        service.draw_page_image(image).await?.into_response()
    };
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("image/jpeg"));
    // Another attempt may turn the page another way, so the client asks whether it is still right.
    headers.insert(
        header::CACHE_CONTROL,
        HeaderValue::from_static("private, no-cache"),
    );
    if let Ok(etag) = HeaderValue::from_str(&etag) {
        headers.insert(header::ETAG, etag);
    }
    Ok(response)
}
