//! Pages that a job has left unread: they are asked for again, each by itself.

use std::{collections::BTreeMap, sync::Arc, time::Instant};

use futures::Stream;
use ocr_core::{Error, ErrorKind, Result, model::PageText};
use ocr_vision::page::RenderedPage;
use tokio::sync::Mutex;

use super::{
    at_once::of_picture,
    in_flight::{Outcome, drained},
    notes::Notes,
    page_run::{PageRun, elapsed},
};

/// The pages that a job has left unread.
#[derive(Debug)]
struct LeftOut {
    /// Why, by their numbers, in the words of the service.
    reasons: BTreeMap<u32, String>,
    /// All of the notes are saved with each page, and several pages are asked for at once.
    notes: Mutex<Notes>,
}

impl PageRun {
    /// Asks for pages again, by their numbers and with the reasons why the job left them out. One that is not read
    /// then either fails as invalid input.
    pub(super) fn ask_again(
        self,
        notes: Notes,
        reasons: BTreeMap<u32, String>,
    ) -> impl Stream<Item = Outcome> + Send {
        let parallel = self.0.service.config.parallel_pages.max(1);
        let numbers: Vec<u32> = reasons.keys().copied().collect();
        let notes = Mutex::new(notes);
        let left_out = Arc::new(LeftOut { reasons, notes });
        drained(numbers, parallel, move |number| {
            let (run, left_out) = (self.clone(), Arc::clone(&left_out));
            async move { run.again(&left_out, number).await }
        })
    }

    /// Asks for a page until it is read, as often as it may be.
    async fn again(&self, left_out: &LeftOut, number: u32) -> Result<PageText> {
        let started = Instant::now();
        let maximum = self.0.service.config.page_repeats;
        if left_out.notes.lock().await.repeats(number) >= maximum {
            return Err(left_out.given_up(number, maximum));
        }
        let picture = self.draw(number).await?;
        while self.note_repeat(left_out, number, maximum).await? {
            if let Some(mut page) = self.repeat(left_out, number, &picture).await? {
                page.elapsed_ms = elapsed(started);
                return Ok(page);
            }
        }
        Err(left_out.given_up(number, maximum))
    }

    /// Notes that a page is asked for again, before it is: a worker that dies then has asked, as far as those after
    /// it know. `false` when it was asked for as often as it may be.
    async fn note_repeat(&self, left_out: &LeftOut, number: u32, maximum: u32) -> Result<bool> {
        let mut notes = left_out.notes.lock().await;
        let repeats = notes.repeats(number);
        if repeats >= maximum {
            return Ok(false);
        }
        notes.repeats.insert(number, repeats + 1);
        self.0.checkpoint.save(&*notes).await?;
        Ok(true)
    }

    /// Notes that the service did not look at a page, because it was asked too often.
    async fn take_back_repeat(&self, left_out: &LeftOut, number: u32) -> Result<()> {
        let mut notes = left_out.notes.lock().await;
        let repeats = notes.repeats(number).saturating_sub(1);
        notes.repeats.insert(number, repeats);
        self.0.checkpoint.save(&*notes).await
    }

    /// Asks for a page once. `None` when the answer holds nothing of it.
    async fn repeat(
        &self,
        left_out: &LeftOut,
        number: u32,
        picture: &RenderedPage,
    ) -> Result<Option<PageText>> {
        let service = &self.0.service;
        let mut page: Option<PageText> = None;
        // A job answers more questions than can be asked at once.
        for wanted in self.0.wanted.in_parts(service.config.limits.sync_queries) {
            let answer = match self.read_picture(picture, &wanted).await {
                Ok(answer) => answer,
                Err(fault) => {
                    if fault.is_throttling() && page.is_none() {
                        self.take_back_repeat(left_out, number).await?;
                    }
                    return Err(fault.into_error("read again"));
                }
            };
            let notes = left_out.notes.lock().await;
            self.bill(&notes, &wanted, &answer).await?;
            drop(notes);
            if answer.blocks.is_empty() {
                return Ok(None);
            }
            let part = of_picture(&answer, number, picture);
            match &mut page {
                Some(page) => page.answers.extend(part.answers),
                None => page = Some(part),
            }
        }
        Ok(page)
    }
}

impl LeftOut {
    /// The error of a page that is not asked for any more.
    fn given_up(&self, number: u32, repeats: u32) -> Error {
        let reason = self.reasons.get(&number).map_or("", String::as_str);
        let message = match repeats {
            0 => format!("Textract left page {number} out: {reason}"),
            1 => format!("Textract left page {number} out, also when asked once more: {reason}"),
            more => format!("Textract left page {number} out, also when asked {more} more times: {reason}"),
        };
        Error::new(ErrorKind::InvalidInput, message)
            .with_context("page", number)
            .at("textract", "read again")
    }
}
