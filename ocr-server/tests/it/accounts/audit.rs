//! What the audit log says of documents, and what is left of a user who is forgotten.

use reqwest::StatusCode;
use serde_json::{Value, json};

use super::{Visitor, admin, employ, server, submit};
use crate::{
    USER, documents,
    server::{Server, json, problem},
};

/// What one did with a document, newest first, as its owner sees it.
async fn done_with(server: &Server, owner: &Visitor, id: &str) -> Vec<(String, String)> {
    let page = owner.get(server, &format!("/api/tasks/{id}/audit")).await;
    let page = json(page, StatusCode::OK).await;
    let text = |entry: &Value, field: &str| entry[field].as_str().unwrap_or_default().to_owned();
    page["data"]["entries"]
        .as_array()
        .unwrap()
        .iter()
        .map(|entry| (text(entry, "actorName"), text(entry, "action")))
        .collect()
}

#[tokio::test]
async fn who_saw_a_document_is_told_to_its_owner() {
    let server = server().await;
    let ada = employ(&server, "ada", &[]).await;
    let bob = employ(&server, "bob", &[]).await;
    let id = submit(&server, &ada).await;
    let download = format!("/api/tasks/{id}/download");
    for _ in 0..3 {
        json(ada.get(&server, &download).await, StatusCode::OK).await;
    }
    problem(bob.get(&server, &download).await, StatusCode::NOT_FOUND).await;
    problem(
        bob.get(&server, &format!("/api/tasks/{id}/audit")).await,
        StatusCode::NOT_FOUND,
    )
    .await;
    let seen = |who: &str, what: &str| (who.to_owned(), what.to_owned());
    assert_eq!(
        done_with(&server, &ada, &id).await,
        [
            seen("bob", "access_refused"),
            seen("bob", "access_refused"),
            seen("ada", "link_made"),
            seen("ada", "document_submitted"),
        ],
        "the same view within a minute is one entry"
    );
    problem(bob.get(&server, "/api/admin/users").await, StatusCode::FORBIDDEN).await;
    let printed = admin(&server, &["audit"], "");
    assert!(printed.contains("/api/admin/users"), "{printed}");
}

#[tokio::test]
async fn the_audit_log_is_exported_and_verified() {
    let server = server().await;
    let root = employ(&server, "root", &["--admin"]).await;
    let ada = employ(&server, "ada", &[]).await;
    submit(&server, &ada).await;
    let export = "/api/admin/audit/export";
    problem(ada.get(&server, export).await, StatusCode::FORBIDDEN).await;
    let odd = root.get(&server, &format!("{export}?format=xml")).await;
    problem(odd, StatusCode::UNPROCESSABLE_ENTITY).await;
    // Sealed by a duty, soon after it was written.
    let exported = async |format: &str| {
        let answer = root.get(&server, &format!("{export}?format={format}")).await;
        assert_eq!(answer.status(), StatusCode::OK);
        answer.text().await.unwrap()
    };
    let mut lines = exported("jsonl").await;
    while !lines.contains("document_submitted") {
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
        lines = exported("jsonl").await;
    }
    let first: Value = serde_json::from_str(lines.lines().next().unwrap()).unwrap();
    assert_eq!(first["seq"], 1);
    assert!(exported("csv").await.contains("document_submitted"));
    let verified = admin(&server, &["audit", "verify"], "");
    assert!(verified.contains("as they were written"), "{verified}");
    assert!(admin(&server, &["audit", "export", "--format", "csv"], "").contains("account_created"));
}

#[tokio::test]
async fn where_nobody_signs_in_nothing_is_recorded_unless_it_is_asked_for() {
    let mut server = Server::without_engine().await;
    let id = server.submit("a.pdf", &documents::small()).await;
    let audit = format!("/api/tasks/{id}/audit");
    let page = json(server.get(&audit).await, StatusCode::OK).await;
    assert_eq!(page["data"]["recorded"], "off");
    assert_eq!(page["data"]["entries"], json!([]));
    server.restart_with(&[("OCR_AUDIT", "changes")]).await;
    json(
        server.get(&format!("/api/tasks/{id}/download")).await,
        StatusCode::OK,
    )
    .await;
    let delete = server.url(&format!("/api/tasks/{id}?userId={USER}"));
    json(server.http.delete(delete).send().await.unwrap(), StatusCode::OK).await;
    let restore = format!("/api/tasks/{id}/restore?userId={USER}");
    json(server.post(&restore).await, StatusCode::OK).await;
    let page = json(server.get(&audit).await, StatusCode::OK).await;
    let entries = page["data"]["entries"].as_array().unwrap();
    assert_eq!(entries.len(), 2, "{entries:?}");
    assert_eq!(entries[0]["action"], "document_restored");
    assert_eq!(entries[1]["actor"], USER);
}

#[tokio::test]
async fn of_a_user_who_is_forgotten_nothing_is_left() {
    let server = server().await;
    let root = employ(&server, "root", &["--admin"]).await;
    let ada = employ(&server, "ada", &[]).await;
    let users = json(root.get(&server, "/api/admin/users").await, StatusCode::OK).await;
    let users = users["data"]["users"].as_array().unwrap();
    let id = users.iter().find(|user| user["name"] == "ada").unwrap()["id"]
        .as_str()
        .unwrap()
        .to_owned();
    submit(&server, &ada).await;
    let trashed = submit(&server, &ada).await;
    json(
        ada.delete(&server, &format!("/api/tasks/{trashed}")).await,
        StatusCode::OK,
    )
    .await;
    let told = admin(&server, &["erase-user", "ada"], "");
    assert!(told.contains("would be removed"), "{told}");
    let told = admin(&server, &["erase-user", "ada", "--yes"], "");
    assert!(told.contains("2 documents"), "{told}");
    problem(ada.get(&server, "/api/tasks").await, StatusCode::UNAUTHORIZED).await;
    let again = admin(&server, &["erase-user", &id, "--yes"], "");
    assert!(again.contains("0 documents"), "{again}");
    let exported = admin(&server, &["audit", "export"], "");
    assert!(
        !exported.contains(&id) && !exported.contains("\"ada\""),
        "{exported}"
    );
    let verified = admin(&server, &["audit", "verify"], "");
    assert!(
        verified.contains("do not say any more who did what"),
        "{verified}"
    );
    let mut folders = vec![server.data()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let blob = path.is_file() && path.to_string_lossy().contains(&id);
            assert!(!blob, "{}", path.display());
            if path.is_dir() {
                folders.push(path);
            }
        }
    }
}
