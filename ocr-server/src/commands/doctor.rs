//! `ocr-server doctor`

use std::process::ExitCode;

use ocr_core::engine::OcrEngine;

use crate::{compose, config::Settings, engines, http};

/// Checks every part and says what is missing.
pub(super) async fn run(settings: &Settings) -> anyhow::Result<ExitCode> {
    let mut report = Report { sound: true };
    report.line("data directory", Ok(settings.data_dir.display().to_string()));
    for name in &settings.ignored {
        println!("note  {name} is set, but no adapter that needs it is chosen");
    }
    match compose::open(settings).await {
        Ok(composition) => {
            let platform = &composition.platform;
            report.port("database", platform.store.name(), platform.store.check().await);
            report.port("queue", platform.queue.name(), platform.queue.check().await);
            report.port(
                "notifier",
                platform.notifier.name(),
                platform.notifier.check().await,
            );
            report.port("documents", platform.blobs.name(), platform.blobs.check().await);
            composition.close().await;
        }
        Err(error) => report.line("storage", Err(format!("{error:#}"))),
    }
    report.engines(settings).await?;
    for (what, address) in [
        ("API port", settings.api_address()),
        ("health port", settings.health_address()),
        ("page port", settings.web_address()),
    ] {
        let free = http::bind(address).await.map(|_| format!("{address} is free"));
        report.line(
            what,
            free.map_err(|error| format!("{error:#}; is the server running already?")),
        );
    }
    Ok(if report.sound {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

struct Report {
    sound: bool,
}

impl Report {
    fn line(&mut self, what: &str, outcome: Result<String, String>) {
        match outcome {
            Ok(text) => println!("ok    {what}: {text}"),
            Err(text) => {
                self.sound = false;
                println!("FAIL  {what}: {text}");
            }
        }
    }

    fn port(&mut self, what: &str, adapter: &str, outcome: ocr_core::Result<()>) {
        self.line(
            what,
            outcome
                .map(|()| adapter.to_owned())
                .map_err(|error| error.to_string()),
        );
    }

    /// One engine is enough, unless the settings name another.
    async fn engines(&mut self, settings: &Settings) -> anyhow::Result<()> {
        let ready = |checked: ocr_core::Result<()>| checked.map_err(|error| error.to_string());
        let mut found = vec![(engines::PPOCR, ready(engines::ppocr(settings)?.check().await))];
        let tesseract = match engines::tesseract(settings)? {
            Some(engine) => ready(engine.check().await),
            None => Err("the program tesseract is not installed".into()),
        };
        found.push((engines::TESSERACT, tesseract));
        if settings.textract.enabled {
            let textract = match engines::textract(settings).await {
                Ok(Some(engine)) => ready(engine.check().await),
                Ok(None) => Ok(()),
                Err(error) => Err(format!("{error:#}")),
            };
            found.push((engines::TEXTRACT, textract));
        }
        let chosen = |name: &str| settings.engine.as_deref().is_none_or(|chosen| chosen == name);
        let any = found
            .iter()
            .any(|(name, outcome)| outcome.is_ok() && chosen(name));
        for (name, outcome) in found {
            match outcome {
                Err(text) if any => println!("note  engine {name}: {text}"),
                outcome => self.line(&format!("engine {name}"), outcome.map(|()| "ready".into())),
            }
        }
        Ok(())
    }
}
