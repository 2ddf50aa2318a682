//! A line cut at its wide gaps.

use ocr_core::model::{Line, Polygon, Word};

/// Minimum width of a gap between cells, in heights of the line.
const MIN_GAP: f32 = 1.0;

/// A line and what stands between its wide gaps. Sides are fractions of the page's.
#[derive(Debug)]
pub(super) struct SplitLine {
    pub(super) top: f32,
    pub(super) bottom: f32,
    /// Height of most of its words.
    pub(super) height: f32,
    pub(super) segments: Vec<Segment>,
}

/// Words without a wide gap between them.
#[derive(Debug)]
pub(super) struct Segment {
    pub(super) left: f32,
    pub(super) right: f32,
    pub(super) text: String,
    pub(super) words: usize,
    pub(super) outline: Polygon,
    pub(super) confidence: f32,
}

impl SplitLine {
    /// A line of a page `aspect` times as wide as high; `None` for one without words.
    pub(super) fn of(line: &Line, aspect: f32) -> Option<Self> {
        let bounds = line.polygon.bounds();
        let heights = line.words.iter().map(|word| word.polygon.bounds().height());
        let height = crate::piece::median(heights.collect());
        let gap = MIN_GAP * height / aspect;
        let mut segments: Vec<Segment> = Vec::new();
        for word in line.words.iter().filter(|word| !word.text.is_empty()) {
            let left = word.polygon.bounds().left;
            match segments.last_mut() {
                Some(open) if left - open.right <= gap => open.push(word),
                _ => segments.push(Segment::of(word)),
            }
        }
        (!segments.is_empty()).then_some(Self {
            top: bounds.top,
            bottom: bounds.bottom,
            height,
            segments,
        })
    }

    /// Where its middle is.
    pub(super) fn center(&self) -> f32 {
        f32::midpoint(self.top, self.bottom)
    }
}

impl Segment {
    fn of(word: &Word) -> Self {
        let bounds = word.polygon.bounds();
        Self {
            left: bounds.left,
            right: bounds.right,
            text: word.text.clone(),
            words: 1,
            outline: word.polygon,
            confidence: word.confidence,
        }
    }

    fn push(&mut self, word: &Word) {
        self.right = self.right.max(word.polygon.bounds().right);
        self.text.push(' ');
        self.text.push_str(&word.text);
        self.words += 1;
        self.outline = Polygon::enclosing([&self.outline, &word.polygon]);
        self.confidence = self.confidence.min(word.confidence);
    }
}
