//! Text as it is compared: without case, accents, ligatures and width, and with one form for letters that are written
//! in several.

use unicode_normalization::UnicodeNormalization;

/// `text` folded: compatibility forms taken apart (NFKC: ligatures, full width), small letters, accents away (NFD
/// without marks), one form for variants of Arabic letters and for digits. What separates words stays.
pub fn fold(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    for c in text.nfkc() {
        if is_unspaced(c) {
            folded.push(c);
            continue;
        }
        for part in std::iter::once(c).nfd().filter(|part| !is_accent(*part)) {
            for small in part.to_lowercase() {
                push(small, &mut folded);
            }
        }
    }
    folded
}

/// Appends what a small letter without accents is compared as.
fn push(c: char, folded: &mut String) {
    match c {
        'ß' => folded.push_str("ss"),
        'æ' => folded.push_str("ae"),
        'œ' => folded.push_str("oe"),
        'þ' => folded.push_str("th"),
        'ø' => folded.push('o'),
        'đ' | 'ð' => folded.push('d'),
        'ł' => folded.push('l'),
        'ħ' => folded.push('h'),
        'ı' => folded.push('i'),
        'ς' => folded.push('σ'),
        // Arabic: the letters of Persian keyboards, alef without its hamza, and what ends a word.
        'ٱ' => folded.push('ا'),
        'ى' | 'ی' => folded.push('ي'),
        'ة' => folded.push('ه'),
        'ک' => folded.push('ك'),
        '٠'..='٩' => push_digit(c, '٠', folded),
        '۰'..='۹' => push_digit(c, '۰', folded),
        _ if is_ignored(c) => {}
        _ => folded.push(c),
    }
}

fn push_digit(c: char, zero: char, folded: &mut String) {
    folded.extend(char::from_digit(u32::from(c) - u32::from(zero), 10));
}

/// Accents of letters: combining marks of the general blocks, and the vowel points of Hebrew and Arabic. Marks that
/// spell the word, as the vowels of Indic scripts do, are none.
fn is_accent(c: char) -> bool {
    matches!(c,
        '\u{300}'..='\u{36f}' | '\u{1ab0}'..='\u{1aff}' | '\u{1dc0}'..='\u{1dff}' | '\u{20d0}'..='\u{20ff}'
        | '\u{591}'..='\u{5bd}' | '\u{5bf}' | '\u{5c1}' | '\u{5c2}' | '\u{5c4}' | '\u{5c5}' | '\u{5c7}'
        | '\u{610}'..='\u{61a}' | '\u{64b}'..='\u{65f}' | '\u{670}' | '\u{6d6}'..='\u{6dc}'
        | '\u{6df}'..='\u{6e4}' | '\u{6e7}' | '\u{6e8}' | '\u{6ea}'..='\u{6ed}')
}

/// Characters that show nothing, or stretch a word: soft hyphen, joiners, directions, tatweel; and those of private
/// use, two of which have a meaning of their own among tokens.
fn is_ignored(c: char) -> bool {
    matches!(c,
        '\u{ad}' | '\u{640}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}'
        | '\u{feff}' | '\u{fe00}'..='\u{fe0f}' | '\u{e000}'..='\u{f8ff}' | '\0')
}

/// Whether a folded character belongs to a word and does not separate two.
pub(super) fn is_of_word(c: char) -> bool {
    c.is_alphanumeric() || unicode_normalization::char::is_combining_mark(c)
}

/// Characters of scripts that put no spaces between words: ideographs and kana, and Hangul, whose spaces part
/// phrases more than words.
pub(super) fn is_unspaced(c: char) -> bool {
    matches!(c,
        '\u{1100}'..='\u{11ff}' | '\u{3005}'..='\u{3007}' | '\u{3041}'..='\u{3096}' | '\u{309d}'..='\u{309f}'
        | '\u{30a1}'..='\u{30fa}' | '\u{30fc}'..='\u{30ff}' | '\u{3105}'..='\u{312f}' | '\u{3400}'..='\u{4dbf}'
        | '\u{4e00}'..='\u{9fff}' | '\u{ac00}'..='\u{d7a3}' | '\u{f900}'..='\u{faff}'
        | '\u{20000}'..='\u{3134f}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_looks_alike_is_alike() {
        for (text, folded) in [
            ("Größe ÀÉÎ", "grosse aei"),
            ("e\u{301}t\u{e9}", "ete"),
            ("oﬃce ﬁne", "office fine"),
            ("ＡＢＣ１２３", "abc123"),
            ("İstanbul ıslak", "istanbul islak"),
            ("Σίσυφος", "σισυφοσ"),
            ("أحمد إلى مدرسة كِتَاب", "احمد الي مدرسه كتاب"),
            ("٢٠٢٦ ۲۰", "2026 20"),
            ("ｶﾞｷﾞ がぎ", "ガギ がぎ"),
            ("co\u{ad}operate", "cooperate"),
            ("हिन्दी", "हिन्दी"),
        ] {
            assert_eq!(fold(text), folded, "{text}");
        }
    }

    proptest::proptest! {
        #[test]
        fn nothing_that_is_not_compared_is_left(text in ".*") {
            let folded = fold(&text);
            proptest::prop_assert!(!folded.chars().any(|c| is_accent(c) || is_ignored(c)));
        }
    }
}
