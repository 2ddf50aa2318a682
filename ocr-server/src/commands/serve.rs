//! `ocr-server serve`

use std::{io::IsTerminal, num::NonZeroUsize, process::ExitCode, sync::Arc};

use anyhow::{Context, Result};
use ocr_core::{
    platform::Platform,
    service::OcrService,
    worker::{ChangeListener, Worker, run_duties},
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use crate::{
    compose::{self, Composition},
    config::Settings,
    engines,
    http::{self, AppState, HttpSettings},
    shutdown,
};

/// Serves API and health, and works on documents, until told to stop.
pub(super) async fn run(settings: Settings) -> Result<ExitCode> {
    for name in &settings.ignored {
        tracing::warn!(
            "{name} is set, but belongs to the standard profile; this program keeps everything in {}",
            settings.data_dir.display()
        );
    }
    // Ports first: a second server on the same machine should say so before it touches anything.
    let api = http::bind(settings.api_address()).await?;
    let health = http::bind(settings.health_address()).await?;
    let composition = compose::embedded(&settings).await?;
    let stop = shutdown::on_signal();
    let state = app_state(&settings, &composition, stop.clone())?;
    let platform = composition.platform.clone();
    prepare_engines(&settings, &platform);

    let tasks = TaskTracker::new();
    tasks.spawn(http::serve(api, http::router(state.clone()), stop.clone()));
    tasks.spawn(http::serve(health, http::health_router(state), stop.clone()));
    tasks.spawn(run_duties(platform.clone(), stop.clone()));
    let listener = ChangeListener::new(platform.clone());
    let until = stop.clone();
    tasks.spawn(async move { listener.run(until).await });
    let workers = NonZeroUsize::new(settings.workers).unwrap_or(NonZeroUsize::MIN);
    let worker = Worker::new(platform, workers).with_grace(settings.grace);
    let until = stop.clone();
    tasks.spawn(async move { worker.run(until).await });

    announce(&settings);
    tasks.close();
    tasks.wait().await;
    composition.close().await;
    Ok(ExitCode::SUCCESS)
}

fn app_state(settings: &Settings, composition: &Composition, stop: CancellationToken) -> Result<AppState> {
    let spool_dir = settings.data_dir.join("spool");
    // What a crash left behind belongs to uploads that were never acknowledged.
    let _ = std::fs::remove_dir_all(&spool_dir);
    std::fs::create_dir_all(&spool_dir)
        .with_context(|| format!("{} cannot be created", spool_dir.display()))?;
    Ok(AppState {
        service: OcrService::new(composition.platform.clone()),
        signer: composition.signer.clone(),
        pictures: engines::pictures(settings)?,
        settings: Arc::new(HttpSettings {
            public_url: settings.public_url.clone(),
            allow_public_no_auth: settings.allow_public_no_auth,
            spool_dir,
            started_at: composition.platform.clock.now(),
        }),
        shutdown: stop,
    })
}

/// Finds engines and fetches models in the background: the server answers meanwhile.
fn prepare_engines(settings: &Settings, platform: &Platform) {
    let (settings, engines) = (settings.clone(), platform.engines.clone());
    engines.explain_missing("the OCR engine is starting; documents wait until then");
    // A thread of its own: a download may outlive the runtime's patience for blocking work.
    std::thread::spawn(move || {
        let interactive = std::io::stderr().is_terminal();
        if let Err(error) = engines::provide(&settings, &engines, interactive) {
            tracing::error!(error = format!("{error:#}"), "no engine could be set up");
            engines.explain_missing(format!("no OCR engine is ready: {error:#}"));
        }
    });
}

fn announce(settings: &Settings) {
    tracing::info!("OCR platform at http://{}", settings.api_address());
    tracing::info!("health at http://{}/health", settings.health_address());
    tracing::info!("data in {}", settings.data_dir.display());
    if settings.bind.is_loopback() {
        tracing::info!("nobody has to sign in: only this machine can connect");
    } else {
        tracing::warn!("nobody has to sign in, and other machines can connect");
    }
}
