//! The child's side: read requests, answer them, end with the input.

use std::{
    io::{self, BufRead, Write},
    sync::{Arc, mpsc},
    thread,
};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use derive_setters::Setters;
use ocr_core::{
    Error, ErrorKind, Result,
    model::Feature,
    page::{PageRecognizer, RecognizeOptions, RecognizerCapabilities},
};
use ocr_documents::{Document, Limits};

use super::protocol::{Request, Response};
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
    /// Limits of the document reader.
    pub documents: Limits,
}

impl PageProcessLimits {
    /// `memory_bytes` of address space, and the default limits of documents.
    pub fn new(memory_bytes: u64) -> Self {
        Self {
            memory_bytes,
            documents: Limits::default(),
        }
    }
}

/// Runs the child's side on standard input and output. At the end of the input the process exits at once,
/// even in the middle of an answer, and kills the processes it started. Limits are set before any untrusted
/// byte is read; then `load` loads the recogniser. A process without one draws pages and recognises none.
///
/// # Errors
/// When the limits cannot be set or the pipes break. A recogniser that cannot be loaded is told to
/// the platform instead.
pub fn run_page_process(
    limits: PageProcessLimits,
    load: impl FnOnce() -> Result<Option<Arc<dyn PageRecognizer>>>,
) -> io::Result<()> {
    limit_resources(limits.memory_bytes)?;
    // Listened to before models are loaded: that takes seconds, in which the platform may be gone.
    let requests = lines();
    let mut output = io::stdout().lock();
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
    for line in requests {
        let request = serde_json::from_str(&line?).map_err(io::Error::other)?;
        let response = reader
            .handle(request)
            .unwrap_or_else(|error| Response::failed(&error));
        answer(&mut output, &response)?;
    }
    Ok(())
}

/// Lines of the standard input as they come.
fn lines() -> mpsc::Receiver<io::Result<String>> {
    let (sender, receiver) = mpsc::channel();
    thread::spawn(move || {
        for line in io::stdin().lock().lines() {
            if sender.send(line).is_err() {
                return;
            }
        }
        end();
    });
    receiver
}

/// Ends this process, and its group where it leads one.
fn end() -> ! {
    #[cfg(unix)]
    if rustix::process::getpgrp() == rustix::process::getpid() {
        let _ = rustix::process::kill_current_process_group(rustix::process::Signal::KILL);
    }
    std::process::exit(0)
}

#[cfg(unix)]
fn limit_resources(memory_bytes: u64) -> io::Result<()> {
    use rlimit::Resource;
    Resource::AS.set(memory_bytes, memory_bytes)?;
    Resource::CORE.set(0, 0)
}

#[cfg(not(unix))]
fn limit_resources(_memory_bytes: u64) -> io::Result<()> {
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
    fn handle(&mut self, request: Request) -> Result<Response> {
        // Whatever is asked next, it is kept no longer: pixels are large.
        let looked_at = self.looked_at.take();
        match request {
            Request::Open { path } => {
                self.document = None;
                let document = Document::open_path(path, self.limits)?;
                let pages = document.page_count();
                self.document = Some(document);
                Ok(Response::Opened { pages })
            }
            Request::Page {
                number,
                languages,
                features,
                threads,
            } => {
                let recognizer = self.recognizer()?;
                let options = RecognizeOptions::new()
                    .with_languages(languages)
                    .with_features(features)
                    .with_threads(threads);
                let document = self.document()?;
                let page = match looked_at.filter(|page| page.is_of(number, &options.features)) {
                    Some(page) => page.read(recognizer, document, &options)?,
                    None => page::read(recognizer, document, number, &options)?,
                };
                Ok(Response::Page { page: Box::new(page) })
            }
            Request::Look { number, features } => {
                drop(looked_at);
                self.look(number, &features)
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
    fn look(&mut self, number: u32, features: &[Feature]) -> Result<Response> {
        let document = self.document()?;
        let mut page = LookedAt::look(document, number, features)?;
        let picture = page.picture(document);
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
    use ocr_testkit::documents::{Typeset, text_pdf, webp};

    /// What the child answers, as it comes through the pipe.
    fn ask(reader: &mut PageReader, request: &Request) -> Response {
        let request = serde_json::from_slice(&serde_json::to_vec(request).unwrap()).unwrap();
        let response = reader
            .handle(request)
            .unwrap_or_else(|error| Response::failed(&error));
        serde_json::from_slice(&serde_json::to_vec(&response).unwrap()).unwrap()
    }

    #[test]
    fn a_process_without_a_recogniser_looks_at_pages_and_draws_them() {
        let folder = tempfile::tempdir().unwrap();
        let mut reader = PageReader {
            recognizer: None,
            limits: Limits::default(),
            document: None,
            looked_at: None,
        };
        let open = |name: &str, bytes: &[u8], reader: &mut PageReader| {
            let path = folder.path().join(name);
            std::fs::write(&path, bytes).unwrap();
            ask(reader, &Request::Open { path })
        };
        let limits = RenderLimits {
            max_side: 100,
            max_bytes: 1_000_000,
        };
        let picture = webp(&Typeset::card().page("a page"));
        assert!(matches!(
            open("a.webp", &picture, &mut reader),
            Response::Opened { pages: 1 }
        ));
        match ask(&mut reader, &Request::Render { number: 1, limits }) {
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
        assert!(matches!(
            open("b.pdf", &file, &mut reader),
            Response::Opened { pages: 1 }
        ));
        match ask(&mut reader, &Request::Facts { number: 1 }) {
            Response::Facts {
                width, height, text, ..
            } => {
                assert!(width > 0 && height > width);
                assert_eq!(text.expect("its own text").plain_text(), "born digital");
            }
            other => panic!("{other:?}"),
        }
        let beyond = ask(&mut reader, &Request::Render { number: 2, limits });
        assert!(matches!(beyond, Response::Failed { .. }));
    }

    #[test]
    fn a_page_that_was_looked_at_is_kept_for_the_next_request_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.webp");
        std::fs::write(&path, webp(&Typeset::card().page("a page"))).unwrap();
        let mut reader = PageReader {
            recognizer: None,
            limits: Limits::default(),
            document: None,
            looked_at: None,
        };
        ask(&mut reader, &Request::Open { path });
        let look = Request::Look {
            number: 1,
            features: Vec::new(),
        };
        let mut pictures = Vec::new();
        for next in [Request::Forget, Request::Facts { number: 1 }] {
            match ask(&mut reader, &look) {
                Response::Looked { picture, elapsed_ms } => {
                    assert!(elapsed_ms > 0);
                    pictures.push(picture.expect("it is nothing but a picture"));
                }
                other => panic!("{other:?}"),
            }
            assert!(reader.looked_at.is_some());
            let answer = ask(&mut reader, &next);
            assert!(matches!(answer, Response::Forgotten | Response::Facts { .. }));
            assert!(reader.looked_at.is_none());
        }
        assert_eq!(pictures[0], pictures[1]);
    }
}
