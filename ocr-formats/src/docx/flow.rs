//! Pages as text that flows.

use docx_rs::{AlignmentType, Docx, LineSpacing, Paragraph, Run, SectionProperty, Table};
use ocr_core::model::{Block, BlockKind, DocumentText, Field, PageText, Table as Cells};

use super::{
    list::{Lists, item},
    sheet::{Sheet, twips},
    styles::{self, HEADING, TITLE},
    table::{self, table},
    text::{empty, font_size, joined, paragraph, run, texts},
};
use crate::{
    cells::table_of,
    pairs::{pairs, value},
    placed::Grid,
};

/// Distance between blocks whose places do not say it, in points.
const USUAL_GAP: f32 = 6.0;

/// Blocks are no farther apart, in points: the text would leave its page.
const MAX_GAP: f32 = 36.0;

/// A document of one section for each page.
pub(super) fn document(document: &DocumentText) -> Docx {
    let mut lists = Lists::default();
    let pages = document.pages.iter().map(|page| {
        let mut body = Body::new(page);
        for block in &page.blocks {
            body.add_block(block, &mut lists);
        }
        (body.sheet.section(), body.items)
    });
    let docx = sections(styles::document(), pages.collect());
    lists.define(docx)
}

/// What stands on a page, one below the other.
pub(super) enum Item {
    Paragraph(Box<Paragraph>),
    Table(Box<Table>),
}

impl From<Paragraph> for Item {
    fn from(paragraph: Paragraph) -> Self {
        Self::Paragraph(Box::new(paragraph))
    }
}

/// Adds pages. The last paragraph of a page ends its section; that of the last page is the document's own.
pub(super) fn sections(mut docx: Docx, mut pages: Vec<(SectionProperty, Vec<Item>)>) -> Docx {
    let last = pages
        .pop()
        .unwrap_or_else(|| (SectionProperty::new(), Vec::new()));
    for (section, mut items) in pages {
        let end = match items.pop() {
            Some(Item::Paragraph(paragraph)) => *paragraph,
            other => {
                items.extend(other);
                tiny()
            }
        };
        docx = items.into_iter().fold(docx, add);
        docx = docx.add_paragraph(end.section_property(section));
    }
    let (section, mut items) = last;
    // The body of a document must not end with a table, nor be empty.
    if !matches!(items.last(), Some(Item::Paragraph(_))) {
        items.push(tiny().into());
    }
    docx = items.into_iter().fold(docx, add);
    docx.document.section_property = section;
    docx
}

fn add(docx: Docx, item: Item) -> Docx {
    match item {
        Item::Paragraph(paragraph) => docx.add_paragraph(*paragraph),
        Item::Table(table) => docx.add_table(*table),
    }
}

/// A paragraph that must be there but not be seen: no page may grow longer by it.
pub(super) fn tiny() -> Paragraph {
    let spacing = LineSpacing::new().before(0).after(0).line(20);
    empty()
        .line_spacing(spacing.line_rule(docx_rs::LineSpacingType::Exact))
        .size(2)
}

/// A page while it is written.
struct Body<'a> {
    page: &'a PageText,
    sheet: Sheet,
    items: Vec<Item>,
    /// Bottom of the last block, in points.
    bottom: Option<f32>,
}

impl<'a> Body<'a> {
    fn new(page: &'a PageText) -> Self {
        Self {
            page,
            sheet: Sheet::new(page),
            items: Vec::new(),
            bottom: None,
        }
    }

    fn add_block(&mut self, block: &Block, lists: &mut Lists) {
        let bounds = self.sheet.place(&block.polygon).bounds();
        let gap = self.bottom.map_or(0.0, |bottom| bounds.top - bottom);
        // A column begins above the end of the one before.
        let gap = if gap >= 0.0 { gap.min(MAX_GAP) } else { USUAL_GAP };
        let before = self.items.len();
        if let Some(cells) = table_of(block) {
            self.add_table(block, cells, gap);
        } else if let Some(fields) = pairs(self.page, block) {
            self.add_form(block, &fields, gap);
        } else if block.kind == BlockKind::List {
            self.add_list(block, lists, gap);
        } else {
            self.add_text(block, gap);
        }
        if self.items.len() > before {
            self.bottom = Some(bounds.bottom);
        }
    }

    fn add_text(&mut self, block: &Block, gap: f32) {
        let text = match block.kind {
            // Each line says something of its own.
            BlockKind::KeyValue | BlockKind::Table | BlockKind::Figure | BlockKind::Signature => {
                block.plain_text()
            }
            _ => joined(texts(&block.lines)),
        };
        if text.trim().is_empty() {
            return;
        }
        let run = run(&text, font_size(block, &self.sheet));
        let paragraph = match block.kind {
            BlockKind::Title => paragraph(run, &text).style(TITLE).keep_next(true),
            BlockKind::Heading => paragraph(run, &text).style(HEADING).keep_next(true),
            BlockKind::Header | BlockKind::Footer | BlockKind::PageNumber => paragraph(marginal(run), &text),
            _ => paragraph(run, &text),
        };
        let centered = block.lines.iter().all(|line| self.sheet.centers(line));
        let paragraph = if centered {
            paragraph.align(AlignmentType::Center)
        } else {
            paragraph
        };
        self.add(paragraph, gap);
    }

    /// Keys, bold, with their values, a line for each.
    fn add_form(&mut self, block: &Block, fields: &[&Field], gap: f32) {
        let size = font_size(block, &self.sheet);
        for (index, field) in fields.iter().enumerate() {
            let value = value(field);
            let text = format!("{} {value}", field.key.trim());
            let key = paragraph(run(field.key.trim(), size).bold(), &text);
            let line = key.add_run(run(&format!(" {value}"), size));
            self.add(line, if index == 0 { gap } else { 0.0 });
        }
    }

    fn add_list(&mut self, block: &Block, lists: &mut Lists, gap: f32) {
        let size = font_size(block, &self.sheet);
        for (index, (list, lines)) in lists.items(&block.lines).into_iter().enumerate() {
            let text = joined(lines);
            let item = item(paragraph(run(&text, size), &text), list);
            self.add(item, if index == 0 { gap } else { 0.0 });
        }
    }

    fn add_table(&mut self, block: &Block, cells: &Cells, gap: f32) {
        let grid = Grid::new(cells, table::MAX_ROWS, table::MAX_COLUMNS);
        let size = font_size(block, &self.sheet);
        let said = |text: &Option<String>| text.clone().filter(|text| !text.trim().is_empty());
        match said(&cells.title) {
            Some(title) => {
                let title = paragraph(run(&title, size).bold(), &title).keep_next(true);
                self.add(title, gap);
            }
            // A table has no space above itself, and Word takes two without a paragraph between them for one.
            None if !self.items.is_empty() => self.add(tiny(), gap),
            None => {}
        }
        if grid.left_out == 0 {
            self.items
                .push(Item::Table(Box::new(table(&grid, &self.sheet, size))));
        } else {
            self.add_rows(cells, size);
        }
        if let Some(footer) = said(&cells.footer) {
            self.add(paragraph(run(&footer, size), &footer), 0.0);
        }
    }

    /// What Word cannot have as a table: a line for each row.
    fn add_rows(&mut self, cells: &Cells, size: usize) {
        for row in crate::tables::grid(cells) {
            let row: Vec<&str> = row.into_iter().filter(|text| !text.is_empty()).collect();
            let text = row.join("  ");
            self.add(paragraph(run(&text, size), &text), 0.0);
        }
    }

    /// Adds a paragraph `gap` points below what is there.
    fn add(&mut self, paragraph: Paragraph, gap: f32) {
        let mut paragraph = paragraph;
        if gap > 0.0 {
            let spacing = paragraph.property.line_spacing.take().unwrap_or_default();
            paragraph = paragraph.line_spacing(spacing.before(twips(gap).unsigned_abs()));
        }
        self.items.push(paragraph.into());
    }
}

/// What stands in a margin. Not a header or footer of Word: what was read there differs from page to page, and the
/// library mixes up the headers of more than nine sections.
fn marginal(run: Run) -> Run {
    run.size(16).color("808080")
}
