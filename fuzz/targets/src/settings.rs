//! The settings: a TOML file, and variables of the environment.

use std::{collections::BTreeMap, path::Path};

use ocr_server::config::{Settings, Sources};

use crate::{Seed, Target};

pub(crate) const TARGET: Target = Target {
    name: "settings",
    run: settings,
    seeds,
    words: &[
        b"OCR_",
        b"OCR__",
        b"=",
        b"\n\n",
        b"[server]\n",
        b"[models]\n",
        b"port = ",
        b"roles = [\"api\", \"worker\"]",
        b"profile = \"standard\"",
        b"18446744073709551616",
        b"-1",
        b"nan",
        b"::1",
        b"0.0.0.0",
    ],
    mutations: 4000,
};

/// Reads `bytes` as variables, one `NAME=VALUE` a line, and behind an empty line a file.
///
/// # Panics
/// When a setting cannot be understood and nobody says so.
pub fn settings(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let (variables, file) = text.split_once("\n\n").unwrap_or((&text, ""));
    let environment: BTreeMap<String, String> = variables
        .lines()
        .filter_map(|line| line.split_once('='))
        // Those name files of this machine, and some of those never end.
        .filter(|(name, _)| !name.ends_with("_FILE"))
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect();
    let Ok(sources) = Sources::read(&environment, Some((Path::new("fuzz.toml"), file))) else {
        return;
    };
    if let Ok(settings) = Settings::new(&sources) {
        // What was accepted can be used.
        let _ = (settings.api_address(), settings.health_address(), settings.site());
    }
}

fn seeds() -> Vec<Seed> {
    let seed = |name, text: &str| (name, text.as_bytes().to_vec());
    vec![
        seed(
            "variables",
            "PORT=8081\nHEALTH_PORT=5001\nOCR_ROLES=api,worker\nOCR_LEASE=30\nOCR__MODELS__PULL=false\nHOME=/\n",
        ),
        seed(
            "standard",
            "OCR_PROFILE=standard\nDATABASE_URL=postgres://user:secret@127.0.0.1:5432/ocr\n\
             REDIS_URL=redis://127.0.0.1:6379/0\nAWS_REGION=eu-central-1\nAWS_S3_BUCKET=documents\n",
        ),
        seed(
            "file",
            "OCR_BIND=::1\n\nroles = [\"api\", \"health\"]\n[server]\nport = 1\npublic_url = \"https://ocr.example\"\n\
             [models]\npull = false\n[log]\nfilter = \"info,ocr_core=debug\"\nformat = \"json\"\n",
        ),
        seed("wrong", "OCR_LEESE=1\n\n[server]\nprot = 1\n"),
        seed("not-toml", "\n\n[server\nport == \"\\u0000\""),
    ]
}
