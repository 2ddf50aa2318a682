//! Search in everything that was read.

use std::{
    fmt::Write,
    time::{Duration, Instant},
};

use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::{
    USER, documents, engine,
    server::{Server, json, problem, program},
};

/// How long what was read may take to be found, on a machine that is busy with other tests.
const PATIENCE: Duration = Duration::from_secs(30);

fn path(query: &str) -> String {
    let mut path = format!("/api/search?userId={USER}&q=");
    for byte in query.bytes() {
        write!(path, "%{byte:02x}").unwrap();
    }
    path
}

/// The hits of `query`, as soon as there are as many.
async fn hits(server: &Server, query: &str, wanted: usize) -> Vec<Value> {
    let begun = Instant::now();
    loop {
        let body = json(server.get(&path(query)).await, StatusCode::OK).await;
        let hits = body["data"]["hits"].as_array().unwrap().clone();
        if hits.len() == wanted || begun.elapsed() > PATIENCE {
            assert_eq!(hits.len(), wanted, "{query}: {body}");
            return hits;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

#[tokio::test]
async fn what_was_read_is_found_until_it_is_deleted() {
    let Some(server) = engine::server(&[]).await else {
        return;
    };
    let id = server.submit("Zürich.pdf", &documents::born_digital()).await;
    server.ended(&id).await;
    let found = hits(&server, "\"brown fox\" jumps", 1).await;
    assert_eq!((&found[0]["taskId"], &found[0]["page"]), (&json!(id), &json!(1)));
    assert_eq!(
        (&found[0]["filename"], &found[0]["exactness"]),
        (&json!("Zürich.pdf"), &json!("exact"))
    );
    let snippet: Vec<char> = found[0]["snippet"]["text"].as_str().unwrap().chars().collect();
    let ranges: Vec<[usize; 2]> = serde_json::from_value(found[0]["snippet"]["ranges"].clone()).unwrap();
    let lit: Vec<String> = ranges
        .iter()
        .map(|[from, to]| snippet[*from..*to].iter().collect())
        .collect();
    assert_eq!(lit, ["brown", "fox", "jumps"]);
    let words: Vec<&str> = found[0]["words"]
        .as_array()
        .unwrap()
        .iter()
        .map(|word| word["text"].as_str().unwrap())
        .collect();
    assert_eq!(words, ["brown", "fox", "jumps"]);
    assert_eq!(found[0]["words"][0]["polygon"].as_array().unwrap().len(), 4);

    for (query, wanted) in [
        ("1234.56", 1),
        ("qiuck", 1),
        ("name:zurich type:pdf", 1),
        ("fox -dog", 0),
        ("second near eur", 1),
    ] {
        hits(&server, query, wanted).await;
    }
    let inside = format!("{}&taskId={id}", path("page OR fox"));
    let body = json(server.get(&inside).await, StatusCode::OK).await;
    assert_eq!(body["data"]["hits"].as_array().unwrap().len(), 2);
    let other = "/api/search?userId=22222222-2222-2222-2222-222222222222&q=fox";
    let body = json(server.get(other).await, StatusCode::OK).await;
    assert_eq!(body["data"]["hits"], json!([]));

    let delete = server.url(&format!("/api/tasks/{id}?userId={USER}"));
    server
        .http
        .delete(delete)
        .send()
        .await
        .unwrap()
        .error_for_status()
        .unwrap();
    hits(&server, "fox", 0).await;
    server
        .post(&format!("/api/tasks/{id}/restore?userId={USER}"))
        .await
        .error_for_status()
        .unwrap();
    hits(&server, "fox", 1).await;
}

#[tokio::test]
async fn a_query_that_is_none_is_refused_where_that_shows() {
    let server = Server::without_engine().await;
    let body = problem(
        server.get(&path("größe date:soon")).await,
        StatusCode::UNPROCESSABLE_ENTITY,
    )
    .await;
    assert_eq!(
        (&body["code"], &body["position"]),
        (&json!("invalid_input"), &json!(11))
    );
    for bad in [
        "/api/search?q=a".to_owned(),
        format!("/api/search?userId={USER}"),
        format!("{}&limit=0", path("a")),
        format!("{}&limit=101", path("a")),
        format!("{}&cursor=x", path("a")),
        format!("{}&taskId=x", path("a")),
    ] {
        let body = problem(server.get(&bad).await, StatusCode::UNPROCESSABLE_ENTITY).await;
        assert!(body.get("position").is_none(), "{body}");
    }
}

#[tokio::test]
async fn the_index_can_be_asked_and_built_on_the_command_line() {
    let Some(mut server) = engine::server(&[]).await else {
        return;
    };
    let id = server.submit("scan.pdf", &documents::born_digital()).await;
    server.ended(&id).await;
    hits(&server, "fox", 1).await;
    server.terminate().await;
    let run = |arguments: &[&str]| {
        let settings = [("OCR_DATA_DIR".to_owned(), server.data().display().to_string())];
        let output = program(&settings).args(arguments).output().unwrap();
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        let complained = String::from_utf8_lossy(&output.stderr).into_owned();
        (output.status.success(), said, complained)
    };
    let (done, said, _) = run(&["search", "lazy", "dog"]);
    assert!(
        done && said.starts_with("scan.pdf:1: ") && said.contains("lazy dog"),
        "{said}"
    );
    assert!(!run(&["search", "elephant"]).0);
    let (done, _, complained) = run(&["search", "date:soon"]);
    assert!(!done && complained.contains("\n       ^"), "{complained}");
    for action in ["verify", "rebuild", "verify"] {
        let (done, said, complained) = run(&["index", action]);
        assert!(done && said.contains("1 documents"), "{said}{complained}");
    }
}
