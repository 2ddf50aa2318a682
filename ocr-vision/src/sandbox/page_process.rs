//! The child's side: read requests, answer them, end with the input.

use std::{
    io::{self, Write},
    sync::Arc,
    time::Duration,
};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use derive_setters::Setters;
use ocr_core::{
    Error, ErrorKind, Result,
    page::{PageRecognizer, RecognizeOptions, RecognizerCapabilities},
};
use ocr_documents::{Document, DocumentError, Limits};

use super::{
    access::PageProcessAccess,
    confinement,
    incoming::{self, Incoming},
    protocol::{Request, Response},
    resources,
};
use crate::{
    known::milliseconds,
    page::{self, LookedAt},
};

/// What a page process may use.
#[derive(Debug, Clone, Copy, Setters)]
#[setters(prefix = "with_")]
#[non_exhaustive]
pub struct PageProcessLimits {
    /// Address space in bytes; an allocation beyond it ends the process.
    pub memory_bytes: u64,
    /// Time that one answer may take of the processors, on all threads together; more ends the process. `None` leaves it to
    /// the platform, which measures time on the clock.
    pub processor_time: Option<Duration>,
    /// Limits of the document reader.
    pub documents: Limits,
}

impl PageProcessLimits {
    /// `memory_bytes` of address space, an hour of the processors for an answer, and the default limits of documents.
    pub fn new(memory_bytes: u64) -> Self {
        Self {
            memory_bytes,
            processor_time: Some(Duration::from_hours(1)),
            documents: Limits::default(),
        }
    }
}

/// Runs the child's side on standard input and output. At the end of the input the process exits at once,
/// even in the middle of an answer, and kills the processes it started. Limits are set and everything but `access` is
/// given up, then `load` loads the recogniser, then untrusted bytes are read. A process without a recogniser draws
/// pages and recognises none.
///
/// Call it before the process starts a thread: one that runs already keeps what this one gives up.
///
/// # Errors
/// When the limits cannot be set or the pipes break. A recogniser that cannot be loaded, and a confinement that is
/// required and cannot be had, are told to the platform instead.
pub fn run_page_process(
    limits: PageProcessLimits,
    access: &PageProcessAccess,
    load: impl FnOnce() -> Result<Option<Arc<dyn PageRecognizer>>>,
) -> io::Result<()> {
    resources::limit(limits.memory_bytes)?;
    resources::belong_to_parent(!access.run.is_empty())?;
    let confined = confinement::confine(access);
    // Listened to before models are loaded: that takes seconds, in which the platform may be gone.
    let requests = incoming::requests(limits.documents.max_bytes);
    let mut output = io::stdout().lock();
    if let Err(error) = confined {
        let error = Error::new(ErrorKind::Config, error.to_string());
        return answer(&mut output, &Response::failed(&error));
    }
    let recognizer = match load() {
        Ok(recognizer) => recognizer,
        Err(error) => return answer(&mut output, &Response::failed(&error)),
    };
    answer(
        &mut output,
        &Response::Ready {
            capabilities: recognizer
                .as_ref()
                .map_or_else(RecognizerCapabilities::default, |recognizer| {
                    recognizer.capabilities()
                }),
        },
    )?;
    let mut reader = PageReader {
        recognizer,
        limits: limits.documents,
        document: None,
        looked_at: None,
    };
    for incoming in requests {
        if let Some(time) = limits.processor_time {
            resources::allow_processor_time(time)?;
        }
        let response = reader
            .handle(incoming?)
            .unwrap_or_else(|error| Response::failed(&error));
        answer(&mut output, &response)?;
    }
    Ok(())
}

fn answer(output: &mut impl Write, response: &Response) -> io::Result<()> {
    serde_json::to_writer(&mut *output, response)?;
    output.write_all(b"\n")?;
    output.flush()
}

struct PageReader {
    recognizer: Option<Arc<dyn PageRecognizer>>,
    limits: Limits,
    document: Option<Document>,
    /// A page that was decoded and may be asked for next.
    looked_at: Option<LookedAt>,
}

impl PageReader {
    fn handle(&mut self, incoming: Incoming) -> Result<Response> {
        // Whatever is asked next, it is kept no longer: pixels are large.
        let looked_at = self.looked_at.take();
        match incoming.request {
            Request::Open { bytes } => {
                self.document = None;
                let limit = self.limits.max_bytes;
                let too_large = DocumentError::TooLarge { bytes, limit };
                let file = incoming.document.ok_or(too_large)?;
                let document = Document::open(file, self.limits)?;
                let pages = document.page_count();
                self.document = Some(document);
                Ok(Response::Opened { pages })
            }
            Request::Page {
                number,
                languages,
                features,
                text_layer,
                threads,
            } => {
                let recognizer = self.recognizer()?;
                let options = RecognizeOptions::new()
                    .with_languages(languages)
                    .with_features(features)
                    .with_text_layer(text_layer)
                    .with_threads(threads);
                let document = self.document()?;
                let page = match looked_at.filter(|page| page.is_of(number, &options)) {
                    Some(page) => page.read(recognizer, document, &options)?,
                    None => page::read(recognizer, document, number, &options)?,
                };
                Ok(Response::Page { page: Box::new(page) })
            }
            Request::Look {
                number,
                features,
                text_layer,
            } => {
                drop(looked_at);
                let options = RecognizeOptions::new()
                    .with_features(features)
                    .with_text_layer(text_layer);
                self.look(number, &options)
            }
            Request::Forget => Ok(Response::Forgotten),
            Request::Picture { number, width, turn } => {
                let jpeg = page::picture(self.document()?, number, width, turn)?;
                Ok(Response::Picture {
                    jpeg: STANDARD.encode(jpeg),
                })
            }
            Request::Facts { number } => self.facts(number),
            Request::Render { number, limits } => {
                let rendered = page::render(self.document()?, number, limits)?;
                Ok(Response::Rendered {
                    width: rendered.width,
                    height: rendered.height,
                    dpi: rendered.dpi,
                    reduced: rendered.reduced,
                    jpeg: STANDARD.encode(&rendered.jpeg),
                })
            }
        }
    }

    /// Decodes a page, says which picture it is, and keeps it.
    fn look(&mut self, number: u32, options: &RecognizeOptions) -> Result<Response> {
        let document = self.document()?;
        let mut page = LookedAt::look(document, number, options)?;
        let picture = page.picture();
        let elapsed_ms = milliseconds(page.elapsed());
        self.looked_at = Some(page);
        Ok(Response::Looked { picture, elapsed_ms })
    }

    fn facts(&self, number: u32) -> Result<Response> {
        let facts = page::facts(self.document()?, number)?;
        Ok(Response::Facts {
            width: facts.width,
            height: facts.height,
            dpi: facts.dpi,
            text: facts.text.map(Box::new),
        })
    }

    fn recognizer(&self) -> Result<&dyn PageRecognizer> {
        self.recognizer
            .as_deref()
            .ok_or_else(|| Error::new(ErrorKind::Internal, "this process has no recogniser"))
    }

    fn document(&self) -> Result<&Document> {
        self.document
            .as_ref()
            .ok_or_else(|| Error::new(ErrorKind::Internal, "no document is open"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::page::RenderLimits;
    use ocr_core::model::TextLayerMode;
    use ocr_testkit::documents::{Typeset, text_pdf, webp};

    /// What the child answers, as it comes through the pipe.
    fn ask(reader: &mut PageReader, request: &Request, document: Option<Vec<u8>>) -> Response {
        let request = serde_json::from_slice(&serde_json::to_vec(request).unwrap()).unwrap();
        let response = reader
            .handle(Incoming { request, document })
            .unwrap_or_else(|error| Response::failed(&error));
        serde_json::from_slice(&serde_json::to_vec(&response).unwrap()).unwrap()
    }

    #[test]
    fn a_process_without_a_recogniser_looks_at_pages_and_draws_them() {
        let mut reader = PageReader {
            recognizer: None,
            limits: Limits::default(),
            document: None,
            looked_at: None,
        };
        let open = |file: &[u8], reader: &mut PageReader| {
            let bytes = file.len() as u64;
            ask(reader, &Request::Open { bytes }, Some(file.to_vec()))
        };
        let limits = RenderLimits {
            max_side: 100,
            max_bytes: 1_000_000,
        };
        let picture = webp(&Typeset::card().page("a page"));
        assert!(matches!(
            open(&picture, &mut reader),
            Response::Opened { pages: 1 }
        ));
        match ask(&mut reader, &Request::Render { number: 1, limits }, None) {
            Response::Rendered {
                width,
                height,
                reduced,
                jpeg,
                ..
            } => {
                assert!(reduced && width.max(height) == 100);
                assert_eq!(STANDARD.decode(jpeg).unwrap()[..2], [0xff, 0xd8]);
            }
            other => panic!("{other:?}"),
        }
        let file = text_pdf(&["born digital"]);
        assert!(matches!(open(&file, &mut reader), Response::Opened { pages: 1 }));
        match ask(&mut reader, &Request::Facts { number: 1 }, None) {
            Response::Facts {
                width, height, text, ..
            } => {
                assert!(width > 0 && height > width);
                assert_eq!(text.expect("its own text").plain_text(), "born digital");
            }
            other => panic!("{other:?}"),
        }
        let beyond = ask(&mut reader, &Request::Render { number: 2, limits }, None);
        assert!(matches!(beyond, Response::Failed { .. }));
        let large = ask(&mut reader, &Request::Open { bytes: u64::MAX }, None);
        let kind = ErrorKind::TooLarge;
        assert!(matches!(large, Response::Failed { kind: told, .. } if told == kind));
    }

    #[test]
    fn a_page_that_was_looked_at_is_kept_for_the_next_request_alone() {
        let picture = webp(&Typeset::card().page("a page"));
        let mut reader = PageReader {
            recognizer: None,
            limits: Limits::default(),
            document: None,
            looked_at: None,
        };
        let bytes = picture.len() as u64;
        ask(&mut reader, &Request::Open { bytes }, Some(picture.to_vec()));
        let look = Request::Look {
            number: 1,
            features: Vec::new(),
            text_layer: TextLayerMode::Auto,
        };
        let mut pictures = Vec::new();
        for next in [Request::Forget, Request::Facts { number: 1 }] {
            match ask(&mut reader, &look, None) {
                Response::Looked { picture, elapsed_ms } => {
                    assert!(elapsed_ms > 0);
                    pictures.push(picture.expect("it is nothing but a picture"));
                }
                other => panic!("{other:?}"),
            }
            assert!(reader.looked_at.is_some());
            let answer = ask(&mut reader, &next, None);
            assert!(matches!(answer, Response::Forgotten | Response::Facts { .. }));
            assert!(reader.looked_at.is_none());
        }
        assert_eq!(pictures[0], pictures[1]);
    }
}
