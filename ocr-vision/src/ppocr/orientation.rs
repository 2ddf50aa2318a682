//! Which quarter turn makes a page upright: the shape of its boxes tells lying from standing lines,
//! and how well a few lines read in both directions tells up from down.

use ocr_core::Result;

use super::{
    boxes::TextBox,
    raster::Raster,
    recognition::{Recognizer, line_picture},
    runtime::Threads,
};
use ocr_core::model::geometry::{Polygon, QuarterTurn};

/// Lines read to tell up from down.
const SAMPLE: usize = 6;
/// Text that reads this well is not upside down; nothing more is asked.
const CLEAR: f32 = 0.9;
/// How much better the other direction must read before the page is turned.
const MARGIN: f32 = 0.05;

/// The turn that makes the page upright.
pub(crate) fn find_turn(
    page: &Raster<'_>,
    boxes: &[TextBox],
    reader: &Recognizer,
    threads: &Threads,
) -> Result<QuarterTurn> {
    let sideways = is_sideways(boxes);
    let as_seen = |quad: &Polygon| {
        if sideways { quad.read_upwards() } else { *quad }
    };
    let lines: Vec<Polygon> = sample(boxes, sideways).iter().map(as_seen).collect();
    if lines.is_empty() {
        return Ok(QuarterTurn::None);
    }
    let (near, far) = if sideways {
        (QuarterTurn::Clockwise90, QuarterTurn::Clockwise270)
    } else {
        (QuarterTurn::None, QuarterTurn::Half)
    };
    let near_score = vote(page, &lines, reader, threads)?;
    if near_score >= CLEAR {
        return Ok(near);
    }
    let flipped: Vec<Polygon> = lines.iter().map(|quad| quad.flipped()).collect();
    let far_score = vote(page, &flipped, reader, threads)?;
    Ok(if far_score > near_score + MARGIN {
        far
    } else {
        near
    })
}

/// Mean confidence of the lines, weighted by the characters read.
fn vote(page: &Raster<'_>, lines: &[Polygon], reader: &Recognizer, threads: &Threads) -> Result<f32> {
    let (mut sum, mut count) = (0.0, 0.0);
    for quad in lines {
        for reading in reader.read(&[&line_picture(page, quad)], threads)? {
            let weight = reading.glyphs.len() as f32;
            sum += reading.confidence * weight;
            count += weight;
        }
    }
    Ok(if count > 0.0 { sum / count } else { 0.0 })
}

/// Whether most of the text, by length, stands instead of lying.
pub(crate) fn is_sideways(boxes: &[TextBox]) -> bool {
    let (mut lying, mut standing) = (0.0, 0.0);
    for quad in boxes.iter().map(|found| &found.quad) {
        let (width, height) = (quad.width(), quad.height());
        if width > 1.5 * height {
            lying += width;
        } else if height > 1.5 * width {
            standing += height;
        }
    }
    standing > lying
}

/// The boxes that tell most: sure, long, but not so long that reading them costs much.
fn sample(boxes: &[TextBox], sideways: bool) -> Vec<Polygon> {
    let value = |found: &TextBox| {
        let (width, height) = (found.quad.width().max(1.0), found.quad.height().max(1.0));
        let ratio = if sideways { height / width } else { width / height };
        found.score * ratio.min(12.0)
    };
    let mut ranked: Vec<&TextBox> = boxes.iter().filter(|found| value(found) > 1.0).collect();
    ranked.sort_by(|a, b| value(b).total_cmp(&value(a)));
    ranked.iter().take(SAMPLE).map(|found| found.quad).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn boxed(left: f32, top: f32, right: f32, bottom: f32) -> TextBox {
        TextBox {
            quad: Polygon::from_box(left, top, right, bottom),
            score: 0.9,
        }
    }

    #[test]
    fn standing_lines_make_a_page_sideways() {
        let standing = [
            boxed(0.0, 0.0, 20.0, 400.0),
            boxed(30.0, 0.0, 50.0, 300.0),
            boxed(0.0, 500.0, 90.0, 520.0),
        ];
        assert!(is_sideways(&standing));
        assert!(!is_sideways(&standing[2..]));
        assert!(!is_sideways(&[]));
    }

    #[test]
    fn the_sample_prefers_long_lines() {
        let mut boxes = vec![boxed(0.0, 0.0, 20.0, 20.0)];
        boxes.extend((0..10).map(|i| boxed(0.0, i as f32 * 30.0, 100.0 + i as f32, 20.0 + i as f32 * 30.0)));
        let lines = sample(&boxes, false);
        assert_eq!(lines.len(), SAMPLE);
        assert!(lines.iter().all(|quad| quad.width() > 90.0));
    }
}
