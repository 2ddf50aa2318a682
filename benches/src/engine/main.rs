//! Where the local engine spends its time: `engine-profile MODELS_DIR THREADS DOCUMENT...`.
//!
//! Every page is read in this process, one after the other, on so many threads. One line a page says what each step
//! took, the last lines what all pages took together.

mod clock;
mod report;
mod steps;

use std::{env, path::Path};

use anyhow::{Context, Result, bail};
use ocr_core::page::{PageRecognizer, RecognizeOptions};
use ocr_documents::{Document, Limits};
use ocr_vision::ppocr::{ModelVariant, PpOcr};
use tracing_subscriber::{Registry, layer::SubscriberExt, util::SubscriberInitExt};

use self::{
    clock::Moment,
    report::{Page, Report},
    steps::{Recorder, Step},
};

fn main() -> Result<()> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let [models, threads, documents @ ..] = arguments.as_slice() else {
        bail!("usage: engine-profile MODELS_DIR THREADS DOCUMENT...");
    };
    let threads: usize = threads.parse().context("THREADS is a number")?;
    let recorder = Recorder::default();
    Registry::default().with(recorder.clone()).init();

    let engine =
        PpOcr::load(Path::new(models), ModelVariant::Cascade).context("the models cannot be loaded")?;
    let options = RecognizeOptions::new().with_threads(threads);
    let mut report = Report::new(engine.runtime(), threads);
    for path in documents {
        if let Err(error) = read(Path::new(path), &engine, &options, &recorder, &mut report) {
            eprintln!("{path}: {error:#}");
        }
    }
    print!("{}", report.markdown());
    Ok(())
}

/// Reads the pixels of all pages of a document.
fn read(
    path: &Path,
    engine: &PpOcr,
    options: &RecognizeOptions,
    recorder: &Recorder,
    report: &mut Report,
) -> Result<()> {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let opened = Moment::now();
    let document = Document::open_path(path, Limits::default())?;
    let mut opening = opened.elapsed();
    for index in 0..document.page_count() {
        recorder.take();
        let started = Moment::now();
        let image = document.image(index)?;
        let decoding = std::mem::take(&mut opening) + started.elapsed();
        let read = engine.recognize_page(&image, options)?;
        let mut steps = recorder.take();
        steps.insert("decode".into(), Step::once(decoding));
        report.add(Page {
            name: format!("{name} {}", index + 1),
            turned: read.rotation != 0,
            steps,
        });
    }
    Ok(())
}
