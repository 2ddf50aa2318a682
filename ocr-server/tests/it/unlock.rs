//! Passwords of documents, without a server.

use ocr_core::{ErrorKind, formats::DocumentFormats};
use ocr_formats::Formats;
use ocr_testkit::documents::{PASSWORD, encrypted_pdf, locked_pdf, text_pdf};

fn unlock(file: &[u8], password: &str) -> ocr_core::Result<Vec<u8>> {
    Formats::standard().unlock(file, password)
}

#[test]
fn the_right_password_opens_and_no_other_does() {
    let open = unlock(&locked_pdf(), PASSWORD).unwrap();
    let holds = |wanted: &[u8]| open.windows(wanted.len()).any(|part| part == wanted);
    assert!(holds(b"Opened with its password") && !holds(b"/Encrypt "));
    for (file, password) in [
        (locked_pdf(), ""),
        (locked_pdf(), "open"),
        (encrypted_pdf(), PASSWORD),
    ] {
        let error = unlock(&file, password).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::PasswordRequired, "{error:?}");
    }
}

#[test]
fn what_needs_no_password_stays_readable_and_garbage_is_refused() {
    let open = unlock(&text_pdf(&["open"]), "any").unwrap();
    assert!(open.starts_with(b"%PDF-"));
    let error = unlock(b"%PDF-1.7 and no more", PASSWORD).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidInput);
}

/// What is opened twice is one document: the second time is found out by its bytes.
#[test]
fn the_same_file_is_opened_to_the_same_bytes() {
    let open = || unlock(&locked_pdf(), PASSWORD).unwrap();
    assert_eq!(open(), open());
}
