//! Lines between the platform and its page processes. A page process decodes what strangers send, so
//! what it says is believed no more than that.

use ocr_core::model::PageText;
use ocr_documents::{Document, Limits};
use ocr_testkit::documents::text_pdf;
use ocr_vision::sandbox::fuzzing;

use crate::{Seed, Target};

pub(crate) const TARGET: Target = Target {
    name: "page-protocol",
    run: page_protocol,
    seeds,
    words: &[
        b"\"ask\":",
        b"\"answer\":",
        b"\"open\"",
        b"\"page\"",
        b"\"picture\"",
        b"\"facts\"",
        b"\"render\"",
        b"\"rendered\"",
        b"\"failed\"",
        b"\"number\":",
        b"4294967296",
        b"-1",
        b"1e999",
        b"null",
        b"[[[[",
        b"{\"",
        b"\\ud800",
    ],
    mutations: 6000,
};

/// Reads `bytes` as a line of either side.
///
/// # Panics
/// When what was read cannot be written again.
pub fn page_protocol(bytes: &[u8]) {
    fuzzing::request(bytes);
    fuzzing::response(bytes);
}

fn a_page() -> PageText {
    let file = text_pdf(&["A heading\n\na line of text"]).to_vec();
    let document = Document::open(file, Limits::default()).expect("our own document can be opened");
    let facts = document.facts(0).expect("it has a page");
    facts.text.expect("the page has a text layer")
}

fn seeds() -> Vec<Seed> {
    let seed = |name, text: &str| (name, text.as_bytes().to_vec());
    vec![
        seed("open", r#"{"ask":"open","bytes":4096}"#),
        seed(
            "page",
            r#"{"ask":"page","number":3,"languages":["en","de-CH"],"features":[],"threads":2}"#,
        ),
        seed(
            "picture",
            r#"{"ask":"picture","number":1,"width":900,"quarter_turns":3}"#,
        ),
        seed("facts", r#"{"ask":"facts","number":4294967295}"#),
        seed("look", r#"{"ask":"look","number":2,"features":["tables"]}"#),
        seed(
            "looked",
            r#"{"answer":"looked","picture":"00ff","elapsed_ms":12}"#,
        ),
        seed("ready", r#"{"answer":"ready","version":"ppocr v6"}"#),
        seed("opened", r#"{"answer":"opened","pages":17}"#),
        seed("drawn", r#"{"answer":"picture","jpeg":"/9j/4AAQSkZJRg=="}"#),
        seed(
            "known",
            r#"{"answer":"facts","width":10,"height":20,"dpi":300.5,"text":null}"#,
        ),
        seed(
            "failed",
            r#"{"answer":"failed","kind":"InvalidInput","message":"no such page \u00e9"}"#,
        ),
        ("read", fuzzing::answer(a_page())),
    ]
}
