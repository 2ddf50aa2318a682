//! Tag lists of TIFF files and EXIF blocks, and the resolutions that picture files state.

use ocr_documents::fuzzing;

use crate::{Seed, Target};

pub(crate) const TARGET: Target = Target {
    name: "metadata",
    run: metadata,
    seeds,
    words: &[
        b"II\x2a\0",
        b"MM\0\x2a",
        b"II\x2b\0\x08\0\0\0",
        b"MM\0\x2b\0\x08\0\0",
        b"Exif\0\0",
        b"JFIF\0",
        b"\xff\xe0",
        b"\xff\xff\xff\xff\xff\xff\xff\xff",
        b"\0\0\0\x08",
        b"\x01\x12\0\x03",
        b"\x12\x01\x03\0",
    ],
    mutations: 6000,
};

/// Reads `bytes` as every kind of metadata.
///
/// # Panics
/// When a parser does, or reads more values than it may.
pub fn metadata(bytes: &[u8]) {
    fuzzing::metadata(bytes);
}

/// An entry of a directory: tag, type, count and value or offset, in the byte order of `number`.
fn entry(number: fn(u64, usize) -> Vec<u8>, word: usize, [tag, kind, count, value]: [u64; 4]) -> Vec<u8> {
    let mut entry = number(tag, 2);
    entry.extend(number(kind, 2));
    entry.extend(number(count, word));
    // A short value stands at the beginning of its place.
    let short = if kind == 3 && count == 1 { 2 } else { word };
    let mut value = number(value, short);
    value.resize(word, 0);
    entry.extend(value);
    entry
}

fn big_endian(value: u64, length: usize) -> Vec<u8> {
    value.to_be_bytes()[8 - length..].to_vec()
}

fn little_endian(value: u64, length: usize) -> Vec<u8> {
    value.to_le_bytes()[..length].to_vec()
}

/// A directory behind the header of a classic file: orientation 6, 300 dots per inch, two strips, and a link.
fn classic(start: &[u8], number: fn(u64, usize) -> Vec<u8>, next: u64) -> Vec<u8> {
    let mut file = start.to_vec();
    file.extend(number(8, 4));
    file.extend(number(6, 2));
    let behind = 8 + 2 + 6 * 12 + 4;
    for tag in [
        [274, 3, 1, 6],
        [282, 5, 1, behind],
        [283, 5, 1, behind],
        [296, 3, 1, 2],
        [273, 4, 2, behind + 8],
        [320, 3, 3, behind + 8],
    ] {
        file.extend(entry(number, 4, tag));
    }
    file.extend(number(next, 4));
    for value in [300, 1, 8, 16] {
        file.extend(number(value, 4));
    }
    file
}

/// The same in a file with wide offsets.
fn big(start: &[u8], number: fn(u64, usize) -> Vec<u8>) -> Vec<u8> {
    let mut file = start.to_vec();
    for (value, length) in [(8, 2), (0, 2), (16, 8), (3, 8)] {
        file.extend(number(value, length));
    }
    for tag in [
        [274, 3, 1, 8],
        [282, 5, 1, 0x0000_0001_0000_012c],
        [273, 16, 1, 8],
    ] {
        file.extend(entry(number, 8, tag));
    }
    file.extend(number(16, 8));
    file
}

fn seeds() -> Vec<Seed> {
    let little = classic(b"II\x2a\0", little_endian, 0);
    vec![
        ("exif", [b"Exif\0\0", &little[..]].concat()),
        ("little", little),
        ("big", classic(b"MM\0\x2a", big_endian, 0)),
        ("circle", classic(b"MM\0\x2a", big_endian, 8)),
        ("wide-little", big(b"II\x2b\0", little_endian)),
        ("wide-big", big(b"MM\0\x2b", big_endian)),
        (
            "jfif",
            b"\xff\xd8\xff\xfe\0\x04no\xff\xe0\0\x10JFIF\0\x01\x02\x01\x01\x2c\x01\x2c\0\0".to_vec(),
        ),
        ("phys", b"\0\0\x2e\x23\0\0\x2e\x23\x01".to_vec()),
    ]
}
