//! PAGE XML (<https://github.com/PRImA-Research-Lab/PAGE-XML>), page content of 2019-07-15.

use std::io;

use ocr_core::{
    formats::{FormatInfo, FormatInput},
    model::{Block, BlockKind, Cell, CellKind, DocumentText, Line, PageText, Polygon, Table},
};

use crate::{
    Format, WriteError,
    cells::{cell_lines, note_lines, table_of},
    kinds::label,
    language,
    pieces::pieces,
    pixels::{Pixels, resolution},
    writing::{Writing, engine_name},
    xml::{Tag, fraction},
};

const NAMESPACE: &str = "http://schema.primaresearch.org/PAGE/gts/pagecontent/2019-07-15";

/// When it was made: never. No format has a clock, so that the same document gives the same bytes; but the schema
/// wants a time.
const NO_TIME: &str = "1970-01-01T00:00:00";

/// [PAGE XML](https://github.com/PRImA-Research-Lab/PAGE-XML), page content of 2019-07-15: regions in reading order
/// with lines and words, their corners in pixels, and confidence. Lines and words have their text each, as the
/// format has it.
///
/// The schema knows one page in a file. A document of one page, or one page of a document, is valid; one of several
/// has a `Page` for each, valid on its own.
#[derive(Debug, Clone, Copy, Default)]
pub struct PageXml;

impl Format for PageXml {
    fn info(&self) -> FormatInfo {
        FormatInfo::new("page-xml", "application/xml", "page.xml")
    }

    fn write(&self, input: FormatInput<'_>, output: &mut dyn io::Write) -> Result<(), WriteError> {
        let write = |writing: &mut Writing<'_, Self>| writing.document(input.document);
        Ok(Writing::to(output, write)?)
    }
}

impl Writing<'_, PageXml> {
    fn document(&mut self, document: &DocumentText) -> io::Result<()> {
        self.xml.declaration()?;
        self.xml.open(
            Tag::new("PcGts")
                .with("xmlns", NAMESPACE)
                .with("xmlns:xsi", "http://www.w3.org/2001/XMLSchema-instance")
                .with(
                    "xsi:schemaLocation",
                    format_args!("{NAMESPACE} {NAMESPACE}/pagecontent.xsd"),
                ),
        )?;
        self.xml.open(Tag::new("Metadata"))?;
        self.xml
            .leaf(Tag::new("Creator"), &engine_name(&document.engine))?;
        self.xml.leaf(Tag::new("Created"), NO_TIME)?;
        self.xml.leaf(Tag::new("LastChange"), NO_TIME)?;
        self.xml.close()?;
        for page in &document.pages {
            self.page(page)?;
        }
        self.xml.close()
    }

    fn page(&mut self, page: &PageText) -> io::Result<()> {
        self.pixels = Pixels::of(page);
        self.ids.next_page();
        let dpi = resolution(page);
        let direction = language::of_page(page)
            .is_some_and(language::is_right_to_left)
            .then_some("right-to-left");
        self.xml.open(
            Tag::new("Page")
                // Not known here, but wanted by the schema.
                .with("imageFilename", "")
                .with("imageWidth", page.width)
                .with("imageHeight", page.height)
                .with_some("imageXResolution", dpi)
                .with_some("imageYResolution", dpi)
                .with_some("imageResolutionUnit", dpi.map(|_| "PPI"))
                .with_some("readingDirection", direction)
                .with_some("conf", page.confidence.map(fraction)),
        )?;
        let ids: Vec<String> = page.blocks.iter().map(|_| self.ids.next("region")).collect();
        self.reading_order(&ids)?;
        for (block, id) in page.blocks.iter().zip(ids) {
            self.block(block, id)?;
        }
        self.xml.close()
    }

    fn reading_order(&mut self, ids: &[String]) -> io::Result<()> {
        // A group may not be empty.
        if ids.is_empty() {
            return Ok(());
        }
        self.xml.open(Tag::new("ReadingOrder"))?;
        let group = self.ids.next("order");
        self.xml.open(Tag::new("OrderedGroup").with("id", group))?;
        for (index, id) in ids.iter().enumerate() {
            let reference = Tag::new("RegionRefIndexed").with("index", index);
            self.xml.empty(reference.with("regionRef", id))?;
        }
        self.xml.close()?;
        self.xml.close()
    }

    fn block(&mut self, block: &Block, id: String) -> io::Result<()> {
        if let Some(table) = table_of(block) {
            return self.table(block, table, id);
        }
        // Regions of these hold text in regions of their own.
        let outer = match block.kind {
            BlockKind::Table => Some("TableRegion"),
            BlockKind::Figure => Some("ImageRegion"),
            _ => None,
        };
        let Some(outer) = outer else {
            let (kind, custom) = text_type(block.kind);
            let region = Tag::new("TextRegion").with("id", id).with("type", kind);
            self.open(
                region.with_some("custom", custom),
                &block.polygon,
                block.confidence,
            )?;
            self.lines(&block.lines)?;
            return self.xml.close();
        };
        self.open(Tag::new(outer).with("id", id), &block.polygon, block.confidence)?;
        self.inner("other", &block.lines)?;
        self.xml.close()
    }

    fn table(&mut self, block: &Block, table: &Table, id: String) -> io::Result<()> {
        let region = Tag::new("TableRegion")
            .with("id", id)
            .with("rows", integer(table.rows))
            .with("columns", integer(table.columns));
        self.open(region, &block.polygon, block.confidence)?;
        self.inner("caption", &note_lines(block, table.title.as_deref()))?;
        for cell in &table.cells {
            self.cell(block, cell)?;
        }
        self.inner("footnote", &note_lines(block, table.footer.as_deref()))?;
        self.xml.close()
    }

    fn cell(&mut self, block: &Block, cell: &Cell) -> io::Result<()> {
        let region = Tag::new("TextRegion").with("id", self.ids.next("cell"));
        self.open(region, &cell.polygon, Some(cell.confidence))?;
        self.xml.open(Tag::new("Roles"))?;
        self.xml.empty(
            Tag::new("TableCellRole")
                // The model counts from 1, the format from 0.
                .with("rowIndex", integer(cell.row.saturating_sub(1)))
                .with("columnIndex", integer(cell.column.saturating_sub(1)))
                .with("rowSpan", integer(cell.row_span.max(1)))
                .with("colSpan", integer(cell.column_span.max(1)))
                .with("header", cell.kind == CellKind::ColumnHeader),
        )?;
        self.xml.close()?;
        self.lines(&cell_lines(block, cell))?;
        self.xml.close()
    }

    /// A region of text inside another, if there is text.
    fn inner(&mut self, kind: &str, lines: &[Line]) -> io::Result<()> {
        if lines.is_empty() {
            return Ok(());
        }
        let around = Polygon::enclosing(lines.iter().map(|line| &line.polygon));
        let region = Tag::new("TextRegion").with("id", self.ids.next("text"));
        self.open(region.with("type", kind), &around, None)?;
        self.lines(lines)?;
        self.xml.close()
    }

    fn lines(&mut self, lines: &[Line]) -> io::Result<()> {
        for line in lines {
            let id = self.ids.next("line");
            self.open(Tag::new("TextLine").with("id", id), &line.polygon, None)?;
            for piece in pieces(line) {
                let id = self.ids.next("word");
                self.open(Tag::new("Word").with("id", id), &piece.polygon, None)?;
                self.text(piece.text, piece.confidence)?;
                self.xml.close()?;
            }
            self.text(&line.text, line.confidence)?;
            self.xml.close()?;
        }
        Ok(())
    }

    fn text(&mut self, text: &str, confidence: f32) -> io::Result<()> {
        self.xml
            .open(Tag::new("TextEquiv").with("conf", fraction(confidence)))?;
        self.xml.leaf(Tag::new("Unicode"), text)?;
        self.xml.close()
    }

    /// Opens an element that begins with its corners.
    fn open(&mut self, tag: Tag, polygon: &Polygon, confidence: Option<f32>) -> io::Result<()> {
        self.xml.open(tag)?;
        let corners = Tag::new("Coords").with("points", self.pixels.points(polygon));
        self.xml
            .empty(corners.with_some("conf", confidence.map(fraction)))
    }
}

/// The nearest type that the schema has, and what it leaves unsaid as Transkribus writes it.
fn text_type(kind: BlockKind) -> (&'static str, Option<String>) {
    let kind_of_text = match kind {
        BlockKind::Paragraph => "paragraph",
        BlockKind::Title | BlockKind::Heading => "heading",
        BlockKind::Header => "header",
        BlockKind::Footer => "footer",
        BlockKind::PageNumber => "page-number",
        _ => "other",
    };
    let custom = (kind_of_text != label(kind)).then(|| format!("structure {{type:{};}}", label(kind)));
    (kind_of_text, custom)
}

/// A count that fits into the integers of the schema.
fn integer(count: u32) -> u32 {
    count.min(i32::MAX.unsigned_abs())
}
