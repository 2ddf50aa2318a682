//! `ocr-server config`

use std::{fmt::Write, process::ExitCode};

use crate::config::{DefaultValue, Origin, SETTINGS, Settings, Sources};

/// Prints a settings file: what is set, with where it comes from as a comment; secrets, and what nobody
/// set, as comments only.
pub(super) fn show(sources: &Sources, settings: &Settings) -> ExitCode {
    print!("{}", listing(sources, settings));
    ExitCode::SUCCESS
}

/// Prints the reference of all settings as Markdown.
pub(super) fn reference() -> ExitCode {
    print!("{}", markdown());
    ExitCode::SUCCESS
}

const INTRODUCTION: &str = "\
# Configuration

Nothing needs to be set. A value comes from the environment, else from a TOML file, else it is the default. The
file is the one that `OCR_CONFIG` names, else `ocr-server.toml` in the current directory. The setting `port` of
section `server` is

- `port = 8080` below `[server]` in the file,
- `PORT=8080` in the environment, by the name in the table,
- `OCR__SERVER__PORT=8080` in the environment, by the general rule.

An empty value counts as not set. A name that nobody knows is an error, and so is a value that cannot be
understood. Secrets can be read from a file: `DB_PASSWORD_FILE=/run/secrets/db` sets `DB_PASSWORD`; they are never
shown. `ocr-server config show` prints what is in effect and where each value comes from, `ocr-server doctor` checks
whether it works.

This page is generated from the program: `cargo xtask generated --write`.
";

fn markdown() -> String {
    let mut text = INTRODUCTION.to_owned();
    let mut section = None;
    for setting in SETTINGS {
        let (place, name) = setting.key.rsplit_once('.').unwrap_or(("", setting.key));
        if section != Some(place) {
            let title = if place.is_empty() {
                "At the top of the file"
            } else {
                place
            };
            // Writing to a String cannot fail, here and below.
            let _ = write!(
                text,
                "\n## {title}\n\n| name | variable | default | what it does |\n|---|---|---|---|\n"
            );
            section = Some(place);
        }
        let default = match setting.default {
            DefaultValue::Secret => "none, secret".to_owned(),
            DefaultValue::Unset => "none".to_owned(),
            DefaultValue::Value(default) => format!("`{default}`"),
            DefaultValue::Computed(default) => default.to_owned(),
        };
        let _ = writeln!(
            text,
            "| `{name}` | `{}` | {default} | {} |",
            setting.variable, setting.about
        );
    }
    text
}

fn listing(sources: &Sources, settings: &Settings) -> String {
    let mut text = String::new();
    let mut section = "";
    for setting in SETTINGS {
        let (place, name) = setting.key.rsplit_once('.').unwrap_or(("", setting.key));
        if place != section {
            // Writing to a String cannot fail, here and below.
            let _ = writeln!(text, "\n[{place}]");
            section = place;
        }
        let line = match sources.get(setting.key) {
            Some((_, origin)) if setting.is_secret() => format!("# {name} = (secret)  # {origin}"),
            Some((value, origin)) => format!("{name} = {}  # {origin}", toml::Value::from(value)),
            None => {
                let value = effective(setting.key, setting.default_text(), settings);
                format!("# {name} = {value:?}  # {}", Origin::Default)
            }
        };
        let _ = writeln!(text, "{line}");
    }
    text
}

/// The value of a setting that nobody set: what was computed, where the table only says how.
fn effective(key: &str, default: &str, settings: &Settings) -> String {
    match key {
        "store" => settings.store.to_string(),
        "queue" => settings.queue.to_string(),
        "blobs" => settings.blobs.to_string(),
        "notifier" => settings.notifier.to_string(),
        "data.dir" => settings.data_dir.display().to_string(),
        "models.dir" => settings.models_dir.display().to_string(),
        "recognition.workers" => settings.workers.to_string(),
        "recognition.page_processes" => settings.page_processes.to_string(),
        _ => default.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use std::{collections::BTreeMap, path::Path};

    use super::*;

    #[test]
    fn every_setting_is_shown_with_its_origin_and_no_secret() {
        let environment = BTreeMap::from([
            ("DB_PASSWORD".to_owned(), "canary-9".to_owned()),
            ("PORT".to_owned(), "9090".to_owned()),
        ]);
        let sources = Sources::read(&environment, None).unwrap();
        let shown = listing(&sources, &Settings::new(&sources).unwrap());
        assert!(shown.contains("port = \"9090\"  # PORT"), "{shown}");
        assert!(shown.contains("# password = (secret)  # DB_PASSWORD"), "{shown}");
        assert!(shown.contains("# store = \"sqlite\"  # default"), "{shown}");
        assert!(!shown.contains("canary"), "{shown}");
    }

    #[test]
    fn what_is_shown_is_a_settings_file_that_says_the_same() {
        for set in [
            &[][..],
            &[
                ("PORT", "9090"),
                ("OCR_ROLES", "api,web"),
                ("OCR_DATA_DIR", "a \"b\"\\\tc\u{1}"),
            ],
        ] {
            let environment = set
                .iter()
                .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
                .collect();
            let sources = Sources::read(&environment, None).unwrap();
            let settings = Settings::new(&sources).unwrap();
            let shown = listing(&sources, &settings);
            let file = Some((Path::new("ocr.toml"), shown.as_str()));
            let again = Sources::read(&BTreeMap::new(), file).unwrap();
            let again = Settings::new(&again).unwrap();
            assert_eq!(format!("{settings:?}"), format!("{again:?}"), "{shown}");
        }
    }
}
