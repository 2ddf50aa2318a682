//! `ocr-server training-pairs`: what people corrected, as pictures of lines with their text.

mod tar;

use std::{
    fs::File,
    io::{BufWriter, Seek, Write},
    path::Path,
    process::ExitCode,
    sync::Arc,
};

use anyhow::{Context, Result};
use ocr_core::{
    id::UserId,
    page::PageImage,
    pagination::PageRequest,
    service::{CorrectedDocument, OcrService, TrainingLine, TrainingPage},
    store::Scope,
};
use ocr_documents::{Document, Limits, cut, encode_png};
use serde::Serialize;
use tempfile::NamedTempFile;

use self::tar::Tar;
use crate::{cli::TrainingPairsArgs, compose, config::Settings, engines};

/// Documents that are looked at at once.
const DOCUMENTS_AT_ONCE: u16 = 50;
/// Pixels around a line that belong to its picture.
const MARGIN: u32 = 4;
/// The name of the list of all pairs within the archive.
const MANIFEST: &str = "manifest.jsonl";

/// Writes the corrected lines of a user into an archive.
pub(super) async fn run(settings: &Settings, args: TrainingPairsArgs) -> Result<ExitCode> {
    let scope = Scope::owner(args.user.parse::<UserId>()?);
    let renderer = Arc::new(engines::pictures(settings)?);
    let composition = compose::open(settings).await?;
    let platform = composition.platform.clone().with_page_renderer(renderer);
    let written = write(&OcrService::new(platform), scope, &args.out).await;
    composition.close().await;
    let pairs = written?;
    println!("{}: {pairs} lines", args.out.display());
    Ok(ExitCode::SUCCESS)
}

/// Writes the archive beside its place, and puts it there when it is whole. Returns the number of its pairs.
async fn write(service: &OcrService, scope: Scope, path: &Path) -> Result<u64> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    let folder = folder.unwrap_or(Path::new("."));
    let file = NamedTempFile::new_in(folder)
        .with_context(|| format!("nothing can be written into {}", folder.display()))?;
    let now = service.platform().clock.now().timestamp();
    let mut pairs = Pairs {
        archive: Tar::new(BufWriter::new(file), u64::try_from(now).unwrap_or(0)),
        manifest: BufWriter::new(tempfile::tempfile()?),
        count: 0,
    };
    let mut next = None;
    loop {
        let request = PageRequest::first(DOCUMENTS_AT_ONCE)?.after(next);
        let listed = service.corrected_documents(scope, request).await?;
        for document in &listed.items {
            for number in &document.pages {
                pairs.add_page(service, scope, document, *number).await?;
            }
        }
        next = listed.next;
        if next.is_none() {
            break;
        }
    }
    let (file, count) = pairs.finish()?;
    let file = file
        .into_inner()
        .context("the archive could not be written to its end")?;
    file.persist(path)
        .with_context(|| format!("{} cannot be written", path.display()))?;
    Ok(count)
}

/// The archive, and the list that becomes its last file.
struct Pairs<W> {
    archive: Tar<W>,
    manifest: BufWriter<File>,
    count: u64,
}

/// A line of the list.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Entry<'a> {
    /// The picture of the line, a file of the archive.
    image: &'a str,
    /// The file with the text, of the archive too.
    file: &'a str,
    text: &'a str,
    /// What the engine had read there.
    read: &'a str,
    engine: &'a str,
    task_id: String,
    filename: &'a str,
    page: u32,
    /// Its place on the page, from 0.
    line: u32,
}

impl<W: Write> Pairs<W> {
    /// Adds the lines of a page, of which one picture at a time is in memory. A page that cannot be drawn is passed over
    /// and told.
    async fn add_page(
        &mut self,
        service: &OcrService,
        scope: Scope,
        document: &CorrectedDocument,
        number: u32,
    ) -> Result<()> {
        let Some(page) = service.training_page(scope, document.task.id, number).await? else {
            return Ok(());
        };
        if page.lines.is_empty() {
            return Ok(());
        }
        let picture = match picture(service, scope, document, number, &page).await {
            Ok(picture) => picture,
            Err(error) => {
                let name = &document.task.file.filename;
                eprintln!("{name}, page {number}: {error:#}");
                return Ok(());
            }
        };
        for line in &page.lines {
            let bounds = line.polygon.bounds();
            if let Some(part) = cut(&picture, bounds, MARGIN) {
                self.add(document, number, &page.engine, line, &encode_png(&part))?;
            }
        }
        Ok(())
    }

    fn add(
        &mut self,
        document: &CorrectedDocument,
        page: u32,
        engine: &str,
        line: &TrainingLine,
        png: &[u8],
    ) -> Result<()> {
        let name = format!("{}_{page:05}_{:05}", document.task.id, line.index);
        let (image, file) = (format!("{name}.png"), format!("{name}.txt"));
        let text = line.text.as_bytes();
        self.archive.add(&image, png.len() as u64, png)?;
        self.archive.add(&file, text.len() as u64, text)?;
        let entry = Entry {
            image: &image,
            file: &file,
            text: &line.text,
            read: &line.read,
            engine,
            task_id: document.task.id.to_string(),
            filename: &document.task.file.filename,
            page,
            line: line.index,
        };
        serde_json::to_writer(&mut self.manifest, &entry)?;
        self.manifest.write_all(b"\n")?;
        self.count += 1;
        Ok(())
    }

    /// Adds the list and ends the archive. Returns where it was written, and the number of pairs.
    fn finish(mut self) -> Result<(W, u64)> {
        self.manifest.flush()?;
        let manifest = self.manifest.get_mut();
        let size = manifest.stream_position()?;
        manifest.rewind()?;
        self.archive.add(MANIFEST, size, manifest)?;
        Ok((self.archive.finish()?, self.count))
    }
}

/// A page as its engine saw it, as far as a picture for people has it.
async fn picture(
    service: &OcrService,
    scope: Scope,
    document: &CorrectedDocument,
    number: u32,
    page: &TrainingPage,
) -> Result<PageImage> {
    let image = service
        .page_image(scope, document.task.id, number, page.width)
        .await?;
    let jpeg = service.draw_page_image(image).await?;
    // Drawn by a page process of ours: what was untrusted about the file stayed there.
    let limits = Limits::default();
    let decoded = tokio::task::spawn_blocking(move || Document::open(jpeg.to_vec(), limits)?.image(0));
    Ok(decoded.await??)
}
