//! The colour space sRGB as an ICC profile, computed from what defines it.
//!
//! The layout is that of ICC.1:2004-10 (version 4.2), the newest that PDF 1.7 and so PDF/A-2 read: a display profile of
//! three primaries and one curve. Numbers are those of IEC 61966-2-1, adapted to the white point D50 of profiles with the
//! linear Bradford transform of annex E.

/// Chromaticities x, y of red, green and blue (IEC 61966-2-1, table 1, those of ITU-R BT.709).
const PRIMARIES: [[f64; 2]; 3] = [[0.64, 0.33], [0.30, 0.60], [0.15, 0.06]];

/// Chromaticity of the white of a display, D65 (IEC 61966-2-1, table 1).
const D65: [f64; 2] = [0.3127, 0.3290];

/// White of the space that connects profiles, D50, as X, Y, Z (ICC.1:2004-10, 6.3.4.3).
const D50: [f64; 3] = [0.9642, 1.0, 0.8249];

/// The cone responses of Bradford (ICC.1:2004-10, annex E).
const BRADFORD: Matrix = [
    [0.8951, 0.2664, -0.1614],
    [-0.7502, 1.7135, 0.0367],
    [0.0389, -0.0685, 1.0296],
];

/// From a component to light: `((x + 0.055) / 1.055)^2.4` from 0.04045 on, and `x / 12.92` below (IEC 61966-2-1, 5.2).
/// In the order of a parametric curve of type 3 (ICC.1:2004-10, 10.15): g, a, b, c, d.
const CURVE: [f64; 5] = [2.4, 1.0 / 1.055, 0.055 / 1.055, 1.0 / 12.92, 0.04045];

/// Number of bytes of the header of a profile (ICC.1:2004-10, 7.2).
const HEADER: usize = 128;

/// Name of the profile.
pub(super) const NAME: &str = "sRGB IEC61966-2.1";

type Matrix = [[f64; 3]; 3];

/// The profile, always of the same bytes.
pub(super) fn srgb() -> Vec<u8> {
    let adaptation = adaptation();
    let colorants = times(&adaptation, &to_xyz());
    let column = |index: usize| xyz([0, 1, 2].map(|row: usize| colorants[row][index]));
    let curve = parametric_curve();
    let tags: [(&[u8; 4], Vec<u8>); 10] = [
        (b"desc", text(NAME)),
        (b"cprt", text("No copyright, use freely")),
        (b"wtpt", xyz(D50)),
        (b"chad", fixed_array(adaptation.as_flattened())),
        (b"rXYZ", column(0)),
        (b"gXYZ", column(1)),
        (b"bXYZ", column(2)),
        (b"rTRC", curve.clone()),
        (b"gTRC", curve.clone()),
        (b"bTRC", curve),
    ];
    assembled(&tags)
}

/// Header, table of tags, and their data; data that several tags share is there once.
fn assembled(tags: &[(&[u8; 4], Vec<u8>)]) -> Vec<u8> {
    let start = HEADER + 4 + 12 * tags.len();
    let (mut table, mut data) = (Vec::new(), Vec::new());
    let mut places: Vec<(&[u8], usize)> = Vec::new();
    for (signature, content) in tags {
        let known = places.iter().find(|(known, _)| known == content);
        let place = known.map_or(start + data.len(), |(_, place)| *place);
        if known.is_none() {
            places.push((content, place));
            data.extend(content);
            data.resize(data.len().next_multiple_of(4), 0);
        }
        table.extend(*signature);
        table.extend((place as u32).to_be_bytes());
        table.extend((content.len() as u32).to_be_bytes());
    }
    let mut profile = header(start + data.len());
    profile.extend((tags.len() as u32).to_be_bytes());
    profile.extend(table);
    profile.extend(data);
    profile
}

/// The header of a profile of `size` bytes (ICC.1:2004-10, 7.2). It names no maker and no module.
fn header(size: usize) -> Vec<u8> {
    let mut header = vec![0; HEADER];
    header[..4].copy_from_slice(&(size as u32).to_be_bytes());
    // Version 4.2.0.
    header[8..12].copy_from_slice(&[4, 0x20, 0, 0]);
    header[12..16].copy_from_slice(b"mntr");
    header[16..20].copy_from_slice(b"RGB ");
    header[20..24].copy_from_slice(b"XYZ ");
    // Made when the version of the format was: the same profile each time. Year, month, day.
    for (place, number) in [(24, 2004_u16), (26, 10), (28, 1)] {
        header[place..place + 2].copy_from_slice(&number.to_be_bytes());
    }
    header[36..40].copy_from_slice(b"acsp");
    // The rendering intent at 64 is 0, perceptual; the white at 68 is that of the connection space.
    for (index, number) in D50.into_iter().enumerate() {
        header[68 + 4 * index..][..4].copy_from_slice(&fixed(number));
    }
    header
}

/// A number as `s15Fixed16Number` (ICC.1:2004-10, 5.1.3).
fn fixed(number: f64) -> [u8; 4] {
    ((number * 65536.0).round() as i32).to_be_bytes()
}

/// An `XYZType` (ICC.1:2004-10, 10.27).
fn xyz(numbers: [f64; 3]) -> Vec<u8> {
    typed(*b"XYZ ", &numbers)
}

/// An `s15Fixed16ArrayType` (ICC.1:2004-10, 10.18).
fn fixed_array(numbers: &[f64]) -> Vec<u8> {
    typed(*b"sf32", numbers)
}

fn typed(signature: [u8; 4], numbers: &[f64]) -> Vec<u8> {
    let mut data = signature.to_vec();
    data.extend([0; 4]);
    data.extend(numbers.iter().flat_map(|number| fixed(*number)));
    data
}

/// A `parametricCurveType` of function 3 (ICC.1:2004-10, 10.15).
fn parametric_curve() -> Vec<u8> {
    let mut data = b"para\0\0\0\0\0\x03\0\0".to_vec();
    data.extend(CURVE.iter().flat_map(|number| fixed(*number)));
    data
}

/// A `multiLocalizedUnicodeType` of one English text (ICC.1:2004-10, 10.13).
fn text(text: &str) -> Vec<u8> {
    const RECORD: u32 = 12;
    const START: u32 = 16 + RECORD;
    let units: Vec<u8> = text.encode_utf16().flat_map(u16::to_be_bytes).collect();
    let mut data = b"mluc\0\0\0\0".to_vec();
    for number in [1, RECORD] {
        data.extend(number.to_be_bytes());
    }
    data.extend(b"enUS");
    for number in [units.len() as u32, START] {
        data.extend(number.to_be_bytes());
    }
    data.extend(units);
    data
}

/// From linear sRGB to X, Y, Z under its own white: primaries so strong that they add up to white.
fn to_xyz() -> Matrix {
    let mut columns = [[0.0; 3]; 3];
    for (index, [x, y]) in PRIMARIES.into_iter().enumerate() {
        let color = [x / y, 1.0, (1.0 - x - y) / y];
        for row in 0..3 {
            columns[row][index] = color[row];
        }
    }
    let strengths = applied(&inverse(&columns), white());
    columns.map(|row| [0, 1, 2].map(|index: usize| row[index] * strengths[index]))
}

/// The white of a display as X, Y, Z.
fn white() -> [f64; 3] {
    let [x, y] = D65;
    [x / y, 1.0, (1.0 - x - y) / y]
}

/// From the white of a display to that of profiles.
fn adaptation() -> Matrix {
    let (from, to) = (applied(&BRADFORD, white()), applied(&BRADFORD, D50));
    let mut scaled = BRADFORD;
    for (row, gain) in scaled
        .iter_mut()
        .zip([0, 1, 2].map(|index: usize| to[index] / from[index]))
    {
        *row = row.map(|number| number * gain);
    }
    times(&inverse(&BRADFORD), &scaled)
}

fn applied(matrix: &Matrix, vector: [f64; 3]) -> [f64; 3] {
    matrix.map(|row| row[0] * vector[0] + row[1] * vector[1] + row[2] * vector[2])
}

fn times(a: &Matrix, b: &Matrix) -> Matrix {
    a.map(|row| [0, 1, 2].map(|column: usize| (0..3).map(|k| row[k] * b[k][column]).sum()))
}

/// By the adjugate; the matrices here are none that have no inverse.
fn inverse(matrix: &Matrix) -> Matrix {
    let minor = |row: usize, column: usize| {
        let next = |index: usize, step: usize| (index + step) % 3;
        let at = |down: usize, right: usize| matrix[next(row, down)][next(column, right)];
        at(1, 1) * at(2, 2) - at(1, 2) * at(2, 1)
    };
    let determinant: f64 = (0..3).map(|column| matrix[0][column] * minor(0, column)).sum();
    [0, 1, 2].map(|row: usize| [0, 1, 2].map(|column: usize| minor(column, row) / determinant))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn number(bytes: &[u8]) -> u32 {
        u32::from_be_bytes(bytes.try_into().unwrap())
    }

    fn tag(profile: &[u8], signature: &[u8]) -> Vec<f64> {
        let entry = profile[HEADER + 4..]
            .chunks(12)
            .find(|entry| &entry[..4] == signature)
            .unwrap();
        let (place, length) = (number(&entry[4..8]) as usize, number(&entry[8..12]) as usize);
        let numbers = profile[place + 8..place + length].chunks(4);
        numbers
            .map(|bytes| f64::from(number(bytes).cast_signed()) / 65536.0)
            .collect()
    }

    #[test]
    fn the_colorants_are_those_that_are_known_of_srgb() {
        let profile = srgb();
        // As published by the ICC for sRGB, adapted to D50.
        let known = [
            (b"rXYZ", [0.4361, 0.2225, 0.0139]),
            (b"gXYZ", [0.3851, 0.7169, 0.0971]),
            (b"bXYZ", [0.1431, 0.0606, 0.7141]),
        ];
        for (signature, expected) in known {
            for (found, expected) in tag(&profile, signature).into_iter().zip(expected) {
                assert!((found - expected).abs() < 2e-4, "{found} {expected}");
            }
        }
        let sum: f64 = known
            .iter()
            .map(|(signature, _)| tag(&profile, *signature)[1])
            .sum();
        assert!((sum - 1.0).abs() < 1e-4);
    }

    #[test]
    fn every_tag_lies_inside_the_profile_on_a_boundary() {
        let profile = srgb();
        assert_eq!(number(&profile[..4]) as usize, profile.len());
        assert_eq!(&profile[36..40], b"acsp");
        let count = number(&profile[HEADER..HEADER + 4]) as usize;
        for entry in profile[HEADER + 4..].chunks(12).take(count) {
            let (place, length) = (number(&entry[4..8]) as usize, number(&entry[8..12]) as usize);
            assert!(place.is_multiple_of(4) && place + length <= profile.len());
        }
    }
}
