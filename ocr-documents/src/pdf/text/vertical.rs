//! East Asian text in columns from top to bottom that is set glyph by glyph: lines that run down the page,
//! from right to left.
//!
//! Fonts for vertical writing are rare in files. Most programs place each glyph below the last one, which no
//! field of the file tells from a table with one character a cell. The text is taken for vertical when most of
//! it is drawn downwards, with columns close to each other.

use hayro::kurbo::Rect;
use ocr_layout::median;

use super::{
    characters::{composed, readable},
    glyph::Glyph,
};

/// Parts of an em above and below the baseline that East Asian glyphs take.
const ASCENT: f64 = 0.88;
const DESCENT: f64 = 0.12;

/// How far apart the middles of glyphs of one column may be, and baselines of one row, in ems.
const STRAIGHT: f64 = 0.2;

/// Minimum and maximum distance of glyphs that follow each other, in ems.
const STEP: (f64, f64) = (0.5, 2.2);

/// Maximum distance of the middles of columns side by side, in ems; cells of tables are further apart.
const MAX_PITCH: f64 = 3.0;

/// Minimum number of glyphs one below the other that are drawn as a line.
const MIN_RUN: usize = 3;

/// Minimum number of glyphs of the longest line of vertical text.
const MIN_LONGEST: usize = 4;

/// Maximum number of lines; a page with more is read row by row.
const MAX_COLUMNS: usize = 2000;

/// Maximum gap inside a word between what was drawn apart, in ems.
const WORD_GAP: f64 = 0.6;

/// Maximum gap inside a line, in ems; what is further below begins a line of its own.
const LINE_GAP: f64 = 3.0;

/// A word of a vertical line.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct VerticalWord {
    pub(super) text: String,
    pub(super) bounds: Rect,
}

/// The words of one line from the top.
pub(super) type VerticalLine = Vec<VerticalWord>;

/// Lines side by side, from right to left.
pub(super) type Tier = Vec<VerticalLine>;

/// Takes the vertical text out of the upright glyphs of a page: its tiers from the top, and the glyphs that
/// belong to none of them.
pub(super) fn take_vertical(glyphs: Vec<Glyph>) -> (Vec<Tier>, Vec<Glyph>) {
    let runs = runs(&glyphs);
    if !are_vertical(&glyphs, &runs) {
        return (Vec::new(), glyphs);
    }
    let mut columns: Vec<Column> = Vec::new();
    let mut taken = vec![false; glyphs.len()];
    for run in runs.iter().filter(|run| run.direction != Direction::Right) {
        for &index in &run.members {
            taken[index] = true;
        }
        columns.push(Column::of(run.members.iter().map(|&index| &glyphs[index])));
    }
    if columns.len() > MAX_COLUMNS {
        return (Vec::new(), glyphs);
    }
    let mut rest = Vec::new();
    let others = glyphs.into_iter().zip(taken).filter(|(_, taken)| !taken);
    for (glyph, _) in others {
        // Figures and Latin letters stand upright in a column, alone or two side by side.
        match columns.iter_mut().find(|column| column.holds(&glyph)) {
            Some(column) => column.push(glyph),
            None => rest.push(glyph),
        }
    }
    (tiers(columns), rest)
}

/// How glyphs that are drawn one after the other stand to each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Direction {
    Down,
    Right,
    /// A glyph on its own.
    None,
}

/// Indices of glyphs that go on in one direction.
struct Run {
    direction: Direction,
    members: Vec<usize>,
}

/// The East Asian glyphs cut into runs, in the order in which they were drawn.
fn runs(glyphs: &[Glyph]) -> Vec<Run> {
    let mut runs: Vec<Run> = Vec::new();
    let east_asian = (0..glyphs.len()).filter(|&index| is_east_asian(&glyphs[index].text));
    for index in east_asian {
        let last = runs.last_mut();
        let next = last
            .as_ref()
            .and_then(|run| run.members.last())
            .map(|&last| direction(&glyphs[last], &glyphs[index]));
        match (last, next) {
            (Some(run), Some(next))
                if next != Direction::None && (run.direction == next || run.members.len() == 1) =>
            {
                run.direction = next;
                run.members.push(index);
            }
            _ => runs.push(Run {
                direction: Direction::None,
                members: vec![index],
            }),
        }
    }
    runs
}

fn direction(last: &Glyph, next: &Glyph) -> Direction {
    let size = last.size.max(next.size);
    let (least, most) = STEP;
    let steps = |distance: f64| (least * size..=most * size).contains(&distance);
    let (across, down) = (next.center() - last.center(), next.baseline - last.baseline);
    if across.abs() <= STRAIGHT * size && steps(down) {
        Direction::Down
    } else if down.abs() <= STRAIGHT * size && steps(across) {
        Direction::Right
    } else {
        Direction::None
    }
}

/// Whether the text of the page is vertical.
fn are_vertical(glyphs: &[Glyph], runs: &[Run]) -> bool {
    let count = |direction: Direction, least: usize| -> usize {
        let runs = runs.iter().filter(|run| run.direction == direction);
        runs.map(|run| run.members.len())
            .filter(|&length| length >= least)
            .sum()
    };
    let longest = runs.iter().filter(|run| run.direction == Direction::Down);
    if longest.map(|run| run.members.len()).max().unwrap_or(0) < MIN_LONGEST {
        return false;
    }
    let (down, right) = (count(Direction::Down, MIN_RUN), count(Direction::Right, 2));
    let all: usize = runs.iter().map(|run| run.members.len()).sum();
    let is_other = |glyph: &Glyph| glyph.text.chars().all(char::is_alphanumeric) && !glyph.text.is_empty();
    let others = glyphs
        .iter()
        .filter(|glyph| is_other(glyph))
        .count()
        .saturating_sub(all);
    down > 2 * right && 2 * down >= all && others <= all && are_close(glyphs, runs)
}

/// Whether columns are as close to each other as those of text, and glyphs in them closer still.
fn are_close(glyphs: &[Glyph], runs: &[Run]) -> bool {
    let mut columns: Vec<Column> = runs
        .iter()
        .filter(|run| run.direction == Direction::Down && run.members.len() >= MIN_RUN)
        .map(|run| Column::of(run.members.iter().map(|&index| &glyphs[index])))
        .collect();
    let step = |column: &Column| (column.bottom - column.top) / column.glyphs.len() as f64 / column.size;
    let steps = columns.iter().map(|column| step(column) as f32);
    let step = f64::from(median(steps.collect()));
    columns.sort_by(|a, b| a.center.total_cmp(&b.center));
    let gaps = columns.windows(2).filter_map(|pair| match pair {
        [left, right] => Some((right.center - left.center) / left.size.max(right.size)),
        _ => None,
    });
    // Columns of several tiers stand over each other.
    let gaps: Vec<f32> = gaps.filter(|gap| *gap > STRAIGHT).map(|gap| gap as f32).collect();
    let apart = !gaps.is_empty();
    let pitch = f64::from(median(gaps));
    !apart || (pitch <= MAX_PITCH && step <= 1.1 * pitch)
}

/// Glyphs one below the other.
struct Column {
    glyphs: Vec<Glyph>,
    center: f64,
    top: f64,
    bottom: f64,
    size: f64,
}

impl Column {
    fn of<'a>(glyphs: impl Iterator<Item = &'a Glyph>) -> Self {
        let glyphs: Vec<Glyph> = glyphs.cloned().collect();
        let size = glyphs.iter().map(|glyph| glyph.size).fold(0.0, f64::max);
        let bounds = bounds(&glyphs);
        Self {
            center: bounds.center().x,
            top: bounds.y0,
            bottom: bounds.y1,
            size,
            glyphs,
        }
    }

    fn push(&mut self, glyph: Glyph) {
        let Rect { y0, y1, .. } = bounds(std::slice::from_ref(&glyph));
        (self.top, self.bottom) = (self.top.min(y0), self.bottom.max(y1));
        self.glyphs.push(glyph);
    }

    /// Whether a glyph stands in the column.
    fn holds(&self, glyph: &Glyph) -> bool {
        let is_space = glyph.text.trim().is_empty();
        let beside = !is_space && (glyph.center() - self.center).abs() <= 0.6 * self.size;
        let reach = self.top - self.size..=self.bottom + 1.5 * self.size;
        beside && glyph.size <= 1.2 * self.size && reach.contains(&glyph.baseline)
    }

    /// The glyphs as a word, from the top.
    fn word(mut self) -> VerticalWord {
        let row = |glyph: &Glyph| (glyph.baseline / (0.4 * self.size)).round();
        self.glyphs.sort_by(|a, b| {
            let order = row(a).total_cmp(&row(b));
            order.then_with(|| a.left.total_cmp(&b.left))
        });
        let text: String = self.glyphs.iter().map(|glyph| glyph.text.as_str()).collect();
        VerticalWord {
            text: composed(&readable(&text)),
            bounds: bounds(&self.glyphs),
        }
    }
}

fn bounds(glyphs: &[Glyph]) -> Rect {
    let boxes = glyphs.iter().map(|glyph| {
        let (top, bottom) = (
            glyph.baseline - ASCENT * glyph.size,
            glyph.baseline + DESCENT * glyph.size,
        );
        Rect::new(glyph.left, top, glyph.right.max(glyph.left), bottom)
    });
    boxes.reduce(|a, b| a.union(b)).unwrap_or(Rect::ZERO)
}

/// Columns to tiers: parts of the page between which no column passes.
fn tiers(mut columns: Vec<Column>) -> Vec<Tier> {
    columns.sort_by(|a, b| a.top.total_cmp(&b.top));
    let mut tiers: Vec<Vec<Column>> = Vec::new();
    let mut bottom = f64::NEG_INFINITY;
    for column in columns {
        // A space inside of all columns parts no tier.
        let apart = column.top > bottom + LINE_GAP * column.size;
        bottom = bottom.max(column.bottom);
        match tiers.last_mut() {
            Some(tier) if !apart => tier.push(column),
            _ => tiers.push(vec![column]),
        }
    }
    tiers.into_iter().map(lines).collect()
}

/// The lines of a tier from right to left.
fn lines(mut columns: Vec<Column>) -> Tier {
    columns.sort_by(|a, b| b.center.total_cmp(&a.center));
    let mut stacks: Vec<Vec<Column>> = Vec::new();
    for column in columns {
        match stacks.last_mut() {
            Some(stack)
                if stack
                    .first()
                    .is_some_and(|first| first.center - column.center <= 0.4 * first.size) =>
            {
                stack.push(column);
            }
            _ => stacks.push(vec![column]),
        }
    }
    stacks.into_iter().flat_map(stacked_lines).collect()
}

/// The lines of columns that stand over each other.
fn stacked_lines(mut stack: Vec<Column>) -> Vec<VerticalLine> {
    stack.sort_by(|a, b| a.top.total_cmp(&b.top));
    let mut lines: Vec<Vec<Column>> = Vec::new();
    for column in stack {
        let last = lines.last_mut();
        let gap = last
            .as_ref()
            .and_then(|line| Some((column.top - line.last()?.bottom) / column.size));
        match (last, gap) {
            (Some(line), Some(gap)) if gap <= LINE_GAP => match line.last_mut() {
                Some(word) if gap <= WORD_GAP => column.glyphs.into_iter().for_each(|glyph| word.push(glyph)),
                _ => line.push(column),
            },
            _ => lines.push(vec![column]),
        }
    }
    let line = |columns: Vec<Column>| columns.into_iter().map(Column::word).collect();
    lines.into_iter().map(line).collect()
}

/// Whether it is a letter or sign of Chinese, Japanese or Korean writing.
fn is_east_asian(text: &str) -> bool {
    let is_east_asian = |char: char| {
        matches!(char, '\u{2e80}'..='\u{30ff}' | '\u{3105}'..='\u{312f}' | '\u{31f0}'..='\u{31ff}'
            | '\u{3400}'..='\u{9fff}' | '\u{ac00}'..='\u{d7a3}' | '\u{f900}'..='\u{faff}'
            | '\u{fe10}'..='\u{fe1f}' | '\u{fe30}'..='\u{fe4f}' | '\u{ff01}'..='\u{ff65}'
            | '\u{20000}'..='\u{3ffff}')
    };
    text.trim() != "" && text.chars().all(is_east_asian)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A glyph of 10 points.
    fn glyph(text: &str, left: f64, baseline: f64) -> Glyph {
        Glyph {
            text: text.into(),
            left,
            right: left + 10.0,
            baseline,
            size: 10.0,
        }
    }

    /// The characters one below the other, 12 points apart.
    fn column(text: &str, left: f64, top: f64) -> Vec<Glyph> {
        let places = (0..).map(|index| top + f64::from(index) * 12.0);
        places
            .zip(text.chars())
            .map(|(at, char)| glyph(&char.to_string(), left, at))
            .collect()
    }

    fn texts(tiers: &[Tier]) -> Vec<Vec<String>> {
        let line = |line: &VerticalLine| {
            let words: Vec<&str> = line.iter().map(|word| word.text.as_str()).collect();
            words.join(" ")
        };
        tiers.iter().map(|tier| tier.iter().map(line).collect()).collect()
    }

    #[test]
    fn columns_are_read_from_right_to_left_and_tiers_from_the_top() {
        let mut glyphs = column("春の朝は静かです", 200.0, 100.0);
        glyphs.extend(column("庭に白い花。", 180.0, 100.0));
        glyphs.extend(column("猫は窓辺で", 200.0, 300.0));
        glyphs.extend(column("た。", 180.0, 300.0));
        glyphs.push(glyph("7", 300.0, 500.0));
        let (tiers, rest) = take_vertical(glyphs);
        assert_eq!(
            texts(&tiers),
            [
                vec!["春の朝は静かです", "庭に白い花。"],
                vec!["猫は窓辺で", "た。"]
            ]
        );
        assert_eq!(rest.len(), 1);
        let bounds = tiers[0][0][0].bounds;
        assert!((bounds.x0 - 200.0).abs() < 1e-9 && (bounds.x1 - 210.0).abs() < 1e-9);
        assert!((bounds.y0 - 91.2).abs() < 1e-9 && (bounds.y1 - 185.2).abs() < 1e-9);
    }

    #[test]
    fn figures_stand_in_the_column_and_a_space_parts_words() {
        let mut glyphs = column("令和", 200.0, 100.0);
        let digit = |text: &str, left: f64| Glyph {
            right: left + 5.0,
            ..glyph(text, left, 124.0)
        };
        glyphs.extend([digit("1", 200.0), digit("2", 205.0)]);
        glyphs.extend(column("年の春", 200.0, 136.0));
        glyphs.extend(column("静かです", 200.0, 196.0));
        let (tiers, rest) = take_vertical(glyphs);
        assert_eq!(texts(&tiers), [vec!["令和12年の春 静かです"]]);
        assert!(rest.is_empty());
    }

    #[test]
    fn a_table_of_single_characters_is_not_vertical() {
        let rows = ["男女男男", "女男女女", "日月火水", "木金土日"];
        let cell = |row: usize, index: usize, text: &str| {
            glyph(text, 100.0 + index as f64 * 60.0, 100.0 + row as f64 * 15.0)
        };
        let cells = |turned: bool| -> Vec<Glyph> {
            (0..16)
                .map(|at| {
                    if turned {
                        (at % 4, at / 4)
                    } else {
                        (at / 4, at % 4)
                    }
                })
                .map(|(row, index)| {
                    let text: String = rows[row].chars().skip(index).take(1).collect();
                    cell(row, index, &text)
                })
                .collect()
        };
        // Drawn by rows, and by columns.
        for drawn in [cells(false), cells(true)] {
            assert!(take_vertical(drawn).0.is_empty());
        }
        // A column of a table whose other cells are words.
        let mut table: Vec<Glyph> = column("男女男男女", 100.0, 100.0);
        for row in 0..5 {
            let top = 100.0 + f64::from(row) * 12.0;
            table.extend((0..4).map(|index| glyph("名", 140.0 + f64::from(index) * 10.0, top)));
        }
        assert!(take_vertical(table).0.is_empty());
    }

    #[test]
    fn lines_across_the_page_stay() {
        let glyphs: Vec<Glyph> = (0..40)
            .map(|at| {
                glyph(
                    "字",
                    100.0 + f64::from(at % 10) * 10.0,
                    100.0 + f64::from(at / 10) * 15.0,
                )
            })
            .collect();
        let (tiers, rest) = take_vertical(glyphs);
        assert_eq!((tiers.len(), rest.len()), (0, 40));
    }
}
