//! The fields of an upload's form that are not files.

use std::collections::HashSet;

use axum::extract::multipart::Field;

use crate::http::error::{ApiError, shown};

/// Every field, and whether it may be sent several times.
const KNOWN: [(&str, bool); 9] = [
    ("userId", false),
    ("engine", false),
    ("languages", false),
    ("pages", false),
    ("features", false),
    ("queries", true),
    ("textLayer", false),
    ("readAgain", false),
    ("deadlineSeconds", false),
];
/// Another spelling of `userId`.
const OLDER_USER_ID: &str = "user_id";
/// Most fields of one form.
const MAX_FIELDS: usize = 50;
/// Most bytes of a field.
const MAX_FIELD_BYTES: usize = 4096;

/// Reads the fields of one form, and refuses what none of them is.
#[derive(Debug, Default)]
pub(super) struct Fields {
    seen: HashSet<&'static str>,
    count: usize,
}

impl Fields {
    /// The name and the value of a field.
    ///
    /// # Errors
    /// `InvalidInput` for a name that is not known or came before, for too many fields, and for a value that
    /// is too long or no text.
    pub(super) async fn read(&mut self, field: Field<'_>) -> Result<(String, String), ApiError> {
        let name = self.take(field.name().unwrap_or_default())?;
        Ok((name.to_owned(), text(name, field).await?))
    }

    fn take(&mut self, given: &str) -> Result<&'static str, ApiError> {
        self.count += 1;
        if self.count > MAX_FIELDS {
            return Err(ApiError::invalid(format!(
                "the form has more than {MAX_FIELDS} fields"
            )));
        }
        let meant = if given == OLDER_USER_ID { "userId" } else { given };
        let Some(&(name, several)) = KNOWN.iter().find(|(name, _)| *name == meant) else {
            let shown = shown(given);
            let known = KNOWN.map(|(name, _)| name).join(", ");
            return Err(ApiError::invalid(format!(
                "the field {shown} of the form is not known; send files as file, and {known}"
            )));
        };
        if !self.seen.insert(name) && !several {
            return Err(ApiError::invalid(format!(
                "the field {name} of the form is given more than once"
            )));
        }
        Ok(name)
    }
}

async fn text(name: &str, mut field: Field<'_>) -> Result<String, ApiError> {
    let mut bytes = Vec::new();
    while let Some(piece) = field.chunk().await? {
        if bytes.len() + piece.len() > MAX_FIELD_BYTES {
            return Err(ApiError::invalid(format!(
                "the field {name} of the form has more than {MAX_FIELD_BYTES} bytes"
            )));
        }
        bytes.extend_from_slice(&piece);
    }
    String::from_utf8(bytes)
        .map_err(|_| ApiError::invalid(format!("the field {name} of the form is not UTF-8 text")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_is_known_and_comes_once() {
        let mut fields = Fields::default();
        for name in ["user_id", "engine", "queries", "queries"] {
            fields.take(name).unwrap();
        }
        let refused = |fields: &mut Fields, name: &str, part: &str| {
            let detail = fields.take(name).unwrap_err().detail();
            assert!(detail.contains(part), "{detail}");
        };
        refused(
            &mut fields,
            "userId",
            "userId of the form is given more than once",
        );
        refused(&mut fields, "engine", "more than once");
        refused(
            &mut fields,
            "lang",
            "lang of the form is not known; send files as file, and userId",
        );
        refused(&mut fields, "", "not known");
    }
}
