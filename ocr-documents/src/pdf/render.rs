//! Pages drawn at a resolution chosen for what is on them.

use hayro::{
    PixmapSettings, RenderCache, RenderSettings, hayro_interpret::InterpreterSettings,
    hayro_syntax::page::Page, vello_cpu::color::palette::css::WHITE,
};
use ocr_core::{model::MediaType, page::PageImage};

use super::{
    page_size::{MAX_SIDE, POINTS_PER_INCH},
    survey::{Picture, Survey},
};
use crate::{DocumentError, Limits, pixels::Raster};

/// Height of an em in pixels at which text is read best.
const EM_PIXELS: f64 = 34.0;

/// Minimum resolution of a page with drawn text.
const MIN_TEXT_DPI: f64 = 200.0;

/// Minimum resolution of a page that is only images.
const MIN_IMAGE_DPI: f64 = 72.0;

/// Draws the page on white, at a resolution for what is on it.
pub(super) fn render(page: &Page<'_>, survey: &Survey, limits: &Limits) -> Result<PageImage, DocumentError> {
    render_at(page, survey, resolution(survey, limits), limits)
}

/// Draws the page on white, at this resolution in dots per inch or the highest below it that keeps the limits.
pub(super) fn render_at(
    page: &Page<'_>,
    survey: &Survey,
    dpi: f64,
    limits: &Limits,
) -> Result<PageImage, DocumentError> {
    let dpi = within_limits(dpi, survey, limits);
    let scale = dpi / POINTS_PER_INCH;
    // A page of extreme proportions keeps at least a pixel on each side.
    let axis_scale = |side: f64| scale.max(1.001 / side) as f32;
    let settings = PixmapSettings {
        x_scale: axis_scale(survey.width),
        y_scale: axis_scale(survey.height),
        bg_color: WHITE,
    };
    let render_settings = RenderSettings {
        force_image_interpolation: true,
        ..RenderSettings::default()
    };
    let pixmap = hayro::render(
        page,
        &RenderCache::new(),
        &InterpreterSettings::default(),
        &render_settings,
        &settings,
    );
    let (width, height) = (u32::from(pixmap.width()), u32::from(pixmap.height()));
    let opaque = pixmap.data_as_u8_slice().as_chunks::<4>().0.iter();
    let rgb: Vec<u8> = opaque
        .flat_map(|&[red, green, blue, _]| [red, green, blue])
        .collect();
    drop(pixmap);
    Raster::rgb(width, height, rgb)
        .into_page(Some(dpi as f32))
        .ok_or_else(|| DocumentError::malformed(MediaType::Pdf, "a page could not be drawn"))
}

/// The resolution in dots per inch: that of the images where they are the page, one that makes the text
/// large enough otherwise.
fn resolution(survey: &Survey, limits: &Limits) -> f64 {
    let target = f64::from(limits.target_dpi);
    let drawn = survey.paths > 0 || survey.glyphs.iter().any(|glyph| glyph.visible);
    let native = survey
        .images
        .iter()
        .max_by(|a, b| a.bounds.area().total_cmp(&b.bounds.area()))
        .filter(|_| survey.picture_coverage() >= 0.5)
        .map(native_resolution);
    match native {
        Some(native) if drawn => native.clamp(MIN_TEXT_DPI.min(target), target),
        Some(native) => native.clamp(MIN_IMAGE_DPI.min(target), target),
        None => text_resolution(survey).clamp(MIN_TEXT_DPI.min(target), target),
    }
}

/// The resolution, or the highest at which the page keeps the limits of pixels.
fn within_limits(wanted: f64, survey: &Survey, limits: &Limits) -> f64 {
    let by_pixels = POINTS_PER_INCH * (limits.max_output_pixels as f64 / survey.area()).sqrt();
    let by_side = POINTS_PER_INCH * MAX_SIDE / survey.width.max(survey.height);
    wanted.min(by_pixels).min(by_side)
}

/// Pixels an inch of the finer side of a drawn image.
fn native_resolution(picture: &Picture) -> f64 {
    let [a, b, c, d, _, _] = picture.transform.as_coeffs();
    POINTS_PER_INCH / a.hypot(b).min(c.hypot(d)).max(f64::MIN_POSITIVE)
}

/// Resolution that gives the smaller text of the page its best size; letters drawn as shapes have no
/// size to go by.
fn text_resolution(survey: &Survey) -> f64 {
    let mut sizes: Vec<f64> = survey
        .glyphs
        .iter()
        .filter(|glyph| glyph.visible)
        .map(|glyph| glyph.size)
        .collect();
    sizes.sort_by(f64::total_cmp);
    sizes
        .get(sizes.len() / 4)
        .map_or(f64::INFINITY, |size| POINTS_PER_INCH * EM_PIXELS / size)
}
