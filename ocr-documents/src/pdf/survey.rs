//! What a page draws: its glyphs, its images and how much else, without drawing any of it.

use std::{
    any::Any,
    panic::{self, AssertUnwindSafe},
};

use hayro::{
    hayro_interpret::{
        BlendMode, ClipPath, Context, Device, DrawMode, DrawProps, Image, ImageDrawProps, InterpreterCache,
        InterpreterSettings, SoftMask,
        font::{Glyph as PdfGlyph, GlyphRun},
        hayro_cmap::WritingMode,
        interpret_page,
        util::TransformExt,
    },
    hayro_syntax::{object::Stream, page::Page},
    kurbo::{Affine, BezPath, Rect, Shape, Vec2},
};

pub(super) use super::glyph::Glyph;
use super::{
    glyph::{core, linear, meaning, placed},
    ground::{Area, Cover, Ground},
    inflation,
    paint::{brightness, ink, is_box, is_upright, shows},
    rules::Rules,
    shapes::Shapes,
};
use crate::{DocumentError, Limits};

/// Maximum number of glyphs kept of a page; a page with more is no page of text.
const MAX_GLYPHS: usize = 300_000;

/// Maximum number of bytes of text kept of a page; one with more is no page of text either.
const MAX_TEXT: usize = 2 << 20;

/// Brightness, of 255, from which lines are not seen on paper.
const PAPER: u8 = 248;

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
    /// Where those are.
    pub(super) shapes: Shapes,
    /// Straight lines.
    pub(super) rules: Rules,
    /// Whether there were more glyphs, or more text, than is kept.
    pub(super) overfull: bool,
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
        ground: Ground::new(bounds),
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
    if surveyor.ground.is_lost() {
        for glyph in &mut survey.glyphs {
            glyph.doubtful = true;
        }
    }
    Ok(survey)
}

/// The reason for which a surveyor left the interpreter; other panics go on.
fn refusal(payload: Box<dyn Any + Send>) -> DocumentError {
    match payload.downcast::<DocumentError>() {
        Ok(error) => *error,
        Err(panic) => panic::resume_unwind(panic),
    }
}

struct Surveyor {
    survey: Survey,
    limits: Limits,
    page: Rect,
    ground: Ground,
    /// The clip paths in force, each inside the one before.
    clips: Vec<Clip>,
    /// For each transparency group whether it shows its content fully.
    groups: Vec<bool>,
    text_bytes: usize,
    marks: u64,
    image_pixels: u64,
}

/// A clip path together with those before it.
#[derive(Debug, Clone, Copy)]
struct Clip {
    bounds: Rect,
    /// Whether it is all of its bounds.
    whole: bool,
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
        self.clips.last().map_or(self.page, |clip| clip.bounds)
    }

    /// Whether the clip paths in force are boxes.
    fn clip_is_whole(&self) -> bool {
        self.clips.last().is_none_or(|clip| clip.whole)
    }

    fn push_clip(&mut self, bounds: Rect, whole: bool) {
        self.count(1);
        let clip = Clip {
            bounds: self.clip().intersect(bounds),
            whole: whole && self.clip_is_whole(),
        };
        self.clips.push(clip);
    }

    /// Whether what is drawn now hides what is under it, as far as the state of the page tells.
    fn is_plain(&self, mask: Option<&SoftMask<'_>>, blend_mode: BlendMode) -> bool {
        mask.is_none() && blend_mode == BlendMode::Normal && self.groups.iter().all(|&plain| plain)
    }

    fn path(&mut self, path: &BezPath, props: &DrawProps<'_>, mode: &DrawMode) {
        let elements = path.elements().len();
        self.count(1 + elements as u64 / 16);
        let bounds = props.transform.transform_rect_bbox(path.bounding_box());
        let clipped = bounds.intersect(self.clip());
        let line_like = bounds.width() <= 0.0 || bounds.height() <= 0.0;
        if !shows(&props.paint) || (clipped.area() <= 0.0 && !line_like) {
            return;
        }
        self.cover_with(path, bounds, props, mode);
        let is_background = clipped.area() >= 0.95 * self.survey.area();
        let first = self.survey.paths == 0 && self.survey.images.is_empty() && self.survey.glyphs.is_empty();
        if is_background && first {
            return;
        }
        self.survey.paths += 1;
        let clip = self.clip();
        if ink(&props.paint).is_none_or(|color| brightness(color) < PAPER) {
            self.survey.rules.add(path, props.transform, mode, clip);
        }
        // Letters are small shapes with several corners.
        let letter_like = bounds.height() < 0.05 * self.survey.height && elements >= 6;
        if letter_like && matches!(mode, DrawMode::Fill(_)) {
            self.survey.outlines += 1;
            self.survey.shapes.add(clipped, elements);
        }
    }

    /// Notes what a path hides.
    fn cover_with(&mut self, path: &BezPath, bounds: Rect, props: &DrawProps<'_>, mode: &DrawMode) {
        let plain = self.is_plain(props.soft_mask.as_ref(), props.blend_mode) && self.clip_is_whole();
        let cover = match ink(&props.paint) {
            Some(color) if plain => Cover::Even(brightness(color)),
            _ => Cover::Sheer,
        };
        let clip = self.clip();
        let (fill, width) = match mode {
            DrawMode::Fill(rule) => (Some(*rule), 0.0),
            DrawMode::FillAndStroke(rule, stroke) => (Some(*rule), stroke.line_width),
            DrawMode::Stroke(stroke) => (None, stroke.line_width),
            DrawMode::Invisible => return,
        };
        if let Some(rule) = fill {
            let outline = (!is_box(path, bounds, props.transform)).then(|| props.transform * path);
            let area = Area {
                bounds: bounds.intersect(clip),
                outline: outline.as_ref().map(|path| (path, rule)),
            };
            self.ground.paint(&area, cover, &mut self.survey.glyphs);
        }
        let half = f64::from(width) * linear(props.transform, Vec2::new(0.5, 0.5)).hypot();
        // A thick line is a bar; of other strokes only where they may be is known.
        let bar = path.elements().len() == 2 && (bounds.width() < 0.1 || bounds.height() < 0.1);
        let (cover, reach) = match bar {
            true if bounds.width() < bounds.height() => (cover, (half, 0.0)),
            true => (cover, (0.0, half)),
            false => (Cover::Sheer, (half, half)),
        };
        if half > 1.0 {
            let area = Area {
                bounds: bounds.inflate(reach.0, reach.1).intersect(clip),
                outline: None,
            };
            self.ground.paint(&area, cover, &mut self.survey.glyphs);
        }
    }
}

impl<'a> Device<'a> for Surveyor {
    fn draw_path(&mut self, path: &BezPath, props: DrawProps<'a>, mode: &DrawMode) {
        self.path(path, &props, mode);
    }

    fn draw_rect(&mut self, rect: &Rect, props: DrawProps<'a>, mode: &DrawMode) {
        self.path(&rect.to_path(0.1), &props, mode);
    }

    fn push_clip_path(&mut self, clip_path: &ClipPath) {
        let bounds = clip_path.path.bounding_box();
        self.push_clip(bounds, is_box(&clip_path.path, bounds, Affine::IDENTITY));
    }

    fn push_clip_rect(&mut self, rect: &Rect) {
        self.push_clip(*rect, true);
    }

    fn push_transparency_group(&mut self, opacity: f32, mask: Option<SoftMask<'a>>, blend_mode: BlendMode) {
        self.count(1);
        let plain = opacity > 0.99 && mask.is_none() && blend_mode == BlendMode::Normal;
        self.groups.push(plain);
    }

    fn draw_glyph_run(&mut self, run: &GlyphRun<'_, 'a>, props: DrawProps<'a>, mode: &DrawMode) {
        self.count(1 + run.glyphs().len() as u64);
        let painted = !matches!(mode, DrawMode::Invisible) && shows(&props.paint);
        let plain = self.is_plain(props.soft_mask.as_ref(), props.blend_mode);
        let ink = ink(&props.paint).filter(|_| plain);
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
                let inside = self.clip().contains(core(&glyph).center());
                glyph.visible = painted && inside;
                glyph.unpainted = inside && matches!(mode, DrawMode::Invisible);
                glyph.vertical = vertical;
                glyph.ink = ink;
                glyph.doubtful = !self.clip_is_whole();
                self.text_bytes += glyph.text.len();
                if glyph.visible {
                    let index = self.survey.glyphs.len();
                    self.ground.place(index, &mut glyph, ink.map(brightness));
                }
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
        let opaque = raster && !masked && self.is_plain(props.soft_mask.as_ref(), props.blend_mode);
        let bounds = props.transform.transform_rect_bbox(pixels).intersect(self.clip());
        let cover = if opaque && self.clip_is_whole() && is_upright(props.transform) {
            Cover::Varied
        } else {
            Cover::Sheer
        };
        let area = Area {
            bounds,
            outline: None,
        };
        self.ground.paint(&area, cover, &mut self.survey.glyphs);
        self.survey.images.push(Picture {
            transform: props.transform,
            width,
            height,
            bounds,
            opaque,
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
