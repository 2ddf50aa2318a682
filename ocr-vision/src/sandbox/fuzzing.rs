//! Private parsers for the fuzz targets of this workspace. No part of the API.

use ocr_core::model::PageText;

use super::protocol::{Request, Response};

/// Reads `line` as what the platform asks.
///
/// # Panics
/// When a request that was read cannot be written again.
pub fn request(line: &[u8]) {
    let Ok(request) = serde_json::from_slice::<Request>(line) else {
        return;
    };
    let _ = request.subject();
    let again = serde_json::to_vec(&request.with_one_thread()).expect("a request can be written");
    serde_json::from_slice::<Request>(&again).expect("what is written can be read");
}

/// Reads `line` as what a page process answers.
///
/// # Panics
/// When an answer that was read cannot be written again.
pub fn response(line: &[u8]) {
    if let Ok(response) = serde_json::from_slice::<Response>(line) {
        serde_json::to_vec(&response).expect("an answer can be written");
    }
}

/// The answer that holds `page`.
///
/// # Panics
/// When it cannot be written.
pub fn answer(page: PageText) -> Vec<u8> {
    let page = Box::new(page);
    serde_json::to_vec(&Response::Page { page }).expect("an answer can be written")
}
