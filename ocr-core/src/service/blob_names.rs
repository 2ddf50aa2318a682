//! From the name a user gave a file to a name to show and a name that is safe in a key.

use std::borrow::Cow;

use crate::{
    Result,
    blob::BlobKey,
    id::{FileId, UserId},
};

/// Maximum length of a display name in bytes; the column holds 255 characters.
const MAX_DISPLAY_BYTES: usize = 255;
/// Maximum length of what counts as an extension, in bytes with its dot.
const MAX_EXTENSION_BYTES: usize = 16;
/// Maximum length of a file name within a key, in bytes.
const MAX_KEY_NAME: usize = 120;

/// The name to show: the last path component, without control and direction-changing characters,
/// at most 255 bytes of which the extension is kept; `document` when nothing is left.
pub fn display_name(given: &str) -> String {
    let last = given.rsplit(['/', '\\']).next().unwrap_or_default();
    let name: String = last
        .chars()
        .filter(|character| !is_deceptive(*character))
        .collect();
    let name = shortened(name.trim());
    let name = name.trim();
    if name.is_empty() || name == "." || name == ".." {
        "document".into()
    } else {
        name.into()
    }
}

/// The name with as much of its stem as fits before its extension.
fn shortened(name: &str) -> Cow<'_, str> {
    if name.len() <= MAX_DISPLAY_BYTES {
        return name.into();
    }
    let extension = name
        .rfind('.')
        .map(|dot| &name[dot..])
        .filter(|extension| extension.len() <= MAX_EXTENSION_BYTES)
        .unwrap_or_default();
    let stem = &name[..name.floor_char_boundary(MAX_DISPLAY_BYTES - extension.len())];
    format!("{stem}{extension}").into()
}

/// Control characters, and characters that hide or reorder what a reader sees.
fn is_deceptive(character: char) -> bool {
    character.is_control()
        || matches!(character,
            '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}')
}

/// The file name reduced to `[A-Za-z0-9._-]`.
fn safe_name(display: &str) -> String {
    let mut safe = String::with_capacity(display.len());
    for character in display.chars() {
        let keep = character.is_ascii_alphanumeric() || matches!(character, '.' | '-' | '_');
        match (keep, safe.ends_with('_')) {
            (true, _) => safe.push(character),
            (false, false) => safe.push('_'),
            (false, true) => {}
        }
    }
    let safe = safe.trim_matches(['.', '_']);
    let start = safe.len().saturating_sub(MAX_KEY_NAME);
    if safe.is_empty() {
        "document".into()
    } else {
        safe[start..].to_owned()
    }
}

/// The last segment of an upload's key: `<file_id>_<safe name>`.
pub(super) fn stored_filename(file: FileId, display: &str) -> String {
    format!("{file}_{}", safe_name(display))
}

/// The key of an upload: `uploads/<user_id>/<file_id>_<safe name>`.
pub(super) fn upload_key(owner: UserId, stored_filename: &str) -> Result<BlobKey> {
    format!("uploads/{owner}/{stored_filename}").parse()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use uuid::Uuid;

    #[test]
    fn names_are_shown_without_their_tricks() {
        assert_eq!(display_name("../../etc/passwd"), "passwd");
        assert_eq!(display_name("C:\\scans\\bill.pdf"), "bill.pdf");
        assert_eq!(display_name("in\u{202e}fdp.exe"), "infdp.exe");
        assert_eq!(display_name("a\r\nb\0.pdf"), "ab.pdf");
        assert_eq!(display_name("Überweisung März.pdf"), "Überweisung März.pdf");
        assert_eq!(display_name(".."), "document");
        assert_eq!(display_name(""), "document");
    }

    #[test]
    fn a_long_name_keeps_its_extension() {
        let long = display_name(&format!("{}.pdf", "n".repeat(400)));
        assert_eq!(long.len(), MAX_DISPLAY_BYTES);
        assert!(long.ends_with("nn.pdf"));
        let wide = display_name(&format!("{}.tiff", "日".repeat(400)));
        assert!(wide.len() <= MAX_DISPLAY_BYTES && wide.ends_with("日.tiff"));
        let none = display_name(&format!("a.{}", "x".repeat(400)));
        assert_eq!(none.len(), MAX_DISPLAY_BYTES);
    }

    #[test]
    fn keys_hold_safe_characters_only() {
        assert_eq!(safe_name("Überweisung (März).pdf"), "berweisung_M_rz_.pdf");
        assert_eq!(safe_name("日本.pdf"), "pdf");
        assert_eq!(safe_name("😀"), "document");
    }

    proptest! {
        #[test]
        fn every_name_gives_a_key(name in ".*") {
            let display = display_name(&name);
            prop_assert!(!display.is_empty() && display.len() <= MAX_DISPLAY_BYTES);
            let stored = stored_filename(FileId(Uuid::nil()), &display);
            prop_assert!(upload_key(UserId(Uuid::nil()), &stored).is_ok());
        }
    }
}
