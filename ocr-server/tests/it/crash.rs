//! What is left after a crash or a stop.

use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::{
    USER, documents, engine,
    server::{Server, json},
};

/// A task of six pages of which some have been read and not all.
pub(crate) async fn half_read(server: &Server) -> String {
    let id = server.submit("scan.pdf", &documents::scan(6)).await;
    let begun = |task: &Value| {
        task["progress"]["pages_done"]
            .as_u64()
            .is_some_and(|done| done >= 1)
    };
    let task = server
        .task_when(&id, |task| begun(task) || task["status"] == "completed")
        .await;
    assert_eq!(
        task["status"], "processing",
        "six pages were read between two looks"
    );
    id
}

/// The task has completed exactly once, with every page once and in order.
async fn completed_once(server: &Server, id: &str) {
    let task = server.ended(id).await;
    assert_eq!(
        (&task["status"], &task["page_count"]),
        (&json!("completed"), &json!(6)),
        "{task}"
    );
    let changes = json(
        server.get(&format!("/api/changes?userId={USER}")).await,
        StatusCode::OK,
    )
    .await;
    let changes = changes["data"]["changes"].as_array().unwrap();
    let count = |table: &str, status: Value| {
        changes
            .iter()
            .filter(|change| change["table"] == table && change["status"] == status)
            .count()
    };
    assert_eq!(count("results", Value::Null), 1, "{changes:#?}");
    assert_eq!(count("tasks", json!("completed")), 1, "{changes:#?}");
    let pages = json(
        server.get(&format!("/api/tasks/{id}/pages")).await,
        StatusCode::OK,
    )
    .await;
    let pages = pages["data"]["pages"].as_array().unwrap();
    let numbers: Vec<u64> = pages
        .iter()
        .map(|page| page["number"].as_u64().unwrap())
        .collect();
    assert_eq!(numbers, [1, 2, 3, 4, 5, 6]);
    let text = server
        .get(&format!("/api/tasks/{id}/text"))
        .await
        .text()
        .await
        .unwrap();
    for (number, page) in (1..).zip(text.split('\u{c}')) {
        assert!(
            page.contains(&format!("{number}{number}{number}")),
            "page {number} is {page}"
        );
    }
}

#[tokio::test]
async fn a_killed_server_finishes_the_document_once_after_its_restart() {
    let Some(mut server) = engine::server(&[("OCR_LEASE", "2"), ("OCR_PAGE_PROCESSES", "1")]).await else {
        return;
    };
    let id = half_read(&server).await;
    server.kill();
    server.restart().await;
    completed_once(&server, &id).await;
}

#[tokio::test]
async fn a_stopped_server_gives_its_task_back_and_finishes_it_after_its_restart() {
    let settings = [("OCR_SHUTDOWN_GRACE", "0"), ("OCR_PAGE_PROCESSES", "1")];
    let Some(mut server) = engine::server(&settings).await else {
        return;
    };
    let id = half_read(&server).await;
    let status = server.terminate().await;
    assert!(status.success(), "{status}");
    server.restart().await;
    completed_once(&server, &id).await;
    let task = server.task(&id).await;
    assert!(task["error_message"].is_null(), "{task}");
}

#[tokio::test]
async fn an_accepted_upload_survives_a_kill() {
    let mut server = Server::without_engine().await;
    let bytes = documents::small();
    let id = server.submit("a.pdf", &bytes).await;
    server.restart().await;
    assert_eq!(server.task(&id).await["status"], "pending");
    let file = server.original(&id).await;
    assert_eq!(file.bytes().await.unwrap(), bytes);
}
