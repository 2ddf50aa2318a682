//! One glyph as it stands on the page: where, in which colour, and what it means.

use std::ops::Range;

use hayro::{
    hayro_interpret::{font::Glyph as PdfGlyph, hayro_cmap::BfString},
    kurbo::{Affine, Point, Rect, Vec2},
};

/// Maximum number of characters that one glyph means; the longest ligature in Unicode stands for eighteen.
const MAX_MEANING: usize = 32;

/// One glyph.
#[derive(Debug, Clone)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "four properties of a glyph that do not depend on each other"
)]
pub(super) struct Glyph {
    /// What it means; U+FFFD when the file does not say, or says what no glyph can mean.
    pub(super) text: String,
    /// Start of its baseline.
    pub(super) origin: Point,
    /// From its origin to that of the next glyph, without extra spacing.
    pub(super) advance: Vec2,
    /// Size of the font, one em.
    pub(super) size: f64,
    /// Whether it leaves a mark that nothing covers later.
    pub(super) visible: bool,
    /// Whether it is invisible text, as an old recognition leaves it.
    pub(super) unpainted: bool,
    /// Whether it belongs to vertical writing.
    pub(super) vertical: bool,
    /// Whether only the rendered page can tell if it is seen.
    pub(super) doubtful: bool,
    /// Its colour in red, green and blue, where it has one that nothing shows through.
    pub(super) ink: Option<[u8; 3]>,
}

impl Glyph {
    /// A glyph that is seen without doubt, in horizontal writing, of a colour that is not known.
    pub(super) fn new(text: String, origin: Point, advance: Vec2, size: f64) -> Self {
        Self {
            text,
            origin,
            advance,
            size,
            visible: true,
            unpainted: false,
            vertical: false,
            doubtful: false,
            ink: None,
        }
    }
}

/// A glyph on the page; `None` when its place is not a number.
pub(super) fn placed(transform: Affine, width: Option<f32>, type3: bool, text: String) -> Option<Glyph> {
    // Glyph space has a thousand units an em; half an em is the usual width of an unknown glyph.
    let advance = f64::from(width.unwrap_or(500.0));
    let origin = transform * Point::ZERO;
    let advance = linear(transform, Vec2::new(advance, 0.0));
    let height = linear(transform, Vec2::new(0.0, 1000.0)).hypot();
    // The em of a Type 3 font may be anything; the usual em is about twice the usual width.
    let size = if type3 {
        height.max(1.8 * advance.hypot())
    } else {
        height
    };
    let finite = origin.is_finite() && advance.is_finite() && size.is_finite() && size > 0.0;
    finite.then(|| Glyph::new(text, origin, advance, size))
}

/// Maps a direction, which translation leaves alone.
pub(super) fn linear(transform: Affine, vector: Vec2) -> Vec2 {
    let [a, b, c, d, _, _] = transform.as_coeffs();
    Vec2::new(a * vector.x + c * vector.y, b * vector.x + d * vector.y)
}

/// What a glyph means: nothing known where it leaves a mark and the file does not say, or says what no glyph can mean;
/// a space where it leaves none. A soft hyphen that leaves no mark joins the parts of its word; one that does is the
/// hyphen that the reader sees.
pub(super) fn meaning(glyph: &PdfGlyph<'_>) -> String {
    const SOFT_HYPHEN: &str = "\u{ad}";
    const WORD_JOINER: &str = "\u{2060}";
    let text = match glyph.as_unicode() {
        Some(BfString::Char(char)) => char.to_string(),
        Some(BfString::String(text)) if text.chars().nth(MAX_MEANING).is_none() => text,
        Some(BfString::String(_)) | None => String::new(),
    };
    let leaves_no_mark =
        || matches!(glyph, PdfGlyph::Outline(outline) if outline.outline().elements().is_empty());
    if text == SOFT_HYPHEN && leaves_no_mark() {
        return WORD_JOINER.into();
    }
    if !text.is_empty() && !text.chars().any(is_meaningless) {
        return text;
    }
    if leaves_no_mark() {
        " ".into()
    } else {
        char::REPLACEMENT_CHARACTER.into()
    }
}

/// Bullets of the symbol fonts of word processors, which have private code points.
pub(super) fn is_private_bullet(char: char) -> bool {
    matches!(
        char,
        '\u{f0b7}' | '\u{f0a7}' | '\u{f0d8}' | '\u{f076}' | '\u{f0a8}' | '\u{f06f}' | '\u{f02d}'
    )
}

/// Characters that stand for no character: controls, replacements and private use, except the bullets that symbol
/// fonts keep there.
fn is_meaningless(char: char) -> bool {
    let private = matches!(char, '\u{e000}'..='\u{f8ff}' | '\u{f0000}'..='\u{10ffff}');
    (private && !is_private_bullet(char))
        || char == char::REPLACEMENT_CHARACTER
        || (char.is_control() && !char.is_whitespace())
}

/// The middle of a glyph, where each letter has ink or is surrounded by it.
pub(super) fn core(glyph: &Glyph) -> Rect {
    part(glyph, 0.35..0.65, 0.1..0.45)
}

/// The box of a glyph without its margins and without descenders, so that no rule below it is in it.
pub(super) fn body(glyph: &Glyph) -> Rect {
    part(glyph, 0.08..0.92, -0.04..0.72)
}

/// The upright box around a part of a glyph, in shares of its advance along the baseline and of its em above it.
fn part(glyph: &Glyph, along: Range<f64>, above: Range<f64>) -> Rect {
    let length = glyph.advance.hypot();
    // An accent that is set over the letter before it advances nothing, and has no direction of its own.
    let up = if length > 0.0 {
        Vec2::new(glyph.advance.y, -glyph.advance.x) * (glyph.size / length)
    } else {
        Vec2::new(0.0, -glyph.size)
    };
    let at = |along: f64, above: f64| glyph.origin + glyph.advance * along + up * above;
    let corners = [
        at(along.end, above.start),
        at(along.start, above.end),
        at(along.end, above.end),
    ];
    let start = at(along.start, above.start);
    corners
        .into_iter()
        .fold(Rect::from_points(start, start), |rect, corner| {
            rect.union_pt(corner)
        })
}
