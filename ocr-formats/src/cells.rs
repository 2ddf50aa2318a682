//! Tables by their cells: which stand in a row, and which words are theirs.

use ocr_core::model::{Block, Cell, CellKind, Line, Polygon, Table, Word};

use crate::xml::Tag;

/// The table of `block`, if its cells were found. Its text is then taken from them.
pub(crate) fn table_of(block: &Block) -> Option<&Table> {
    block.table.as_ref().filter(|table| !table.cells.is_empty())
}

/// A place in a row of a table.
#[derive(Debug, PartialEq)]
pub(crate) enum Place<'a> {
    /// A cell that begins there.
    Cell(&'a Cell),
    /// So many columns that no cell covers.
    Gap(u32),
}

impl Place<'_> {
    /// The beginning of its element in HTML.
    pub(crate) fn tag(&self) -> Tag {
        // More than this is not valid, and no table of a page.
        let span = |count: u32, most: u32| (count > 1).then(|| count.min(most));
        match self {
            Self::Gap(columns) => Tag::new("td").with_some("colspan", span(*columns, 1_000)),
            Self::Cell(cell) => {
                let tag = match cell.kind {
                    CellKind::ColumnHeader => Tag::new("th").with("scope", "col"),
                    _ => Tag::new("td"),
                };
                tag.with_some("rowspan", span(cell.row_span, 65_534))
                    .with_some("colspan", span(cell.column_span, 1_000))
            }
        }
    }
}

/// The rows of `table`, so that each cell gets into its column when they are laid out as those of HTML.
pub(crate) fn rows(table: &Table) -> Vec<Vec<Place<'_>>> {
    /// More rows without a cell are left out: a cell far away must not cost a full grid.
    const MAX_EMPTY: u32 = 1_000;
    let mut cells: Vec<&Cell> = table.cells.iter().collect();
    cells.sort_by_key(|cell| (cell.row, cell.column));
    let (mut rows, mut next) = (Vec::new(), 1);
    // Cells that reach down from rows above: the first column, the one after the last, and the last row.
    let mut above: Vec<(u32, u32, u32)> = Vec::new();
    for row in cells.chunk_by(|a, b| a.row == b.row) {
        let number = row[0].row;
        let empty = number.saturating_sub(next).min(MAX_EMPTY);
        rows.extend((0..empty).map(|_| Vec::new()));
        next = number.saturating_add(1);
        above.retain(|(_, _, last)| *last >= number);
        let (mut places, mut column) = (Vec::new(), 1);
        for &cell in row {
            while column < cell.column {
                let covers = |(from, to, _): &&(u32, u32, u32)| (*from..*to).contains(&column);
                if let Some((_, to, _)) = above.iter().find(covers) {
                    column = *to;
                    continue;
                }
                let ahead = above
                    .iter()
                    .map(|(from, _, _)| *from)
                    .filter(|from| *from > column);
                let until = ahead.fold(cell.column, u32::min);
                places.push(Place::Gap(until - column));
                column = until;
            }
            places.push(Place::Cell(cell));
            column = cell.column.saturating_add(cell.column_span.max(1));
        }
        above.extend(row.iter().filter(|cell| cell.row_span > 1).map(|cell| {
            let to = cell.column.saturating_add(cell.column_span.max(1));
            (cell.column, to, number.saturating_add(cell.row_span - 1))
        }));
        rows.push(places);
    }
    rows
}

/// The lines of `cell`, a cell of `block`. They have its text, and the words of the block that make it up.
pub(crate) fn cell_lines(block: &Block, cell: &Cell) -> Vec<Line> {
    lines(block, &cell.text, &cell.polygon, cell.confidence)
}

/// The lines of a title or of notes that belong to the table of `block`.
pub(crate) fn note_lines(block: &Block, text: Option<&str>) -> Vec<Line> {
    // Used only where the words are not found, and then nothing vouches for them.
    let confidence = block.confidence.unwrap_or(0.0);
    text.map_or_else(Vec::new, |text| lines(block, text, &block.polygon, confidence))
}

/// `text`, which stands in `area`, in lines.
fn lines(block: &Block, text: &str, area: &Polygon, confidence: f32) -> Vec<Line> {
    let wanted: Vec<&str> = text.split_whitespace().collect();
    if wanted.is_empty() {
        return Vec::new();
    }
    let area_bounds = area.bounds();
    let inside = |word: &Word| area_bounds.holds_middle_of(&word.polygon.bounds());
    let words: Vec<(usize, &Word)> = block
        .lines
        .iter()
        .enumerate()
        .flat_map(|(index, line)| line.words.iter().map(move |word| (index, word)))
        .filter(|(_, word)| inside(word))
        .collect();
    let run = words.windows(wanted.len()).find(|run| {
        let texts = run.iter().map(|(_, word)| word.text.as_str());
        texts.eq(wanted.iter().copied())
    });
    match run {
        Some(run) => run.chunk_by(|a, b| a.0 == b.0).map(of_words).collect(),
        None => stacked(text, area, confidence),
    }
}

/// A line of the words that one line of a table has in one cell.
fn of_words(words: &[(usize, &Word)]) -> Line {
    let words: Vec<Word> = words.iter().map(|(_, word)| (*word).clone()).collect();
    let texts: Vec<&str> = words.iter().map(|word| word.text.as_str()).collect();
    let text = texts.join(" ");
    let polygon = Polygon::enclosing(words.iter().map(|word| &word.polygon));
    let sum: f32 = words.iter().map(|word| word.confidence).sum();
    let confidence = sum / words.len() as f32;
    Line::new(text, polygon, confidence, words)
}

/// Lines without words, of equal height, one below the other.
fn stacked(text: &str, area: &Polygon, confidence: f32) -> Vec<Line> {
    let texts: Vec<&str> = text.lines().filter(|line| !line.trim().is_empty()).collect();
    let [a, b, c, d] = area.0;
    let share = |index: usize| index as f32 / texts.len() as f32;
    let part = |(index, text): (usize, &&str)| {
        let (top, bottom) = (share(index), share(index + 1));
        let polygon = Polygon([
            a.lerp(d, top),
            b.lerp(c, top),
            b.lerp(c, bottom),
            a.lerp(d, bottom),
        ]);
        Line::new(*text, polygon, confidence, Vec::new())
    };
    texts.iter().enumerate().map(part).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use ocr_core::model::BlockKind;

    const AREA: fn() -> Polygon = || Polygon::from_box(0.0, 0.0, 1.0, 1.0);

    #[test]
    fn cells_get_into_their_columns() {
        let cell = |row, column, rows, columns| {
            Cell::new(row, column, "", AREA(), 1.0)
                .with_row_span(rows)
                .with_column_span(columns)
        };
        let table = Table::new(
            4,
            5,
            vec![
                cell(1, 2, 2, 2),
                cell(2, 5, 1, 1),
                cell(4, 1, 1, 1),
                cell(4, 2, 0, 0),
            ],
        );
        let [first, second, third, fourth] = [0, 1, 2, 3].map(|index| &table.cells[index]);
        let expected = vec![
            vec![Place::Gap(1), Place::Cell(first)],
            vec![Place::Gap(1), Place::Gap(1), Place::Cell(second)],
            vec![],
            vec![Place::Cell(third), Place::Cell(fourth)],
        ];
        assert_eq!(rows(&table), expected);
    }

    #[test]
    fn a_cell_beyond_all_bounds_is_a_cell_still() {
        let far = Cell::new(u32::MAX, u32::MAX, "", AREA(), 1.0)
            .with_row_span(u32::MAX)
            .with_column_span(u32::MAX);
        let nowhere = Cell::new(0, 0, "", AREA(), 1.0);
        let table = Table::new(0, 0, vec![far, nowhere]);
        let rows = rows(&table);
        let cells = rows
            .iter()
            .flatten()
            .filter(|place| matches!(place, Place::Cell(_)));
        assert_eq!(cells.count(), 2);
        assert!(rows.len() < 2_000);
    }

    #[test]
    fn words_of_a_cell_are_found_where_they_are_and_its_text_comes_out_otherwise() {
        let word = |text: &str, left: f32, top: f32| {
            Word::new(text, Polygon::from_box(left, top, left + 0.1, top + 0.1), 0.5)
        };
        let line = |words: Vec<Word>| Line::new("", AREA(), 1.0, words);
        let block = Block::new(
            BlockKind::Table,
            AREA(),
            vec![
                line(vec![
                    word("Old", 0.0, 0.0),
                    word("goods", 0.2, 0.0),
                    word("5", 0.6, 0.0),
                ]),
                line(vec![word("new", 0.0, 0.2), word("6", 0.6, 0.2)]),
            ],
        );
        let left = Polygon::from_box(0.0, 0.0, 0.4, 0.5);
        let found = cell_lines(&block, &Cell::new(1, 1, "Old goods\nnew", left, 0.75));
        let texts: Vec<&str> = found.iter().map(|line| line.text.as_str()).collect();
        assert_eq!(texts, ["Old goods", "new"]);
        assert_eq!(found[1].words, [word("new", 0.0, 0.2)]);
        let others = cell_lines(&block, &Cell::new(1, 1, "Old\n\nthings", left, 0.75));
        assert_eq!(others[1].text, "things");
        assert_eq!(others[1].polygon, Polygon::from_box(0.0, 0.25, 0.4, 0.5));
        assert!(others[1].words.is_empty());
        assert_eq!(note_lines(&block, Some("5")).len(), 1);
        assert!(note_lines(&block, None).is_empty());
    }
}
