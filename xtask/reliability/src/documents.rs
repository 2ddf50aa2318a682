//! Small PDF files with known text (ISO 32000-1), each different from all others.

use std::fmt::Write as _;

use fastrand::Rng;

/// Words of the documents: the spelling alphabet, which no reader takes one for another.
const WORDS: [&str; 26] = [
    "alpha", "bravo", "charlie", "delta", "echo", "foxtrot", "golf", "hotel", "india", "juliett", "kilo",
    "lima", "mike", "november", "oscar", "papa", "quebec", "romeo", "sierra", "tango", "uniform", "victor",
    "whiskey", "xray", "yankee", "zulu",
];
/// Lines of a page beside its heading.
const LINES: usize = 6;
/// Words of a line.
const LINE_WORDS: usize = 5;
/// Objects before the pages: the font.
const FONT: usize = 1;

/// A document and what a reader must find in it.
#[derive(Debug, Clone)]
pub(crate) struct Document {
    /// Its name, which no other document of a run has.
    pub(crate) name: String,
    /// Its text, a space between words.
    pub(crate) text: String,
    /// The file.
    pub(crate) bytes: Vec<u8>,
}

impl Document {
    /// The document `number` of a run, with `pages` pages.
    pub(crate) fn new(number: usize, pages: usize, random: &mut Rng) -> Self {
        let pages: Vec<String> = (1..=pages)
            .map(|page| {
                let mut text = format!("Document {number} page {page}");
                for _ in 0..LINES {
                    let words: Vec<&str> = (0..LINE_WORDS)
                        .map(|_| WORDS[random.usize(..WORDS.len())])
                        .collect();
                    text.push('\n');
                    text.push_str(&words.join(" "));
                }
                text
            })
            .collect();
        Self {
            name: format!("document-{number}.pdf"),
            text: words_of(&pages.join("\n")),
            bytes: pdf(&pages),
        }
    }
}

/// The words of a text with one space between them: how lines and pages are divided does not count.
pub(crate) fn words_of(text: &str) -> String {
    let words: Vec<&str> = text.split_whitespace().collect();
    words.join(" ")
}

/// A file with a page for each text, in 12 point Helvetica.
fn pdf(pages: &[String]) -> Vec<u8> {
    let tree = FONT + 2 * pages.len() + 1;
    let mut objects =
        vec!["<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>".to_owned()];
    let mut kids = String::new();
    for text in pages {
        let shown: String = text.lines().fold(String::new(), |mut shown, line| {
            // Writing to a String cannot fail.
            let _ = writeln!(shown, "({line}) Tj T*");
            shown
        });
        let content = format!("BT /F1 12 Tf 18 TL 72 770 Td\n{shown}ET");
        objects.push(format!(
            "<< /Length {} >>\nstream\n{content}\nendstream",
            content.len()
        ));
        let stream = objects.len();
        objects.push(format!(
            "<< /Type /Page /Parent {tree} 0 R /MediaBox [0 0 595 842] /Contents {stream} 0 R \
             /Resources << /Font << /F1 {FONT} 0 R >> >> >>"
        ));
        let _ = write!(kids, "{} 0 R ", objects.len());
    }
    objects.push(format!(
        "<< /Type /Pages /Kids [{kids}] /Count {} >>",
        pages.len()
    ));
    objects.push(format!("<< /Type /Catalog /Pages {tree} 0 R >>"));
    file(&objects)
}

/// Numbers the objects from 1 and adds the table of their places; the last one is the catalogue.
fn file(objects: &[String]) -> Vec<u8> {
    let mut file = "%PDF-1.4\n".to_owned();
    let mut table = format!("xref\n0 {}\n0000000000 65535 f \n", objects.len() + 1);
    for (number, object) in (1..).zip(objects) {
        let _ = writeln!(table, "{:010} 00000 n ", file.len());
        let _ = write!(file, "{number} 0 obj\n{object}\nendobj\n");
    }
    let start = file.len();
    let (size, root) = (objects.len() + 1, objects.len());
    let _ = write!(
        file,
        "{table}trailer\n<< /Size {size} /Root {root} 0 R >>\nstartxref\n{start}\n%%EOF\n"
    );
    file.into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_repeats_a_document_and_numbers_tell_them_apart() {
        let made = |number, seed| Document::new(number, 3, &mut Rng::with_seed(seed));
        assert_eq!(made(1, 7).bytes, made(1, 7).bytes);
        assert_ne!(made(1, 7).bytes, made(2, 7).bytes);
        assert!(made(2, 7).text.starts_with("Document 2 page 1 "));
        assert!(made(2, 7).text.contains("Document 2 page 3 "));
    }

    #[test]
    fn places_in_the_table_are_those_of_the_objects() {
        let file = String::from_utf8(Document::new(1, 2, &mut Rng::with_seed(1)).bytes).unwrap();
        let (_, table) = file.split_once("xref\n0 ").unwrap();
        let places = table
            .lines()
            .filter(|line| line.ends_with(" n "))
            .map(|line| line[..10].parse::<usize>().unwrap());
        for (number, place) in (1..).zip(places) {
            assert!(file[place..].starts_with(&format!("{number} 0 obj")));
        }
    }
}
