//! What people change about a page, in every answer.

use std::time::{Duration, Instant};

use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::{
    USER, documents, engine,
    server::{Server, json, problem},
};

/// How long a correction may take to be found, on a machine that is busy with other tests.
const PATIENCE: Duration = Duration::from_secs(30);

/// A server with a document of two pages that has been read, and its id.
async fn read() -> Option<(Server, String)> {
    let server = engine::server(&[]).await?;
    let id = server.submit("scan.pdf", &documents::born_digital()).await;
    server.ended(&id).await;
    Some((server, id))
}

fn path(id: &str, page: &str, action: &str) -> String {
    format!("/api/tasks/{id}/pages/{page}/corrections{action}?userId={USER}")
}

/// The word `fox` of the first page says something else.
fn fox(version: u32, text: &str) -> Value {
    json!({"version": version, "operations": [{"op": "set-text", "word": 3, "text": text}]})
}

async fn correct(server: &Server, id: &str, body: &Value) -> Value {
    let answer = server.post_json(&path(id, "1", ""), body).await;
    json(answer, StatusCode::OK).await["data"].clone()
}

async fn text(server: &Server, id: &str, query: &str) -> String {
    let answer = server
        .get(&format!("/api/tasks/{id}/{query}&userId={USER}"))
        .await;
    answer.error_for_status().unwrap().text().await.unwrap()
}

#[tokio::test]
async fn a_correction_reaches_every_answer() {
    let Some((server, id)) = read().await else {
        return;
    };
    let before = json(server.get(&path(&id, "1", "")).await, StatusCode::OK).await["data"].clone();
    assert_eq!(
        (&before["version"], &before["canUndo"], &before["changed"]),
        (&json!(0), &json!(false), &json!([]))
    );
    // Made before, so that it would be given again.
    assert!(
        text(&server, &id, "result?format=text")
            .await
            .contains("brown fox")
    );
    let data = correct(&server, &id, &fox(0, "elephant")).await;
    assert_eq!(
        (&data["version"], &data["canUndo"], &data["canRedo"]),
        (&json!(1), &json!(true), &json!(false))
    );
    assert_eq!(data["changed"], json!([{"index": 3, "original": "fox"}]));
    assert_eq!(data["log"][0]["action"], "edit");
    assert_eq!(data["log"][0]["operation"]["op"], "set-text");
    assert_eq!(data["log"][0]["by"], USER);
    for query in [
        "text?format=text",
        "text?format=markdown",
        "text?from=1&to=1",
        "result?format=text",
        "result?format=html",
        "result?format=hocr",
        "result?format=json",
        "pages?from=1",
    ] {
        let text = text(&server, &id, query).await;
        assert!(
            text.contains("elephant") && !text.contains("fox"),
            "{query}: {text}"
        );
    }
    let original = text(&server, &id, "pages?original=true").await;
    assert!(
        original.contains("fox") && !original.contains("elephant"),
        "{original}"
    );
    let link = json(
        server.get(&format!("/api/tasks/{id}/result?userId={USER}")).await,
        StatusCode::OK,
    )
    .await;
    let link = link["data"]["resultUrl"].as_str().unwrap();
    let result = server
        .http
        .get(link)
        .send()
        .await
        .unwrap()
        .error_for_status()
        .unwrap();
    let result: Value = result.json().await.unwrap();
    assert!(
        result["text"].as_str().unwrap().contains("brown elephant"),
        "{result}"
    );

    let begun = Instant::now();
    loop {
        let found = server.get(&format!("/api/search?userId={USER}&q=elephant")).await;
        let found = json(found, StatusCode::OK).await["data"]["hits"].clone();
        if found.as_array().is_some_and(|hits| hits.len() == 1) {
            assert_eq!(found[0]["words"][0]["index"], 3);
            break;
        }
        assert!(begun.elapsed() < PATIENCE, "{found}");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    let gone = server.get(&format!("/api/search?userId={USER}&q=fox")).await;
    assert_eq!(json(gone, StatusCode::OK).await["data"]["hits"], json!([]));
}

#[tokio::test]
async fn a_correction_is_undone_and_survives_a_restart() {
    let Some((mut server, id)) = read().await else {
        return;
    };
    correct(&server, &id, &fox(0, "elephant")).await;
    let undone = server
        .post_json(&path(&id, "1", "/undo"), &json!({"version": 1}))
        .await;
    let undone = json(undone, StatusCode::OK).await["data"].clone();
    assert_eq!(
        (&undone["version"], &undone["canRedo"]),
        (&json!(2), &json!(true))
    );
    assert!(text(&server, &id, "text?format=text").await.contains("brown fox"));
    let redone = server
        .post_json(&path(&id, "1", "/redo"), &json!({"version": 2}))
        .await;
    assert_eq!(json(redone, StatusCode::OK).await["data"]["version"], 3);
    server.restart().await;
    assert!(
        text(&server, &id, "text?format=text")
            .await
            .contains("brown elephant")
    );
    let late = server.post_json(&path(&id, "1", ""), &fox(1, "zebra")).await;
    let body = problem(late, StatusCode::CONFLICT).await;
    assert_eq!((&body["code"], &body["version"]), (&json!("conflict"), &json!(3)));
}

#[tokio::test]
async fn the_review_desk_tells_what_is_doubtful_and_what_is_changed() {
    let Some((server, id)) = read().await else {
        return;
    };
    let ask = async |path: &str| {
        let answer = server.get(&format!("/api/review{path}userId={USER}")).await;
        json(answer, StatusCode::OK).await["data"].clone()
    };
    // Words of a text layer are sure.
    let queue = ask("?below=1&").await;
    assert_eq!(
        (&queue["documents"], &queue["lookedAt"], &queue["nextCursor"]),
        (&json!([]), &json!(1), &Value::Null)
    );
    correct(&server, &id, &fox(0, "elephant")).await;
    let common = ask("/common?").await;
    assert_eq!(common["documents"], 1);
    let [change] = common["corrections"].as_array().unwrap().as_slice() else {
        panic!("one change: {common}");
    };
    assert_eq!(
        (&change["original"], &change["text"], &change["count"]),
        (&json!("fox"), &json!("elephant"), &json!(1))
    );
    for query in ["below=2&", "limit=51&", "limit=0&", "below=x&", "cursor=x&"] {
        let answer = server.get(&format!("/api/review?{query}userId={USER}")).await;
        problem(answer, StatusCode::UNPROCESSABLE_ENTITY).await;
    }
}

#[tokio::test]
async fn a_document_that_is_read_again_keeps_its_corrections() {
    let Some((server, id)) = read().await else {
        return;
    };
    correct(&server, &id, &fox(0, "elephant")).await;
    server
        .post(&format!("/api/tasks/{id}/retry?userId={USER}"))
        .await
        .error_for_status()
        .unwrap();
    server.ended(&id).await;
    assert!(
        text(&server, &id, "text?format=text")
            .await
            .contains("brown elephant")
    );
    let nothing = server
        .post_json(&path(&id, "1", "/carry-over"), &json!({"version": 1}))
        .await;
    problem(nothing, StatusCode::UNPROCESSABLE_ENTITY).await;
}

#[tokio::test]
async fn what_cannot_be_corrected_is_refused() {
    let Some((server, id)) = read().await else {
        return;
    };
    for body in [
        json!({"version": 0, "operations": []}),
        json!({"version": 0}),
        json!({"operations": []}),
        json!({"version": 0, "operations": [{"op": "paint"}]}),
        json!({"version": 0, "operations": [{"op": "set-text", "word": 999, "text": "x"}]}),
        json!({"version": 0, "operations": [{"op": "set-text", "word": 0, "text": "two words"}]}),
        json!({"version": 0, "operations": [{"op": "add-word", "text": "x",
            "polygon": [[0.0, 0.0], [2.0, 0.0], [2.0, 1.0], [0.0, 1.0]]}]}),
    ] {
        let answer = server.post_json(&path(&id, "1", ""), &body).await;
        let told = problem(answer, StatusCode::UNPROCESSABLE_ENTITY).await;
        assert!(told.get("version").is_none(), "{told}");
    }
    for page in ["0", "3", "x", "-1"] {
        let answer = server.post_json(&path(&id, page, ""), &fox(0, "x")).await;
        problem(answer, StatusCode::NOT_FOUND).await;
    }
    let other = format!("/api/tasks/{id}/pages/1/corrections?userId=22222222-2222-2222-2222-222222222222");
    problem(server.get(&other).await, StatusCode::NOT_FOUND).await;
    assert!(text(&server, &id, "text?format=text").await.contains("brown fox"));
}
