//! Files that a PDF carries beside its pages (ISO 32000-2, 7.11.4): they are counted and named, and not read.

use std::collections::{BTreeSet, VecDeque};

use hayro::hayro_syntax::{
    Pdf,
    object::{Array, Dict, Name, Object, ObjectIdentifier, String as PdfString},
};

use super::text_string;

/// Maximum number of attachments that are counted.
const MAX_COUNTED: usize = 1000;

/// Maximum number of nodes of the name tree that are looked at; links may lead in a circle.
const MAX_NODES: usize = 2000;

/// Maximum number of annotations of the whole document that are looked at.
const MAX_ANNOTATIONS: usize = 20_000;

/// Number of names that are told.
const NAMES_TOLD: usize = 5;

/// Maximum number of characters told of one name.
const MAX_NAME: usize = 60;

/// What a reader of the result should know of the files that the document carries; `None` where there are none.
pub(super) fn warning(pdf: &Pdf) -> Option<String> {
    let xref = pdf.xref();
    let catalog = xref.get::<Dict<'_>>(xref.root_id())?;
    let mut found = Attachments::default();
    if let Some(names) = catalog.get::<Dict<'_>>(b"Names")
        && let Some(tree) = names.get::<Dict<'_>>(b"EmbeddedFiles")
    {
        found.add_tree(tree);
    }
    found.add_all(&catalog);
    let mut annotations = MAX_ANNOTATIONS;
    for page in pdf.pages().iter() {
        found.add_all(page.raw());
        found.add_annotations(page.raw(), &mut annotations);
    }
    let is_portfolio = catalog.contains_key(b"Collection");
    (is_portfolio || found.count > 0).then(|| found.told(is_portfolio))
}

/// Attachments found so far, each once.
#[derive(Default)]
struct Attachments {
    seen: BTreeSet<ObjectIdentifier>,
    count: usize,
    names: Vec<String>,
}

impl Attachments {
    /// Adds the files of a name tree (ISO 32000-2, 7.9.6).
    fn add_tree(&mut self, root: Dict<'_>) {
        let mut open = VecDeque::from([root]);
        for _ in 0..MAX_NODES {
            let Some(node) = open.pop_front() else {
                return;
            };
            if let Some(kids) = node.get::<Array<'_>>(b"Kids") {
                let room = MAX_NODES.saturating_sub(open.len());
                open.extend(kids.iter::<Dict<'_>>().take(room));
            }
            if let Some(names) = node.get::<Array<'_>>(b"Names") {
                // Names and files by turns.
                let files = names.iter::<Object<'_>>().filter_map(Object::into_dict);
                for file in files.take(MAX_COUNTED) {
                    self.add(&file);
                }
            }
        }
    }

    /// Adds the files associated with an object (ISO 32000-2, 14.13).
    fn add_all(&mut self, owner: &Dict<'_>) {
        let files = owner.get::<Array<'_>>(b"AF");
        for file in files.iter().flat_map(Array::iter::<Dict<'_>>).take(MAX_COUNTED) {
            self.add(&file);
        }
    }

    fn add_annotations(&mut self, page: &Dict<'_>, left: &mut usize) {
        let annotations = page.get::<Array<'_>>(b"Annots");
        for annotation in annotations.iter().flat_map(Array::iter::<Dict<'_>>) {
            if *left == 0 {
                return;
            }
            *left -= 1;
            let kind = annotation.get::<Name<'_>>(b"Subtype");
            if kind.is_some_and(|kind| &*kind == b"FileAttachment")
                && let Some(file) = annotation.get::<Dict<'_>>(b"FS")
            {
                self.add(&file);
            }
        }
    }

    /// Adds a file specification, if the file is in the document and has not been seen.
    fn add(&mut self, file: &Dict<'_>) {
        let Some(embedded) = file.get::<Dict<'_>>(b"EF") else {
            return;
        };
        let stored = embedded.get_ref(b"UF").or_else(|| embedded.get_ref(b"F"));
        let Some(stored) = stored.map(ObjectIdentifier::from) else {
            return;
        };
        if self.count >= MAX_COUNTED || !self.seen.insert(stored) {
            return;
        }
        self.count += 1;
        if self.names.len() < NAMES_TOLD
            && let Some(name) = file
                .get::<PdfString<'_>>(b"UF")
                .or_else(|| file.get::<PdfString<'_>>(b"F"))
        {
            self.names.extend(told_name(name.as_bytes()));
        }
    }

    fn told(&self, is_portfolio: bool) -> String {
        let document = if is_portfolio {
            "this PDF is a portfolio"
        } else {
            "this PDF"
        };
        let (files, were) = match self.count {
            0 => ("attachments".to_owned(), "were"),
            1 => ("1 attachment".to_owned(), "was"),
            MAX_COUNTED => (format!("{MAX_COUNTED} or more attachments"), "were"),
            count => (format!("{count} attachments"), "were"),
        };
        let with = if is_portfolio { "with" } else { "has" };
        let mut told = format!("{document} {with} {files}, which {were} not read");
        if !self.names.is_empty() {
            told.push_str(": ");
            told.push_str(&self.names.join(", "));
            if self.count > self.names.len() {
                told.push_str(" and others");
            }
        }
        told
    }
}

/// A file name as it can be told: without a path, without what changes how the rest is shown, and not too long.
fn told_name(bytes: &[u8]) -> Option<String> {
    let name = decoded(bytes);
    let last = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let shown: String = last
        .chars()
        .map(|char| if char.is_whitespace() { ' ' } else { char })
        .filter(|char| !char.is_control() && !is_format(*char))
        .collect();
    let shown = shown.trim();
    if shown.is_empty() {
        return None;
    }
    let mut kept: String = shown.chars().take(MAX_NAME).collect();
    if kept.len() < shown.len() {
        kept.push('…');
    }
    Some(kept)
}

/// Whether a character is not seen but changes how others are: directions of writing, joiners, byte order marks.
fn is_format(char: char) -> bool {
    matches!(char, '\u{ad}' | '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}

/// A text string. Many programs write UTF-8 without the mark that it should have.
fn decoded(bytes: &[u8]) -> String {
    /// Bytes of which more than enough characters can be told.
    const ENOUGH: usize = 4096;
    let bytes = bytes.get(..ENOUGH).unwrap_or(bytes);
    std::str::from_utf8(bytes).map_or_else(|_| text_string::decoded(bytes), str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_cleaned_and_bounded() {
        let told = |bytes: &[u8]| told_name(bytes).unwrap_or_default();
        assert_eq!(told(b"\xFE\xFF\0a\x20\x2E\0.\0p\0d\0f"), "a.pdf");
        assert_eq!(told(b"C:\\Users\\x\\b.xlsx"), "b.xlsx");
        assert_eq!(told(b"\xEF\xBB\xBF\xC3\xA4\x1b[31m\n.txt"), "\u{e4}[31m .txt");
        assert_eq!(told(b"gr\xFC\xDFe.txt"), "gr\u{fc}\u{df}e.txt");
        assert_eq!(told(&[b'x'; 500]).chars().count(), MAX_NAME + 1);
        assert_eq!(told_name(b"\0\x01"), None);
    }
}
