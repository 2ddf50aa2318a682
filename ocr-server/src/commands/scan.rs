//! `ocr-server scan`: read local files, no server needed.

use std::{
    collections::HashSet,
    io::{IsTerminal, Write},
    path::{Path, PathBuf},
    process::ExitCode,
    sync::Arc,
};

use anyhow::{Context, Result, bail};
use futures::{StreamExt, stream};
use indicatif::{ProgressBar, ProgressStyle};
use ocr_core::{
    Error,
    formats::{DocumentFormats as _, FormatInput},
    model::{DocumentText, PageSelection},
    platform::Engines,
};
use ocr_formats::Formats;
use ocr_vision::{LocalEngine, ReadOptions, ppocr::ModelVariant};
use tokio_util::sync::CancellationToken;

use crate::{cli::ScanArgs, config::Settings, engines};

/// Documents begun at once; their pages share the page processes.
const FILES_AT_ONCE: usize = 4;

/// Reads every file; the exit code says whether all could be read.
pub(super) async fn run(settings: &Settings, args: ScanArgs) -> Result<ExitCode> {
    let pages: Option<PageSelection> = match &args.pages {
        Some(text) => Some(
            text.parse()
                .map_err(|error| anyhow::anyhow!("--pages: {error}"))?,
        ),
        None => None,
    };
    let engine = Arc::new(engine(settings, &args).await?);
    let options = ReadOptions::default()
        .with_languages(args.lang.clone())
        .with_pages(pages)
        .with_text_layer(args.text_layer);
    if let Some(folder) = &args.output {
        std::fs::create_dir_all(folder).with_context(|| format!("{} cannot be created", folder.display()))?;
    }
    let bar = progress_bar(args.files.len());
    let mut failures = 0;
    let names = output_names(&args.files);
    let mut results = stream::iter(args.files.iter().zip(names))
        .map(|(path, name)| {
            let (engine, options, bar) = (Arc::clone(&engine), options.clone(), bar.clone());
            async move { (path, name, read(&engine, path, options, &bar).await) }
        })
        .buffered(FILES_AT_ONCE);
    while let Some((path, name, document)) = results.next().await {
        let written = match document {
            Ok(document) => {
                bar.suspend(|| warn(path, &document));
                write(&args, path, &name, &document)
            }
            Err(error) => Err(error),
        };
        if let Err(error) = written {
            failures += 1;
            bar.suspend(|| eprintln!("{}: {error:#}", path.display()));
        }
        bar.inc(1);
    }
    bar.finish_and_clear();
    Ok(if failures == 0 {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

/// The engine that was asked for, or the best one there is.
async fn engine(settings: &Settings, args: &ScanArgs) -> Result<LocalEngine> {
    let variant = engines::variant(settings)?;
    let wanted = args.engine.as_deref().or(settings.engine.as_deref());
    match wanted {
        Some(engines::TESSERACT) => {
            engines::tesseract(settings)?.context("the program tesseract is not installed")
        }
        Some(engines::PPOCR) => ppocr(settings, variant).await,
        None => match ppocr(settings, variant).await {
            Ok(engine) => Ok(engine),
            Err(error) => {
                let other = engines::tesseract(settings)?;
                let other = other.with_context(|| format!("{error:#}; tesseract is not installed either"))?;
                eprintln!("{error:#}; reading with tesseract");
                Ok(other)
            }
        },
        Some(other) => bail!("there is no engine called {other}; choose ppocr or tesseract"),
    }
}

/// The engine of our own, its models fetched first where the settings allow it.
async fn ppocr(settings: &Settings, variant: ModelVariant) -> Result<LocalEngine> {
    if !engines::models_installed(&settings.models_dir, variant) {
        if !settings.pull_models {
            bail!("the models of ppocr are not installed; run: ocr-server models pull");
        }
        let settings = settings.clone();
        let interactive = std::io::stderr().is_terminal();
        eprintln!("fetching OCR models into {}", settings.models_dir.display());
        tokio::task::spawn_blocking(move || {
            engines::pull(&settings, variant, &Engines::default(), interactive)
        })
        .await??;
    }
    engines::ppocr(settings)
}

async fn read(
    engine: &LocalEngine,
    path: &Path,
    options: ReadOptions,
    bar: &ProgressBar,
) -> Result<DocumentText> {
    // What dropping the future leaves running is stopped with the processes.
    let mut stream = engine.read_file(path, options, CancellationToken::new()).await?;
    let mut pages = Vec::new();
    while let Some(page) = stream.pages.next().await {
        pages.push(page?);
        let name = path
            .file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        bar.set_message(format!("{name}: page {} of {}", pages.len(), stream.total));
    }
    pages.sort_by_key(|page| page.number);
    Ok(DocumentText::new(stream.engine, pages))
}

/// Says what a reader of the result should know, such as that a page could not be read.
fn warn(path: &Path, document: &DocumentText) {
    for page in &document.pages {
        for warning in &page.warnings {
            eprintln!("{}: page {}: {warning}", path.display(), page.number);
        }
    }
}

/// Writes a document in the wanted formats, to files where there is a folder for them.
fn write(args: &ScanArgs, path: &Path, name: &str, document: &DocumentText) -> Result<()> {
    let chosen: Vec<&str> = match (args.format.as_slice(), &args.output) {
        ([], Some(_)) => vec!["text", "json"],
        ([], None) => vec!["text"],
        (chosen, _) => chosen.iter().map(String::as_str).collect(),
    };
    let formats = Formats::standard();
    let all = formats.list();
    for format in chosen {
        let format = formats.get(format)?;
        let info = format.info();
        let original = info.needs_original.then(|| std::fs::read(path)).transpose()?;
        let mut bytes = Vec::new();
        let input = FormatInput::new(document).with_original(original.as_deref());
        format.write(input, &mut bytes).map_err(Error::from)?;
        let is_text = std::str::from_utf8(&bytes).is_ok();
        if is_text && !bytes.ends_with(b"\n") {
            bytes.push(b'\n');
        }
        match &args.output {
            Some(folder) => {
                let path = folder.join(info.file_name(name, &all));
                std::fs::write(&path, bytes)
                    .with_context(|| format!("{} cannot be written", path.display()))?;
            }
            None if !is_text && std::io::stdout().is_terminal() => {
                bail!("{} is no text; write it to a folder with --output", info.name)
            }
            None => std::io::stdout().lock().write_all(&bytes)?,
        }
    }
    Ok(())
}

/// The name of each file without its ending; where two would collide, with it.
fn output_names(files: &[PathBuf]) -> Vec<String> {
    let text = |name: Option<&std::ffi::OsStr>| name.unwrap_or_default().to_string_lossy().into_owned();
    let mut taken = HashSet::new();
    let unique = |name: String, taken: &mut HashSet<String>| {
        let mut candidate = name.clone();
        let mut number = 2;
        while !taken.insert(candidate.clone()) {
            candidate = format!("{name}-{number}");
            number += 1;
        }
        candidate
    };
    files
        .iter()
        .map(|path| {
            let stem = text(path.file_stem());
            let name = if taken.contains(&stem) {
                text(path.file_name())
            } else {
                stem
            };
            unique(name, &mut taken)
        })
        .collect()
}

fn progress_bar(files: usize) -> ProgressBar {
    let style = ProgressStyle::with_template("{pos}/{len} {bar:30} {wide_msg}");
    let bar = ProgressBar::new(files as u64);
    style.map(|style| bar.clone().with_style(style)).unwrap_or(bar)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn outputs_never_overwrite_each_other() {
        let files = ["a/scan.pdf", "b/scan.png", "c/scan.png", "other.tif"].map(PathBuf::from);
        assert_eq!(output_names(&files), ["scan", "scan.png", "scan.png-2", "other"]);
    }
}
