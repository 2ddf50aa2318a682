//! `GET /api/formats`

use axum::{Json, extract::State};
use ocr_core::service::OcrService;
use serde::Serialize;
use utoipa::ToSchema;

use crate::http::api::Envelope;

/// The formats that results can be had in.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct FormatList {
    formats: Vec<FormatView>,
}

/// A format that a result can be had in.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct FormatView {
    /// Send it as `format` to ask for a result in it.
    name: String,
    /// Its media type.
    media_type: String,
    /// Of a file in it, without a dot.
    extension: String,
}

/// The formats that results can be had in.
#[utoipa::path(
    get, path = "/api/formats", tag = "tasks",
    responses((status = 200, body = Envelope<FormatList>))
)]
pub(crate) async fn formats(State(service): State<OcrService>) -> Json<Envelope<FormatList>> {
    let formats = service.formats().into_iter().map(|format| FormatView {
        name: format.name,
        media_type: format.media_type,
        extension: format.extension,
    });
    Envelope::new(FormatList {
        formats: formats.collect(),
    })
}
