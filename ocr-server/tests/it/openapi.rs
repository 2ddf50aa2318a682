//! The description of the API, and whether the server keeps to it.

use reqwest::{Method, StatusCode};
use serde_json::Value;

use crate::{
    USER, documents,
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
    let mut asked = 0;
    for (path, operations) in description["paths"].as_object().unwrap() {
        for (method, operation) in operations.as_object().unwrap() {
            let existing = server.submit("a.pdf", &documents::small()).await;
            let method: Method = method.to_uppercase().parse().unwrap();
            let missing = "00000000-0000-0000-0000-000000000000";
            for id in [existing.as_str(), missing, "not-an-id"] {
                let place = path.replace("{task_id}", id).replace("{file_id}", id);
                for query in ["", &format!("?userId={USER}"), "?userId=nobody"] {
                    let url = server.url(&format!("{place}{query}"));
                    let response = server.http.request(method.clone(), &url).send().await.unwrap();
                    let status = response.status();
                    let documented = operation["responses"].get(status.as_str()).is_some();
                    assert!(
                        documented,
                        "{method} {url} answers {status}, which is not documented"
                    );
                    assert_ne!(status, StatusCode::INTERNAL_SERVER_ERROR);
                    asked += 1;
                }
            }
        }
    }
    assert!(asked >= 17 * 9, "{asked}");
}
