//! Languages of pages (BCP 47).

use ocr_core::model::{DocumentText, PageText};

/// Primary subtags of languages that are written from right to left.
const RIGHT_TO_LEFT: [&str; 11] = ["ar", "ckb", "dv", "fa", "he", "iw", "ps", "sd", "ug", "ur", "yi"];

/// The language of `page`, if what stands there is shaped as a tag: engines may give anything.
pub(crate) fn of_page(page: &PageText) -> Option<&str> {
    page.language.as_deref().filter(|tag| {
        let mut subtags = tag.split('-');
        let fits = |subtag: &str, allowed: fn(&u8) -> bool| {
            (1..=8).contains(&subtag.len()) && subtag.as_bytes().iter().all(allowed)
        };
        let primary = subtags.next().unwrap_or_default();
        fits(primary, u8::is_ascii_alphabetic)
            && subtags.all(|subtag| fits(subtag, u8::is_ascii_alphanumeric))
    })
}

/// The language of the first page that has one.
pub(crate) fn of_document(document: &DocumentText) -> Option<&str> {
    document.pages.iter().find_map(of_page)
}

/// Whether it is written from right to left.
pub(crate) fn is_right_to_left(tag: &str) -> bool {
    let primary = tag.split('-').next().unwrap_or_default();
    RIGHT_TO_LEFT
        .iter()
        .any(|known| known.eq_ignore_ascii_case(primary))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_tags_are_languages() {
        let page = |tag: &str| PageText::empty(1, 1, 1).with_language(tag.to_owned());
        for tag in ["de", "de-CH", "zh-Hant-TW", "es-419"] {
            assert_eq!(of_page(&page(tag)), Some(tag));
        }
        for text in ["", "de_CH", "de-", "\"><script>", "123", "unbelievable"] {
            assert_eq!(of_page(&page(text)), None, "{text}");
        }
    }

    #[test]
    fn the_direction_follows_from_the_language() {
        assert!(is_right_to_left("AR-EG") && is_right_to_left("he") && is_right_to_left("ur"));
        assert!(!is_right_to_left("en") && !is_right_to_left("arn"));
    }
}
