//! What is put into order: boxes with a size of text, and how exact they are.

use ocr_core::model::geometry::Rect;

/// How exact the boxes are, and so how closely they may be looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Boxes {
    /// Computed from fonts: those of a text layer.
    Exact,
    /// Found in pixels: larger than the letters in them, and as high as the letters that happen to be there.
    Found,
}

impl Boxes {
    /// Minimum width of a gutter between columns, in ems.
    pub(crate) fn min_gutter(self) -> f32 {
        match self {
            Self::Exact => 0.9,
            Self::Found => 0.4,
        }
    }

    /// How far a piece may reach into a gutter on either side, in ems: found boxes are larger than their letters,
    /// and the gutters of photos are not straight.
    pub(crate) fn reach(self) -> f32 {
        match self {
            Self::Exact => 0.0,
            Self::Found => 0.55,
        }
    }

    /// Length from which a line is prose and not a cell, in ems: about 18 characters.
    pub(crate) fn min_prose(self) -> f32 {
        match self {
            Self::Exact => 9.0,
            Self::Found => 6.7,
        }
    }

    /// Whether a piece is as long as a line of prose.
    pub(crate) fn is_prose(self, piece: &Piece) -> bool {
        piece.rect.width() >= self.min_prose() * piece.size
    }

    /// How far the lines of two pieces may be apart, in ems, that stand side by side.
    pub(crate) fn line_tolerance(self) -> f32 {
        match self {
            Self::Exact => 0.3,
            Self::Found => 0.45,
        }
    }

    /// Change of size that parts paragraphs.
    pub(crate) fn size_change(self) -> f32 {
        match self {
            Self::Exact => 1.15,
            Self::Found => 1.4,
        }
    }

    /// Size against the usual one from which lines are a heading.
    pub(crate) fn heading(self) -> f32 {
        match self {
            Self::Exact => 1.2,
            Self::Found => 1.35,
        }
    }
}

/// A piece of a page: a line of text or a part of one, or something that is none.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub struct Piece {
    /// Where it stands.
    pub rect: Rect,
    /// Size of its text, one em, in the units of the box.
    pub size: f32,
    /// Height of the line it stands on: that of the baseline, or of the middle.
    pub line: f32,
    /// Whether it is no text and so a block of its own: a table, a picture.
    pub solid: bool,
}

impl Piece {
    /// Text of a known size on a known baseline.
    pub fn typeset(rect: Rect, size: f32, baseline: f32) -> Self {
        Self {
            rect,
            size,
            line: baseline,
            solid: false,
        }
    }

    /// Text that was found in pixels.
    pub fn found(rect: Rect) -> Self {
        /// Part of the height of such a box that is an em.
        const EM: f32 = 0.9;
        Self {
            rect,
            size: (EM * rect.height()).max(f32::MIN_POSITIVE),
            line: rect.center_y(),
            solid: false,
        }
    }

    /// The same as a block of its own.
    pub fn solid(mut self) -> Self {
        self.solid = true;
        self
    }

    /// The line that `pieces` make up, of which the largest says size and height; `None` for none.
    pub(crate) fn joined(pieces: impl IntoIterator<Item = Self>) -> Option<Self> {
        pieces.into_iter().reduce(|a, b| {
            let larger = if b.size > a.size { b } else { a };
            Self {
                rect: a.rect.union(b.rect),
                solid: a.solid || b.solid,
                ..larger
            }
        })
    }
}

/// Whether two pieces stand on one line.
pub(crate) fn on_one_line(a: &Piece, b: &Piece, boxes: Boxes) -> bool {
    (a.line - b.line).abs() < boxes.line_tolerance() * a.size.max(b.size)
}

/// Middle value; 0 for nothing.
pub fn median(mut values: Vec<f32>) -> f32 {
    values.sort_by(f32::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(0.0)
}
