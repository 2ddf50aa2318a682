//! Which rows are dead letters.

/// Condition on a task `t`: it failed, and its document is not to blame. The codes are those of
/// [`DOCUMENT_FAULTS`](ocr_core::model::DOCUMENT_FAULTS).
pub(crate) const DEAD_LETTERS: &str = " AND t.status = 'failed' AND (t.error_code IS NULL OR t.error_code NOT IN \
     ('invalid_input', 'password_required', 'unsupported', 'unsupported_media_type', 'too_large', \
     'too_many_pages', 'too_many_pixels', 'out_of_memory', 'out_of_time'))";

#[cfg(test)]
mod tests {
    use ocr_core::model::DOCUMENT_FAULTS;

    use super::DEAD_LETTERS;

    #[test]
    fn the_condition_names_what_documents_are_to_blame_for() {
        let codes: Vec<String> = DOCUMENT_FAULTS.iter().map(|code| format!("'{code}'")).collect();
        assert!(
            DEAD_LETTERS.contains(&format!("({})", codes.join(", "))),
            "{DEAD_LETTERS}"
        );
    }
}
