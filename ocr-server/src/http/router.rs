//! All routes on one screen.

use std::time::Duration;

use axum::{
    Router,
    extract::{DefaultBodyLimit, Request},
    http::{HeaderName, StatusCode, header},
    middleware,
    response::{IntoResponse, Response},
    routing::get,
};
use ocr_core::{id::RandomIds, trace::TraceContext};
use tower::ServiceBuilder;
use tower_http::{
    catch_panic::CatchPanicLayer,
    compression::CompressionLayer,
    request_id::{MakeRequestUuid, PropagateRequestIdLayer, SetRequestIdLayer},
    timeout::RequestBodyTimeoutLayer,
    trace::TraceLayer,
};
use utoipa::{OpenApi, openapi};
use utoipa_axum::{router::OpenApiRouter, routes};
use utoipa_swagger_ui::SwaggerUi;

use super::{
    audit,
    body::{self, MAX_JSON},
    caller,
    clients::{DOCS_POLICY, SAFETY},
    guard,
    problem::{PROBLEM, Problem},
    query::{self, QueryRules},
    rate_limit,
    routes::{
        accounts, activity, blobs, changes, dead_letters, engines, error_catalogue, filings, formats, live,
        oidc, page, review, saved_searches, search, shares, status, tasks, trash, uploads, usage,
    },
    state::AppState,
    tls,
};

#[derive(OpenApi)]
#[openapi(
    info(
        title = "OCR platform",
        description = "Send documents, get their text, word boxes and confidence. Live updates come over a \
                       WebSocket at `/?userId=UUID` (`connected`, `task_update`, `db_change`, `ping`/`pong`). With \
                       OCR_AUTH=local or oidc every operation but those to sign in needs the cookie of a session, or \
                       `Authorization: Bearer KEY`, and answers 401 without; userId may then be left out."
    ),
    tags(
        (name = "tasks", description = "Documents and what was read in them"),
        (name = "corrections", description = "What people change about what was read"),
        (name = "filing", description = "Labels, collections and notes of documents; saved searches"),
        (name = "sharing", description = "Links with which others can read a document; only with OCR_AUTH=local"),
        (name = "uploads", description = "Uploads straight into the blob store"),
        (name = "live", description = "What changed"),
        (name = "usage", description = "What was used, what is left, and what reading costs"),
        (name = "accounts", description = "Signing in, and one's own account; only with OCR_AUTH=local"),
        (name = "admin", description = "The accounts of others; only with OCR_AUTH=local"),
        (name = "health", description = "How the server is"),
    )
)]
struct ApiDescription;

fn api() -> OpenApiRouter<AppState> {
    OpenApiRouter::with_openapi(ApiDescription::openapi())
        .routes(routes!(tasks::upload::upload))
        .layer(DefaultBodyLimit::disable())
        .routes(routes!(tasks::list::list))
        .routes(routes!(tasks::export::export))
        .routes(routes!(tasks::export_list::export_list))
        .routes(routes!(tasks::get::get))
        .routes(routes!(tasks::delete::delete))
        .routes(routes!(tasks::download::download))
        .routes(routes!(tasks::result::result))
        .routes(routes!(tasks::text::text))
        .routes(routes!(tasks::pages::pages))
        .routes(routes!(tasks::page_image::page_image))
        .routes(routes!(tasks::corrections::read))
        .routes(routes!(tasks::corrections::correct))
        .routes(routes!(tasks::corrections::undo))
        .routes(routes!(tasks::corrections::redo))
        .routes(routes!(tasks::corrections::carry_over))
        .routes(routes!(tasks::audit::audit))
        .routes(routes!(tasks::cancel::cancel))
        .routes(routes!(tasks::retry::retry))
        .routes(routes!(tasks::explain::explain))
        .routes(routes!(dead_letters::list))
        .routes(routes!(dead_letters::show))
        .routes(routes!(dead_letters::redrive))
        .routes(routes!(dead_letters::redrive_several))
        .routes(routes!(dead_letters::list_all))
        .routes(routes!(dead_letters::redrive_all))
        .routes(routes!(tasks::copy::copy))
        .routes(routes!(tasks::unlock::unlock))
        .routes(routes!(tasks::restore::restore))
        .routes(routes!(filings::change_one))
        .routes(routes!(filings::change_several))
        .routes(routes!(filings::used_names))
        .routes(routes!(trash::empty))
        .routes(routes!(trash::purge))
        .routes(routes!(search::search))
        .routes(routes!(saved_searches::list))
        .routes(routes!(saved_searches::save))
        .routes(routes!(saved_searches::delete))
        .routes(routes!(shares::own::list))
        .routes(routes!(shares::own::create))
        .routes(routes!(shares::own::revoke))
        .routes(routes!(shares::shared::open))
        .routes(routes!(shares::shared::document))
        .routes(routes!(shares::shared::text))
        .routes(routes!(shares::shared::pages))
        .routes(routes!(shares::shared::page_image))
        .routes(routes!(shares::shared::file))
        .routes(routes!(review::queue))
        .routes(routes!(review::common))
        .routes(routes!(uploads::begin::begin))
        .routes(routes!(uploads::complete::complete))
        .routes(routes!(uploads::parts::begin))
        .routes(routes!(uploads::parts::list))
        .routes(routes!(uploads::parts::put))
        .routes(routes!(uploads::parts::complete))
        .routes(routes!(activity::activity))
        .routes(routes!(usage::usage))
        .routes(routes!(usage::estimate))
        .routes(routes!(usage::quotas))
        .routes(routes!(usage::set_quotas))
        .routes(routes!(engines::engines))
        .routes(routes!(formats::formats))
        .routes(routes!(changes::changes))
        .routes(routes!(live::events::events))
        .routes(routes!(live::ticket::ticket))
        .routes(routes!(accounts::sign_in::session))
        .routes(routes!(accounts::sign_in::sign_in))
        .routes(routes!(accounts::sign_in::sign_out))
        .routes(routes!(accounts::second_factor::state))
        .routes(routes!(accounts::second_factor::add))
        .routes(routes!(accounts::second_factor::confirm))
        .routes(routes!(accounts::second_factor::remove))
        .routes(routes!(accounts::second_factor::remove_for))
        .routes(routes!(accounts::tokens::token))
        .routes(routes!(accounts::tokens::refresh))
        .routes(routes!(accounts::tokens::revoke))
        .routes(routes!(accounts::tokens::jwks))
        .routes(routes!(accounts::links::set_up))
        .routes(routes!(accounts::links::reset_password))
        .routes(routes!(accounts::own::sessions))
        .routes(routes!(accounts::own::end_session))
        .routes(routes!(accounts::own::change_password))
        .routes(routes!(accounts::export::export))
        .routes(routes!(accounts::keys::keys))
        .routes(routes!(accounts::keys::create_key))
        .routes(routes!(accounts::keys::revoke_key))
        .routes(routes!(accounts::users::users))
        .routes(routes!(accounts::users::create_user))
        .routes(routes!(accounts::users::change_user))
        .routes(routes!(accounts::users::reset_link))
        .routes(routes!(accounts::audit::audit))
        .routes(routes!(accounts::audit_export::export))
        .routes(routes!(status::health))
        .routes(routes!(status::live))
        .routes(routes!(status::ready))
}

/// The API with its description.
fn described() -> (Router<AppState>, openapi::OpenApi) {
    let (api, mut description) = api().split_for_parts();
    query::describe(&mut description);
    (api, description)
}

/// The OpenAPI description of the API, as pretty JSON.
///
/// # Errors
/// When it cannot be written as JSON.
pub fn openapi() -> Result<String, serde_json::Error> {
    described().1.to_pretty_json()
}

/// The API server: everything on port 8080.
pub fn router(state: AppState) -> Router {
    let (api, description) = described();
    let rules = QueryRules::of(&serde_json::to_value(&description).unwrap_or_default());
    let routes = api
        .merge(SwaggerUi::new("/docs").url("/openapi.json", description))
        .route("/", get(live::socket::root))
        .route("/ws", get(live::socket::root))
        .route("/assets/{*path}", get(page::asset).layer(CompressionLayer::new()))
        .route("/shared/{share_id}", get(page::shared))
        .route("/oidc/sign-in", get(oidc::sign_in))
        .route("/oidc/callback", get(oidc::callback))
        .route("/oidc/sign-out", get(oidc::sign_out))
        .route("/docs/errors", get(error_catalogue::page))
        .route(
            "/blobs/{*key}",
            get(blobs::read)
                .put(blobs::write)
                .layer(DefaultBodyLimit::disable()),
        )
        .layer(middleware::from_fn_with_state(rules, query::known))
        .layer(middleware::from_fn_with_state(state.clone(), audit::recorded))
        .layer(middleware::from_fn_with_state(state.clone(), rate_limit::limited))
        .layer(middleware::from_fn_with_state(state.clone(), caller::identify));
    guarded(routes, state)
}

/// `routes` with what every answer needs, whatever port it comes from.
pub(crate) fn guarded(routes: Router<AppState>, state: AppState) -> Router {
    let request_id = HeaderName::from_static("x-request-id");
    let layers = ServiceBuilder::new()
        .layer(SetRequestIdLayer::new(request_id.clone(), MakeRequestUuid))
        .layer(middleware::from_fn(traced))
        .layer(TraceLayer::new_for_http().make_span_with(span))
        .layer(PropagateRequestIdLayer::new(request_id))
        .layer(middleware::from_fn_with_state(
            state.settings.clone(),
            tls::strict,
        ))
        .layer(middleware::from_fn(safety))
        .layer(CatchPanicLayer::custom(panicked))
        .layer(middleware::from_fn_with_state(state.clone(), guard::same_site))
        .layer(guard::cross_origin(state.settings.clone()))
        .layer(middleware::from_fn_with_state(state.clone(), body::bounded))
        .layer(RequestBodyTimeoutLayer::new(BODY_TIMEOUT));
    routes
        .fallback(not_found)
        .method_not_allowed_fallback(wrong_method)
        .layer(DefaultBodyLimit::max(MAX_JSON))
        .layer(layers)
        .with_state(state)
}

/// How long the next piece of a body may take.
const BODY_TIMEOUT: Duration = Duration::from_secs(30);

async fn not_found() -> Response {
    Problem::new(
        StatusCode::NOT_FOUND,
        "not_found",
        "there is nothing at this address",
    )
    .into_response()
}

async fn wrong_method() -> Response {
    Problem::new(
        StatusCode::METHOD_NOT_ALLOWED,
        "invalid_input",
        "this address does not know the method",
    )
    .into_response()
}

/// A defect of ours costs one request, not the connection.
#[expect(clippy::needless_pass_by_value, reason = "the signature the layer asks for")]
fn panicked(panic: Box<dyn std::any::Any + Send>) -> Response {
    let message = panic.downcast_ref::<&str>().map(ToString::to_string);
    let message = message
        .or_else(|| panic.downcast_ref::<String>().cloned())
        .unwrap_or_default();
    tracing::error!(message, "a handler panicked");
    let detail = "an internal error occurred; the server log has the details";
    Problem::new(StatusCode::INTERNAL_SERVER_ERROR, "internal", detail).into_response()
}

/// The span of a request. Queries are left out: they can hold signatures.
fn span(request: &Request) -> tracing::Span {
    let id = request
        .headers()
        .get("x-request-id")
        .and_then(|id| id.to_str().ok())
        .unwrap_or_default();
    let trace = TraceContext::current()
        .map(TraceContext::trace_id)
        .unwrap_or_default();
    tracing::info_span!("http", method = %request.method(), path = request.uri().path(), id, trace)
}

/// Handles a request within the trace that its `traceparent` names, or within one of its own: what it puts
/// into the queue carries it on to the worker.
async fn traced(request: Request, next: middleware::Next) -> Response {
    let named = request
        .headers()
        .get("traceparent")
        .and_then(|trace| trace.to_str().ok())
        .and_then(|trace| trace.parse().ok());
    let trace = named.unwrap_or_else(|| TraceContext::begin(&RandomIds));
    trace.within(next.run(request)).await
}

/// Headers that make an answer harmless in a browser; and what a library answers in plain words where there is
/// nothing is answered as everything else is.
async fn safety(request: Request, next: middleware::Next) -> Response {
    let documentation = request.uri().path().starts_with("/docs");
    let mut response = next.run(request).await;
    let kind = response.headers().get(header::CONTENT_TYPE);
    if response.status() == StatusCode::NOT_FOUND && kind.is_none_or(|kind| kind != PROBLEM) {
        response = not_found().await;
    }
    if documentation {
        let policy = response.headers_mut().entry(header::CONTENT_SECURITY_POLICY);
        policy.or_insert(DOCS_POLICY);
    }
    for (name, value) in SAFETY {
        response.headers_mut().entry(name).or_insert(value);
    }
    response
}
