//! Streams that the PDF reader expands while it reads the structure of a file, before anybody could look at them: tables
//! of objects, and objects kept in streams. They are found in the bytes as they are.

use std::borrow::Cow;

use hayro::hayro_syntax::Filter;

use super::inflation::{expand_beyond, too_large};
use crate::{DocumentError, Limits};

/// Maximum number of bytes before a stream in which its dictionary is looked for.
const HEADER: usize = 16 << 10;

/// Checks what these streams expand to. Not seen are one whose filters are written elsewhere in the file, and one that is
/// encrypted: for these there is the memory limit of the process.
///
/// # Errors
/// [`DocumentError::TooComplex`] when one expands to more than [`Limits::max_inflated_bytes`].
pub(super) fn check(bytes: &[u8], limits: &Limits) -> Result<(), DocumentError> {
    let limit = limits.max_inflated_bytes;
    let mut from = 0;
    while let Some(found) = find(&bytes[from..], b"stream") {
        let start = from + found;
        from = start + b"stream".len();
        let Some(header) = header(&bytes[start.saturating_sub(HEADER)..start]) else {
            continue;
        };
        if !names(&header).any(|name| name == b"XRef" || name == b"ObjStm") {
            continue;
        }
        let filters: Vec<Filter> = names(&header).filter_map(filter).collect();
        let data = data(&header, &bytes[from..]);
        if expand_beyond(&filters, Cow::Borrowed(data), limit) {
            return Err(too_large(limit));
        }
    }
    Ok(())
}

/// The dictionary that ends where a stream begins, its names without escapes; `None` where there is none.
fn header(before: &[u8]) -> Option<Vec<u8>> {
    let before = before.trim_ascii_end();
    if !before.ends_with(b">>") {
        return None;
    }
    let begin = before
        .windows(3)
        .rposition(|part| part == b"obj")
        .map_or(0, |at| at + 3);
    Some(unescaped(&before[begin..]))
}

/// Bytes that are written as `#` and two digits, as bytes.
fn unescaped(bytes: &[u8]) -> Vec<u8> {
    let digit = |at: usize| char::from(*bytes.get(at)?).to_digit(16);
    let mut plain = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        let escaped = if byte == b'#' {
            digit(at + 1).zip(digit(at + 2))
        } else {
            None
        };
        if let Some((high, low)) = escaped {
            plain.push((high * 16 + low) as u8);
            at += 3;
        } else {
            plain.push(byte);
            at += 1;
        }
    }
    plain
}

/// The names in a dictionary, without their slash.
fn names(header: &[u8]) -> impl Iterator<Item = &[u8]> {
    header.split(|&byte| byte == b'/').skip(1).map(|part| {
        let length = part.iter().position(|byte| !is_regular(*byte));
        &part[..length.unwrap_or(part.len())]
    })
}

fn is_regular(byte: u8) -> bool {
    !byte.is_ascii_whitespace() && byte != 0 && !b"()<>[]{}/%".contains(&byte)
}

/// The filter of a name.
fn filter(name: &[u8]) -> Option<Filter> {
    match name {
        b"FlateDecode" | b"Fl" => Some(Filter::FlateDecode),
        b"LZWDecode" | b"LZW" => Some(Filter::LzwDecode),
        b"RunLengthDecode" | b"RL" => Some(Filter::RunLengthDecode),
        b"ASCIIHexDecode" | b"AHx" => Some(Filter::AsciiHexDecode),
        b"ASCII85Decode" | b"A85" => Some(Filter::Ascii85Decode),
        _ => None,
    }
}

/// The data of a stream whose keyword was before `rest`: as long as its dictionary says, and at least up to its end.
fn data<'a>(header: &[u8], rest: &'a [u8]) -> &'a [u8] {
    let rest = rest
        .strip_prefix(b"\r\n")
        .or_else(|| rest.strip_prefix(b"\n"))
        .unwrap_or(rest);
    let said = find(header, b"/Length")
        .map(|at| header[at + b"/Length".len()..].trim_ascii_start())
        .map_or(0, number);
    let seen = find(rest, b"endstream").unwrap_or(rest.len());
    &rest[..said.max(seen).min(rest.len())]
}

/// The number at the beginning of `text`; 0 where there is none.
fn number(text: &[u8]) -> usize {
    text.iter()
        .take_while(|byte| byte.is_ascii_digit())
        .fold(0_usize, |number, byte| {
            number.saturating_mul(10).saturating_add(usize::from(byte - b'0'))
        })
}

fn find(bytes: &[u8], wanted: &[u8]) -> Option<usize> {
    bytes.windows(wanted.len()).position(|part| part == wanted)
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use flate2::{Compression, write::ZlibEncoder};

    use super::*;

    fn deflated(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = ZlibEncoder::new(Vec::new(), Compression::best());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    /// A file with one stream of that dictionary.
    fn file(dictionary: &str, data: &[u8]) -> Vec<u8> {
        let head = format!(
            "%PDF-1.7\n1 0 obj\n<< {dictionary} /Length {} >>\nstream\n",
            data.len()
        );
        [head.as_bytes(), data, b"\nendstream\nendobj\n"].concat()
    }

    fn is_refused(file: &[u8]) -> bool {
        check(file, &Limits::default().with_max_inflated_bytes(1 << 20)).is_err()
    }

    #[test]
    fn a_structure_that_expands_without_measure_is_refused() {
        let bomb = deflated(&deflated(&vec![0; 2 << 20]));
        assert!(bomb.len() < 1000);
        let filters = "/Filter [/FlateDecode /FlateDecode]";
        for kind in ["/Type /ObjStm", "/Type /XRef", "/Type/Obj#53tm"] {
            assert!(is_refused(&file(&format!("{kind} {filters}"), &bomb)), "{kind}");
        }
        assert!(is_refused(&file(
            "/Type /XRef /Filter /#46lateDecode",
            &deflated(&vec![0; 2 << 20])
        )));
        // Others are looked at once the structure is known.
        assert!(!is_refused(&file(&format!("/Type /XObject {filters}"), &bomb)));
    }

    #[test]
    fn a_usual_structure_is_let_through() {
        let table = deflated(&vec![7; 1 << 19]);
        assert!(!is_refused(&file("/Type /XRef /Filter /FlateDecode", &table)));
        assert!(!is_refused(&file("/Type /ObjStm", b"1 0 << >>")));
        assert!(!is_refused(b"stream endstream >>stream"));
    }

    #[test]
    fn the_word_for_its_end_within_a_stream_does_not_end_it() {
        let mut data = b"endstream ".to_vec();
        data.extend(deflated(&vec![0; 2 << 20]));
        let found = file("/Type /XRef /Filter /FlateDecode", &data);
        let header = header(&found[..find(&found, b"stream").unwrap()]).unwrap();
        let start = find(&found, b"stream").unwrap() + b"stream".len();
        assert_eq!(super::data(&header, &found[start..]), data);
    }
}
