//! All that belongs to a user, as an archive for themselves.

use std::{
    collections::BTreeMap,
    io::{Cursor, Read},
    os::unix::fs::PermissionsExt as _,
};

use ocr_core::digest::sha256_hex;
use reqwest::StatusCode;
use serde_json::{Value, json};

use super::{Visitor, admin, employ, id_of, server, submit};
use crate::{
    documents,
    server::{json, problem},
};

/// The files of an archive, each as its manifest says.
fn unpacked(bytes: &[u8]) -> BTreeMap<String, Vec<u8>> {
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).unwrap();
    let mut files = BTreeMap::new();
    for index in 0..archive.len() {
        let mut file = archive.by_index(index).unwrap();
        let mut content = Vec::new();
        file.read_to_end(&mut content).unwrap();
        assert!(files.insert(file.name().unwrap().into_owned(), content).is_none());
    }
    let manifest: Value = serde_json::from_slice(&files.remove("manifest.json").unwrap()).unwrap();
    let listed = manifest["files"].as_array().unwrap();
    assert_eq!(listed.len(), files.len());
    for file in listed {
        let content = &files[file["name"].as_str().unwrap()];
        assert_eq!(file["sha256"], sha256_hex(content));
        assert_eq!(file["size"], content.len());
    }
    assert_eq!(manifest["missing"], json!([]));
    files
}

#[tokio::test]
async fn what_belongs_to_a_user_is_theirs_to_have_and_nothing_else() {
    let server = server().await;
    let ada = employ(&server, "ada", &[]).await;
    let bob = employ(&server, "bob", &[]).await;
    let (live, trashed) = (submit(&server, &ada).await, submit(&server, &ada).await);
    let foreign = submit(&server, &bob).await;
    let filing = json!({"addLabels": ["Tax 2024"], "note": "for Ms Müller"});
    let path = format!("/api/tasks/{live}/filing");
    let filed = ada.asks(&server, reqwest::Method::PATCH, &path).json(&filing);
    json(filed.send().await.unwrap(), StatusCode::OK).await;
    json(
        ada.delete(&server, &format!("/api/tasks/{trashed}")).await,
        StatusCode::OK,
    )
    .await;
    let search = json!({"name": "Open invoices", "query": "invoice"});
    let user = id_of(&server, &ada).await;
    let searches = format!("/api/searches?userId={user}");
    json(ada.post(&server, &searches, &search).await, StatusCode::CREATED).await;
    let link = json!({"taskId": live, "hours": 1});
    json(ada.post(&server, "/api/shares", &link).await, StatusCode::CREATED).await;
    let key = json!({"name": "scanner", "scope": "read"});
    let key = json(
        ada.post(&server, "/api/account/keys", &key).await,
        StatusCode::CREATED,
    )
    .await;
    let secret = key["data"]["secret"].as_str().unwrap();
    let by_key = Visitor::with_key(secret)
        .get(&server, "/api/account/export")
        .await;
    problem(by_key, StatusCode::FORBIDDEN).await;

    let own = ada.get(&server, "/api/account/export").await;
    assert_eq!(own.status(), StatusCode::OK);
    let files = unpacked(&own.bytes().await.unwrap());
    let told = |name: &str| -> Value { serde_json::from_slice(&files[name]).unwrap() };
    assert_eq!(
        files[&format!("documents/{live}/original.pdf")],
        documents::small().to_vec()
    );
    let about = told(&format!("documents/{live}/document.json"));
    assert_eq!(about["filing"]["labels"], json!(["Tax 2024"]));
    assert_eq!(about["links"].as_array().unwrap().len(), 1);
    assert!(files.contains_key(&format!("documents/{trashed}/original.pdf")));
    assert_eq!(told("searches.json")[0]["query"], "invoice");
    assert_eq!(told("usage.json")["days"][0]["documents"], 2);
    assert_eq!(told("account.json")["account"]["login"], "ada");
    assert_eq!(told("account.json")["keys"][0]["name"], "scanner");
    assert_eq!(told("account.json")["secondFactor"], false);
    let session = &told("account.json")["sessions"][0];
    assert_eq!(session.get("programScope"), Some(&Value::Null), "a browser");
    let audit = files.keys().find(|name| name.starts_with("audit/")).unwrap();
    let audit = told(audit).to_string();
    assert!(audit.contains("document_filed") && audit.contains("account_created"));
    let whole: Vec<u8> = files.values().flatten().copied().collect();
    let whole = String::from_utf8_lossy(&whole);
    let bobs = id_of(&server, &bob).await;
    for hidden in [foreign.as_str(), &bobs, secret, "argon2id"] {
        assert!(!whole.contains(hidden), "{hidden}");
    }
}

#[tokio::test]
async fn an_operator_writes_it_to_a_file_of_their_own() {
    let server = server().await;
    let ada = employ(&server, "ada", &[]).await;
    let id = submit(&server, &ada).await;
    let out = server.data().join("ada.zip");
    let path = out.to_str().unwrap();
    admin(&server, &["export-user", "ada", "--out", path], "");
    let files = unpacked(&std::fs::read(&out).unwrap());
    assert!(files.contains_key(&format!("documents/{id}/original.pdf")));
    let mode = std::fs::metadata(&out).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    assert!(admin(&server, &["audit"], "").contains("user_exported"));
}
