//! `/api/shared/{share_id}`: what whoever opened a link can read, and nothing else.

use std::{num::NonZeroU32, sync::Arc};

use axum::{
    extract::State,
    http::{HeaderMap, HeaderValue, header},
    response::{IntoResponse, Response},
};
use chrono::{DateTime, Utc};
use ocr_core::{
    Error, ErrorKind,
    model::PageText,
    service::{OcrService, SharedDocument},
};
use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::super::{
    accounts::password::unrepeated_if_any,
    tasks::{
        page_image::{drawn, known_width},
        result,
    },
};
use crate::http::{
    HttpSettings,
    api::Envelope,
    caller::AskedFrom,
    error::ApiError,
    problem::Problem,
    request::{JsonBody, Params, Segments, page_range},
    share::{InShare, Shares, given, share_id},
};

/// Most pages in one answer.
const MAX_PAGES: u32 = 50;
/// What was shared is not kept by whoever looks at it, nor by what is on the way.
const UNKEPT: HeaderValue = HeaderValue::from_static("private, no-store");

/// What is needed to open a link.
#[derive(Deserialize, ToSchema)]
pub(crate) struct OpenShare {
    /// The secret of the link: what stands behind `#token=`.
    token: String,
    /// Its password, where it has one.
    #[serde(default, deserialize_with = "unrepeated_if_any")]
    password: Option<String>,
}

/// A document that somebody else may read.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct SharedView {
    /// The name of its file.
    filename: String,
    /// pending, processing, completed, failed or cancelled.
    status: String,
    /// Number of its pages, once it was read.
    page_count: Option<u32>,
    /// Names of the formats in which the result can be saved.
    formats: Vec<String>,
    /// When the link stops working.
    expires_at: DateTime<Utc>,
}

impl SharedView {
    async fn of(document: &SharedDocument) -> Result<Self, ApiError> {
        let task = document.task().await?;
        Ok(Self {
            status: task.status().to_string(),
            page_count: task.result.as_ref().map(|result| result.page_count),
            filename: task.file.filename,
            formats: document.share().formats.clone(),
            expires_at: document.share().expires_at,
        })
    }
}

/// Opens a link, which is counted and recorded. The answer gives the browser a cookie with which it reads on for 12 hours,
/// while the link works. Without the password that the link asks for, or with another one, the code is
/// `password_required`.
#[utoipa::path(
    post, path = "/api/shared/{share_id}/open", tag = "sharing",
    params(("share_id" = String, Path, description = "The link")),
    request_body = OpenShare,
    responses(
        (status = 200, body = Envelope<SharedView>),
        (status = 404, body = Problem, content_type = "application/problem+json"),
        (status = 408, body = Problem, content_type = "application/problem+json"),
        (status = 413, body = Problem, content_type = "application/problem+json"),
        (status = 415, body = Problem, content_type = "application/problem+json"),
        (status = 422, body = Problem, content_type = "application/problem+json"),
        (status = 429, body = Problem, content_type = "application/problem+json"),
        (status = 503, body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn open(
    Shares(shares): Shares,
    State(settings): State<Arc<HttpSettings>>,
    AskedFrom(origin): AskedFrom,
    Segments(id): Segments<String>,
    JsonBody(body): JsonBody<OpenShare>,
) -> Result<Response, ApiError> {
    let id = share_id(&id)?;
    let password = body.password.map(SecretString::from);
    let opened = shares
        .open(id, &body.token, password.as_ref(), &origin.address)
        .await?;
    let view = SharedView::of(&opened.document).await?;
    let mut response = unkept(Envelope::new(view));
    let cookie = given(id, &opened.secret, &settings)?;
    response.headers_mut().insert(header::SET_COOKIE, cookie);
    Ok(response)
}

/// What the link is to, for whoever opened it.
#[utoipa::path(
    get, path = "/api/shared/{share_id}", tag = "sharing",
    params(("share_id" = String, Path, description = "The link")),
    responses(
        (status = 200, body = Envelope<SharedView>),
        (status = 404, body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn document(InShare(document): InShare) -> Result<Response, ApiError> {
    let view = SharedView::of(&document).await?;
    Ok(unkept(Envelope::new(view)))
}

/// The text of the document, in reading order; pages are separated by a form feed.
#[utoipa::path(
    get, path = "/api/shared/{share_id}/text", tag = "sharing",
    params(("share_id" = String, Path, description = "The link")),
    responses(
        (status = 200, body = String, content_type = "text/plain"),
        (status = 404, body = Problem, content_type = "application/problem+json"),
        (status = 409, body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn text(InShare(document): InShare) -> Result<Response, ApiError> {
    let (format, text) = document.text().await?;
    Ok(unkept(([(header::CONTENT_TYPE, format.media_type)], text)))
}

/// Which pages.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct SharedPagesParams {
    /// First page, from 1.
    #[param(minimum = 1)]
    from: Option<u32>,
    /// Last page; at most 50 pages are sent.
    #[param(minimum = 1)]
    to: Option<u32>,
}

/// Pages of a document.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SharedPages {
    /// Pages as in the result document, ascending.
    #[schema(value_type = Vec<Object>)]
    pages: Vec<PageText>,
}

/// Pages that were read so far: blocks, lines, words, boxes and confidence.
#[utoipa::path(
    get, path = "/api/shared/{share_id}/pages", tag = "sharing",
    params(("share_id" = String, Path, description = "The link"), SharedPagesParams),
    responses(
        (status = 200, body = Envelope<SharedPages>),
        (status = 404, body = Problem, content_type = "application/problem+json"),
        (status = 422, body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn pages(
    InShare(document): InShare,
    Params(params): Params<SharedPagesParams>,
) -> Result<Response, ApiError> {
    let (from, to) = page_range(params.from, params.to, MAX_PAGES)?;
    let pages = document.pages(from, to).await?;
    Ok(unkept(Envelope::new(SharedPages { pages })))
}

/// How large.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct SharedImageParams {
    /// Pixels across: 160, 320, 640, 960, 1280, 1920 or 2560; 960 when absent.
    width: Option<u32>,
}

/// A page as a picture, upright as in the result.
#[utoipa::path(
    get, path = "/api/shared/{share_id}/pages/{number}/image", tag = "sharing",
    params(
        ("share_id" = String, Path, description = "The link"),
        ("number" = u32, Path, description = "The page, from 1"),
        SharedImageParams,
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
    InShare(document): InShare,
    State(service): State<OcrService>,
    Segments(path): Segments<(String, String)>,
    Params(params): Params<SharedImageParams>,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let missing = || Error::new(ErrorKind::NotFound, "there is no such page");
    let number: NonZeroU32 = path.1.parse().map_err(|_| missing())?;
    let width = known_width(params.width)?;
    let image = document.page_image(number.get(), width).await?;
    let mut response = drawn(&service, image, &headers).await?;
    response.headers_mut().insert(header::CACHE_CONTROL, UNKEPT);
    Ok(response)
}

/// The result in one of the formats of the link, as a file.
#[utoipa::path(
    get, path = "/api/shared/{share_id}/files/{format}", tag = "sharing",
    params(
        ("share_id" = String, Path, description = "The link"),
        ("format" = String, Path, description = "The name of the format"),
    ),
    responses(
        (status = 200, body = Vec<u8>, content_type = "application/octet-stream"),
        (status = 403, body = Problem, content_type = "application/problem+json"),
        (status = 404, body = Problem, content_type = "application/problem+json"),
        (status = 409, body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn file(
    InShare(document): InShare,
    Segments(path): Segments<(String, String)>,
) -> Result<Response, ApiError> {
    let mut response = result::file(document.rendition(&path.1).await?);
    response.headers_mut().insert(header::CACHE_CONTROL, UNKEPT);
    Ok(response)
}

/// An answer that nobody keeps.
fn unkept(answer: impl IntoResponse) -> Response {
    let mut response = answer.into_response();
    response.headers_mut().insert(header::CACHE_CONTROL, UNKEPT);
    response
}
