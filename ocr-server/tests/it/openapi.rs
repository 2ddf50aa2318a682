//! The description of the API, and whether the server keeps to it.

use std::collections::BTreeSet;

use reqwest::{Method, RequestBuilder, StatusCode, header};
use serde_json::{Value, json};

use crate::{
    USER, documents,
    form::Form,
    server::{Server, program},
};

fn committed() -> String {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/openapi.json");
    std::fs::read_to_string(path).unwrap()
}

#[test]
fn the_committed_description_is_the_current_one() {
    let output = program(&[]).arg("openapi").output().unwrap();
    assert!(output.status.success());
    let current = String::from_utf8(output.stdout).unwrap();
    assert!(
        current == committed(),
        "run: cargo run -p ocr-server -- openapi > ocr-server/openapi.json"
    );
}

#[tokio::test]
async fn every_route_answers_only_what_it_documents() {
    let server = Server::without_engine().await;
    let description: Value = serde_json::from_str(&committed()).unwrap();
    let (mut asked, mut succeeded) = (0, BTreeSet::new());
    for (path, operations) in description["paths"].as_object().unwrap() {
        for (method, operation) in operations.as_object().unwrap() {
            let existing = server.submit("a.pdf", &documents::small()).await;
            let method: Method = method.to_uppercase().parse().unwrap();
            let missing = "00000000-0000-0000-0000-000000000000";
            for id in [existing.as_str(), missing, "not-an-id"] {
                let place = path
                    .replace("{task_id}", id)
                    .replace("{file_id}", id)
                    .replace("{number}", "1");
                for query in ["", &format!("?userId={USER}"), "?userId=nobody"] {
                    let url = server.url(&format!("{place}{query}"));
                    let request = server.http.request(method.clone(), &url);
                    let response = with_body(request, operation).send().await.unwrap();
                    let status = response.status();
                    let documented = operation["responses"].get(status.as_str()).is_some();
                    assert!(
                        documented,
                        "{method} {url} answers {status}, which is not documented"
                    );
                    assert_ne!(status, StatusCode::INTERNAL_SERVER_ERROR);
                    asked += 1;
                    if status.is_success() {
                        succeeded.insert(format!("{method} {path}"));
                    }
                }
            }
        }
    }
    assert!(asked >= 17 * 9, "{asked}");
    assert!(succeeded.len() >= 15, "only these ever succeed: {succeeded:?}");
}

/// The smallest body that an operation which takes one can read.
fn with_body(request: RequestBuilder, operation: &Value) -> RequestBuilder {
    let content = &operation["requestBody"]["content"];
    let has = |kind| content.get(kind).is_some();
    if has("application/json") {
        let every = json!({"userId": USER, "filename": "a.pdf", "size": 5});
        return request.json(&every);
    }
    if has("multipart/form-data") {
        let (content_type, body) = Form::new().file("a.pdf", &documents::small()).finish();
        return request.header(header::CONTENT_TYPE, content_type).body(body);
    }
    if has("application/octet-stream") {
        return request.body("%PDF-");
    }
    request
}
