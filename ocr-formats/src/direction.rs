//! The direction of text.

/// Whether most letters of `text` are of scripts that are written from right to left.
pub(crate) fn is_right_to_left(text: &str) -> bool {
    let letters = || text.chars().filter(|c| c.is_alphabetic());
    2 * letters().filter(|c| is_leftward(*c)).count() > letters().count()
}

/// Whether a letter is Hebrew, Arabic, Syriac, Thaana or of their presentation forms.
fn is_leftward(letter: char) -> bool {
    matches!(letter, '\u{590}'..='\u{8ff}' | '\u{fb1d}'..='\u{fdff}' | '\u{fe70}'..='\u{fefc}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn most_letters_decide() {
        assert!(is_right_to_left("שלום עולם abc"));
        assert!(is_right_to_left("فاتورة رقم 7"));
        assert!(!is_right_to_left("said שלום to us"));
        assert!(!is_right_to_left("12.50"));
    }
}
