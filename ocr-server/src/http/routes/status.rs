//! `GET /health` of the API, and the probes.

use std::{collections::BTreeMap, future::Future, time::Duration};

use axum::{
    Json,
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use chrono::{DateTime, Utc};
use ocr_core::platform::Platform;
use serde::Serialize;
use utoipa::ToSchema;

use crate::http::state::AppState;

/// Longest time a part may take to say that it is well.
const CHECK_TIMEOUT: Duration = Duration::from_secs(3);

/// How the server is.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Health {
    /// Whether every part that requests need is well. A missing engine only makes documents wait.
    success: bool,
    service: String,
    version: String,
    timestamp: DateTime<Utc>,
    components: BTreeMap<&'static str, Component>,
}

/// How one part is.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct Component {
    pub(crate) healthy: bool,
    /// The adapter that plays the part.
    pub(crate) adapter: String,
    /// What is missing, and how to get it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) message: Option<String>,
}

/// How the server and its parts are.
#[utoipa::path(
    get, path = "/health", tag = "health",
    responses((status = 200, body = Health), (status = 503, body = Health))
)]
pub(crate) async fn health(State(state): State<AppState>) -> Response {
    let platform = state.service.platform();
    let components = components(platform).await;
    let success = components
        .iter()
        .all(|(name, component)| *name == "engine" || component.healthy);
    let health = Health {
        success,
        service: "OCR Platform Backend API".into(),
        version: env!("CARGO_PKG_VERSION").into(),
        timestamp: platform.clock.now(),
        components,
    };
    let status = if success {
        StatusCode::OK
    } else {
        StatusCode::SERVICE_UNAVAILABLE
    };
    (status, Json(health)).into_response()
}

/// Whether the process runs; asks nobody.
#[utoipa::path(get, path = "/livez", tag = "health", responses((status = 200)))]
pub(crate) async fn live() -> &'static str {
    "ok"
}

/// Whether requests should be sent here: not while a part is down or the server stops.
#[utoipa::path(get, path = "/readyz", tag = "health", responses((status = 200), (status = 503)))]
pub(crate) async fn ready(State(state): State<AppState>) -> (StatusCode, &'static str) {
    if state.shutdown.is_cancelled() {
        return (StatusCode::SERVICE_UNAVAILABLE, "shutting down");
    }
    let components = components(state.service.platform()).await;
    if components
        .iter()
        .all(|(name, component)| *name == "engine" || component.healthy)
    {
        (StatusCode::OK, "ok")
    } else {
        (
            StatusCode::SERVICE_UNAVAILABLE,
            "a component is not healthy; see /health",
        )
    }
}

/// Every part. `redis` is the name the contract gives to queue and notifications together.
pub(crate) async fn components(platform: &Platform) -> BTreeMap<&'static str, Component> {
    let (database, queue, notifier, storage) = tokio::join!(
        component(platform.store.name(), platform.store.check()),
        component(platform.queue.name(), platform.queue.check()),
        component(platform.notifier.name(), platform.notifier.check()),
        component(platform.blobs.name(), platform.blobs.check()),
    );
    let redis = Component {
        healthy: queue.healthy && notifier.healthy,
        adapter: format!("{} + {}", queue.adapter, notifier.adapter),
        message: queue.message.or(notifier.message),
    };
    let engine = match platform.engines.choose(None) {
        Ok(engine) => Component {
            healthy: true,
            adapter: engine.name().into(),
            message: None,
        },
        Err(error) => Component {
            healthy: false,
            adapter: "none".into(),
            message: Some(error.message().into()),
        },
    };
    BTreeMap::from([
        ("database", database),
        ("redis", redis),
        ("storage", storage),
        ("engine", engine),
    ])
}

async fn component(adapter: &str, check: impl Future<Output = ocr_core::Result<()>>) -> Component {
    let message = match tokio::time::timeout(CHECK_TIMEOUT, check).await {
        Ok(Ok(())) => None,
        Ok(Err(error)) => Some(error.message().to_owned()),
        Err(_) => Some("no answer in time".into()),
    };
    Component {
        healthy: message.is_none(),
        adapter: adapter.into(),
        message,
    }
}
