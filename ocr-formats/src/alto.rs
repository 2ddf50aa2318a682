//! ALTO 4.4 (<https://www.loc.gov/standards/alto/>): the layout of pages as libraries keep it.

use std::io;

use ocr_core::{
    formats::{FormatInfo, FormatInput},
    model::{Block, BlockKind, DocumentText, EngineInfo, Line, PageText, Polygon, Table},
};

use crate::{
    Format, WriteError,
    cells::{cell_lines, note_lines, table_of},
    kinds::{KINDS, label},
    language,
    pieces::{Piece, pieces},
    pixels::{Bounds, Pixels},
    writing::Writing,
    xml::{Tag, fraction},
};

/// [ALTO 4.4](https://www.loc.gov/standards/alto/): pages, blocks, lines and words (`String`) with boxes in pixels
/// and confidence (`WC`), valid by the schema `alto-4-4.xsd` for any document that has a page.
///
/// What a block is stands in its tag. A table is a `ComposedBlock` with a `TextBlock` for each cell; the format has
/// no rows and columns. What is slanted has its corners too (`Shape`).
#[derive(Debug, Clone, Copy, Default)]
pub struct Alto;

impl Format for Alto {
    fn info(&self) -> FormatInfo {
        FormatInfo::new("alto", "application/xml", "alto.xml")
    }

    fn write(&self, input: FormatInput<'_>, output: &mut dyn io::Write) -> Result<(), WriteError> {
        let write = |writing: &mut Writing<'_, Self>| writing.document(input.document);
        Ok(Writing::to(output, write)?)
    }
}

impl Writing<'_, Alto> {
    fn document(&mut self, document: &DocumentText) -> io::Result<()> {
        // Pages that another engine read name theirs.
        let mut engines = vec![&document.engine];
        for engine in document.pages.iter().filter_map(|page| page.engine.as_ref()) {
            if !engines.contains(&engine) {
                engines.push(engine);
            }
        }
        self.xml.declaration()?;
        self.xml.open(
            Tag::new("alto")
                .with("xmlns", "http://www.loc.gov/standards/alto/ns-v4#")
                .with("xmlns:xsi", "http://www.w3.org/2001/XMLSchema-instance")
                .with(
                    "xsi:schemaLocation",
                    "http://www.loc.gov/standards/alto/ns-v4# http://www.loc.gov/standards/alto/v4/alto-4-4.xsd",
                )
                .with("SCHEMAVERSION", "4.4"),
        )?;
        self.description(&engines)?;
        self.xml.open(Tag::new("Tags"))?;
        for kind in KINDS {
            let tag = Tag::new("StructureTag").with("ID", format_args!("kind_{kind}"));
            self.xml.empty(tag.with("LABEL", kind))?;
        }
        self.xml.close()?;
        self.xml.open(Tag::new("Layout"))?;
        for page in &document.pages {
            let engine = page.engine.as_ref().unwrap_or(&document.engine);
            let position = engines.iter().position(|known| *known == engine);
            self.page(page, position.map_or(1, |index| index + 1))?;
        }
        self.xml.close()?;
        self.xml.close()
    }

    fn description(&mut self, engines: &[&EngineInfo]) -> io::Result<()> {
        self.xml.open(Tag::new("Description"))?;
        self.xml.leaf(Tag::new("MeasurementUnit"), "pixel")?;
        for (index, engine) in engines.iter().enumerate() {
            let id = format!("processing_{}", index + 1);
            self.xml.open(Tag::new("Processing").with("ID", id))?;
            self.xml
                .leaf(Tag::new("processingCategory"), "contentGeneration")?;
            self.xml.open(Tag::new("processingSoftware"))?;
            self.xml.leaf(Tag::new("softwareName"), &engine.name)?;
            self.xml.leaf(Tag::new("softwareVersion"), &engine.version)?;
            self.xml.close()?;
            self.xml.close()?;
        }
        self.xml.close()
    }

    fn page(&mut self, page: &PageText, engine: usize) -> io::Result<()> {
        self.pixels = Pixels::of(page);
        self.xml.open(
            Tag::new("Page")
                .with("ID", self.ids.next_page())
                .with("PHYSICAL_IMG_NR", page.number)
                .with("WIDTH", page.width)
                .with("HEIGHT", page.height)
                .with_some("PC", page.confidence.map(fraction))
                .with_some("LANG", language::of_page(page))
                .with("PROCESSINGREFS", format_args!("processing_{engine}")),
        )?;
        let whole = Polygon::from_box(0.0, 0.0, 1.0, 1.0);
        self.xml.open(self.placed(Tag::new("PrintSpace"), &whole))?;
        for block in &page.blocks {
            self.block(block)?;
        }
        self.xml.close()?;
        self.xml.close()
    }

    fn block(&mut self, block: &Block) -> io::Result<()> {
        match table_of(block) {
            Some(table) => self.table(block, table),
            None if block.kind == BlockKind::Figure => self.figure(block),
            None => self.text_block(Some(block.kind), &block.polygon, &block.lines),
        }
    }

    fn text_block(&mut self, kind: Option<BlockKind>, polygon: &Polygon, lines: &[Line]) -> io::Result<()> {
        let tag = Tag::new("TextBlock").with("ID", self.ids.next("block"));
        self.open(tag.with_some("TAGREFS", kind.map(reference)), polygon)?;
        for line in lines {
            self.line(line)?;
        }
        self.xml.close()
    }

    fn table(&mut self, block: &Block, table: &Table) -> io::Result<()> {
        self.composed(BlockKind::Table, &block.polygon)?;
        self.note(block, table.title.as_deref())?;
        for cell in &table.cells {
            self.text_block(None, &cell.polygon, &cell_lines(block, cell))?;
        }
        self.note(block, table.footer.as_deref())?;
        self.xml.close()
    }

    fn note(&mut self, block: &Block, text: Option<&str>) -> io::Result<()> {
        let lines = note_lines(block, text);
        if lines.is_empty() {
            return Ok(());
        }
        let around = Polygon::enclosing(lines.iter().map(|line| &line.polygon));
        self.text_block(None, &around, &lines)
    }

    /// A picture; one that has text holds it beside itself, for an `Illustration` can hold none.
    fn figure(&mut self, block: &Block) -> io::Result<()> {
        self.composed(BlockKind::Figure, &block.polygon)?;
        let picture = Tag::new("Illustration").with("ID", self.ids.next("block"));
        self.open(picture, &block.polygon)?;
        self.xml.close()?;
        if !block.lines.is_empty() {
            let around = Polygon::enclosing(block.lines.iter().map(|line| &line.polygon));
            self.text_block(None, &around, &block.lines)?;
        }
        self.xml.close()
    }

    fn composed(&mut self, kind: BlockKind, polygon: &Polygon) -> io::Result<()> {
        let tag = Tag::new("ComposedBlock").with("ID", self.ids.next("block"));
        self.open(
            tag.with("TYPE", label(kind)).with("TAGREFS", reference(kind)),
            polygon,
        )
    }

    fn line(&mut self, line: &Line) -> io::Result<()> {
        let pieces = pieces(line);
        // A line needs a word.
        if pieces.is_empty() {
            return Ok(());
        }
        let id = self.ids.next("line");
        self.open(Tag::new("TextLine").with("ID", id), &line.polygon)?;
        let mut before = None;
        for piece in &pieces {
            if let Some(before) = before.replace(&piece.polygon).filter(|_| piece.spaced) {
                let space = self.space(before, &piece.polygon);
                self.xml.empty(space)?;
            }
            self.string(piece)?;
        }
        self.xml.close()
    }

    fn string(&mut self, piece: &Piece<'_>) -> io::Result<()> {
        let tag = Tag::new("String")
            .with("ID", self.ids.next("word"))
            .with("CONTENT", piece.text)
            .with("WC", fraction(piece.confidence));
        if self.pixels.is_slanted(&piece.polygon) {
            self.open(tag, &piece.polygon)?;
            self.xml.close()
        } else {
            self.xml.empty(self.placed(tag, &piece.polygon))
        }
    }

    /// The space between two words; without a place where the words leave none.
    fn space(&self, before: &Polygon, after: &Polygon) -> Tag {
        let (before, after) = (self.pixels.bounds(before), self.pixels.bounds(after));
        // The second stands on the left where text runs from the right.
        let (left, right) = if before.left <= after.left {
            (before, after)
        } else {
            (after, before)
        };
        if left.right >= right.left {
            return Tag::new("SP");
        }
        Tag::new("SP")
            .with("HPOS", left.right)
            .with("VPOS", before.top)
            .with("WIDTH", right.left - left.right)
    }

    /// Opens an element with its box, and its corners where they say more.
    fn open(&mut self, tag: Tag, polygon: &Polygon) -> io::Result<()> {
        self.xml.open(self.placed(tag, polygon))?;
        if self.pixels.is_slanted(polygon) {
            self.xml.open(Tag::new("Shape"))?;
            self.xml
                .empty(Tag::new("Polygon").with("POINTS", self.pixels.points(polygon)))?;
            self.xml.close()?;
        }
        Ok(())
    }

    fn placed(&self, tag: Tag, polygon: &Polygon) -> Tag {
        let Bounds {
            left,
            top,
            right,
            bottom,
        } = self.pixels.bounds(polygon);
        tag.with("HPOS", left)
            .with("VPOS", top)
            .with("WIDTH", right - left)
            .with("HEIGHT", bottom - top)
    }
}

/// The tag of a kind of blocks.
fn reference(kind: BlockKind) -> String {
    format!("kind_{}", label(kind))
}
