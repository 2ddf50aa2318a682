//! How much the filters of a stream make of its bytes, without keeping more than is allowed.

use std::io::{self, Read, Write};

use flate2::read::{DeflateDecoder, ZlibDecoder};
use hayro::hayro_syntax::Filter;
use weezl::{BitOrder, decode::Decoder as LzwDecoder};

/// Maximum number of bytes that one byte becomes. DEFLATE repeats 258 bytes in two bits, LZW a whole table of 4096
/// growing strings in twelve, and run lengths 128 bytes in two.
pub(super) fn ratio(filter: Filter) -> u64 {
    match filter {
        Filter::FlateDecode => 1032,
        Filter::LzwDecode => 2731,
        Filter::RunLengthDecode => 64,
        Filter::Ascii85Decode => 4,
        _ => 1,
    }
}

/// What one filter makes of bytes: all of it, or only its length.
#[derive(Debug)]
pub(super) struct Output {
    limit: u64,
    length: u64,
    kept: Option<Vec<u8>>,
}

impl Output {
    /// For at most `limit` bytes.
    pub(super) fn new(limit: u64, keep: bool) -> Self {
        Self {
            limit,
            length: 0,
            kept: keep.then(Vec::new),
        }
    }

    /// Whether there was more.
    pub(super) fn is_beyond(&self) -> bool {
        self.length > self.limit
    }

    /// The bytes, if they were to be kept.
    pub(super) fn into_bytes(self) -> Vec<u8> {
        self.kept.unwrap_or_default()
    }

    fn start_again(&self) -> Self {
        Self::new(self.limit, self.kept.is_some())
    }
}

impl Write for Output {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.length += bytes.len() as u64;
        if self.is_beyond() {
            return Err(io::Error::other("too long"));
        }
        if let Some(kept) = &mut self.kept {
            kept.extend_from_slice(bytes);
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Applies `filter`. What comes before damage counts, because the PDF reader recovers it.
pub(super) fn expand(filter: Filter, data: &[u8], output: Output) -> Output {
    match filter {
        Filter::FlateDecode => either(
            output,
            |output| copy(ZlibDecoder::new(data), output),
            // Its header may be missing or wrong.
            |output| copy(DeflateDecoder::new(data), output),
        ),
        Filter::LzwDecode => either(
            output,
            |output| unpack(LzwDecoder::with_tiff_size_switch(BitOrder::Msb, 8), data, output),
            |output| unpack(LzwDecoder::new(BitOrder::Msb, 8), data, output),
        ),
        Filter::RunLengthDecode => written(output, |output| run_lengths(data, output)),
        Filter::AsciiHexDecode => written(output, |output| hexadecimal(data, output)),
        Filter::Ascii85Decode => written(output, |output| base_85(data, output)),
        _ => written(output, |output| output.write_all(data)),
    }
}

/// The longer of two readings; the second is tried only if the first fails within the limit.
fn either(
    mut output: Output,
    first: impl FnOnce(&mut Output) -> io::Result<()>,
    second: impl FnOnce(&mut Output) -> io::Result<()>,
) -> Output {
    if first(&mut output).is_ok() || output.is_beyond() {
        return output;
    }
    let other = written(output.start_again(), second);
    if other.length > output.length {
        other
    } else {
        output
    }
}

fn written(mut output: Output, write: impl FnOnce(&mut Output) -> io::Result<()>) -> Output {
    // An output that is full says so itself.
    let _ = write(&mut output);
    output
}

fn copy(mut from: impl Read, output: &mut Output) -> io::Result<()> {
    io::copy(&mut from, output).map(drop)
}

fn unpack(mut decoder: LzwDecoder, data: &[u8], output: &mut Output) -> io::Result<()> {
    decoder.into_stream(output).decode_all(data).status
}

fn run_lengths(mut data: &[u8], output: &mut Output) -> io::Result<()> {
    while let Some((&length, rest)) = data.split_first() {
        let length = usize::from(length);
        data = match length {
            128 => break,
            0..128 => {
                let Some((bytes, rest)) = rest.split_at_checked(length + 1) else {
                    break;
                };
                output.write_all(bytes)?;
                rest
            }
            _ => {
                let Some((&byte, rest)) = rest.split_first() else {
                    break;
                };
                output.write_all(&[byte; 128][..257 - length])?;
                rest
            }
        };
    }
    Ok(())
}

fn hexadecimal(data: &[u8], output: &mut Output) -> io::Result<()> {
    let mut digits = data
        .iter()
        .take_while(|&&byte| byte != b'>')
        .filter_map(|&byte| char::from(byte).to_digit(16))
        .map(|digit| digit as u8);
    while let Some(high) = digits.next() {
        output.write_all(&[high << 4 | digits.next().unwrap_or(0)])?;
    }
    Ok(())
}

fn base_85(data: &[u8], output: &mut Output) -> io::Result<()> {
    let mut group = Vec::with_capacity(5);
    for &byte in data.iter().take_while(|&&byte| byte != b'~') {
        match byte {
            b'z' if group.is_empty() => output.write_all(&[0; 4])?,
            b'!'..=b'u' => group.push(byte - b'!'),
            _ => {}
        }
        if group.len() == 5 {
            output.write_all(&of_base_85(&group))?;
            group.clear();
        }
    }
    if let Some(length) = group.len().checked_sub(1) {
        group.resize(5, 84);
        output.write_all(&of_base_85(&group)[..length])?;
    }
    Ok(())
}

/// Four bytes as five digits.
fn of_base_85(digits: &[u8]) -> [u8; 4] {
    let value = digits.iter().fold(0_u32, |value, &digit| {
        value.wrapping_mul(85).wrapping_add(u32::from(digit))
    });
    value.to_be_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;
    use flate2::{
        Compression,
        write::{DeflateEncoder, ZlibEncoder},
    };

    fn all(filter: Filter, data: &[u8]) -> Vec<u8> {
        expand(filter, data, Output::new(1000, true)).into_bytes()
    }

    #[test]
    fn filters_give_what_was_put_in() {
        assert_eq!(all(Filter::AsciiHexDecode, b"48 65\n6C7>99"), b"Help");
        assert_eq!(
            all(Filter::Ascii85Decode, b"87cUR D]i,\"Ebo80z~>"),
            b"Hello World!\0\0\0\0"
        );
        assert_eq!(all(Filter::Ascii85Decode, b"87cUR D]~>"), b"Hello");
        assert_eq!(
            all(Filter::RunLengthDecode, &[1, b'a', b'b', 254, b'c', 128, 7]),
            b"abccc"
        );
        let packed = weezl::encode::Encoder::with_tiff_size_switch(BitOrder::Msb, 8)
            .encode(b"to be or not to be")
            .unwrap();
        assert_eq!(all(Filter::LzwDecode, &packed), b"to be or not to be");
    }

    #[test]
    fn deflate_is_measured_whatever_its_header() {
        let mut zlib = ZlibEncoder::new(Vec::new(), Compression::best());
        zlib.write_all(&[7; 2000]).unwrap();
        let mut raw = DeflateEncoder::new(Vec::new(), Compression::best());
        raw.write_all(&[7; 2000]).unwrap();
        let whole = zlib.finish().unwrap();
        for data in [&whole, &whole[..whole.len() - 3], &raw.finish().unwrap()] {
            assert!(expand(Filter::FlateDecode, data, Output::new(1000, false)).is_beyond());
            assert!(!expand(Filter::FlateDecode, data, Output::new(2000, false)).is_beyond());
        }
    }
}
