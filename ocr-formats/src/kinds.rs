//! Names of the kinds of blocks.

use ocr_core::model::BlockKind;

/// All labels.
pub(crate) const KINDS: [&str; 12] = [
    "paragraph",
    "title",
    "heading",
    "header",
    "footer",
    "page-number",
    "list",
    "table",
    "key-value",
    "figure",
    "signature",
    "other",
];

/// What a block is, in a word.
pub(crate) fn label(kind: BlockKind) -> &'static str {
    match kind {
        BlockKind::Paragraph => "paragraph",
        BlockKind::Title => "title",
        BlockKind::Heading => "heading",
        BlockKind::Header => "header",
        BlockKind::Footer => "footer",
        BlockKind::PageNumber => "page-number",
        BlockKind::List => "list",
        BlockKind::Table => "table",
        BlockKind::KeyValue => "key-value",
        BlockKind::Figure => "figure",
        BlockKind::Signature => "signature",
        _ => "other",
    }
}
