//! Names of files that no person gives.

use std::{fmt, fs, path::Path};

use anyhow::{Context as _, Result};
use serde::{Deserialize, Deserializer, de::Visitor};

/// A file of the corpus that lists more names.
const LIST: &str = "filenames.json";

/// Names that we know to have broken something somewhere: paths, headers, terminals, shells, markup.
const OURS: [&[u8]; 22] = [
    b"../../../../etc/passwd",
    b"..\\..\\windows\\win.ini",
    b"/etc/cron.d/x.pdf",
    b"%2e%2e%2fa.pdf",
    b"..",
    b"",
    b" ",
    b"--help.pdf",
    b"a\0.png",
    b"a\r\nX-Injected: 1.pdf",
    b"a\x1b[31mred.pdf",
    "invoice\u{202e}fdp.exe".as_bytes(),
    "a\u{200b}.pdf".as_bytes(),
    b"CON",
    b"a.pdf::$DATA",
    b"<script>alert(1)</script>.pdf",
    b"'; DROP TABLE tasks;--.pdf",
    b"a\";filename=\"b.html",
    b"$(id).pdf",
    b"=cmd|calc!A1.pdf",
    b"\xff\xfe.pdf",
    &[b'a'; 5000],
];

/// A name as bytes: some of the corpus are no text.
struct Name(Vec<u8>);

impl<'de> Deserialize<'de> for Name {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Bytes;
        impl Visitor<'_> for Bytes {
            type Value = Name;

            fn expecting(&self, formatter: &mut fmt::Formatter) -> fmt::Result {
                formatter.write_str("a name")
            }

            fn visit_bytes<E>(self, bytes: &[u8]) -> Result<Name, E> {
                Ok(Name(bytes.to_vec()))
            }
        }
        deserializer.deserialize_bytes(Bytes)
    }
}

#[derive(Deserialize)]
struct Entry {
    name: Name,
}

/// Our names, and those of the corpus where it has a list.
pub(super) fn all(corpus: &Path) -> Result<Vec<Vec<u8>>> {
    let mut names: Vec<Vec<u8>> = OURS.iter().map(|name| name.to_vec()).collect();
    let list = corpus.join(LIST);
    if list.exists() {
        let entries: Vec<Entry> = serde_json::from_slice(&fs::read(&list)?)
            .with_context(|| format!("{} is no list of names", list.display()))?;
        names.extend(entries.into_iter().map(|entry| entry.name.0));
    }
    Ok(names)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_are_no_text_are_read_too() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(
            folder.path().join(LIST),
            r#"[{"name": "\ud800.pdf", "why": "half a pair"}]"#,
        )
        .unwrap();
        let names = all(folder.path()).unwrap();
        assert_eq!(names.len(), OURS.len() + 1);
        assert!(
            names
                .last()
                .is_some_and(|name| name.ends_with(b".pdf") && name.len() > 4)
        );
    }
}
