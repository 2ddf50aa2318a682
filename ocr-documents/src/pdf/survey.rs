//! What a page draws: its glyphs, its images and how much else, without drawing any of it.

use std::{
    any::Any,
    panic::{self, AssertUnwindSafe},
};

use hayro::{
    hayro_interpret::{
        BlendMode, ClipPath, Context, Device, DrawMode, DrawProps, Image, ImageDrawProps, InterpreterCache,
        InterpreterSettings, Paint, SoftMask,
        font::{Glyph as PdfGlyph, GlyphRun},
        hayro_cmap::{BfString, WritingMode},
        interpret_page,
        util::TransformExt,
    },
    hayro_syntax::{object::Stream, page::Page},
    kurbo::{Affine, BezPath, Point, Rect, Shape, Vec2},
};

use super::inflation;
use crate::{DocumentError, Limits};

/// Maximum number of glyphs kept of a page; a page with more is no page of text.
const MAX_GLYPHS: usize = 300_000;

/// Maximum number of bytes of text kept of a page; one with more is no page of text either.
const MAX_TEXT: usize = 2 << 20;

/// Maximum number of characters that one glyph means; the longest ligature in Unicode stands for eighteen.
const MAX_MEANING: usize = 32;

/// Images whose pixels together exceed this many times the limit of one are refused: each drawing
/// decodes its image again.
const MAX_IMAGE_REPEATS: u64 = 10;

/// Everything a page draws, in points from its top left corner, upright as `/Rotate` says.
#[derive(Debug, Default)]
pub(super) struct Survey {
    /// Width of the page.
    pub(super) width: f64,
    /// Height of the page.
    pub(super) height: f64,
    /// Glyphs in drawing order.
    pub(super) glyphs: Vec<Glyph>,
    /// Images in drawing order.
    pub(super) images: Vec<Picture>,
    /// Fills and strokes other than a background.
    pub(super) paths: u64,
    /// Fills that could be letters turned into outlines.
    pub(super) outlines: u64,
    /// Whether there were more glyphs, or more text, than is kept.
    pub(super) overfull: bool,
}

/// One glyph.
#[derive(Debug, Clone)]
pub(super) struct Glyph {
    /// What it means; empty when the file does not say, or says what no glyph can mean.
    pub(super) text: String,
    /// Start of its baseline.
    pub(super) origin: Point,
    /// From its origin to that of the next glyph, without extra spacing.
    pub(super) advance: Vec2,
    /// Size of the font, one em.
    pub(super) size: f64,
    /// Whether it leaves a mark that nothing covers later.
    pub(super) visible: bool,
    /// Whether it belongs to vertical writing.
    pub(super) vertical: bool,
}

impl Glyph {
    /// A glyph that is seen, in horizontal writing.
    pub(super) fn new(text: String, origin: Point, advance: Vec2, size: f64) -> Self {
        Self {
            text,
            origin,
            advance,
            size,
            visible: true,
            vertical: false,
        }
    }
}

/// One drawn image.
#[derive(Debug, Clone, Copy)]
pub(super) struct Picture {
    /// From its pixels, origin at the top left, to the page.
    pub(super) transform: Affine,
    /// Stored width in pixels.
    pub(super) width: u32,
    /// Stored height in pixels.
    pub(super) height: u32,
    /// The part of the page it covers, after clipping.
    pub(super) bounds: Rect,
    /// Whether it hides what is under it.
    pub(super) opaque: bool,
    /// Number of glyphs drawn before it.
    pub(super) glyphs_before: usize,
    /// Number of other marks drawn before it.
    pub(super) paths_before: u64,
}

impl Survey {
    /// Area of the page in square points.
    pub(super) fn area(&self) -> f64 {
        self.width * self.height
    }

    /// Part of the page, at most 1, that images cover; overlaps count twice.
    pub(super) fn picture_coverage(&self) -> f64 {
        let covered: f64 = self
            .images
            .iter()
            .map(|picture| picture.bounds.area().max(0.0))
            .sum();
        (covered / self.area()).min(1.0)
    }
}

/// Bullets of the symbol fonts of word processors, which have private code points.
pub(super) fn is_private_bullet(char: char) -> bool {
    matches!(
        char,
        '\u{f0b7}' | '\u{f0a7}' | '\u{f0d8}' | '\u{f076}' | '\u{f0a8}' | '\u{f06f}' | '\u{f02d}'
    )
}

/// Interprets a page without drawing it.
///
/// # Errors
/// [`DocumentError::TooComplex`] when it draws more than [`Limits::max_page_marks`] marks, and
/// [`DocumentError::TooManyPixels`] for images over the limit.
pub(super) fn survey(page: &Page<'_>, limits: &Limits) -> Result<Survey, DocumentError> {
    let (width, height) = page.render_dimensions();
    let (width, height) = (f64::from(width), f64::from(height));
    let bounds = Rect::new(0.0, 0.0, width, height);
    let mut surveyor = Surveyor {
        survey: Survey {
            width,
            height,
            ..Survey::default()
        },
        limits: *limits,
        page: bounds,
        clips: Vec::new(),
        groups: Vec::new(),
        text_bytes: 0,
        marks: 0,
        image_pixels: 0,
    };
    let cache = InterpreterCache::new();
    let mut context = Context::new(
        page.initial_transform(true).to_kurbo(),
        bounds,
        &cache,
        page.xref(),
        InterpreterSettings::default(),
    );
    let outcome = panic::catch_unwind(AssertUnwindSafe(|| {
        interpret_page(page, &mut context, &mut surveyor);
    }));
    outcome.map_err(refusal)?;
    let mut survey = surveyor.survey;
    hide_covered(&mut survey);
    Ok(survey)
}

/// The reason for which a surveyor left the interpreter; other panics go on.
fn refusal(payload: Box<dyn Any + Send>) -> DocumentError {
    match payload.downcast::<DocumentError>() {
        Ok(error) => *error,
        Err(panic) => panic::resume_unwind(panic),
    }
}

/// Marks glyphs under a later opaque image as invisible: some scanners put the old text there.
fn hide_covered(survey: &mut Survey) {
    const LARGE: f64 = 0.3;
    let area = survey.area();
    for picture in &survey.images {
        if !picture.opaque || picture.bounds.area() < LARGE * area {
            continue;
        }
        for glyph in survey.glyphs.iter_mut().take(picture.glyphs_before) {
            if picture.bounds.contains(glyph.origin + glyph.advance / 2.0) {
                glyph.visible = false;
            }
        }
    }
}

struct Surveyor {
    survey: Survey,
    limits: Limits,
    page: Rect,
    /// Bounding boxes of the clip paths in force, each inside the one before.
    clips: Vec<Rect>,
    /// For each transparency group whether it shows its content fully.
    groups: Vec<bool>,
    text_bytes: usize,
    marks: u64,
    image_pixels: u64,
}

impl Surveyor {
    /// Leaves the interpreter, which has no other way out than unwinding.
    fn leave(error: DocumentError) -> ! {
        panic::resume_unwind(Box::new(error))
    }

    fn count(&mut self, marks: u64) {
        self.marks += marks;
        if self.marks > self.limits.max_page_marks {
            Self::leave(DocumentError::TooComplex {
                reason: format!("a page draws more than {} marks", self.limits.max_page_marks),
            });
        }
    }

    /// Refuses an image or a mask that costs too much to decode.
    fn check_stored(&self, stream: &Stream<'_>, most: u64) {
        if let Err(error) = inflation::check_image(stream.dict(), &self.limits) {
            Self::leave(error);
        }
        if inflation::expands_beyond(stream, most) {
            Self::leave(inflation::too_large(most));
        }
    }

    fn clip(&self) -> Rect {
        self.clips.last().copied().unwrap_or(self.page)
    }

    fn push_clip(&mut self, bounds: Rect) {
        self.count(1);
        self.clips.push(self.clip().intersect(bounds));
    }

    fn path(&mut self, bounds: Rect, elements: usize, paint: &Paint<'_>, mode: &DrawMode) {
        self.count(1 + elements as u64 / 16);
        let clipped = bounds.intersect(self.clip());
        let line_like = bounds.width() <= 0.0 || bounds.height() <= 0.0;
        if !shows(paint) || (clipped.area() <= 0.0 && !line_like) {
            return;
        }
        let is_background = clipped.area() >= 0.95 * self.survey.area();
        let first = self.survey.paths == 0 && self.survey.images.is_empty() && self.survey.glyphs.is_empty();
        if is_background && first {
            return;
        }
        self.survey.paths += 1;
        // Letters are small shapes with several corners.
        let letter_like = bounds.height() < 0.05 * self.survey.height && elements >= 6;
        if letter_like && matches!(mode, DrawMode::Fill(_)) {
            self.survey.outlines += 1;
        }
    }
}

impl<'a> Device<'a> for Surveyor {
    fn draw_path(&mut self, path: &BezPath, props: DrawProps<'a>, mode: &DrawMode) {
        let bounds = props.transform.transform_rect_bbox(path.bounding_box());
        self.path(bounds, path.elements().len(), &props.paint, mode);
    }

    fn draw_rect(&mut self, rect: &Rect, props: DrawProps<'a>, mode: &DrawMode) {
        let bounds = props.transform.transform_rect_bbox(*rect);
        self.path(bounds, 4, &props.paint, mode);
    }

    fn push_clip_path(&mut self, clip_path: &ClipPath) {
        self.push_clip(clip_path.path.bounding_box());
    }

    fn push_clip_rect(&mut self, rect: &Rect) {
        self.push_clip(*rect);
    }

    fn push_transparency_group(&mut self, opacity: f32, mask: Option<SoftMask<'a>>, blend_mode: BlendMode) {
        self.count(1);
        let plain = opacity > 0.99 && mask.is_none() && blend_mode == BlendMode::Normal;
        self.groups.push(plain);
    }

    fn draw_glyph_run(&mut self, run: &GlyphRun<'_, 'a>, props: DrawProps<'a>, mode: &DrawMode) {
        self.count(1 + run.glyphs().len() as u64);
        let painted = !matches!(mode, DrawMode::Invisible) && shows(&props.paint);
        let vertical = run.writing_mode() == WritingMode::Vertical;
        for glyph in run.glyphs() {
            self.survey.overfull |= self.survey.glyphs.len() >= MAX_GLYPHS || self.text_bytes > MAX_TEXT;
            if self.survey.overfull {
                return;
            }
            let transform = props.transform * glyph.transform();
            let (width, type3) = match &**glyph {
                PdfGlyph::Outline(outline) => (outline.advance_width(), false),
                PdfGlyph::Type3(drawn) => (drawn.advance_width(), true),
            };
            if let Some(mut glyph) = placed(transform, width, type3, meaning(glyph)) {
                let middle = glyph.origin + glyph.advance / 2.0;
                glyph.visible = painted && self.clip().contains(middle);
                glyph.vertical = vertical;
                self.text_bytes += glyph.text.len();
                self.survey.glyphs.push(glyph);
            }
        }
    }

    fn draw_image(&mut self, image: Image<'a, '_>, props: ImageDrawProps<'a>) {
        self.count(1);
        let (width, height) = (image.width(), image.height());
        if let Err(error) = self.limits.check_pixels(u64::from(width), u64::from(height)) {
            Self::leave(error);
        }
        self.image_pixels += u64::from(width) * u64::from(height);
        if self.image_pixels > self.limits.max_page_pixels.saturating_mul(MAX_IMAGE_REPEATS) {
            Self::leave(DocumentError::TooComplex {
                reason: "the images of a page have too many pixels together".into(),
            });
        }
        let (stream, raster) = match &image {
            Image::Raster(raster) => (raster.stream(), true),
            Image::Stencil(stencil) => (stencil.stream(), false),
        };
        // Four channels of sixteen bits are the most that a pixel can need.
        let most = self.limits.max_page_pixels.saturating_mul(8);
        self.check_stored(stream, most);
        let dict = stream.dict();
        for key in [&b"SMask"[..], b"Mask"] {
            if let Some(mask) = dict.get::<Stream<'_>>(key) {
                self.check_stored(&mask, most);
            }
        }
        let masked = [&b"SMask"[..], b"Mask", b"SMaskInData"]
            .iter()
            .any(|&key| dict.contains_key(key));
        let pixels = Rect::new(0.0, 0.0, f64::from(width), f64::from(height));
        let plain = self.groups.iter().all(|&plain| plain) && props.soft_mask.is_none();
        self.survey.images.push(Picture {
            transform: props.transform,
            width,
            height,
            bounds: props.transform.transform_rect_bbox(pixels).intersect(self.clip()),
            opaque: raster && !masked && plain && props.blend_mode == BlendMode::Normal,
            glyphs_before: self.survey.glyphs.len(),
            paths_before: self.survey.paths,
        });
    }

    fn pop_clip(&mut self) {
        self.clips.pop();
    }

    fn pop_transparency_group(&mut self) {
        self.groups.pop();
    }
}

/// Whether painting with it is visible.
fn shows(paint: &Paint<'_>) -> bool {
    match paint {
        Paint::Color(color) => color.to_rgba().to_rgba8()[3] > 0,
        Paint::Pattern(_) => true,
    }
}

/// What a glyph means. A soft hyphen that leaves no mark joins the parts of its word; one that does is the
/// hyphen that the reader sees, at the end of a line or where a font has one glyph for both hyphens.
fn meaning(glyph: &PdfGlyph<'_>) -> Option<BfString> {
    const SOFT_HYPHEN: char = '\u{ad}';
    const WORD_JOINER: char = '\u{2060}';
    match (glyph.as_unicode(), glyph) {
        (Some(BfString::Char(SOFT_HYPHEN)), PdfGlyph::Outline(outline))
            if outline.outline().elements().is_empty() =>
        {
            Some(BfString::Char(WORD_JOINER))
        }
        (meaning, _) => meaning,
    }
}

/// A glyph on the page; `None` when its place is not a number.
fn placed(transform: Affine, width: Option<f32>, type3: bool, meaning: Option<BfString>) -> Option<Glyph> {
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
    let text = match meaning {
        Some(BfString::Char(char)) => char.to_string(),
        Some(BfString::String(text)) if text.chars().nth(MAX_MEANING).is_none() => text,
        Some(BfString::String(_)) | None => String::new(),
    };
    finite.then(|| Glyph::new(text, origin, advance, size))
}

/// Maps a direction, which translation leaves alone.
fn linear(transform: Affine, vector: Vec2) -> Vec2 {
    let [a, b, c, d, _, _] = transform.as_coeffs();
    Vec2::new(a * vector.x + c * vector.y, b * vector.x + d * vector.y)
}
