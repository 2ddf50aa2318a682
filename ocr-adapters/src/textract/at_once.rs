//! Pages that are read at once: as pictures we draw, or the only page where it is stored.

use std::{sync::Arc, time::Instant};

use futures::{StreamExt, stream};
use ocr_core::{Result, model::PageText};
use ocr_vision::{
    page::{RenderLimits, RenderedPage},
    pages::{Tolerance, forgiving},
};

use super::{
    blocks::{self, PageSize},
    client::{Answer, Input, Wanted},
    errors::Fault,
    in_flight::drained,
    notes::Notes,
    page_run::{PageRun, Pages, Survey, elapsed, size_of, unreachable_object},
    service::Service,
};

impl PageRun {
    /// Reads page by page, several at once, as pictures. Pages that cannot be read come empty, as long as
    /// others can.
    pub(super) fn by_pages(self, notes: Notes, free: Vec<PageText>, rest: Vec<u32>) -> Pages {
        let tolerance = Tolerance::of(self.0.total, self.0.unread.len());
        let parallel = self.0.service.config.parallel_pages.max(1);
        let free = stream::iter(free.into_iter().map(|page| (page.number, Ok(page))));
        let notes = Arc::new(notes);
        let read = drained(rest, parallel, move |number| {
            let (run, notes) = (self.clone(), Arc::clone(&notes));
            async move { run.by_picture(&notes, number).await }
        });
        forgiving(free.chain(read), tolerance).boxed()
    }

    /// Draws a page and has it read.
    async fn by_picture(&self, notes: &Notes, number: u32) -> Result<PageText> {
        let started = Instant::now();
        let wanted = &self.0.wanted;
        let picture = self.draw(number).await?;
        let read = self.read_picture(&picture, wanted).await;
        let answer = read.map_err(|fault| fault.into_error("read"))?;
        self.bill(notes, wanted, &answer).await?;
        let mut page = of_picture(&answer, number, &picture);
        page.elapsed_ms = elapsed(started);
        Ok(page)
    }

    /// Draws a page, as large as the service takes it.
    pub(super) async fn draw(&self, number: u32) -> Result<RenderedPage> {
        let limits = &self.0.service.config.limits;
        let limits = RenderLimits::new(limits.picture_side, limits.inline_bytes);
        self.0.open.render(number, limits).await
    }

    /// Has the picture of a page read.
    pub(super) async fn read_picture(
        &self,
        picture: &RenderedPage,
        wanted: &Wanted,
    ) -> Result<Answer, Fault> {
        let calls = &self.0.service.calls;
        let read = || calls.api.read(Input::Bytes(picture.jpeg.clone()), wanted);
        calls.work(wanted.read(), read).await
    }

    /// Has the only page read where it is stored.
    pub(super) async fn by_object(&self, notes: &Notes, survey: &Survey) -> Result<Result<PageText>, Fault> {
        let started = Instant::now();
        let parts = &self.0;
        let Some((bucket, key)) = self.object() else {
            return Ok(Err(unreachable_object()));
        };
        let calls = &parts.service.calls;
        let input = Input::Object { bucket, key };
        let read = || calls.api.read(input.clone(), &parts.wanted);
        let answer = calls.work(parts.wanted.read(), read).await?;
        if let Err(error) = self.bill(notes, &parts.wanted, &answer).await {
            return Ok(Err(error));
        }
        let mut page = only_page(&answer, 1, size_of(survey, 1));
        page.elapsed_ms = elapsed(started);
        Ok(Ok(page))
    }

    /// Notes what an answer that was given at once costs.
    pub(super) async fn bill(&self, notes: &Notes, wanted: &Wanted, answer: &Answer) -> Result<()> {
        let usage = self.0.service.usage(wanted, answer.pages.max(1));
        self.0.checkpoint.charge(usage, notes).await
    }
}

/// The page in an answer about a picture of it.
pub(super) fn of_picture(answer: &Answer, number: u32, picture: &RenderedPage) -> PageText {
    let size = PageSize {
        width: picture.width,
        height: picture.height,
        dpi: picture.dpi,
    };
    let mut page = only_page(answer, number, size);
    if picture.reduced {
        let (width, height) = (picture.width, picture.height);
        page.warnings.push(format!(
            "this page was reduced to {width} x {height} pixels, as much as Textract takes"
        ));
    }
    page
}

fn only_page(answer: &Answer, number: u32, size: PageSize) -> PageText {
    let mut pages = blocks::pages(&answer.blocks, |_| size);
    let mut page = pages
        .remove(&1)
        .unwrap_or_else(|| PageText::empty(number, size.width, size.height));
    page.number = number;
    page.engine = Some(Service::reader(answer.model.as_deref()));
    page
}
