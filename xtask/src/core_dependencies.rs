//! Checks that `ocr-core` has few dependencies and no vendor among them.

use std::collections::BTreeSet;

use anyhow::{Result, bail};

use crate::process::{cargo, output};

/// Most crates in the dependency tree of `ocr-core`.
const MOST: usize = 60;

/// Beginnings of the names of crates that belong to adapters or to the server.
const VENDORS: [&str; 20] = [
    "actix",
    "aws-",
    "axum",
    "azure",
    "clap",
    "diesel",
    "google-",
    "hayro",
    "hyper",
    "image",
    "libsqlite3-sys",
    "native-tls",
    "openssl",
    "ort",
    "redis",
    "reqwest",
    "rten",
    "rustls",
    "sqlx",
    "tesseract",
];

/// Checks the dependency tree of `ocr-core` as it is used by others: default features, no tests.
pub(crate) fn check() -> Result<()> {
    let tree = output(&mut cargo(&[
        "tree",
        "--locked",
        "--package",
        "ocr-core",
        "--edges",
        "normal",
        "--prefix",
        "none",
        "--format",
        "{p}",
    ]))?;
    let crates = names(&tree);
    judge(&crates)?;
    println!(
        "ocr-core depends on {} crates, none of a vendor",
        crates.len() - 1
    );
    Ok(())
}

/// The names of the crates in the output of `cargo tree`, the root included.
fn names(tree: &str) -> BTreeSet<&str> {
    tree.lines()
        .filter_map(|line| line.split_whitespace().next())
        .collect()
}

fn judge(crates: &BTreeSet<&str>) -> Result<()> {
    if !crates.contains("ocr-core") {
        bail!("the dependency tree of ocr-core could not be read");
    }
    let foreign: Vec<&str> = crates
        .iter()
        .filter(|name| VENDORS.iter().any(|vendor| name.starts_with(vendor)))
        .copied()
        .collect();
    if !foreign.is_empty() {
        bail!(
            "ocr-core must not depend on {}; that belongs into an adapter",
            foreign.join(", ")
        );
    }
    if crates.len() > MOST {
        bail!(
            "ocr-core depends on {} crates; at most {MOST} keep it light",
            crates.len()
        );
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ocr_core_is_light_and_names_no_vendor() {
        check().unwrap();
    }

    #[test]
    fn a_vendor_deep_in_the_tree_is_found() {
        let tree = "ocr-core v0.1.0 (/somewhere)\nbytes v1.11.0\naws-sdk-s3 v1.0.0\nbytes v1.11.0 (*)\n";
        let crates = names(tree);
        assert_eq!(crates.len(), 3);
        assert!(judge(&crates).unwrap_err().to_string().contains("aws-sdk-s3"));
    }

    #[test]
    fn a_heavy_tree_and_an_empty_one_are_refused() {
        let many: Vec<String> = (0..MOST).map(|number| format!("crate-{number}")).collect();
        let mut crates: BTreeSet<&str> = many.iter().map(String::as_str).collect();
        assert!(judge(&crates).is_err());
        crates.insert("ocr-core");
        assert!(judge(&crates).unwrap_err().to_string().contains("light"));
    }
}
