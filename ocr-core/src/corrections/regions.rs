//! Cells and fields are parts of the page whose words are in its lines too: the one follows the other.

use super::draft::{Draft, DraftLine, DraftWord, LineAt, WordAt, center, holds};
use crate::model::{Line, Point, Polygon, Rect};

/// Stands for the edit that deleted a line which holds nothing any more: edits are counted from 1.
pub(super) const REPLACED: u32 = 0;

/// Gives each cell and field that holds one of `points` the text of the words that stand in it now.
pub(super) fn follow(draft: &mut Draft, points: &[Point]) {
    let concerned = |polygon: &Polygon| {
        let bounds = polygon.bounds();
        points.iter().any(|point| holds(bounds, *point))
    };
    let mut renewed = Vec::new();
    for (block, one) in draft.blocks.iter().enumerate() {
        let cells = one.block.table.iter().flat_map(|table| &table.cells);
        for (index, cell) in cells.enumerate().filter(|(_, cell)| concerned(&cell.polygon)) {
            renewed.push((block, index, text_within(draft, cell.polygon.bounds())));
        }
    }
    for (block, index, (text, confidence)) in renewed {
        let table = draft.blocks[block].block.table.as_mut();
        if let Some(cell) = table.and_then(|table| table.cells.get_mut(index)) {
            cell.text = text;
            cell.confidence = confidence.unwrap_or(cell.confidence);
        }
    }
    for index in 0..draft.page.fields.len() {
        let field = &draft.page.fields[index];
        let key = concerned(&field.key_polygon).then(|| text_within(draft, field.key_polygon.bounds()).0);
        let value = field.value_polygon.filter(|polygon| concerned(polygon));
        let value = value.map(|polygon| text_within(draft, polygon.bounds()).0);
        let field = &mut draft.page.fields[index];
        if let Some(key) = key {
            field.key = key;
        }
        if let Some(value) = value {
            field.value = value;
        }
    }
}

/// The words that stand within a rectangle, and their mean confidence.
fn text_within(draft: &Draft, bounds: Rect) -> (String, Option<f32>) {
    let inside = draft
        .words()
        .filter(|(_, word)| holds(bounds, center(&word.word.polygon)));
    let (texts, confidences): (Vec<&str>, Vec<f32>) = inside
        .map(|(_, word)| (word.word.text.as_str(), word.word.confidence))
        .unzip();
    let sum: f32 = confidences.iter().sum();
    let mean = (!confidences.is_empty()).then(|| sum / confidences.len() as f32);
    (texts.join(" "), mean)
}

/// Makes the words that stand within `region` say `text`: one for one where there are as many, else side by side
/// where the first line of them stands. Where none stands, a line of them is added to `block`.
pub(super) fn retext(draft: &mut Draft, block: usize, region: Polygon, text: &str) {
    let bounds = region.bounds();
    let centers = |draft: &Draft| -> Vec<Point> {
        let centers = draft.words().map(|(_, word)| center(&word.word.polygon));
        centers.filter(|point| holds(bounds, *point)).collect()
    };
    let mut points = centers(draft);
    draft.touch();
    replace(draft, block, region, text);
    points.extend(centers(draft));
    follow(draft, &points);
}

fn replace(draft: &mut Draft, block: usize, region: Polygon, text: &str) {
    let wanted: Vec<&str> = text.split_whitespace().collect();
    let bounds = region.bounds();
    let inside: Vec<WordAt> = draft
        .words()
        .filter(|(_, word)| holds(bounds, center(&word.word.polygon)))
        .map(|(at, _)| at)
        .collect();
    if inside.len() == wanted.len() {
        for (at, text) in inside.into_iter().zip(wanted) {
            let word = &mut draft.change(at.line).words[at.word];
            if word.word.text != text {
                word.word.text = text.into();
                word.changed = true;
            }
            word.word.confidence = 1.0;
        }
        return;
    }
    let Some(first) = inside.first().copied() else {
        add_line(draft, block, region, &wanted);
        return;
    };
    let from: Vec<String> = inside
        .iter()
        .flat_map(|at| draft.word(*at).from.clone())
        .collect();
    let beside = inside.iter().filter(|at| at.line == first.line);
    let outline = Polygon::enclosing(beside.map(|at| &draft.word(*at).word.polygon));
    let before = draft.word(first).before.clone();
    // From the last one, so that the places of the others stay.
    for at in inside.iter().rev() {
        draft.change(at.line).words.remove(at.word);
    }
    let words = side_by_side(&wanted, outline, &before, &from);
    let line = draft.change(first.line);
    drop(line.words.splice(first.word..first.word, words));
    hide_if_empty(draft, &inside);
}

/// A line that lost its last word this way holds nothing that could be restored.
fn hide_if_empty(draft: &mut Draft, inside: &[WordAt]) {
    for WordAt {
        line: LineAt { block, line },
        ..
    } in inside
    {
        let line = &mut draft.blocks[*block].lines[*line];
        if line.words.is_empty() {
            line.deleted = Some(REPLACED);
        }
    }
}

fn add_line(draft: &mut Draft, block: usize, region: Polygon, wanted: &[&str]) {
    if wanted.is_empty() {
        return;
    }
    let mut words = side_by_side(wanted, region, "", &[]).into_iter();
    let Some(first) = words.next() else { return };
    let mut line = DraftLine::added(first);
    line.words.extend(words);
    line.line = Line::new("", region, 1.0, Vec::new());
    draft.blocks[block].lines.push(line);
}

/// Words that share an outline by their lengths, the first one with `before` in front of it.
pub(super) fn side_by_side(
    texts: &[&str],
    outline: Polygon,
    before: &str,
    from: &[String],
) -> Vec<DraftWord> {
    let length = |text: &str| text.chars().count().max(1) as f32;
    let spaces = texts.len().saturating_sub(1) as f32;
    let total = texts.iter().map(|text| length(text)).sum::<f32>() + spaces;
    let mut start = 0.0;
    let mut words = Vec::with_capacity(texts.len());
    for (index, text) in texts.iter().enumerate() {
        let end = start + length(text);
        let polygon = outline.slice(start / total, end / total);
        let separator = if index == 0 { before } else { " " };
        words.push(DraftWord::written(
            *text,
            polygon,
            separator.to_owned(),
            from.to_vec(),
        ));
        start = end + 1.0;
    }
    words
}
