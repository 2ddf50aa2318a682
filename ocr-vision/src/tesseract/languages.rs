//! From BCP 47 tags to the program's own names.

use ocr_core::{Error, ErrorKind, Result};

/// The common ones; others are passed on as they are.
const NAMES: &[(&str, &str)] = &[
    ("en", "eng"),
    ("de", "deu"),
    ("fr", "fra"),
    ("es", "spa"),
    ("it", "ita"),
    ("pt", "por"),
    ("nl", "nld"),
    ("pl", "pol"),
    ("cs", "ces"),
    ("sv", "swe"),
    ("da", "dan"),
    ("no", "nor"),
    ("fi", "fin"),
    ("tr", "tur"),
    ("ru", "rus"),
    ("uk", "ukr"),
    ("el", "ell"),
    ("ja", "jpn"),
    ("ko", "kor"),
    ("zh", "chi_sim"),
    ("zh-Hant", "chi_tra"),
    ("ar", "ara"),
    ("he", "heb"),
    ("hi", "hin"),
];

/// The argument of `-l`: the wanted languages, or English, or whatever is installed.
pub(super) fn choose(wanted: &[String], installed: &[String]) -> Result<String> {
    if wanted.is_empty() {
        let default = installed.iter().find(|name| *name == "eng");
        let default = default.or_else(|| installed.iter().find(|name| *name != "osd"));
        return default
            .cloned()
            .ok_or_else(|| Error::new(ErrorKind::Unavailable, "tesseract has no language data installed"));
    }
    let mut names = Vec::with_capacity(wanted.len());
    for tag in wanted {
        let primary = tag.split('-').next().unwrap_or(tag);
        let known = |tag: &str| NAMES.iter().find(|(known, _)| known.eq_ignore_ascii_case(tag));
        let name = known(tag)
            .or_else(|| known(primary))
            .map_or(tag.as_str(), |(_, name)| *name);
        if !installed.iter().any(|installed| installed == name) {
            let message = format!("tesseract has no data for the language {name}");
            return Err(Error::new(ErrorKind::InvalidInput, message));
        }
        names.push(name);
    }
    Ok(names.join("+"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_become_names_and_strangers_are_refused() {
        let installed = ["deu", "eng", "osd"].map(String::from);
        assert_eq!(choose(&[], &installed).unwrap(), "eng");
        assert_eq!(
            choose(&["de-AT".into(), "en".into()], &installed).unwrap(),
            "deu+eng"
        );
        assert!(choose(&["fr".into()], &installed).is_err());
        assert!(choose(&["--tessdata-dir".into()], &installed).is_err());
    }
}
