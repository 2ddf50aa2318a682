//! A font of pen strokes, drawn for this crate: printable ASCII and a few accented letters.
//!
//! Coordinates are in eighths of the cap height: the base line at 0, small letters 5.5 high,
//! capitals and ascenders 8, descenders down to -2.5. Each glyph is an advance width and a path:
//! `M x y` lifts the pen, `L x y` draws a line, `E cx cy rx ry from to` draws an arc of an ellipse
//! between two angles in degrees, counter-clockwise from the right when `to` is greater.

/// A stroke: the points the pen goes through.
pub(super) type Stroke = Vec<(f32, f32)>;

/// Steps by which an arc turns, in degrees.
const ARC_STEP: f32 = 10.0;

/// Advance width and path of a character; a box for one the font does not have.
pub(super) fn glyph(character: char) -> (f32, Vec<Stroke>) {
    let (base, mark) = decompose(character);
    let (width, path) = outline(base).unwrap_or((7.0, "M1 0 L6 0 L6 8 L1 8 L1 0"));
    let mut strokes = parse(path);
    if let Some(mark) = mark {
        let top = if base.is_uppercase() { 9.2 } else { 6.8 };
        let centre = (width - 1.0) / 2.0;
        let shift =
            |stroke: Stroke| -> Stroke { stroke.into_iter().map(|(x, y)| (x + centre, y + top)).collect() };
        strokes.extend(parse(mark).into_iter().map(shift));
    }
    (width, strokes)
}

/// Base letter and mark, the mark relative to the middle of the letter's top.
fn decompose(character: char) -> (char, Option<&'static str>) {
    const DIAERESIS: &str = "M-1.3 0 L-1.3 0.1 M1.3 0 L1.3 0.1";
    const ACUTE: &str = "M-0.4 -0.2 L0.9 1.1";
    const GRAVE: &str = "M0.4 -0.2 L-0.9 1.1";
    const CIRCUMFLEX: &str = "M-1.2 -0.2 L0 1 L1.2 -0.2";
    let (base, mark) = match character {
        'ä' => ('a', DIAERESIS),
        'ö' => ('o', DIAERESIS),
        'ü' => ('u', DIAERESIS),
        'Ä' => ('A', DIAERESIS),
        'Ö' => ('O', DIAERESIS),
        'Ü' => ('U', DIAERESIS),
        'é' => ('e', ACUTE),
        'á' => ('a', ACUTE),
        'è' => ('e', GRAVE),
        'à' => ('a', GRAVE),
        'ê' => ('e', CIRCUMFLEX),
        'ô' => ('o', CIRCUMFLEX),
        other => return (other, None),
    };
    (base, Some(mark))
}

fn parse(path: &str) -> Vec<Stroke> {
    let mut strokes: Vec<Stroke> = Vec::new();
    let mut words = path
        .split(|c: char| c.is_ascii_whitespace())
        .filter(|word| !word.is_empty());
    while let Some(word) = words.next() {
        let (command, first) = word.split_at(1);
        let mut number = |text: Option<&str>| -> f32 {
            text.or_else(|| words.next())
                .and_then(|text| text.parse().ok())
                .unwrap_or_default()
        };
        let x = number(Some(first));
        let y = number(None);
        match command {
            "M" => strokes.push(vec![(x, y)]),
            "L" => extend(&mut strokes, (x, y)),
            _ => {
                let radii = (number(None), number(None));
                let (from, to) = (number(None), number(None));
                strokes.push(arc((x, y), radii, from, to));
            }
        }
    }
    strokes
}

fn extend(strokes: &mut Vec<Stroke>, point: (f32, f32)) {
    match strokes.last_mut() {
        Some(stroke) => stroke.push(point),
        None => strokes.push(vec![point]),
    }
}

fn arc(centre: (f32, f32), radii: (f32, f32), from: f32, to: f32) -> Stroke {
    let steps = ((to - from).abs() / ARC_STEP).ceil().max(1.0);
    (0..=steps as u32)
        .map(|step| {
            let angle = (from + (to - from) * step as f32 / steps).to_radians();
            (centre.0 + radii.0 * angle.cos(), centre.1 + radii.1 * angle.sin())
        })
        .collect()
}

#[expect(clippy::too_many_lines, reason = "one table of the whole font reads best")]
fn outline(character: char) -> Option<(f32, &'static str)> {
    Some(match character {
        ' ' => (4.0, ""),
        'A' => (8.0, "M0.5 0 L3.75 8 L7 0 M1.7 2.8 L5.8 2.8"),
        'B' => (
            7.5,
            "M1 0 L1 8 L3.8 8 E3.8 6.1 2 1.9 90 -90 L1 4.2 M1 4.2 L4 4.2 E4 2.1 2.3 2.1 90 -90 L1 0",
        ),
        'C' => (8.0, "E4.2 4 3.5 4 45 315"),
        'D' => (8.2, "M1 0 L1 8 L3.2 8 E3.2 4 3.9 4 90 -90 L1 0"),
        'E' => (7.0, "M6 8 L1 8 L1 0 L6 0 M1 4.2 L5.2 4.2"),
        'F' => (6.6, "M6 8 L1 8 L1 0 M1 4.2 L5.2 4.2"),
        'G' => (8.4, "E4.2 4 3.5 4 45 360 L4.7 4 M7.7 4 L7.7 0.2"),
        'H' => (8.2, "M1 0 L1 8 M7 0 L7 8 M1 4.2 L7 4.2"),
        'I' => (4.6, "M2.1 0 L2.1 8 M0.8 8 L3.4 8 M0.8 0 L3.4 0"),
        'J' => (6.0, "M4.8 8 L4.8 2.2 E2.6 2.2 2.2 2.2 0 -170"),
        'K' => (7.4, "M1 0 L1 8 M6.6 8 L1 3.2 M2.8 4.8 L6.9 0"),
        'L' => (6.6, "M1 8 L1 0 L6 0"),
        'M' => (9.4, "M1 0 L1 8 L4.6 1.6 L8.2 8 L8.2 0"),
        'N' => (8.4, "M1 0 L1 8 L7.2 0 L7.2 8"),
        'O' => (9.0, "E4.4 4 3.8 4 0 360"),
        'P' => (7.2, "M1 0 L1 8 L3.8 8 E3.8 5.9 2.3 2.1 90 -90 L1 3.8"),
        'Q' => (9.0, "E4.4 4 3.8 4 0 360 M5.2 2.4 L8 -0.8"),
        'R' => (7.6, "M1 0 L1 8 L3.9 8 E3.9 6 2.2 2 90 -90 L1 4 M3.8 4 L6.9 0"),
        'S' => (7.0, "E3.4 5.95 2.5 2.05 35 250 E3.3 2.05 2.7 2.1 75 -150"),
        'T' => (7.4, "M0.4 8 L6.8 8 M3.6 8 L3.6 0"),
        'U' => (8.2, "M1 8 L1 3 E4 3 3 3 180 360 L7 8"),
        'V' => (7.8, "M0.5 8 L3.7 0 L6.9 8"),
        'W' => (10.6, "M0.4 8 L2.7 0 L5.1 7.4 L7.5 0 L9.8 8"),
        'X' => (7.6, "M0.6 8 L6.8 0 M6.8 8 L0.6 0"),
        'Y' => (7.6, "M0.5 8 L3.7 3.8 L6.9 8 M3.7 3.8 L3.7 0"),
        'Z' => (7.2, "M0.8 8 L6.4 8 L0.7 0 L6.5 0"),
        'a' => (6.4, "E2.8 2.6 2.2 2.7 0 360 M5 5.3 L5 0"),
        'b' => (6.6, "M1 8 L1 0 E3.2 2.7 2.3 2.7 0 360"),
        'c' => (5.8, "E3 2.7 2.4 2.7 50 310"),
        'd' => (6.6, "E2.8 2.7 2.3 2.7 0 360 M5.1 8 L5.1 0"),
        'e' => (6.2, "M0.6 2.9 L5.2 2.9 E2.9 2.7 2.35 2.75 5 315"),
        'f' => (4.4, "E3.1 6.5 1.4 1.5 60 180 L1.7 0 M0.4 5.2 L3.8 5.2"),
        'g' => (
            6.6,
            "E2.8 2.7 2.3 2.7 0 360 M5.1 5.3 L5.1 -0.6 E2.9 -0.6 2.2 2 0 -150",
        ),
        'h' => (6.4, "M1 8 L1 0 M5.1 0 L5.1 3.3 E3.05 3.3 2.05 2.1 0 180"),
        'i' => (2.8, "M1.2 5.4 L1.2 0 M1.2 7.6 L1.2 7.7"),
        'j' => (
            3.2,
            "M1.8 5.4 L1.8 -0.8 E0.3 -0.8 1.5 1.7 0 -90 M1.8 7.6 L1.8 7.7",
        ),
        'k' => (5.8, "M1 8 L1 0 M4.9 5.4 L1 1.9 M2.4 3.1 L5.2 0"),
        'l' => (2.8, "M1.2 8 L1.2 0"),
        'm' => (
            9.6,
            "M1 5.4 L1 0 M4.7 0 L4.7 3.5 E2.85 3.5 1.85 1.9 0 180 M8.4 0 L8.4 3.5 E6.55 3.5 1.85 1.9 0 180",
        ),
        'n' => (6.4, "M1 5.4 L1 0 M5.1 0 L5.1 3.3 E3.05 3.3 2.05 2.1 0 180"),
        'o' => (6.4, "E3 2.7 2.5 2.75 0 360"),
        'p' => (6.6, "M1 5.4 L1 -2.5 E3.2 2.7 2.3 2.7 0 360"),
        'q' => (6.6, "E2.8 2.7 2.3 2.7 0 360 M5.1 5.4 L5.1 -2.5"),
        'r' => (4.2, "M1 5.4 L1 0 E3.2 3.2 2.2 2.2 80 180"),
        's' => (5.4, "E2.6 4.05 1.9 1.4 30 255 E2.5 1.4 2 1.4 75 -150"),
        't' => (
            4.4,
            "M1.7 7.4 L1.7 1.6 E3.1 1.6 1.4 1.6 180 300 M0.3 5.2 L3.7 5.2",
        ),
        'u' => (6.4, "M1 5.4 L1 2.1 E3.05 2.1 2.05 2.1 180 360 M5.1 5.4 L5.1 0"),
        'v' => (6.0, "M0.6 5.4 L2.9 0 L5.2 5.4"),
        'w' => (8.4, "M0.5 5.4 L2.2 0 L4.1 5 L6 0 L7.7 5.4"),
        'x' => (5.8, "M0.6 5.4 L5 0 M5 5.4 L0.6 0"),
        'y' => (6.0, "M0.6 5.4 L3 0 M5.3 5.4 L2.4 -1.6 L1.6 -2.4 L0.6 -2.4"),
        'z' => (5.6, "M0.8 5.4 L4.8 5.4 L0.7 0 L5 0"),
        'ß' => (
            6.8,
            "M1 0 L1 5.8 E3.1 5.8 2.1 2.2 180 -40 L3.3 4.3 E3.4 2.2 2.2 2.1 90 -110",
        ),
        '0' => (6.8, "E3.2 4 2.5 4 0 360"),
        '1' => (6.8, "M1.4 6.2 L3.6 8 L3.6 0 M1.8 0 L5.4 0"),
        '2' => (6.8, "E3.2 5.8 2.3 2.2 165 -35 L0.9 0 L5.8 0"),
        '3' => (6.8, "E3 6.05 2.2 1.95 150 -80 E3 2.1 2.5 2.1 85 -150"),
        '4' => (6.8, "M4.4 0 L4.4 8 L0.6 2.4 L6 2.4"),
        '5' => (6.8, "M5.4 8 L1.5 8 L1.1 4.4 E3 2.6 2.6 2.6 130 -150"),
        '6' => (6.8, "E3.3 2.6 2.4 2.6 0 360 M0.9 2.6 L1.5 5.2 L2.7 7 L4.5 8"),
        '7' => (6.8, "M0.8 8 L5.8 8 L2.4 0"),
        '8' => (6.8, "E3.2 6.05 2 1.95 0 360 E3.2 2.1 2.5 2.1 0 360"),
        '9' => (6.8, "E3.2 5.4 2.4 2.6 0 360 M5.6 5.4 L5 2.8 L3.8 1 L2 0"),
        '.' => (3.0, "M1.3 0.1 L1.3 0.3"),
        ',' => (3.0, "M1.5 0.3 L1.4 -0.4 L0.8 -1.5"),
        ':' => (3.0, "M1.3 0.1 L1.3 0.3 M1.3 4.4 L1.3 4.6"),
        ';' => (3.0, "M1.5 0.3 L1.4 -0.4 L0.8 -1.5 M1.5 4.4 L1.5 4.6"),
        '!' => (3.0, "M1.3 8 L1.3 2.4 M1.3 0.1 L1.3 0.3"),
        '?' => (6.0, "E2.8 6 2.1 2 165 -60 L2.9 3.4 L2.9 2.4 M2.9 0.1 L2.9 0.3"),
        '-' => (4.6, "M0.6 3 L3.8 3"),
        '+' => (7.0, "M0.8 3.6 L6 3.6 M3.4 1 L3.4 6.2"),
        '=' => (7.0, "M0.8 4.6 L6 4.6 M0.8 2.4 L6 2.4"),
        '/' => (5.0, "M0.4 -0.8 L4.4 8.4"),
        '\\' => (5.0, "M0.4 8.4 L4.4 -0.8"),
        '|' => (3.0, "M1.3 -1.5 L1.3 9"),
        '_' => (6.0, "M0.2 -1.2 L5.6 -1.2"),
        '(' => (3.8, "E4.2 3.4 3 6 125 235"),
        ')' => (3.8, "E-0.6 3.4 3 6 55 -55"),
        '[' => (3.8, "M3 9 L1.2 9 L1.2 -1.6 L3 -1.6"),
        ']' => (3.8, "M0.6 9 L2.4 9 L2.4 -1.6 L0.6 -1.6"),
        '\'' => (2.6, "M1.1 8.2 L1.1 6.2"),
        '"' => (4.2, "M1 8.2 L1 6.2 M2.8 8.2 L2.8 6.2"),
        '%' => (9.6, "E2.2 6 1.6 2 0 360 E7 2 1.6 2 0 360 M7 8 L2.2 0"),
        '&' => (
            8.2,
            "M7.2 0 L2 5.6 E3.3 6.5 1.5 1.5 215 -40 L1.8 3.6 E2.8 2 2.1 2 130 330 L6.8 4",
        ),
        '*' => (5.2, "M2.4 8.2 L2.4 4.4 M0.8 7.3 L4 5.3 M4 7.3 L0.8 5.3"),
        '#' => (
            7.4,
            "M2.4 0 L3.2 8 M4.8 0 L5.6 8 M0.8 5.4 L6.8 5.4 M0.6 2.6 L6.6 2.6",
        ),
        '$' => (
            7.0,
            "E3.4 5.8 2.4 1.8 35 250 E3.3 2.2 2.5 1.9 75 -150 M3.4 9 L3.4 -1",
        ),
        '@' => (
            10.4,
            "E5 3.2 4.4 4.8 -50 300 E5 3.2 1.8 2 0 360 M6.8 5.2 L6.8 2.2 L7.6 1.2 L9 1.6",
        ),
        '<' => (6.4, "M5.4 6 L1 3.4 L5.4 0.8"),
        '>' => (6.4, "M1 6 L5.4 3.4 L1 0.8"),
        '€' => (8.0, "E4.9 4 3.2 4 50 310 M0.5 4.9 L5.4 4.9 M0.5 3.2 L5.2 3.2"),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_printable_ascii_letter_has_strokes_within_its_height() {
        for character in ('!'..='~').filter(|c| !"^`{}~".contains(*c)) {
            assert!(outline(character).is_some(), "{character:?}");
            let (width, strokes) = glyph(character);
            for (x, y) in strokes.iter().flatten() {
                assert!((-1.0..=width + 0.5).contains(x), "{character:?} at {x}");
                assert!((-3.0..=9.5).contains(y), "{character:?} at {y}");
            }
        }
    }

    #[test]
    fn accents_stand_above_their_letters() {
        let (_, plain) = glyph('u');
        let (_, marked) = glyph('ü');
        assert_eq!(marked.len(), plain.len() + 2);
        assert!(marked.iter().flatten().any(|(_, y)| *y > 6.0));
    }
}
