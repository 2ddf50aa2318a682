//! Text strings of a PDF file: UTF-16, UTF-8 or an encoding of its own (ISO 32000-2, 7.9.2.2).

/// Maximum number of bytes of a text string that are read.
const MAX_BYTES: usize = 1 << 15;

/// What the encoding of PDF (ISO 32000-1, annex D.3) has in place of the controls of Latin-1 from 0x18 to 0x1f.
const ACCENTS: [char; 8] = [
    '\u{2d8}', '\u{2c7}', '\u{2c6}', '\u{2d9}', '\u{2dd}', '\u{2db}', '\u{2da}', '\u{2dc}',
];

/// The same from 0x80 to 0xa0.
const SIGNS: [char; 33] = [
    '\u{2022}', '\u{2020}', '\u{2021}', '\u{2026}', '\u{2014}', '\u{2013}', '\u{192}', '\u{2044}',
    '\u{2039}', '\u{203a}', '\u{2212}', '\u{2030}', '\u{201e}', '\u{201c}', '\u{201d}', '\u{2018}',
    '\u{2019}', '\u{201a}', '\u{2122}', '\u{fb01}', '\u{fb02}', '\u{141}', '\u{152}', '\u{160}', '\u{178}',
    '\u{17d}', '\u{131}', '\u{142}', '\u{153}', '\u{161}', '\u{17e}', '\u{fffd}', '\u{20ac}',
];

/// The text of the bytes of a text string, of very long ones the beginning.
pub(super) fn decoded(bytes: &[u8]) -> String {
    let bytes = &bytes[..bytes.len().min(MAX_BYTES)];
    let utf16 = |bytes: &[u8], unit: fn([u8; 2]) -> u16| {
        let units = bytes.as_chunks::<2>().0.iter().map(|&pair| unit(pair));
        char::decode_utf16(units)
            .map(|char| char.unwrap_or(char::REPLACEMENT_CHARACTER))
            .collect()
    };
    match bytes {
        [0xfe, 0xff, text @ ..] => utf16(text, u16::from_be_bytes),
        // Not allowed, but written.
        [0xff, 0xfe, text @ ..] => utf16(text, u16::from_le_bytes),
        [0xef, 0xbb, 0xbf, text @ ..] => String::from_utf8_lossy(text).into_owned(),
        text => text.iter().map(|&byte| char_of(byte)).collect(),
    }
}

fn char_of(byte: u8) -> char {
    let special = match byte {
        0x18..=0x1f => ACCENTS.get(usize::from(byte - 0x18)),
        0x80..=0xa0 => SIGNS.get(usize::from(byte - 0x80)),
        _ => None,
    };
    special.copied().unwrap_or(char::from(byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_encoding_is_read() {
        assert_eq!(decoded(b"\xfe\xff\x00Z\x00\xfc"), "Z\u{fc}");
        assert_eq!(decoded(b"\xff\xfeZ\x00\xfc\x00"), "Z\u{fc}");
        assert_eq!(decoded(b"\xef\xbb\xbfZ\xc3\xbc"), "Z\u{fc}");
        assert_eq!(
            decoded(b"Z\xfc \xa0 \x84 \x1f"),
            "Z\u{fc} \u{20ac} \u{2014} \u{2dc}"
        );
    }
}
