//! Which engine this machine has for the tests that read.

use std::process::Stdio;

use ocr_testkit::requirements::Requirement;

use crate::server::program;

/// Variables that give a server an engine, or `None` where there is none and may be none.
pub(crate) fn settings() -> Option<Vec<(&'static str, String)>> {
    let found = ppocr().or_else(tesseract);
    Requirement::Models.or_skip(found.ok_or("there are no models, and no tesseract in their place"))
}

fn ppocr() -> Option<Vec<(&'static str, String)>> {
    let directory = match std::env::var("OCR_MODELS_DIR") {
        Ok(directory) => directory,
        Err(_) => format!("{}/.cache/ocr-server/models", std::env::var("HOME").ok()?),
    };
    let settings = vec![("OCR_MODELS_DIR", directory)];
    let owned: Vec<(String, String)> = settings
        .iter()
        .map(|(name, value)| ((*name).to_owned(), value.clone()))
        .collect();
    let verified = program(&owned)
        .args(["models", "verify"])
        .stdout(Stdio::null())
        .status()
        .unwrap();
    verified.success().then_some(settings)
}

fn tesseract() -> Option<Vec<(&'static str, String)>> {
    let path = std::env::var("PATH").ok()?;
    let there = std::process::Command::new("tesseract")
        .arg("--version")
        .output()
        .is_ok();
    there.then(|| vec![("PATH", path), ("OCR_ENGINE", "tesseract".into())])
}

/// A server with an engine and these other variables.
pub(crate) async fn server(more: &[(&str, &str)]) -> Option<crate::server::Server> {
    let settings = settings()?;
    let mut all: Vec<(&str, &str)> = settings
        .iter()
        .map(|(name, value)| (*name, value.as_str()))
        .collect();
    all.extend_from_slice(more);
    Some(crate::server::Server::start(&all).await)
}
