//! A PDF without its password.

use lopdf::{Document, LoadOptions};
use ocr_core::{Error, ErrorKind};

use super::existing::MAX_STREAM;

/// The file as it is without its protection. The password is part of no error.
pub(crate) fn unlocked(original: &[u8], password: &str) -> Result<Vec<u8>, Error> {
    let mut options = LoadOptions::with_max_decompressed_size(MAX_STREAM);
    options.password = Some(password.to_owned());
    let mut file = Document::load_mem_with_options(original, options).map_err(refused)?;
    // What is written as it was read needs nothing of what protected it.
    if file.is_encrypted() {
        return Err(refused(lopdf::Error::InvalidPassword));
    }
    file.encryption_state = None;
    let mut bytes = Vec::with_capacity(original.len());
    file.save_to(&mut bytes).map_err(|error| refused(error.into()))?;
    Ok(bytes)
}

fn refused(error: lopdf::Error) -> Error {
    match error {
        lopdf::Error::InvalidPassword => {
            Error::new(ErrorKind::PasswordRequired, "this password does not open the PDF")
        }
        error => Error::new(
            ErrorKind::InvalidInput,
            "the PDF cannot be opened with a password: its structure cannot be read",
        )
        .with_source(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ocr_testkit::documents::{PASSWORD, encrypted_pdf, locked_pdf, text_pdf};

    fn text(bytes: Vec<u8>) -> String {
        let document = ocr_documents::Document::open(bytes, ocr_documents::Limits::default()).unwrap();
        let page = document.drawn_text(0).unwrap().expect("a PDF");
        let words: Vec<&str> = page.words().map(|word| word.text.as_str()).collect();
        words.join(" ")
    }

    #[test]
    fn the_right_password_opens_and_no_other_does() {
        let bytes = unlocked(&locked_pdf(), PASSWORD).unwrap();
        assert_eq!(text(bytes), "Opened with its password");
        for (file, password) in [
            (locked_pdf(), ""),
            (locked_pdf(), "open"),
            (encrypted_pdf(), PASSWORD),
        ] {
            let error = unlocked(&file, password).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::PasswordRequired);
            assert!(password.is_empty() || !format!("{error:?}").contains(&format!("{password:?}")));
        }
    }

    #[test]
    fn what_needs_no_password_is_given_as_it_is_and_garbage_is_refused() {
        assert_eq!(text(unlocked(&text_pdf(&["open"]), "any").unwrap()), "open");
        let error = unlocked(b"%PDF-1.7 and no more", PASSWORD).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidInput);
    }
}
