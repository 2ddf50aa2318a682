//! `ocr-server config show`

use crate::config::{Origin, SETTINGS, Settings, Sources};

/// Prints every setting as a line of the settings file, with where its value comes from as a comment.
pub(super) fn show(sources: &Sources, settings: &Settings) {
    print!("{}", listing(sources, settings));
}

fn listing(sources: &Sources, settings: &Settings) -> String {
    let mut text = String::new();
    let mut section = "";
    for setting in SETTINGS {
        let (place, name) = setting.key.rsplit_once('.').unwrap_or(("", setting.key));
        if place != section {
            text.push_str(&format!("\n[{place}]\n"));
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
        text.push_str(&format!("{name} = {value:?}  # {origin}\n"));
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
