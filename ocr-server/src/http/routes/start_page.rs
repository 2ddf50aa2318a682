//! `GET /`: a plain page that says what this is and how to begin.

use axum::{
    http::{HeaderValue, header},
    response::{Html, IntoResponse, Response},
};

use super::status::components;
use crate::http::{clients::PAGE_POLICY, state::AppState};

/// Colours and spacing of the start page.
pub(crate) const STYLE: &str = "\
:root { color-scheme: light dark; font: 1rem/1.6 system-ui, sans-serif; }
body { max-width: 44rem; margin: 3rem auto; padding: 0 1rem; }
code, pre { font: .9rem/1.5 ui-monospace, monospace; }
pre { overflow-x: auto; padding: 1rem; border: 1px solid; border-radius: .5rem; }
dt { font-weight: 600; }
.missing { border-left: .3rem solid #c60; padding-left: 1rem; }
";

pub(crate) async fn page(state: &AppState) -> Response {
    let parts = components(state.service.platform()).await;
    let engine = parts.get("engine");
    let notice = match engine.and_then(|engine| engine.message.as_deref()) {
        Some(message) => format!("<p class=\"missing\" role=\"status\">{}</p>", escape(message)),
        None => format!(
            "<p>Documents are read with <strong>{}</strong>.</p>",
            escape(engine.map_or("", |engine| &engine.adapter))
        ),
    };
    let body = format!(
        "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width\"><title>OCR platform</title>\
         <link rel=\"stylesheet\" href=\"/start.css\">\
         <h1>OCR platform</h1>\
         <p>Send a PDF, PNG, JPEG, TIFF or WEBP file; get its text, word boxes and confidence back.</p>\
         {notice}\
         <form method=\"post\" action=\"/api/tasks\" enctype=\"multipart/form-data\">\
         <p><label>File <input type=\"file\" name=\"file\" required></label></p>\
         <input type=\"hidden\" name=\"userId\" value=\"11111111-1111-1111-1111-111111111111\">\
         <p><button>Read it</button></p></form>\
         <h2>From a shell</h2><pre>\
         curl -F file=@scan.pdf -F userId=11111111-1111-1111-1111-111111111111 localhost:8080/api/tasks\n\
         curl localhost:8080/api/tasks?userId=11111111-1111-1111-1111-111111111111\n\
         curl localhost:8080/api/tasks/TASK_ID/text</pre>\
         <dl><dt><a href=\"/docs/\">API documentation</a></dt><dd>every endpoint, to try out</dd>\
         <dt><a href=\"/health\">Health</a></dt><dd>what is running, what is missing</dd></dl></html>"
    );
    let mut response = Html(body).into_response();
    response
        .headers_mut()
        .insert(header::CONTENT_SECURITY_POLICY, PAGE_POLICY);
    response
        .headers_mut()
        .insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    response
}

/// The stylesheet, a file of its own so that the page needs no inline style.
pub(crate) async fn style() -> Response {
    ([(header::CONTENT_TYPE, "text/css; charset=utf-8")], STYLE).into_response()
}

/// Text that is safe inside HTML.
pub(crate) fn escape(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
}
