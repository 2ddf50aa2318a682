//! The command that reads local files.

use crate::{documents, engine, server::program};

#[test]
fn scan_writes_text_and_json_and_says_what_failed() {
    let Some(settings) = engine::settings() else {
        return;
    };
    let settings: Vec<(String, String)> = settings
        .into_iter()
        .map(|(name, value)| (name.into(), value))
        .collect();
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    std::fs::write(at("scan.pdf"), documents::scan(2)).unwrap();
    std::fs::write(at("photo.png"), documents::picture()).unwrap();
    std::fs::write(at("bad.pdf"), b"%PDF-1.4 and nothing more").unwrap();

    let scan = |files: &[&str], output: &str| {
        let files = files.iter().map(|name| at(name));
        program(&settings)
            .arg("scan")
            .args(files)
            .arg("-o")
            .arg(at(output))
            .output()
            .unwrap()
    };
    let good = scan(&["scan.pdf", "photo.png"], "out");
    assert_eq!(
        good.status.code(),
        Some(0),
        "{}",
        String::from_utf8_lossy(&good.stderr)
    );
    for name in ["scan", "photo"] {
        let text = std::fs::read_to_string(at("out").join(format!("{name}.txt"))).unwrap();
        for word in documents::WORDS {
            assert!(text.contains(word), "{word} is not in {text}");
        }
        let json = std::fs::read(at("out").join(format!("{name}.json"))).unwrap();
        let json: serde_json::Value = serde_json::from_slice(&json).unwrap();
        assert!(!json["pages"].as_array().unwrap().is_empty());
    }

    let searchable = program(&settings)
        .args(["scan", "--format", "pdf,docx", "-o"])
        .args([at("searchable"), at("photo.png")])
        .output()
        .unwrap();
    assert_eq!(searchable.status.code(), Some(0));
    let begins = |name: &str, magic: &[u8]| {
        let bytes = std::fs::read(at("searchable").join(name)).unwrap();
        assert!(bytes.starts_with(magic), "{name}");
    };
    begins("photo.pdf", b"%PDF-1.7");
    begins("photo.docx", b"PK");

    let mixed = scan(&["photo.png", "bad.pdf"], "mixed");
    assert_eq!(mixed.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&mixed.stderr).contains("bad.pdf"));
    assert!(at("mixed").join("photo.txt").exists());
    assert!(!at("mixed").join("bad.txt").exists());

    let usage = program(&settings).arg("scan").output().unwrap();
    assert_eq!(usage.status.code(), Some(2));
}
