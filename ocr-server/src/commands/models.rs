//! `ocr-server models`

use std::{io::IsTerminal, process::ExitCode};

use ocr_core::platform::Engines;
use ocr_vision::{
    models::{self, ModelState},
    ppocr::catalog::{OPTIONAL, Role},
};

use crate::{cli::ModelsAction, config::Settings, engines};

/// Fetches, lists or verifies model weights.
pub(super) fn run(settings: &Settings, action: ModelsAction) -> anyhow::Result<ExitCode> {
    let variant = engines::variant(settings)?;
    match action {
        ModelsAction::Pull => {
            let interactive = std::io::stderr().is_terminal();
            engines::pull(settings, variant, &Engines::default(), interactive)?;
            println!(
                "the models of {} are installed in {}",
                variant.as_str(),
                settings.models_dir.display()
            );
            Ok(ExitCode::SUCCESS)
        }
        ModelsAction::List | ModelsAction::Verify => {
            let needed = variant.roles();
            let mut sound = true;
            for (file, state) in models::verify(&settings.models_dir) {
                let needed = needed.contains(&file.role);
                let text = match state {
                    ModelState::Installed => "installed",
                    ModelState::Missing if needed => "missing",
                    ModelState::Missing if file.role == Role::TableStructure => {
                        "missing: fewer tables are found"
                    }
                    ModelState::Missing if OPTIONAL.contains(&file.role) => "missing: reading takes longer",
                    ModelState::Missing => "not needed",
                    ModelState::Corrupt => "corrupt: remove it and pull again",
                    _ => "unusable: remove it and pull again",
                };
                sound &= state == ModelState::Installed || (state == ModelState::Missing && !needed);
                println!("{:<28} {:>9} KiB  {text}", file.name, file.size / 1024);
            }
            println!("directory: {}", settings.models_dir.display());
            let verify = matches!(action, ModelsAction::Verify);
            Ok(if verify && !sound {
                ExitCode::FAILURE
            } else {
                ExitCode::SUCCESS
            })
        }
    }
}
