//! A font without outlines: every character of every script is there, and none is drawn.

use std::{collections::BTreeMap, fmt::Write as _};

use lopdf::{Dictionary, Document, Object, ObjectId, Stream, dictionary};

/// Width of every character in thousandths of an em.
pub(super) const ADVANCE: i64 = 500;

/// What stands for characters beyond those that a font can number.
const REPLACEMENT: char = '\u{fffd}';

/// Maximum number of mappings in a section of a CMap (Adobe Technical Note 5014).
const MAPPINGS: usize = 100;

/// Numbers of the characters of a document, in the order of Unicode, from 1.
#[derive(Debug, Default)]
pub(super) struct Glyphs(BTreeMap<char, u16>);

impl Glyphs {
    /// The glyphs for these characters, a space and a replacement among them.
    pub(super) fn of(characters: impl Iterator<Item = char>) -> Self {
        let mut glyphs: BTreeMap<char, u16> = characters.chain([' ', REPLACEMENT]).map(|c| (c, 0)).collect();
        let known = glyphs.len().min(usize::from(u16::MAX) - 1);
        for (number, glyph) in (1..).zip(glyphs.values_mut().take(known)) {
            *glyph = number;
        }
        Self(glyphs)
    }

    /// The characters of `text` as a string of a content stream, in hexadecimal.
    pub(super) fn encode(&self, text: &str) -> String {
        let fallback = self.0.get(&REPLACEMENT).copied().unwrap_or_default();
        let mut encoded = String::with_capacity(4 * text.len());
        for character in text.chars() {
            let glyph = self.0.get(&character).copied().filter(|&glyph| glyph > 0);
            let _ = write!(encoded, "{:04X}", glyph.unwrap_or(fallback));
        }
        encoded
    }

    /// Adds the font to a file.
    pub(super) fn add_font(&self, file: &mut Document) -> ObjectId {
        let program = true_type();
        let length = program.len() as i64;
        let program = file.add_object(compressed(dictionary! { "Length1" => length }, program));
        let descriptor = file.add_object(dictionary! {
            "Type" => "FontDescriptor",
            "FontName" => "OcrText",
            "Flags" => 4,
            "FontBBox" => vec![0.into(), 0.into(), ADVANCE.into(), 1000.into()],
            "ItalicAngle" => 0,
            "Ascent" => 1000,
            "Descent" => -1,
            "CapHeight" => 1000,
            "StemV" => 80,
            "FontFile2" => program,
        });
        // Every character has the one empty glyph.
        let to_glyph = [0, 1].repeat(self.0.len() + 1);
        let to_glyph = file.add_object(compressed(Dictionary::new(), to_glyph));
        let to_unicode = file.add_object(compressed(Dictionary::new(), self.to_unicode().into_bytes()));
        let descendant = file.add_object(dictionary! {
            "Type" => "Font",
            "Subtype" => "CIDFontType2",
            "BaseFont" => "OcrText",
            "CIDSystemInfo" => dictionary! {
                "Registry" => Object::string_literal("Adobe"),
                "Ordering" => Object::string_literal("Identity"),
                "Supplement" => 0,
            },
            "FontDescriptor" => descriptor,
            "DW" => ADVANCE,
            "CIDToGIDMap" => to_glyph,
        });
        file.add_object(dictionary! {
            "Type" => "Font",
            "Subtype" => "Type0",
            "BaseFont" => "OcrText",
            "Encoding" => "Identity-H",
            "DescendantFonts" => vec![descendant.into()],
            "ToUnicode" => to_unicode,
        })
    }

    /// The CMap from glyphs to Unicode (ISO 32000-1, 9.10.3).
    fn to_unicode(&self) -> String {
        let mut map = String::from(
            "/CIDInit /ProcSet findresource begin\n12 dict begin\nbegincmap\n\
             /CIDSystemInfo << /Registry (Adobe) /Ordering (UCS) /Supplement 0 >> def\n\
             /CMapName /Adobe-Identity-UCS def\n/CMapType 2 def\n\
             1 begincodespacerange\n<0000> <FFFF>\nendcodespacerange\n",
        );
        let numbered: Vec<(char, u16)> = self
            .0
            .iter()
            .map(|(&character, &glyph)| (character, glyph))
            .filter(|&(_, glyph)| glyph > 0)
            .collect();
        for section in numbered.chunks(MAPPINGS) {
            let _ = writeln!(map, "{} beginbfchar", section.len());
            for &(character, glyph) in section {
                let _ = write!(map, "<{glyph:04X}> <");
                for unit in character.encode_utf16(&mut [0; 2]) {
                    let _ = write!(map, "{unit:04X}");
                }
                map.push_str(">\n");
            }
            map.push_str("endbfchar\n");
        }
        map.push_str("endcmap\nCMapName currentdict /CMap defineresource pop\nend\nend\n");
        map
    }
}

/// A stream, compressed where that makes it smaller.
pub(super) fn compressed(dictionary: Dictionary, content: Vec<u8>) -> Stream {
    let mut stream = Stream::new(dictionary, content);
    // What cannot be compressed stays as it is.
    let _ = stream.compress();
    stream
}

/// A TrueType font program with two empty glyphs and the tables that ISO 32000-1, 9.9 asks for.
fn true_type() -> Vec<u8> {
    const EM: u16 = 1000;
    let advance = (ADVANCE as u16).to_be_bytes();
    let mut head = Vec::new();
    for word in [1, 0, 1, 0] {
        head.extend(u16::to_be_bytes(word));
    }
    // The sum that makes the whole file add up to a constant comes in at the end.
    head.extend([0; 4]);
    head.extend(0x5F0F_3CF5_u32.to_be_bytes());
    for word in [0, EM] {
        head.extend(word.to_be_bytes());
    }
    // Created and changed at no time; then box, style, smallest size, direction, and the two formats.
    head.extend([0; 16]);
    for word in [0, 0, ADVANCE as u16, EM, 0, 8, 2, 0, 0] {
        head.extend(word.to_be_bytes());
    }
    let mut hhea = vec![0, 1, 0, 0];
    for word in [EM, 0, 0, ADVANCE as u16] {
        hhea.extend(word.to_be_bytes());
    }
    hhea.extend([0; 22]);
    hhea.extend(2_u16.to_be_bytes());
    let mut maxp = vec![0, 1, 0, 0, 0, 2];
    maxp.extend([0; 26]);
    let hmtx = [advance, [0, 0], advance, [0, 0]].concat();
    let tables: [(&[u8; 4], Vec<u8>); 6] = [
        (b"glyf", vec![0; 4]),
        (b"head", head),
        (b"hhea", hhea),
        (b"hmtx", hmtx),
        (b"loca", vec![0; 6]),
        (b"maxp", maxp),
    ];
    // Version, then number of tables with what a binary search needs.
    let mut font = vec![0, 1, 0, 0];
    for word in [tables.len() as u16, 64, 2, 32] {
        font.extend(word.to_be_bytes());
    }
    let mut data = Vec::new();
    let start = font.len() + 16 * tables.len();
    let mut head_at = 0;
    for (tag, mut table) in tables {
        if tag == b"head" {
            head_at = start + data.len();
        }
        let length = table.len() as u32;
        table.resize(table.len().next_multiple_of(4), 0);
        font.extend(tag);
        font.extend(checksum(&table).to_be_bytes());
        font.extend(((start + data.len()) as u32).to_be_bytes());
        font.extend(length.to_be_bytes());
        data.extend(table);
    }
    font.extend(data);
    let adjustment = 0xB1B0_AFBA_u32.wrapping_sub(checksum(&font));
    font[head_at + 8..head_at + 12].copy_from_slice(&adjustment.to_be_bytes());
    font
}

/// Sum of the words of a table.
fn checksum(table: &[u8]) -> u32 {
    let words = table.as_chunks::<4>().0.iter();
    words.fold(0, |sum: u32, &word| sum.wrapping_add(u32::from_be_bytes(word)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn characters_beyond_the_basic_plane_map_to_two_units() {
        let glyphs = Glyphs::of("a𝄞é".chars());
        assert!(glyphs.to_unicode().contains("> <D834DD1E>\n"));
        assert_eq!(glyphs.encode("a").len(), 4);
        assert_ne!(glyphs.encode("a"), glyphs.encode("é"));
        // Not asked for, so it stands as a replacement.
        assert_eq!(glyphs.encode("z"), glyphs.encode("\u{fffd}"));
    }

    #[test]
    fn the_tables_have_the_sizes_of_the_specification() {
        let font = true_type();
        let length = |tag: &[u8]| {
            let at = font.windows(4).position(|window| window == tag).unwrap();
            u32::from_be_bytes(font[at + 12..at + 16].try_into().unwrap())
        };
        assert_eq!(
            [b"head", b"hhea", b"maxp", b"hmtx", b"loca"].map(|tag| length(tag)),
            [54, 36, 32, 8, 6]
        );
        // OpenType, "Calculating checksums".
        assert_eq!(checksum(&font), 0xB1B0_AFBA);
    }
}
