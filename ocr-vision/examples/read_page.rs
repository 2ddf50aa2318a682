//! Reads pictures of pages and writes their text: `read_page MODELS_DIR VARIANT OUT_DIR PICTURE...`
//!
//! `NAME@01.png`, `NAME@02.png` ... are pages of one document and go to `OUT_DIR/NAME.txt`.
//! `JOBS` pages (environment variable, default 2) are read at a time, each on one thread.

use std::{
    collections::BTreeMap,
    error::Error,
    path::{Path, PathBuf},
    sync::{
        Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::Instant,
};

use ocr_core::page::{PageImage, PageRecognizer, PixelFormat, RecognizeOptions};
use ocr_vision::ppocr::{PpOcr, catalog::Variant};

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [models, variant, out, pictures @ ..] = arguments.as_slice() else {
        return Err("usage: read_page MODELS_DIR small|cascade|tiny OUT_DIR PICTURE...".into());
    };
    let variant = match variant.as_str() {
        "small" => Variant::Small,
        "tiny" => Variant::Tiny,
        _ => Variant::Cascade,
    };
    let engine = PpOcr::load(Path::new(models), variant)?;
    let jobs = std::env::var("JOBS")
        .ok()
        .and_then(|jobs| jobs.parse().ok())
        .unwrap_or(2);
    let started = Instant::now();
    let texts = read_all(&engine, pictures, jobs);
    let seconds = started.elapsed().as_secs_f64();
    std::fs::create_dir_all(out)?;
    for (name, pages) in &texts {
        std::fs::write(
            PathBuf::from(out).join(format!("{name}.txt")),
            pages.join("\u{c}"),
        )?;
    }
    println!(
        "{} pages, {:.3} s a page",
        pictures.len(),
        seconds / pictures.len().max(1) as f64
    );
    Ok(())
}

/// The text of every picture by document name, pages in order.
fn read_all(engine: &PpOcr, pictures: &[String], jobs: usize) -> BTreeMap<String, Vec<String>> {
    let next = AtomicUsize::new(0);
    let pages = Mutex::new(BTreeMap::new());
    std::thread::scope(|scope| {
        for _ in 0..jobs {
            scope.spawn(|| {
                while let Some(path) = pictures.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let text = read(engine, Path::new(path)).unwrap_or_else(|error| {
                        eprintln!("{path}: {error}");
                        String::new()
                    });
                    if let Ok(mut pages) = pages.lock() {
                        pages.insert(path.clone(), text);
                    }
                }
            });
        }
    });
    let mut documents: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (path, text) in pages.into_inner().unwrap_or_default() {
        let stem = Path::new(&path)
            .file_stem()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        let name = stem.split('@').next().unwrap_or(&stem).to_owned();
        documents.entry(name).or_default().push(text);
    }
    documents
}

fn read(engine: &PpOcr, path: &Path) -> Result<String, Box<dyn Error>> {
    let picture = image::open(path)?.into_rgb8();
    let (width, height) = picture.dimensions();
    let page = PageImage::new(width, height, PixelFormat::Rgb8, picture.into_raw())
        .ok_or("the picture has the wrong length")?;
    let text = engine.recognize_page(&page, &RecognizeOptions::default())?;
    println!(
        "{} {} ms, turned {}, skew {:.2}, {} lines",
        path.display(),
        text.elapsed_ms,
        text.rotation,
        text.skew,
        text.lines().count()
    );
    Ok(text.plain_text())
}
