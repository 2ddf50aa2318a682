//! Labels, collections and notes of documents.

use std::time::{Duration, Instant};

use reqwest::{Response, StatusCode};
use serde_json::{Value, json};

use crate::{
    USER, documents, engine,
    server::{Server, json, problem},
    snapshots::{MISSING, REFUSAL, SUCCESS, compare},
};

/// How long a change may take to be found, on a machine that is busy with other tests.
const PATIENCE: Duration = Duration::from_secs(30);

async fn file(server: &Server, id: &str, change: &Value) -> Response {
    let path = format!("/api/tasks/{id}/filing?userId={USER}");
    server.patch_json(&path, change).await
}

/// The ids in the list that `query` asks for.
async fn listed(server: &Server, query: &str) -> Vec<String> {
    let answer = server.get(&format!("/api/tasks?userId={USER}&{query}")).await;
    let body = json(answer, StatusCode::OK).await;
    let tasks = body["data"]["tasks"].as_array().unwrap().iter();
    tasks
        .map(|task| task["id"].as_str().unwrap().to_owned())
        .collect()
}

#[tokio::test]
async fn a_document_is_filed_at_any_time_and_survives_a_restart() {
    let mut server = Server::without_engine().await;
    let id = server.submit("a.pdf", &documents::small()).await;
    let other = server.submit("b.pdf", &documents::small()).await;
    let task = server.task(&id).await;
    assert_eq!(
        (&task["labels"], &task["collection"], &task["note"]),
        (&json!([]), &Value::Null, &json!(""))
    );
    let change = json!({"addLabels": [" Tax  2024 ", "büro"], "collection": "Old", "note": "Call\r\nback"});
    let filed = json(file(&server, &id, &change).await, StatusCode::OK).await["data"].clone();
    assert_eq!(
        filed,
        json!({"labels": ["büro", "Tax 2024"], "collection": "Old", "note": "Call\nback"})
    );
    server.restart().await;
    let task = server.task(&id).await;
    for part in ["labels", "collection", "note"] {
        assert_eq!(task[part], filed[part], "{task}");
    }
    assert_eq!(
        listed(&server, "label=TAX%202024").await,
        std::slice::from_ref(&id)
    );
    assert_eq!(
        listed(&server, "label=B%C3%9CRO&collection=old").await,
        std::slice::from_ref(&id)
    );
    assert_eq!(listed(&server, "label=b%C3%BCro&collection=new").await, [""; 0]);
    assert_eq!(listed(&server, "label=&collection=").await, [other, id.clone()]);

    let change = json!({"removeLabels": ["TAX 2024"], "collection": "", "note": ""});
    let filed = json(file(&server, &id, &change).await, StatusCode::OK).await["data"].clone();
    assert_eq!(filed, json!({"labels": ["büro"], "collection": null, "note": ""}));
    let filed = json(file(&server, &id, &json!({"labels": []})).await, StatusCode::OK).await;
    assert_eq!(filed["data"]["labels"], json!([]));
}

#[tokio::test]
async fn several_documents_are_filed_at_once() {
    let server = Server::without_engine().await;
    let one = server.submit("a.pdf", &documents::small()).await;
    let two = server.submit("b.pdf", &documents::small()).await;
    let path = format!("/api/filings?userId={USER}");
    let body =
        json!({"taskIds": [one, MISSING, two], "change": {"addLabels": ["tax"], "collection": "2024"}});
    let answer = json(server.patch_json(&path, &body).await, StatusCode::OK).await["data"].clone();
    let filings = answer["filings"].as_array().unwrap();
    assert_eq!(filings.len(), 2, "{answer}");
    assert!(
        filings
            .iter()
            .all(|filed| filed["filing"]["labels"] == json!(["tax"]))
    );
    let names = server.get(&format!("/api/filings/names?userId={USER}")).await;
    let names = json(names, StatusCode::OK).await["data"].clone();
    assert_eq!(
        names,
        json!({"labels": [{"name": "tax", "count": 2}], "collections": [{"name": "2024", "count": 2}]})
    );
}

#[tokio::test]
async fn what_cannot_be_filed_is_refused() {
    let server = Server::without_engine().await;
    let id = server.submit("a.pdf", &documents::small()).await;
    let many: Vec<String> = (0..33).map(|number| number.to_string()).collect();
    for change in [
        json!({}),
        json!({"addLabels": [""]}),
        json!({"addLabels": ["x".repeat(65)]}),
        json!({"addLabels": many}),
        json!({"collection": "a\u{0}b"}),
        json!({"note": "x".repeat(4_001)}),
        json!({"labels": "tax"}),
    ] {
        let refusal = problem(
            file(&server, &id, &change).await,
            StatusCode::UNPROCESSABLE_ENTITY,
        )
        .await;
        assert_eq!(refusal["code"], "invalid_input", "{change}");
    }
    let tax = json!({"addLabels": ["tax"]});
    problem(file(&server, MISSING, &tax).await, StatusCode::NOT_FOUND).await;
    let foreign = format!("/api/tasks/{id}/filing?userId={MISSING}");
    problem(server.patch_json(&foreign, &tax).await, StatusCode::NOT_FOUND).await;
    let path = format!("/api/filings?userId={USER}");
    for tasks in [json!([]), json!(["no id"]), json!(vec![&id; 501])] {
        let body = json!({"taskIds": tasks, "change": tax});
        problem(
            server.patch_json(&path, &body).await,
            StatusCode::UNPROCESSABLE_ENTITY,
        )
        .await;
    }
    let list = format!("/api/tasks?userId={USER}&label={}", "x".repeat(65));
    problem(server.get(&list).await, StatusCode::UNPROCESSABLE_ENTITY).await;
    assert_eq!(server.task(&id).await["labels"], json!([]));
}

#[tokio::test]
async fn searches_are_saved_for_their_user() {
    let mut server = Server::without_engine().await;
    let path = format!("/api/searches?userId={USER}");
    for query in ["invoice", "  invoice -paid "] {
        let body = json!({"name": "Open", "query": query});
        json(server.post_json(&path, &body).await, StatusCode::CREATED).await;
    }
    server.restart().await;
    let body = json(server.get(&path).await, StatusCode::OK).await;
    let searches = body["data"]["searches"].as_array().unwrap();
    assert_eq!(searches.len(), 1, "{body}");
    assert_eq!(
        (&searches[0]["name"], &searches[0]["query"]),
        (&json!("Open"), &json!("invoice -paid"))
    );
    let unclear = json!({"name": "Unclear", "query": "a OR"});
    let refusal = problem(
        server.post_json(&path, &unclear).await,
        StatusCode::UNPROCESSABLE_ENTITY,
    )
    .await;
    assert_eq!(refusal["position"], 2);
    let foreign = server.get(&format!("/api/searches?userId={MISSING}")).await;
    let foreign = json(foreign, StatusCode::OK).await;
    assert_eq!(foreign["data"]["searches"], json!([]));
    for id in ["none", searches[0]["id"].as_str().unwrap()] {
        let url = server.url(&format!("/api/searches/{id}?userId={MISSING}"));
        let refused = server.http.delete(url).send().await.unwrap();
        problem(refused, StatusCode::NOT_FOUND).await;
    }
}

#[tokio::test]
async fn the_search_follows() {
    let Some(server) = engine::server(&[]).await else {
        return;
    };
    let id = server.submit("scan.pdf", &documents::born_digital()).await;
    server.ended(&id).await;
    let change = json!({"addLabels": ["Tax 2024"], "note": "for Ms Müller"});
    json(file(&server, &id, &change).await, StatusCode::OK).await;
    for query in ["label:%22tax+2024%22+fox", "note:muller+fox"] {
        let begun = Instant::now();
        loop {
            let found = server.get(&format!("/api/search?userId={USER}&q={query}")).await;
            let found = json(found, StatusCode::OK).await["data"]["hits"].clone();
            if found.as_array().is_some_and(|hits| hits.len() == 1) {
                break;
            }
            assert!(begun.elapsed() < PATIENCE, "{query}: {found}");
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }
}

#[tokio::test]
async fn saved_searches_answer_as_their_snapshots() {
    let server = Server::without_engine().await;
    let path = format!("/api/searches?userId={USER}");
    let operation = "POST /api/searches";
    let search = json!({"name": "Open invoices", "query": "invoice -paid label:tax"});
    let saved = server.post_json(&path, &search).await;
    compare(operation, SUCCESS, saved).await;
    let unclear = json!({"name": "Unclear", "query": "date:soon"});
    compare(operation, REFUSAL, server.post_json(&path, &unclear).await).await;
    compare("GET /api/searches", SUCCESS, server.get(&path).await).await;
    compare("GET /api/searches", REFUSAL, server.get("/api/searches").await).await;
    let list = json(server.get(&path).await, StatusCode::OK).await;
    let id = list["data"]["searches"][0]["id"].as_str().unwrap().to_owned();
    let operation = "DELETE /api/searches/{search_id}";
    for case in [SUCCESS, REFUSAL] {
        let url = server.url(&format!("/api/searches/{id}?userId={USER}"));
        let answer = server.http.delete(url).send().await.unwrap();
        compare(operation, case, answer).await;
    }
}
