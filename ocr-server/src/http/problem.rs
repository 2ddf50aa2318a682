//! Errors as RFC 9457 problem documents, with the spec's `success: false`.

use axum::{
    Json,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde::Serialize;
use utoipa::ToSchema;

/// Media type of a problem document.
pub(crate) const PROBLEM: &str = "application/problem+json";

/// An error answer: `application/problem+json`.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct Problem {
    /// Always false.
    pub(crate) success: bool,
    /// A page about this kind of error, relative to the server.
    #[serde(rename = "type")]
    pub(crate) kind: String,
    /// The kind of error in words.
    pub(crate) title: String,
    /// The HTTP status.
    pub(crate) status: u16,
    /// Stable code for programs.
    pub(crate) code: String,
    /// What is wrong with this request and what to do.
    pub(crate) detail: String,
    /// Of a query that cannot be understood: characters before the one at which that shows.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) position: Option<usize>,
    /// Of a page that somebody else changed meanwhile: the version that it is at.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) version: Option<u32>,
}

impl Problem {
    pub(crate) fn new(status: StatusCode, code: &str, detail: impl Into<String>) -> Self {
        Self {
            success: false,
            kind: format!("/docs/errors#{code}"),
            title: status.canonical_reason().unwrap_or("Error").into(),
            status: status.as_u16(),
            code: code.into(),
            detail: detail.into(),
            position: None,
            version: None,
        }
    }

    /// The same, showing at a character of the query.
    pub(crate) fn at(self, position: Option<usize>) -> Self {
        Self { position, ..self }
    }

    /// The same, saying at which version a page is.
    pub(crate) fn at_version(self, version: Option<u32>) -> Self {
        Self { version, ..self }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut response = (status, Json(self)).into_response();
        response
            .headers_mut()
            .insert(header::CONTENT_TYPE, HeaderValue::from_static(PROBLEM));
        response
    }
}
