//! Text that XML can hold.

use std::borrow::Cow;

/// `text` without the characters that XML 1.0 forbids (section 2.2, `Char`): no escape brings them back, and one of them makes a whole
/// file unreadable. Every kind of line end is a line feed.
pub(crate) fn printable(text: &str) -> Cow<'_, str> {
    let fit = |c: char| match c {
        '\t' | '\n' => true,
        '\u{fffe}' | '\u{ffff}' => false,
        _ => c >= ' ',
    };
    if text.chars().all(fit) {
        return Cow::Borrowed(text);
    }
    let text = text.replace("\r\n", "\n").replace('\r', "\n");
    Cow::Owned(text.chars().filter(|c| fit(*c)).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_xml_forbids_is_left_out() {
        assert_eq!(printable("a\u{1}b\u{0}\u{b}c\u{ffff}\td"), "abc\td");
        assert_eq!(printable("a\r\nb\rc\nd"), "a\nb\nc\nd");
        assert!(matches!(printable("<Grüße> \u{10ffff}"), Cow::Borrowed(_)));
    }
}
