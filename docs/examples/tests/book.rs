//! The book holds together: no page is left out, no link leads nowhere, no Rust block is not compiled.

use std::{
    fs,
    path::{Path, PathBuf},
};

/// The folder of the book.
fn book() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .expect("the examples lie inside the book")
        .to_owned()
}

/// Every page below `folder`.
fn pages(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).expect("the folder can be read") {
        let path = entry.expect("the entry can be read").path();
        if path.is_dir() {
            found.extend(pages(&path));
        } else if path.extension().is_some_and(|extension| extension == "md") {
            found.push(path);
        }
    }
    found.sort();
    found
}

fn text(page: &Path) -> String {
    fs::read_to_string(page).expect("the page can be read")
}

/// The targets of the links of a page that lead to files.
fn links(text: &str) -> Vec<&str> {
    let targets = text.split("](").skip(1).filter_map(|rest| rest.split(')').next());
    targets
        .filter_map(|target| target.split('#').next())
        .filter(|target| !target.is_empty() && !target.contains("://") && !target.contains(' '))
        .collect()
}

#[test]
fn every_page_is_in_the_summary() {
    let book = book();
    let summary = text(&book.join("SUMMARY.md"));
    let listed = links(&summary);
    for page in pages(&book) {
        let name = page.strip_prefix(&book).expect("a page of the book");
        let name = name.to_str().expect("a plain name");
        assert!(
            name == "SUMMARY.md" || listed.contains(&name),
            "{name} is not in SUMMARY.md"
        );
    }
}

#[test]
fn every_link_to_a_file_leads_to_one() {
    for page in pages(&book()) {
        let folder = page.parent().expect("a page has a folder");
        for target in links(&text(&page)) {
            let path = folder.join(target);
            assert!(path.exists(), "{}: there is no {target}", page.display());
        }
    }
}

#[test]
fn every_rust_block_is_compiled() {
    let book = book();
    let included = text(&book.join("examples/src/lib.rs"));
    for page in pages(&book) {
        if text(&page).contains("```rust") {
            let name = page.strip_prefix(&book).expect("a page of the book");
            let include = format!("include_str!(\"../../{}\")", name.display());
            assert!(included.contains(&include), "{} is not compiled", name.display());
            assert!(
                !text(&page).contains("rust,ignore"),
                "{} has a block that is not compiled",
                name.display()
            );
        }
    }
}
