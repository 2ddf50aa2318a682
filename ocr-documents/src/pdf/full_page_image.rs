//! The stored image of a page that is nothing else: its true resolution, without resampling.

use hayro::{
    hayro_interpret::{
        BlendMode, ClipPath, Context, Device, DrawMode, DrawProps, Image, ImageData, ImageDrawProps,
        InterpreterCache, InterpreterSettings, LumaData, Paint, SoftMask, font::GlyphRun, interpret_page,
        util::TransformExt,
    },
    hayro_syntax::page::Page,
    kurbo::{BezPath, Rect},
};
use ocr_core::page::PageImage;

use super::{
    page_size::POINTS_PER_INCH,
    survey::{Picture, Survey},
};
use crate::{
    Limits,
    orientation::Orientation,
    picture::finish,
    pixels::{Raster, on_white},
};

/// How far the sides of the image may be from those of the page, as a part of the page.
const EDGE_TOLERANCE: f64 = 0.015;

/// How far a transform may be from upright: the shift over the whole side, in pixels of the image.
const SKEW_TOLERANCE: f64 = 1.0;

/// Index of the image that is the whole visible page: upright or turned by quarters, from edge to edge,
/// with nothing to be seen over it.
pub(super) fn full_page_image(survey: &Survey) -> Option<usize> {
    if survey
        .glyphs
        .iter()
        .any(|glyph| glyph.visible && !glyph.text.trim().is_empty())
    {
        return None;
    }
    let index = survey.images.len().checked_sub(1)?;
    let picture = survey.images.get(index)?;
    // What came before is hidden if the image is opaque; a stencil must be alone.
    let nothing_over = survey.paths == picture.paths_before;
    let nothing_under = picture.opaque || (index == 0 && survey.paths == 0);
    let fits = covers_page(picture, survey) && orientation(picture).is_some();
    (nothing_over && nothing_under && fits).then_some(index)
}

/// Decodes that image; `None` when it cannot be taken as it is, and must be rendered.
pub(super) fn stored_image(page: &Page<'_>, survey: &Survey, limits: &Limits) -> Option<PageImage> {
    let index = full_page_image(survey)?;
    let picture = survey.images.get(index)?;
    let orientation = orientation(picture)?;
    let mut extractor = Extractor {
        wanted: index,
        seen: 0,
        raster: None,
    };
    let cache = InterpreterCache::new();
    let mut context = Context::new(
        page.initial_transform(true).to_kurbo(),
        Rect::new(0.0, 0.0, survey.width, survey.height),
        &cache,
        page.xref(),
        InterpreterSettings::default(),
    );
    interpret_page(page, &mut context, &mut extractor);
    let raster = extractor.raster?;
    // Pixels a point along the sides of the stored image, which may be turned on the page.
    let [a, b, c, d, _, _] = picture.transform.as_coeffs();
    let scale_x = f64::from(raster.width) / f64::from(picture.width);
    let scale_y = f64::from(raster.height) / f64::from(picture.height);
    let horizontal = POINTS_PER_INCH * scale_x / a.hypot(b);
    let vertical = POINTS_PER_INCH * scale_y / c.hypot(d);
    finish(
        raster,
        orientation,
        Some((horizontal as f32, vertical as f32)),
        limits,
    )
}

fn covers_page(picture: &Picture, survey: &Survey) -> bool {
    let pixels = Rect::new(0.0, 0.0, f64::from(picture.width), f64::from(picture.height));
    let bounds = picture.transform.transform_rect_bbox(pixels);
    let near = |a: f64, b: f64, side: f64| (a - b).abs() <= EDGE_TOLERANCE * side;
    near(bounds.x0, 0.0, survey.width)
        && near(bounds.x1, survey.width, survey.width)
        && near(bounds.y0, 0.0, survey.height)
        && near(bounds.y1, survey.height, survey.height)
        && picture.bounds.area() >= 0.95 * survey.area()
}

/// How to turn the stored image to stand as its transform shows it; `None` when it is skewed.
fn orientation(picture: &Picture) -> Option<Orientation> {
    let [a, b, c, d, _, _] = picture.transform.as_coeffs();
    let (width, height) = (f64::from(picture.width), f64::from(picture.height));
    let unit = (a.hypot(b)).min(c.hypot(d));
    let negligible = |shear: f64, side: f64| shear.abs() * side <= SKEW_TOLERANCE * unit;
    // The sign pattern of the matrix against each orientation tag of TIFF.
    let tag = if negligible(b, width) && negligible(c, height) {
        match (a > 0.0, d > 0.0) {
            (true, true) => 1,
            (false, true) => 2,
            (false, false) => 3,
            (true, false) => 4,
        }
    } else if negligible(a, width) && negligible(d, height) {
        match (b > 0.0, c > 0.0) {
            (true, true) => 5,
            (true, false) => 6,
            (false, false) => 7,
            (false, true) => 8,
        }
    } else {
        return None;
    };
    Some(Orientation::from_tag(tag))
}

struct Extractor {
    wanted: usize,
    seen: usize,
    raster: Option<Raster>,
}

impl<'a> Device<'a> for Extractor {
    fn draw_image(&mut self, image: Image<'a, '_>, _: ImageDrawProps<'a>) {
        let index = self.seen;
        self.seen += 1;
        if index != self.wanted {
            return;
        }
        let height = image.height();
        let raster = &mut self.raster;
        match image {
            Image::Raster(image) => image.with_rgba(
                |data, alpha| {
                    let (_, scale) = data.scale_factors();
                    *raster = flattened(data, alpha).filter(|raster| is_whole(raster, scale, height));
                },
                None,
            ),
            Image::Stencil(image) => image.with_stencil(
                |mask, paint| {
                    let scale = mask.scale_factors.1;
                    *raster = stencilled(&mask, paint).filter(|raster| is_whole(raster, scale, height));
                },
                None,
            ),
        }
    }

    fn draw_path(&mut self, _: &BezPath, _: DrawProps<'a>, _: &DrawMode) {}
    fn push_clip_path(&mut self, _: &ClipPath) {}
    fn push_transparency_group(&mut self, _: f32, _: Option<SoftMask<'a>>, _: BlendMode) {}
    fn draw_glyph_run(&mut self, _: &GlyphRun<'_, 'a>, _: DrawProps<'a>, _: &DrawMode) {}
    fn pop_clip(&mut self) {}
    fn pop_transparency_group(&mut self) {}
}

/// Whether as many rows were decoded as the image should have; a cut-off image must be rendered to stand
/// in its place.
fn is_whole(raster: &Raster, scale: f32, height: u32) -> bool {
    (raster.height as f32 * scale - height as f32).abs() <= 1.0
}

fn flattened(data: ImageData, alpha: Option<LumaData>) -> Option<Raster> {
    let (width, height) = (data.width(), data.height());
    let (mut pixels, channels) = match data {
        ImageData::Rgb(rgb) => (rgb.data, 3),
        ImageData::Luma(luma) => (luma.data, 1),
    };
    if let Some(alpha) = alpha {
        if (alpha.width, alpha.height) != (width, height) {
            return None;
        }
        for (pixel, &alpha) in pixels.chunks_exact_mut(channels).zip(&alpha.data) {
            for value in pixel {
                *value = on_white(*value, alpha);
            }
        }
    }
    Some(if channels == 1 {
        Raster::gray(width, height, pixels)
    } else {
        Raster::rgb(width, height, pixels)
    })
}

/// A stencil painted in one dark colour is a bilevel scan.
fn stencilled(mask: &LumaData, paint: &Paint<'_>) -> Option<Raster> {
    const DARK: u8 = 80;
    let Paint::Color(color) = paint else {
        return None;
    };
    let [red, green, blue, alpha] = color.to_rgba().to_rgba8();
    if red.max(green).max(blue) > DARK || alpha < 255 {
        return None;
    }
    let pixels = mask.data.iter().map(|&coverage| 255 - coverage).collect();
    Some(Raster::gray(mask.width, mask.height, pixels))
}
