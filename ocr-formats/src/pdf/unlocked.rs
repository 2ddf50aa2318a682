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
