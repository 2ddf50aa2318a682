//! Tables with their cells.

use std::collections::HashSet;

use aws_sdk_textract::types::{Block, BlockType, EntityType, RelationshipType, SelectionStatus};
use ocr_core::model::{Cell, CellKind, Polygon, Table};

use super::{View, confidence, is};

/// A table that was found, with what tells which lines are its own.
pub(super) struct FoundTable {
    pub(super) table: Table,
    pub(super) polygon: Polygon,
    pub(super) confidence: f32,
    /// Ids of the words in its cells, title and footer.
    pub(super) words: HashSet<String>,
}

pub(super) fn tables(blocks: &[&Block], view: &View<'_>) -> Vec<FoundTable> {
    blocks
        .iter()
        .filter(|block| is(block, &BlockType::Table))
        .map(|block| table(block, view))
        .collect()
}

/// The table that is not used yet and shares most of the area of `polygon`, if it shares any.
pub(super) fn nearest(tables: &[Option<FoundTable>], polygon: &Polygon) -> Option<usize> {
    let shared = |table: &FoundTable| {
        let (a, b) = (table.polygon.bounds(), polygon.bounds());
        let (across, down) = (a.overlap_x(&b), a.overlap_y(&b));
        across * down
    };
    tables
        .iter()
        .enumerate()
        .filter_map(|(index, table)| Some((index, shared(table.as_ref()?))))
        .filter(|(_, area)| *area > 0.0)
        .max_by(|a, b| a.1.total_cmp(&b.1))
        .map(|(index, _)| index)
}

fn table(block: &Block, view: &View<'_>) -> FoundTable {
    let plain = view.index.children(block);
    let merged = view.index.related(block, &RelationshipType::MergedCell);
    let covered: HashSet<&str> = merged
        .iter()
        .flat_map(|cell| view.index.children(cell))
        .filter_map(|cell| cell.id.as_deref())
        .collect();
    let mut cells: Vec<Cell> = plain
        .iter()
        .filter(|child| is(child, &BlockType::Cell))
        .filter(|child| !child.id.as_deref().is_some_and(|id| covered.contains(id)))
        .chain(merged.iter())
        .map(|child| cell(child, view))
        .collect();
    cells.sort_by_key(|cell| (cell.row, cell.column));
    let extent = |end: fn(&Cell) -> u32| cells.iter().map(end).max().unwrap_or(0);
    let titles = view.index.related(block, &RelationshipType::TableTitle);
    let footers = view.index.related(block, &RelationshipType::TableFooter);
    let mut words = HashSet::new();
    for part in plain.iter().chain(&titles).chain(&footers) {
        let children = view.index.children(part);
        let own = children.iter().filter(|child| is(child, &BlockType::Word));
        words.extend(own.filter_map(|word| word.id.clone()));
    }
    FoundTable {
        table: Table::new(
            extent(|cell| cell.row + cell.row_span - 1),
            extent(|cell| cell.column + cell.column_span - 1),
            cells,
        )
        .with_title(joined(&titles, view))
        .with_footer(joined(&footers, view)),
        polygon: view.orientation.polygon(block),
        confidence: confidence(block),
        words,
    }
}

fn joined(parts: &[&Block], view: &View<'_>) -> Option<String> {
    let texts: Vec<String> = parts.iter().map(|part| view.index.text(part)).collect();
    let text = texts.join(" ");
    (!text.trim().is_empty()).then_some(text)
}

fn cell(block: &Block, view: &View<'_>) -> Cell {
    let count = |number: Option<i32>| {
        let number = number.and_then(|number| u32::try_from(number).ok());
        // Of no table that fits on a page.
        number.unwrap_or(1).clamp(1, 100_000)
    };
    Cell::new(
        count(block.row_index),
        count(block.column_index),
        view.index.text(block),
        view.orientation.polygon(block),
        confidence(block),
    )
    .with_row_span(count(block.row_span))
    .with_column_span(count(block.column_span))
    .with_kind(kind(block, view))
    .with_selected(selected(block, view))
}

/// What a cell is for; a merged cell may leave it to the cells it covers.
fn kind(block: &Block, view: &View<'_>) -> CellKind {
    let own = block.entity_types().iter().find_map(kind_of_entity);
    own.or_else(|| {
        let children = view.index.children(block);
        children
            .iter()
            .flat_map(|child| child.entity_types())
            .find_map(kind_of_entity)
    })
    .unwrap_or_default()
}

fn kind_of_entity(entity: &EntityType) -> Option<CellKind> {
    Some(match entity {
        EntityType::ColumnHeader => CellKind::ColumnHeader,
        EntityType::TableTitle => CellKind::Title,
        EntityType::TableSectionTitle => CellKind::SectionTitle,
        EntityType::TableFooter => CellKind::Footer,
        EntityType::TableSummary => CellKind::Summary,
        _ => return None,
    })
}

/// Whether the check box in `block`, or in the cells it covers, is ticked.
pub(super) fn selected(block: &Block, view: &View<'_>) -> Option<bool> {
    view.index.children(block).into_iter().find_map(|child| {
        if is(child, &BlockType::SelectionElement) {
            Some(child.selection_status == Some(SelectionStatus::Selected))
        } else if is(child, &BlockType::Cell) {
            selected(child, view)
        } else {
            None
        }
    })
}
