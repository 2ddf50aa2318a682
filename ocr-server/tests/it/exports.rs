//! Many documents at once: an archive of their results, and the list as a table.

use std::io::{Cursor, Read};

use reqwest::{Response, StatusCode, header};
use serde_json::json as value;

use crate::{
    USER, documents, engine,
    form::Form,
    server::{Server, json, problem},
};

/// The files of an archive: their names and what is in them, in the order in which they were packed.
async fn unpacked(response: Response) -> Vec<(String, Vec<u8>)> {
    assert_eq!(response.status(), StatusCode::OK);
    assert_eq!(response.headers()[header::CONTENT_TYPE], "application/zip");
    let bytes = response.bytes().await.unwrap();
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).unwrap();
    let mut files = Vec::new();
    for index in 0..archive.len() {
        let mut file = archive.by_index(index).unwrap();
        let name = file.name().unwrap().into_owned();
        let mut content = Vec::new();
        file.read_to_end(&mut content).unwrap();
        files.push((name, content));
    }
    files
}

fn text(files: &[(String, Vec<u8>)], name: &str) -> String {
    let found = files.iter().find(|(known, _)| known == name);
    let (_, content) = found.unwrap_or_else(|| panic!("there is no {name}"));
    String::from_utf8(content.clone()).unwrap()
}

#[tokio::test]
async fn an_archive_has_what_was_read_and_says_what_was_not() {
    let Some(server) = engine::server(&[]).await else {
        return;
    };
    let mut ids = Vec::new();
    for _ in 0..2 {
        let id = server.submit("read.pdf", &documents::born_digital()).await;
        assert_eq!(server.ended(&id).await["status"], "completed");
        ids.push(id);
    }
    let broken = server.submit("broken.pdf", b"%PDF-1.4 and nothing more").await;
    assert_eq!(server.ended(&broken).await["status"], "failed");
    let missing = "00000000-0000-0000-0000-000000000000";
    let path = format!("/api/tasks/export?userId={USER}");
    let wanted = value!({"tasks": [ids[0], broken, missing, ids[1]], "formats": ["text", "pdf"]});
    let files = unpacked(server.post_json(&path, &wanted).await).await;
    let names: Vec<&str> = files.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(
        names,
        [
            "contents.csv",
            "read.txt",
            "read.pdf",
            "read (2).txt",
            "read (2).pdf",
            "not-exported.csv"
        ]
    );
    assert!(text(&files, "read (2).txt").contains("quick brown fox"));
    assert!(files[2].1.starts_with(b"%PDF-"));
    let row = format!("read (2).txt,read.pdf,{},text", ids[1]);
    assert!(text(&files, "contents.csv").lines().any(|line| line == row));
    let failed = text(&files, "not-exported.csv");
    assert!(failed.contains(&format!(",{missing},,not_found,")), "{failed}");
    assert!(
        failed.contains(&format!("broken.pdf,{broken},text,conflict,")),
        "{failed}"
    );

    let wanted = value!({"tasks": [ids[0], ids[1]], "formats": ["text"], "after": ids[0]});
    let rest = unpacked(server.post_json(&path, &wanted).await).await;
    let names: Vec<&str> = rest.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["contents.csv", "read (2).txt"]);

    let stranger = "/api/tasks/export?userId=22222222-2222-2222-2222-222222222222";
    problem(server.post_json(stranger, &wanted).await, StatusCode::NOT_FOUND).await;
}

#[tokio::test]
async fn an_archive_of_nothing_is_refused() {
    let server = Server::without_engine().await;
    let id = server.submit("a.pdf", &documents::small()).await;
    let many: Vec<&str> = vec![id.as_str(); 1001];
    for wrong in [
        value!({"tasks": [], "formats": ["text"]}),
        value!({"tasks": [id], "formats": []}),
        value!({"tasks": [id], "formats": ["papyrus"]}),
        value!({"tasks": ["not-an-id"], "formats": ["text"]}),
        value!({"tasks": [id], "formats": ["text"], "after": "00000000-0000-0000-0000-000000000000"}),
        value!({"tasks": many, "formats": ["text"]}),
    ] {
        let refused = server.post_json("/api/tasks/export", &wrong).await;
        problem(refused, StatusCode::UNPROCESSABLE_ENTITY).await;
    }
}

#[tokio::test]
async fn the_list_is_a_table_with_its_filters() {
    let server = Server::without_engine().await;
    let bytes = documents::small();
    let form = (0..130).fold(Form::new(), |form, number| {
        form.file(&format!("{number}.pdf"), &bytes)
    });
    let form = form.file("=HYPERLINK(1).pdf", &bytes);
    let sent = server.form(&format!("/api/tasks?userId={USER}"), form);
    json(sent.send().await.unwrap(), StatusCode::ACCEPTED).await;
    let table = async |filter: &str| {
        let path = format!("/api/tasks/export.csv?userId={USER}{filter}");
        let answer = server.get(&path).await;
        assert_eq!(answer.status(), StatusCode::OK);
        assert_eq!(answer.headers()[header::CONTENT_TYPE], "text/csv; charset=utf-8");
        answer.text().await.unwrap()
    };
    let all = table("").await;
    assert!(all.contains("id,filename,status,"), "{all}");
    assert_eq!(all.lines().count(), 1 + 131, "more than a page of the list");
    assert!(all.contains(",'=HYPERLINK(1).pdf,pending,"), "no formula");
    assert_eq!(table("&q=HYPERLINK").await.lines().count(), 2);
    assert_eq!(table("&status=completed").await.lines().count(), 1);
    for wrong in ["", "?userId=", &format!("?userId={USER}&status=done")] {
        let refused = server.get(&format!("/api/tasks/export.csv{wrong}")).await;
        problem(refused, StatusCode::UNPROCESSABLE_ENTITY).await;
    }
}
