//! What a request does with documents, for the audit log.
//!
//! What a request changes is recorded with the change. What it looks at is recorded here, by its route, once it was
//! answered and before the answer is sent.

use axum::{
    extract::{MatchedPath, Request, State},
    http::{Method, StatusCode},
    middleware::Next,
    response::Response,
};
use ocr_core::account_store::{AuditAction, AuditLevel};

use super::{caller::AskedFrom, state::AppState};

/// What of a document is shown or given away, and how that is recorded.
const VIEWS: [(&str, AuditAction); 7] = [
    ("/api/tasks/{task_id}/text", AuditAction::DocumentViewed),
    ("/api/tasks/{task_id}/pages", AuditAction::DocumentViewed),
    (
        "/api/tasks/{task_id}/pages/{number}/image",
        AuditAction::DocumentViewed,
    ),
    (
        "/api/tasks/{task_id}/pages/{number}/corrections",
        AuditAction::DocumentViewed,
    ),
    ("/api/tasks/{task_id}/result", AuditAction::DocumentDownloaded),
    ("/api/tasks/{task_id}/download", AuditAction::LinkMade),
    ("/api/tasks/export.csv", AuditAction::DocumentExported),
];

/// Characters of an id that are recorded: those of a UUID.
const ID: usize = 36;

/// Runs a request within the [origin](ocr_core::account_store::AuditOrigin) of whoever sent it, and records what it looked
/// at and what it was refused.
pub(crate) async fn recorded(State(state): State<AppState>, request: Request, next: Next) -> Response {
    if state.service.audit_level() == AuditLevel::Off {
        return next.run(request).await;
    }
    let AskedFrom(origin) = AskedFrom::by_extensions(request.extensions());
    let asked = Asked::of(&request);
    let answered = async move {
        let response = next.run(request).await;
        if let Some(asked) = asked {
            asked.record(&state, response.status()).await;
        }
        response
    };
    origin.within(answered).await
}

/// What a request asks for.
#[derive(Debug, PartialEq, Eq)]
struct Asked {
    /// How an answer is recorded; `None` for what is not.
    view: Option<AuditAction>,
    /// The document, or whatever else the path names by an id.
    object: Option<String>,
}

impl Asked {
    fn of(request: &Request) -> Option<Self> {
        let route = request.extensions().get::<MatchedPath>()?;
        Some(Self::at(request.method(), route.as_str(), request.uri().path()))
    }

    fn at(method: &Method, route: &str, path: &str) -> Self {
        let reads = matches!(*method, Method::GET | Method::HEAD);
        let view = VIEWS.iter().find(|(viewed, _)| reads && *viewed == route);
        let mut segments = route.split('/').zip(path.split('/'));
        let named = segments.find(|(name, _)| name.starts_with('{'));
        Self {
            view: view.map(|(_, action)| *action),
            object: named.map(|(_, id)| id.chars().take(ID).collect()),
        }
    }

    async fn record(self, state: &AppState, status: StatusCode) {
        let refused = matches!(status, StatusCode::NOT_FOUND | StatusCode::FORBIDDEN);
        match (self.view, self.object) {
            (_, Some(object)) if refused => state.service.record_refusal(object).await,
            (Some(view), object) if status.is_success() => {
                state.service.record_view(view, object.unwrap_or_default()).await;
            }
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;
    use crate::http::openapi;

    /// What is read of a document and tells nothing of its content, or is not the document.
    const UNRECORDED: [&str; 3] = [
        "/api/tasks/{task_id}",
        "/api/tasks/{task_id}/audit",
        "/api/tasks/{task_id}/explain",
    ];

    /// Generated from the description of the API, so that a further view does not go unseen.
    #[test]
    fn whatever_shows_a_document_is_recorded() {
        let description: Value = serde_json::from_str(&openapi().unwrap()).unwrap();
        for (path, operations) in description["paths"].as_object().unwrap() {
            if operations["get"].is_null() || !path.starts_with("/api/tasks/{task_id}") {
                continue;
            }
            let recorded = Asked::at(&Method::GET, path, path).view.is_some();
            let known = UNRECORDED.contains(&path.as_str());
            assert!(recorded != known, "{path} is to be recorded, or not to be");
        }
    }

    #[test]
    fn the_object_is_what_the_path_names_first() {
        let image = "/api/tasks/{task_id}/pages/{number}/image";
        let asked = Asked::at(&Method::GET, image, "/api/tasks/abc/pages/7/image");
        assert_eq!(asked.view, Some(AuditAction::DocumentViewed));
        assert_eq!(asked.object.as_deref(), Some("abc"));
        let long = format!("/api/tasks/{}/retry", "x".repeat(500));
        let asked = Asked::at(&Method::POST, "/api/tasks/{task_id}/retry", &long);
        assert_eq!((asked.view, asked.object.unwrap().len()), (None, ID));
        let list = Asked::at(&Method::GET, "/api/tasks", "/api/tasks");
        assert_eq!((list.view, list.object), (None, None));
    }
}
