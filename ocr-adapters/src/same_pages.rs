//! Which stored pages were taken over.

/// What the stored JSON of a page holds exactly when its text was taken over from another page: a quote within a text is
/// escaped, so that no text looks like it.
pub(crate) const TAKEN_OVER: &str = "\"sameAs\":";

#[cfg(test)]
mod tests {
    use ocr_core::{
        id::TaskId,
        model::{PageText, SamePage},
    };

    use super::TAKEN_OVER;

    #[test]
    fn pages_that_were_taken_over_are_told_apart() {
        let stored = |page: &PageText| serde_json::to_string(page).unwrap();
        let read = PageText::empty(1, 100, 100).with_warnings(vec![TAKEN_OVER.to_owned()]);
        assert!(!stored(&read).contains(TAKEN_OVER));
        let same = SamePage::new(TaskId(uuid::Uuid::from_u128(1)), 1);
        assert!(stored(&read.with_same_as(same)).contains(TAKEN_OVER));
    }
}
