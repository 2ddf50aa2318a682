//! Which way a document goes: on with the job of an earlier attempt, its text layers for nothing, and the rest to
//! the service.

use futures::{StreamExt, stream};
use ocr_core::{
    Error, ErrorKind, Result,
    model::{MediaType, PageText, TextLayerMode},
};
use ocr_documents::PageFacts;

use super::{
    errors::FaultKind,
    notes::Notes,
    page_run::{PageRun, Pages, Survey},
    routing::{Circumstances, Route, route},
};

impl PageRun {
    /// Goes on with the job that an earlier attempt started, or chooses the way of the document.
    pub(super) async fn begin(self) -> Result<Pages> {
        let parts = &self.0;
        if parts.unread.is_empty() {
            return Ok(stream::empty().boxed());
        }
        check_text_layer(parts.request.text_layer)?;
        let notes = Notes::load(&parts.checkpoint).await?;
        if notes.has_job_for(&self.fingerprint()) {
            let survey = self.survey(&parts.unread).await?;
            return self.by_job(notes, survey).await;
        }
        let mut survey = if self.needs_survey() {
            self.survey(&parts.unread).await?
        } else {
            Survey::new()
        };
        let free = self.text_layers(&mut survey);
        let rest: Vec<u32> = parts
            .unread
            .iter()
            .copied()
            .filter(|number| !free.iter().any(|page| page.number == *number))
            .collect();
        if rest.is_empty() {
            return Ok(stream::iter(free.into_iter().map(Ok)).boxed());
        }
        match route(
            &self.circumstances(&survey, rest.len()),
            &parts.service.config.limits,
        )? {
            Route::Pages => Ok(self.by_pages(notes, free, rest)),
            Route::Job => self.by_job(notes, survey).await,
            way @ (Route::Object | Route::ObjectElseJob) => match self.by_object(&notes, &survey).await {
                Err(fault) if fault.kind == FaultKind::TooLarge && way == Route::ObjectElseJob => {
                    self.by_job(notes, survey).await
                }
                Err(fault) if fault.refuses_file() && self.fits_single_pages() => {
                    tracing::warn!(?fault, "Textract does not take a file; its page is drawn");
                    Ok(self.by_pages(notes, free, rest))
                }
                Err(fault) => Err(fault.into_error("read")),
                Ok(page) => Ok(stream::iter([page]).boxed()),
            },
        }
    }

    /// Whether anything depends on what is known of the pages: their text layers, or their sizes where the
    /// service reads the file itself.
    fn needs_survey(&self) -> bool {
        match self.0.request.media_type {
            MediaType::Pdf => true,
            MediaType::Tiff => self.object().is_some(),
            MediaType::Png
            | MediaType::Jpeg
            | MediaType::Webp
            | MediaType::Bmp
            | MediaType::Gif
            | MediaType::Jpeg2000 => false,
        }
    }

    /// Takes out the pages that carry their own text, unless more than the text is wanted, or their pictures are.
    fn text_layers(&self, survey: &mut Survey) -> Vec<PageText> {
        if self.0.wanted.is_analysis() || self.0.request.text_layer == TextLayerMode::Force {
            return Vec::new();
        }
        let mut free = Vec::new();
        for (number, facts) in survey.iter_mut() {
            if let Ok(facts) = facts
                && let Some(mut page) = facts.text.take()
            {
                page.number = *number;
                free.push(page);
            }
        }
        free
    }

    fn circumstances(&self, survey: &Survey, unread: usize) -> Circumstances {
        let inches = |facts: &PageFacts| {
            let dpi = facts.dpi.filter(|dpi| *dpi > 0.0)?;
            Some(facts.width.max(facts.height) as f32 / dpi)
        };
        let longest = survey
            .values()
            .filter_map(|facts| facts.as_ref().ok().and_then(inches));
        Circumstances {
            media_type: self.0.request.media_type,
            size: self.0.request.document.size(),
            pages: self.0.open.page_count(),
            unread: u32::try_from(unread).unwrap_or(u32::MAX),
            reachable: self.object().is_some(),
            longest_inches: longest.max_by(f32::total_cmp),
            longest_pixels: self.longest_pixels(survey),
            queries: self.0.wanted.queries.len(),
        }
    }

    /// Longest side of the pictures of a TIFF; the pages of a PDF have no pixels of their own.
    fn longest_pixels(&self, survey: &Survey) -> Option<u32> {
        if self.0.request.media_type != MediaType::Tiff {
            return None;
        }
        let known = survey.values().filter_map(|facts| facts.as_ref().ok());
        known.map(|facts| facts.width.max(facts.height)).max()
    }
}

/// Refuses what would be paid for and not be done: the service knows nothing of text layers.
fn check_text_layer(mode: TextLayerMode) -> Result<()> {
    match mode {
        TextLayerMode::Auto | TextLayerMode::Force => Ok(()),
        _ => Err(Error::new(
            ErrorKind::Unsupported,
            "textract reads text layers as auto or force",
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_layers_are_used_or_not_and_never_mended() {
        for mode in TextLayerMode::ALL {
            let is_done = matches!(mode, TextLayerMode::Auto | TextLayerMode::Force);
            let refused = check_text_layer(mode).err().map(|error| error.kind());
            assert_eq!(refused, (!is_done).then_some(ErrorKind::Unsupported), "{mode:?}");
        }
    }
}
