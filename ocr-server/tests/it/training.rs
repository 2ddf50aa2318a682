//! Corrected lines as pictures with their text, on the command line.

use reqwest::StatusCode;
use serde_json::{Value, json as value};

use crate::{
    USER, documents, engine,
    server::{json, program},
};

/// Names and contents of the files of a tape archive.
fn files(archive: &[u8]) -> Vec<(String, Vec<u8>)> {
    let mut files = Vec::new();
    let mut rest = archive;
    while rest.len() >= 512 && rest[0] != 0 {
        let text = |range: std::ops::Range<usize>| {
            let field = String::from_utf8_lossy(&rest[range]).into_owned();
            field.trim_end_matches('\0').to_owned()
        };
        let size = usize::from_str_radix(&text(124..136), 8).unwrap();
        files.push((text(0..100), rest[512..512 + size].to_vec()));
        rest = &rest[512 + size.next_multiple_of(512)..];
    }
    files
}

#[tokio::test]
async fn corrected_lines_become_pictures_with_their_text() {
    let Some(mut server) = engine::server(&[]).await else {
        return;
    };
    let id = server.submit("scan.pdf", &documents::born_digital()).await;
    server.ended(&id).await;
    let change = value!({"version": 0, "operations": [{"op": "set-text", "word": 3, "text": "elephant"}]});
    let path = format!("/api/tasks/{id}/pages/1/corrections?userId={USER}");
    json(server.post_json(&path, &change).await, StatusCode::OK).await;
    server.terminate().await;

    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("pairs.tar");
    let write = |user: &str| {
        let settings = [("OCR_DATA_DIR".to_owned(), server.data().display().to_string())];
        let arguments = ["training-pairs", "--user", user, "--out"];
        program(&settings).args(arguments).arg(&out).output().unwrap()
    };
    let output = write(USER);
    let said = String::from_utf8_lossy(&output.stdout);
    let complained = String::from_utf8_lossy(&output.stderr);
    assert!(
        output.status.success() && said.contains("1 lines"),
        "{said}{complained}"
    );
    let files = files(&std::fs::read(&out).unwrap());
    let [(image, png), (file, text), (manifest, list)] = &files[..] else {
        panic!("three files, not {}", files.len());
    };
    assert_eq!(
        (image, file),
        (&format!("{id}_00001_00000.png"), &format!("{id}_00001_00000.txt"))
    );
    assert_eq!(png[..8], *b"\x89PNG\r\n\x1a\n");
    let text = std::str::from_utf8(text).unwrap();
    assert!(text.contains("elephant") && !text.contains("fox"), "{text}");
    assert_eq!(manifest, "manifest.jsonl");
    let entry: Value = serde_json::from_slice(list).unwrap();
    assert_eq!((&entry["image"], &entry["text"]), (&value!(image), &value!(text)));
    assert!(entry["read"].as_str().unwrap().contains("fox"), "{entry}");
    assert_eq!((&entry["page"], &entry["line"]), (&value!(1), &value!(0)));

    let output = write("22222222-2222-2222-2222-222222222222");
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && said.contains("0 lines"), "{said}");
    assert!(!write("nobody").status.success());
}
