//! Responses while a database cannot be reached yet.

use axum::{
    Json, Router,
    http::{HeaderValue, StatusCode, header},
    middleware::map_response,
    response::{IntoResponse, Response},
    routing::get,
};
use chrono::{DateTime, Utc};
use serde_json::json;

use super::{problem::Problem, routes::status::live};

/// Seconds after which a client should ask again.
const RETRY_AFTER: u64 = 2;

/// The API of a server that waits for `reason` to pass, since `now`.
pub fn starting_router(reason: &str, now: DateTime<Utc>) -> Router {
    let health = json!({
        "success": false,
        "service": "OCR Platform Backend API",
        "version": env!("CARGO_PKG_VERSION"),
        "timestamp": now,
        "components": {"start": {"healthy": false, "adapter": "none", "message": reason}},
    });
    routes(reason, health)
}

/// The health server of a server that waits for `reason` to pass, since `now`.
pub fn starting_health_router(reason: &str, now: DateTime<Utc>) -> Router {
    let unwell = |named: &str| {
        let named = reason.to_lowercase().contains(named);
        if named { "disconnected" } else { "unknown" }
    };
    let health = json!({
        "status": "unhealthy",
        "database": unwell("postgres"),
        "redis": unwell("redis"),
        "message": reason,
        "timestamp": now,
    });
    routes(reason, health)
}

fn routes(reason: &str, health: serde_json::Value) -> Router {
    let not_ready = reason.to_owned();
    let detail = format!("the server is starting: {reason}");
    let problem = Problem::new(StatusCode::SERVICE_UNAVAILABLE, "unavailable", detail);
    Router::new()
        .route("/livez", get(live))
        .route(
            "/readyz",
            get(async || (StatusCode::SERVICE_UNAVAILABLE, not_ready)),
        )
        .route(
            "/health",
            get(async || (StatusCode::SERVICE_UNAVAILABLE, Json(health))),
        )
        .fallback(async || problem.into_response())
        .layer(map_response(last_answer))
}

/// Closes the connection, so that the next request reaches the current router.
async fn last_answer(mut response: Response) -> Response {
    let headers = response.headers_mut();
    headers.insert(header::CONNECTION, HeaderValue::from_static("close"));
    headers.insert(header::RETRY_AFTER, HeaderValue::from(RETRY_AFTER));
    response
}
