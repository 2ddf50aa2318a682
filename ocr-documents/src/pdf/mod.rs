//! PDF: the text layer of born-digital pages, the stored image of scans, a rendering of everything else.

mod attachments;
mod contrast;
mod expansion;
mod field_text;
mod fields;
mod full_page_image;
mod glyph;
mod ground;
mod inflation;
mod mixed;
mod nature;
mod page_size;
mod paint;
mod plausibility;
mod render;
mod rules;
mod shapes;
mod structure;
mod survey;
mod text;
mod text_string;
mod unread;

use std::sync::Arc;

use hayro::hayro_syntax::{DecryptionError, LoadPdfError, Pdf, object::Dict, page::Page as PdfPage};
use ocr_core::{
    model::{MediaType, PageText, Rect},
    page::PageImage,
};

use crate::{DocumentError, Limits, MixedPage, PageContent, PageFacts, turned};
use nature::Nature;
use page_size::text_page_size;

/// A PDF file whose structure has been read.
pub(crate) struct PdfFile {
    pdf: Pdf,
    /// Whether its end is missing, so that a page with nothing on it may have lost what was there.
    cut_off: bool,
}

impl PdfFile {
    /// Reads the structure, repairing it where it is broken, and counts the pages.
    pub(crate) fn open(bytes: Arc<[u8]>, limits: &Limits) -> Result<Self, DocumentError> {
        let cut_off = is_cut_off(&bytes);
        structure::check(&bytes, limits)?;
        let pdf = Pdf::new(Arc::new(bytes)).map_err(|error| match error {
            LoadPdfError::Decryption(DecryptionError::PasswordProtected) => DocumentError::Encrypted,
            LoadPdfError::Decryption(_) => unsupported("an unknown encryption"),
            LoadPdfError::Invalid => malformed("it has no readable structure"),
        })?;
        let found = pdf.pages().len();
        if found == 0 {
            return Err(malformed("it has no pages"));
        }
        if found as u64 > u64::from(limits.max_pages) {
            return Err(DocumentError::TooManyPages {
                found: found as u64,
                limit: limits.max_pages,
            });
        }
        if needs_xfa(&pdf) {
            return Err(unsupported("a dynamic XFA form"));
        }
        inflation::check(&pdf, limits)?;
        Ok(Self { pdf, cut_off })
    }

    /// What a reader should know of the document as a whole; looks through all of its pages.
    pub(crate) fn warnings(&self) -> Vec<String> {
        attachments::warning(&self.pdf).into_iter().collect()
    }

    /// Number of pages.
    pub(crate) fn page_count(&self) -> u32 {
        self.pdf.pages().len() as u32
    }

    /// Text layer, stored image or rendering of a page; `index` counts from 0.
    pub(crate) fn page(&self, index: u32, limits: &Limits) -> Result<PageContent, DocumentError> {
        let page = self.pdf_page(index)?;
        let mut survey = surveyed(page, limits)?;
        self.check_whole(&survey)?;
        let Some(layer) = text_layer(page, &mut survey, index, limits) else {
            return pixels(page, &survey, limits).map(PageContent::Image);
        };
        let seen = if layer.doubtful {
            let image = turned(&render::render(page, &survey, limits)?, layer.text.turn());
            Some((image, vec![Rect::new(0.0, 0.0, 1.0, 1.0)]))
        } else {
            mixed::unread_parts(page, &survey, &layer.text, layer.unreadable, limits)?
        };
        Ok(match seen {
            Some((image, unread)) => PageContent::Mixed(Box::new(MixedPage {
                text: layer.text,
                image,
                unread,
                doubtful: layer.doubtful,
            })),
            None => PageContent::Text(Box::new(with_warning(layer.text, &survey))),
        })
    }

    /// Size and text layer of a page; `index` counts from 0.
    pub(crate) fn facts(&self, index: u32, limits: &Limits) -> Result<PageFacts, DocumentError> {
        let page = self.pdf_page(index)?;
        let mut survey = surveyed(page, limits)?;
        self.check_whole(&survey)?;
        let (width, height, dpi) = text_page_size(survey.width, survey.height);
        Ok(PageFacts {
            width,
            height,
            dpi: Some(dpi),
            text: text_layer(page, &mut survey, index, limits)
                .filter(|layer| !layer.doubtful && layer.unreadable.is_empty())
                .map(|layer| with_warning(layer.text, &survey)),
        })
    }

    /// The visible text of a page, however little of the page it is; `index` counts from 0.
    pub(crate) fn drawn_text(&self, index: u32, limits: &Limits) -> Result<PageText, DocumentError> {
        let page = self.pdf_page(index)?;
        let mut survey = surveyed(page, limits)?;
        add_undrawn_values(page, &mut survey, limits);
        Ok(text::page_text(&survey, index + 1))
    }

    /// The text that is written on a page, seen or invisible; `index` counts from 0.
    pub(crate) fn written_text(&self, index: u32, limits: &Limits) -> Result<PageText, DocumentError> {
        let page = self.pdf_page(index)?;
        let mut survey = surveyed(page, limits)?;
        for glyph in &mut survey.glyphs {
            glyph.visible |= glyph.unpainted;
        }
        add_undrawn_values(page, &mut survey, limits);
        Ok(text::page_text(&survey, index + 1))
    }

    /// Pixels of a page; `index` counts from 0.
    pub(crate) fn image(&self, index: u32, limits: &Limits) -> Result<PageImage, DocumentError> {
        let page = self.pdf_page(index)?;
        let survey = surveyed(page, limits)?;
        pixels(page, &survey, limits)
    }

    /// Refuses a page with nothing on it in a file whose end is missing: taken for a blank page, its loss
    /// would not be noticed.
    fn check_whole(&self, survey: &survey::Survey) -> Result<(), DocumentError> {
        if self.cut_off && nature::nature(survey) == Nature::Empty {
            return Err(malformed("it is cut off, and what was on this page is missing"));
        }
        Ok(())
    }

    fn pdf_page(&self, index: u32) -> Result<&PdfPage<'_>, DocumentError> {
        self.pdf
            .pages()
            .get(index as usize)
            .ok_or_else(|| malformed("a page is missing"))
    }
}

/// What `filter` makes of `bytes`, at most `limit` bytes of it.
#[cfg(feature = "fuzzing")]
pub(crate) fn expanded(filter: hayro::hayro_syntax::Filter, bytes: &[u8], limit: u64) -> Vec<u8> {
    expansion::expand(filter, bytes, expansion::Output::new(limit, true)).into_bytes()
}

/// Whether a file does not end as one must (ISO 32000-1, 7.5.5), with some room for what others append. Padding
/// appended by a transfer or a file system is no part of the end, however long it is.
fn is_cut_off(bytes: &[u8]) -> bool {
    const END: &[u8] = b"%%EOF";
    const ROOM: usize = 4096;
    /// White space of PDF, and the mark of the end of a file of old systems.
    const PADDING: &[u8] = b"\0\t\n\x0c\r \x1a";
    let end = bytes
        .iter()
        .rposition(|byte| !PADDING.contains(byte))
        .map_or(0, |last| last + 1);
    let tail = &bytes[end.saturating_sub(ROOM)..end];
    !tail.windows(END.len()).any(|window| window == END)
}

/// Whether the pages are only a notice, and the document proper is a form language nobody else draws
/// (ISO 32000-1, table 28, `NeedsRendering`).
fn needs_xfa(pdf: &Pdf) -> bool {
    let xref = pdf.xref();
    let catalog = xref.get::<Dict<'_>>(xref.root_id());
    catalog.is_some_and(|catalog| catalog.get::<bool>(b"NeedsRendering") == Some(true))
}

/// What is on a page, and which of its glyphs can be seen.
fn surveyed(page: &PdfPage<'_>, limits: &Limits) -> Result<survey::Survey, DocumentError> {
    let mut survey = survey::survey(page, limits)?;
    if !survey.overfull {
        contrast::hide_unseen(page, &mut survey, limits);
    }
    Ok(survey)
}

/// The text of a page, as far as it can be believed.
struct Layer {
    text: PageText,
    /// Places of words with letters that mean nothing, as shares of the upright page.
    unreadable: Vec<Rect>,
    /// Whether the letters are perhaps not those that are painted.
    doubtful: bool,
}

/// The text of a page whose text is exact; an empty page for one with nothing on it.
fn text_layer(page: &PdfPage<'_>, survey: &mut survey::Survey, index: u32, limits: &Limits) -> Option<Layer> {
    match nature::nature(survey) {
        Nature::Empty | Nature::Text => {}
        Nature::Scan | Nature::Drawing => return None,
    }
    add_undrawn_values(page, survey, limits);
    let mut text = if survey.glyphs.is_empty() {
        let (width, height, dpi) = text_page_size(survey.width, survey.height);
        PageText::empty(index + 1, width, height).with_dpi(dpi)
    } else {
        text::page_text(survey, index + 1)
    };
    Some(Layer {
        unreadable: text::unreadable_words(&mut text),
        doubtful: plausibility::is_doubtful(&text),
        text,
    })
}

/// The same, saying so where pictures on the page were not read.
fn with_warning(mut text: PageText, survey: &survey::Survey) -> PageText {
    /// Part of the page covered by pictures from which it is said.
    const WORTH_A_WARNING: f64 = 0.1;
    if !text.blocks.is_empty() && survey.picture_coverage() >= WORTH_A_WARNING {
        let note = "the text is from the document itself; pictures on the page were not read";
        text.warnings.push(note.into());
    }
    text
}

/// Puts values that viewers draw themselves among what the page draws.
fn add_undrawn_values(page: &PdfPage<'_>, survey: &mut survey::Survey, limits: &Limits) {
    let values = fields::undrawn_values(page, survey, limits);
    survey.glyphs.extend(values);
}

fn pixels(page: &PdfPage<'_>, survey: &survey::Survey, limits: &Limits) -> Result<PageImage, DocumentError> {
    if nature::nature(survey) == Nature::Scan
        && let Some(image) = full_page_image::stored_image(page, survey, limits)
    {
        return Ok(image);
    }
    render::render(page, survey, limits)
}

fn malformed(reason: &str) -> DocumentError {
    DocumentError::malformed(MediaType::Pdf, reason)
}

fn unsupported(feature: &str) -> DocumentError {
    DocumentError::unsupported(MediaType::Pdf, feature)
}
