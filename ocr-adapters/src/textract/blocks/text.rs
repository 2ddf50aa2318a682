//! Lines, words, and the blocks they make up, in reading order.

use std::collections::{HashMap, HashSet};

use aws_sdk_textract::types::{Block, BlockType};
use ocr_core::model::{Block as TextBlock, BlockKind, Line, PageText, Polygon, Word};

use super::{View, confidence, is, tables};
use ocr_layout::{Boxes, Piece, Rect};

/// Layouts nest once; this is enough for any.
const MAX_DEPTH: u8 = 4;

/// A line that was found, until it has its place.
struct Found<'a> {
    id: &'a str,
    line: Line,
    /// The table most of its words stand in.
    table: Option<usize>,
}

/// Fills the blocks of `page`. Each line of the service gets into exactly one.
pub(super) fn fill(page: &mut PageText, blocks: &[&Block], view: &View<'_>) {
    let tables = tables::tables(blocks, view);
    let mut lines: Vec<Found<'_>> = blocks
        .iter()
        .filter(|block| is(block, &BlockType::Line))
        .filter_map(|block| found(block, view, &tables))
        .collect();
    let mut unused: Vec<Option<tables::FoundTable>> = tables.into_iter().map(Some).collect();
    by_layout(page, blocks, view, &mut lines, &mut unused);
    by_place(page, view, lines, unused);
    for signature in blocks.iter().filter(|block| is(block, &BlockType::Signature)) {
        let polygon = view.orientation.polygon(signature);
        let found = TextBlock::new(BlockKind::Signature, polygon, Vec::new());
        page.blocks.push(found.with_confidence(confidence(signature)));
    }
}

fn found<'a>(block: &'a Block, view: &View<'_>, tables: &[tables::FoundTable]) -> Option<Found<'a>> {
    let children = view.index.children(block);
    let mut words: Vec<Word> = children.iter().filter_map(|child| word(child, view)).collect();
    let polygon = view.orientation.polygon(block);
    let text = block.text.as_deref().unwrap_or_default().trim();
    if words.is_empty() {
        words = text
            .split_whitespace()
            .map(|text| Word::new(text, polygon, confidence(block)))
            .collect();
    }
    if words.is_empty() {
        return None;
    }
    let text = if words.iter().all(|word| text.contains(&word.text)) {
        text.to_owned()
    } else {
        let texts: Vec<&str> = words.iter().map(|word| word.text.as_str()).collect();
        texts.join(" ")
    };
    let holds = |table: &tables::FoundTable| {
        let inside = children
            .iter()
            .filter_map(|child| child.id.as_deref())
            .filter(|id| table.words.contains(*id))
            .count();
        inside * 2 > children.len()
    };
    Some(Found {
        id: block.id.as_deref().unwrap_or_default(),
        line: Line::new(text, polygon, confidence(block), words),
        table: tables.iter().position(holds),
    })
}

fn word(block: &Block, view: &View<'_>) -> Option<Word> {
    if !is(block, &BlockType::Word) {
        return None;
    }
    let text = block.text.as_deref()?.trim();
    (!text.is_empty()).then(|| Word::new(text, view.orientation.polygon(block), confidence(block)))
}

/// What the service says of the kind of a part of the page.
fn kind_of(block: &Block) -> Option<BlockKind> {
    Some(match block.block_type.as_ref()? {
        BlockType::LayoutTitle => BlockKind::Title,
        BlockType::LayoutSectionHeader => BlockKind::Heading,
        BlockType::LayoutHeader => BlockKind::Header,
        BlockType::LayoutFooter => BlockKind::Footer,
        BlockType::LayoutPageNumber => BlockKind::PageNumber,
        BlockType::LayoutList => BlockKind::List,
        BlockType::LayoutFigure => BlockKind::Figure,
        BlockType::LayoutTable => BlockKind::Table,
        BlockType::LayoutKeyValue => BlockKind::KeyValue,
        BlockType::LayoutText => BlockKind::Paragraph,
        _ => return None,
    })
}

/// Takes lines and tables into the parts of the page the service has named, in its order.
fn by_layout(
    page: &mut PageText,
    blocks: &[&Block],
    view: &View<'_>,
    lines: &mut Vec<Found<'_>>,
    tables: &mut [Option<tables::FoundTable>],
) {
    let parts: Vec<&&Block> = blocks.iter().filter(|block| kind_of(block).is_some()).collect();
    // The items of a list are parts too, and belong to their list.
    let nested: HashSet<&str> = parts
        .iter()
        .flat_map(|part| view.index.children(part))
        .filter(|child| kind_of(child).is_some())
        .filter_map(|child| child.id.as_deref())
        .collect();
    for part in parts {
        if part.id.as_deref().is_some_and(|id| nested.contains(id)) {
            continue;
        }
        let Some(kind) = kind_of(part) else { continue };
        let polygon = view.orientation.polygon(part);
        let table = (kind == BlockKind::Table)
            .then(|| tables::nearest(tables, &polygon))
            .flatten();
        let mut ids = HashMap::new();
        collect_lines(part, view, MAX_DEPTH, &mut ids);
        let mut mine: Vec<(usize, Found<'_>)> = Vec::new();
        let mut rest = Vec::with_capacity(lines.len());
        for (place, line) in lines.drain(..).enumerate() {
            let own = ids.get(line.id).copied();
            match own.or((table.is_some() && line.table == table).then_some(place)) {
                Some(place) => mine.push((place, line)),
                None => rest.push(line),
            }
        }
        *lines = rest;
        mine.sort_by_key(|(place, _)| *place);
        let table = table.and_then(|index| tables[index].take());
        let lines = mine.into_iter().map(|(_, found)| found.line).collect();
        page.blocks.push(
            TextBlock::new(kind, polygon, lines)
                .with_table(table.map(|found| found.table))
                .with_confidence(confidence(part)),
        );
    }
}

/// The ids of the lines below a part of the page, with their place in it.
fn collect_lines<'a>(block: &Block, view: &View<'a>, depth: u8, ids: &mut HashMap<&'a str, usize>) {
    for child in view.index.children(block) {
        if is(child, &BlockType::Line) {
            if let Some(id) = child.id.as_deref() {
                let place = ids.len();
                ids.entry(id).or_insert(place);
            }
        } else if depth > 0 {
            collect_lines(child, view, depth - 1, ids);
        }
    }
}

/// A piece of the page that has no place yet.
enum Unplaced {
    Line(Line),
    Table(Box<TextBlock>),
}

/// Puts what is left into reading order, as its place on the page tells.
fn by_place(
    page: &mut PageText,
    view: &View<'_>,
    lines: Vec<Found<'_>>,
    tables: Vec<Option<tables::FoundTable>>,
) {
    let mut unplaced: Vec<Option<Unplaced>> = Vec::new();
    let mut pieces: Vec<Piece> = Vec::new();
    let mut of_tables: HashMap<usize, Vec<Line>> = HashMap::new();
    for found in lines {
        if let Some(table) = found.table.filter(|table| tables[*table].is_some()) {
            of_tables.entry(table).or_default().push(found.line);
        } else {
            pieces.push(Piece::found(rect(&found.line.polygon, view)));
            unplaced.push(Some(Unplaced::Line(found.line)));
        }
    }
    for (index, found) in tables.into_iter().enumerate() {
        let Some(found) = found else { continue };
        pieces.push(Piece::found(rect(&found.polygon, view)).solid());
        let lines = of_tables.remove(&index).unwrap_or_default();
        unplaced.push(Some(Unplaced::Table(Box::new(
            TextBlock::new(BlockKind::Table, found.polygon, lines)
                .with_table(found.table)
                .with_confidence(found.confidence),
        ))));
    }
    for group in ocr_layout::blocks(&pieces, Boxes::Found) {
        let mut lines = Vec::new();
        for index in group.rows.into_iter().flatten() {
            match unplaced[index].take() {
                Some(Unplaced::Line(line)) => lines.push(line),
                // A table beside text in one row comes after it.
                Some(Unplaced::Table(block)) => {
                    push_lines(page, group.kind, std::mem::take(&mut lines));
                    page.blocks.push(*block);
                }
                None => {}
            }
        }
        push_lines(page, group.kind, lines);
    }
}

fn push_lines(page: &mut PageText, kind: BlockKind, lines: Vec<Line>) {
    if lines.is_empty() {
        return;
    }
    let kind = match kind {
        // Text beside a table.
        BlockKind::Table => BlockKind::Paragraph,
        kind => kind,
    };
    let polygon = match lines.as_slice() {
        [one] => one.polygon,
        several => Polygon::enclosing(several.iter().map(|line| &line.polygon)),
    };
    page.blocks.push(TextBlock::new(kind, polygon, lines));
}

fn rect(polygon: &Polygon, view: &View<'_>) -> Rect {
    polygon.bounds().scaled(view.width, view.height)
}
