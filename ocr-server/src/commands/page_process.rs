//! `ocr-server page-process`: reads pages for another process of this program.

use std::process::ExitCode;

use ocr_vision::sandbox::run_page_process;

use crate::{config::Settings, engines};

/// Answers on standard output until standard input ends.
pub(super) fn run(settings: &Settings, engine: Option<&str>) -> anyhow::Result<ExitCode> {
    let limits = engines::page_process_limits(settings);
    let access = engines::page_process_access(settings, engine);
    run_page_process(limits, &access, || {
        engine
            .map(|name| engines::load_recognizer(settings, name))
            .transpose()
    })?;
    Ok(ExitCode::SUCCESS)
}
