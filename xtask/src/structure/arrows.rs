//! Which crate of ours may depend on which.

use anyhow::{Result, bail};

/// Each crate, and those below it that it may depend on directly.
const BELOW: [(&str, &[&str]); 9] = [
    ("ocr-core", &[]),
    ("ocr-migrations", &[]),
    ("ocr-layout", &["ocr-core"]),
    ("ocr-testkit", &["ocr-core"]),
    ("ocr-documents", &["ocr-core", "ocr-layout"]),
    ("ocr-formats", &["ocr-core", "ocr-layout", "ocr-documents"]),
    ("ocr-vision", &["ocr-core", "ocr-layout", "ocr-documents"]),
    (
        "ocr-adapters",
        &[
            "ocr-core",
            "ocr-migrations",
            "ocr-layout",
            "ocr-documents",
            "ocr-vision",
        ],
    ),
    (
        "ocr-server",
        &[
            "ocr-core",
            "ocr-migrations",
            "ocr-layout",
            "ocr-formats",
            "ocr-documents",
            "ocr-vision",
            "ocr-adapters",
        ],
    ),
];

/// Whether the crate `name` has a place among the crates that others build on.
pub(super) fn is_ours(name: &str) -> bool {
    BELOW.iter().any(|(known, _)| *known == name)
}

/// Checks that the crate `name` depends on nothing but what is below it. `tree` is what `cargo tree`
/// prints of it, one crate a line, itself first.
pub(super) fn check(name: &str, tree: &str) -> Result<()> {
    let Some((_, below)) = BELOW.iter().find(|(known, _)| *known == name) else {
        bail!("{name} has no place among the crates; say in xtask/src/structure/arrows.rs what is below it");
    };
    let mut lines = tree.lines().filter_map(|line| line.split_whitespace().next());
    if lines.next() != Some(name) {
        bail!("what {name} depends on could not be read");
    }
    match lines.find(|used| used.starts_with("ocr-") && !below.contains(used)) {
        Some(used) => bail!("{name} depends on {used}, which is not below it"),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arrows_point_down_only() {
        let tree = |used: &str| format!("ocr-layout v0.1.0 (/x)\n{used} v0.1.0 (/y)\nserde v1.0.0\n");
        check("ocr-layout", &tree("ocr-core")).unwrap();
        let error = check("ocr-layout", &tree("ocr-documents"))
            .unwrap_err()
            .to_string();
        assert_eq!(
            error,
            "ocr-layout depends on ocr-documents, which is not below it"
        );
        assert!(check("ocr-new", "ocr-new v0.1.0\n").is_err());
    }

    #[test]
    fn the_order_itself_has_no_circle() {
        for (position, (name, below)) in BELOW.iter().enumerate() {
            for used in *below {
                let before = BELOW[..position].iter().any(|(earlier, _)| earlier == used);
                assert!(before, "{name} stands before {used}");
            }
        }
    }
}
