//! Broken copies of good documents of our own making.

use fastrand::Rng;

use crate::documents::Document;

/// Width and height of the pictures.
const SIDE: u32 = 48;
/// Maximum number of bytes that are changed at once.
const FLIPS: usize = 12;
/// Numbers that a length, a count or a size should not be.
const NUMBERS: [&[u8]; 6] = [
    b"0",
    b"-1",
    b"65536",
    b"2147483648",
    b"99999999999999999999",
    b"1e309",
];

/// Good documents, by the ends of their names.
pub(super) fn originals(random: &mut Rng) -> Vec<(&'static str, Vec<u8>)> {
    vec![
        ("pdf", Document::new(1, 1, random).bytes),
        ("pdf", Document::new(2, 3, random).bytes),
        ("png", png()),
        ("bmp", bmp()),
        ("tiff", tiff()),
    ]
}

/// A mutant: some original, changed one to three times. Says of which type it was.
pub(super) fn mutant(originals: &[(&'static str, Vec<u8>)], random: &mut Rng) -> (&'static str, Vec<u8>) {
    let (extension, original) = &originals[random.usize(..originals.len())];
    let mut bytes = original.clone();
    for _ in 0..random.usize(1..=3) {
        change(&mut bytes, originals, random);
    }
    (extension, bytes)
}

fn change(bytes: &mut Vec<u8>, originals: &[(&'static str, Vec<u8>)], random: &mut Rng) {
    let at = random.usize(..=bytes.len());
    match random.u32(..6) {
        0 => flip(bytes, random),
        1 => bytes.truncate(at),
        2 => {
            let (_, other) = &originals[random.usize(..originals.len())];
            bytes.truncate(at);
            bytes.extend(&other[random.usize(..other.len())..]);
        }
        3 => {
            let piece = bytes[at..(at + random.usize(..512)).min(bytes.len())].to_vec();
            let to = random.usize(..=bytes.len());
            bytes.splice(to..to, piece);
        }
        4 => {
            let noise: Vec<u8> = (0..random.usize(1..64)).map(|_| random.u8(..)).collect();
            bytes.splice(at..at, noise);
        }
        _ => renumber(bytes, random),
    }
}

fn flip(bytes: &mut [u8], random: &mut Rng) {
    for _ in 0..random.usize(1..=FLIPS) {
        if !bytes.is_empty() {
            let at = random.usize(..bytes.len());
            bytes[at] ^= 1 << random.u32(..8);
        }
    }
}

/// Puts another number in place of one that is written in digits.
fn renumber(bytes: &mut Vec<u8>, random: &mut Rng) {
    let starts: Vec<usize> = (0..bytes.len())
        .filter(|&at| bytes[at].is_ascii_digit() && (at == 0 || !bytes[at - 1].is_ascii_digit()))
        .collect();
    if starts.is_empty() {
        return flip(bytes, random);
    }
    let start = starts[random.usize(..starts.len())];
    let digits = bytes[start..]
        .iter()
        .take_while(|byte| byte.is_ascii_digit())
        .count();
    bytes.splice(
        start..start + digits,
        NUMBERS[random.usize(..NUMBERS.len())].iter().copied(),
    );
}

/// Grey levels of a picture with a frame.
fn pixels() -> Vec<u8> {
    let is_frame = |at: u32| at % (SIDE - 8) < 4;
    let all = (0..SIDE).flat_map(|y| (0..SIDE).map(move |x| (x, y)));
    all.map(|(x, y)| if is_frame(x) || is_frame(y) { 0 } else { 255 })
        .collect()
}

/// An 8-bit grey PNG, not compressed (RFC 1951, section 3.2.4).
fn png() -> Vec<u8> {
    let mut rows = Vec::new();
    for row in pixels().chunks(SIDE as usize) {
        rows.push(0);
        rows.extend(row);
    }
    let length = rows.len() as u16;
    let mut data = vec![0x78, 0x01, 1];
    data.extend(length.to_le_bytes());
    data.extend((!length).to_le_bytes());
    data.extend(&rows);
    let (low, high) = rows.iter().fold((1u32, 0u32), |(low, high), byte| {
        let low = (low + u32::from(*byte)) % 65521;
        (low, (high + low) % 65521)
    });
    data.extend((high << 16 | low).to_be_bytes());
    let mut header = Vec::new();
    header.extend(SIDE.to_be_bytes());
    header.extend(SIDE.to_be_bytes());
    header.extend([8, 0, 0, 0, 0]);
    let mut file = b"\x89PNG\r\n\x1a\n".to_vec();
    for (kind, body) in [(b"IHDR", &header), (b"IDAT", &data), (b"IEND", &Vec::new())] {
        let checked: Vec<u8> = kind.iter().chain(body).copied().collect();
        file.extend((body.len() as u32).to_be_bytes());
        file.extend(&checked);
        file.extend(crc32(&checked).to_be_bytes());
    }
    file
}

/// The checksum of PNG.
fn crc32(bytes: &[u8]) -> u32 {
    let step = |crc: u32| {
        if crc & 1 == 1 {
            0xedb8_8320 ^ (crc >> 1)
        } else {
            crc >> 1
        }
    };
    let sum = bytes.iter().fold(u32::MAX, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| step(crc))
    });
    !sum
}

/// A 24-bit BMP.
fn bmp() -> Vec<u8> {
    let body: Vec<u8> = pixels().iter().flat_map(|&level| [level; 3]).collect();
    let mut file = b"BM".to_vec();
    file.extend((54 + body.len() as u32).to_le_bytes());
    file.extend([0; 4]);
    for number in [54, 40, SIDE, SIDE] {
        file.extend(number.to_le_bytes());
    }
    file.extend([1, 0, 24, 0]);
    file.extend([0; 24]);
    file.extend(body);
    file
}

/// An 8-bit grey TIFF of one strip.
fn tiff() -> Vec<u8> {
    const ENTRIES: [(u16, u32); 9] = [
        (256, SIDE),
        (257, SIDE),
        (258, 8),
        (259, 1),
        (262, 1),
        // The strip comes after the header of 8 bytes and the directory.
        (273, 8 + 2 + 9 * 12 + 4),
        (277, 1),
        (278, SIDE),
        (279, SIDE * SIDE),
    ];
    let mut file = b"II*\0\x08\0\0\0\x09\0".to_vec();
    for (tag, value) in ENTRIES {
        file.extend(tag.to_le_bytes());
        file.extend(4u16.to_le_bytes());
        file.extend(1u32.to_le_bytes());
        file.extend(value.to_le_bytes());
    }
    file.extend([0; 4]);
    file.extend(pixels());
    file
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_repeats_its_mutants_and_they_differ() {
        let made = |seed| {
            let mut random = Rng::with_seed(seed);
            let originals = originals(&mut random);
            (0..50)
                .map(|_| mutant(&originals, &mut random).1)
                .collect::<Vec<_>>()
        };
        assert_eq!(made(3), made(3));
        assert_ne!(made(3), made(4));
        let mut all = made(3);
        all.sort();
        all.dedup();
        assert!(all.len() > 40, "{}", all.len());
    }

    #[test]
    fn the_checksum_is_that_of_png() {
        assert_eq!(crc32(b"IEND"), 0xae42_6082);
    }
}
