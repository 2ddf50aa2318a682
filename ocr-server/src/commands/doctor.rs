//! `ocr-server doctor`

use std::{process::ExitCode, sync::Arc};

use ocr_core::{clock::SystemClock, engine::OcrEngine};
use ocr_vision::sandbox::Confinement;

use crate::{
    compose::{self, Schema},
    config::Settings,
    engines, http,
    oidc::Oidc,
};

/// Checks every part and says what is missing. No schema is changed: an older program may be using it.
pub(super) async fn run(settings: &Settings) -> anyhow::Result<ExitCode> {
    let mut report = Report { sound: true };
    report.line("data directory", Ok(settings.data_dir.display().to_string()));
    for name in &settings.ignored {
        println!("note  {name} is set, but no adapter that needs it is chosen");
    }
    report.storage(settings).await;
    report.sign_in(settings).await;
    report.page_processes(settings);
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

    /// What can be opened without changing a schema.
    async fn storage(&mut self, settings: &Settings) {
        let schemas = match compose::schemas(settings).await {
            Ok(schemas) => schemas,
            Err(error) => return self.line("storage", Err(format!("{error:#}"))),
        };
        let mut current = true;
        for Schema {
            database,
            found,
            wanted,
        } in schemas
        {
            match found {
                Some(found) if found == wanted => continue,
                None => {
                    println!("note  {database}: there is no schema yet; the server makes it when it starts");
                }
                Some(found) if found < wanted => self.line(
                    database,
                    Err(format!(
                        "the schema is {found}, this program wants {wanted}; run: ocr-server migrate"
                    )),
                ),
                Some(found) => self.line(
                    database,
                    Err(format!(
                        "the schema is {found}, this program only knows {wanted}; use a newer program"
                    )),
                ),
            }
            current = false;
        }
        if !current {
            return println!("note  storage is checked once the schema is up to date");
        }
        match compose::open(settings).await {
            Ok(composition) => {
                let platform = &composition.platform;
                self.port("database", platform.store.name(), platform.store.check().await);
                self.port("queue", platform.queue.name(), platform.queue.check().await);
                self.port(
                    "notifier",
                    platform.notifier.name(),
                    platform.notifier.check().await,
                );
                self.port("documents", platform.blobs.name(), platform.blobs.check().await);
                composition.close().await;
            }
            Err(error) => self.line("storage", Err(format!("{error:#}"))),
        }
    }

    /// Whether the provider that people sign in with can be reached, and says of itself what is needed.
    async fn sign_in(&mut self, settings: &Settings) {
        let Some(oidc) = settings.oidc.clone() else { return };
        let provider = match Oidc::new(oidc, &settings.base_url(), Arc::new(SystemClock)) {
            Ok(oidc) => oidc.check().await,
            Err(error) => Err(error),
        };
        self.line(
            "sign-in provider",
            provider
                .map(|address| format!("people sign in at {address}"))
                .map_err(|error| format!("{error:#}")),
        );
    }

    /// What is not confined completely still reads, unless the settings require more.
    fn page_processes(&mut self, settings: &Settings) {
        match engines::confinement(settings) {
            Ok(Confinement::Complete) => self.line("page processes", Ok("confined completely".into())),
            Ok(found) => println!("note  page processes: confinement is {found}"),
            Err(error) => self.line("page processes", Err(format!("{error:#}"))),
        }
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
