//! The child's side: read requests, answer them, end with the input.

use std::{
    io::{self, BufRead, Write},
    sync::{Arc, mpsc},
    thread,
};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use ocr_core::{
    Error, ErrorKind, Result,
    model::PageText,
    page::{PageRecognizer, RecognizeOptions},
};
use ocr_documents::{Document, Limits, Page, encode_jpeg, preview, turned};

use super::{
    protocol::{Request, Response},
    scan,
};

/// What a page process may use.
#[derive(Debug, Clone, Copy)]
pub struct PageProcessLimits {
    /// Address space in bytes; an allocation beyond it ends the process.
    pub memory_bytes: u64,
    /// Limits of the document reader.
    pub documents: Limits,
}

/// Quality of pictures for people: no artefacts beside letters at a third of the bytes of 95.
const PICTURE_QUALITY: u8 = 82;

/// Runs the child's side on standard input and output until the input ends, and then ends at once with
/// all that it started: nobody waits for its answer. Limits itself first, before any untrusted byte is
/// read; then loads the recogniser with `load`. A process without one draws pages and recognises none.
///
/// # Errors
/// When the limits cannot be set or the pipes break. A recogniser that cannot be loaded is told to
/// the platform instead.
pub fn run_page_process(
    limits: PageProcessLimits,
    load: impl FnOnce() -> Result<Option<Arc<dyn PageRecognizer>>>,
) -> io::Result<()> {
    limit_resources(limits.memory_bytes)?;
    let mut output = io::stdout().lock();
    let recognizer = match load() {
        Ok(recognizer) => recognizer,
        Err(error) => return answer(&mut output, &Response::failed(&error)),
    };
    answer(
        &mut output,
        &Response::Ready {
            version: recognizer
                .as_ref()
                .map(|recognizer| recognizer.version())
                .unwrap_or_default(),
        },
    )?;
    let mut reader = PageReader {
        recognizer,
        limits: limits.documents,
        document: None,
    };
    for line in lines() {
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
}

impl PageReader {
    fn handle(&mut self, request: Request) -> Result<Response> {
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
                threads,
            } => {
                let recognizer = self
                    .recognizer
                    .as_deref()
                    .ok_or_else(|| Error::new(ErrorKind::Internal, "this process has no recogniser"))?;
                let options = RecognizeOptions {
                    languages,
                    threads,
                    correct_orientation: true,
                };
                let page = read_page(recognizer, self.document()?, number, &options)?;
                Ok(Response::Page { page: Box::new(page) })
            }
            Request::Picture {
                number,
                width,
                quarter_turns,
            } => {
                let jpeg = picture(self.document()?, number, width, quarter_turns)?;
                Ok(Response::Picture {
                    jpeg: STANDARD.encode(jpeg),
                })
            }
            Request::Facts { number } => {
                let facts = scan::facts(self.document()?, number)?;
                Ok(Response::Facts {
                    width: facts.width,
                    height: facts.height,
                    dpi: facts.dpi,
                    text: facts.text.map(Box::new),
                })
            }
            Request::Scan { number, limits } => {
                let scan = scan::scan(self.document()?, number, limits)?;
                Ok(Response::Scan {
                    width: scan.width,
                    height: scan.height,
                    dpi: scan.dpi,
                    reduced: scan.reduced,
                    jpeg: STANDARD.encode(&scan.jpeg),
                })
            }
        }
    }

    fn document(&self) -> Result<&Document> {
        self.document
            .as_ref()
            .ok_or_else(|| Error::new(ErrorKind::Internal, "no document is open"))
    }
}

/// Draws page `number` (one-based) as a JPEG of at most `width` pixels across.
fn picture(document: &Document, number: u32, width: u32, quarter_turns: u8) -> Result<Vec<u8>> {
    let image = document.image(number.saturating_sub(1))?;
    let (across, along) = if quarter_turns.is_multiple_of(2) {
        (width, u32::MAX)
    } else {
        (u32::MAX, width)
    };
    // Shrinking first leaves fewer pixels to turn.
    let image = turned(&preview(&image, across, along), quarter_turns);
    encode_jpeg(&image, PICTURE_QUALITY)
        .ok_or_else(|| Error::new(ErrorKind::Unsupported, "this page has no picture"))
}

/// Reads page `number` (one-based): its text layer where that is exact, its pixels otherwise.
pub(super) fn read_page(
    recognizer: &dyn PageRecognizer,
    document: &Document,
    number: u32,
    options: &RecognizeOptions,
) -> Result<PageText> {
    let started = std::time::Instant::now();
    let mut page = match document.page(number.saturating_sub(1))? {
        Page::Text(page) => *page,
        Page::Image(image) => {
            let mut page = recognizer.recognize_page(&image, options)?;
            page.dpi = page.dpi.or(image.dpi());
            page
        }
    };
    page.number = number;
    page.elapsed_ms = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
    Ok(page)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::local::ScanLimits;
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
        };
        let open = |name: &str, bytes: &[u8], reader: &mut PageReader| {
            let path = folder.path().join(name);
            std::fs::write(&path, bytes).unwrap();
            ask(reader, &Request::Open { path })
        };
        let limits = ScanLimits {
            max_side: 100,
            max_bytes: 1_000_000,
        };
        let picture = webp(&Typeset::card().page("a page"));
        assert!(matches!(
            open("a.webp", &picture, &mut reader),
            Response::Opened { pages: 1 }
        ));
        match ask(&mut reader, &Request::Scan { number: 1, limits }) {
            Response::Scan {
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
        let beyond = ask(&mut reader, &Request::Scan { number: 2, limits });
        assert!(matches!(beyond, Response::Failed { .. }));
    }
}
