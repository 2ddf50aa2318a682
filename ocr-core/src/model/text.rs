//! What an engine read: an engine-neutral, versioned tree of pages, blocks, lines and words.
//!
//! Every output format (text, Markdown, searchable PDF, hOCR, ALTO, DOCX, CSV) is made from this
//! model alone, and every engine maps into it.

use crate::{ErrorKind, builder::builder};
use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Answer, Field, Polygon, QuarterTurn, SamePage, Selection, Table, Usage};

/// Version of the JSON written for [`DocumentText`]; raised when a reader must change.
pub const DOCUMENT_TEXT_VERSION: u32 = 1;

/// The recognised text of a whole document.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct DocumentText {
    /// Format version, [`DOCUMENT_TEXT_VERSION`].
    pub version: u32,
    /// Which engine read it, and how.
    pub engine: EngineInfo,
    /// What engines charged, by their names; empty when nothing was charged.
    #[serde(skip_serializing_if = "BTreeMap::is_empty", default)]
    pub usage: BTreeMap<String, Usage>,
    /// Pages in document order.
    pub pages: Vec<PageText>,
}

builder!(DocumentText {
    with_usage(usage: BTreeMap<String, Usage>) "The same with what engines charged, by their names."
});

impl DocumentText {
    /// What `engine` read, in this version of the format, free of charge.
    pub fn new(engine: EngineInfo, pages: Vec<PageText>) -> Self {
        Self {
            version: DOCUMENT_TEXT_VERSION,
            engine,
            usage: BTreeMap::new(),
            pages,
        }
    }

    /// What all engines charged together.
    pub fn total_usage(&self) -> Usage {
        self.usage.values().copied().sum()
    }

    /// Plain text in reading order; pages are separated by a form feed.
    pub fn plain_text(&self) -> String {
        let pages: Vec<String> = self.pages.iter().map(PageText::plain_text).collect();
        pages.join("\u{c}")
    }

    /// Number of words on all pages.
    pub fn word_count(&self) -> u64 {
        self.pages.iter().map(|page| page.words().count() as u64).sum()
    }

    /// Numbers of the pages that could not be read, in document order.
    pub fn failed_pages(&self) -> Vec<u32> {
        let failed = self.pages.iter().filter(|page| page.error.is_some());
        failed.map(|page| page.number).collect()
    }

    /// Mean word confidence in 0..=1 over all recognised words, or `None` without words.
    pub fn confidence(&self) -> Option<f32> {
        mean_confidence(self.pages.iter().flat_map(PageText::words))
    }
}

/// Which engine produced a result.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct EngineInfo {
    /// Short lower-case engine name, such as `ppocr`.
    pub name: String,
    /// Version of the engine or of its models.
    pub version: String,
}

impl EngineInfo {
    /// The engine `name` in this version.
    pub fn new(name: impl Into<String>, version: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            version: version.into(),
        }
    }
}

/// One page.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct PageText {
    /// One-based page number in the document.
    pub number: u32,
    /// Width in pixels of the upright page, as it was read.
    pub width: u32,
    /// Height in pixels of the upright page, as it was read.
    pub height: u32,
    /// Resolution in dots per inch at which those pixels stand, when known.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub dpi: Option<f32>,
    /// Clockwise quarter turns, in degrees (0, 90, 180, 270), applied to the stored page to make it upright.
    pub rotation: u16,
    /// Slant of the text in degrees after the quarter turns; positive is clockwise. Polygons follow the
    /// slant: they fit the page as it is after the quarter turns alone.
    #[serde(default)]
    pub skew: f32,
    /// Where the text came from.
    pub source: TextOrigin,
    /// Which engine read this page, where several shared the document.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub engine: Option<EngineInfo>,
    /// BCP 47 tag of the main language, when known.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub language: Option<String>,
    /// Mean word confidence in 0..=1; `None` on a page without words.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub confidence: Option<f32>,
    /// Blocks in reading order.
    pub blocks: Vec<Block>,
    /// Fields of forms.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub fields: Vec<Field>,
    /// Check boxes and radio buttons, those of fields and cells included.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub selections: Vec<Selection>,
    /// Answers to the questions that were asked.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub answers: Vec<Answer>,
    /// Findings this model has no name for, as the engine gave them.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub raw: Vec<serde_json::Value>,
    /// Time spent on this page, in milliseconds.
    #[serde(default)]
    pub elapsed_ms: u64,
    /// What a reader of the result should know, such as a resolution that was clamped.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub warnings: Vec<String>,
    /// Why the page could not be read, which a warning says for people; `None` where it was read. Such a page has no text.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub error: Option<ErrorKind>,
    /// What the page was read from and how: 64 lower-case hex digits that two pages of one owner share when the same
    /// engine read the same picture in the same way. `None` where nothing is known of that, so that no other page can
    /// be given this text.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub digest: Option<String>,
    /// The page whose text was taken over; `None` where an engine read.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub same_as: Option<SamePage>,
}

builder!(PageText {
    with_number(number: u32) "The same as page of this number, from 1."
    with_dpi(dpi: impl Into<Option<f32>>) "The same at this resolution, in dots per inch."
    with_rotation(rotation: u16) "The same after these clockwise degrees: 0, 90, 180 or 270."
    with_skew(skew: f32) "The same with this slant, in degrees."
    with_source(source: TextOrigin) "The same with its text from there."
    with_engine(engine: impl Into<Option<EngineInfo>>) "The same as this engine read it."
    with_language(language: impl Into<Option<String>>) "The same in this language, a BCP 47 tag."
    with_confidence(confidence: impl Into<Option<f32>>) "The same with this mean confidence, in 0..=1."
    with_blocks(blocks: Vec<Block>) "The same with these blocks, in reading order."
    with_fields(fields: Vec<Field>) "The same with these fields of forms."
    with_selections(selections: Vec<Selection>) "The same with these check boxes and radio buttons."
    with_answers(answers: Vec<Answer>) "The same with these answers."
    with_raw(raw: Vec<serde_json::Value>) "The same with findings that have no name here."
    with_elapsed_ms(elapsed_ms: u64) "The same, read in this many milliseconds."
    with_warnings(warnings: Vec<String>) "The same with these things its reader should know."
    with_error(error: impl Into<Option<ErrorKind>>) "The same, as one that could not be read for this reason."
    with_digest(digest: impl Into<Option<String>>) "The same, read from and in the way that this digest stands for."
    with_same_as(same_as: impl Into<Option<SamePage>>) "The same, taken over from this page."
});

impl PageText {
    /// An empty page of the given size in pixels.
    pub fn empty(number: u32, width: u32, height: u32) -> Self {
        Self {
            number,
            width,
            height,
            dpi: None,
            rotation: 0,
            skew: 0.0,
            source: TextOrigin::Empty,
            engine: None,
            language: None,
            confidence: None,
            blocks: Vec::new(),
            fields: Vec::new(),
            selections: Vec::new(),
            answers: Vec::new(),
            raw: Vec::new(),
            elapsed_ms: 0,
            warnings: Vec::new(),
            error: None,
            digest: None,
            same_as: None,
        }
    }

    /// Plain text in reading order: a line per line, an empty line between blocks.
    pub fn plain_text(&self) -> String {
        let blocks: Vec<String> = self
            .blocks
            .iter()
            .map(Block::plain_text)
            .filter(|text| !text.is_empty())
            .collect();
        blocks.join("\n\n")
    }

    /// All lines in reading order.
    pub fn lines(&self) -> impl Iterator<Item = &Line> {
        self.blocks.iter().flat_map(|block| block.lines.iter())
    }

    /// All words in reading order.
    pub fn words(&self) -> impl Iterator<Item = &Word> {
        self.lines().flat_map(|line| line.words.iter())
    }

    /// The turn that makes the stored page upright, by [`PageText::rotation`].
    pub fn turn(&self) -> QuarterTurn {
        QuarterTurn::from_degrees(i32::from(self.rotation))
    }

    /// Recomputes [`PageText::confidence`] from the words.
    pub fn update_confidence(&mut self) {
        self.confidence = mean_confidence(self.words());
    }
}

/// Where the text of a page came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TextOrigin {
    /// Recognised from pixels.
    Ocr,
    /// Taken from the text layer of the document.
    TextLayer,
    /// Taken from the text layer, and recognised from pixels where that has none: pictures, letters drawn as shapes; or
    /// corrected by a person.
    Mixed,
    /// The page holds no text.
    Empty,
}

/// A group of lines that belong together.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Block {
    /// What the block is.
    pub kind: BlockKind,
    /// Outline, normalised to the page.
    pub polygon: Polygon,
    /// Lines in reading order. Each line of a page is in one block.
    pub lines: Vec<Line>,
    /// The cells, where the block is a table whose cells were found.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub table: Option<Table>,
    /// How sure the engine is of the block itself, in 0..=1, where it says so.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub confidence: Option<f32>,
}

builder!(Block {
    with_table(table: impl Into<Option<Table>>) "The same with the cells of a table."
    with_confidence(confidence: impl Into<Option<f32>>) "The same with this confidence in the block itself, in 0..=1."
});

impl Block {
    /// A block of lines.
    pub fn new(kind: BlockKind, polygon: Polygon, lines: Vec<Line>) -> Self {
        Self {
            kind,
            polygon,
            lines,
            table: None,
            confidence: None,
        }
    }

    /// Plain text, a line per line.
    pub fn plain_text(&self) -> String {
        let lines: Vec<&str> = self.lines.iter().map(|line| line.text.as_str()).collect();
        lines.join("\n")
    }
}

/// What a block is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum BlockKind {
    /// Running text.
    Paragraph,
    /// The title of the document.
    Title,
    /// A section heading.
    Heading,
    /// Text in the top margin, repeated from page to page.
    Header,
    /// Text in the bottom margin, repeated from page to page.
    Footer,
    /// The number of the page.
    PageNumber,
    /// A list.
    List,
    /// A table.
    Table,
    /// A key with its value, as on a form.
    KeyValue,
    /// A picture.
    Figure,
    /// A signature.
    Signature,
}

/// One line of text.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Line {
    /// The text, words joined by the spaces that were read.
    pub text: String,
    /// Outline, normalised to the page.
    pub polygon: Polygon,
    /// Confidence in 0..=1.
    pub confidence: f32,
    /// Words in reading order.
    pub words: Vec<Word>,
}

impl Line {
    /// A line of these words, with a confidence in 0..=1.
    pub fn new(text: impl Into<String>, polygon: Polygon, confidence: f32, words: Vec<Word>) -> Self {
        Self {
            text: text.into(),
            polygon,
            confidence,
            words,
        }
    }

    /// Recomputes [`Line::text`] from the words, a space between two.
    pub fn update_text(&mut self) {
        let words: Vec<&str> = self.words.iter().map(|word| word.text.as_str()).collect();
        self.text = words.join(" ");
    }
}

/// One word.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Word {
    /// The text, without surrounding white space.
    pub text: String,
    /// Outline, normalised to the page.
    pub polygon: Polygon,
    /// Confidence in 0..=1; 1 for words of a text layer.
    pub confidence: f32,
}

impl Word {
    /// A word, with a confidence in 0..=1.
    pub fn new(text: impl Into<String>, polygon: Polygon, confidence: f32) -> Self {
        Self {
            text: text.into(),
            polygon,
            confidence,
        }
    }
}

fn mean_confidence<'a>(words: impl Iterator<Item = &'a Word>) -> Option<f32> {
    let (sum, count) = words.fold((0.0_f64, 0_u64), |(sum, count), word| {
        (sum + f64::from(word.confidence), count + 1)
    });
    (count > 0).then(|| (sum / count as f64) as f32)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_text_separates_blocks_and_pages() {
        let line = |text: &str| Line {
            text: text.into(),
            polygon: Polygon::from_box(0.0, 0.0, 1.0, 1.0),
            confidence: 1.0,
            words: vec![],
        };
        let block = |lines: Vec<Line>| {
            let everywhere = Polygon::from_box(0.0, 0.0, 1.0, 1.0);
            Block::new(BlockKind::Paragraph, everywhere, lines)
        };
        let mut page = PageText::empty(1, 10, 10);
        page.blocks = vec![block(vec![line("a"), line("b")]), block(vec![line("c")])];
        let pages = vec![page, PageText::empty(2, 10, 10)];
        let document = DocumentText::new(EngineInfo::default(), pages);
        assert_eq!(document.plain_text(), "a\nb\n\nc\u{c}");
    }

    #[test]
    fn a_document_without_the_newer_parts_is_read() {
        let json = r#"{"version": 1, "engine": {"name": "ppocr", "version": "6"}, "pages": [{
            "number": 1, "width": 10, "height": 20, "rotation": 0, "source": "ocr",
            "blocks": [{"kind": "table", "polygon": [[0,0],[1,0],[1,1],[0,1]], "lines": []}]}]}"#;
        let document: DocumentText = serde_json::from_str(json).unwrap();
        let mut page = PageText::empty(1, 10, 20);
        page.source = TextOrigin::Ocr;
        page.blocks = vec![Block::new(
            BlockKind::Table,
            Polygon::from_box(0.0, 0.0, 1.0, 1.0),
            vec![],
        )];
        assert_eq!(document.pages, [page]);
        assert_eq!(document.total_usage(), Usage::default());
    }

    #[test]
    fn the_parts_of_other_engines_take_no_room() {
        let document = DocumentText::new(EngineInfo::default(), vec![PageText::empty(1, 1, 1)]);
        let json = serde_json::to_string(&document).unwrap();
        for name in [
            "usage",
            "fields",
            "selections",
            "answers",
            "raw",
            "table",
            "error",
            "digest",
            "sameAs",
        ] {
            assert!(!json.contains(name), "{name} in {json}");
        }
    }
}
