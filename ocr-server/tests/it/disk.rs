//! A disk without room, and whose files those of the server are.

use std::os::unix::fs::PermissionsExt;

use reqwest::StatusCode;
use serde_json::json;

use crate::{
    USER, documents,
    form::Form,
    server::{Server, json, problem, program},
};

/// More than any disk has.
const EVERYTHING: (&str, &str) = ("OCR_MIN_FREE_DISK_BYTES", "1000000000000000000");

#[tokio::test]
async fn without_room_uploads_are_507_and_everything_else_works() {
    let mut server = Server::without_engine().await;
    let bytes = documents::small();
    let [cancelled, deleted] = [
        server.submit("a.pdf", &bytes).await,
        server.submit("b.pdf", &bytes).await,
    ];
    server.restart_with(&[EVERYTHING]).await;
    let full = StatusCode::INSUFFICIENT_STORAGE;
    for path in ["/api/tasks".to_owned(), format!("/api/tasks?userId={USER}")] {
        let form = Form::new().file("c.pdf", &bytes).field("userId", USER);
        let refused = server.form(&path, form).send().await.unwrap();
        assert!(refused.headers().contains_key("retry-after"));
        assert_eq!(problem(refused, full).await["code"], "storage_full");
    }
    let begun = server
        .post_json(
            &format!("/api/uploads/parts?userId={USER}"),
            &json!({"size": bytes.len()}),
        )
        .await;
    let upload = json(begun, StatusCode::CREATED).await["data"]["fileId"].clone();
    let part = server.url(&format!(
        "/api/uploads/parts/{}/0?userId={USER}",
        upload.as_str().unwrap()
    ));
    let part = server.http.put(part).body(bytes.clone()).send().await.unwrap();
    problem(part, full).await;

    let cancel = server
        .post(&format!("/api/tasks/{cancelled}/cancel?userId={USER}"))
        .await;
    assert_eq!(cancel.status(), StatusCode::OK);
    let delete = server
        .http
        .delete(server.url(&format!("/api/tasks/{deleted}?userId={USER}")));
    assert_eq!(delete.send().await.unwrap().status(), StatusCode::OK);
    assert_eq!(server.original(&cancelled).await.bytes().await.unwrap(), bytes);

    let ready = server.get("/readyz").await.status();
    assert_eq!(ready, StatusCode::SERVICE_UNAVAILABLE);
    let health = json(server.get("/health").await, StatusCode::SERVICE_UNAVAILABLE).await;
    let storage = health["components"]["storage"]["message"].as_str().unwrap();
    assert!(storage.contains("room"), "{health}");
}

#[tokio::test]
async fn a_worker_without_room_lets_tasks_wait() {
    let mut server = Server::without_engine().await;
    let id = server.submit("a.pdf", &documents::small()).await;
    let everything = [EVERYTHING, ("OCR_ROLES", "api,worker,listener,health")];
    server.restart_with(&everything).await;
    let deadline = std::time::Instant::now() + crate::server::PATIENCE;
    while !server.log().contains("a task could not be claimed") {
        assert!(std::time::Instant::now() < deadline, "{}", server.log());
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    assert_eq!(server.task(&id).await["status"], "pending");
}

#[tokio::test]
async fn what_is_stored_is_its_owners_only() {
    let server = Server::without_engine().await;
    server.submit("a.pdf", &documents::small()).await;
    let rights = |path: &std::path::Path| path.metadata().unwrap().permissions().mode() & 0o777;
    assert_eq!(rights(&server.data()), 0o700);
    let mut folders = vec![server.data()];
    let mut files = 0;
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                assert_eq!(rights(&path), 0o700, "{}", path.display());
                folders.push(path);
            } else {
                assert_eq!(rights(&path), 0o600, "{}", path.display());
                files += 1;
            }
        }
    }
    assert!(files >= 5, "database, secret, locks and the document");
}

#[tokio::test]
async fn what_belongs_to_no_task_is_listed_and_removed_by_command() {
    let mut server = Server::without_engine().await;
    let id = server.submit("a.pdf", &documents::small()).await;
    server.terminate().await;
    let left = server.data().join(format!("blobs/objects/uploads/{USER}/left"));
    std::fs::write(&left, "left behind").unwrap();
    let run = |arguments: &[&str]| {
        let settings = [("OCR_DATA_DIR".to_owned(), server.data().display().to_string())];
        let output = program(&settings)
            .args(["storage", "orphans"])
            .args(arguments)
            .output()
            .unwrap();
        assert!(
            output.status.success(),
            "{}",
            String::from_utf8_lossy(&output.stderr)
        );
        String::from_utf8_lossy(&output.stdout).into_owned()
    };
    assert_eq!(
        run(&[]),
        "0 blobs that belong to no task found\n",
        "it is not a day old"
    );
    let found = run(&["--minutes", "0"]);
    assert!(
        found.contains(&format!("uploads/{USER}/left\n1 blobs")),
        "{found}"
    );
    assert!(left.exists(), "nobody asked for its removal");
    assert!(run(&["--minutes", "0", "--remove"]).contains("1 blobs that belong to no task removed"));
    assert!(!left.exists());
    server.restart().await;
    assert_eq!(
        server.original(&id).await.bytes().await.unwrap(),
        documents::small()
    );
}
