//! Local recognition with the PP-OCRv6 models on a pure-Rust runtime: no system library.
//!
//! A page goes through `upright` (which way up it lies), `detection` (lines as rectangles of any angle),
//! `orientation` (quarter turns where that was not sure), `recognition` (characters with positions) and, in reading order,
//! `assemble` (the platform's text model).
//!
//! # Traces
//! Each of these steps is a `tracing` span of level debug: `upright`, `detect`, `turn`, `crop`, `recognize` (with the `model`,
//! `first` or `second`, the number of `lines`, their `columns` of pixels, and those `padded` to one width), `rules`
//! (lines that are drawn), `assemble` and, inside it, `table` (a look at a place that may be a table).
//!
//! # Memory
//! The caller's pixels are borrowed and never copied whole: the detector works on a reduced page,
//! and lines are sampled from the full one. A call needs at most a few hundred megabytes whatever the
//! page's size; the loaded models take about 100 MB and are shared by all calls.

mod assemble;
mod batch;
mod boxes;
pub mod catalog;
mod ctc;
mod deskew;
mod detection;
mod doubt;
mod ink;
mod loading;
mod min_rect;
mod orientation;
mod raster;
mod recognition;
mod runtime;
mod table_structure;
mod table_tokens;
mod upright;
mod words;

use std::{fmt, path::Path, time::Instant};

use ocr_core::{
    Result,
    model::PageText,
    page::{PageImage, PageRecognizer, RecognizeOptions, RecognizerCapabilities},
};

use tracing::debug_span;

use self::{
    assemble::ReadBox,
    batch::batches,
    boxes::{BoxParams, TextBox},
    catalog::{Role, Variant},
    detection::{Detector, WorkingSize},
    doubt::{Part, doubtful, replace},
    loading::Models,
    raster::{Pixels, Raster},
    recognition::{COLUMN_STRIDE, LINE_HEIGHT, LineText, Recognizer, line_picture, line_width},
    runtime::Threads,
    table_structure::TableStructure,
    upright::Upright,
};
pub use self::{catalog::Variant as ModelVariant, loading::LoadError};
use crate::rules::find_rules;
use ocr_core::model::geometry::{Point, Polygon, QuarterTurn, Rect};
use ocr_layout::Rule;

/// Lines that read worse than this are noise, not text.
const MIN_LINE_CONFIDENCE: f32 = 0.5;
/// The PP-OCRv6 engine. Holds its models; share one among all threads.
pub struct PpOcr {
    variant: Variant,
    upright: Option<Upright>,
    tables: Option<TableStructure>,
    detector: Detector,
    first: Recognizer,
    second: Option<Recognizer>,
}

impl fmt::Debug for PpOcr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PpOcr")
            .field("variant", &self.variant)
            .finish_non_exhaustive()
    }
}

impl PpOcr {
    /// Loads the models of `variant` from `directory`, checking every file against the [`catalog`]. With feature
    /// `onnxruntime` they run on that library when it is there too, in half the time; otherwise, and when it
    /// cannot be loaded, on a runtime that is part of the program.
    pub fn load(directory: &Path, variant: Variant) -> Result<Self, LoadError> {
        let (detector, first, second) = match variant {
            Variant::Small => (Role::DetSmall, Role::RecSmall, None),
            Variant::Cascade => (Role::DetSmall, Role::RecTiny, Some(Role::RecSmall)),
            Variant::Tiny => (Role::DetTiny, Role::RecTiny, None),
        };
        let models = Models::of(directory);
        let recognizer = |name, role| {
            models
                .recognizer(role)
                .map(|(model, alphabet)| Recognizer::new(name, model, alphabet))
        };
        let params = BoxParams {
            pixel_threshold: 0.2,
            box_threshold: 0.45,
            unclip: 1.4,
        };
        let size = WorkingSize {
            min_short_side: 736.0,
            max_long_side: 1600.0,
            max_pixels: 2_600_000.0,
        };
        Ok(Self {
            variant,
            upright: models.optional(Role::Orientation).map(Upright::new),
            tables: models.optional(Role::TableStructure).map(TableStructure::new),
            detector: Detector::new(models.model(detector)?, params, size),
            first: recognizer("first", first)?,
            second: second.map(|role| recognizer("second", role)).transpose()?,
        })
    }

    /// What runs the models: `onnxruntime` where its library was found, and `rten` otherwise.
    pub fn runtime(&self) -> &'static str {
        self.detector.runtime()
    }

    /// Boxes on the page and the turn that makes it upright.
    ///
    /// Where a look at the whole page is sure and the shape of the lines agrees, lines are looked for once and none is
    /// read for it; otherwise how lines read in both directions decides, and they are looked for again on a page that
    /// has to be turned.
    fn find_text<'a>(
        &self,
        image: &'a PageImage,
        options: &RecognizeOptions,
        threads: &Threads,
    ) -> Result<(Raster<'a>, Vec<TextBox>)> {
        let stored = Raster::new(image, QuarterTurn::None);
        let seen = match &self.upright {
            Some(upright) if options.correct_orientation => upright.turn(&stored, threads)?,
            _ => None,
        };
        let looked_at = Raster::new(image, seen.unwrap_or_default());
        let boxes = self.detector.detect(&looked_at, threads)?;
        if !options.correct_orientation || (seen.is_some() && !orientation::is_sideways(&boxes)) {
            return Ok((looked_at, boxes));
        }
        let more = debug_span!("turn")
            .in_scope(|| orientation::find_turn(&looked_at, &boxes, &self.first, threads))?;
        if more == QuarterTurn::None {
            return Ok((looked_at, boxes));
        }
        let upright = Raster::new(image, looked_at.turn().followed_by(more));
        let boxes = self.detector.detect(&upright, threads)?;
        Ok((upright, boxes))
    }

    /// Reads every box; boxes without readable text are left out.
    fn read_boxes(&self, page: &Raster<'_>, boxes: &[TextBox], threads: &Threads) -> Result<Vec<ReadBox>> {
        let mut lines: Vec<(usize, Polygon)> = boxes
            .iter()
            .enumerate()
            .flat_map(|(index, found)| candidates(&found.quad).into_iter().map(move |quad| (index, quad)))
            .collect();
        lines.sort_by_key(|(_, quad)| line_width(quad));
        let widths: Vec<usize> = lines.iter().map(|(_, quad)| line_width(quad)).collect();
        let mut best: Vec<Option<ReadBox>> = vec![None; boxes.len()];
        for batch in batches(&widths, self.first.lines_at_once()) {
            let lines = &lines[batch];
            let pictures: Vec<Pixels> = debug_span!("crop", lines = lines.len())
                .in_scope(|| lines.iter().map(|(_, quad)| line_picture(page, quad)).collect());
            let readings = self.read_lines(&pictures, threads)?;
            for (&(index, quad), reading) in lines.iter().zip(readings) {
                let best = &mut best[index];
                if best
                    .as_ref()
                    .is_none_or(|best| reading.confidence > best.reading.confidence)
                {
                    *best = Some(ReadBox { quad, reading });
                }
            }
        }
        let readable = |read: &ReadBox| read.reading.confidence >= MIN_LINE_CONFIDENCE;
        Ok(best.into_iter().flatten().filter(readable).collect())
    }

    /// Reads the pictures of one batch; what the first recogniser is not sure of, with the second.
    fn read_lines(&self, pictures: &[Pixels], threads: &Threads) -> Result<Vec<LineText>> {
        let borrowed: Vec<&Pixels> = pictures.iter().collect();
        let mut readings = self.first.read(&borrowed, threads)?;
        if let Some(second) = &self.second {
            let in_line = |(line, reading): (usize, &LineText)| {
                let parts = doubtful(reading, LINE_HEIGHT, COLUMN_STRIDE).into_iter();
                parts.map(move |part| (line, part)).collect::<Vec<_>>()
            };
            let parts: Vec<(usize, Part)> = readings.iter().enumerate().flat_map(in_line).collect();
            let picture = |(line, part): &(usize, Part)| part.picture(&pictures[*line], COLUMN_STRIDE);
            let cut: Vec<Pixels> = parts.iter().map(picture).collect();
            let again = read_all(second, &cut, threads)?;
            // From the right, so that what is replaced moves nothing that is still to be.
            for ((line, part), again) in parts.iter().zip(again).rev() {
                replace(&mut readings[*line], part, again);
            }
        }
        Ok(readings)
    }
}

/// Reads pictures of any widths, in the batches that suit the recogniser.
fn read_all(recognizer: &Recognizer, pictures: &[Pixels], threads: &Threads) -> Result<Vec<LineText>> {
    let mut order: Vec<usize> = (0..pictures.len()).collect();
    order.sort_by_key(|&index| pictures[index].width);
    let widths: Vec<usize> = order.iter().map(|&index| pictures[index].width).collect();
    let mut read: Vec<(usize, LineText)> = Vec::with_capacity(pictures.len());
    for batch in batches(&widths, recognizer.lines_at_once()) {
        let batch = &order[batch];
        let lines: Vec<&Pixels> = batch.iter().map(|&index| &pictures[index]).collect();
        read.extend(batch.iter().copied().zip(recognizer.read(&lines, threads)?));
    }
    read.sort_by_key(|(index, _)| *index);
    Ok(read.into_iter().map(|(_, text)| text).collect())
}

/// The ways a box may be read: as it lies, and, when it stands, along its height both ways.
fn candidates(quad: &Polygon) -> Vec<Polygon> {
    let (width, height) = (quad.width(), quad.height());
    let upwards = quad.read_upwards();
    if height >= 2.5 * width {
        vec![upwards, upwards.flipped()]
    } else if height >= 1.5 * width {
        vec![*quad, upwards, upwards.flipped()]
    } else {
        vec![*quad]
    }
}

/// The lines drawn on a page, where they are once it is turned.
fn rules_of(image: &PageImage, turn: QuarterTurn) -> Vec<Rule> {
    let turned = |point: Point| turn.to_turned(point, 1.0, 1.0);
    let rules = find_rules(image).into_iter();
    rules
        .map(|rule| Rule::new(turned(rule.from), turned(rule.to)))
        .collect()
}

impl PageRecognizer for PpOcr {
    fn name(&self) -> &'static str {
        "ppocr"
    }

    fn capabilities(&self) -> RecognizerCapabilities {
        self.variant
            .capabilities(self.upright.is_some(), self.tables.is_some())
    }

    fn recognize_page(&self, image: &PageImage, options: &RecognizeOptions) -> Result<PageText> {
        self.capabilities().check(self.name(), &options.features)?;
        let started = Instant::now();
        let mut page = PageText::empty(1, image.width(), image.height());
        page.dpi = image.dpi();
        if image.width() == 0 || image.height() == 0 {
            return Ok(page);
        }
        let threads = Threads::new(options.threads);
        let (raster, boxes) = self.find_text(image, options, &threads)?;
        page.width = raster.width() as u32;
        page.height = raster.height() as u32;
        page.rotation = raster.turn().degrees();
        page.skew = deskew::skew(&boxes);
        let read = self.read_boxes(&raster, &boxes, &threads)?;
        let rules = debug_span!("rules").in_scope(|| rules_of(image, raster.turn()));
        let see = self.tables.as_ref();
        let see = see.map(|tables| |places: &[Rect]| tables.see(&raster, places, &threads));
        debug_span!("assemble", lines = read.len())
            .in_scope(|| assemble::fill(&mut page, &read, &rules, see));
        page.elapsed_ms = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
        Ok(page)
    }
}
