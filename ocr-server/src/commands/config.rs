//! `ocr-server config`

use std::{fmt::Write, process::ExitCode};

use crate::config::{Origin, SETTINGS, Settings, Sources};

/// Prints every setting as a line of the settings file, with where its value comes from as a comment.
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

An empty variable counts as not set. A name that nobody knows is an error, and so is a value that cannot be
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
        let default = match (setting.secret, setting.default) {
            (true, _) => "none, secret".to_owned(),
            (false, "") => "none".to_owned(),
            (false, default) => format!("`{default}`"),
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
        let (value, origin) = match sources.get(setting.key) {
            Some((_, origin)) if setting.secret => ("(secret)".to_owned(), origin.to_string()),
            Some((value, origin)) => (value.to_owned(), origin.to_string()),
            None => (
                effective(setting.key, setting.default, settings),
                Origin::Default.to_string(),
            ),
        };
        let _ = writeln!(text, "{name} = {value:?}  # {origin}");
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
    use std::collections::BTreeMap;

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
        assert!(
            shown.contains("password = \"(secret)\"  # DB_PASSWORD"),
            "{shown}"
        );
        assert!(shown.contains("store = \"sqlite\"  # default"), "{shown}");
        assert!(!shown.contains("canary"), "{shown}");
        let parsed: toml::Table = toml::from_str(&shown).unwrap();
        assert_eq!(parsed["server"]["bind"].as_str(), Some("127.0.0.1"));
    }
}
