//! The page people use: files of `web/`, part of the program. A debug build reads them from disk.

use axum::{
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use ocr_core::digest::hex;
use rust_embed::{EmbeddedFile, RustEmbed};

use crate::http::{clients::PAGE_POLICY, problem::Problem, request::Segments};

#[derive(RustEmbed)]
#[folder = "web/"]
struct Web;

/// The page itself.
pub(crate) fn index(request: &HeaderMap) -> Response {
    file("index.html", request)
}

/// `GET /shared/{share_id}`: what links to documents lead to. It says nothing of the link itself: the secret is behind
/// `#`, and is not sent with it.
pub(crate) async fn shared(headers: HeaderMap) -> Response {
    file("shared.html", &headers)
}

/// `GET /assets/{path}`: what the page is made of.
pub(crate) async fn asset(Segments(path): Segments<String>, headers: HeaderMap) -> Response {
    file(&path, &headers)
}

fn file(path: &str, request: &HeaderMap) -> Response {
    match Web::get(path) {
        Some(file) => answer(path, file, request),
        None => Problem::new(StatusCode::NOT_FOUND, "not_found", "the page has no such file").into_response(),
    }
}

/// Files are asked for anew each time and sent only when they changed: after an update of the program
/// no browser mixes old and new ones.
fn answer(path: &str, file: EmbeddedFile, request: &HeaderMap) -> Response {
    let etag = format!("\"{}\"", hex(&file.metadata.sha256_hash()));
    let known = request.get(header::IF_NONE_MATCH);
    let unchanged = known.is_some_and(|known| known.to_str().is_ok_and(|known| known.contains(&etag)));
    let mut response = if unchanged {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        file.data.into_owned().into_response()
    };
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, content_type(path));
    headers.insert(header::CONTENT_SECURITY_POLICY, PAGE_POLICY);
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    if let Ok(etag) = HeaderValue::from_str(&etag) {
        headers.insert(header::ETAG, etag);
    }
    response
}

fn content_type(path: &str) -> HeaderValue {
    let ending = path.rsplit_once('.').map_or("", |(_, ending)| ending);
    HeaderValue::from_static(match ending {
        "html" => "text/html; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "js" => "text/javascript; charset=utf-8",
        "json" => "application/json",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "webp" => "image/webp",
        "webmanifest" => "application/manifest+json",
        _ => "application/octet-stream",
    })
}

#[cfg(test)]
mod tests {
    use ocr_core::model::MediaType;

    use super::*;

    /// What the page lets people choose is what the platform reads, in the same order.
    #[test]
    fn the_file_chooser_knows_every_type() {
        let intake = Web::get("js/uploads/intake.js")
            .expect("the page has this file")
            .data;
        let intake = String::from_utf8_lossy(&intake);
        let rows: Vec<&str> = intake.lines().filter(|line| line.contains("{ label: ")).collect();
        let expected = MediaType::ALL.map(|media_type| {
            let extensions = media_type
                .extensions()
                .iter()
                .map(|extension| format!("\"{extension}\""));
            let extensions = extensions.collect::<Vec<_>>().join(", ");
            let (label, name) = (media_type.label(), media_type.as_str());
            format!("  {{ label: \"{label}\", type: \"{name}\", extensions: [{extensions}] }},")
        });
        assert_eq!(rows, expected);
    }

    /// Texts that are written out name every type too.
    #[test]
    fn descriptions_name_every_type() {
        let names = MediaType::names("or");
        for text in [
            include_str!("error_catalogue.rs"),
            include_str!("tasks/upload.rs"),
            include_str!("../../cli.rs"),
            include_str!("../../../../docs/reference/errors.md"),
        ] {
            assert!(text.contains(&names), "{names}");
        }
    }
}
