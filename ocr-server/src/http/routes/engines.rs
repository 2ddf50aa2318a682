//! `GET /api/engines`

use axum::{Json, extract::State};
use ocr_core::service::OcrService;
use serde::Serialize;
use utoipa::ToSchema;

use crate::http::api::Envelope;

/// The engines that tasks can ask for.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct EngineList {
    /// The default first.
    #[serde(rename = "engines")]
    entries: Vec<EngineView>,
    /// Why there is none, and what to do.
    message: Option<String>,
    /// Maximum number of bytes of a file.
    max_file_bytes: u64,
}

/// An engine.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct EngineView {
    name: String,
    version: String,
    /// Whether it reads tasks that name none.
    default: bool,
    /// BCP 47 tags of the languages it reads; empty means any.
    languages: Vec<String>,
    /// What it finds beyond the text.
    features: Vec<String>,
}

/// The engines that read documents, the default first.
#[utoipa::path(
    get, path = "/api/engines", tag = "health",
    responses((status = 200, body = Envelope<EngineList>))
)]
pub(crate) async fn engines(State(service): State<OcrService>) -> Json<Envelope<EngineList>> {
    let all = service.engines();
    let entries = all.iter().enumerate().map(|(index, engine)| {
        let capabilities = engine.capabilities();
        EngineView {
            name: engine.name().into(),
            version: capabilities.version,
            default: index == 0,
            languages: capabilities.languages,
            features: capabilities.features.iter().map(ToString::to_string).collect(),
        }
    });
    Envelope::new(EngineList {
        entries: entries.collect(),
        message: service.missing_engine(),
        max_file_bytes: service.policies().max_upload_bytes,
    })
}
