//! From the scores of tokens to the cells of a table.
//!
//! The model writes a table as HTML without its text: `<tr>`, `<td></td>`, or `<td`, ` colspan="2"`, `>`, `</td>`. Beside
//! each token stand the corners of a cell, which count at the token that begins one.

use ocr_core::model::geometry::Rect;
use ocr_layout::SeenCell;
use rten_tensor::{NdTensorView, prelude::*};

/// Minimum score of each token, and mean score of all: a table that the model doubts is none.
const MIN_SCORE: f32 = 0.5;
const MIN_MEAN_SCORE: f32 = 0.97;
/// Numbers of the corners of a cell.
const CORNERS: usize = 8;

/// A token of the dictionary.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Token {
    Row,
    Cell,
    Open,
    Columns(u32),
    Rows(u32),
    Close,
    Other,
}

/// The tokens that the model writes. The first class begins a table and the last ends it.
#[derive(Debug)]
pub(crate) struct Tokens(Vec<Token>);

impl Tokens {
    /// From a dictionary of one token a line. `<td>` is not used: a cell without spans is one token.
    pub(crate) fn from_lines(text: &str) -> Self {
        let token = |line: &str| match line {
            "<tr>" => Token::Row,
            "<td></td>" => Token::Cell,
            "<td" => Token::Open,
            "</td>" => Token::Close,
            _ => {
                let span = |name: &str| line.strip_prefix(name)?.strip_suffix('"')?.parse().ok();
                let columns = span(" colspan=\"").map(Token::Columns);
                columns
                    .or_else(|| span(" rowspan=\"").map(Token::Rows))
                    .unwrap_or(Token::Other)
            }
        };
        Self(text.lines().filter(|line| *line != "<td>").map(token).collect())
    }

    /// Number of classes of a model with these tokens.
    pub(crate) fn classes(&self) -> usize {
        self.0.len() + 2
    }

    /// The cells of a table, where the model is sure of all tokens and ends. `scores` has a row of classes for each
    /// token, `corners` one of four points; what they are of is kept in the bounds of the cells.
    pub(crate) fn cells(
        &self,
        scores: NdTensorView<f32, 2>,
        corners: NdTensorView<f32, 2>,
    ) -> Option<Vec<SeenCell>> {
        let mut table = Open::default();
        let (mut sum, mut count) = (0.0_f32, 0_usize);
        for step in 0..scores.size(0) {
            let classes = (0..scores.size(1)).map(|class| scores.get([step, class]).copied().unwrap_or(0.0));
            let (class, score) = classes.enumerate().max_by(|a, b| a.1.total_cmp(&b.1))?;
            if score < MIN_SCORE {
                return None;
            }
            if class + 1 == self.classes() {
                return (sum >= MIN_MEAN_SCORE * count as f32).then_some(table.cells);
            }
            sum += score;
            count += 1;
            let Some(token) = class.checked_sub(1).and_then(|token| self.0.get(token)) else {
                continue;
            };
            table.take(*token, bounds(&corners, step)?)?;
        }
        None
    }
}

/// The box around the corners beside a token.
fn bounds(corners: &NdTensorView<f32, 2>, step: usize) -> Option<Rect> {
    let mut bounds: Option<Rect> = None;
    for corner in (0..CORNERS).step_by(2) {
        let (x, y) = (*corners.get([step, corner])?, *corners.get([step, corner + 1])?);
        let point = Rect::new(x, y, x, y);
        bounds = Some(bounds.map_or(point, |bounds| bounds.union(point)));
    }
    bounds.filter(|rect| {
        [rect.left, rect.top, rect.right, rect.bottom]
            .iter()
            .all(|side| side.is_finite())
    })
}

/// A table that is being written.
#[derive(Debug, Default)]
struct Open {
    cells: Vec<SeenCell>,
    /// How many rows began.
    rows: u32,
    /// The column in which the next cell of this row is looked for.
    column: u32,
    /// The bounds and the spans of a cell that is not closed.
    unclosed: Option<(Rect, u32, u32)>,
}

impl Open {
    /// Adds a token; `None` where it cannot stand there.
    fn take(&mut self, token: Token, bounds: Rect) -> Option<()> {
        match token {
            Token::Row => {
                self.rows += 1;
                self.column = 0;
            }
            Token::Cell => self.add(bounds, 1, 1)?,
            Token::Open => self.unclosed = Some((bounds, 1, 1)),
            Token::Columns(count) => self.unclosed.as_mut()?.2 = count,
            Token::Rows(count) => self.unclosed.as_mut()?.1 = count,
            Token::Close => {
                let (bounds, rows, columns) = self.unclosed.take()?;
                self.add(bounds, rows, columns)?;
            }
            Token::Other => {}
        }
        Some(())
    }

    /// Adds a cell in the first column of this row that no cell from above covers.
    fn add(&mut self, bounds: Rect, rows: u32, columns: u32) -> Option<()> {
        let row = self.rows.checked_sub(1)?;
        let covering = |column: u32| {
            self.cells.iter().find(move |cell| {
                (cell.row..cell.row + cell.row_span).contains(&row)
                    && (cell.column..cell.column + cell.column_span).contains(&column)
            })
        };
        let mut column = self.column;
        while let Some(cell) = covering(column) {
            column = cell.column + cell.column_span;
        }
        // Spans are what a file says: one that no table has is none.
        row.checked_add(rows)?;
        self.column = column.checked_add(columns)?;
        self.cells
            .push(SeenCell::new(row, column, bounds).with_spans(rows, columns));
        Some(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rten_tensor::NdTensor;

    const DICTIONARY: &str =
        "<thead>\n<tr>\n</tr>\n<td>\n<td\n>\n</td>\n colspan=\"2\"\n rowspan=\"2\"\n<td></td>";
    const NAMES: [&str; 11] = [
        "begin",
        "<thead>",
        "<tr>",
        "</tr>",
        "<td",
        ">",
        "</td>",
        "c2",
        "r2",
        "<td></td>",
        "end",
    ];

    fn cells(written: &[&str], score: f32) -> Option<Vec<(u32, u32, u32, u32)>> {
        let mut scores = NdTensor::<f32, 2>::zeros([written.len(), NAMES.len()]);
        let mut corners = NdTensor::<f32, 2>::zeros([written.len(), CORNERS]);
        for (step, name) in written.iter().enumerate() {
            let class = NAMES.iter().position(|other| other == name).unwrap();
            scores[[step, class]] = score;
            corners[[step, 2]] = step as f32;
        }
        let tokens = Tokens::from_lines(DICTIONARY);
        assert_eq!(tokens.classes(), NAMES.len());
        let cells = tokens.cells(scores.view(), corners.view())?;
        let spans = |cell: &SeenCell| (cell.row, cell.column, cell.row_span, cell.column_span);
        Some(cells.iter().map(spans).collect())
    }

    const TABLE: [&str; 17] = [
        "<tr>",
        "<td",
        "r2",
        ">",
        "</td>",
        "<td",
        "c2",
        ">",
        "</td>",
        "</tr>",
        "<tr>",
        "<td></td>",
        "<td></td>",
        "</tr>",
        "<tr>",
        "</tr>",
        "end",
    ];

    #[test]
    fn cells_move_aside_for_those_that_reach_down() {
        let found = cells(&TABLE, 0.99).unwrap();
        assert_eq!(found, [(0, 0, 2, 1), (0, 1, 1, 2), (1, 1, 1, 1), (1, 2, 1, 1)]);
    }

    #[test]
    fn a_cell_that_no_table_has_is_refused() {
        for (rows, columns) in [(u32::MAX, 1), (1, u32::MAX)] {
            let mut table = Open {
                rows: 2,
                column: 1,
                ..Open::default()
            };
            assert_eq!(table.add(Rect::new(0.0, 0.0, 1.0, 1.0), rows, columns), None);
        }
    }

    #[test]
    fn a_table_that_is_doubted_or_does_not_end_is_none() {
        assert_eq!(cells(&TABLE, 0.9), None);
        assert_eq!(cells(&TABLE, 0.4), None);
        assert_eq!(cells(&TABLE[..16], 0.99), None);
        assert_eq!(cells(&["<td></td>", "end"], 0.99), None);
        assert_eq!(cells(&["<tr>", "c2", "end"], 0.99), None);
    }
}
